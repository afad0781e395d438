// Brokers and sources on ports of their own: whole servers over the loopback, so that what is tested is what goes over
// the wire.
#pragma once

#include <algorithm>
#include <functional>
#include <mutex>
#include <thread>

#include "broker/batch_routes.h"
#include "broker/discovery_routes.h"
#include "broker/entity_map_routes.h"
#include "broker/entity_routes.h"
#include "broker/source/registration_routes.h"
#include "broker/source/routes.h"
#include "broker/subscription_routes.h"
#include "broker/temporal/routes.h"
#include "net/client.h"
#include "net/server.h"
#include "test/broker/workplace.h"

namespace cityloop::broker {

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
class TestBroker : public Workplace {
 public:
  explicit TestBroker(std::string alias = "here", std::size_t linked_max = 1000)
      : Workplace(
            {.name = "federation",
             .federation = {.alias = std::move(alias), .timeout = std::chrono::seconds(2), .linked_max = linked_max}}) {
    serve();
  }
  // `meanwhile` happens while the broker is down.
  void reopen(const std::function<void()>& meanwhile = {}) {
    server_.reset();
    close();
    if (meanwhile) meanwhile();
    open();
    serve();
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  net::Response ask(net::Method method, std::string_view path, std::string body = {}, Headers headers = {}) {
    net::OutgoingRequest request;
    request.method = method;
    request.url = fmt::format("{}/ngsi-ld/v1{}", url(), path);
    request.headers = std::move(headers);
    request.headers.emplace_back("Authorization", authorization());
    const auto types = [](const auto& header) { return header.first == "Content-Type"; };
    const bool typed = std::ranges::any_of(request.headers, types);
    if (!body.empty() && !typed) request.headers.emplace_back("Content-Type", "application/json");
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

 private:
  void serve() {
    net::Router router;
    EntityRoutes{desk(), federation()}.add_to(router);
    AttributeRoutes{desk(), federation()}.add_to(router);
    BatchRoutes{desk(), federation(), {}}.add_to(router);
    DiscoveryRoutes{desk(), federation()}.add_to(router);
    RegistrationRoutes{desk(), federation()}.add_to(router);
    SourceRoutes{desk(), federation()}.add_to(router);
    SubscriptionRoutes{desk()}.add_to(router);
    EntityMapRoutes{desk(), federation()}.add_to(router);
    TemporalRoutes{desk(), federation()}.add_to(router);
    server_ = net::HttpServer::start({}, std::move(router)).value();
  }

  std::unique_ptr<net::HttpServer> server_;
  net::HttpClient client_;
};

}  // namespace cityloop::broker
