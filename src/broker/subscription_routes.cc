#include "broker/subscription_routes.h"

#include <algorithm>
#include <charconv>

#include "base/json_value.h"
#include "broker/federation/subscriptions.h"
#include "broker/resource.h"
#include "broker/subscription_view.h"
#include "flow/own_types.h"
#include "notify/kept.h"
#include "notify/notify_loop.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using net::Reply;
using net::Response;
using notify::Kept;
using trust::Permission;

constexpr std::string_view kRoot = "/ngsi-ld/v1/subscriptions";
constexpr std::size_t kPageMax = 1000;

std::string json_text(std::string_view text) {
  JsonWriter out;
  out.text(text);
  return out.take();
}

constexpr std::string_view kWhat = "subscription";

std::optional<Kept> kept(const Exchange& exchange, std::string_view id, flow::EntityPtr& entity) {
  entity = exchange.tenant.twin.get(notify::kept_as(id));
  if (!entity || !entity->is_a(flow::kSubscriptionType)) return std::nullopt;
  return notify::kept_from(entity->id, entity->attributes);
}

// Goes on once the @context that a body names as jsonldContext is at hand: what cannot be had could never be told
// (clause 5.8.1.4).
template <class Then>
void with_context_named(const SubscriptionRoutes& on, const Exchange& exchange, const JsonValue& body, Reply reply,
                        Then then) {
  const JsonValue* named = body.find("jsonldContext");
  if (!named || !named->text() || !twin::is_uri(*named->text())) return then(exchange, std::move(reply));
  const std::string json = json_text(*named->text());
  if (const auto known = exchange.contexts.resolved(json)) {
    if (!*known) return reply(context_problem(known->error()));
    return then(exchange, std::move(reply));
  }
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool waits = on.desk.when_at_hand({json}, [kept = exchange.kept(), json, shared, then = std::move(then)] {
    const auto fetched = kept.contexts.resolved(json);
    if (!fetched) return (*shared)(problem(503, "LdContextNotAvailable", "the @context is here no more: ask again"));
    if (!*fetched) return (*shared)(context_problem(fetched->error()));
    then(kept, std::move(*shared));
  });
  if (!waits) (*shared)(problem(503, "LdContextNotAvailable", "too many requests wait for an @context"));
}

// What can be said of it before it is kept. An @context that is not at hand does not stand in the way: the words of the
// definition are canonical already.
base::Status check(const Exchange& exchange, const Kept& kept, bool new_expiry) {
  notify::Contexts contexts = notify::Contexts::core();
  if (kept.asked_json == exchange.context_json) contexts.asked = exchange.context;
  else if (auto known = exchange.contexts.resolved(kept.asked_json); known && *known) contexts.asked = **known;
  const auto read = TRY(notify::Subscription::read(kept.definition, std::move(contexts)));
  if (new_expiry && read.is_expired(exchange.tenant.twin.clock().now())) {
    return fail(Errc::invalid, "'expiresAt' lies in the past");
  }
  return {};
}

void commit(const Exchange& exchange, flow::Write write, Response success, Reply reply) {
  twin::Commit commit;
  commit.origin = flow::Name(exchange.principal.id);
  commit.writes.push_back(std::move(write));
  if (!exchange.tenant.name.empty()) success.headers.emplace_back("NGSILD-Tenant", exchange.tenant.name);
  auto shared = std::make_shared<Reply>(std::move(reply));
  exchange.tenant.twin.submit(std::move(commit), [shared, success = std::move(success)](twin::CommitResult result) {
    if (!result.status) return (*shared)(disk_problem(result.status.error()));
    if (!result.writes.front()) {
      const base::Error& error = result.writes.front().error();
      if (error.code == Errc::exists) return (*shared)(problem({error.code, "there is such a subscription already"}));
      return (*shared)(problem(error));
    }
    (*shared)(success);
  });
}

void make(const Exchange& exchange, JsonValue body, Reply reply) {
  Kept fresh;
  fresh.definition = notify::canonical(std::move(body), *exchange.context);
  fresh.asked_json = exchange.context_json;
  if (const auto ok = check(exchange, fresh, true); !ok) return reply(problem(ok.error()));
  choose_context(exchange, fresh);
  fresh.id = fresh.definition.text_or("id", "");
  if (fresh.id.empty()) fresh.id = fresh_id("Subscription");
  Response created = empty(201);
  created.headers.emplace_back("Location", fmt::format("{}/{}", kRoot, fresh.id));
  flow::Write write = to_write(fresh);
  write.mode = flow::WriteMode::create;
  note_request(exchange, write);
  commit(exchange, std::move(write), std::move(created), std::move(reply));
}

