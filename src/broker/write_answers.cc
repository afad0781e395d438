#include "broker/write_answers.h"

#include <algorithm>

#include "base/json_writer.h"
#include "flow/own_types.h"
#include "twin/query/query.h"

namespace cityloop::broker {

using base::Errc;
using net::Reply;
using net::Response;

namespace {

bool is_of(const flow::Entity& entity, const twin::EntityFilter& filter) {
  if (filter.every_type) return true;
  if (filter.selection) return filter.selection->has_type(entity.types);
  return std::ranges::any_of(filter.types, [&](flow::Name type) { return entity.is_a(type); });
}

// What an entity of a batch may lack for a while is its @context.
std::string_view batch_word(Errc code) {
  return code == Errc::unavailable || code == Errc::timeout ? "LdContextNotAvailable" : error_word(code);
}

}  // namespace

base::Status check_write(const Tenant& tenant, const flow::Write& write) {
  const flow::EntityPtr entity = tenant.twin.get(write.entity);
  if (flow::has_own_type(write.types) || (entity && flow::has_own_type(entity->types))) {
    return base::fail(Errc::refused, "'{}' belongs to the city's own loops: it is not written here",
                      write.entity.text());
  }
  if (write.expires_at != flow::kNever && write.expires_at <= tenant.twin.clock().now()) {
    return base::fail(Errc::invalid, "expiresAt: {} is over", base::format_time(write.expires_at));
  }
  return {};
}

base::Status check_selected(const Exchange& exchange, flow::EntityId id) {
  const auto types = exchange.argument("type");
  if (!types) return {};
  twin::EntityFilter filter;
  TRY(twin::parse_types(*types, exchange.context.get(), filter));
  const flow::EntityPtr entity = exchange.tenant.twin.get(id);
  if (!entity || is_of(*entity, filter)) return {};
  return base::fail(Errc::not_found, "there is no entity '{}' of type {}", id.text(), *types);
}

void commit_one(Tenant& tenant, std::string_view origin, flow::Write write, Reply reply,
                std::function<Response(const twin::CommitResult&)> success) {
  if (const auto allowed = check_write(tenant, write); !allowed) return reply(problem(allowed.error()));
  twin::Commit commit;
  commit.origin = flow::Name(origin);
  commit.writes.push_back(std::move(write));
  auto shared = std::make_shared<Reply>(std::move(reply));
  tenant.twin.submit(std::move(commit), [shared, success = std::move(success)](twin::CommitResult result) {
    if (!result.status) return (*shared)(disk_problem(result.status.error()));
    if (!result.writes.front()) return (*shared)(problem(result.writes.front().error()));
    (*shared)(success(result));
  });
}

void carry_out(const Federation& federation, const Exchange& exchange, Operation operation, flow::Write write,
               Success success, Reply reply) {
  if (const auto selected = check_selected(exchange, write.entity); !selected) {
    return reply(problem(selected.error()));
  }
  Tenant* const tenant = &exchange.tenant;
  const auto local = [tenant, by = exchange.principal.id, success = std::move(success)](flow::Write mine,
                                                                                        Reply answer) {
    commit_one(*tenant, by, std::move(mine), std::move(answer), success);
  };
  distribute(federation, exchange, operation, std::move(write), local, std::move(reply));
}

void distribute(const Federation& federation, const Exchange& exchange, Operation operation, flow::Write write,
                const Federation::LocalWrite& local, Reply reply) {
  if (!federation.concerns(exchange)) return local(std::move(write), std::move(reply));
  if (auto loop = federation.refuse_loop(exchange)) return reply(std::move(*loop));
  federation.write(exchange, operation, std::move(write), local, std::move(reply));
}

Response update_result(const std::vector<std::string>& updated,
                       const std::vector<std::pair<std::string, std::string>>& not_updated) {
  if (not_updated.empty()) return empty(204);
  base::JsonWriter out;
  out.object().key("updated").array();
  for (const std::string& name : updated) out.text(name);
  out.end().key("notUpdated").array();
  for (const auto& [name, reason] : not_updated) {
    out.object().field("attributeName", name).field("reason", reason).end();
  }
  out.end().end();
  Response response;
  response.status = 207;
  response.body = out.take();
  return response;
}

Response batch_response(const BatchOutcome& outcome, BatchKind kind) {
  base::JsonWriter out;
  Response response;
  if (outcome.errors.empty()) {
    if (kind == BatchKind::other || (kind == BatchKind::upsert && outcome.created.empty())) return empty(204);
    out.array();
    for (const std::string& id : outcome.created) out.text(id);
    out.end();
    response.status = 201;
  } else {
    out.object().key("success").array();
    for (const std::string& id : outcome.created) out.text(id);
    for (const std::string& id : outcome.updated) out.text(id);
    out.end().key("errors").array();
    for (const auto& [id, error] : outcome.errors) {
      out.object().field("entityId", id).key("error").object();
      const std::string_view word = batch_word(error.code);
      out.field("type", error_type(word)).field("title", word);
      out.field("detail", error.message).field("status", error_status(error.code)).end().end();
    }
    out.end().end();
    response.status = 207;
  }
  response.body = out.take();
  return response;
}

}  // namespace cityloop::broker
