#include <algorithm>

#include "broker/form.h"
#include "broker/temporal/find.h"
#include "broker/temporal/routes.h"
#include "broker/write_answers.h"
#include "flow/own_types.h"
#include "twin/history/temporal_write.h"
#include "twin/ngsi/merge.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Attribute;
using flow::EntityId;
using flow::Name;
using flow::WriteMode;
using net::Reply;
using net::Response;
using trust::Permission;
using twin::TemporalOperation;
using twin::TemporalWrite;
using twin::history::Head;
using twin::history::SeriesInfo;

twin::Reading temporal_reading(const Exchange& exchange) {
  twin::Reading out = reading_of(exchange);
  out.temporal = true;
  return out;
}

// What is named in the path, as far as it is: the attribute, where there is one.
base::Result<Name> named(const Exchange& exchange) {
  const std::string_view urn = exchange.part("id"), term = exchange.part("name"), instance = exchange.part("instance");
  if (!twin::is_uri(urn)) return fail(Errc::invalid, "'{}' is no URI (like urn:ngsi-ld:Device:1)", urn);
  if (term.empty()) return Name{};
  if (!twin::is_attribute_name(term)) return fail(Errc::invalid, "'{}' is no name of an attribute", term);
  if (!instance.empty() && !twin::is_uri(instance))
    return fail(Errc::invalid, "'{}' is no URI of an instance", instance);
  return exchange.context->expand(term);
}

// Does our part and that of sources in a write to what is named in the path.
template <class Here>
void at_path(const TemporalRoutes& on, const Exchange& exchange, Operation operation, Name attribute, const Here& here,
             Reply reply) {
  // What is known to nobody gets no number here by being asked for.
  if (!on.federation.concerns(exchange)) return here(std::move(reply));
  catch_up(exchange.tenant);
  flow::Write write;
  write.entity = EntityId(exchange.part("id"));
  if (!attribute.empty()) write.attributes.push_back(flow::property(attribute, {}));
  const auto local = [&](const flow::Write&, Reply mine) { here(std::move(mine)); };
  distribute(on.federation, exchange, operation, std::move(write), local, std::move(reply));
}

// What history knows of the entity in the path, or why there is none.
base::Result<Head> known(const Exchange& exchange) {
  const std::string_view urn = exchange.part("id");
  catch_up(exchange.tenant);
  auto head = TRY(exchange.tenant.history.head(urn));
  if (!head || flow::has_own_type(head->frame.types)) return fail(Errc::not_found, "history knows no entity '{}'", urn);
  return std::move(*head);
}

// Answers once it is on disk and History has it.
void commit(const Exchange& exchange, const TemporalWrite& wish, Reply reply, Response success) {
  flow::Write probe;
  probe.entity = wish.entity;
  probe.types = wish.types;
  if (const auto allowed = check_write(exchange.tenant, probe); !allowed) return reply(problem(allowed.error()));
  twin::Commit commit;
  commit.origin = Name(exchange.principal.id);
  commit.writes = twin::to_writes(wish);
  commit.atomicity = twin::Atomicity::all;
  auto shared = std::make_shared<Reply>(std::move(reply));
  auto answer = std::make_shared<Response>(std::move(success));
  twin::History& history = exchange.tenant.history;
  exchange.tenant.twin.submit(std::move(commit), [&history, shared, answer](const twin::CommitResult& result) {
    if (!result.status) return (*shared)(disk_problem(result.status.error()));
    history.when_seen(result.seq, [shared, answer] { (*shared)(std::move(*answer)); });
  });
}

