#include "broker/snapshot_routes.h"

#include <algorithm>

#include "broker/resource.h"
#include "broker/source/registration_query.h"
#include "broker/source/registration_reader.h"
#include "flow/own_types.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using net::Reply;
using net::Response;
using trust::Permission;

const std::string kRoot = "/ngsi-ld/v1/snapshots";
constexpr std::string_view kWhat = "snapshot";
constexpr double kUsualPriority = 5;
constexpr auto kUsualLifetime = std::chrono::hours(24);
constexpr std::string_view kGivenOnce[] = {"snapshotQueries", "snapshotTemporalQueries"};
constexpr std::string_view kChangeable[] = {"snapshotLifetime", "snapshotPriority", "endpoint", "receiverInfo"};
// What a snapshot says of itself; nobody else does (table 5.2.41-2).
constexpr std::string_view kSaidHere[] = {"snapshotStatus",
                                          "snapshotQueriesDetails",
                                          "snapshotTemporalQueriesDetails",
                                          "createdAt",
                                          "modifiedAt",
                                          "expiresAt",
                                          "lastUsedAt"};

template <std::size_t n>
bool is_one_of(std::string_view key, const std::string_view (&names)[n]) {
  return std::ranges::find(names, key) != std::end(names);
}

base::Status check_queries(const JsonValue& value, std::string_view key) {
  const bool good = value.array() && !value.array()->empty() &&
                    std::ranges::all_of(*value.array(), [](const JsonValue& one) { return one.object() != nullptr; });
  if (!good) return fail(Errc::invalid, "'{}' must be a list of queries, with something in it", key);
  return {};
}

base::Status check_changeable(const std::string& key, const JsonValue& value) {
  if (key == "snapshotLifetime") {
    if (!value.text()) return fail(Errc::invalid, "'snapshotLifetime' must be a duration like PT1H");
    TRY(registration_reader::iso_duration(*value.text()));
  }
  if (key == "snapshotPriority") {
    const double* priority = value.number();
    if (!priority || *priority < 1 || *priority > 10 || *priority != double(int(*priority))) {
      return fail(Errc::invalid, "'snapshotPriority' must be a whole number from 1 to 10");
    }
  }
  if (key == "endpoint" && (!value.text() || !value.text()->starts_with("http"))) {
    return fail(Errc::invalid, "'endpoint' must be an http:// or https:// address");
  }
  if (key == "receiverInfo") {
    const auto is_pair = [](const JsonValue& one) { return !one.text_or("key", "").empty() && one.find("value"); };
    if (!value.array() || !std::ranges::all_of(*value.array(), is_pair)) {
      return fail(Errc::invalid, "'receiverInfo' must be a list of {{key, value}}");
    }
  }
  return {};
}

// The members that a body gives, checked; `fresh`: of one that is to be made.
base::Status take_members(const JsonValue& body, bool fresh, SnapshotStatus& out) {
  const JsonValue* type = body.find("type");
  if (type ? !type->text() || *type->text() != "Snapshot" : fresh)
    return fail(Errc::invalid, "'type' must be Snapshot");
  for (const auto& [key, value] : *body.object()) {
    if (key == "type" || key == "@context" || is_one_of(key, kSaidHere)) continue;
    if (key == "id") {
      if (!value.text() || !twin::is_uri(*value.text())) return fail(Errc::invalid, "'id' is no URI");
      if (!fresh && *value.text() != out.id) return fail(Errc::invalid, "'id' cannot be changed");
      out.id = *value.text();
    } else if (is_one_of(key, kGivenOnce)) {
      if (!fresh) return fail(Errc::invalid, "'{}' cannot be changed", key);
      TRY(check_queries(value, key));
      out.set(key, value);
    } else if (is_one_of(key, kChangeable)) {
      if (!fresh && is_null(value)) {
        std::erase_if(std::get<JsonValue::Object>(out.definition.is), [&](const auto& one) { return one.key == key; });
        continue;
      }
      TRY(check_changeable(key, value));
      out.set(key, value);
    } else {
      return fail(Errc::invalid, "'{}' is no member of a Snapshot", key);
    }
  }
  return {};
}

