#include "broker/snapshots.h"

#include <algorithm>

#include "base/log.h"
#include "broker/entity_map_query.h"
#include "broker/entity_query.h"
#include "broker/resource.h"
#include "broker/temporal/freeze.h"
#include "broker/waiting.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Name;

const Name kDefinition("definition"), kProgress("progress"), kStore("store");
constexpr std::string_view kPrefix = "snapshots/";
constexpr std::string_view kRelation = R"(; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")";

JsonValue text_value(std::string text) {
  JsonValue out;
  out.is = std::move(text);
  return out;
}

flow::Write as_it_is(const flow::Entity& entity) {
  flow::Write out;
  out.entity = entity.id;
  out.mode = flow::WriteMode::replace;
  out.types = entity.types;
  out.scopes = entity.scopes;
  out.attributes = entity.attributes;
  out.expires_at = entity.expires_at;
  return out;
}

base::Status write_all(twin::Twin& into, const std::vector<flow::EntityPtr>& entities) {
  twin::Commit commit;
  commit.origin = Name("loop:snapshots");
  for (const flow::EntityPtr& entity : entities) commit.writes.push_back(as_it_is(*entity));
  return into.commit(std::move(commit)).status;
}

// How one query went (clause 5.2.42).
JsonValue details_of(const base::Result<std::size_t>& found) {
  base::JsonWriter out;
  out.object().field("resultStatus", !found ? "failure" : *found == 0 ? "empty" : "success");
  if (!found) out.key("problemDetails").raw(problem(found.error()).body);
  return JsonValue::parse(out.end().take()).value_or(JsonValue{});
}

std::string_view status_of(const JsonValue::Array& details) {
  const auto all = [&](std::string_view word) {
    return std::ranges::all_of(details, [&](const JsonValue& one) { return one.text_or("resultStatus", "") == word; });
  };
  if (all("failure")) return "failure";
  if (all("empty")) return "empty";
  const bool failed =
      std::ranges::any_of(details, [](const JsonValue& one) { return one.text_or("resultStatus", "") == "failure"; });
  return failed ? "partial" : "success";
}

}  // namespace

std::string_view owner_in(std::string_view name) {
  if (!name.starts_with(kSnapshotStores)) return name;
  name.remove_prefix(kSnapshotStores.size());
  const auto dash = name.find('-');
  return dash == std::string_view::npos ? std::string_view{} : name.substr(dash + 1);
}

base::Result<Tenant*> tenant_of_snapshot(Tenants& tenants, const Tenant& owner, std::string_view id) {
  const auto status = SnapshotStatus::find(owner, id, owner.twin.clock().now());
  Tenant* const tenant = status ? tenants.find(status->store) : nullptr;
  if (!tenant) return fail(Errc::not_found, "there is no snapshot '{}'", id);
  return tenant;
}

SnapshotStatus SnapshotStatus::from_entity(const flow::Entity& entity) {
  SnapshotStatus out;
  out.id = std::string(entity.id.text().substr(std::min(kPrefix.size(), entity.id.text().size())));
  out.store = std::string(entity.text(kStore));
  out.expires_at = entity.expires_at;
  const auto object_in = [&](Name name) {
    const flow::Attribute* kept = entity.find(name);
    const auto* json = kept ? std::get_if<flow::Json>(&kept->value) : nullptr;
    return json ? JsonValue::parse(json->text).value_or(JsonValue{}) : JsonValue{};
  };
  out.definition = object_in(kDefinition);
  const JsonValue progress = object_in(kProgress);
  for (const auto& [key, value] : progress.object() ? *progress.object() : JsonValue::Object{}) out.set(key, value);
  return out;
}

std::optional<SnapshotStatus> SnapshotStatus::find(const Tenant& owner, std::string_view id, flow::Instant now) {
  const flow::EntityId known = flow::EntityId::lookup(fmt::format("{}{}", kPrefix, id));
  const flow::EntityPtr entity = known.empty() ? nullptr : owner.twin.get(known);
  if (!entity || (entity->expires_at != flow::kNever && entity->expires_at <= now)) return std::nullopt;
  return from_entity(*entity);
}

flow::EntityId SnapshotStatus::kept_as() const {
  return flow::EntityId(fmt::format("{}{}", kPrefix, id));
}

