// A city with citizens in it: twin, casework, the civic room and its routes, everything but the network. Each has a
// data folder of its own, which a test may close and open again.
#pragma once

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json_value.h"
#include "casework/case_loop.h"
#include "civic/civic.h"
#include "flow/own_types.h"
#include "net/url.h"
#include "trust/accounts.h"
#include "twin/loop.h"

namespace cityloop::civic {

using base::JsonValue;
using net::Method;
using net::Response;

inline constexpr const char* kKinds = R"(
[[case]]
id = "lighting"
name = { zh = "路灯异常", en = "Street light" }
department = "lighting"
verify_hold = "0s"
[[case]]
id = "noise"
name = { zh = "噪声", en = "Noise" }
department = "environment"
verify_hold = "0s"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
verify_hold = "0s"
auto_dispatch = false
)";

inline constexpr const char* kCivicToml = R"(
[civic]
jurisdiction = "testville"
address = "https://city.example"
contact_kept = "30d"
[limits]
posts = { per_minute = 6000, burst = 1000 }
uploads = { per_minute = 6000, burst = 1000 }
reads = { per_minute = 60000, burst = 10000 }
keys = { per_minute = 6000, burst = 1000 }
[[service]]
code = "light"
kind = "lighting"
sensed = true
name = { zh = "路灯", en = "Street light" }
description = { zh = "路灯不亮", en = "A light that is out" }
group = { zh = "道路", en = "Streets" }
keywords = ["lamp", "路灯"]
[[service.attribute]]
code = "what"
name = { zh = "怎么了", en = "What" }
type = "singlevaluelist"
[[service.attribute.value]]
key = "out"
name = { zh = "不亮", en = "Out" }
[[service]]
code = "noise"
kind = "noise"
name = { zh = "噪声", en = "Noise" }
private = true
round_m = 500
photo = "none"
[[service]]
code = "seen"
kind = "other"
name = { zh = "须附照片", en = "With a photo" }
photo = "required"
texts = "approved"
[[service]]
code = "other"
kind = "other"
name = { zh = "其他", en = "Other" }
round_m = 500
)";

// How somebody asks.
struct Ask {
  std::string token{};  // bearer
  std::string key{};    // Idempotency-Key
  std::string type{};
  std::string from{"192.0.2.1"};
  std::vector<std::pair<std::string, std::string>> headers{};
};

class CivicCity : public testing::Test {
 protected:
  CivicCity() {
    static std::atomic<int> count{0};
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-civic-{}-{}", ::getpid(), count++);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    city_.name = {"试验区", "Testville"};
    city_.bounds = {120, 30, 121, 31};
    city_.departments = {{"lighting", {"照明所", "Street lighting"}}, {"environment", {"环境", "Environment"}}};
    flow::RuleFiles files{{"cases.toml", kKinds},
                          {"workflow.toml", base::read_file("demo/district/casework/workflow.toml").value()}};
    auto rules = casework::CaseRules::parse(std::move(files), {});
    if (!rules) throw std::runtime_error(rules.error().message);
    rules_ = *rules;
    clock_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
    wall_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
  }
  void SetUp() override {
    read_settings(toml());
    open();
  }
  void read_settings(const std::string& text) {
    auto settings = CivicSettings::parse(text, "civic.toml", rules_.get());
    ASSERT_TRUE(settings) << settings.error().message;
    settings_ = *settings;
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(folder_);
  }
  virtual std::string toml() const { return kCivicToml; }

