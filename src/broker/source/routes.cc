#include "broker/source/routes.h"

#include "base/json_value.h"
#include "broker/resource.h"
#include "broker/source/subscription.h"
#include "broker/subscription_view.h"
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

constexpr std::string_view kWhat = "subscription to sources";

flow::EntityPtr kept(const Exchange& exchange, std::string_view id) {
  return exchange.tenant.twin.get(notify::kept_as_of_sources(id));
}

base::Status check(const SourceSubscription& subscription, flow::Instant now) {
  if (subscription.common.is_expired(now)) return fail(Errc::invalid, "'expiresAt' lies in the past");
  return {};
}

void create(const SourceRoutes&, const Exchange& exchange, const JsonValue& body, Reply reply) {
  notify::Kept fresh;
  fresh.definition = notify::canonical(body, *exchange.context);
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

std::optional<std::string> view_of(const Exchange& exchange, const flow::Entity& entity) {
  const auto found = notify::kept_from(entity.id, entity.attributes);
  if (!found) return std::nullopt;
  return shown(exchange, source_subscription_id(entity.id), *found, entity);
}

void show(const SourceRoutes&, const Exchange& exchange, std::string_view id, Reply reply) {
  const flow::EntityPtr entity = kept(exchange, id);
  if (!entity) return reply(problem(absent(kWhat, id)));
  const auto json = view_of(exchange, *entity);
  if (!json) return reply(problem({Errc::corrupt, "the subscription kept is damaged"}));
  reply(exchange.answer(200, *json));
}

void list(const SourceRoutes&, const Exchange& exchange, Reply reply) {
  std::vector<std::string> found;
  exchange.tenant.twin.each(flow::kSourceSubscriptionType, [&](const flow::EntityPtr& entity) {
    if (auto json = view_of(exchange, *entity)) found.push_back(std::move(*json));
    return true;
  });
  reply(list_answer(exchange, found));
}

void patch(const SourceRoutes&, const Exchange& exchange, std::string_view id, const JsonValue& fragment, Reply reply) {
  const JsonValue told = notify::canonical(fragment, *exchange.context);
  if (told.text_or("type", "Subscription") != "Subscription" || told.text_or("id", std::string(id)) != id) {
    return reply(problem({Errc::invalid, "neither 'id' nor 'type' can be changed"}));
  }
  const flow::EntityPtr entity = kept(exchange, id);
  if (!entity) return reply(problem(absent(kWhat, id)));
  auto before = notify::kept_from(entity->id, entity->attributes);
  if (!before) return reply(problem({Errc::corrupt, "the subscription kept is damaged"}));
  notify::merge(before->definition, told);
  if (told.find("csf")) before->asked_json = exchange.context_json;
  if (told.find("jsonldContext")) choose_context(exchange, *before);
  const auto subscription = SourceSubscription::read(std::string(id), std::move(*before), exchange.contexts);
  if (!subscription) return reply(problem(subscription.error()));
  if (told.find("expiresAt")) {
    const auto ok = check(*subscription, exchange.tenant.twin.clock().now());
    if (!ok) return reply(problem(ok.error()));
  }
  keep(exchange, to_write(*subscription), empty(204), std::move(reply));
}

void erase(const SourceRoutes&, const Exchange& exchange, std::string_view id, Reply reply) {
  if (!kept(exchange, id)) return reply(problem(absent(kWhat, id)));
  keep(exchange, gone(notify::kept_as_of_sources(id)), empty(204), std::move(reply));
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
  const Expect plain{.permission = Permission::subscribe, .parameters = {"options", "local"}};
  Resource(router, desk, *this, kRoot, {.read = plain, .write = plain})
      .make(create)
      .list({"options", "limit", "offset", "count", "local"}, list)
      .show(show)
      .change(patch)
      .erase(erase);
  // Sources have no account here: what they show is the address itself, which is told to nobody else.
  router.add(Method::post, "/ngsi-ld/v1/sourceNotifications/{token}",
             [&federation = federation](const net::Request& request, Reply reply) {
               const auto token = request.params.find("token");
               federation.take_notification(token->second, request, std::move(reply));
             });
  router.add(Method::get, "/ngsi-ld/v1/info/sourceIdentity",
             binder(desk, *this)(Expect{.permission = Permission::read_city}, identity));
}

}  // namespace cityloop::broker
