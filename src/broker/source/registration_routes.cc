#include "broker/source/registration_routes.h"

#include <algorithm>

#include "base/json_value.h"
#include "broker/resource.h"
#include "broker/source/registration_query.h"
#include "broker/source/registration_reader.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using net::Reply;
using net::Response;
using trust::Permission;

const std::string kRoot = "/ngsi-ld/v1/csourceRegistrations";

constexpr std::string_view kWhat = "registration";

flow::EntityPtr kept(const Exchange& exchange, std::string_view id) {
  const flow::EntityId known = flow::EntityId::lookup(fmt::format("csourceRegistrations/{}", id));
  return known.empty() ? nullptr : exchange.tenant.twin.get(known);
}

base::Status check_type(const JsonValue& body, bool needed) {
  const JsonValue* type = body.find("type");
  if (!type) {
    if (needed) return fail(Errc::invalid, "'type' is missing: it must be ContextSourceRegistration");
    return {};
  }
  if (!type->text() || *type->text() != "ContextSourceRegistration") {
    return fail(Errc::invalid, "'type' must be ContextSourceRegistration");
  }
  return {};
}

base::Status check_future(const Registration& registration, flow::Instant now) {
  if (registration.is_live(now)) return {};
  return fail(Errc::invalid, "'expiresAt' lies in the past");
}

Response refusal(const base::Error& error) {
  return error.code == Errc::conflict ? problem(409, "Conflict", error.message) : problem(error);
}

void create(const RegistrationRoutes& on, const Exchange& exchange, const JsonValue& body, Reply reply) {
  if (const auto ok = check_type(body, true); !ok) return reply(problem(ok.error()));
  auto registration = Registration::parse(body, *exchange.context);
  if (!registration) return reply(problem(registration.error()));
  if (const auto ok = check_future(*registration, exchange.tenant.twin.clock().now()); !ok) {
    return reply(problem(ok.error()));
  }
  if (registration->id.empty()) registration->id = fresh_id("ContextSourceRegistration");
  if (kept(exchange, registration->id)) {
    return reply(problem({Errc::exists, fmt::format("there is a registration '{}' already", registration->id)}));
  }
  if (const auto ok = on.federation.book(exchange.tenant)->check(*registration); !ok) return reply(refusal(ok.error()));
  keep(exchange, to_write(*registration), created(exchange, kRoot, registration->id), std::move(reply));
}

std::string shown(const RegistrationRoutes& on, const Exchange& exchange, const Registration& registration,
                  const flow::Entity& entity, const Interest* only = nullptr) {
  base::JsonWriter out;
  render(out, registration, entity, on.federation.book(exchange.tenant)->status(registration.id), *exchange.context,
         exchange.option("sysAttrs"), only);
  return out.take();
}

void show(const RegistrationRoutes& on, const Exchange& exchange, std::string_view id, Reply reply) {
  const flow::EntityPtr entity = kept(exchange, id);
  if (!entity) return reply(problem(absent(kWhat, id)));
  const auto registration = Registration::from_entity(*entity);
  if (!registration) return reply(problem(registration.error()));
  reply(exchange.answer(200, shown(on, exchange, *registration, *entity)));
}

void list(const RegistrationRoutes& on, const Exchange& exchange, Reply reply) {
  const auto query = registration_query(exchange);
  if (!query) return reply(problem(query.error()));
  const flow::Instant now = exchange.tenant.twin.clock().now();
  std::vector<std::string> found;
  for (const RegistrationPtr& one : on.federation.book(exchange.tenant)->snapshot()->matching(query->interest)) {
    if (!one->is_live(now) || !query->matches(*one)) continue;
    if (const flow::EntityPtr entity = kept(exchange, one->id)) {
      found.push_back(shown(on, exchange, *one, *entity, &query->interest));
    }
  }
  reply(list_answer(exchange, found));
}

// Members given take the place of those kept, null removes (clause 5.5.8). Both are objects.
JsonValue patched(const JsonValue& kept, const JsonValue& fragment) {
  JsonValue out = kept;
  auto& members = std::get<JsonValue::Object>(out.is);
  for (const auto& [key, value] : *fragment.object()) {
    if (key == "id" || key == "type" || key == "@context") continue;
    const auto found = std::ranges::find(members, key, &JsonValue::Member::key);
    if (is_null(value) && found != members.end()) members.erase(found);
    else if (is_null(value)) continue;
    else if (found != members.end()) found->value = value;
    else members.push_back({key, value});
  }
  return out;
}

void patch(const RegistrationRoutes& on, const Exchange& exchange, std::string_view id, const JsonValue& fragment,
           Reply reply) {
  if (const auto ok = check_type(fragment, false); !ok) return reply(problem(ok.error()));
  if (fragment.text_or("id", std::string(id)) != id) return reply(problem({Errc::invalid, "'id' cannot be changed"}));
  const flow::EntityPtr entity = kept(exchange, id);
  if (!entity) return reply(problem(absent(kWhat, id)));
  const auto before = Registration::from_entity(*entity);
  if (!before) return reply(problem(before.error()));
  const JsonValue told = JsonValue::parse(before->definition).value_or(JsonValue{});
  const JsonValue merged = patched(told, registration_reader::canonical(fragment, *exchange.context));
  auto registration = Registration::parse(merged, *twin::Context::core());
  if (!registration) return reply(problem(registration.error()));
  registration->id = id;
  if (const auto ok = check_future(*registration, exchange.tenant.twin.clock().now()); !ok) {
    return reply(problem(ok.error()));
  }
  if (const auto ok = on.federation.book(exchange.tenant)->check(*registration); !ok) return reply(refusal(ok.error()));
  keep(exchange, to_write(*registration), empty(204), std::move(reply));
}

void erase(const RegistrationRoutes&, const Exchange& exchange, std::string_view id, Reply reply) {
  if (!kept(exchange, id)) return reply(problem(absent(kWhat, id)));
  keep(exchange, gone(kept_as(id)), empty(204), std::move(reply));
}

}  // namespace

void RegistrationRoutes::add_to(net::Router& router) const {
  const std::vector<std::string_view> asking{
      "id",        "idPattern", "type",   "attrs",     "pick",         "omit",        "q",
      "csf",       "scopeQ",    "georel", "geometry",  "coordinates",  "geoproperty", "geometryProperty",
      "datasetId", "timerel",   "timeAt", "endTimeAt", "timeproperty", "limit",       "offset",
      "count",     "options",   "format", "local",     "lang",         "expandValues"};
  const Resource table(router, desk, *this, kRoot,
                       {.read = {.permission = Permission::read_city, .parameters = {"options", "local", "lang"}},
                        .write = {.permission = Permission::write_entities}});
  table.make(create).list(asking, list).show(show).change(patch).erase(erase);
}

}  // namespace cityloop::broker
