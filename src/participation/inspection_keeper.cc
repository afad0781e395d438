#include "participation/inspection_keeper.h"

#include <algorithm>

#include "base/json_value.h"
#include "base/log.h"
#include "casework/case_archive.h"
#include "flow/own_types.h"
#include "serve/case_intake.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kInspector = "inspector";

std::string point_json(double lon_deg, double lat_deg) {
  return fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", lon_deg, lat_deg);
}

flow::Action action_of(const Inspection& one, std::string_view verb) {
  flow::Action out;
  out.target = one.about;
  out.verb = verb;
  out.by = one.inspector;
  out.roles = {std::string(kInspector)};
  out.note = one.note;
  return out;
}

void write_photos(base::JsonWriter& out, std::string_view key, const Inspection& one) {
  out.key(key).array();
  for (const std::string& id : one.photos) out.text(id);
  out.end();
}

bool done_well(const Result<flow::Action>& acted) {
  return acted && acted->status == flow::ActionStatus::done;
}

}  // namespace

Result<Inspection> InspectionKeeper::find(std::string_view id) const {
  EntityId known = EntityId::lookup(id);
  if (known.empty()) known = find_inspection(id);
  const flow::EntityPtr entity = known.empty() ? nullptr : forum_.civic.twin.get(known);
  if (!entity || !entity->is_a(flow::kInspectionType)) return fail(Errc::not_found, "there is no such inspection");
  return inspection_from(*entity);
}

std::vector<Inspection> InspectionKeeper::all() const {
  std::vector<Inspection> out;
  forum_.civic.twin.each(flow::kInspectionType, [&](const flow::EntityPtr& entity) {
    if (auto one = inspection_from(*entity)) out.push_back(std::move(*one));
    return true;
  });
  return out;
}

// Those of which something may still follow, told by two texts before any is read whole.
std::vector<Inspection> InspectionKeeper::unfinished() const {
  const flow::Name state("state"), outcome("outcome");
  std::vector<Inspection> out;
  forum_.civic.twin.each(flow::kInspectionType, [&](const flow::EntityPtr& entity) {
    const std::string_view is = entity->text(state);
    const bool waits = is == "open" || (is == "answered" && entity->text(outcome).empty());
    if (!waits) return true;
    if (auto one = inspection_from(*entity)) out.push_back(std::move(*one));
    return true;
  });
  return out;
}

Status InspectionKeeper::commit(const Inspection& one, std::string_view by, flow::WriteMode mode) const {
  twin::Commit commit;
  commit.origin = flow::Name(by);
  commit.writes.push_back(to_write(one, mode));
  const twin::CommitResult done = forum_.civic.twin.commit(std::move(commit));
  TRY(done.status);
  return done.writes.front();
}

Status InspectionKeeper::look() {
  TRY(make_due());
  const Instant now = forum_.now();
  for (Inspection& one : unfinished()) {
    if (one.state == InspectionState::open && one.due_at != kNever && now > one.due_at) {
      one.state = InspectionState::missed;
      TRY(commit(one, kParticipationLoop));
    } else if (one.state == InspectionState::answered && one.outcome == InspectionOutcome::none) {
      follow_up(one);
    }
  }
  return {};
}

// Of the turn that it is now; what nobody was asked for in time is not asked for afterwards.
Status InspectionKeeper::make_due() {
  const Instant now = forum_.now();
  for (const Patrol& patrol : forum_.settings.patrols) {
    if (now < patrol.from) continue;
    const std::int64_t turn = (now - patrol.from) / patrol.every;
    const auto last = made_.find(patrol.id);
    if (last != made_.end() && last->second == turn) continue;
    TRY(make_round_of(patrol, turn, patrol.from + turn * patrol.every));
    made_[patrol.id] = turn;
  }
  return {};
}

Status InspectionKeeper::make_round_of(const Patrol& patrol, std::int64_t turn, Instant from) {
  for (std::size_t i = 0; i < patrol.points.size(); ++i) {
    const PatrolPoint& point = patrol.points[i];
    Inspection one;
    one.id = inspection_id(fmt::format("{}-{}-{}", patrol.id, turn, i + 1));
    if (forum_.civic.twin.get(one.id)) continue;
    one.task = InspectionTask::patrol;
    one.title = {fmt::format("{}：{}", patrol.name.zh, point.name.zh),
                 fmt::format("{}: {}", patrol.name.en, point.name.en)};
    one.ask = patrol.ask;
    one.lon_deg = point.lon_deg;
    one.lat_deg = point.lat_deg;
    one.area = forum_.area_of(point_json(point.lon_deg, point.lat_deg));
    one.patrol = patrol.id;
    one.inspector = patrol.inspector;
    one.by = kParticipationLoop;
    one.made_at = forum_.now();
    one.due_at = from + patrol.within;
    const Status made = commit(one, kParticipationLoop, flow::WriteMode::create);
    if (!made && made.error().code != Errc::exists) return made;
  }
  return {};
}

void InspectionKeeper::follow_up(const Inspection& one) {
  {
    const std::lock_guard lock(mutex_);
    if (!followed_.insert(one.id.text()).second) return;
  }
  const bool unreachable = one.result == InspectionResult::unreachable;
  if (one.task == InspectionTask::verify && !unreachable) return verify(one);
  if (!one.about.empty()) return note(one);
  if (one.result == InspectionResult::problem) return file(one);
  came_of(one, InspectionOutcome::kept, {});
}

