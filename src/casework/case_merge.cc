// Two cases of one matter become one, and two again.
//
// The merged case goes on in the main one: it stands in no list, its clocks stand still, its requests and tasks wait,
// and what its findings do counts for the main case. Nothing of it is thrown away, so undoing a merge gives it back
// exactly as it was; the time in between counts as time that its clocks stood still, for nobody could work on it, and
// each clock says so. A case may be merged with others merged into it before.
#include <algorithm>
#include <tuple>

#include "base/json_value.h"
#include "casework/case_code.h"
#include "casework/case_loop.h"
#include "casework/toml_reading.h"

namespace cityloop::casework {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::CaseOutcome;

namespace {

constexpr std::size_t kMergedMax = 1000;
constexpr int kDepthMax = 64;

JsonValue into_json(EntityId main) {
  return {JsonValue::Object{{"into", JsonValue{std::string(main.text())}}}};
}

}  // namespace

// The case in which this one goes on, itself when it is merged into none; null when that one is in hand no more.
const Tracked* CaseLoop::peek_root(const Tracked& tracked) const {
  const Tracked* at = &tracked;
  for (int i = 0; at && i < kDepthMax && !at->is.merged_into.empty(); ++i) at = book_.peek(at->is.merged_into);
  return at;
}

Tracked* CaseLoop::root_of(Tracked& tracked) {
  const Tracked* root = peek_root(tracked);
  return root ? book_.find(root->is.id) : nullptr;
}

// The case and all that were merged into it, each before those merged into it.
std::vector<EntityId> CaseLoop::tree_of(const Tracked& root) const {
  std::vector<EntityId> out{root.is.id};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Tracked* one = i == 0 ? &root : book_.peek(out[i]);
    if (one) out.insert(out.end(), one->is.merged.begin(), one->is.merged.end());
  }
  return out;
}

// Of a storm it is the share of all its findings, those of the cases merged into it included, that counts.
bool CaseLoop::is_tree_cleared(const Tracked& root) const {
  double all = 0, cleared = 0;
  bool each = true;
  for (const EntityId id : tree_of(root)) {
    const Tracked* one = id == root.is.id ? &root : book_.peek(id);
    if (!one || one->own.finding.empty()) continue;
    each = each && one->own.cleared;
    all += one->storm ? one->storm->covered : 1;
    cleared += one->storm ? one->storm->cleared : one->own.cleared;
  }
  return root.storm ? cleared >= root.storm->spec.clear_share * all : each;
}

std::uint32_t CaseLoop::cleared_in(const Tracked& root) const {
  std::uint32_t cleared = 0;
  for (const EntityId id : tree_of(root)) {
    const Tracked* one = id == root.is.id ? &root : book_.peek(id);
    if (one && !one->own.finding.empty()) cleared += one->storm ? one->storm->cleared : std::uint32_t(one->own.cleared);
  }
  return cleared;
}

// What the case says of its findings, from its own and those of the cases merged into it.
void CaseLoop::refresh(Tracked& root) {
  flow::Case& one = root.is;
  const auto before = std::tuple(one.finding, one.finding_cleared, one.cleared_at);
  one.finding = {};
  one.severity = root.own.severity;
  one.cleared_at = kNever;
  one.verify_hold = root.kind->verify_hold;
  for (const EntityId id : tree_of(root)) {
    const Tracked* part = id == one.id ? &root : book_.peek(id);
    if (!part) continue;
    one.severity = std::max(one.severity, part->own.severity);
    if (part->own.finding.empty()) continue;
    if (one.finding.empty()) one.finding = part->own.finding;
    one.verify_hold = std::max(one.verify_hold, part->kind->verify_hold);
    if (part->own.cleared_at != kNever) one.cleared_at = std::max(one.cleared_at, part->own.cleared_at);
  }
  one.finding_cleared = !one.finding.empty() && is_tree_cleared(root);
  // Of a storm it is known when the last one that was needed cleared, and by no single case of it.
  if (root.storm && one.finding_cleared) one.cleared_at = std::get<1>(before) ? std::get<2>(before) : now_;
  if (!one.finding_cleared) one.cleared_at = kNever;
  if (root.storm) one.cleared_count = cleared_in(root);
  if (before != std::tuple(one.finding, one.finding_cleared, one.cleared_at)) root.hold_told = false;
  touched_.insert(one.id.text());
}

