#include <algorithm>

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
  const Name name = exchange.context->expand(exchange.part("name"));
  auto attributes = twin::parse_attribute(name, exchange.request->body, reading);
  if (!attributes) return reply(problem(attributes.error()));
  Write write;
  write.mode = mode;
  write.attributes = std::move(*attributes);
  carry_out(on, exchange, operation, std::move(write), done, std::move(reply));
}

void patch_one(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  change_one(on, exchange, Operation::update_attrs, WriteMode::patch_attribute, std::move(reply));
}

void replace_one(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  change_one(on, exchange, Operation::replace_attrs, WriteMode::put_attribute, std::move(reply));
}

void erase_one(const AttributeRoutes& on, const Exchange& exchange, Reply reply) {
  flow::Attribute attribute = flow::property(exchange.context->expand(exchange.part("name")), std::monostate{});
  if (const auto dataset = exchange.argument("datasetId")) {
    if (!twin::is_uri(*dataset)) return reply(problem({Errc::invalid, "datasetId: expected a URI"}));
    attribute.dataset_id = Name(*dataset);
  }
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
  const Expect plain{.permission = Permission::write_entities};
  const Expect body{.permission = Permission::write_entities, .body = true};
  router.add(Method::post, attributes, bind(body, append));
  router.add(Method::patch, attributes, bind(body, update));
  router.add(Method::patch, attribute, bind(body, patch_one));
  router.add(Method::put, attribute, bind(body, replace_one));
  router.add(Method::del, attribute, bind(plain, erase_one));
}

}  // namespace cityloop::broker
