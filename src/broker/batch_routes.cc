#include "broker/batch_routes.h"

#include "base/json_value.h"
#include "broker/entity_query.h"
#include "broker/form.h"
#include "broker/purge.h"
#include "broker/write_answers.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using flow::Write;
using flow::WriteMode;
using net::Reply;
using net::Response;
using trust::Permission;

using Told = decltype(BatchRoutes::told);

// What became of the entities of a batch that are this broker's to write.
struct Batch {
  Tenant& tenant;
  std::string by;
  BatchKind kind;
  Told told;
  BatchOutcome refused;  // at reading

  void commit(std::vector<Write> writes, Reply reply) const;
};

void tell(const Told& told, const BatchOutcome& outcome) {
  if (!told) return;
  std::vector<base::Error> rejected;
  for (const auto& [id, error] : outcome.errors) rejected.push_back(error);
  told(outcome.created.size() + outcome.updated.size(), rejected);
}

void Batch::commit(std::vector<Write> writes, Reply reply) const {
  twin::Commit commit;
  commit.origin = flow::Name(by);
  auto outcome = std::make_shared<BatchOutcome>(refused);
  std::vector<flow::EntityId> ids;
  ids.reserve(writes.size());
  commit.writes.reserve(writes.size());
  for (Write& write : writes) {
    if (const auto allowed = check_write(tenant, write); !allowed) {
      outcome->errors.emplace_back(write.entity.text(), allowed.error());
      continue;
    }
    ids.push_back(write.entity);
    commit.writes.push_back(std::move(write));
  }
  auto shared = std::make_shared<Reply>(std::move(reply));
  tenant.twin.submit(std::move(commit), [shared, outcome, kind = kind, told = told,
                                         ids = std::move(ids)](const twin::CommitResult& result) {
    if (!result.status) return (*shared)(disk_problem(result.status.error()));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!result.writes[i]) outcome->errors.emplace_back(ids[i].text(), result.writes[i].error());
      else (result.created[i] ? outcome->created : outcome->updated).emplace_back(ids[i].text());
    }
    tell(told, *outcome);
    (*shared)(batch_response(*outcome, kind));
  });
}