// More or fewer reports and findings, for the case and all that it goes on in.
void CaseLoop::grow(Tracked& tracked, std::int64_t by) {
  Tracked* at = &tracked;
  for (int i = 0; at && i < kDepthMax; ++i) {
    at->is.count = std::uint32_t(std::max<std::int64_t>(1, std::int64_t(at->is.count) + by));
    touched_.insert(at->is.id.text());
    at = at->is.merged_into.empty() ? nullptr : book_.find(at->is.merged_into);
  }
}

base::Status CaseLoop::check_merge(const Tracked& tracked, std::string_view into) const {
  const Tracked* main = book_.peek(EntityId::lookup(into));
  if (!main) return fail(Errc::not_found, "there is no case '{}' to merge into, or it ended long ago", into);
  if (main == &tracked) return fail(Errc::conflict, "a case is not merged into itself");
  if (!main->is.merged_into.empty())
    return fail(Errc::conflict, "{} is merged into another case itself: {}", main->is.code,
                main->is.merged_into.text());
  if (!main->is.is_open()) return fail(Errc::conflict, "{} has ended: what comes now is a new case", main->is.code);
  if (main->is.merged.size() >= kMergedMax)
    return fail(Errc::full, "{} has {} cases merged into it already", main->is.code, kMergedMax);
  return {};
}

base::Status CaseLoop::check_unmerge(const Tracked& tracked) const {
  if (tracked.flow->find_state(tracked.state_unmerged) < 0)
    return fail(Errc::conflict, "there is no state to go back to");
  const flow::Case& one = tracked.is;
  if (tracked.unlisted && !one.rule.empty() && book_.has_open(one.rule, one.about))
    return fail(Errc::conflict, "another case of the same finding is open by now");
  return {};
}

// By which step this person may merge a case; null when by none.
const Transition* CaseLoop::merge_step_of(const Tracked& tracked, const CaseActor& actor) const {
  const int state = tracked.flow->find_state(tracked.is.state);
  for (const Transition& step : tracked.flow->transitions) {
    const bool fits = step.event.empty() && step.request.empty() && tracked.flow->merges(step) && step.leaves(state);
    if (fits && !acting_as(step.by, tracked.is, actor).empty()) return &step;
  }
  return nullptr;
}

// All of them or none: what could not be merged is found before anything is.
base::Status CaseLoop::check_absorb(const Tracked& main, const CaseActor& actor, const JsonValue& given) const {
  const JsonValue* cases = given.find("cases");
  if (!cases || !cases->array() || cases->array()->empty())
    return fail(Errc::invalid, "'cases' names the cases that are merged into this one");
  if (main.is.merged.size() + cases->array()->size() > kMergedMax)
    return fail(Errc::full, "at most {} cases can be merged into one", kMergedMax);
  std::set<std::string_view> seen;
  for (const JsonValue& named : *cases->array()) {
    if (!named.text() || !seen.insert(*named.text()).second)
      return fail(Errc::invalid, "'cases' is a list of different cases");
    const Tracked* other = book_.peek(EntityId::lookup(*named.text()));
    if (!other) return fail(Errc::not_found, "there is no case '{}', or it ended long ago", *named.text());
    TRY(check_merge(*other, main.is.id.text()));
    if (!merge_step_of(*other, actor))
      return fail(Errc::conflict, "{} cannot be merged by {} while it is {}", other->is.code, actor.id,
                  other->is.state);
  }
  return {};
}

void CaseLoop::absorb(Tracked& main, const CaseActor& actor, const std::string& note, const JsonValue& given) {
  const JsonValue* cases = given.find("cases");
  for (const JsonValue& named : *cases->array()) {
    Tracked* other = book_.find(EntityId::lookup(*named.text()));
    const Transition* step = other ? merge_step_of(*other, actor) : nullptr;
    if (step) take(*other, *step, {actor.id, acting_as(step->by, other->is, actor)}, note, into_json(main.is.id));
  }
}

