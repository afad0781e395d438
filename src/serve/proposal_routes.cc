#include "serve/proposal_routes.h"

#include <algorithm>

#include "base/json_value.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "flow/proposal.h"
#include "sense/clean_text.h"
#include "serve/body.h"
#include "serve/proposal_view.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using flow::Name;
using net::Reply;
using trust::Permission;
using trust::Principal;

// A plan is of a department as a whole, in all of the city: who is bound to areas neither sees nor makes one.
base::Status check_plans(const ProposalRoutes& on, const Principal& principal, std::string_view department) {
  TRY(on.guard.may(principal, Permission::handle_case, {department, {}}));
  if (principal.areas.empty()) return {};
  return fail(Errc::refused, "work is planned for a department as a whole, and your account is bound to areas");
}

bool may_plan(const ProposalRoutes& on, const Principal& principal, std::string_view department) {
  return principal.areas.empty() && on.guard.policy().allows(principal, Permission::handle_case, {department, {}});
}

// A proposal of another department is refused, and says so: what there is in a city is no secret among its planners.
Result<flow::EntityPtr> proposal_for(const ProposalRoutes& on, const Call& call) {
  const std::string_view id = path_part(call, "id");
  flow::EntityPtr entity = on.twin.get(flow::EntityId::lookup(id));
  if (!entity || !entity->is_a(flow::kProposalType)) return fail(Errc::not_found, "there is no proposal '{}'", id);
  TRY(check_plans(on, call.principal, entity->text(Name("department"))));
  return entity;
}

duty::Asker asker_of(const Principal& principal) {
  return {principal.id, principal.roles, principal.department};
}

net::Response proposal_response(const ProposalRoutes& on, const flow::Proposal& one, int status = 200) {
  JsonWriter out;
  write_proposal(out, one, on.twin, on.planner);
  return json_response(out, status);
}

duty::Planner::Done answer_with(const ProposalRoutes& on, Reply reply, int status) {
  auto shared = std::make_shared<Reply>(std::move(reply));
  return [on, shared, status](Result<flow::Proposal> one) {
    (*shared)(one ? proposal_response(on, *one, status) : net::problem(one.error()));
  };
}

void show_planning(const ProposalRoutes& on, const Call& call, Reply reply) {
  std::vector<duty::DepartmentPlanning> shown;
  for (duty::DepartmentPlanning& one : on.planner.state()) {
    if (may_plan(on, call.principal, one.department)) shown.push_back(std::move(one));
  }
  JsonWriter out;
  write_planning(out, on.planner, shown);
  reply(json_response(out));
}

bool is_among(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == word) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

void list_proposals(const ProposalRoutes& on, const Call& call, Reply reply) {
  const auto wish = PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto department = call.request.argument("department"), status = call.request.argument("status");
  if (department && !department->empty()) {
    const auto may = check_plans(on, call.principal, *department);
    if (!may) return reply(net::problem(may.error()));
  }
  std::vector<flow::EntityPtr> found;
  on.twin.each(flow::kProposalType, [&](const flow::EntityPtr& one) {
    const std::string_view its = one->text(Name("department"));
    const bool wanted = (!department || department->empty() || *department == its) &&
                        (!status || status->empty() || is_among(*status, one->text(Name("status"))));
    if (wanted && may_plan(on, call.principal, its)) found.push_back(one);
    return true;
  });
  std::ranges::sort(found, [](const flow::EntityPtr& a, const flow::EntityPtr& b) {
    const auto at = [](const flow::EntityPtr& one) { return flow::time_field(*one, "madeAt"); };
    return at(a) != at(b) ? at(a) > at(b) : a->id.text() > b->id.text();
  });
  JsonWriter out;
  out.object();
  write_page(out, "proposals", found, *wish, [&](const flow::EntityPtr& one) { write_proposal_summary(out, *one); });
  out.field("total", found.size()).end();
  reply(json_response(out));
}

// Whatever takes long to write or to find is done beside those who serve others.
template <class Work>
void in_back_room(const ProposalRoutes& on, Reply reply, Work work) {
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool taken = on.back_room.post([shared, work = std::move(work)] { (*shared)(work()); });
  if (!taken) (*shared)(net::problem(503, "busy", "too much is waiting already: try again in a moment"));
}

void show_proposal(const ProposalRoutes& on, const Call& call, Reply reply) {
  const auto entity = proposal_for(on, call);
  if (!entity) return reply(net::problem(entity.error()));
  in_back_room(on, std::move(reply), [on, entity = *entity] {
    const auto one = flow::proposal_from(*entity);
    return one ? proposal_response(on, *one) : net::problem(one.error());
  });
}

void show_lines(const ProposalRoutes& on, const Call& call, Reply reply) {
  const auto entity = proposal_for(on, call);
  if (!entity) return reply(net::problem(entity.error()));
  const std::string crew(call.request.argument("crew").value_or(""));
  in_back_room(on, std::move(reply), [on, crew, entity = *entity] {
    const auto one = flow::proposal_from(*entity);
    if (!one) return net::problem(one.error());
    JsonWriter out;
    write_lines(out, on.planner.lines(*one, crew));
    return json_response(out);
  });
}

