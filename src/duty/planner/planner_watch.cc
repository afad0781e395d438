// What the planner knows of the city: open work, who is on duty and where, and when a plan is called for.

#include <algorithm>

#include "base/log.h"
#include "duty/planner/planner_inside.h"
#include "flow/own_types.h"

namespace cityloop::duty {
namespace {

using flow::Proposal;
using flow::ProposalStatus;

constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr auto kSeenWithin = std::chrono::hours(12);  // an older sight of a crew says nothing of where it is

// What a plan would be another for.
bool is_other_work(const Work& a, const Work& b) {
  Work same = a;
  same.seen = b.seen, same.seen_at = b.seen_at;
  return !(same == b);
}

bool is_urgent(const Work& work) {
  return work.standing == Standing::open && !work.appointed &&
         (work.severity >= flow::Severity::severe || work.overdue || work.supervised);
}

}  // namespace

void Planner::Inside::read_city() {
  const auto duty_of = [this](const flow::EntityPtr& entity) {
    duty.take(*entity);
    return true;
  };
  options.twin.each(flow::kDutyRulesType, duty_of);
  options.twin.each(flow::kDutyChangeType, duty_of);
  options.twin.each(flow::kCaseType, [this](const flow::EntityPtr& entity) {
    take_case(entity->id, entity.get());
    return true;
  });
  for (auto& [department, one] : desks) one.changed.clear(), one.urgent = false;
}

// The newest proposal of each department goes on, and what was accepted and not answered is asked for again: each
// appointment has its key, so nothing is done twice.
void Planner::Inside::take_proposals() {
  std::vector<flow::EntityId> unsettled;
  options.twin.each(flow::kProposalType, [&](const flow::EntityPtr& entity) {
    auto one = flow::proposal_from(*entity);
    if (!one) {
      base::log_warn("the proposal {} cannot be read: {}", entity->id.text(), one.error().message);
      return true;
    }
    Desk& its = desk(one->department);
    for (const flow::Overrule& rule : one->overruled) its.overrules = std::max(its.overrules, rule.number);
    const bool settled = one->is_settled();
    if (one->number <= its.number && settled) return true;
    if (!settled) unsettled.push_back(one->id);
    if (one->number > its.number) {
      if (!its.newest.empty() && find(its.newest)->is.is_settled()) book.erase(its.newest);
      its.number = one->number;
      its.newest = one->id;
      its.planned_at = one->made_at;
    }
    book[one->id].is = std::move(*one);
    return true;
  });
  for (const flow::EntityId id : unsettled) appoint_all(id);
}

void Planner::Inside::take_change(flow::EntityId id) {
  const flow::EntityPtr entity = options.twin.get(id);
  if (work.contains(id) || (entity && entity->is_a(flow::kCaseType))) return take_case(id, entity.get());
  if (!entity) return;
  duty.take(*entity);
}

void Planner::Inside::take_case(flow::EntityId id, const flow::Entity* entity) {
  std::optional<Work> now;
  if (entity) {
    if (const auto c = flow::case_from(*entity))
      now = work_of(*c, c->is_open() ? options.standing(*c) : Standing::aside);
  }
  const auto known = work.find(id);
  const auto note = [&](const Work& one, bool urgent) {
    const auto at = desks.find(one.department);
    if (at == desks.end()) return;
    at->second.changed.insert(id);
    at->second.urgent |= urgent;
  };
  const bool was_open = known != work.end() && known->second.standing != Standing::aside;
  const bool is_open = now && now->standing != Standing::aside;
  if ((was_open || is_open) && !(known != work.end() && now && !is_other_work(known->second, *now))) {
    if (was_open && (!now || now->department != known->second.department)) note(known->second, false);
    if (now && !is_as_planned(*now)) note(*now, is_urgent(*now));
  }
  if (now) work.insert_or_assign(id, std::move(*now));
  else if (known != work.end()) work.erase(known);
}

// An appointment that the department's own proposal has brought about changes nothing.
bool Planner::Inside::is_as_planned(const Work& one) {
  const auto at = desks.find(one.department);
  const Kept* const newest = at == desks.end() ? nullptr : find(at->second.newest);
  if (!newest || !one.appointed) return false;
  for (const flow::ProposalRoute& route : newest->is.routes) {
    if (route.crew != one.appointed->crew) continue;
    for (const flow::ProposalStop& stop : route.stops) {
      if (stop.task == one.id) return stop.begin_at == one.appointed->planned_at;
    }
  }
  return false;
}

std::vector<std::string> Planner::Inside::crews_on_duty(const std::string& department) const {
  const Instant now = options.twin.clock().now();
  std::vector<std::string> out;
  for (const DutySpan& span : duty.roster()->on_duty(now, now + std::chrono::seconds(1))) {
    const Crew* crew = duty.roster()->find(span.crew);
    if (crew && crew->department == department) out.push_back(span.crew);
  }
  return out;
}

bool Planner::Inside::needs_plan(const Desk& one, const std::string& department, std::string& trigger) {
  if (one.queued || one.planning) return false;
  const PlanningSettings& settings = options.settings;
  const Instant now = options.twin.clock().now();
  const bool first = one.newest.empty() && one.planned_at == flow::kNever;
  const bool rested = first || now - one.planned_at >= settings.replan_every;
  const bool hurry = one.urgent && (first || now - one.planned_at >= settings.replan_every / 5);
  if (!rested && !hurry) return false;
  const auto on_duty = crews_on_duty(department);
  if (first) trigger = "start";
  else if (one.changed.size() >= settings.replan_after || hurry) trigger = "changes";
  else if (on_duty != one.on_duty && !one.on_duty.empty()) trigger = "shift";
  else return false;
  if (on_duty.empty()) return false;
  return std::ranges::any_of(work, [&](const auto& entry) {
    return entry.second.department == department && entry.second.standing == Standing::open;
  });
}

void Planner::Inside::look_round() {
  const Instant now = options.wall.now();
  if (!options.settings.automatic || (looked_at != flow::kNever && now - looked_at < kLookEvery)) return;
  looked_at = now;
  for (auto& [department, one] : desks) {
    std::string trigger;
    if (needs_plan(one, department, trigger)) ask(department, trigger, {}, nullptr);
  }
}

// Where each person took a step last, if that is not long ago.
std::map<std::string_view, const Work*> Planner::Inside::last_seen() const {
  const Instant now = options.twin.clock().now();
  std::map<std::string_view, const Work*> out;
  for (const auto& [id, one] : work) {
    if (!one.at || one.seen.empty() || now - one.seen_at > kSeenWithin) continue;
    const Work*& newest = out[one.seen];
    const bool later = !newest || one.seen_at > newest->seen_at ||
                       (one.seen_at == newest->seen_at && one.id.text() < newest->id.text());
    if (later) newest = &one;
  }
  return out;
}

// A crew is where one of it was seen last; at its base where nobody was.
geo::Position Planner::Inside::place_of(const std::vector<std::string>& members, const Crew& crew,
                                        const std::map<std::string_view, const Work*>& seen) {
  const Work* newest = nullptr;
  for (const std::string& member : members) {
    const auto at = seen.find(member);
    if (at != seen.end() && (!newest || at->second->seen_at > newest->seen_at)) newest = at->second;
  }
  return newest ? *newest->at : crew.base;
}

DayInput Planner::Inside::input_of(const std::string& department, bool by_person) {
  DayInput out;
  out.department = department;
  out.now = options.twin.clock().now();
  out.by_person = by_person;
  out.settings = options.settings;
  out.streets = options.streets.weights;
  out.places = places;
  const RosterPtr now_on = duty.roster();
  const auto seen = last_seen();
  for (const DutySpan& span : now_on->on_duty(out.now, out.now + options.settings.horizon)) {
    const Crew* crew = now_on->find(span.crew);
    if (!crew || crew->department != department) continue;
    const bool here = span.from <= out.now;
    out.crews.push_back({crew->id, crew->name, span.members, span.skills, crew->areas, span.from, span.until,
                         here ? place_of(span.members, *crew, seen) : crew->base, crew->base, crew->capacity,
                         crew->speed_mps});
  }
  for (const auto& [id, one] : work) {
    if (one.department != department || one.standing == Standing::aside) continue;
    const WorkNorm& norm = now_on->norm_for(one.kind, one.category);
    out.work.push_back({one, norm.skills, norm.service, norm.load, norm.kind.empty() && norm.category.empty()});
  }
  std::ranges::sort(out.work, {}, [](const DayWork& one) { return one.work.id.text(); });
  if (const Kept* newest = find(desk(department).newest)) {
    out.overrules = newest->is.overruled;
    if (newest->is.status != ProposalStatus::rejected) out.before = newest->is.routes;
  }
  return out;
}

}  // namespace cityloop::duty
