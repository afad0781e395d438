#include "broker/source/routes.h"

#include "base/json_value.h"
#include "broker/source/registration_routes.h"
#include "broker/source/steps.h"
#include "broker/source/subscription.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using net::Reply;
using net::Response;
using trust::Permission;

const std::string kRoot = "/ngsi-ld/v1/csourceSubscriptions";

// In which @context it is told: that of jsonldContext, else that of the request.
void choose_context(const Exchange& exchange, notify::Kept& kept) {
  const JsonValue* given = kept.definition.find("jsonldContext");
  kept.shown_json = given && given->text() ? given->dump() : exchange.context_json;
  kept.shown_link = kept.shown_json.empty() ? std::string() : context_url(exchange, kept.shown_json);
}

constexpr std::string_view kWhat = "subscription to sources";

flow::EntityPtr kept(const Exchange& exchange, std::string_view id) {
  return exchange.tenant.twin.get(notify::kept_as_of_sources(id));
}

base::Status check(const SourceSubscription& subscription, flow::Instant now) {
  if (subscription.common.is_expired(now)) return fail(Errc::invalid, "'expiresAt' lies in the past");
  return {};
}

void create(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  auto body = object_in_body(exchange);
  if (!body) return reply(problem(body.error()));
  notify::Kept fresh;
  fresh.definition = notify::canonical(std::move(*body), *exchange.context);
  fresh.asked_json = exchange.context_json;
  choose_context(exchange, fresh);
  std::string id = fresh.definition.text_or("id", "");
  const auto subscription =
      SourceSubscription::read(id.empty() ? fresh_id("Subscription") : id, fresh, exchange.contexts);
  if (!subscription) return reply(problem(subscription.error()));
  if (const auto ok = check(*subscription, exchange.tenant.twin.clock().now()); !ok) return reply(problem(ok.error()));
  if (kept(exchange, subscription->id)) {
    return reply(problem({Errc::exists, fmt::format("there is a subscription '{}' already", subscription->id)}));
  }
  keep(exchange, to_write(*subscription), created(exchange, kRoot, subscription->id), std::move(reply));
}

std::string_view status_word(const SourceSubscription& subscription, flow::Instant now) {
  if (subscription.common.is_expired(now)) return "expired";
  return subscription.common.active ? "active" : "paused";
}

void write_notification(JsonWriter& out, const JsonValue& given, const notify::DeliveryStatus& status) {
  out.object();
  if (given.object()) {
    for (const auto& [key, value] : *given.object()) value.write(out.key(key));
  }
  if (status.times_sent > 0) {
    out.field("status", status.failing ? "failed" : "ok");
    out.field("timesSent", status.times_sent).field("timesFailed", status.times_failed);
    out.field("lastNotification", base::format_time(status.last_notification));
  }
  if (status.last_success != flow::kNever) out.field("lastSuccess", base::format_time(status.last_success));
  if (status.last_failure != flow::kNever) out.field("lastFailure", base::format_time(status.last_failure));
  out.end();
}

base::Result<std::string> shown(const Exchange& exchange, const flow::Entity& entity) {
  const auto subscription = TRY(SourceSubscription::from_entity(entity, exchange.contexts));
  const JsonValue body = notify::presented(subscription.kept.definition, *exchange.context);
  JsonWriter out;
  out.object().field("id", subscription.id).field("type", "Subscription");
  for (const auto& [key, value] : *body.object()) {
    if (key == "id" || key == "type") continue;
    out.key(key);
    if (key == "notification") write_notification(out, value, exchange.tenant.notify.status(subscription.kept.id));
    else value.write(out);
  }
  out.field("status", status_word(subscription, exchange.tenant.twin.clock().now()));
  if (exchange.option("sysAttrs")) {
    out.field("createdAt", base::format_time(entity.created_at));
    out.field("modifiedAt", base::format_time(entity.modified_at));
  }
  out.end();
  return out.take();
}

void show(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  const flow::EntityPtr entity = kept(exchange, *id);
  if (!entity) return reply(problem(absent(kWhat, *id)));
  const auto json = shown(exchange, *entity);
  if (!json) return reply(problem(json.error()));
  reply(exchange.answer(200, *json));
}