void CaseLoop::take_merge(Tracked& tracked, const Transition& step, const Doer& doer, std::string note,
                          const JsonValue& given) {
  Tracked* main = book_.find(EntityId::lookup(given.text_or("into", "")));
  if (!main) return;
  const State& to = tracked.flow->states[std::size_t(step.to)];
  flow::Case& one = tracked.is;
  for (const Effect& effect : step.run) run_before(tracked, effect, doer, note, given);
  tracked.state_unmerged = one.state;
  one.state = to.id;
  one.stage = to.stage;
  one.outcome = CaseOutcome::merged;
  one.closed_at = now_;
  one.merged_into = main->is.id;
  for (flow::CaseClock& clock : one.clocks) stand(clock, calendar_of(tracked, clock), now_);
  book_.rest(tracked, now_);
  neighbours_.remove(case_number(one.code));
  main->is.merged.push_back(one.id);
  grow(*main, one.count);
  refresh(*main);
  ++stats_.merged;
  write_step(tracked, doer, step.verb, std::move(note), step.code, given.dump());
  write_step(*main, {std::string(kLoop)}, "note", fmt::format("{}: {}", one.code, in_both(one.title)), "merged_here");
  for (const Effect& effect : step.run) run_after(tracked, effect, &step, doer, given);
  for (const Effect& effect : to.run) run_before(tracked, effect, doer, {}, {});
  for (const Effect& effect : to.run) run_after(tracked, effect, nullptr, doer, {});
}

// Where it came from its clocks stood still already they go on standing.
void CaseLoop::take_unmerge(Tracked& tracked, const Transition& step, const Doer& doer, std::string note,
                            const JsonValue& given) {
  flow::Case& one = tracked.is;
  const State& back = tracked.flow->state(tracked.state_unmerged);
  for (const Effect& effect : step.run) run_before(tracked, effect, doer, note, given);
  // After the main case ended nobody listened to its findings: as when a case is reopened, people verify it.
  if (tracked.unlisted && !tracked.own.finding.empty()) one.reopened = true;
  if (Tracked* main = book_.find(one.merged_into)) {
    std::erase(main->is.merged, one.id);
    grow(*main, -std::int64_t(one.count));
    refresh(*main);
    write_step(*main, {std::string(kLoop)}, "note", fmt::format("{}: {}", one.code, in_both(one.title)),
               "unmerged_here");
  }
  one.merged_into = {};
  one.state = back.id;
  one.stage = back.stage;
  one.outcome = CaseOutcome::open;
  one.closed_at = kNever;
  tracked.state_unmerged.clear();
  for (flow::CaseClock& clock : one.clocks) {
    const bool with_case = !clock.id.starts_with("request-");
    if (!(with_case && back.stands)) go_on(clock, calendar_of(tracked, clock), now_);
  }
  book_.reopen(tracked);
  neighbours_.add(case_number(one.code), one);
  watch_again(tracked);
  refresh(tracked);
  ++stats_.unmerged;
  write_step(tracked, doer, step.verb, std::move(note), step.code, {});
  for (const Effect& effect : step.run) run_after(tracked, effect, &step, doer, given);
}

// What was merged into a case ends and comes back with it.
void CaseLoop::end_tree(const Tracked& root) {
  for (const EntityId id : tree_of(root)) {
    if (id == root.is.id) continue;
    if (Tracked* one = book_.find(id)) book_.end(*one, now_), touched_.insert(one->is.id.text());
  }
}

void CaseLoop::reopen_tree(const Tracked& root) {
  for (const EntityId id : tree_of(root)) {
    if (id == root.is.id) continue;
    if (Tracked* one = book_.find(id)) book_.list(*one), touched_.insert(one->is.id.text());
  }
}

bool CaseLoop::could_come_back(const Tracked& root) const {
  const auto tree = tree_of(root);
  return std::none_of(tree.begin(), tree.end(), [&](EntityId id) {
    const Tracked* one = id == root.is.id ? &root : book_.peek(id);
    return one && !one->is.rule.empty() && one->unlisted && book_.has_open(one->is.rule, one->is.about);
  });
}

// Who reported it, and who reported what was merged into it; each once.
std::vector<std::string> CaseLoop::reporters_of(const Tracked& root) const {
  std::vector<std::string> out;
  for (const EntityId id : tree_of(root)) {
    const Tracked* one = id == root.is.id ? &root : book_.peek(id);
    if (one && !one->is.opened_by.empty() && std::find(out.begin(), out.end(), one->is.opened_by) == out.end())
      out.push_back(one->is.opened_by);
  }
  return out;
}

}  // namespace cityloop::casework
