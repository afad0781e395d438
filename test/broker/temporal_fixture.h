// The temporal routes over a twin and its history, asked without a socket.
#pragma once

#include "broker/temporal/routes.h"
#include "test/broker/workplace.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {

using net::Method;

class TemporalTest : public testing::Test, public Workplace {
 protected:
  TemporalTest() : Workplace({.name = "temporal", .notifies = false}) { add_routes(); }

  void reopen(std::size_t instances_max = 10'000) {
    close();
    open();
    add_routes(instances_max);
  }

  net::Response ask(Method method, std::string_view target, std::string body = {},
                    std::string_view type = "application/json") {
    net::Request request;
    auto parsed = net::parse_target(fmt::format("/ngsi-ld/v1/temporal{}", target)).value();
    request.method = method;
    request.path = parsed.path;
    request.query = std::move(parsed.query);
    request.headers = {{"authorization", authorization()}};
    if (!body.empty()) request.headers.emplace_back("content-type", std::string(type));
    if (type == "application/ld+json") request.headers.emplace_back("accept", std::string(type));
    request.body = std::move(body);
    return asked(router_, std::move(request));
  }
  net::Response get(std::string_view target) { return ask(Method::get, target); }
  JsonValue json(std::string_view target, int status = 200) {
    const auto response = get(target);
    EXPECT_EQ(response.status, status) << response.body;
    auto parsed = JsonValue::parse(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed ? *parsed : JsonValue{};
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
    const auto result = twin().commit(std::move(commit));
    ASSERT_TRUE(result.status);
    ASSERT_TRUE(result.writes.front()) << result.writes.front().error().message;
  }
  void erase(std::string_view urn) {
    flow::Write write;
    write.entity = flow::EntityId(urn);
    write.mode = flow::WriteMode::erase;
    twin::Commit commit;
    commit.writes.push_back(std::move(write));
    ASSERT_TRUE(twin().commit(std::move(commit)).writes.front());
  }

 private:
  void add_routes(std::size_t instances_max = 10'000) {
    router_ = net::Router();
    TemporalRoutes{desk(), federation(), instances_max}.add_to(router_);
  }

  net::Router router_;
};

}  // namespace cityloop::broker
