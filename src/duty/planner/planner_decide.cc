// Plans that come in become proposals; what people say about them is kept, and what they accept is appointed.

#include <algorithm>

#include "base/json_writer.h"
#include "base/log.h"
#include "duty/planner/planner_inside.h"
#include "flow/noun.h"

namespace cityloop::duty {
namespace {

using base::Errc;
using base::fail;
using base::Status;
using flow::Appointed;
using flow::EntityId;
using flow::Overrule;
using flow::OverruleKind;
using flow::Proposal;
using flow::ProposalRoute;
using flow::ProposalStatus;
using flow::ProposalStop;

constexpr std::size_t kOverrulesMax = 500;  // in force at a time in a department
constexpr std::string_view kOrigin = "loop:planner";

ProposalRoute* route_of(Proposal& one, const std::string& crew) {
  const auto found = std::ranges::find(one.routes, crew, &ProposalRoute::crew);
  return found == one.routes.end() ? nullptr : &*found;
}

bool any(const Proposal& one, ProposalStatus status) {
  return std::ranges::any_of(one.routes, [&](const ProposalRoute& route) { return route.status == status; });
}

// Decided when no part is open any more.
void settle_status(Proposal& one, const Asker& asker, Instant now) {
  if (one.status != ProposalStatus::open || any(one, ProposalStatus::open)) return;
  one.status = any(one, ProposalStatus::accepted) ? ProposalStatus::accepted : ProposalStatus::rejected;
  one.decided_by = asker.by;
  one.decided_at = now;
}

bool differs(const flow::ProposalFigures& f) {
  return f.changed_new + f.changed_crew + f.changed_order + f.changed_time + f.dropped > 0;
}

void answer_all(std::vector<Planner::Done>& waiting, const base::Result<Proposal>& answer) {
  for (const Planner::Done& done : std::exchange(waiting, {})) {
    if (done) done(answer);
  }
}

}  // namespace

// Of what is outdated only that is written: its routes stand in the log already, and are long.
flow::Write write_of(const Proposal& one, const PlanningSettings& settings, Instant now) {
  flow::Write out = flow::to_write(one);
  if (one.status == ProposalStatus::outdated) {
    out = flow::NounWriter(one.id, "Proposal", flow::WriteMode::update).text("status", to_string(one.status)).take();
    out.expires_at = now + settings.keep_outdated;
  }
  if (one.status == ProposalStatus::accepted || one.status == ProposalStatus::rejected)
    out.expires_at = now + settings.keep_decided;
  return out;
}

Planner::Inside::Kept* Planner::Inside::find(EntityId proposal) {
  const auto found = book.find(proposal);
  return found == book.end() ? nullptr : &found->second;
}

// Kept as long as it is its department's newest or waits for answers.
void Planner::Inside::let_go(EntityId proposal) {
  const Kept* const kept = find(proposal);
  if (!kept || kept->unanswered > 0 || desk(kept->is.department).newest == proposal) return;
  book.erase(proposal);
}

// Several who ask while one plan waits to be made get the same one.
void Planner::Inside::ask(const std::string& department, std::string trigger, Asker asker, Done done) {
  Desk& one = desk(department);
  if (done) one.waiting.push_back(std::move(done));
  if (one.planning && trigger == "person") one.again |= one.touched || !one.by_person;
  const bool person_waits = (one.queued || one.again) && one.trigger == "person";
  if (!person_waits || trigger == "person") one.trigger = std::move(trigger), one.asker = std::move(asker);
  if (one.queued || one.planning) return;
  one.queued = true;
  queue.push_back(department);
}

void Planner::Inside::finish(const Job& done, Proposal plan) {
  busy = false;
  Desk& one = desk(done.department);
  one.planning = false;
  one.planned_at = options.twin.clock().now();
  if (stopping.stop_requested()) return;
  if (one.again) {
    one.again = false;
    one.queued = true;
    return queue.push_front(done.department);
  }
  plan.state = done.state;
  plan.trigger = done.trigger;
  plan.by = done.asker.by;
  if (done.trigger != "person" && !differs(plan.figures)) {
    // Nothing to say that is not appointed already; what was open before is not needed any more.
    Kept* const newest = find(one.newest);
    if (newest && newest->is.status == ProposalStatus::open && !any(newest->is, ProposalStatus::accepted)) {
      newest->is.status = ProposalStatus::outdated;
      write({newest->is}, std::string(kOrigin), nullptr);
    }
    return answer_all(one.waiting, fail(Errc::conflict, "nothing would change"));
  }
  propose(done, std::move(plan));
}

void Planner::Inside::propose(const Job& done, Proposal plan) {
  Desk& one = desk(done.department);
  std::vector<Proposal> written;
  if (Kept* const newest = find(one.newest)) {
    // What was said since the plan began holds for the next one; what was taken back meanwhile holds no more.
    std::erase_if(plan.overruled, [&](const Overrule& rule) {
      return std::ranges::find(newest->is.overruled, rule.number, &Overrule::number) == newest->is.overruled.end();
    });
    for (const Overrule& rule : newest->is.overruled) {
      if (rule.number > done.overrules) plan.overruled.push_back(rule);
    }
    if (newest->is.status == ProposalStatus::open) {
      const bool some = any(newest->is, ProposalStatus::accepted);
      newest->is.status = some ? ProposalStatus::accepted : ProposalStatus::outdated;
      written.push_back(newest->is);
    }
  }
  const EntityId before = one.newest;
  plan.number = ++one.number;
  plan.id = flow::proposal_id(done.department, plan.number);
  plan.status = ProposalStatus::open;
  one.newest = plan.id;
  one.trouble.clear();
  book[plan.id].is = plan;
  let_go(before);
  written.push_back(plan);
  write(written, done.asker.by.empty() ? std::string(kOrigin) : done.asker.by,
        [this, department = done.department, plan, waiting = std::exchange(one.waiting, {})](Status status) mutable {
          if (!status) desk(department).trouble = status.error().message;
          answer_all(waiting, status ? base::Result<Proposal>(plan) : std::unexpected(status.error()));
        });
}

// Together in one commit; `then` runs on the planner's thread when it is on disk.
void Planner::Inside::write(const std::vector<Proposal>& all, const std::string& origin,
                            std::function<void(Status)> then) {
  twin::Commit commit;
  commit.origin = flow::Name(origin);
  const Instant now = options.twin.clock().now();
  for (const Proposal& one : all) commit.writes.push_back(write_of(one, options.settings, now));
  ++writing;
  options.twin.submit(std::move(commit),
                      [this, box = mailbox, then = std::move(then)](const twin::CommitResult& result) {
                        Status status = result.status;
                        for (const auto& one : result.writes) {
                          if (status && !one) status = std::unexpected(one.error());
                        }
                        if (!status) base::log_warn("a proposal could not be written: {}", status.error().message);
                        box->post([this, then, status] {
                          --writing;
                          if (then) then(status);
                        });
                      });
}

void Planner::Inside::act(EntityId id, const ProposalWish& wish, const Asker& asker, Done done) {
  Kept* const kept = find(id);
  if (!kept || desk(kept->is.department).newest != id)
    return done(fail(Errc::conflict, "a later plan has taken its place: look at the newest proposal"));
  Desk& its = desk(kept->is.department);
  its.touched = true;
  if (wish.verb == "accept") {
    its.again |= its.planning;
    return accept(*kept, wish, asker, std::move(done));
  }
  const bool decides = wish.verb == "reject";
  const Status said = decides ? reject(kept->is, wish, asker) : overrule(its, kept->is, wish, asker);
  if (!said) return done(std::unexpected(said.error()));
  write({kept->is}, asker.by, [this, id, wish, asker, decides, done = std::move(done)](Status status) {
    const Kept* const now = find(id);
    if (!status) return done(std::unexpected(status.error()));
    if (!now) return done(fail(Errc::conflict, "a later plan has taken its place"));
    if (decides || !wish.replan) return done(now->is);
    ask(now->is.department, "person", asker, done);
  });
}

// What a wish names must be there: work of the department, and crews of it.
Status Planner::Inside::check_named(const Proposal& on, const ProposalWish& wish) const {
  const auto is_work = [&](EntityId id) {
    const auto found = work.find(id);
    return found != work.end() && found->second.department == on.department &&
           found->second.standing != Standing::aside;
  };
  if (!wish.crew.empty()) {
    const Crew* const crew = duty.roster()->find(wish.crew);
    if (!crew || crew->department != on.department)
      return fail(Errc::invalid, "'{}' is no crew of the department '{}'", wish.crew, on.department);
  }
  if (!wish.task.empty() && !is_work(wish.task))
    return fail(Errc::invalid, "{} is no open work of the department '{}'", wish.task.text(), on.department);
  for (const EntityId id : wish.tasks) {
    if (!is_work(id)) return fail(Errc::invalid, "{} is no open work of the department '{}'", id.text(), on.department);
  }
  return {};
}

Status Planner::Inside::overrule(Desk& its, Proposal& on, const ProposalWish& wish, const Asker& asker) {
  auto& all = on.overruled;
  if (wish.verb == "release") {
    if (std::erase_if(all, [&](const Overrule& one) { return one.number == wish.overrule; }) > 0) return {};
    return fail(Errc::not_found, "there is no overrule {}", wish.overrule);
  }
  TRY(check_named(on, wish));
  Overrule rule;
  const bool one_case = !wish.task.empty(), one_crew = !wish.crew.empty();
  if (wish.verb == "pin" && one_case && one_crew) rule.kind = OverruleKind::pin;
  else if (wish.verb == "exclude" && one_case && !one_crew) rule.kind = OverruleKind::exclude_case;
  else if (wish.verb == "exclude" && one_crew && !one_case) rule.kind = OverruleKind::exclude_crew;
  else if (wish.verb == "reorder" && one_crew && !wish.tasks.empty()) rule.kind = OverruleKind::order;
  else return fail(Errc::invalid, "pin needs 'case' and 'crew', exclude one of them, reorder 'crew' and 'cases'");
  rule.task = wish.task;
  rule.crew = wish.crew;
  rule.tasks = wish.tasks;
  rule.by = asker.by;
  rule.at = options.twin.clock().now();
  rule.until = wish.until;
  rule.note = wish.note;
  if (rule.kind == OverruleKind::exclude_crew && rule.until == flow::kNever) {
    const auto spans = duty.roster()->present(rule.at, rule.at + options.settings.horizon);
    rule.until = rule.at + options.settings.horizon;
    for (const DutySpan& span : spans) {
      if (span.crew == rule.crew && span.from <= rule.at) rule.until = span.until;
    }
  }
  // The later word about the same thing takes the place of the earlier one.
  std::erase_if(all, [&](const Overrule& one) {
    if (rule.kind == OverruleKind::order) return one.kind == rule.kind && one.crew == rule.crew;
    if (rule.kind == OverruleKind::exclude_crew) return one.kind == rule.kind && one.crew == rule.crew;
    return one.task == rule.task && one.kind != OverruleKind::order;
  });
  if (all.size() >= kOverrulesMax) return fail(Errc::full, "{} overrules are in force: release some", kOverrulesMax);
  rule.number = ++its.overrules;
  all.push_back(std::move(rule));
  return {};
}

Status Planner::Inside::reject(Proposal& on, const ProposalWish& wish, const Asker& asker) {
  if (wish.note.empty()) return fail(Errc::invalid, "who rejects says why ('note')");
  if (on.status != ProposalStatus::open) return fail(Errc::conflict, "it is {} already", to_string(on.status));
  if (!wish.crew.empty() && !route_of(on, wish.crew))
    return fail(Errc::invalid, "the crew '{}' has no part in it", wish.crew);
  const Instant now = options.twin.clock().now();
  for (ProposalRoute& route : on.routes) {
    if (route.status != ProposalStatus::open || (!wish.crew.empty() && route.crew != wish.crew)) continue;
    route.status = ProposalStatus::rejected;
    route.by = asker.by, route.at = now, route.note = wish.note;
  }
  if (wish.crew.empty()) on.note = wish.note;
  if (on.routes.empty()) on.status = ProposalStatus::rejected, on.decided_by = asker.by, on.decided_at = now;
  settle_status(on, asker, now);
  return {};
}

// First the word of who accepts is on disk; then each case is asked for. After a crash between, it is asked for again.
void Planner::Inside::accept(Kept& kept, const ProposalWish& wish, const Asker& asker, Done done) {
  Proposal& on = kept.is;
  if (!wish.crew.empty() && !route_of(on, wish.crew))
    return done(fail(Errc::invalid, "the crew '{}' has no part in it", wish.crew));
  if (on.status == ProposalStatus::rejected || on.status == ProposalStatus::outdated)
    return done(fail(Errc::conflict, "it is {} already", to_string(on.status)));
  const Instant now = options.twin.clock().now();
  bool any_open = false;
  for (ProposalRoute& route : on.routes) {
    if (!wish.crew.empty() && route.crew != wish.crew) continue;
    if (route.status != ProposalStatus::open) {
      if (!wish.crew.empty() && route.status == ProposalStatus::rejected)
        return done(fail(Errc::conflict, "this crew's part is rejected already"));
      continue;
    }
    any_open = true;
    route.status = ProposalStatus::accepted;
    route.by = asker.by, route.roles = asker.roles, route.department = asker.department;
    route.at = now, route.note = wish.note;
    for (ProposalStop& stop : route.stops) {
      const bool stays = stop.begun || stop.change == flow::StopChange::same;
      stop.appointed = stays ? Appointed::done : Appointed::waiting;
    }
  }
  if (!any_open && kept.unanswered == 0) return done(on);
  settle_status(on, asker, now);
  kept.waiting.push_back(std::move(done));
  if (!any_open) return;
  kept.unanswered += 1;  // until its own writing is known
  write({on}, asker.by, [this, id = on.id](Status status) {
    Kept* const now_kept = find(id);
    if (!now_kept) return;
    --now_kept->unanswered;
    if (!status) return answer_all(now_kept->waiting, std::unexpected(status.error()));
    appoint_all(id);
  });
}

void Planner::Inside::appoint_all(EntityId proposal) {
  Kept* const kept = find(proposal);
  if (!kept) return;
  std::vector<std::pair<const ProposalRoute*, const ProposalStop*>> all;
  for (const ProposalRoute& route : kept->is.routes) {
    if (route.status != ProposalStatus::accepted) continue;
    for (const ProposalStop& stop : route.stops) {
      if (stop.appointed == Appointed::waiting) all.emplace_back(&route, &stop);
    }
  }
  kept->unanswered += all.size();
  for (const auto& [route, stop] : all) appoint(proposal, *route, *stop);
  if (!all.empty()) return;
  answer_all(kept->waiting, kept->is);
  let_go(proposal);
}

void Planner::Inside::appoint(EntityId proposal, const ProposalRoute& route, const ProposalStop& stop) {
  flow::Action action;
  action.target = stop.task;
  action.verb = "appoint";
  action.by = route.by;
  action.roles = route.roles;
  action.department = route.department;
  base::JsonWriter fields;
  fields.object().field("crew", route.crew).field("planned_at", base::format_time(stop.begin_at));
  action.fields = fields.field("turn", stop.turn).end().take();
  const std::string key = fmt::format("appoint:{}:{}", proposal.text(), stop.task.text());
  options.appoint(std::move(action), key, [this, box = mailbox, proposal, task = stop.task](const auto& answer) {
    box->post([this, proposal, task, answer] { answered(proposal, task, answer); });
  });
}

void Planner::Inside::answered(EntityId proposal, EntityId task, const base::Result<flow::Action>& answer) {
  Kept* const kept = find(proposal);
  if (!kept) return;
  for (ProposalRoute& route : kept->is.routes) {
    for (ProposalStop& stop : route.stops) {
      if (stop.task != task || stop.appointed != Appointed::waiting) continue;
      if (!answer && answer.error().code == Errc::timeout) {
        // It stands in the log and will be done or refused; who waits for it hears how far things are.
        answer_all(kept->waiting, kept->is);
        return appoint(proposal, route, stop);
      }
      const bool done = answer && answer->status == flow::ActionStatus::done;
      stop.appointed = done ? Appointed::done : Appointed::refused;
      if (!done) stop.refusal = answer ? answer->reason : answer.error().message;
    }
  }
  if (--kept->unanswered > 0) return;
  write({kept->is}, std::string(kOrigin), [this, proposal](Status) {
    Kept* const now = find(proposal);
    if (!now) return;
    answer_all(now->waiting, now->is);
    let_go(proposal);
  });
}

}  // namespace cityloop::duty
