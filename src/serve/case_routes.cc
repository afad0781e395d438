#include "serve/case_routes.h"

#include <algorithm>
#include <set>

#include "base/json_value.h"
#include "casework/case_archive.h"
#include "casework/case_code.h"
#include "casework/storm.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "sense/clean_text.h"
#include "serve/case_intake.h"
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

// Who reported a case may read it, whosever it is by now.
bool may_read(const CaseRoutes& on, const Principal& principal, const Case& c) {
  return c.opened_by == principal.id || on.guard.policy().allows(principal, Permission::read_cases, scope_of(c)) ||
         holds_as_assistant(on, principal, c, Permission::read_cases);
}

// By its id, or by the number that people call it by; in the twin or in the archive. A case that a person may not read
// is, for them, not there.
Result<Case> readable_case(const CaseRoutes& on, const Principal& principal, std::string_view id) {
  const auto code = id.starts_with("urn:") ? std::nullopt : casework::read_case_code(id);
  Case c = code ? TRY(on.index.find_code(*code)) : TRY(casework::find_case(on.twin, id));
  if (!may_read(on, principal, c)) TRY(on.guard.may(principal, Permission::read_cases, scope_of(c)));
  return c;
}

// Nothing is done any more in a case that has gone to the archive.
bool is_archived(const CaseRoutes& on, const Case& c) {
  return on.twin.get(c.id) == nullptr;
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
  write_detail(out, *ruled, [&](flow::EntityId id) -> std::optional<Case> {
    auto named = casework::find_case(on.twin, id.text());
    return named && may_read(on, reader.principal, *named) ? std::optional(std::move(*named)) : std::nullopt;
  });
  out.field("archived", is_archived(on, ruled->is));
  if (is_archived(on, ruled->is)) out.key("actions").array().end();
  else write_actions(out, *ruled, actor_of(reader.principal), on.city);
  out.end();
  return json_response(out, status);
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

// What the case stands for: its own finding, all of a storm's in the order in which they came, and those of the cases
// merged into it; each once.
std::vector<flow::EntityId> findings_of(const twin::Twin& twin, const Case& c) {
  std::vector<flow::EntityId> out;
  std::set<std::string_view> seen;
  const auto add = [&](flow::EntityId id) {
    if (!id.empty() && seen.insert(id.text()).second) out.push_back(id);
  };
  std::vector<flow::EntityId> cases;
  const auto take = [&](const Case& one) {
    if (!one.storm) add(one.finding);
    for (std::uint32_t number = 0; one.storm; ++number) {
      const flow::EntityPtr cover = twin.get(casework::cover_id(one.id, number));
      if (!cover) break;
      for (const flow::EntityId id : casework::covered_by(*cover)) add(id);
    }
    cases.insert(cases.end(), one.merged.begin(), one.merged.end());
  };
  take(c);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (const auto one = casework::find_case(twin, cases[i].text())) take(*one);
  }
  return out;
}

