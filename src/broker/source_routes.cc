#include "broker/source_routes.h"

#include "base/json_value.h"
#include "broker/registration_routes.h"
#include "broker/source_notifier.h"
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

base::Result<std::string_view> id_of(const Exchange& exchange) {
  const std::string_view id = exchange.part("id");
  if (!twin::is_uri(id)) return fail(Errc::invalid, "'{}' is no URI", id);
  return id;
}

base::Error absent(std::string_view id) {
  return {Errc::not_found, fmt::format("there is no subscription to sources '{}'", id)};
}

flow::EntityPtr kept(const Exchange& exchange, std::string_view id) {
  const flow::EntityId known = flow::EntityId::lookup(fmt::format("csourceSubscriptions/{}", id));
  return known.empty() ? nullptr : exchange.tenant.twin.get(known);
}

void commit(const Exchange& exchange, flow::Write write, Response success, Reply reply) {
  twin::Commit commit;
  commit.origin = flow::Name(exchange.principal.id);
  commit.writes.push_back(std::move(write));
  auto shared = std::make_shared<Reply>(std::move(reply));
  exchange.tenant.twin.submit(std::move(commit), [shared, success = std::move(success)](twin::CommitResult result) {
    if (!result.status) return (*shared)(disk_problem(result.status.error()));
    if (!result.writes.front()) return (*shared)(problem(result.writes.front().error()));
    (*shared)(success);
  });
}

base::Result<JsonValue> body_of(const Exchange& exchange) {
  auto body = JsonValue::parse(exchange.request->body);
  if (!body) return fail(Errc::malformed, "{}", body.error().message);
  if (!body->object()) return fail(Errc::invalid, "a subscription is a JSON object");
  return *body;
}

base::Status check(const SourceSubscription& subscription, flow::Instant now) {
  if (subscription.common.is_expired(now)) return fail(Errc::invalid, "'expiresAt' lies in the past");
  if (subscription.common.endpoint.protocol != notify::Protocol::http) {
    return fail(Errc::invalid, "'notification.endpoint.uri' must be an http:// or https:// address");
  }
  return {};
}

notify::Contexts contexts_of(const Exchange& exchange) {
  notify::Contexts out = notify::Contexts::core();
  out.shown = out.asked = exchange.context;
  out.shown_json = exchange.context_json;
  return out;
}

void create(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  auto body = body_of(exchange);
  if (!body) return reply(problem(body.error()));
  auto subscription = SourceSubscription::read(notify::canonical(std::move(*body), *exchange.context),
                                               contexts_of(exchange), exchange.context_json);
  if (!subscription) return reply(problem(subscription.error()));
  if (const auto ok = check(*subscription, exchange.tenant.twin.clock().now()); !ok) return reply(problem(ok.error()));
  if (subscription->id.empty()) subscription->id = fresh_id("Subscription");
  if (kept(exchange, subscription->id)) {
    return reply(problem({Errc::exists, fmt::format("there is a subscription '{}' already", subscription->id)}));
  }
  Response created = empty(201);
  created.headers.emplace_back("Location", fmt::format("{}/{}", kRoot, subscription->id));
  if (!exchange.tenant.name.empty()) created.headers.emplace_back("NGSILD-Tenant", exchange.tenant.name);
  commit(exchange, to_write(*subscription), std::move(created), std::move(reply));
}

std::string_view status_word(const SourceSubscription& subscription, flow::Instant now) {
  if (subscription.common.is_expired(now)) return "expired";
  return subscription.common.active ? "active" : "paused";
}

void write_notification(JsonWriter& out, const JsonValue* given, const NoticeStatus& status) {
  out.object();
  if (given && given->object()) {
    for (const auto& [key, value] : *given->object()) value.write(out.key(key));
  }
  if (status.times_sent > 0) {
    out.field("status", status.failed ? "failed" : "ok");
    out.field("timesSent", status.times_sent).field("timesFailed", status.times_failed);
    out.field("lastNotification", base::format_time(status.last_notification));
  }
  if (status.last_success != flow::kNever) out.field("lastSuccess", base::format_time(status.last_success));
  if (status.last_failure != flow::kNever) out.field("lastFailure", base::format_time(status.last_failure));
  out.end();
}

