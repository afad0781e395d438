#include "serve/ngsi_routes.h"

#include "base/json_value.h"
#include "flow/own_types.h"
#include "twin/ngsi.h"
#include "twin/query.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using flow::EntityId;
using flow::WriteMode;
using net::Reply;
using net::Response;
using trust::Permission;

constexpr std::string_view kErrors = "https://uri.etsi.org/ngsi-ld/errors/";

std::string_view error_name(Errc code) {
  switch (code) {
    case Errc::not_found: return "ResourceNotFound";
    case Errc::exists: return "AlreadyExists";
    case Errc::invalid: return "BadRequestData";
    case Errc::unsupported: return "OperationNotSupported";
    case Errc::full: return "TooComplexQuery";
    case Errc::refused: return "OperationNotAllowed";
    default: return "InternalError";
  }
}

int ngsi_status(Errc code) {
  return code == Errc::unsupported ? 422 : net::status_of(code);
}

Response json(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response empty(int status) {
  Response response;
  response.status = status;
  response.content_type.clear();
  return response;
}

// What the query parameters say about the form of the answer.
base::Result<twin::Rendering> rendering_of(const net::Request& request) {
  twin::Rendering rendering;
  std::string wishes(request.argument("options").value_or(""));
  if (const auto format = request.argument("format")) wishes += fmt::format(",{}", *format);
  for (std::size_t at = 0; at <= wishes.size();) {
    const std::size_t end = std::min(wishes.find(',', at), wishes.size());
    const std::string_view wish = std::string_view(wishes).substr(at, end - at);
    if (wish == "sysAttrs") rendering.sys_attrs = true;
    else if (wish == "keyValues" || wish == "simplified") rendering.format = twin::Format::simplified;
    else if (wish == "concise") rendering.format = twin::Format::concise;
    else if (!wish.empty() && wish != "normalized" && wish != "count") {
      return fail(Errc::invalid, "option '{}' is not known", wish);
    }
    at = end + 1;
  }
  const std::string_view attributes = request.argument("attrs").value_or(request.argument("pick").value_or(""));
  for (std::size_t at = 0; at < attributes.size();) {
    const std::size_t end = std::min(attributes.find(',', at), attributes.size());
    rendering.attributes.emplace_back(attributes.substr(at, end - at));
    at = end + 1;
  }
  return rendering;
}

std::string_view id_of(const net::Request& request) {
  return request.params.find("id")->second;
}

// Findings, cases, commands and the like are their loops' to write, and have routes of their own.
bool is_ours(const twin::Twin& twin, const flow::Write& write) {
  if (flow::has_own_type(write.types)) return true;
  const flow::EntityPtr entity = twin.get(write.entity);
  return entity && flow::has_own_type(entity->types);
}

base::Error not_yours(std::string_view id) {
  return {Errc::refused, fmt::format("'{}' belongs to the city's own loops: it is not written here", id)};
}

// Answers a single write once it is on disk.
void commit_one(twin::Twin& twin, const Call& call, flow::Write write, Reply reply,
                std::function<Response(const twin::CommitResult&)> success) {
  if (is_ours(twin, write)) return reply(ngsi_problem(not_yours(write.entity.text())));
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  commit.writes.push_back(std::move(write));
  auto shared = std::make_shared<Reply>(std::move(reply));
  twin.submit(std::move(commit), [shared, success = std::move(success)](twin::CommitResult result) {
    if (!result.status) return (*shared)(ngsi_problem(result.status.error()));
    if (!result.writes.front()) return (*shared)(ngsi_problem(result.writes.front().error()));
    (*shared)(success(result));
  });
}

void create_entity(const NgsiRoutes& on, const Call& call, Reply reply) {
  auto write = twin::parse_entity(call.request.body, WriteMode::create);
  if (!write) return reply(ngsi_problem(write.error()));
  const std::string location = fmt::format("/ngsi-ld/v1/entities/{}", write->entity.text());
  commit_one(on.twin, call, std::move(*write), std::move(reply), [location](const twin::CommitResult&) {
    Response response = empty(201);
    response.headers.emplace_back("Location", location);
    return response;
  });
}

void get_entity(const NgsiRoutes& on, const Call& call, Reply reply) {
  const auto rendering = rendering_of(call.request);
  if (!rendering) return reply(ngsi_problem(rendering.error()));
  const EntityId id = EntityId::lookup(id_of(call.request));
  const flow::EntityPtr entity = id.empty() ? nullptr : on.twin.get(id);
  if (!entity || flow::has_own_type(entity->types)) {
    return reply(ngsi_problem({Errc::not_found, fmt::format("there is no entity '{}'", id_of(call.request))}));
  }
  reply(json(200, twin::to_json(*entity, *rendering)));
}

void query_entities(const NgsiRoutes& on, const Call& call, Reply reply) {
  const auto rendering = rendering_of(call.request);
  if (!rendering) return reply(ngsi_problem(rendering.error()));
  const auto filter = twin::parse_filter([&](std::string_view name) { return call.request.argument(name); });
  if (!filter) return reply(ngsi_problem(filter.error()));
  if (filter->types.empty() && filter->ids.empty() && filter->attributes.empty() && !filter->q && !filter->geo &&
      !call.request.argument("local")) {
    return reply(ngsi_problem({Errc::invalid, "a query needs at least one of type, id, attrs, q or georel"}));
  }
  const auto page = on.twin.query(*filter);
  if (!page) return reply(ngsi_problem(page.error()));
  base::JsonWriter out;
  out.array();
  for (const flow::EntityPtr& entity : page->entities) {
    if (!flow::has_own_type(entity->types)) twin::render(out, *entity, *rendering);
  }
  out.end();
  Response response = json(200, out.take());
  if (page->total) response.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", *page->total));
  reply(std::move(response));
}

void erase_entity(const NgsiRoutes& on, const Call& call, Reply reply) {
  flow::Write write;
  write.mode = WriteMode::erase;
  write.entity = EntityId(id_of(call.request));
  commit_one(on.twin, call, std::move(write), std::move(reply), [](const auto&) { return empty(204); });
}

// PATCH and POST on …/attrs: a fragment merged into one entity.
CallHandler fragment_handler(const NgsiRoutes& on) {
  return [&twin = on.twin](const Call& call, Reply reply) {
    auto attributes = twin::parse_fragment(call.request.body, WriteMode::update);
    if (!attributes) return reply(ngsi_problem(attributes.error()));
    flow::Write write;
    const bool keep = call.request.argument("options").value_or("").find("noOverwrite") != std::string_view::npos;
    write.mode = keep ? WriteMode::append : WriteMode::update;
    write.entity = EntityId(id_of(call.request));
    write.attributes = std::move(attributes->attributes);
    commit_one(twin, call, std::move(write), std::move(reply), [](const auto&) { return empty(204); });
  };
}

// PATCH …/attrs/{name}: the body is the attribute itself.
void patch_attribute(const NgsiRoutes& on, const Call& call, Reply reply) {
  base::JsonWriter wrapped;
  wrapped.object().key(call.request.params.find("name")->second).raw(call.request.body).end();
  auto attributes = twin::parse_fragment(wrapped.str(), WriteMode::update);
  if (!attributes) return reply(ngsi_problem(attributes.error()));
  flow::Write write;
  write.mode = WriteMode::update;
  write.entity = EntityId(id_of(call.request));
  write.attributes = std::move(attributes->attributes);
  commit_one(on.twin, call, std::move(write), std::move(reply), [](const auto&) { return empty(204); });
}

void erase_attribute(const NgsiRoutes& on, const Call& call, Reply reply) {
  flow::Write write;
  write.mode = WriteMode::erase_attributes;
  write.entity = EntityId(id_of(call.request));
  write.attributes = {flow::property(flow::Name(call.request.params.find("name")->second), std::monostate{})};
  commit_one(on.twin, call, std::move(write), std::move(reply), [](const auto&) { return empty(204); });
}

// The outcome of a batch, entity by entity: those refused at reading and those refused by the twin.
struct BatchOutcome {
  std::vector<std::string> created, updated;
  std::vector<std::pair<std::string, base::Error>> errors;
};

Response batch_response(const BatchOutcome& outcome, bool creates) {
  base::JsonWriter out;
  if (outcome.errors.empty()) {
    if (!creates && outcome.created.empty()) return empty(204);
    out.array();
    for (const std::string& id : outcome.created) out.text(id);
    out.end();
    return json(201, out.take());
  }
  out.object().key("success").array();
  for (const std::string& id : outcome.created) out.text(id);
  for (const std::string& id : outcome.updated) out.text(id);
  out.end().key("errors").array();
  for (const auto& [id, error] : outcome.errors) {
    out.object().field("entityId", id).key("error").object();
    out.field("type", fmt::format("{}{}", kErrors, error_name(error.code)));
    out.field("title", error_name(error.code)).field("detail", error.message);
    out.field("status", ngsi_status(error.code)).end().end();
  }
  out.end().end();
  const bool none = outcome.created.empty() && outcome.updated.empty();
  return json(none ? 400 : 207, out.take());
}

void count(const IntakeCount& intake, const BatchOutcome& outcome) {
  if (!intake.told) return;
  std::vector<base::Error> rejected;
  for (const auto& [id, error] : outcome.errors) rejected.push_back(error);
  intake.told(outcome.created.size() + outcome.updated.size(), rejected);
}

CallHandler batch_handler(const NgsiRoutes& on, WriteMode mode, bool creates) {
  return [&twin = on.twin, intake = on.intake, mode, creates](const Call& call, Reply reply) {
    auto parsed = twin::parse_entities(call.request.body, mode);
    if (!parsed) return reply(ngsi_problem(parsed.error()));
    twin::Commit commit;
    commit.origin = flow::Name(call.principal.id);
    auto outcome = std::make_shared<BatchOutcome>();
    std::vector<std::string> ids;
    for (twin::ParsedEntity& entity : *parsed) {
      if (!entity.write) {
        outcome->errors.emplace_back(entity.id, entity.write.error());
        continue;
      }
      if (is_ours(twin, *entity.write)) {
        outcome->errors.emplace_back(entity.id, not_yours(entity.id));
        continue;
      }
      ids.emplace_back(entity.write->entity.text());
      commit.writes.push_back(std::move(*entity.write));
    }
    auto shared = std::make_shared<Reply>(std::move(reply));
    twin.submit(std::move(commit), [shared, outcome, creates, intake, ids = std::move(ids)](twin::CommitResult result) {
      if (!result.status) return (*shared)(ngsi_problem(result.status.error()));
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!result.writes[i]) outcome->errors.emplace_back(ids[i], result.writes[i].error());
        else (result.created[i] ? outcome->created : outcome->updated).push_back(ids[i]);
      }
      count(intake, *outcome);
      (*shared)(batch_response(*outcome, creates));
    });
  };
}

