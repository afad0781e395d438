#include "serve/case_routes.h"

#include <algorithm>

#include "base/json_value.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "serve/case_view.h"
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

// Whether the principal has this right by a department that assists in the case.
bool holds_as_assistant(const CaseRoutes& on, const Principal& principal, const Case& c, Permission permission) {
  return std::any_of(c.tasks.begin(), c.tasks.end(), [&](const flow::CaseTask& task) {
    return task.department == principal.department &&
           on.guard.policy().allows(principal, permission, {task.department, c.area});
  });
}

bool may_read(const CaseRoutes& on, const Principal& principal, const Case& c) {
  return on.guard.policy().allows(principal, Permission::read_cases, scope_of(c)) ||
         holds_as_assistant(on, principal, c, Permission::read_cases);
}

// A case that a person may not read is, for them, not there.
Result<Case> readable_case(const CaseRoutes& on, const Principal& principal, std::string_view id) {
  const flow::EntityPtr entity = on.twin.get(flow::EntityId::lookup(id));
  if (!entity || !entity->is_a(flow::kCaseType)) return fail(Errc::not_found, "there is no case '{}'", id);
  Case c = TRY(flow::case_from(*entity));
  if (!may_read(on, principal, c)) TRY(on.guard.may(principal, Permission::read_cases, scope_of(c)));
  return c;
}

casework::CaseActor actor_of(const Principal& principal) {
  return {principal.id, principal.roles, principal.department};
}

struct Reader {
  Principal principal;
  Language language;
};

Reader reader_of(const Call& call) {
  return {call.principal, language_of(call.request)};
}

net::Response case_response(const CaseRoutes& on, const Reader& reader, Case c, int status = 200) {
  const auto ruled = RuledCase::make(std::move(c), on.shelf, on.twin.clock().now());
  if (!ruled) return net::problem(ruled.error());
  JsonWriter out;
  out.object();
  write_summary_fields(out, ruled->is, {on.twin, reader.language});
  write_detail(out, *ruled);
  write_actions(out, *ruled, actor_of(reader.principal), on.city);
  out.end();
  return json_response(out, status);
}

// Open cases: overdue first, then by severity, then by what is due soonest.
bool more_urgent(const Case& a, const Case& b) {
  if (a.overdue != b.overdue) return a.overdue;
  if (a.severity != b.severity) return a.severity > b.severity;
  const auto due = [](const Case& c) { return c.due_at == flow::kNever ? flow::Instant::max() : c.due_at; };
  return due(a) < due(b);
}

bool state_fits(std::string_view wanted, const flow::Entity& entity) {
  const bool open = entity.text(Name("outcome")) == to_string(flow::CaseOutcome::open);
  if (wanted == "all") return true;
  if (wanted == "open" || wanted.empty()) return open;
  if (wanted == "closed") return !open;
  return wanted == entity.text(Name("state"));
}