flow::Write SnapshotStatus::write() const {
  flow::Write out;
  out.entity = kept_as();
  out.mode = flow::WriteMode::replace;
  out.types = {flow::kNgsiSnapshotType};
  out.expires_at = expires_at;
  out.attributes = {flow::property(kDefinition, flow::Json{definition.dump()}), flow::property(kStore, store)};
  return out;
}

flow::Write SnapshotStatus::change() const {
  flow::Write out = write();
  out.mode = flow::WriteMode::update;
  std::erase_if(out.attributes, [](const flow::Attribute& one) { return one.name != kDefinition; });
  return out;
}

void SnapshotStatus::set(std::string_view member, JsonValue value) {
  if (!definition.object()) definition.is = JsonValue::Object{};
  auto& members = std::get<JsonValue::Object>(definition.is);
  const auto found = std::ranges::find(members, member, &JsonValue::Member::key);
  if (found == members.end()) members.push_back({std::string(member), std::move(value)});
  else found->value = std::move(value);
}

void SnapshotStatus::set(std::string_view member, std::string text) {
  set(member, text_value(std::move(text)));
}

Snapshots::Snapshots(Tenants& tenants, const Federation& federation, const base::Clock& clock)
    : tenants_(tenants), federation_(federation), clock_(clock) {
  tenants.each([this](Tenant& owner) {
    owner.twin.each(flow::kNgsiSnapshotType, [&](const flow::EntityPtr& entity) {
      know(owner, SnapshotStatus::from_entity(*entity));
      return true;
    });
  });
  sweep();
}

Snapshots::~Snapshots() {
  sweep();
}

void Snapshots::know(Tenant& owner, const SnapshotStatus& status) {
  const std::lock_guard lock(mutex_);
  known_[status.store] = {&owner, status};
}

void Snapshots::sweep() {
  std::vector<Known> gone;
  {
    const std::lock_guard lock(mutex_);
    for (auto one = known_.begin(); one != known_.end();) {
      const bool still = SnapshotStatus::find(*one->second.owner, one->second.status.id, clock_.now()).has_value();
      if (!still) gone.push_back(one->second);
      one = still ? std::next(one) : known_.erase(one);
    }
  }
  for (const Known& one : gone) forget(one.status);
}

base::Result<std::size_t> Snapshots::run(const Exchange& by, const JsonValue& query, Tenant& into) const {
  net::Request request;
  request.method = net::Method::post;
  request.path = "/ngsi-ld/v1/entityOperations/query";
  request.body = query.dump();
  const Exchange on = by.about(std::move(request));
  const BodyQuery asked = TRY(BodyQuery::parse(on));
  twin::EntityFilter filter = TRY(filter_of(on, asked, 0));
  const MapInUse map = TRY(waited_for<base::Result<MapInUse>>([&](const auto& done) {
    map_for(federation_, on, map_of_entities(on, Operation::query_batch, filter), {}, done);
  }));
  std::size_t found = 0;
  filter.limit = twin::kLimitMax;
  for (filter.offset = 0; filter.offset < map.map->entries.size(); filter.offset += filter.limit) {
    const Queried page = TRY(waited_for<base::Result<Queried>>(
        [&](auto done) { query_by_map(federation_, on, Operation::query_batch, filter, *map.map, std::move(done)); }));
    TRY(write_all(into.twin, page.page.entities));
    found += page.page.entities.size();
  }
  (void)federation_.maps(on.tenant).erase(map.map->id);
  return found;
}

// Beside the definition, which may be changed meanwhile; and one that was deleted meanwhile is not brought back.
void Snapshots::settle(Tenant& owner, SnapshotStatus status, std::string_view word) {
  JsonValue::Object progress{{"snapshotStatus", text_value(std::string(word))}};
  for (const std::string_view member : {"snapshotQueriesDetails", "snapshotTemporalQueriesDetails"}) {
    if (const JsonValue* details = status.definition.find(member)) progress.push_back({std::string(member), *details});
  }
  flow::Write write;
  write.entity = status.kept_as();
  write.mode = flow::WriteMode::update;
  write.attributes = {flow::property(kProgress, flow::Json{JsonValue{std::move(progress)}.dump()})};
  twin::Commit commit;
  commit.origin = Name("loop:snapshots");
  commit.writes.push_back(std::move(write));
  const auto result = owner.twin.commit(std::move(commit));
  if (!result.status) base::log_error("snapshot {} cannot be kept: {}", status.id, result.status.error().message);
  const auto now = SnapshotStatus::find(owner, status.id, clock_.now());
  if (now) notify(owner, *now);
}