void list_findings_of(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto wish = PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto c = readable_case(on, call.principal, path_part(call, "id"));
  if (!c) return reply(net::problem(c.error()));
  const auto ids = findings_of(on.twin, *c);
  JsonWriter out;
  out.object();
  const Names names{on.twin, language_of(call.request)};
  write_page(out, "findings", ids, *wish, [&](flow::EntityId id) {
    const flow::EntityPtr entity = on.twin.get(id);
    const auto finding = entity ? flow::finding_from(*entity) : Result<flow::Finding>(fail(Errc::not_found, "gone"));
    if (finding) write(out, *finding, names);
    else out.object().field("id", id.text()).end();
  });
  out.field("total", ids.size()).end();
  reply(json_response(out));
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

// Sends the action to casework and answers with the case as it is then; what was sent before under the same key is
// answered as it was then.
void act(const CaseRoutes& on, const Call& call, flow::Action action, const OnceKey& key, int status, Reply reply) {
  action.by = call.principal.id;
  action.roles = call.principal.roles;
  action.department = call.principal.department;
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.desk.submit(std::move(action), key, [on, shared, status, reader = reader_of(call)](Result<flow::Action> done) {
    if (!done) return (*shared)(desk_problem(done.error()));
    if (done->status == flow::ActionStatus::refused) return (*shared)(net::problem(409, "refused", done->reason));
    const auto c = readable_case(on, reader.principal, done->target.text());
    (*shared)(c ? case_response(on, reader, *c, status) : net::problem(c.error()));
  });
}

// What a step names besides its own case: the one to go on in, or those to be taken in. Each must be one that the
// person may read and act in; codes become ids.
Result<base::JsonValue> named_cases(const CaseRoutes& on, const Principal& principal, const base::JsonValue& given) {
  if (!given.object()) return given;
  base::JsonValue out = given;
  const auto resolve = [&](base::JsonValue& value) -> Status {
    const std::string* text = value.text();
    if (!text) return fail(Errc::invalid, "a case is named by its id or its number");
    const Case named = TRY(readable_case(on, principal, *text));
    TRY(on.guard.may(principal, Permission::handle_case, scope_of(named)));
    value.is = std::string(named.id.text());
    return {};
  };
  for (auto& member : std::get<base::JsonValue::Object>(out.is)) {
    if (member.key == "into") TRY(resolve(member.value));
    if (member.key != "cases" || !member.value.array()) continue;
    for (base::JsonValue& one : std::get<base::JsonValue::Array>(member.value.is)) TRY(resolve(one));
  }
  return out;
}

void take_step(const CaseRoutes& on, const Call& call, Reply reply) {
  const auto c = readable_case(on, call.principal, path_part(call, "id"));
  if (!c) return reply(net::problem(c.error()));
  if (is_archived(on, *c)) {
    return reply(
        net::problem(409, "archived",
                     fmt::format("this case ended on {} and is in the archive, where nothing changes any more: "
                                 "open a new one that names it",
                                 base::format_time(c->closed_at))));
  }
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  const auto key = once_key_of(call.request);
  if (!key) return reply(net::problem(key.error()));
  flow::Action action;
  action.target = c->id;
  action.verb = body->text_or("verb", "");
  action.note = body->text_or("note", "");
  const base::JsonValue* fields = body->find("fields");
  const auto given = named_cases(on, call.principal, fields ? *fields : base::JsonValue{});
  if (!given) return reply(net::problem(given.error()));
  // A step that was taken under this key has changed what is possible: it is answered, not asked for again.
  if (!on.desk.asked_before(call.principal.id, *key)) {
    if (const auto may = may_take(on, call.principal, *c, {action.verb, action.note, *given}); !may)
      return reply(net::problem(may.error()));
  }
  if (given->object()) action.fields = given->dump();
  act(on, call, std::move(action), *key, 200, std::move(reply));
}

// By which right somebody opens a case: staff who handle cases by any channel, and filed at once if they like; who
// works in the field reports what the patrol has seen; another system's program reports under its own ids.
enum class Opener : std::uint8_t { none, staff, patrol, system };

Opener opener_of(const CaseRoutes& on, const Principal& principal) {
  const trust::Scope own{principal.department, principal.areas.empty() ? std::string_view{} : principal.areas.front()};
  const trust::Policy& policy = on.guard.policy();
  if (policy.allows(principal, Permission::handle_case, own)) return Opener::staff;
  if (policy.allows(principal, Permission::work_case, own)) return Opener::patrol;
  const bool program = principal.kind == trust::PrincipalKind::program;
  return program && policy.allows(principal, Permission::write_entities, own) ? Opener::system : Opener::none;
}

Result<NewCase> new_case_of(const CaseRoutes& on, Opener opener, const base::JsonValue& body) {
  NewCase out = TRY(NewCase::read(body, on.city));
  const bool classed = !out.kind.empty() || !out.category.empty();
  constexpr std::string_view kOwn[] = {"", "staff", "patrol", "system"};
  out.channel = body.text_or("channel", kOwn[std::size_t(opener)]);
  const bool fits = opener == Opener::staff
                        ? out.channel == "staff" || out.channel == "hotline" || out.channel == "patrol"
                    : opener == Opener::patrol ? out.channel == "patrol"
                                               : out.channel == "system";
  if (!is_channel(out.channel)) return fail(Errc::invalid, "'{}' is no channel by which cases come in", out.channel);
  if (!fits) return fail(Errc::refused, "the channel '{}' is not yours", out.channel);
  out.report = opener != Opener::staff || !classed || body.boolean_or("report", false);
  out.note = TRY(sense::checked_text("note", body.text_or("note", ""), {4000, false}));
  if (!out.report && out.title.zh.empty())
    return fail(Errc::invalid,
                "a case needs 'title', and 'kind' or 'category'; a report needs 'title' or 'description'");
  if (out.title.zh.empty() && out.description.empty() && out.media.empty())
    return fail(Errc::invalid, "a report says something: 'title', 'description' or 'media'");
  if (out.channel == "system" && out.external_id.empty())
    return fail(Errc::invalid, "another system's case needs 'externalId', by which it is known there");
  return out;
}

void open_case(const CaseRoutes& on, const Call& call, Reply reply) {
  const Opener opener = opener_of(on, call.principal);
  if (opener == Opener::none) {
    const trust::Scope own{call.principal.department, {}};
    const auto refused = on.guard.may(call.principal, Permission::handle_case, own);
    return reply(refused ? net::problem(403, "refused", "it is not for you to open cases")
                         : net::problem(refused.error()));
  }
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  const auto key = once_key_of(call.request);
  if (!key) return reply(net::problem(key.error()));
  const auto wish = new_case_of(on, opener, *body);
  if (!wish) return reply(net::problem(wish.error()));
  // The sender's own number is a key that never wears out: what comes again with it is the case as it is by now.
  const OnceKey external{fmt::format("external:{}", wish->external_id), true};
  act(on, call, wish->action(), wish->external_id.empty() ? *key : external, 201, std::move(reply));
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
  router.add(Method::post, "/api/v1/cases", bind(Permission::read_city, open_case));
  router.add(Method::get, "/api/v1/case-rules", bind(Permission::read_cases, show_rules));
  router.add(Method::get, "/api/v1/notices", bind(Permission::read_cases, list_notices));
  router.add(Method::get, "/api/v1/cases/{id}", bind(Permission::read_cases, show_case));
  router.add(Method::get, "/api/v1/cases/{id}/trace", bind(Permission::read_cases, show_trace));
  router.add(Method::get, "/api/v1/cases/{id}/findings", bind(Permission::read_cases, list_findings_of));
  router.add(Method::post, "/api/v1/cases/{id}/actions", bind(Permission::read_cases, take_step));
}

}  // namespace cityloop::serve