void set_times(SnapshotStatus& status, flow::Instant now) {
  const std::string lifetime = status.definition.text_or("snapshotLifetime", "");
  const auto given = registration_reader::iso_duration(lifetime);
  status.expires_at = now + given.value_or(kUsualLifetime);
  status.set("expiresAt", base::format_time(status.expires_at));
  status.set("modifiedAt", base::format_time(now));
}

// A store of its own, and the status that says that it is being filled.
base::Result<SnapshotStatus> prepared(const SnapshotRoutes& on, const Exchange& exchange, SnapshotStatus status) {
  const flow::Instant now = exchange.tenant.twin.clock().now();
  if (status.id.empty()) status.id = fresh_id("Snapshot");
  if (SnapshotStatus::find(exchange.tenant, status.id, now)) {
    return fail(Errc::exists, "there is a snapshot '{}' already", status.id);
  }
  const std::string random = fresh_id("");
  const std::string_view tail = std::string_view(random).substr(random.size() - 16);
  status.store = fmt::format("{}{}-{}", kSnapshotStores, tail, exchange.tenant.name);
  TRY(on.snapshots.tenants().find_or_create(status.store));
  JsonValue priority;
  priority.is = kUsualPriority;
  if (!status.definition.find("snapshotPriority")) status.set("snapshotPriority", priority);
  status.set("snapshotStatus", std::string("preparing"));
  status.set("createdAt", base::format_time(now));
  set_times(status, now);
  return status;
}

// Keeps it, and goes on when it is on disk.
void keep_then(const Exchange& exchange, const SnapshotStatus& status, Reply reply, std::function<void()> then) {
  const auto shared = std::make_shared<Reply>(std::move(reply));
  Response success = created(exchange, kRoot, status.id);
  keep(exchange, status.write(), std::move(success), Reply([shared, then = std::move(then)](Response response) {
         if (response.status == 201) then();
         (*shared)(std::move(response));
       }));
}

void create(const SnapshotRoutes& on, const Exchange& exchange, const JsonValue& body, Reply reply) {
  SnapshotStatus asked;
  if (const auto ok = take_members(body, true, asked); !ok) return reply(problem(ok.error()));
  if (!asked.definition.find("snapshotQueries") && !asked.definition.find("snapshotTemporalQueries")) {
    return reply(problem({Errc::invalid, "'snapshotQueries' or 'snapshotTemporalQueries' is needed"}));
  }
  const auto status = prepared(on, exchange, std::move(asked));
  if (!status) return reply(problem(status.error()));
  keep_then(exchange, *status, std::move(reply),
            [&snapshots = on.snapshots, kept = exchange.kept(), status = *status] { snapshots.fill(kept, status); });
}

void clone(const SnapshotRoutes& on, const Exchange& exchange, std::string_view id, const JsonValue& body,
           Reply reply) {
  const auto from = tenant_of_snapshot(on.snapshots.tenants(), exchange.tenant, id);
  if (!from) return reply(problem(from.error()));
  SnapshotStatus asked;
  if (const auto ok = take_members(body, true, asked); !ok) return reply(problem(ok.error()));
  for (const std::string_view key : kGivenOnce) {
    if (asked.definition.find(key)) return reply(problem({Errc::invalid, "a clone has the queries of what it is of"}));
  }
  const auto before = SnapshotStatus::find(exchange.tenant, id, exchange.tenant.twin.clock().now());
  for (const std::string_view key : kGivenOnce) {
    if (const JsonValue* queries = before ? before->definition.find(key) : nullptr) asked.set(key, *queries);
  }
  const auto status = prepared(on, exchange, std::move(asked));
  if (!status) return reply(problem(status.error()));
  keep_then(exchange, *status, std::move(reply),
            [&snapshots = on.snapshots, &owner = exchange.tenant, status = *status, from = *from] {
              snapshots.copy(owner, status, *from);
            });
}

