#include "broker/source/registration_routes.h"

#include <algorithm>
#include <charconv>
#include <random>

#include "base/json_value.h"
#include "broker/paging.h"
#include "broker/source/registration_query.h"
#include "broker/source/registration_reader.h"
#include "broker/source/steps.h"
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

void create(const RegistrationRoutes& on, const Exchange& exchange, Reply reply) {
  const auto body = object_in_body(exchange);
  if (!body) return reply(problem(body.error()));
  if (const auto ok = check_type(*body, true); !ok) return reply(problem(ok.error()));
  auto registration = Registration::parse(*body, *exchange.context);
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

void show(const RegistrationRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  const flow::EntityPtr entity = kept(exchange, *id);
  if (!entity) return reply(problem(absent(kWhat, *id)));
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

void patch(const RegistrationRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  const auto fragment = object_in_body(exchange);
  if (!fragment) return reply(problem(fragment.error()));
  if (const auto ok = check_type(*fragment, false); !ok) return reply(problem(ok.error()));
  if (fragment->text_or("id", std::string(*id)) != *id)
    return reply(problem({Errc::invalid, "'id' cannot be changed"}));
  const flow::EntityPtr entity = kept(exchange, *id);
  if (!entity) return reply(problem(absent(kWhat, *id)));
  const auto before = Registration::from_entity(*entity);
  if (!before) return reply(problem(before.error()));
  const JsonValue told = JsonValue::parse(before->definition).value_or(JsonValue{});
  const JsonValue merged = patched(told, registration_reader::canonical(*fragment, *exchange.context));
  auto registration = Registration::parse(merged, *twin::Context::core());
  if (!registration) return reply(problem(registration.error()));
  registration->id = *id;
  if (const auto ok = check_future(*registration, exchange.tenant.twin.clock().now()); !ok) {
    return reply(problem(ok.error()));
  }
  if (const auto ok = on.federation.book(exchange.tenant)->check(*registration); !ok) return reply(refusal(ok.error()));
  keep(exchange, to_write(*registration), empty(204), std::move(reply));
}

void erase(const RegistrationRoutes&, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  if (!kept(exchange, *id)) return reply(problem(absent(kWhat, *id)));
  flow::Write write;
  write.entity = kept_as(*id);
  write.mode = flow::WriteMode::erase;
  keep(exchange, std::move(write), empty(204), std::move(reply));
}

base::Result<std::size_t> count_of(const Exchange& exchange, std::string_view name, std::size_t otherwise,
                                   std::size_t max) {
  const auto text = exchange.argument(name);
  if (!text) return otherwise;
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc{} || end != text->data() + text->size() || out > max) {
    return fail(Errc::invalid, "{}: expected a whole number from 0 to {}", name, max);
  }
  return out;
}

}  // namespace

Response list_answer(const Exchange& exchange, const std::vector<std::string>& all) {
  const auto limit = count_of(exchange, "limit", 20, twin::kLimitMax);
  if (!limit) return problem(limit.error());
  const auto offset = count_of(exchange, "offset", 0, 1'000'000'000);
  if (!offset) return problem(offset.error());
  if (*limit == 0 && !exchange.is_true("count")) {
    return problem(400, "BadRequestData", "limit: 0 makes sense only with count=true");
  }
  std::string json = "[";
  for (std::size_t i = *offset; i < std::min(all.size(), *offset + *limit); ++i) {
    if (json.size() > 1) json += ',';
    json += all[i];
  }
  Response out = exchange.answer(200, json + "]");
  if (exchange.is_true("count")) out.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", all.size()));
  for (auto& link : page_links(*exchange.request, *limit, *offset, *offset + *limit < all.size())) {
    out.headers.push_back(std::move(link));
  }
  return out;
}

JsonValue patched(const JsonValue& kept, const JsonValue& fragment) {
  JsonValue out = kept;
  auto& members = std::get<JsonValue::Object>(out.is);
  for (const auto& [key, value] : *fragment.object()) {
    if (key == "id" || key == "type" || key == "@context") continue;
    const bool gone =
        std::holds_alternative<std::monostate>(value.is) || (value.text() && *value.text() == flow::kNullUri);
    const auto found = std::ranges::find(members, key, &JsonValue::Member::key);
    if (gone && found != members.end()) members.erase(found);
    else if (gone) continue;
    else if (found != members.end()) found->value = value;
    else members.push_back({key, value});
  }
  return out;
}

std::string fresh_id(std::string_view word) {
  std::random_device device;
  const auto part = [&] { return (std::uint64_t(device()) << 32) | device(); };
  return fmt::format("urn:ngsi-ld:{}:{:016x}{:016x}", word, part(), part());
}

void RegistrationRoutes::add_to(net::Router& router) const {
  using net::Method;
  const auto bind = binder(desk, *this);
  const Expect read{.permission = Permission::read_city, .parameters = {"options", "local", "lang"}};
  Expect ask = read;
  ask.parameters = {"id",        "idPattern", "type",   "attrs",     "pick",         "omit",        "q",
                    "csf",       "scopeQ",    "georel", "geometry",  "coordinates",  "geoproperty", "geometryProperty",
                    "datasetId", "timerel",   "timeAt", "endTimeAt", "timeproperty", "limit",       "offset",
                    "count",     "options",   "format", "local",     "lang",         "expandValues"};
  const Expect write{.permission = Permission::write_entities};
  Expect body = write;
  body.body = true;
  Expect makes = body;
  makes.creates_tenant = true;
  router.add(Method::post, kRoot, bind(makes, create));
  router.add(Method::get, kRoot, bind(ask, list));
  router.add(Method::get, kRoot + "/{id}", bind(read, show));
  router.add(Method::patch, kRoot + "/{id}", bind(body, patch));
  router.add(Method::del, kRoot + "/{id}", bind(write, erase));
}

}  // namespace cityloop::broker