base::Result<std::string> shown(const SourceRoutes& on, const Exchange& exchange, const flow::Entity& entity) {
  const auto subscription = TRY(SourceSubscription::from_entity(entity, exchange.contexts));
  const JsonValue body = notify::presented(subscription.definition, *exchange.context);
  const SourceNotifier* notifier = on.federation.notifier(exchange.tenant);
  const NoticeStatus status = notifier ? notifier->status(subscription.id) : NoticeStatus{};
  JsonWriter out;
  out.object().field("id", subscription.id).field("type", "Subscription");
  for (const auto& [key, value] : *body.object()) {
    if (key == "id" || key == "type") continue;
    out.key(key);
    if (key == "notification") write_notification(out, &value, status);
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

void show(const SourceRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = id_of(exchange);
  if (!id) return reply(problem(id.error()));
  const flow::EntityPtr entity = kept(exchange, *id);
  if (!entity) return reply(problem(absent(*id)));
  const auto json = shown(on, exchange, *entity);
  if (!json) return reply(problem(json.error()));
  reply(exchange.answer(200, *json));
}

void list(const SourceRoutes& on, const Exchange& exchange, Reply reply) {
  std::vector<std::string> found;
  exchange.tenant.twin.each(flow::kSourceSubscriptionType, [&](const flow::EntityPtr& entity) {
    if (auto json = shown(on, exchange, *entity)) found.push_back(std::move(*json));
    return true;
  });
  reply(list_answer(exchange, found));
}

void patch(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  const auto id = id_of(exchange);
  if (!id) return reply(problem(id.error()));
  auto fragment = body_of(exchange);
  if (!fragment) return reply(problem(fragment.error()));
  if (fragment->text_or("type", "Subscription") != "Subscription") {
    return reply(problem(400, "BadRequestData", "'type' must be Subscription"));
  }
  const flow::EntityPtr entity = kept(exchange, *id);
  if (!entity) return reply(problem(absent(*id)));
  auto before = SourceSubscription::from_entity(*entity, exchange.contexts);
  if (!before) return reply(problem(before.error()));
  JsonValue definition = std::move(before->definition);
  JsonValue told = notify::canonical(std::move(*fragment), *exchange.context);
  std::erase_if(std::get<JsonValue::Object>(told.is), [](const auto& one) { return one.key == "id"; });
  notify::merge(definition, told);
  auto subscription = SourceSubscription::read(std::move(definition), before->common.contexts, before->context);
  if (!subscription) return reply(problem(subscription.error()));
  if (const auto ok = check(*subscription, exchange.tenant.twin.clock().now()); !ok) return reply(problem(ok.error()));
  subscription->id = *id;
  commit(exchange, to_write(*subscription), empty(204), std::move(reply));
}

void erase(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  const auto id = id_of(exchange);
  if (!id) return reply(problem(id.error()));
  if (!kept(exchange, *id)) return reply(problem(absent(*id)));
  flow::Write write;
  write.entity = source_subscription_kept_as(*id);
  write.mode = flow::WriteMode::erase;
  commit(exchange, std::move(write), empty(204), std::move(reply));
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
  const Expect plain{.permission = Permission::subscribe};
  Expect body = plain;
  body.body = true;
  Expect makes = body;
  makes.creates_tenant = true;
  router.add(Method::post, kRoot, bind(makes, create));
  router.add(Method::get, kRoot, bind(plain, list));
  router.add(Method::get, kRoot + "/{id}", bind(plain, show));
  router.add(Method::patch, kRoot + "/{id}", bind(body, patch));
  router.add(Method::del, kRoot + "/{id}", bind(plain, erase));
  router.add(Method::get, "/ngsi-ld/v1/info/sourceIdentity",
             bind(Expect{.permission = Permission::read_city}, identity));
}

}  // namespace cityloop::broker