std::string shown(const SnapshotStatus& status) {
  base::JsonWriter out;
  out.object().field("id", status.id).field("type", "Snapshot");
  for (const auto& [key, value] : *status.definition.object()) value.write(out.key(key));
  out.end();
  return out.take();
}

void show(const SnapshotRoutes&, const Exchange& exchange, std::string_view id, Reply reply) {
  const auto status = SnapshotStatus::find(exchange.tenant, id, exchange.tenant.twin.clock().now());
  reply(status ? exchange.answer(200, shown(*status)) : problem(absent(kWhat, id)));
}

void patch(const SnapshotRoutes& on, const Exchange& exchange, std::string_view id, const JsonValue& body,
           Reply reply) {
  const flow::Instant now = exchange.tenant.twin.clock().now();
  auto status = SnapshotStatus::find(exchange.tenant, id, now);
  if (!status) return reply(problem(absent(kWhat, id)));
  if (const auto ok = take_members(body, false, *status); !ok) return reply(problem(ok.error()));
  if (body.find("snapshotLifetime")) set_times(*status, now);
  else status->set("modifiedAt", base::format_time(now));
  const auto shared = std::make_shared<Reply>(std::move(reply));
  keep(exchange, status->change(), exchange.answer(200, shown(*status)),
       Reply([shared, &snapshots = on.snapshots, &owner = exchange.tenant, status = *status](Response response) {
         if (response.status == 200) snapshots.notify(owner, status);
         (*shared)(std::move(response));
       }));
}

void erase(const SnapshotRoutes& on, const Exchange& exchange, std::string_view id, Reply reply) {
  const auto status = SnapshotStatus::find(exchange.tenant, id, exchange.tenant.twin.clock().now());
  if (!status) return reply(problem(absent(kWhat, id)));
  on.snapshots.forget(*status);
  keep(exchange, gone(status->kept_as()), empty(204), std::move(reply));
}

// DELETE /snapshots?q=…: those whose members are as asked.
void purge(const SnapshotRoutes& on, const Exchange& exchange, Reply reply) {
  const auto q = exchange.argument("q");
  if (!q) return reply(problem({Errc::invalid, "q is missing: it says which snapshots go"}));
  const auto asked = twin::Q::parse(*q);
  if (!asked) return reply(problem({Errc::invalid, fmt::format("q: {}", asked.error().message)}));
  std::vector<SnapshotStatus> found;
  exchange.tenant.twin.each(flow::kNgsiSnapshotType, [&](const flow::EntityPtr& entity) {
    SnapshotStatus status = SnapshotStatus::from_entity(*entity);
    JsonValue members = status.definition;
    std::get<JsonValue::Object>(members.is).push_back({"id", {}});
    std::get<JsonValue::Object>(members.is).back().value.is = status.id;
    if (has_members(members, *asked)) found.push_back(std::move(status));
    return true;
  });
  if (found.empty()) return reply(problem({Errc::not_found, "no snapshot is like that"}));
  twin::Commit commit;
  commit.origin = flow::Name(exchange.principal.id);
  for (const SnapshotStatus& status : found) {
    on.snapshots.forget(status);
    commit.writes.push_back(gone(status.kept_as()));
  }
  auto shared = std::make_shared<Reply>(std::move(reply));
  exchange.tenant.twin.submit(std::move(commit), [shared](const twin::CommitResult& result) {
    (*shared)(result.status ? empty(204) : disk_problem(result.status.error()));
  });
}

}  // namespace

void SnapshotRoutes::add_to(net::Router& router) const {
  using net::Method;
  const Expect read{.permission = Permission::read_city}, write{.permission = Permission::write_entities};
  Resource(router, desk, *this, kRoot, {.read = read, .write = write})
      .make(create)
      .without_body(Method::del, "", purge)
      .show(show)
      .change(patch)
      .erase(erase)
      .with_body(Method::post, "/{id}/clone", clone);
}

}  // namespace cityloop::broker