void batch_delete(const NgsiRoutes& on, const Call& call, Reply reply) {
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(ngsi_problem(body.error()));
  if (!body->array()) return reply(ngsi_problem({Errc::invalid, "a batch delete takes a list of ids"}));
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  std::vector<std::string> ids;
  for (const base::JsonValue& item : *body->array()) {
    if (!item.text()) return reply(ngsi_problem({Errc::invalid, "a batch delete takes a list of ids"}));
    ids.push_back(*item.text());
    flow::Write write;
    write.mode = WriteMode::erase;
    write.entity = EntityId(ids.back());
    if (is_ours(on.twin, write)) return reply(ngsi_problem(not_yours(ids.back())));
    commit.writes.push_back(std::move(write));
  }
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.twin.submit(std::move(commit), [shared, ids = std::move(ids)](twin::CommitResult result) {
    if (!result.status) return (*shared)(ngsi_problem(result.status.error()));
    BatchOutcome outcome;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (result.writes[i]) outcome.updated.push_back(ids[i]);
      else outcome.errors.emplace_back(ids[i], result.writes[i].error());
    }
    (*shared)(outcome.errors.empty() ? empty(204) : batch_response(outcome, false));
  });
}

void list_types(const NgsiRoutes& on, const Call&, Reply reply) {
  base::JsonWriter out;
  out.object().field("id", "urn:ngsi-ld:EntityTypeList:1").field("type", "EntityTypeList").key("typeList").array();
  for (const auto& [type, count] : on.twin.type_counts()) {
    if (!flow::is_own_type(type)) out.text(type.text());
  }
  out.end().end();
  reply(json(200, out.take()));
}

}  // namespace