void create(const SubscriptionRoutes& on, const Exchange& exchange, const JsonValue& body, Reply reply) {
  with_context_named(on, exchange, body, std::move(reply),
                     [body](const Exchange& then, Reply back) { make(then, body, std::move(back)); });
}

void show(const SubscriptionRoutes&, const Exchange& exchange, std::string_view id, Reply reply) {
  flow::EntityPtr entity;
  const auto found = kept(exchange, id, entity);
  if (!found) return reply(problem(absent(kWhat, id)));
  reply(exchange.answer(200, shown(exchange, found->id, *found, *entity)));
}

// A number as list_answer will read it; one that it will refuse is of no matter here.
std::size_t number(const Exchange& exchange, std::string_view name, std::size_t otherwise) {
  const std::string_view text = exchange.argument(name).value_or("");
  std::size_t out = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// Only those of the page are written out.
void list(const SubscriptionRoutes&, const Exchange& exchange, Reply reply) {
  const std::size_t from = number(exchange, "offset", 0);
  const std::size_t count = std::min(number(exchange, "limit", 20), kPageMax);
  std::vector<std::string> all;
  exchange.tenant.twin.each(flow::kSubscriptionType, [&](const flow::EntityPtr& entity) {
    const auto found = notify::kept_from(entity->id, entity->attributes);
    if (!found) return true;
    const bool on_page = all.size() >= from && all.size() - from < count;
    all.push_back(on_page ? shown(exchange, found->id, *found, *entity) : std::string());
    return true;
  });
  reply(list_answer(exchange, all));
}

// Neither its id nor its type can be changed; to say them again is no change.
base::Status check_identity(const JsonValue& fragment, std::string_view id) {
  for (const std::string_view key : {"id", "type"}) {
    const JsonValue* given = fragment.find(key);
    const std::string_view mine = key == "id" ? id : std::string_view("Subscription");
    if (given && (!given->text() || *given->text() != mine)) return fail(Errc::invalid, "'{}' cannot be changed", key);
  }
  return {};
}

void change(const Exchange& exchange, std::string_view id, const JsonValue& body, Reply reply) {
  const JsonValue fragment = notify::canonical(body, *exchange.context);
  if (const auto ok = check_identity(fragment, id); !ok) return reply(problem(ok.error()));
  flow::EntityPtr entity;
  auto found = kept(exchange, id, entity);
  if (!found) return reply(problem(absent(kWhat, id)));
  notify::merge(found->definition, fragment);
  if (fragment.find("q")) found->asked_json = exchange.context_json;
  if (const auto ok = check(exchange, *found, fragment.find("expiresAt") != nullptr); !ok) {
    return reply(problem(ok.error()));
  }
  if (fragment.find("jsonldContext")) choose_context(exchange, *found);
  flow::Write write = to_write(*found);
  write.mode = flow::WriteMode::put;
  keep_noted(*entity, write);
  commit(exchange, std::move(write), empty(204), std::move(reply));
}

void patch(const SubscriptionRoutes& on, const Exchange& exchange, std::string_view id, const JsonValue& body,
           Reply reply) {
  with_context_named(
      on, exchange, body, std::move(reply),
      [id = std::string(id), body](const Exchange& then, Reply back) { change(then, id, body, std::move(back)); });
}

void erase(const SubscriptionRoutes&, const Exchange& exchange, std::string_view id, Reply reply) {
  flow::EntityPtr entity;
  if (!kept(exchange, id, entity)) return reply(problem(absent(kWhat, id)));
  commit(exchange, gone(entity->id), empty(204), std::move(reply));
}

}  // namespace

void SubscriptionRoutes::add_to(net::Router& router) const {
  const Expect read{.permission = Permission::subscribe, .parameters = {"options", "local"}};
  const Expect write{.permission = Permission::subscribe, .parameters = {"local"}};
  Resource(router, desk, *this, std::string(kRoot), {.read = read, .write = write})
      .make(create)
      .list({"options", "limit", "offset", "count", "local"}, list)
      .show(show)
      .change(patch)
      .erase(erase);
}

}  // namespace cityloop::broker