std::vector<Name> with(std::vector<Name> names, const std::vector<Name>& more) {
  for (const Name name : more) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

TemporalWrite addition(flow::Write write, const Head* head) {
  TemporalWrite out;
  out.entity = write.entity;
  out.types = head ? with(head->frame.types, write.types) : write.types.list();
  out.scopes = !write.scopes.empty() || !head ? write.scopes : head->frame.scopes;
  out.instances = std::move(write.attributes);
  return out;
}

void create_here(const Exchange& exchange, flow::Write write, Reply reply) {
  const std::string urn(write.entity.text());
  catch_up(exchange.tenant);
  const auto head = exchange.tenant.history.head(urn);
  if (!head) return reply(problem(head.error()));
  Response success = empty(*head ? 204 : 201);
  if (!*head) success.headers.emplace_back("Location", fmt::format("/ngsi-ld/v1/temporal/entities/{}", urn));
  commit(exchange, addition(std::move(write), *head ? &**head : nullptr), std::move(reply), std::move(success));
}

void create(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  auto write = twin::parse_entity(exchange.request->body, WriteMode::create, temporal_reading(exchange));
  if (!write) return reply(problem(write.error()));
  const auto here = [&](flow::Write mine, Reply answer) { create_here(exchange, std::move(mine), std::move(answer)); };
  distribute(on.federation, exchange, Operation::upsert_temporal, std::move(*write), here, std::move(reply));
}

void append_here(const Exchange& exchange, flow::Write write, Reply reply) {
  const auto head = known(exchange);
  if (!head) return reply(problem(head.error()));
  write.entity = EntityId(exchange.part("id"));
  commit(exchange, addition(std::move(write), &*head), std::move(reply), empty(204));
}

void append(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  if (const auto good = named(exchange); !good) return reply(problem(good.error()));
  auto write = twin::parse_fragment(exchange.request->body, WriteMode::update, temporal_reading(exchange));
  if (!write) return reply(problem(write.error()));
  if (write->attributes.empty()) return reply(problem({Errc::invalid, "the body has no attribute"}));
  if (on.federation.concerns(exchange)) {
    catch_up(exchange.tenant);
    write->entity = EntityId(exchange.part("id"));
  }
  const auto here = [&](flow::Write mine, Reply answer) { append_here(exchange, std::move(mine), std::move(answer)); };
  distribute(on.federation, exchange, Operation::append_attrs_temporal, std::move(*write), here, std::move(reply));
}

void erase_entity_here(const Exchange& exchange, Reply reply) {
  const auto head = known(exchange);
  if (!head) return reply(problem(head.error()));
  TemporalWrite wish;
  wish.operation = TemporalOperation::erase_entity;
  wish.entity = EntityId(exchange.part("id"));
  wish.types = head->frame.types;
  commit(exchange, wish, std::move(reply), empty(204));
}

void erase_entity(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  if (const auto good = named(exchange); !good) return reply(problem(good.error()));
  const auto here = [&](Reply mine) { erase_entity_here(exchange, std::move(mine)); };
  at_path(on, exchange, Operation::delete_temporal, {}, here, std::move(reply));
}

void erase_attribute_here(const Exchange& exchange, Name name, Reply reply) {
  const auto dataset = exchange.argument("datasetId");
  const auto head = known(exchange);
  if (!head) return reply(problem(head.error()));
  TemporalWrite wish;
  wish.operation = TemporalOperation::erase_attribute;
  wish.entity = EntityId(exchange.part("id"));
  wish.attribute = name;
  wish.dataset = dataset ? Name(*dataset) : Name{};
  wish.every_dataset = exchange.is_true("deleteAll");
  const bool there = std::ranges::any_of(head->series, [&](const SeriesInfo& series) {
    return series.attribute == name && (wish.every_dataset || series.dataset == wish.dataset);
  });
  if (!there) {
    return reply(problem({Errc::not_found, fmt::format("'{}' has no attribute '{}'{}", exchange.part("id"),
                                                       exchange.part("name"), dataset ? " with that datasetId" : "")}));
  }
  commit(exchange, wish, std::move(reply), empty(204));
}

void erase_attribute(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  const auto name = named(exchange);
  if (!name) return reply(problem(name.error()));
  const auto dataset = exchange.argument("datasetId");
  if (dataset && !twin::is_uri(*dataset)) return reply(problem({Errc::invalid, "datasetId: expected a URI"}));
  const auto here = [&](Reply mine) { erase_attribute_here(exchange, *name, std::move(mine)); };
  at_path(on, exchange, Operation::delete_attrs_temporal, *name, here, std::move(reply));
}

base::Result<twin::Instance> instance_of(const Exchange& exchange, Name name) {
  const std::string_view id = exchange.part("instance");
  TRY(known(exchange));
  auto found = TRY(exchange.tenant.history.instance(exchange.part("id"), name, id));
  if (!found) return fail(Errc::not_found, "attribute '{}' has no instance '{}'", exchange.part("name"), id);
  return std::move(*found);
}

TemporalWrite on_instance(const Exchange& exchange, TemporalOperation operation, Name name) {
  TemporalWrite wish;
  wish.operation = operation;
  wish.entity = EntityId(exchange.part("id"));
  wish.attribute = name;
  wish.instance_id = exchange.part("instance");
  return wish;
}

void erase_instance(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  const auto name = named(exchange);
  if (!name) return reply(problem(name.error()));
  const auto here = [&](Reply mine) {
    const auto found = instance_of(exchange, *name);
    if (!found) return mine(problem(found.error()));
    commit(exchange, on_instance(exchange, TemporalOperation::erase_instance, *name), std::move(mine), empty(204));
  };
  at_path(on, exchange, Operation::delete_attr_instance_temporal, *name, here, std::move(reply));
}

// The attribute of the body: alone, or as the one member of a fragment (clause 6.22.3.1), with one instance.
base::Result<Attribute> given_instance(const Exchange& exchange, Name name) {
  const JsonValue body = TRY(JsonValue::parse(exchange.request->body));
  if (!body.object()) return fail(Errc::invalid, "the body must be a JSON object");
  std::string alone;
  for (const auto& [key, value] : *body.object()) {
    const bool member = key == "value" || key == "object" || key == "languageMap" || key == "vocab" || key == "json" ||
                        key == "valueList" || key == "objectList" || key == "type" || key == "@context";
    if (!member && exchange.context->expand_text(key) == name.text()) alone = value.dump();
  }
  if (alone.empty()) {
    JsonValue::Object members;
    for (const auto& member : *body.object()) {
      if (member.key != "@context") members.push_back(member);
    }
    alone = JsonValue{std::move(members)}.dump();
  }
  twin::Reading reading = temporal_reading(exchange);
  reading.partial = true;
  auto instances = TRY(twin::parse_attribute(name, alone, reading));
  if (instances.size() != 1) return fail(Errc::invalid, "one instance is changed at a time");
  return std::move(instances.front());
}

void change_instance_here(const Exchange& exchange, Name name, const Attribute& given, Reply reply) {
  const auto found = instance_of(exchange, name);
  if (!found) return reply(problem(found.error()));
  if (found->deleted_at != flow::kNever) {
    return reply(problem({Errc::invalid, "a deletion is not changed, only deleted"}));
  }
  Attribute next = found->attribute;
  if (const auto merged = twin::merge_into(next, given, {}); !merged) return reply(problem(merged.error()));
  if (given.value.index() != 0) next.value = given.value;  // whole, as every instance has its own
  TemporalWrite wish = on_instance(exchange, TemporalOperation::replace_instance, name);
  wish.instances = {std::move(next)};
  commit(exchange, wish, std::move(reply), empty(204));
}

void change_instance(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  const auto name = named(exchange);
  if (!name) return reply(problem(name.error()));
  const auto given = given_instance(exchange, *name);
  if (!given) return reply(problem(given.error()));
  const auto here = [&](Reply mine) { change_instance_here(exchange, *name, *given, std::move(mine)); };
  at_path(on, exchange, Operation::update_attr_instance_temporal, *name, here, std::move(reply));
}

}  // namespace

void add_temporal_writes(const TemporalRoutes& on, net::Router& router) {
  using net::Method;
  const std::string entities = "/ngsi-ld/v1/temporal/entities", one = entities + "/{id}", attrs = one + "/attrs";
  const auto bind = binder(on.desk, on);
  const Permission write = Permission::write_entities;
  const std::vector<std::string_view> local{"local", "type"};
  router.add(Method::post, entities,
             bind({.permission = write, .body = true, .creates_tenant = true, .parameters = local}, create));
  router.add(Method::del, one, bind({.permission = write, .parameters = local}, erase_entity));
  router.add(Method::post, attrs,
             bind({.permission = write, .body = true, .parameters = {"local", "type", "options"}}, append));
  router.add(Method::del, attrs + "/{name}",
             bind({.permission = write, .parameters = {"local", "type", "datasetId", "deleteAll"}}, erase_attribute));
  router.add(Method::patch, attrs + "/{name}/{instance}",
             bind({.permission = write, .body = true, .parameters = local}, change_instance));
  router.add(Method::del, attrs + "/{name}/{instance}",
             bind({.permission = write, .parameters = local}, erase_instance));
}

}  // namespace cityloop::broker
