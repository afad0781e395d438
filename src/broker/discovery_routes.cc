#include "broker/discovery_routes.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/json_writer.h"
#include "broker/form.h"
#include "twin/catalogue.h"

namespace cityloop::broker {
namespace {

using base::JsonWriter;
using flow::Name;
using net::Reply;
using trust::Permission;

using twin::Catalogue;

// An attribute in use, copied out of the catalogue: names are shown without the twin's lock.
struct Used {
  Catalogue::Use use;
  std::vector<Name> types;  // of the entities that have it
};

std::vector<Name> types_with(const Catalogue& catalogue, Name attribute) {
  std::vector<Name> out;
  for (const auto& [type, of] : catalogue.types()) {
    if (of.attributes.contains(attribute)) out.push_back(type);
  }
  return out;
}

std::vector<Name> names_of(const Catalogue::Uses& uses) {
  std::vector<Name> out;
  for (const auto& [name, use] : uses) out.push_back(name);
  return out;
}

// Canonical names as this caller writes them, sorted by that.
std::vector<std::pair<std::string, Name>> shown(const Exchange& exchange, const std::vector<Name>& names) {
  std::vector<std::pair<std::string, Name>> out;
  std::string scratch;
  for (const Name name : names) out.emplace_back(exchange.context->compact(name, scratch), name);
  std::ranges::sort(out, {}, &std::pair<std::string, Name>::first);
  return out;
}

void write_names(JsonWriter& out, std::string_view key, const Exchange& exchange, const std::vector<Name>& names) {
  out.key(key).array();
  for (const auto& [text, name] : shown(exchange, names)) out.text(text);
  out.end();
}

// In the order of their words.
void write_kinds(JsonWriter& out, const Catalogue::Use& use) {
  std::vector<std::string_view> kinds;
  for (std::size_t kind = 0; kind < twin::kAttributeKinds; ++kind) {
    if (use.kinds[kind] > 0) kinds.push_back(twin::kind_word(flow::AttributeKind(kind)));
  }
  std::ranges::sort(kinds);
  out.key("attributeTypes").array();
  for (const std::string_view kind : kinds) out.text(kind);
  out.end();
}

void open_attribute(JsonWriter& out, std::string_view shown_name, Name name) {
  out.object().field("id", twin::Context::iri_of(name.text())).field("type", "Attribute");
  out.field("attributeName", shown_name);
}

std::string list_id(std::string_view type, std::size_t salt) {
  return fmt::format("urn:ngsi-ld:{}:{:08x}", type, salt & 0xffffffff);
}

// The short form of both lists: what there is, without saying more of it.
std::string short_list(const Exchange& exchange, std::string_view type, std::string_view member,
                       const std::vector<Name>& names) {
  JsonWriter out;
  out.object().field("id", list_id(type, exchange.tenant.twin.head())).field("type", type);
  write_names(out, member, exchange, names);
  return out.end().take();
}

void answer_types(const Exchange& exchange, Reply reply) {
  const bool details = exchange.is_true("details");
  std::vector<Name> types;
  std::map<Name, std::vector<Name>> attributes;
  exchange.tenant.twin.look([&](const Catalogue& catalogue) {
    for (const auto& [type, of] : catalogue.types()) {
      types.push_back(type);
      if (details) attributes.emplace(type, names_of(of.attributes));
    }
  });
  if (!details) return reply(exchange.answer(200, short_list(exchange, "EntityTypeList", "typeList", types)));
  JsonWriter out;
  out.array();
  for (const auto& [text, type] : shown(exchange, types)) {
    out.object().field("id", twin::Context::iri_of(type.text())).field("type", "EntityType").field("typeName", text);
    write_names(out, "attributeNames", exchange, attributes.at(type));
    out.end();
  }
  reply(exchange.answer(200, out.end().take()));
}

void answer_type(const Exchange& exchange, Reply reply) {
  const std::string_view asked = exchange.part("type");
  const Name type = exchange.context->lookup(asked);
  std::optional<Catalogue::OfType> found;
  exchange.tenant.twin.look([&](const Catalogue& catalogue) {
    const auto at = catalogue.types().find(type);
    if (!type.empty() && at != catalogue.types().end()) found = at->second;
  });
  if (!found) return reply(problem({base::Errc::not_found, fmt::format("no entity has the type '{}'", asked)}));
  std::string scratch;
  JsonWriter out;
  out.object().field("id", twin::Context::iri_of(type.text())).field("type", "EntityTypeInfo");
  out.field("typeName", exchange.context->compact(type, scratch)).field("entityCount", found->count);
  out.key("attributeDetails").array();
  for (const auto& [text, name] : shown(exchange, names_of(found->attributes))) {
    open_attribute(out, text, name);
    write_kinds(out, found->attributes.at(name));
    out.end();
  }
  reply(exchange.answer(200, out.end().end().take()));
}

void answer_attributes(const Exchange& exchange, Reply reply) {
  const bool details = exchange.is_true("details");
  std::vector<Name> names;
  std::map<Name, std::vector<Name>> types;
  exchange.tenant.twin.look([&](const Catalogue& catalogue) {
    names = names_of(catalogue.attributes());
    if (!details) return;
    for (const auto& [type, of] : catalogue.types()) {
      for (const auto& [name, use] : of.attributes) types[name].push_back(type);
    }
  });
  if (!details) return reply(exchange.answer(200, short_list(exchange, "AttributeList", "attributeList", names)));
  JsonWriter out;
  out.array();
  for (const auto& [text, name] : shown(exchange, names)) {
    open_attribute(out, text, name);
    write_names(out, "typeNames", exchange, types[name]);
    out.end();
  }
  reply(exchange.answer(200, out.end().take()));
}

void answer_attribute(const Exchange& exchange, Reply reply) {
  const std::string_view asked = exchange.part("name");
  const Name name = exchange.context->lookup(asked);
  std::optional<Used> found;
  exchange.tenant.twin.look([&](const Catalogue& catalogue) {
    const auto at = catalogue.attributes().find(name);
    if (!name.empty() && at != catalogue.attributes().end()) found.emplace(at->second, types_with(catalogue, name));
  });
  if (!found) return reply(problem({base::Errc::not_found, fmt::format("no entity has the attribute '{}'", asked)}));
  std::string scratch;
  JsonWriter out;
  open_attribute(out, exchange.context->compact(name, scratch), name);
  out.field("attributeCount", found->use.count);
  write_kinds(out, found->use);
  write_names(out, "typeNames", exchange, found->types);
  reply(exchange.answer(200, out.end().take()));
}

using Answer = void (*)(const Exchange&, Reply);

// One kind of question, here alone or together with what sources know.
template <Answer answer, Operation plain, Operation detailed>
void discover(const DiscoveryRoutes& on, const Exchange& exchange, Reply reply) {
  const std::string_view details = exchange.argument("details").value_or("true");
  if (details != "true" && details != "false") {
    return reply(problem({base::Errc::invalid, "details: expected true or false"}));
  }
  if (!on.federation.concerns(exchange)) return answer(exchange, std::move(reply));
  if (auto loop = on.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  on.federation.discover(exchange, exchange.is_true("details") ? detailed : plain, answer, std::move(reply));
}

}  // namespace

void DiscoveryRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string base = "/ngsi-ld/v1";
  const auto bind = binder(desk, *this);
  const Expect read{.permission = Permission::read_city, .parameters = {"details", "local"}};
  router.add(
      Method::get, base + "/types",
      bind(read, discover<answer_types, Operation::retrieve_entity_types, Operation::retrieve_entity_type_details>));
  router.add(
      Method::get, base + "/types/{type}",
      bind(read, discover<answer_type, Operation::retrieve_entity_type_info, Operation::retrieve_entity_type_info>));
  router.add(
      Method::get, base + "/attributes",
      bind(read, discover<answer_attributes, Operation::retrieve_attr_types, Operation::retrieve_attr_type_details>));
  router.add(
      Method::get, base + "/attributes/{name}",
      bind(read, discover<answer_attribute, Operation::retrieve_attr_type_info, Operation::retrieve_attr_type_info>));
}

}  // namespace cityloop::broker
