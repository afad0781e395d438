#include "serve/case_routes.h"

#include "base/json_value.h"
#include "casework/transitions.h"
#include "flow/own_types.h"
#include "serve/respond.h"
#include "serve/trace.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using base::Status;
using flow::Case;
using flow::Name;
using net::Reply;
using trust::Permission;
using trust::Principal;

trust::Scope scope_of(const Case& c) {
  return {c.department, c.area};
}

// A case that a person may not read is, for them, not there.
Result<Case> readable_case(const CaseRoutes& on, const Principal& principal, std::string_view id) {
  const flow::EntityPtr entity = on.twin.get(flow::EntityId::lookup(id));
  if (!entity || !entity->is_a(flow::kCaseType)) return fail(Errc::not_found, "there is no case '{}'", id);
  Case c = TRY(flow::case_from(*entity));
  TRY(on.guard.may(principal, Permission::read_cases, scope_of(c)));
  return c;
}

casework::CaseActor actor_of(const CaseRoutes& on, const Principal& principal, const Case& c) {
  const auto& policy = on.guard.policy();
  return {principal.id, policy.allows(principal, Permission::handle_case, scope_of(c)),
          policy.allows(principal, Permission::work_case, scope_of(c))};
}

void write_field(JsonWriter& out, const City& city, const casework::FieldSpec& field) {
  out.object().field("name", field.name).field("required", field.required);
  const bool department = field.name == "department";
  if (department || !field.options.empty()) out.key("options").array();
  if (department) {
    for (const City::Department& one : city.departments) {
      write(out.object().field("value", one.id).key("label"), one.name);
      out.end();
    }
  }
  for (const std::string_view option : field.options) {
    write(out.object().field("value", option).key("label"), {std::string(option), std::string(option)});
    out.end();
  }
  if (department || !field.options.empty()) out.end();
  out.end();
}

struct Reader {
  Principal principal;
  Language language;
};

Reader reader_of(const Call& call) {
  return {call.principal, language_of(call.request)};
}

net::Response case_response(const CaseRoutes& on, const Reader& reader, const Case& c, int status = 200) {
  JsonWriter out;
  out.object();
  write_summary_fields(out, c, {on.twin, reader.language});
  out.field("findingCleared", c.finding_cleared);
  write_time(out, "clearedAt", c.cleared_at);
  out.field("verifyHoldS", double(c.verify_hold.count()) / 1e6).key("commands").array();
  for (const flow::EntityId id : c.commands) out.text(id.text());
  out.end().key("timeline").array();
  for (const flow::CaseStep& step : c.timeline) {
    out.object().field("at", base::format_time(step.at)).field("by", step.by).field("verb", step.verb);
    out.field("to", to_string(step.to)).field("note", step.note);
    out.field("code", step.code).end();
  }
  out.end().key("actions").array();
  for (const auto& action : casework::available_actions(c, actor_of(on, reader.principal, c))) {
    out.object().field("verb", action.verb).key("fields").array();
    for (const casework::FieldSpec& field : action.fields) write_field(out, on.city, field);
    out.end().end();
  }
  out.end().end();
  return json_response(out, status);
}

// Open cases: overdue first, then by severity, then by what is due soonest.
bool more_urgent(const Case& a, const Case& b) {
  if (a.overdue != b.overdue) return a.overdue;
  if (a.severity != b.severity) return a.severity > b.severity;
  const auto due = [](const Case& c) { return c.due_at == flow::kNever ? flow::Instant::max() : c.due_at; };
  return due(a) < due(b);
}

bool state_fits(std::string_view wanted, std::string_view state) {
  const bool open = state != "closed" && state != "cancelled";
  if (wanted == "all") return true;
  if (wanted == "open" || wanted.empty()) return open;
  if (wanted == "closed") return !open;
  return wanted == state;
}