Response ngsi_problem(const base::Error& error) {
  return net::problem(ngsi_status(error.code), error_name(error.code), error.message,
                      fmt::format("{}{}", kErrors, error_name(error.code)));
}

void NgsiRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string base = "/ngsi-ld/v1";
  const auto bind = binder(*this);
  const auto read = [&](auto function) { return bind(Permission::read_city, function); };
  const auto write = [&](auto function) { return bind(Permission::write_entities, function); };
  const auto guarded = [&](CallHandler handler) {
    return guard.require(Permission::write_entities, std::move(handler));
  };
  router.add(Method::get, base + "/entities", read(query_entities));
  router.add(Method::post, base + "/entities", write(create_entity));
  router.add(Method::get, base + "/entities/{id}", read(get_entity));
  router.add(Method::del, base + "/entities/{id}", write(erase_entity));
  router.add(Method::patch, base + "/entities/{id}", guarded(fragment_handler(*this)));
  router.add(Method::patch, base + "/entities/{id}/attrs", guarded(fragment_handler(*this)));
  router.add(Method::post, base + "/entities/{id}/attrs", guarded(fragment_handler(*this)));
  router.add(Method::patch, base + "/entities/{id}/attrs/{name}", write(patch_attribute));
  router.add(Method::del, base + "/entities/{id}/attrs/{name}", write(erase_attribute));
  router.add(Method::post, base + "/entityOperations/create", guarded(batch_handler(*this, WriteMode::create, true)));
  router.add(Method::post, base + "/entityOperations/upsert", guarded(batch_handler(*this, WriteMode::upsert, false)));
  router.add(Method::post, base + "/entityOperations/update", guarded(batch_handler(*this, WriteMode::update, false)));
  router.add(Method::post, base + "/entityOperations/delete", write(batch_delete));
  router.add(Method::get, base + "/types", read(list_types));
}

}  // namespace cityloop::serve
