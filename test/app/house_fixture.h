// A whole house over a folder of its own, asked without a socket: what tests of its routes need.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>

#include <gtest/gtest.h>

#include "app/house.h"
#include "base/json_value.h"

namespace cityloop::app {

using net::Method;

inline constexpr const char* kCityToml = R"(
name = { zh = "试验区", en = "Testville" }
center = [120.15, 30.25]
[[department]]
id = "water"
name = { zh = "水务", en = "Water" }
[types.WaterObserved]
name = { zh = "水位", en = "Water level" }
main = "waterLevel"
warn = 0.2
alarm = 0.3
)";
inline constexpr const char* kCasesToml = R"(
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
verify_hold = "0s"
)";
inline constexpr const char* kRulesToml = R"(
[[rule]]
id = "underpass-flooding"
name = { zh = "下穿积水", en = "Underpass flooding" }
kind = "threshold"
type = "WaterObserved"
condition = "waterLevel>0.3"
clear = "waterLevel<0.15"
severity = "severe"
title = { zh = "{about} 积水", en = "{about} is flooding" }
[rule.response]
case = "flooding"
)";

class HouseTest : public testing::Test {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

 protected:
  HouseTest() {
    root_ =
        std::filesystem::temp_directory_path() /
        fmt::format("cityloop-house-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
    std::filesystem::remove_all(root_);
    write("city/city.toml", kCityToml);
    write("city/casework/cases.toml", kCasesToml);
    std::filesystem::copy("demo/district/casework/workflow.toml", root_ / "city/casework/workflow.toml");
    write("city/rules/water.toml", kRulesToml);
    open();
  }
  void open() {
    auto settings = CitySettings::load((root_ / "city").string());
    if (!settings) throw std::runtime_error(settings.error().message);
    settings_ = std::move(*settings);
    serve::PackageLoader loader;
    serve::register_packages(loader);
    auto packages = Packages::make(&loader, settings_, (root_ / "city").string(), (root_ / "data").string());
    if (!packages) throw std::runtime_error(packages.error().message);
    packages_ = std::move(*packages);
    machine_ = Machine::make(settings_, (root_ / "data").string(), "flushed", {}, {}, packages_.parts()).value();
    intake_ = Intake::open(*machine_, settings_, sense::FeedBook::load(root_ / "city", {}).value(), 1, "", 0).value();
    accounts_ = trust::Accounts::open((root_ / "accounts.json").string(), clock_).value();
    house_ = std::make_unique<House>(settings_, *machine_, *intake_, *accounts_, (root_ / "city").string(), packages_);
    BrokerOptions context;
    context.data_folder = (root_ / "data").string();
    EXPECT_TRUE(house_->open_broker(context));
    EXPECT_TRUE(house_->open_post((root_ / "data").string()));
    EXPECT_TRUE(house_->open_civic((root_ / "data").string()));
    EXPECT_TRUE(house_->civic()->start());
    router_ = house_->routes({}, "");
    EXPECT_TRUE(machine_->start());
    const base::Status started = packages_.start(house_->package_world());
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
  }
  ~HouseTest() override {
    close();
    std::filesystem::remove_all(root_);
  }
  void close() {
    packages_.stop();
    intake_->stop();
    machine_->stop();
    router_ = {};
    house_.reset();
    intake_.reset();
    machine_.reset();
  }
  void write(const std::string& name, std::string_view content) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << content;
  }
  // A program with one role; gives the token.
  std::string token(const std::string& role, const std::string& department = "") {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::program;
    principal.id = "program:" + role + department;
    principal.name = {principal.id, principal.id};
    principal.roles = {role};
    principal.department = department;
    return accounts_->put_token(principal).value();
  }
  net::Response ask(Method method, std::string path, const std::string& token, std::string body = "",
                    const Headers& headers = {}) {
    net::Request request;
    request.method = method;
    if (const auto mark = path.find('?'); mark != std::string::npos) {
      for (std::string_view rest = std::string_view(path).substr(mark + 1); !rest.empty();) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto pair = rest.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        request.query.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      path.resize(mark);
    }
    request.path = path;
    request.body = std::move(body);
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    for (const auto& header : headers) request.headers.push_back(header);
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<net::Response> out;
    router_.dispatch(request, net::Reply([&](net::Response response) {
                       const std::lock_guard lock(mutex);
                       out = std::move(response);
                       answered.notify_one();
                     }));
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return out.has_value(); });
    return *out;
  }
  static std::string reading(double level) {
    return fmt::format(
        R"([{{"id":"urn:ngsi-ld:WaterObserved:u1","type":"WaterObserved","name":{{"type":"LanguageProperty","languageMap":
        {{"zh":"一号下穿","en":"Underpass 1"}}}},"location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[120.15,30.25]}}}},
        "waterLevel":{{"type":"Property","value":{},"unitCode":"MTR","observedAt":"{}"}}}}])",
        level, base::format_time(base::WallClock().now()));
  }
  // The first case, once casework has opened it.
  base::JsonValue wait_for_case(const std::string& token) {
    for (int i = 0; i < 500; ++i) {
      const auto page = base::JsonValue::parse(ask(Method::get, "/api/v1/cases?state=all", token).body).value();
      if (const auto* cases = page.find("cases"); cases && !cases->array()->empty()) return cases->array()->front();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "no case was opened";
    return {};
  }

  std::filesystem::path root_;
  CitySettings settings_;
  base::WallClock clock_;
  Packages packages_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::unique_ptr<House> house_;
  net::Router router_;
};

}  // namespace cityloop::app
