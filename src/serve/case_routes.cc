#include "serve/case_routes.h"

#include <algorithm>

#include "base/json_value.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "sense/clean_text.h"
#include "serve/body.h"
#include "serve/case_access.h"
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

CaseAccess access_of(const CaseRoutes& on) {
  return {on.guard, on.twin, on.index, on.duty};
}

// A case that a person may not read is, for them, not there.
Result<Case> readable_case(const CaseRoutes& on, const Principal& principal, std::string_view id) {
  return access_of(on).readable(principal, id);
}

// Nothing is done any more in a case that has gone to the archive.
bool is_archived(const CaseRoutes& on, const Case& c) {
  return on.twin.get(c.id) == nullptr;
}

std::vector<std::string> crews_of(const CaseRoutes& on, const Principal& principal) {
  return on.duty ? on.duty->crews_of(principal.id) : std::vector<std::string>{};
}

casework::CaseActor actor_of(const CaseRoutes& on, const Principal& principal) {
  return {principal.id, principal.roles, principal.department, crews_of(on, principal)};
}

// Whom a case is appointed to: a crew of its department, a person of one of those.
Status check_appointed(const CaseRoutes& on, const Case& c, const base::JsonValue& given) {
  const std::string crew = given.text_or("crew", ""), holder = given.text_or("holder", "");
  if (!on.duty || (crew.empty() && holder.empty())) return {};
  const duty::RosterPtr roster = on.duty->roster();
  const duty::Crew* known = roster->find(crew);
  if (!crew.empty() && !known) return fail(Errc::invalid, "there is no crew '{}'", crew);
  if (known && known->department != c.department)
    return fail(Errc::conflict, "the crew '{}' is of {}, and the case of {}", crew, known->department, c.department);
  const duty::Person* person = roster->person(holder);
  const duty::Crew* theirs = person ? roster->find(person->crew) : nullptr;
  if (!holder.empty() && (!theirs || theirs->department != c.department))
    return fail(Errc::conflict, "'{}' is of no crew of {}", holder, c.department);
  return {};
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
  write_detail(out, *ruled, [&](flow::EntityId id) { return access_of(on).find_readable(reader.principal, id); });
  out.field("archived", is_archived(on, ruled->is));
  if (is_archived(on, ruled->is)) out.key("actions").array().end();
  else write_actions(out, *ruled, actor_of(on, reader.principal), on.city, on.duty ? on.duty->roster() : nullptr);
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
  const bool may = c.opened_by == principal.id ||
                   access_of(on).holds_as_assistant(principal, c, Permission::work_case) ||
                   access_of(on).holds_for_crew(principal, c, Permission::work_case) ||
                   on.guard.policy().allows(principal, Permission::work_case, scope_of(c));
  if (may) return {};
  return on.guard.may(principal, Permission::handle_case, scope_of(c));
}

// What the loop would refuse is refused here, before it is in the log; the loop looks again.
Status may_take(const CaseRoutes& on, const Principal& principal, const Case& c, const casework::Wish& wish) {
  const RuledCase ruled = TRY(RuledCase::make(c, on.shelf, on.twin.clock().now()));
  const casework::CaseActor actor = actor_of(on, principal);
  const Status may = [&]() -> Status {
    if (casework::is_decision(wish.verb)) TRY(casework::choose_decision(ruled.view(), actor, wish));
    else TRY(casework::choose(ruled.view(), actor, wish));
    return {};
  }();
  // Trust counts its own refusals; where the workflow refuses, it is asked too.
  if (!may && may.error().code == Errc::refused) TRY(may_touch(on, principal, c));
  TRY(may);
  TRY(may_touch(on, principal, c));
  return wish.verb == "appoint" ? check_appointed(on, c, wish.given) : Status{};
}

// Sends the action to casework and answers with the case as it is then; what was sent before under the same key is
// answered as it was then.
void act(const CaseRoutes& on, const Reader& reader, flow::Action action, const OnceKey& key, int status, Reply reply) {
  action.by = reader.principal.id;
  action.roles = reader.principal.roles;
  action.department = reader.principal.department;
  action.crews = crews_of(on, reader.principal);
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.desk.submit(std::move(action), key, [on, shared, status, reader](Result<flow::Action> done) {
    if (!done) return (*shared)(desk_problem(done.error()));
    if (done->status == flow::ActionStatus::refused) return (*shared)(net::problem(409, "refused", done->reason));
    const auto c = readable_case(on, reader.principal, done->target.text());
    (*shared)(c ? case_response(on, reader, *c, status) : net::problem(c.error()));
  });
}

// The photos among what was filled in with a step: ids, or addresses that end in one.
std::vector<std::string> photos_in(const base::JsonValue& given) {
  std::vector<std::string> out;
  const base::JsonValue* list = given.find("photos");
  if (!list || !list->array()) return out;
  for (const base::JsonValue& one : *list->array()) {
    if (!one.text()) continue;
    std::string id = one.text()->substr(one.text()->rfind('/') + 1);
    if (is_photo_id(id)) out.push_back(std::move(id));
  }
  return out;
}

// The same, where every photo that the action names is there; 422 otherwise, with the ids of those that are not.
void act_with_photos(const CaseRoutes& on, const Reader& reader, flow::Action action, std::vector<std::string> photos,
                     const OnceKey& key, int status, Reply reply) {
  if (photos.empty() || !on.missing_photos) return act(on, reader, std::move(action), key, status, std::move(reply));
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.missing_photos(std::move(photos), [on, reader, action = std::move(action), key, status,
                                        shared](const Result<std::vector<std::string>>& missing) {
    if (!missing) return (*shared)(net::problem(missing.error()));
    if (missing->empty()) return act(on, reader, action, key, status, std::move(*shared));
    (*shared)(
        net::problem(422, "no such photo",
                     fmt::format("there is no photo {}: send it to /api/v1/media first; one that no case names is "
                                 "deleted after a day",
                                 fmt::join(*missing, ", "))));
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
  const auto typed =
      check_types(*body, {{"verb", JsonType::text}, {"note", JsonType::text}, {"fields", JsonType::object}});
  if (!typed) return reply(net::problem(typed.error()));
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
  // What was done under this key before is answered as it was, whatever has become of its photos.
  std::vector<std::string> photos;
  if (!on.desk.asked_before(call.principal.id, *key)) photos = photos_in(*given);
  act_with_photos(on, reader_of(call), std::move(action), std::move(photos), *key, 200, std::move(reply));
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
  TRY(check_types(body, {{"channel", JsonType::text}, {"report", JsonType::boolean}, {"note", JsonType::text}}));
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
  act_with_photos(on, reader_of(call), wish->action(), wish->media, wish->external_id.empty() ? *key : external, 201,
                  std::move(reply));
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

}  // namespace

void CaseRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::post, "/api/v1/cases", bind(Permission::read_city, open_case));
  router.add(Method::get, "/api/v1/case-rules", bind(Permission::read_cases, show_rules));
  router.add(Method::get, "/api/v1/cases/{id}", bind(Permission::read_cases, show_case));
  router.add(Method::get, "/api/v1/cases/{id}/trace", bind(Permission::read_cases, show_trace));
  router.add(Method::get, "/api/v1/cases/{id}/findings", bind(Permission::read_cases, list_findings_of));
  router.add(Method::post, "/api/v1/cases/{id}/actions", bind(Permission::read_cases, take_step));
}

}  // namespace cityloop::serve
