#include "broker/entity_routes.h"

#include <algorithm>

#include "broker/entity_query.h"
#include "broker/form.h"
#include "broker/linked.h"
#include "broker/purge.h"
#include "broker/write_answers.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using flow::EntityId;
using flow::EntityPtr;
using flow::Write;
using flow::WriteMode;
using net::Reply;
using net::Response;
using trust::Permission;

// The id of the path; Errc::invalid when it is none.
base::Result<std::string_view> id_of(const Exchange& exchange) {
  const std::string_view id = exchange.part("id");
  if (!twin::is_uri(id)) return fail(Errc::invalid, "'{}' is no URI (like urn:ngsi-ld:Device:1)", id);
  return id;
}

base::Error no_entity(std::string_view id) {
  return {Errc::not_found, fmt::format("there is no entity '{}'", id)};
}

Response done(const twin::CommitResult&) {
  return empty(204);
}

void create(const EntityRoutes& on, const Exchange& exchange, Reply reply) {
  auto write = twin::parse_entity(exchange.request->body, WriteMode::create, reading_of(exchange));
  if (!write) return reply(problem(write.error()));
  std::string location = fmt::format("/ngsi-ld/v1/entities/{}", write->entity.text());
  const auto success = [location = std::move(location)](const twin::CommitResult&) {
    Response response = empty(201);
    response.headers.emplace_back("Location", location);
    return response;
  };
  carry_out(on.federation, exchange, Operation::create_entity, std::move(*write), success, std::move(reply));
}

void give(const Federation& federation, const Exchange& exchange, const Form& form, std::string_view id,
          const EntityPtr& entity, Headers headers, Reply reply) {
  const auto has = [&](flow::Name name) {
    return std::ranges::find(entity->attributes, name, &flow::Attribute::name) != entity->attributes.end();
  };
  if (!entity || (!form.rendering.attributes.empty() && std::ranges::none_of(form.rendering.attributes, has))) {
    return reply(problem(entity ? base::Error{Errc::not_found, fmt::format("'{}' has none of these attributes", id)}
                                : no_entity(id)));
  }
  const auto answer = [](const Exchange& on, const Form& how, const EntityPtr& one, Headers beside,
                         const LinkedEntities& linked) {
    Response response = on.answer(200, written(on, how, one, linked));
    for (auto& header : beside) response.headers.push_back(std::move(header));
    return response;
  };
  if (!asks_for_linked(federation, exchange, form)) {
    return reply(answer(exchange, form, entity, std::move(headers), {}));
  }
  auto shared = std::make_shared<Reply>(std::move(reply));
  const Exchange kept = exchange.kept();
  gather_linked(federation, kept, form, {entity},
                [kept, form, entity, answer, headers = std::move(headers), shared](const LinkedEntities& linked,
                                                                                   const Headers& more) {
                  Headers beside = headers;
                  beside.insert(beside.end(), more.begin(), more.end());
                  (*shared)(answer(kept, form, entity, std::move(beside), linked));
                });
}

void retrieve(const EntityRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = id_of(exchange);
  if (!id) return reply(problem(id.error()));
  auto form = form_of(exchange);
  if (!form) return reply(problem(form.error()));
  const EntityId known = EntityId::lookup(*id);
  if (const auto selected = check_selected(exchange, known); !selected) return reply(problem(selected.error()));
  EntityPtr entity = known.empty() ? nullptr : exchange.tenant.twin.get(known);
  if (entity && flow::has_own_type(entity->types)) entity = nullptr;
  if (!on.federation.concerns(exchange)) return give(on.federation, exchange, *form, *id, entity, {}, std::move(reply));
  if (auto loop = on.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const Exchange kept = exchange.kept();
  on.federation.retrieve(
      kept, std::string(*id), entity,
      [&federation = on.federation, kept, form = std::move(*form), urn = std::string(*id), shared](Retrieved got) {
        give(federation, kept, form, urn, got.entity, std::move(got.headers), std::move(*shared));
      });
}

void query(const EntityRoutes& on, const Exchange& exchange, Reply reply) {
  query_entities(on.federation, exchange, std::move(reply));
}

void replace(const EntityRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = id_of(exchange);
  if (!id) return reply(problem(id.error()));
  auto write = twin::parse_fragment(exchange.request->body, WriteMode::put, reading_of(exchange));
  if (!write) return reply(problem(write.error()));
  write->entity = EntityId(*id);
  carry_out(on.federation, exchange, Operation::replace_entity, std::move(*write), done, std::move(reply));
}

void merge(const EntityRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = id_of(exchange);
  if (!id) return reply(problem(id.error()));
  twin::Reading reading = reading_of(exchange);
  reading.nulls = reading.partial = true;
  auto write = twin::parse_fragment(exchange.request->body, WriteMode::merge, reading);
  if (!write) return reply(problem(write.error()));
  const auto wish = merge_wish(exchange);
  if (!wish) return reply(problem(wish.error()));
  wish->give_to(*write);
  write->entity = EntityId(*id);
  carry_out(on.federation, exchange, Operation::merge_entity, std::move(*write), done, std::move(reply));
}

void erase(const EntityRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = id_of(exchange);
  if (!id) return reply(problem(id.error()));
  Write write;
  write.mode = WriteMode::erase;
  write.entity = EntityId::lookup(*id);
  if (write.entity.empty()) {
    if (!on.federation.concerns(exchange)) return reply(problem(no_entity(*id)));
    write.entity = EntityId(*id);
  }
  carry_out(on.federation, exchange, Operation::delete_entity, std::move(write), done, std::move(reply));
}

// DELETE /entities?…: what matches goes, or loses the attributes named by `drop`, or all but those named by `keep`.
void purge(const EntityRoutes& on, const Exchange& exchange, Reply reply) {
  const twin::Argument argument = [&](std::string_view name) { return exchange.argument(name); };
  auto filter = twin::parse_filter(argument, exchange.context.get());
  if (!filter) return reply(problem(filter.error()));
  if (const auto ok = check_selective(*filter, argument); !ok) return reply(problem(ok.error()));
  const auto local = [&exchange, &filter](Reply answer) { purge_matching(exchange, *filter, std::move(answer)); };
  if (!on.federation.concerns(exchange)) return local(std::move(reply));
  if (auto loop = on.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  on.federation.purge(
      exchange,
      [kept = exchange.kept(), filter = *filter](Reply answer) { purge_matching(kept, filter, std::move(answer)); },
      std::move(reply));
}

}  // namespace

void EntityRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string entities = "/ngsi-ld/v1/entities", entity = entities + "/{id}";
  const auto bind = binder(desk, *this);
  const Expect read{.permission = Permission::read_city, .geo_json = true, .parameters = read_parameters()};
  Expect ask = read;
  ask.parameters = query_parameters();
  const Expect write{.permission = Permission::write_entities, .parameters = write_parameters()};
  Expect clear = write;
  clear.parameters = purge_parameters();
  Expect body = write;
  body.body = true;
  Expect makes = body;
  makes.creates_tenant = true;
  router.add(Method::get, entities, bind(ask, query));
  router.add(Method::post, entities, bind(makes, create));
  router.add(Method::del, entities, bind(clear, purge));
  router.add(Method::get, entity, bind(read, retrieve));
  router.add(Method::put, entity, bind(body, replace));
  router.add(Method::patch, entity, bind(body, merge));
  router.add(Method::del, entity, bind(write, erase));
}

}  // namespace cityloop::broker
