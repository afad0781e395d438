#include "broker/discovery_routes.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json_writer.h"
#include "broker/form.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::JsonWriter;
using flow::Name;
using net::Reply;
using trust::Permission;

constexpr std::string_view kKinds[] = {"Property",      "GeoProperty",  "Relationship", "LanguageProperty",
                                       "VocabProperty", "JsonProperty", "ListProperty", "ListRelationship"};

struct AttributeUse {
  std::size_t count{0};              // entities that have it
  std::set<std::string_view> kinds;  // "Property", …
  std::set<Name> types;              // of those entities
};
struct TypeUse {
  std::size_t count{0};
  std::map<Name, AttributeUse> attributes;
};

// What is in use now: of one type, or of all.
struct Catalogue {
  std::map<Name, TypeUse> types;
  std::map<Name, AttributeUse> attributes;
};

void count(Catalogue& catalogue, const flow::Entity& entity) {
  std::vector<Name> seen;
  for (const Name type : entity.types) ++catalogue.types[type].count;
  for (const flow::Attribute& attribute : entity.attributes) {
    const bool first = std::ranges::find(seen, attribute.name) == seen.end();
    if (first) seen.push_back(attribute.name);
    const auto use = [&](AttributeUse& at) {
      at.count += first;
      at.kinds.insert(kKinds[std::size_t(attribute.kind)]);
    };
    AttributeUse& everywhere = catalogue.attributes[attribute.name];
    use(everywhere);
    for (const Name type : entity.types) {
      everywhere.types.insert(type);
      use(catalogue.types[type].attributes[attribute.name]);
    }
  }
}

Catalogue catalogue_of(const Tenant& tenant, Name type = {}) {
  Catalogue out;
  tenant.twin.each(type, [&](const flow::EntityPtr& entity) {
    if (!flow::has_own_type(entity->types)) count(out, *entity);
    return true;
  });
  return out;
}

// Canonical names as this caller writes them, sorted by that.
template <class Names>
std::vector<std::pair<std::string, Name>> shown(const Exchange& exchange, const Names& names) {
  std::vector<std::pair<std::string, Name>> out;
  std::string scratch;
  for (const auto& item : names) {
    Name name;
    if constexpr (requires { item.first; }) name = item.first;
    else name = item;
    out.emplace_back(exchange.context->compact(name, scratch), name);
  }
  std::ranges::sort(out, {}, &std::pair<std::string, Name>::first);
  return out;
}

template <class Names>
void write_names(JsonWriter& out, std::string_view key, const Exchange& exchange, const Names& names) {
  out.key(key).array();
  for (const auto& [text, name] : shown(exchange, names)) out.text(text);
  out.end();
}

void write_kinds(JsonWriter& out, const AttributeUse& use) {
  out.key("attributeTypes").array();
  for (const std::string_view kind : use.kinds) out.text(kind);
  out.end();
}

std::string list_id(std::string_view type, std::size_t salt) {
  return fmt::format("urn:ngsi-ld:{}:{:08x}", type, salt & 0xffffffff);
}

void answer_types(const Exchange& exchange, Reply reply) {
  JsonWriter out;
  if (!exchange.is_true("details")) {
    std::vector<Name> types;
    for (const auto& [type, count] : exchange.tenant.twin.type_counts()) {
      if (!flow::is_own_type(type)) types.push_back(type);
    }
    out.object().field("id", list_id("EntityTypeList", exchange.tenant.twin.head())).field("type", "EntityTypeList");
    write_names(out, "typeList", exchange, types);
    out.end();
    return reply(exchange.answer(200, out.take()));
  }
  const Catalogue catalogue = catalogue_of(exchange.tenant);
  out.array();
  for (const auto& [text, type] : shown(exchange, catalogue.types)) {
    out.object().field("id", twin::Context::iri_of(type.text())).field("type", "EntityType").field("typeName", text);
    write_names(out, "attributeNames", exchange, catalogue.types.at(type).attributes);
    out.end();
  }
  out.end();
  reply(exchange.answer(200, out.take()));
}

void answer_type(const Exchange& exchange, Reply reply) {
  const std::string_view asked = exchange.part("type");
  const Name type = exchange.context->lookup(asked);
  const Catalogue catalogue = type.empty() ? Catalogue{} : catalogue_of(exchange.tenant, type);
  const auto found = catalogue.types.find(type);
  if (found == catalogue.types.end()) {
    return reply(problem({base::Errc::not_found, fmt::format("no entity has the type '{}'", asked)}));
  }
  std::string scratch;
  JsonWriter out;
  out.object().field("id", twin::Context::iri_of(type.text())).field("type", "EntityTypeInfo");
  out.field("typeName", exchange.context->compact(type, scratch)).field("entityCount", found->second.count);
  out.key("attributeDetails").array();
  for (const auto& [text, name] : shown(exchange, found->second.attributes)) {
    out.object()
        .field("id", twin::Context::iri_of(name.text()))
        .field("type", "Attribute")
        .field("attributeName", text);
    write_kinds(out, found->second.attributes.at(name));
    out.end();
  }
  out.end().end();
  reply(exchange.answer(200, out.take()));
}

void answer_attributes(const Exchange& exchange, Reply reply) {
  const Catalogue catalogue = catalogue_of(exchange.tenant);
  JsonWriter out;
  if (!exchange.is_true("details")) {
    out.object().field("id", list_id("AttributeList", exchange.tenant.twin.head())).field("type", "AttributeList");
    write_names(out, "attributeList", exchange, catalogue.attributes);
    out.end();
    return reply(exchange.answer(200, out.take()));
  }
  out.array();
  for (const auto& [text, name] : shown(exchange, catalogue.attributes)) {
    out.object()
        .field("id", twin::Context::iri_of(name.text()))
        .field("type", "Attribute")
        .field("attributeName", text);
    write_names(out, "typeNames", exchange, catalogue.attributes.at(name).types);
    out.end();
  }
  out.end();
  reply(exchange.answer(200, out.take()));
}

void answer_attribute(const Exchange& exchange, Reply reply) {
  const std::string_view asked = exchange.part("name");
  const Name name = exchange.context->lookup(asked);
  const Catalogue catalogue = name.empty() ? Catalogue{} : catalogue_of(exchange.tenant);
  const auto found = catalogue.attributes.find(name);
  if (found == catalogue.attributes.end()) {
    return reply(problem({base::Errc::not_found, fmt::format("no entity has the attribute '{}'", asked)}));
  }
  std::string scratch;
  JsonWriter out;
  out.object().field("id", twin::Context::iri_of(name.text())).field("type", "Attribute");
  out.field("attributeName", exchange.context->compact(name, scratch)).field("attributeCount", found->second.count);
  write_kinds(out, found->second);
  write_names(out, "typeNames", exchange, found->second.types);
  out.end();
  reply(exchange.answer(200, out.take()));
}

using Answer = void (*)(const Exchange&, Reply);

// One kind of question, here alone or together with what sources know.
template <Answer answer, Operation plain, Operation detailed>
void discover(const DiscoveryRoutes& on, const Exchange& exchange, Reply reply) {
  if (!on.federation.concerns(exchange)) return answer(exchange, std::move(reply));
  if (auto loop = on.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  const Exchange kept = exchange.kept();
  on.federation.discover(
      kept, exchange.is_true("details") ? detailed : plain, [kept](Reply mine) { answer(kept, std::move(mine)); },
      std::move(reply));
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