void Snapshots::fill(const Exchange& exchange, SnapshotStatus status) {
  sweep();
  know(exchange.tenant, status);
  const bool posted = back_room_.post([this, on = exchange.kept(), status]() mutable {
    Tenant* const into = tenants_.find(status.store);
    if (!into) return;
    JsonValue::Array all;
    const auto note = [&](std::string_view queries, std::string_view details, const auto& work) {
      const JsonValue* list = status.definition.find(queries);
      JsonValue::Array told;
      for (const JsonValue& query : list && list->array() ? *list->array() : JsonValue::Array{}) {
        told.push_back(details_of(work(query)));
      }
      all.insert(all.end(), told.begin(), told.end());
      JsonValue value;
      value.is = std::move(told);
      if (list) status.set(details, std::move(value));
    };
    note("snapshotQueries", "snapshotQueriesDetails", [&](const JsonValue& query) { return run(on, query, *into); });
    note("snapshotTemporalQueries", "snapshotTemporalQueriesDetails",
         [&](const JsonValue& query) { return freeze_histories(federation_, on, query, *into); });
    settle(on.tenant, status, status_of(all));
  });
  if (!posted) settle(exchange.tenant, status, "failure");
}

void Snapshots::copy(Tenant& owner, const SnapshotStatus& status, Tenant& from) {
  sweep();
  know(owner, status);
  const bool posted = back_room_.post([this, &owner, status, &from]() mutable {
    Tenant* const into = tenants_.find(status.store);
    if (!into) return;
    std::vector<flow::EntityPtr> some;
    std::size_t copied = 0;
    base::Status done;
    const auto flush = [&] {
      if (done && !some.empty()) done = write_all(into->twin, some);
      copied += some.size();
      some.clear();
    };
    from.twin.each({}, [&](const flow::EntityPtr& entity) {
      if (!flow::has_own_type(entity->types)) some.push_back(entity);
      return true;
    });
    flush();
    const auto histories = copy_histories(from, *into);
    const bool nothing = copied == 0 && histories && *histories == 0;
    settle(owner, status, !done || !histories ? "failure" : nothing ? "empty" : "success");
  });
  if (!posted) settle(owner, status, "failure");
}

void Snapshots::forget(const SnapshotStatus& status) {
  {
    const std::lock_guard lock(mutex_);
    known_.erase(status.store);
  }
  tenants_.forget(status.store);
  Tenant* const tenant = tenants_.find(status.store);
  if (!tenant) return;
  (void)back_room_.post([tenant] {
    twin::Commit commit;
    commit.origin = Name("loop:snapshots");
    tenant->twin.each({}, [&](const flow::EntityPtr& entity) {
      commit.writes.push_back(gone(entity->id));
      return true;
    });
    if (!commit.writes.empty()) (void)tenant->twin.commit(std::move(commit));
  });
}

void Snapshots::notify(const Tenant& owner, const SnapshotStatus& status) {
  const JsonValue* endpoint = status.definition.find("endpoint");
  if (!endpoint || !endpoint->text()) return;
  base::JsonWriter body;
  body.object().field("id", fresh_id("SnapshotNotification")).field("type", "SnapshotNotification");
  body.field("notifiedAt", base::format_time(clock_.now())).field("snapshotId", status.id);
  for (const std::string_view member : {"snapshotStatus", "expiresAt", "snapshotPriority", "snapshotQueriesDetails",
                                        "snapshotTemporalQueriesDetails"}) {
    if (const JsonValue* value = status.definition.find(member)) value->write(body.key(member));
  }
  net::OutgoingRequest request;
  request.method = net::Method::post;
  request.url = *endpoint->text();
  request.headers = {{"Content-Type", "application/json"},
                     {"Link", fmt::format("<{}>{}", twin::kCoreContextUrl, kRelation)}};
  if (!owner.name.empty()) request.headers.emplace_back("NGSILD-Tenant", owner.name);
  const JsonValue* info = status.definition.find("receiverInfo");
  for (const JsonValue& pair : info && info->array() ? *info->array() : JsonValue::Array{}) {
    request.headers.emplace_back(pair.text_or("key", ""), pair.text_or("value", ""));
  }
  request.body = body.end().take();
  client_.send(std::move(request), [](const base::Result<net::Response>&) {});
}

}  // namespace cityloop::broker