void list_cases(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto wish = PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto argument = [&](std::string_view name) { return call.request.argument(name).value_or(""); };
  const auto fits = [](std::string_view wanted, std::string_view value) { return wanted.empty() || wanted == value; };
  auto cases = all_of<Case>(on.twin, flow::kCaseType, flow::case_from, [&](const flow::Entity& entity) {
    return state_fits(argument("state"), entity.text(Name("state"))) &&
           fits(argument("department"), entity.text(Name("department"))) &&
           fits(argument("rule"), entity.text(Name("rule"))) && fits(argument("outcome"), entity.text(Name("outcome")));
  });
  std::erase_if(cases, [&](const Case& c) {
    return !on.guard.policy().allows(call.principal, Permission::read_cases, scope_of(c));
  });
  if (state_fits(argument("state"), "filed")) std::stable_sort(cases.begin(), cases.end(), more_urgent);
  JsonWriter out;
  out.object();
  const Names names{on.twin, language_of(call.request)};
  write_page(out, "cases", cases, *wish, [&](const Case& c) { write_summary(out, c, names); });
  out.field("total", cases.size()).end();
  reply(json_response(out));
}

void show_case(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto c = readable_case(on, call.principal, path_part(call, "id"));
  if (!c) return reply(net::problem(c.error()));
  reply(case_response(on, reader_of(call), *c));
}

void show_trace(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto c = readable_case(on, call.principal, path_part(call, "id"));
  if (!c) return reply(net::problem(c.error()));
  reply(json_response(trace_json(on.twin, *c)));
}

// The person must hold the right that the step demands, for this case's department and area.
Status may_take(const CaseRoutes& on, const Principal& principal, const Case& c, std::string_view verb) {
  const auto row = TRY(casework::permitted(c, verb, principal.id));
  const auto may = [&](Permission permission) { return on.guard.may(principal, permission, scope_of(c)); };
  switch (row->right) {
    case casework::Right::handle: return may(Permission::handle_case);
    case casework::Right::work: return may(Permission::work_case);
    case casework::Right::either: {
      if (on.guard.policy().allows(principal, Permission::work_case, scope_of(c))) return {};
      return may(Permission::handle_case);
    }
  }
  return {};
}

// Sends the action to casework and answers with the case as it is then.
void act(const CaseRoutes& on, const Call& call, flow::Action action, int status, Reply reply) {
  action.by = call.principal.id;
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.desk.submit(std::move(action), [on, shared, status, reader = reader_of(call)](Result<flow::Action> done) {
    if (!done) return (*shared)(net::problem(done.error()));
    if (done->status == flow::ActionStatus::refused) return (*shared)(net::problem(409, "refused", done->reason));
    const auto c = readable_case(on, reader.principal, done->target.text());
    (*shared)(c ? case_response(on, reader, *c, status) : net::problem(c.error()));
  });
}

void take_step(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto c = readable_case(on, call.principal, path_part(call, "id"));
  if (!c) return reply(net::problem(c.error()));
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  flow::Action action;
  action.target = c->id;
  action.verb = body->text_or("verb", "");
  action.note = body->text_or("note", "");
  if (const auto* fields = body->find("fields"); fields && fields->object()) action.fields = fields->dump();
  if (const auto may = may_take(on, call.principal, *c, action.verb); !may) return reply(net::problem(may.error()));
  act(on, call, std::move(action), 200, std::move(reply));
}

void open_case(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  if (body->text_or("kind", "").empty() || body->text_or("title", "").empty()) {
    return reply(net::problem(400, "invalid", "a case needs 'kind' and 'title'"));
  }
  flow::Action action;
  action.verb = "file";
  action.note = body->text_or("note", "");
  action.fields = body->dump();
  act(on, call, std::move(action), 201, std::move(reply));
}

}  // namespace

void CaseRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/cases", bind(Permission::read_cases, list_cases));
  router.add(Method::post, "/api/v1/cases", bind(Permission::handle_case, open_case));
  router.add(Method::get, "/api/v1/cases/{id}", bind(Permission::read_cases, show_case));
  router.add(Method::get, "/api/v1/cases/{id}/trace", bind(Permission::read_cases, show_trace));
  router.add(Method::post, "/api/v1/cases/{id}/actions", bind(Permission::read_cases, take_step));
}

}  // namespace cityloop::serve