// Where the case's workflow lets an inspector verify, the answer is the verification; otherwise it is told there.
void InspectionKeeper::verify(const Inspection& one) {
  flow::Action action = action_of(one, "verify");
  base::JsonWriter fields;
  fields.object().field("result", one.result == InspectionResult::fine ? "pass" : "fail");
  write_photos(fields, "photos", one);
  action.fields = fields.key("location").raw(point_json(one.seen_lon_deg, one.seen_lat_deg)).end().take();
  forum_.civic.desk.submit(std::move(action), serve::OnceKey{fmt::format("verify:{}", one.id.text()), true},
                           [this, one](const Result<flow::Action>& acted) {
                             (void)forum_.civic.clerk.post([this, one, done = done_well(acted)] {
                               if (!done) return note(one);
                               const bool fine = one.result == InspectionResult::fine;
                               came_of(one, fine ? InspectionOutcome::verified : InspectionOutcome::reworked, {});
                             });
                           });
}

void InspectionKeeper::note(const Inspection& one) {
  flow::Action action = action_of(one, "note");
  const std::string_view words = one.result == InspectionResult::fine ? "市民观察员：已看过，正常。 Inspector: fine."
                                 : one.result == InspectionResult::problem
                                     ? "市民观察员：仍有问题。 Inspector: a problem."
                                     : "市民观察员：未能到达。 Inspector: not reached.";
  action.note = one.note.empty() ? std::string(words) : fmt::format("{} {}", words, one.note);
  base::JsonWriter fields;
  write_photos(fields.object(), "photos", one);
  action.fields = fields.end().take();
  forum_.civic.desk.submit(std::move(action), serve::OnceKey{fmt::format("note:{}", one.id.text()), true},
                           [this, one](const Result<flow::Action>& acted) {
                             (void)forum_.civic.clerk.post([this, one, done = done_well(acted)] {
                               came_of(one, done ? InspectionOutcome::noted : InspectionOutcome::kept, {});
                             });
                           });
}

void InspectionKeeper::file(const Inspection& one) {
  base::JsonWriter body;
  body.object().key("title").object().field("zh", one.title.zh).field("en", one.title.en).end();
  body.field("description", one.note).key("location").raw(point_json(one.lon_deg, one.lat_deg));
  write_photos(body, "media", one);
  if (!one.kind.empty()) body.field("kind", one.kind);
  const auto parsed = base::JsonValue::parse(body.end().take());
  auto wish = parsed ? serve::NewCase::read(*parsed, forum_.civic.city)
                     : base::Result<serve::NewCase>(std::unexpected(parsed.error()));
  if (!wish) {
    base::log_warn("what an inspector saw is no case: {}", wish.error().message);
    return came_of(one, InspectionOutcome::kept, {});
  }
  wish->channel = "patrol";
  wish->report = true;
  flow::Action action = wish->action();
  action.by = one.inspector;
  action.roles = {std::string(kInspector)};
  forum_.civic.desk.submit(std::move(action), serve::OnceKey{fmt::format("file:{}", one.id.text()), true},
                           [this, one](const Result<flow::Action>& acted) {
                             const EntityId made = done_well(acted) ? acted->target : EntityId{};
                             (void)forum_.civic.clerk.post([this, one, made] {
                               came_of(one, made.empty() ? InspectionOutcome::kept : InspectionOutcome::filed, made);
                             });
                           });
}

void InspectionKeeper::came_of(const Inspection& one, InspectionOutcome outcome, EntityId made) {
  Inspection now = one;
  now.outcome = outcome;
  now.made = made;
  if (const Status done = commit(now, kParticipationLoop); !done)
    base::log_warn("an inspection: {}", done.error().message);
}

// A problem that was filed: the case was taken up and confirmed, or it was not. A verification: whether the case came
// back after "fixed", or was worked on again after "not fixed".
std::optional<bool> was_right(const twin::Twin& twin, const Inspection& one) {
  const EntityId about = one.made.empty() ? one.about : one.made;
  if (one.state != InspectionState::answered || about.empty() || !one.result) return std::nullopt;
  const auto found = casework::find_case(twin, about.text());
  if (!found) return std::nullopt;
  const auto later = [&](auto&& is) {
    return std::ranges::any_of(found->timeline,
                               [&](const flow::CaseStep& step) { return step.at > one.answered_at && is(step); });
  };
  const bool confirmed = found->outcome == flow::CaseOutcome::confirmed;
  if (one.outcome == InspectionOutcome::filed) {
    if (confirmed || found->outcome == flow::CaseOutcome::merged) return true;
    if (!found->is_open()) return false;
    return std::nullopt;
  }
  if (one.outcome == InspectionOutcome::verified) {
    if (found->is_open() || later([](const flow::CaseStep& step) { return step.verb == "reopen"; })) return false;
    return confirmed ? std::optional(true) : std::nullopt;
  }
  if (one.outcome == InspectionOutcome::reworked) {
    if (later([](const flow::CaseStep& step) { return step.verb == "report"; })) return true;
    return confirmed ? std::optional(false) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace cityloop::participation