void run(const BatchRoutes& on, const Exchange& exchange, Operation operation, BatchKind kind,
         std::vector<Write> writes, BatchOutcome refused, Reply reply) {
  auto batch = std::make_shared<const Batch>(exchange.tenant, exchange.principal.id, kind, on.told, std::move(refused));
  if (!on.federation.concerns(exchange)) return batch->commit(std::move(writes), std::move(reply));
  if (auto loop = on.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  const auto local = [batch](std::vector<Write> mine, Reply answer) {
    batch->commit(std::move(mine), std::move(answer));
  };
  on.federation.batch(exchange, operation, std::move(writes), local, std::move(reply));
}

struct BatchWish {
  Operation operation;
  BatchKind kind;
  WriteMode mode;
  bool nulls{false}, partial{false};
  MergeWish merge{};
};

void take_entities(const BatchRoutes& on, const Exchange& exchange, const BatchWish& wish, Reply reply) {
  twin::Reading reading = reading_of(exchange);
  reading.nulls = wish.nulls;
  reading.partial = wish.partial;
  reading.own_context = media_type(exchange.request->header("content-type")) == to_string(Media::json_ld);
  const auto context_of = [&](std::string_view json) -> base::Result<twin::ContextPtr> {
    if (json == exchange.context_json) return exchange.context;
    auto fetched = exchange.contexts.resolved(json);  // by the desk, or it is known why not
    if (!fetched) return fail(Errc::unavailable, "the @context {} is not at hand", json);
    return std::move(*fetched);
  };
  auto parsed = twin::parse_entities(exchange.request->body, wish.mode, reading, context_of);
  if (!parsed) return reply(problem(parsed.error()));
  if (parsed->empty()) return reply(problem({Errc::invalid, "the batch is empty"}));
  std::vector<Write> writes;
  writes.reserve(parsed->size());
  BatchOutcome refused;
  for (twin::ParsedEntity& entity : *parsed) {
    if (entity.write) wish.merge.give_to(writes.emplace_back(std::move(*entity.write)));
    else refused.errors.emplace_back(entity.id, entity.write.error());
  }
  run(on, exchange, wish.operation, wish.kind, std::move(writes), std::move(refused), std::move(reply));
}

void create(const BatchRoutes& on, const Exchange& exchange, Reply reply) {
  take_entities(on, exchange, {Operation::create_batch, BatchKind::create, WriteMode::create}, std::move(reply));
}

void upsert(const BatchRoutes& on, const Exchange& exchange, Reply reply) {
  const WriteMode mode = exchange.option("update") ? WriteMode::upsert : WriteMode::replace;
  take_entities(on, exchange, {Operation::upsert_batch, BatchKind::upsert, mode}, std::move(reply));
}

void update(const BatchRoutes& on, const Exchange& exchange, Reply reply) {
  const WriteMode mode = exchange.option("noOverwrite") ? WriteMode::append : WriteMode::update;
  take_entities(on, exchange, {Operation::update_batch, BatchKind::other, mode, true}, std::move(reply));
}

void merge(const BatchRoutes& on, const Exchange& exchange, Reply reply) {
  const auto wish = merge_wish(exchange);
  if (!wish) return reply(problem(wish.error()));
  take_entities(on, exchange, {Operation::merge_batch, BatchKind::other, WriteMode::merge, true, true, *wish},
                std::move(reply));
}

void erase(const BatchRoutes& on, const Exchange& exchange, Reply reply) {
  const auto body = base::JsonValue::parse(exchange.request->body);
  if (!body) return reply(problem(body.error()));
  if (!body->array() || body->array()->empty()) {
    return reply(problem({Errc::invalid, "a batch delete takes a list of ids, with something in it"}));
  }
  std::vector<Write> writes;
  BatchOutcome refused;
  for (const base::JsonValue& item : *body->array()) {
    const std::string* const id = item.text();
    if (!id || !twin::is_uri(*id)) {
      refused.errors.emplace_back(id ? *id : item.dump(), base::Error{Errc::invalid, "the id is no URI"});
      continue;
    }
    Write write;
    write.mode = WriteMode::erase;
    write.entity = flow::EntityId::lookup(*id);
    if (write.entity.empty() && !on.federation.concerns(exchange)) {
      refused.errors.emplace_back(*id, base::Error{Errc::not_found, fmt::format("there is no entity '{}'", *id)});
      continue;
    }
    if (write.entity.empty()) write.entity = flow::EntityId(*id);
    writes.push_back(std::move(write));
  }
  run(on, exchange, Operation::delete_batch, BatchKind::other, std::move(writes), std::move(refused), std::move(reply));
}

void purge(const BatchRoutes&, const Exchange& exchange, Reply reply) {
  const auto query = BodyQuery::parse(exchange);
  if (!query) return reply(problem(query.error()));
  auto filter = filter_of(exchange, *query);
  if (!filter) return reply(problem(filter.error()));
  purge_matching(exchange, std::move(*filter), std::move(reply));
}

void query(const BatchRoutes& on, const Exchange& exchange, Reply reply) {
  query_by_body(on.federation, exchange, std::move(reply));
}

}  // namespace

void BatchRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string base = "/ngsi-ld/v1/entityOperations/";
  const auto bind = binder(desk, *this);
  const Expect body{.permission = Permission::write_entities, .body = true, .parameters = write_parameters()};
  Expect clear = body;
  clear.parameters = purge_parameters();
  Expect makes = body;
  makes.creates_tenant = true;
  router.add(Method::post, base + "create", bind(makes, create));
  router.add(Method::post, base + "upsert", bind(makes, upsert));
  router.add(Method::post, base + "update", bind(body, update));
  router.add(Method::post, base + "merge", bind(body, merge));
  router.add(Method::post, base + "delete", bind(body, erase));
  router.add(Method::post, base + "purge", bind(clear, purge));
  router.add(Method::post, base + "query",
             bind({.permission = Permission::read_city, .body = true, .geo_json = true}, query));
}

}  // namespace cityloop::broker
