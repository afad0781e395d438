#include <algorithm>
#include <array>

#include "broker/entity_routes.h"
#include "broker/form.h"
#include "broker/write_answers.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using flow::EntityId;
using flow::Name;
using flow::Write;
using flow::WriteMode;
using net::Reply;
using net::Response;
using trust::Permission;

void carry_out(const AttributeRoutes& on, const Exchange& exchange, Operation operation, Write write, Success success,
               Reply reply) {
  const std::string_view id = exchange.part("id");
  if (!twin::is_uri(id)) return reply(problem({Errc::invalid, fmt::format("'{}' is no URI", id)}));
  write.entity = EntityId(id);
  broker::carry_out(on.federation, exchange, operation, std::move(write), std::move(success), std::move(reply));
}

Response done(const twin::CommitResult&) {
  return empty(204);
}

// 204, or which attributes were left as they were and why.
Success told_by_attribute(const Exchange& exchange, const Write& write, std::string_view reason) {
  std::vector<Name> names;
  for (const flow::Attribute& attribute : write.attributes) names.push_back(attribute.name);
  return [names = std::move(names), reason, context = exchange.context](const twin::CommitResult& result) {
    if (result.skipped.empty()) return empty(204);
    std::vector<std::string> updated;
    std::vector<std::pair<std::string, std::string>> left;
    std::string scratch;
    for (const Name name : names) {
      const bool skipped = std::ranges::find(result.skipped, std::pair(std::size_t{0}, name)) != result.skipped.end();
      std::string shown(context->compact(name, scratch));
      if (skipped) left.emplace_back(std::move(shown), reason);
      else updated.push_back(std::move(shown));
    }
    return update_result(updated, left);
  };
}

// The attribute in the path. What an entity has beside its attributes is none: only its scope can be deleted like one.
base::Result<Name> name_of(const Exchange& exchange, bool or_scope = false) {
  const std::string_view term = exchange.part("name");
  constexpr std::array<std::string_view, 7> kOthers{"id",         "type",      "@context", "createdAt",
                                                    "modifiedAt", "deletedAt", "expiresAt"};
  if (!twin::is_attribute_name(term) || std::ranges::find(kOthers, term) != kOthers.end() ||
      (term == "scope" && !or_scope)) {
    return fail(Errc::invalid, "'{}' is no name of an attribute", term);
  }
  return exchange.context->expand(term);
}

// The instance that `datasetId` names; the default one where it is "@none".
base::Result<Name> dataset_of(const Exchange& exchange) {
  const std::string_view id = exchange.argument("datasetId").value_or("@none");
  if (id == "@none") return Name{};
  if (!twin::is_uri(id)) return fail(Errc::invalid, "datasetId: '{}' is no URI", id);
  return Name(id);
}

// A fragment must say something.
base::Result<Write> fragment_of(const Exchange& exchange, WriteMode mode, bool nulls) {
  twin::Reading reading = reading_of(exchange);
  reading.nulls = nulls;
  Write write = TRY(twin::parse_fragment(exchange.request->body, mode, reading));
  if (write.attributes.empty() && write.types.empty() && write.scopes.empty() && write.expires_at == flow::kNever) {
    return fail(Errc::invalid, "the fragment names no attribute");
  }
  return write;
}

void append(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  const bool keep = exchange.option("noOverwrite");
  auto write = fragment_of(exchange, keep ? WriteMode::append : WriteMode::update, false);
  if (!write) return reply(problem(write.error()));
  auto success = told_by_attribute(exchange, *write, "it is there already");
  carry_out(on, exchange, Operation::append_attrs, std::move(*write), std::move(success), std::move(reply));
}

void update(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  auto write = fragment_of(exchange, WriteMode::patch, true);
  if (!write) return reply(problem(write.error()));
  auto success = told_by_attribute(exchange, *write, "the entity has no such attribute");
  carry_out(on, exchange, Operation::update_entity, std::move(*write), std::move(success), std::move(reply));
}

void change_one(const AttributeRoutes& on, const Exchange& exchange, Operation operation, WriteMode mode, Reply reply) {
  twin::Reading reading = reading_of(exchange);
  reading.nulls = reading.partial = mode == WriteMode::patch_attribute;
  const auto name = name_of(exchange);
  if (!name) return reply(problem(name.error()));
  const auto dataset = dataset_of(exchange);
  if (!dataset) return reply(problem(dataset.error()));
  auto attributes = twin::parse_attribute(*name, exchange.request->body, reading);
  if (!attributes) return reply(problem(attributes.error()));
  if (attributes->size() == 1 && attributes->front().dataset_id.empty()) attributes->front().dataset_id = *dataset;
  Write write;
  write.mode = mode;
  write.attributes = std::move(*attributes);
  write.simplified = reading.simplified;
  carry_out(on, exchange, operation, std::move(write), done, std::move(reply));
}

void patch_one(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  change_one(on, exchange, Operation::update_attrs, WriteMode::patch_attribute, std::move(reply));
}

void replace_one(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  change_one(on, exchange, Operation::replace_attrs, WriteMode::put_attribute, std::move(reply));
}

void erase_one(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  const auto name = name_of(exchange, true);
  if (!name) return reply(problem(name.error()));
  const auto dataset = dataset_of(exchange);
  if (!dataset) return reply(problem(dataset.error()));
  flow::Attribute attribute = flow::property(*name, std::monostate{});
  attribute.dataset_id = *dataset;
  Write write;
  write.mode = WriteMode::erase_attributes;
  write.every_dataset = exchange.is_true("deleteAll");
  write.attributes.push_back(std::move(attribute));
  carry_out(on, exchange, Operation::delete_attrs, std::move(write), done, std::move(reply));
}

}  // namespace

void AttributeRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string attributes = "/ngsi-ld/v1/entities/{id}/attrs", attribute = attributes + "/{name}";
  const auto bind = binder(desk, *this);
  const Expect plain{.permission = Permission::write_entities, .parameters = write_parameters()};
  Expect body = plain;
  body.body = true;
  router.add(Method::post, attributes, bind(body, append));
  router.add(Method::patch, attributes, bind(body, update));
  router.add(Method::patch, attribute, bind(body, patch_one));
  router.add(Method::put, attribute, bind(body, replace_one));
  router.add(Method::del, attribute, bind(plain, erase_one));
}

}  // namespace cityloop::broker
