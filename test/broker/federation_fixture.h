// Brokers and sources on ports of their own: whole servers over the loopback, so that what is tested is what goes over
// the wire.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/json_value.h"
#include "broker/batch_routes.h"
#include "broker/discovery_routes.h"
#include "broker/entity_map_routes.h"
#include "broker/entity_routes.h"
#include "broker/federation.h"
#include "broker/registration_routes.h"
#include "broker/source_routes.h"
#include "broker/subscription_routes.h"
#include "broker/temporal_routes.h"
#include "net/client.h"
#include "net/server.h"
#include "trust/accounts.h"
#include "twin/loop.h"

namespace cityloop::broker {

using base::JsonValue;

inline std::filesystem::path fresh_folder(std::string_view what) {
  static std::atomic<int> count{0};
  auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-{}-{}-{}", what, ::getpid(), count++);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

inline std::string text_of(const net::Response& response, std::string_view header) {
  for (const auto& [name, value] : response.headers) {
    if (name == header) return value;
  }
  return {};
}

inline JsonValue json_of(const net::Response& response) {
  auto parsed = JsonValue::parse(response.body);
  EXPECT_TRUE(parsed) << response.status << " " << response.body;
  return parsed ? *parsed : JsonValue{};
}

// The value of an entity's property, as JSON.
inline std::string value_of(const JsonValue& entity, std::string_view attribute) {
  const JsonValue* found = entity.find(attribute);
  const JsonValue* value = found ? found->find("value") : nullptr;
  return value ? value->dump() : "";
}

inline bool until(const std::function<bool()>& holds) {
  for (int i = 0; i < 1000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// Somebody else's broker: keeps what it is asked and answers as the test says.
class Source {
 public:
  using Answer = std::function<net::Response(const net::Request&)>;
  explicit Source(Answer answer = {}) : answer_(std::move(answer)) {
    net::Router router;
    for (const net::Method method :
         {net::Method::get, net::Method::post, net::Method::put, net::Method::patch, net::Method::del}) {
      router.add(method, "/{rest...}", [this](const net::Request& request, net::Reply reply) {
        Answer answer;
        {
          const std::lock_guard lock(mutex_);
          seen_.push_back(request);
          answer = answer_;
        }
        reply(answer ? answer(request) : said(404, ""));
      });
    }
    server_ = net::HttpServer::start({}, std::move(router)).value();
  }
  void answers(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  void answers(int status, std::string body) {
    answers([status, body = std::move(body)](const net::Request&) { return said(status, body); });
  }
  static net::Response said(int status, std::string body) { return {status, std::move(body), "application/json", {}}; }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  std::vector<net::Request> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  net::Request last() const {
    const auto all = seen();
    EXPECT_FALSE(all.empty()) << "the source was not asked";
    return all.empty() ? net::Request{} : all.back();
  }

 private:
  mutable std::mutex mutex_;
  Answer answer_;
  std::vector<net::Request> seen_;
  std::unique_ptr<net::HttpServer> server_;
};

// Entities and attributes as the tests of federation write them.
inline std::string bus(std::string_view id, std::string_view attributes) {
  return fmt::format(R"({{"id":"{}","type":"Bus"{}{}}})", id, attributes.empty() ? "" : ",", attributes);
}
inline std::string property(std::string_view name, int value, std::string_view more = "") {
  return fmt::format(R"("{}":{{"type":"Property","value":{}{}}})", name, value, more);
}
inline constexpr const char* kBus = R"({"entities":[{"type":"Bus"}]})";
inline constexpr const char* kBus1Speed = R"({"entities":[{"type":"Bus","id":"urn:bus:1"}],"propertyNames":["speed"]})";
inline constexpr const char* kAll =
    R"("federationOps","redirectionOps","createBatch","updateBatch","deleteBatch","upsertBatch","mergeBatch")";

// A port where nobody listens.
inline std::string dead_url() {
  net::Router router;
  const auto server = net::HttpServer::start({}, std::move(router)).value();
  return fmt::format("http://127.0.0.1:{}", server->port());
}

// One broker of ours, with all of its routes that have to do with entities and sources.
class TestBroker final : public Tenants {
 public:
  explicit TestBroker(std::string alias = "here") : alias_(std::move(alias)), folder_(fresh_folder("federation")) {
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
  ~TestBroker() override {
    close();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    store_ = store::Store::open((folder_ / "store").string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    history_ = std::make_unique<twin::History>(*store_);
    notify::DelivererOptions delivery;
    delivery.backoff_first = std::chrono::milliseconds(100);
    notify_ = std::make_unique<notify::NotifyLoop>(*twin_, clock_, delivery);
    for (twin::Loop* loop : {static_cast<twin::Loop*>(history_.get()), static_cast<twin::Loop*>(notify_.get())}) {
      runners_.push_back(std::make_unique<twin::LoopRunner>(*twin_, *loop));
      ASSERT_TRUE(runners_.back()->start());
    }
    tenant_.reset(new Tenant{"", *twin_, *notify_, *history_});
    const auto no_fetch = [this](const std::string& url) -> base::Result<std::string> {
      const auto found = documents.find(url);
      if (found == documents.end()) return base::fail(base::Errc::unavailable, "{} is not there", url);
      return found->second;
    };
    const auto no_save = [](std::vector<twin::TablePut>) -> base::Status { return {}; };
    contexts_ = twin::ContextStore::open(*store_, clock_, no_fetch, no_save).value();
    FederationOptions options;
    options.alias = alias_;
    options.timeout = std::chrono::seconds(2);
    federation_ = std::make_unique<Federation>(options, clock_, *contexts_);
    federation_->attach(*tenant_);
    notify_->set_contexts(contexts_.get());
    desk_ = std::make_unique<Desk>(*guard_, *this, *contexts_);
    net::Router router;
    EntityRoutes{*desk_, *federation_}.add_to(router);
    AttributeRoutes{*desk_, *federation_}.add_to(router);
    BatchRoutes{*desk_, *federation_, {}}.add_to(router);
    DiscoveryRoutes{*desk_, *federation_}.add_to(router);
    RegistrationRoutes{*desk_, *federation_}.add_to(router);
    SourceRoutes{*desk_, *federation_}.add_to(router);
    SubscriptionRoutes{*desk_}.add_to(router);
    EntityMapRoutes{*desk_, *federation_}.add_to(router);
    TemporalRoutes{*desk_, *federation_}.add_to(router);
    server_ = net::HttpServer::start({}, std::move(router)).value();
  }
  void close() {
    server_.reset();
    desk_.reset();
    federation_.reset();
    runners_.clear();
    notify_->set_contexts(nullptr);
    contexts_.reset();
    tenant_.reset();
    notify_.reset();
    history_.reset();
    twin_.reset();
    store_.reset();
  }
  void reopen() {
    close();
    open();
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  std::string authorization() const { return fmt::format("Bearer {}", token_); }
  net::Response ask(net::Method method, std::string_view path, std::string body = {}, Headers headers = {}) {
    net::OutgoingRequest request;
    request.method = method;
    request.url = fmt::format("{}/ngsi-ld/v1{}", url(), path);
    request.headers = std::move(headers);
    request.headers.emplace_back("Authorization", authorization());
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    request.timeout = std::chrono::seconds(20);
    auto response = client_.send(std::move(request));
    EXPECT_TRUE(response) << response.error().message;
    return response ? *response : net::Response{};
  }
  net::Response get(std::string_view path, Headers headers = {}) {
    return ask(net::Method::get, path, {}, std::move(headers));
  }
  net::Response post(std::string_view path, std::string body, Headers headers = {}) {
    return ask(net::Method::post, path, std::move(body), std::move(headers));
  }
  net::Response patch(std::string_view path, std::string body) {
    return ask(net::Method::patch, path, std::move(body));
  }
  net::Response del(std::string_view path) { return ask(net::Method::del, path); }

  // `more` are further members of the registration, each with a comma in front.
  void registers(std::string_view id, std::string_view endpoint, std::string_view mode, std::string_view operations,
                 std::string_view information, std::string_view more = "") {
    const auto response =
        post("/csourceRegistrations", fmt::format(R"({{"id":"urn:ngsi-ld:ContextSourceRegistration:{}",
      "type":"ContextSourceRegistration","endpoint":"{}","mode":"{}","operations":[{}],"information":[{}]{}}})",
                                                  id, endpoint, mode, operations, information, more));
    ASSERT_EQ(response.status, 201) << response.body;
  }
  void creates(std::string body) {
    const auto response = post("/entities?local=true", std::move(body));
    ASSERT_EQ(response.status, 201) << response.body;
  }
  // For contextSourceInfo of whoever registers this broker: what lets requests in here.
  std::string way_in() const {
    return fmt::format(R"(,"contextSourceInfo":[{{"key":"Authorization","value":"{}"}}])", authorization());
  }
  net::Response held(std::string_view id) { return get(fmt::format("/entities/{}?local=true", id)); }

  Tenant* find(std::string_view name) override { return name.empty() ? tenant_.get() : nullptr; }
  base::Result<Tenant*> find_or_create(std::string_view name) override {
    if (name.empty()) return tenant_.get();
    return base::fail(base::Errc::unsupported, "one tenant only");
  }
  void each(const std::function<void(Tenant&)>& callback) override { callback(*tenant_); }

  Federation& federation() { return *federation_; }
  base::ManualClock& clock() { return clock_; }
  twin::Twin& twin() { return *twin_; }
  std::map<std::string, std::string> documents;  // @contexts that can be fetched

 private:
  std::string alias_;
  std::filesystem::path folder_;
  base::ManualClock clock_;
  trust::Policy policy_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::string token_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<notify::NotifyLoop> notify_;
  std::vector<std::unique_ptr<twin::LoopRunner>> runners_;
  std::unique_ptr<Tenant> tenant_;
  std::unique_ptr<twin::ContextStore> contexts_;
  std::unique_ptr<Federation> federation_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<net::HttpServer> server_;
  net::HttpClient client_;
};

}  // namespace cityloop::broker