  void open() {
    store_ = store::Store::open((folder_ / "store").string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), wall_).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    loop_ = std::make_unique<casework::CaseLoop>(casework::CaseLoopOptions{[](std::string_view) { return "north"; }});
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *loop_);
    desk_ = std::make_unique<serve::ActionDesk>(*twin_);
    shelf_ = std::make_unique<serve::CaseRulesShelf>(*twin_);
    civic_ = Civic::open({settings_, city_, *twin_, *guard_, *desk_, *shelf_, wall_, folder_.string(), settings_file_})
                 .value();
    router_ = std::make_unique<net::Router>();
    civic_->add_to(*router_);
    twin::Commit commit;
    commit.writes.push_back(rules_->to_write(clock_.now()));
    commit.origin = flow::Name("app");
    ASSERT_TRUE(twin_->commit(std::move(commit)).status);
    ASSERT_TRUE(runner_->start());
    ASSERT_TRUE(civic_->start());
  }
  void close() {
    if (!civic_) return;
    civic_->stop();
    router_.reset();
    runner_.reset();
    desk_.reset();
    civic_.reset();
    shelf_.reset();
    loop_.reset();
    guard_.reset();
    accounts_.reset();
    twin_.reset();
    store_.reset();
  }

  Response ask(Method method, std::string path, std::string body = "", const Ask& how = {}) {
    net::Request request;
    request.method = method;
    request.remote = how.from;
    auto target = net::parse_target(path).value();
    request.path = target.path;
    request.query = std::move(target.query);
    request.body = std::move(body);
    request.headers = how.headers;
    if (!how.token.empty()) request.headers.emplace_back("authorization", "Bearer " + how.token);
    if (!how.key.empty()) request.headers.emplace_back("idempotency-key", how.key);
    if (!how.type.empty()) request.headers.emplace_back("content-type", how.type);
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<Response> out;
    router_->dispatch(request, net::Reply([&](Response response) {
                        const std::lock_guard lock(mutex);
                        out = std::move(response);
                        answered.notify_one();
                      }));
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return out.has_value(); });
    return *out;
  }
  JsonValue json(Method method, const std::string& path, std::string body = "", const Ask& how = {}, int status = 200) {
    const Response response = ask(method, path, std::move(body), how);
    EXPECT_EQ(response.status, status) << path << " " << response.body;
    auto parsed = JsonValue::parse(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed ? *parsed : JsonValue{};
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  std::string token(const std::string& role, const std::string& department = "", std::vector<std::string> areas = {}) {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::program;
    principal.id = fmt::format("program:{}{}{}", role, department, areas.empty() ? "" : areas.front());
    principal.name = {principal.id, principal.id};
    principal.roles = {role};
    principal.department = department;
    principal.areas = std::move(areas);
    return accounts_->put_token(principal).value();
  }

  static std::string report_body(std::string_view service, std::string_view text, std::string_view more = "") {
    base::JsonWriter out;
    out.object().field("service", service).field("description", text);
    out.key("location").object().field("lon", 120.15).field("lat", 30.25).end();
    std::string body = out.end().take();
    if (!more.empty()) body.insert(body.size() - 1, fmt::format(",{}", more));
    return body;
  }
  JsonValue post(std::string_view service, std::string_view text, std::string_view more = "", const Ask& how = {}) {
    return json(Method::post, "/public/v1/reports", report_body(service, text, more), how, 201);
  }
  JsonValue followed(const std::string& token) { return json(Method::get, "/public/v1/follow/" + token); }
  std::string upload(const std::string& bytes) {
    return json(Method::post, "/public/v1/media", bytes, {}, 201).text_or("id", "");
  }

  // Staff take a step in a case.
  void act(const std::string& case_id, std::string verb, std::vector<std::string> roles, std::string department = "",
           std::string fields = "", std::string note = "") {
    flow::Action action;
    action.target = flow::EntityId(case_id);
    action.verb = std::move(verb);
    action.by = "user:" + roles.front() + department;
    action.roles = std::move(roles);
    action.department = std::move(department);
    action.fields = std::move(fields);
    action.note = std::move(note);
    std::mutex mutex;
    std::condition_variable done;
    std::optional<base::Result<flow::Action>> out;
    clock_.advance_to(clock_.now() + std::chrono::seconds(1));
    desk_->submit(std::move(action), [&](base::Result<flow::Action> acted) {
      const std::lock_guard lock(mutex);
      out = std::move(acted);
      done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return out.has_value(); });
    ASSERT_TRUE(*out) << out->error().message;
    ASSERT_EQ((*out)->status, flow::ActionStatus::done) << (*out)->reason;
    civic_->settle();
  }
  double counter(std::string_view name) const {
    for (const auto& [key, value] : civic_->counters()) {
      if (key == name) return value;
    }
    ADD_FAILURE() << "there is no counter " << name;
    return 0;
  }
  // Waits until a counter has come that far.
  void await(std::string_view name, double least) const {
    for (int i = 0; i < 3000 && counter(name) < least; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_GE(counter(name), least) << name;
  }
  // What is due by time is done.
  void sweep() {
    const double before = counter("civic_sweeps");
    wall_.advance_to(wall_.now() + std::chrono::minutes(11));
    while (counter("civic_sweeps") == before) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::vector<flow::Case> cases() const {
    std::vector<flow::Case> out;
    twin_->each(flow::kCaseType, [&](const flow::EntityPtr& entity) {
      out.push_back(flow::case_from(*entity).value());
      return true;
    });
    return out;
  }
  std::string only_case() const {
    const auto all = cases();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? "" : std::string(all.front().id.text());
  }

  std::filesystem::path folder_;
  serve::City city_;
  casework::CaseRulesPtr rules_;
  CivicSettings settings_;
  std::string settings_file_;  // empty: not looked at again
  base::ManualClock clock_, wall_;
  trust::Policy policy_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<casework::CaseLoop> loop_;
  std::unique_ptr<twin::LoopRunner> runner_;
  std::unique_ptr<serve::ActionDesk> desk_;
  std::unique_ptr<serve::CaseRulesShelf> shelf_;
  std::unique_ptr<Civic> civic_;
  std::unique_ptr<net::Router> router_;
};

}  // namespace cityloop::civic