void list_cases(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto wish = PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto argument = [&](std::string_view name) { return call.request.argument(name).value_or(""); };
  const auto fits = [](std::string_view wanted, std::string_view value) { return wanted.empty() || wanted == value; };
  auto cases = all_of<Case>(on.twin, flow::kCaseType, flow::case_from, [&](const flow::Entity& entity) {
    return state_fits(argument("state"), entity) && fits(argument("department"), entity.text(Name("department"))) &&
           fits(argument("rule"), entity.text(Name("rule"))) && fits(argument("outcome"), entity.text(Name("outcome")));
  });
  std::erase_if(cases, [&](const Case& c) { return !may_read(on, call.principal, c); });
  if (argument("state") != "all" && argument("state") != "closed")
    std::stable_sort(cases.begin(), cases.end(), more_urgent);
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

// Trust's table stands above the workflow: who may neither handle nor work this case anywhere has only what the
// workflow gives to whoever reported it, or to a department that assists.
Status may_touch(const CaseRoutes& on, const Principal& principal, const Case& c) {
  const bool may = c.opened_by == principal.id || holds_as_assistant(on, principal, c, Permission::work_case) ||
                   on.guard.policy().allows(principal, Permission::work_case, scope_of(c));
  if (may) return {};
  return on.guard.may(principal, Permission::handle_case, scope_of(c));
}

// What the loop would refuse is refused here, before it is in the log; the loop looks again.
Status may_take(const CaseRoutes& on, const Principal& principal, const Case& c, const casework::Wish& wish) {
  const RuledCase ruled = TRY(RuledCase::make(c, on.shelf, on.twin.clock().now()));
  const casework::CaseActor actor = actor_of(principal);
  const Status may = [&]() -> Status {
    if (casework::is_decision(wish.verb)) TRY(casework::choose_decision(ruled.view(), actor, wish));
    else TRY(casework::choose(ruled.view(), actor, wish));
    return {};
  }();
  // Trust counts its own refusals; where the workflow refuses, it is asked too.
  if (!may && may.error().code == Errc::refused) TRY(may_touch(on, principal, c));
  TRY(may);
  return may_touch(on, principal, c);
}

// Sends the action to casework and answers with the case as it is then.
void act(const CaseRoutes& on, const Call& call, flow::Action action, int status, Reply reply) {
  action.by = call.principal.id;
  action.roles = call.principal.roles;
  action.department = call.principal.department;
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
  const base::JsonValue* fields = body->find("fields");
  const base::JsonValue given = fields ? *fields : base::JsonValue{};
  if (const auto may = may_take(on, call.principal, *c, {action.verb, action.note, given}); !may)
    return reply(net::problem(may.error()));
  if (given.object()) action.fields = given.dump();
  act(on, call, std::move(action), 200, std::move(reply));
}

void open_case(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  const bool classed = !body->text_or("kind", "").empty() || !body->text_or("category", "").empty();
  if (!classed || body->text_or("title", "").empty()) {
    return reply(net::problem(400, "invalid", "a case needs 'title', and 'kind' or 'category'"));
  }
  flow::Action action;
  action.verb = "file";
  action.note = body->text_or("note", "");
  action.fields = body->dump();
  act(on, call, std::move(action), 201, std::move(reply));
}

// The rules in force, for the console and for whoever writes them.
void show_rules(const CaseRoutes& on, const Call&, Reply reply) {
  const casework::CaseRulesPtr rules = on.shelf.in_force();
  if (!rules) return reply(net::problem(fail(Errc::not_found, "there are no case rules").error()));
  JsonWriter out;
  out.object().field("version", rules->version()).field("mistakes", on.rules_mistakes()).key("workflows").array();
  for (const casework::Workflow& flow : rules->workflows()) {
    write(out.object().field("id", flow.id).key("name"), flow.name);
    out.key("states").array();
    for (const casework::State& state : flow.states) {
      write(out.object().field("id", state.id).key("name"), state.name);
      out.field("stage", to_string(state.stage)).field("final", state.final).end();
    }
    out.end().end();
  }
  out.end().key("kinds").array();
  for (const casework::CaseKind& kind : rules->kinds()) {
    write(out.object().field("id", kind.id).key("name"), kind.name);
    out.field("workflow", kind.workflow).field("department", kind.department).field("calendar", kind.calendar);
    out.key("limits").object();
    for (const auto& [key, limit] : kind.limits) out.field(key, casework::format_limit(limit));
    out.end().end();
  }
  out.end().end();
  reply(json_response(out));
}

// Whether a notice is for this person: by id, by role, or by department; never of a case in an area that is not theirs.
bool is_for(const Principal& principal, const flow::Entity& notice) {
  const std::string_view to = notice.text(Name("to")), area = notice.text(Name("area"));
  const auto& areas = principal.areas;
  if (!areas.empty() && !area.empty() && std::find(areas.begin(), areas.end(), area) == areas.end()) return false;
  return to == principal.id || principal.has_role(to) || (!principal.department.empty() && to == principal.department);
}

void list_notices(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto wish = PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  std::vector<flow::EntityPtr> mine;
  on.twin.each(flow::kNoticeType, [&](const flow::EntityPtr& entity) {
    if (is_for(call.principal, *entity)) mine.push_back(entity);
    return true;
  });
  std::stable_sort(mine.begin(), mine.end(), [](const flow::EntityPtr& a, const flow::EntityPtr& b) {
    const auto at = [](const flow::EntityPtr& one) { return flow::time_field(*one, "at"); };
    return at(a) != at(b) ? at(a) > at(b) : a->id.text() > b->id.text();
  });
  JsonWriter out;
  out.object();
  write_page(out, "notices", mine, *wish, [&](const flow::EntityPtr& one) {
    out.object().field("id", one->id.text()).field("case", flow::link_field(*one, "about").text());
    out.field("to", one->text(Name("to"))).field("at", one->text(Name("at")));
    write(out.key("text"), flow::language_field(*one, "text"));
    out.end();
  });
  out.field("total", mine.size()).end();
  reply(json_response(out));
}

}  // namespace

void CaseRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/cases", bind(Permission::read_cases, list_cases));
  router.add(Method::post, "/api/v1/cases", bind(Permission::handle_case, open_case));
  router.add(Method::get, "/api/v1/case-rules", bind(Permission::read_cases, show_rules));
  router.add(Method::get, "/api/v1/notices", bind(Permission::read_cases, list_notices));
  router.add(Method::get, "/api/v1/cases/{id}", bind(Permission::read_cases, show_case));
  router.add(Method::get, "/api/v1/cases/{id}/trace", bind(Permission::read_cases, show_trace));
  router.add(Method::post, "/api/v1/cases/{id}/actions", bind(Permission::read_cases, take_step));
}

}  // namespace cityloop::serve