void list(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  std::vector<std::string> found;
  exchange.tenant.twin.each(flow::kSourceSubscriptionType, [&](const flow::EntityPtr& entity) {
    if (auto json = shown(exchange, *entity)) found.push_back(std::move(*json));
    return true;
  });
  reply(list_answer(exchange, found));
}

void patch(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  auto fragment = object_in_body(exchange);
  if (!fragment) return reply(problem(fragment.error()));
  JsonValue told = notify::canonical(std::move(*fragment), *exchange.context);
  if (told.text_or("type", "Subscription") != "Subscription" || told.text_or("id", std::string(*id)) != *id) {
    return reply(problem({Errc::invalid, "neither 'id' nor 'type' can be changed"}));
  }
  const flow::EntityPtr entity = kept(exchange, *id);
  if (!entity) return reply(problem(absent(kWhat, *id)));
  auto before = notify::kept_from(entity->id, entity->attributes);
  if (!before) return reply(problem({Errc::corrupt, "the subscription kept is damaged"}));
  notify::merge(before->definition, told);
  if (told.find("csf")) before->asked_json = exchange.context_json;
  if (told.find("jsonldContext")) choose_context(exchange, *before);
  const auto subscription = SourceSubscription::read(std::string(*id), std::move(*before), exchange.contexts);
  if (!subscription) return reply(problem(subscription.error()));
  if (told.find("expiresAt")) {
    const auto ok = check(*subscription, exchange.tenant.twin.clock().now());
    if (!ok) return reply(problem(ok.error()));
  }
  keep(exchange, to_write(*subscription), empty(204), std::move(reply));
}

void erase(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  if (!kept(exchange, *id)) return reply(problem(absent(kWhat, *id)));
  flow::Write write;
  write.entity = notify::kept_as_of_sources(*id);
  write.mode = flow::WriteMode::erase;
  keep(exchange, std::move(write), empty(204), std::move(reply));
}

// ISO 8601, in the largest units that fit.
std::string iso_duration(base::Duration duration) {
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  std::string out = seconds >= 86400 ? fmt::format("P{}DT", seconds / 86400) : std::string("PT");
  if (seconds >= 3600) out += fmt::format("{}H", seconds / 3600 % 24);
  if (seconds >= 60) out += fmt::format("{}M", seconds / 60 % 60);
  return out + fmt::format("{}S", seconds % 60);
}

void identity(const SourceRoutes& on, const Exchange& exchange, Reply reply) {
  const std::string alias = on.federation.alias_of(exchange.tenant);
  const flow::Instant now = exchange.tenant.twin.clock().now();
  JsonWriter out;
  out.object().field("id", fmt::format("urn:ngsi-ld:ContextSourceIdentity:{}", alias));
  out.field("type", "ContextSourceIdentity").field("contextSourceAlias", alias);
  out.field("contextSourceUptime", iso_duration(now - on.federation.started()));
  out.field("contextSourceTimeAt", base::format_time(now));
  out.key("contextSourceExtras").object().field("software", "cityloop").end().end();
  reply(exchange.answer(200, out.take()));
}

}  // namespace

void SourceRoutes::add_to(net::Router& router) const {
  using net::Method;
  const auto bind = binder(desk, *this);
  const Expect plain{.permission = Permission::subscribe, .parameters = {"options", "local"}};
  Expect page = plain;
  page.parameters = {"options", "limit", "offset", "count", "local"};
  Expect body = plain;
  body.body = true;
  Expect makes = body;
  makes.creates_tenant = true;
  router.add(Method::post, kRoot, bind(makes, create));
  router.add(Method::get, kRoot, bind(page, list));
  router.add(Method::get, kRoot + "/{id}", bind(plain, show));
  router.add(Method::patch, kRoot + "/{id}", bind(body, patch));
  router.add(Method::del, kRoot + "/{id}", bind(plain, erase));
  // Sources have no account here: what they show is the address itself, which is told to nobody else.
  router.add(Method::post, "/ngsi-ld/v1/sourceNotifications/{token}",
             [&federation = federation](const net::Request& request, Reply reply) {
               const auto token = request.params.find("token");
               federation.take_notification(token->second, request, std::move(reply));
             });
  router.add(Method::get, "/ngsi-ld/v1/info/sourceIdentity",
             bind(Expect{.permission = Permission::read_city}, identity));
}

}  // namespace cityloop::broker
