#include "serve/subscription_routes.h"

#include "base/json_value.h"
#include "flow/own_types.h"
#include "serve/ngsi_routes.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::JsonWriter;
using net::Reply;
using trust::Permission;

std::string definition_of(const flow::Entity& entity) {
  const flow::Attribute* definition = entity.find(notify::kDefinition);
  const auto* json = definition ? std::get_if<flow::Json>(&definition->value) : nullptr;
  return json ? json->text : std::string("{}");
}

// The definition as it was given, with the id and how delivery goes.
void write_subscription(JsonWriter& out, const flow::Entity& entity, const notify::NotifyLoop& notify) {
  const auto definition = base::JsonValue::parse(definition_of(entity)).value_or(base::JsonValue{});
  const notify::DeliveryStatus status = notify.status(entity.id.text());
  out.object().field("id", entity.id.text()).field("type", "Subscription");
  if (definition.object()) {
    for (const auto& [key, value] : *definition.object()) {
      if (key != "id" && key != "type" && key != "notification") value.write(out.key(key));
    }
  }
  out.key("notification").object();
  if (const auto* given = definition.find("notification"); given && given->object()) {
    for (const auto& [key, value] : *given->object()) value.write(out.key(key));
  }
  out.field("status", status.last_error.empty() ? "ok" : "failed");
  out.field("timesSent", status.times_sent).field("timesFailed", status.times_failed);
  const std::pair<std::string_view, flow::Instant> times[] = {{"lastNotification", status.last_notification},
                                                              {"lastSuccess", status.last_success},
                                                              {"lastFailure", status.last_failure}};
  for (const auto& [key, at] : times) {
    if (at != flow::kNever) out.field(key, base::format_time(at));
  }
  out.end().end();
}

flow::EntityPtr find(const twin::Twin& twin, std::string_view id) {
  const flow::EntityPtr entity = twin.get(flow::EntityId::lookup(id));
  return entity && entity->is_a(flow::kSubscriptionType) ? entity : nullptr;
}

net::Response absent(std::string_view id) {
  return ngsi_problem({Errc::not_found, fmt::format("there is no subscription '{}'", id)});
}

void create(const SubscriptionRoutes& on, const Call& call, Reply reply) {
  auto subscription = notify::Subscription::parse(call.request.body);
  if (!subscription) return reply(ngsi_problem(subscription.error()));
  if (subscription->id.empty()) {
    subscription->id = fmt::format("urn:ngsi-ld:Subscription:{}", base::to_us(base::WallClock().now()));
  }
  if (find(on.twin, subscription->id)) {
    return reply(ngsi_problem({Errc::exists, fmt::format("there is a subscription '{}' already", subscription->id)}));
  }
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  commit.writes.push_back(notify::to_write(*subscription, call.request.body));
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.twin.submit(std::move(commit), [shared, id = subscription->id](twin::CommitResult result) {
    if (!result.status) return (*shared)(ngsi_problem(result.status.error()));
    net::Response response;
    response.status = 201;
    response.content_type.clear();
    response.headers.emplace_back("Location", fmt::format("/ngsi-ld/v1/subscriptions/{}", id));
    (*shared)(std::move(response));
  });
}

void erase(const SubscriptionRoutes& on, const Call& call, Reply reply) {
  const std::string_view id = path_part(call, "id");
  if (!find(on.twin, id)) return reply(absent(id));
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  flow::Write write;
  write.entity = flow::EntityId(id);
  write.mode = flow::WriteMode::erase;
  commit.writes.push_back(std::move(write));
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.twin.submit(std::move(commit), [shared](twin::CommitResult result) {
    if (!result.status) return (*shared)(ngsi_problem(result.status.error()));
    net::Response response;
    response.status = 204;
    response.content_type.clear();
    (*shared)(std::move(response));
  });
}

void show(const SubscriptionRoutes& on, const Call& call, Reply reply) {
  const std::string_view id = path_part(call, "id");
  const flow::EntityPtr entity = find(on.twin, id);
  if (!entity) return reply(absent(id));
  JsonWriter out;
  write_subscription(out, *entity, on.notify);
  reply(json_response(out));
}

void list(const SubscriptionRoutes& on, const Call&, Reply reply) {
  JsonWriter out;
  out.array();
  on.twin.each(flow::kSubscriptionType, [&](const flow::EntityPtr& entity) {
    write_subscription(out, *entity, on.notify);
    return true;
  });
  out.end();
  reply(json_response(out));
}

}  // namespace

void SubscriptionRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  const std::string base = "/ngsi-ld/v1/subscriptions";
  router.add(Method::post, base, bind(Permission::subscribe, create));
  router.add(Method::get, base, bind(Permission::subscribe, list));
  router.add(Method::get, base + "/{id}", bind(Permission::subscribe, show));
  router.add(Method::del, base + "/{id}", bind(Permission::subscribe, erase));
  router.web_socket("/api/v1/subscribe",
                    guard.require_socket(Permission::subscribe, [&sockets = sockets](const Call&, auto socket) {
                      return std::expected<net::WebSocketEvents, net::Response>(sockets.attach(std::move(socket)));
                    }));
}

}  // namespace cityloop::serve
