// The temporal routes over a twin and its history, asked without a socket.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/json_value.h"
#include "broker/temporal_routes.h"
#include "net/url.h"
#include "trust/accounts.h"
#include "twin/ngsi.h"

namespace cityloop::broker {

using base::JsonValue;
using net::Method;

class TemporalTest : public testing::Test, public Tenants {
 protected:
  TemporalTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-temporal-{}-{}", info->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    clock_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
    trust::Principal program;
    program.kind = trust::PrincipalKind::program;
    program.id = "program:test";
    program.roles = {"admin"};
    token_ = accounts_->put_token(program).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    open();
  }
  ~TemporalTest() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open(std::size_t instances_max = 10'000) {
    store_ = store::Store::open((folder_ / "store").string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    history_ = std::make_unique<twin::History>(*store_);
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *history_);
    ASSERT_TRUE(runner_->start());
    notify_ = std::make_unique<notify::NotifyLoop>(*twin_, clock_);
    tenant_.reset(new Tenant{"", *twin_, *notify_, *history_});
    const auto fetch = [](const std::string& url) -> base::Result<std::string> {
      return base::fail(base::Errc::unavailable, "{} is not there", url);
    };
    contexts_ = twin::ContextStore::open(*store_, clock_, fetch, [](auto) { return base::Status{}; }).value();
    federation_ = std::make_unique<Federation>(FederationOptions{}, clock_, *contexts_);
    federation_->attach(*tenant_);
    desk_ = std::make_unique<Desk>(*guard_, *this, *contexts_);
    router_ = net::Router();
    TemporalRoutes{*desk_, *federation_, instances_max}.add_to(router_);
  }
  void close() {
    router_ = net::Router();
    desk_.reset();
    federation_.reset();
    contexts_.reset();
    tenant_.reset();
    notify_.reset();
    runner_.reset();
    history_.reset();
    twin_.reset();
    store_.reset();
  }
  void reopen(std::size_t instances_max = 10'000) {
    close();
    open(instances_max);
  }

  net::Response ask(Method method, std::string_view target, std::string body = {},
                    std::string_view type = "application/json") {
    net::Request request;
    auto parsed = net::parse_target(fmt::format("/ngsi-ld/v1/temporal{}", target)).value();
    request.method = method;
    request.path = parsed.path;
    request.query = std::move(parsed.query);
    request.headers = {{"authorization", fmt::format("Bearer {}", token_)}};
    if (!body.empty()) request.headers.emplace_back("content-type", std::string(type));
    if (type == "application/ld+json") request.headers.emplace_back("accept", std::string(type));
    request.body = std::move(body);
    std::promise<net::Response> answer;
    router_.dispatch(request, net::Reply([&](net::Response r) { answer.set_value(std::move(r)); }));
    return answer.get_future().get();
  }
  net::Response get(std::string_view target) { return ask(Method::get, target); }
  JsonValue json(std::string_view target, int status = 200) {
    const auto response = get(target);
    EXPECT_EQ(response.status, status) << response.body;
    auto parsed = JsonValue::parse(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed ? *parsed : JsonValue{};
  }
  static std::string header(const net::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  // A refusal as status and the last word of its type.
  static std::string refusal(const net::Response& response) {
    const auto body = JsonValue::parse(response.body);
    if (!body) return fmt::format("{} {}", response.status, response.body);
    const std::string type(body->text_or("type", ""));
    return fmt::format("{} {}", response.status, type.substr(type.rfind('/') + 1));
  }
  // A change of the city's own entities.
  void change(std::string_view entity, flow::WriteMode mode = flow::WriteMode::upsert) {
    twin::Commit commit;
    commit.writes.push_back(twin::parse_entity(entity, mode).value());
    const auto result = twin_->commit(std::move(commit));
    ASSERT_TRUE(result.status);
    ASSERT_TRUE(result.writes.front()) << result.writes.front().error().message;
  }
  void erase(std::string_view urn) {
    flow::Write write;
    write.entity = flow::EntityId(urn);
    write.mode = flow::WriteMode::erase;
    twin::Commit commit;
    commit.writes.push_back(std::move(write));
    ASSERT_TRUE(twin_->commit(std::move(commit)).writes.front());
  }

  Tenant* find(std::string_view name) override { return name.empty() ? tenant_.get() : nullptr; }
  base::Result<Tenant*> find_or_create(std::string_view) override { return tenant_.get(); }
  void each(const std::function<void(Tenant&)>& callback) override { callback(*tenant_); }

  std::filesystem::path folder_;
  base::ManualClock clock_;
  trust::Policy policy_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::string token_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<twin::LoopRunner> runner_;
  std::unique_ptr<notify::NotifyLoop> notify_;
  std::unique_ptr<Tenant> tenant_;
  std::unique_ptr<twin::ContextStore> contexts_;
  std::unique_ptr<Federation> federation_;
  std::unique_ptr<Desk> desk_;
  net::Router router_;
};

}  // namespace cityloop::broker