void replan(const ProposalRoutes& on, const Call& call, Reply reply) {
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  const auto typed = check_types(*body, {{"department", JsonType::text}});
  if (!typed) return reply(net::problem(typed.error()));
  const std::string department = body->text_or("department", "");
  if (department.empty()) return reply(net::problem(422, "invalid", "'department' says whose work is to be planned"));
  const auto may = check_plans(on, call.principal, department);
  if (!may) return reply(net::problem(may.error()));
  on.planner.replan(department, asker_of(call.principal), answer_with(on, std::move(reply), 201));
}

Result<duty::ProposalWish> wish_of(const base::JsonValue& body) {
  using enum JsonType;
  TRY(check_types(body, {{"verb", text},
                         {"case", text},
                         {"crew", text},
                         {"cases", texts},
                         {"overrule", number},
                         {"until", text},
                         {"note", text},
                         {"replan", boolean}}));
  duty::ProposalWish out;
  out.verb = body.text_or("verb", "");
  constexpr std::string_view kVerbs[] = {"pin", "exclude", "reorder", "release", "accept", "reject"};
  if (std::ranges::find(kVerbs, out.verb) == std::end(kVerbs))
    return fail(Errc::invalid, "'{}' is nothing that is done to a proposal", out.verb);
  // An id that nothing has is nobody's work; it is named in the refusal and leaves no trace.
  const auto case_of = [](const std::string& name) -> Result<flow::EntityId> {
    const flow::EntityId id = flow::EntityId::lookup(name);
    if (id.empty()) return fail(Errc::invalid, "there is no case '{}'", name);
    return id;
  };
  if (const std::string task = body.text_or("case", ""); !task.empty()) out.task = TRY(case_of(task));
  out.crew = body.text_or("crew", "");
  if (const base::JsonValue* cases = body.find("cases")) {
    const std::size_t count = cases->array() ? cases->array()->size() : 0;
    if (count > 1000) return fail(Errc::invalid, "'cases' is a list of a thousand cases at most");
    for (std::size_t i = 0; i < count; ++i) out.tasks.push_back(TRY(case_of(*(*cases->array())[i].text())));
  }
  const double which = body.number_or("overrule", 0);
  if (!(which >= 0 && which < 4e9)) return fail(Errc::invalid, "'overrule' is the number of one");
  out.overrule = std::uint32_t(which);
  if (const std::string until = body.text_or("until", ""); !until.empty()) out.until = TRY(base::parse_time(until));
  out.note = TRY(sense::checked_text("note", body.text_or("note", ""), {2000, false}));
  out.replan = body.boolean_or("replan", false);
  return out;
}

void act(const ProposalRoutes& on, const Call& call, Reply reply) {
  const auto entity = proposal_for(on, call);
  if (!entity) return reply(net::problem(entity.error()));
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  auto wish = wish_of(*body);
  if (!wish) return reply(net::problem(wish.error()));
  on.planner.act((*entity)->id, std::move(*wish), asker_of(call.principal), answer_with(on, std::move(reply), 200));
}

// One's own crew; of several (a stand-in works for two) the first by name, unless one is named.
Result<std::string> crew_for(const ProposalRoutes& on, const Call& call) {
  const duty::RosterPtr roster = on.planner.roster();
  std::string named(call.request.argument("crew").value_or(""));
  const auto mine = roster ? roster->crews_of(call.principal.id, on.twin.clock().now()) : std::vector<std::string>{};
  if (named.empty()) {
    if (mine.empty()) return fail(Errc::not_found, "you are a member of no crew");
    return mine.front();
  }
  if (std::ranges::find(mine, named) != mine.end()) return named;
  const duty::Crew* const crew = roster ? roster->find(named) : nullptr;
  // Whoever may plan nowhere learns nothing of which crews there are.
  TRY(check_plans(on, call.principal, crew ? crew->department : call.principal.department));
  if (!crew) return fail(Errc::not_found, "there is no crew '{}'", named);
  return named;
}

void show_my_day(const ProposalRoutes& on, const Call& call, Reply reply) {
  const auto crew = crew_for(on, call);
  if (!crew) return reply(net::problem(crew.error()));
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.planner.day_of(*crew, [on, shared](Result<duty::CrewDay> day) {
    if (!day) return (*shared)(net::problem(day.error()));
    JsonWriter out;
    write_crew_day(out, *day, on.twin);
    (*shared)(json_response(out));
  });
}

}  // namespace

void ProposalRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/planning", bind(Permission::handle_case, show_planning));
  router.add(Method::get, "/api/v1/proposals", bind(Permission::handle_case, list_proposals));
  router.add(Method::post, "/api/v1/proposals", bind(Permission::handle_case, replan));
  router.add(Method::get, "/api/v1/proposals/{id}", bind(Permission::handle_case, show_proposal));
  router.add(Method::get, "/api/v1/proposals/{id}/lines", bind(Permission::handle_case, show_lines));
  router.add(Method::post, "/api/v1/proposals/{id}/actions", bind(Permission::handle_case, act));
  router.add(Method::get, "/api/v1/my-day", bind(Permission::read_cases, show_my_day));
}

}  // namespace cityloop::serve
