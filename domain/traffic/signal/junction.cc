#include "domain/traffic/signal/junction.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace cityloop::traffic {
namespace {

constexpr std::string_view kLetters = "rygG";

bool loses_green(const Stage& from, const Stage& to, std::size_t movement) {
  return is_green(from.aspects[movement]) && !is_green(to.aspects[movement]);
}

// The text of lights in which movements that lose their green show `closing`, all that go on show what they had, and
// those that are to begin wait.
std::string between(const Junction& junction, int from_stage, int to_stage, Aspect closing) {
  std::string text(static_cast<std::size_t>(junction.links), 'r');
  const Stage& from = junction.stages[static_cast<std::size_t>(from_stage)];
  const Stage& to = junction.stages[static_cast<std::size_t>(to_stage)];
  for (std::size_t m = 0; m < junction.movements.size(); ++m) {
    const Aspect shown = loses_green(from, to, m) ? closing : from.aspects[m];
    text[static_cast<std::size_t>(junction.movements[m].link)] = letter(shown);
  }
  return text;
}

bool in_range(int index, std::size_t size) {
  return index >= 0 && static_cast<std::size_t>(index) < size;
}

base::Status check_lanes(const Junction& junction) {
  for (const Lane& lane : junction.lanes) {
    if (!(lane.length_m > 0) || !(lane.speed_mps > 0)) {
      return base::fail(base::Errc::invalid, "junction {}: lane {} needs a length and a speed", junction.id, lane.id);
    }
    for (const int next : lane.next) {
      if (in_range(next, junction.lanes.size())) continue;
      return base::fail(base::Errc::invalid, "junction {}: lane {} leads to a lane that is not there", junction.id,
                        lane.id);
    }
  }
  return {};
}

base::Status check_movements(const Junction& junction) {
  for (std::size_t m = 0; m < junction.movements.size(); ++m) {
    const Movement& movement = junction.movements[m];
    const bool on_foot = movement.kind == MovementKind::pedestrian;
    const bool lanes_known =
        on_foot || (in_range(movement.from, junction.lanes.size()) && in_range(movement.to, junction.lanes.size()));
    if (!lanes_known || !in_range(movement.link, static_cast<std::size_t>(std::max(0, junction.links)))) {
      return base::fail(base::Errc::invalid, "junction {}: movement {} has no lane or no light", junction.id, m);
    }
    const bool served = std::ranges::any_of(
        junction.stages, [&](const Stage& stage) { return m < stage.aspects.size() && is_green(stage.aspects[m]); });
    if (!served) {
      return base::fail(base::Errc::invalid, "junction {}: no stage lets movement {} go (light {})", junction.id, m,
                        movement.link);
    }
  }
  return {};
}

base::Status check_stage(const Junction& junction, const Stage& stage) {
  const int count = static_cast<int>(junction.movements.size());
  for (int first = 0; first < count; ++first) {
    const Aspect shown = stage.aspects[static_cast<std::size_t>(first)];
    if (shown == Aspect::yellow) {
      return base::fail(base::Errc::invalid, "junction {}: stage {} shows yellow", junction.id, stage.name);
    }
    for (int second = first + 1; second < count; ++second) {
      const Aspect other = stage.aspects[static_cast<std::size_t>(second)];
      if (compatible(junction, first, shown, second, other)) continue;
      return base::fail(base::Errc::conflict, "junction {}: stage {} lets conflicting movements {} and {} go",
                        junction.id, stage.name, first, second);
    }
  }
  return {};
}

base::Status check_plan(const Junction& junction) {
  for (const PlanStep& step : junction.plan.steps) {
    if (in_range(step.stage, junction.stages.size()) && step.green_s > 0 && step.change_s >= 0) continue;
    return base::fail(base::Errc::invalid, "junction {}: a step of the fixed plan has no stage or no green",
                      junction.id);
  }
  if (junction.plan.steps.empty()) {
    return base::fail(base::Errc::invalid, "junction {}: there is no fixed plan to fall back to", junction.id);
  }
  return {};
}

}  // namespace

bool lets_nobody_go(const Stage& stage) {
  return std::ranges::none_of(stage.aspects, is_green);
}

char letter(Aspect aspect) {
  return kLetters[static_cast<std::size_t>(aspect)];
}

double FixedPlan::cycle_s() const {
  double total = 0;
  for (const PlanStep& step : steps) total += step.green_s + step.change_s;
  return total;
}

FixedPlan::Place FixedPlan::at(double time_s) const {
  const double cycle = cycle_s();
  double into = std::fmod(time_s - offset_s, cycle);
  if (into < 0) into += cycle;
  const int last = static_cast<int>(steps.size()) - 1;
  int step = 0;
  for (; step < last; ++step) {
    const PlanStep& here = steps[static_cast<std::size_t>(step)];
    if (into < here.green_s + here.change_s) break;
    into -= here.green_s + here.change_s;
  }
  const PlanStep& here = steps[static_cast<std::size_t>(step)];
  return {.step = step, .into_s = into, .next_s = here.green_s + here.change_s - into};
}

int Junction::find_lane(std::string_view lane) const {
  const auto found = std::ranges::find(lanes, lane, &Lane::id);
  return found == lanes.end() ? -1 : static_cast<int>(found - lanes.begin());
}

double Junction::change_s(int from_stage, int to_stage) const {
  if (from_stage == to_stage) return 0;
  const Stage& from = stages[static_cast<std::size_t>(from_stage)];
  const Stage& to = stages[static_cast<std::size_t>(to_stage)];
  for (std::size_t m = 0; m < movements.size(); ++m) {
    if (loses_green(from, to, m)) return yellow_s + all_red_s;
  }
  return 0;
}

std::string Junction::state(int stage) const {
  std::string text(static_cast<std::size_t>(links), 'r');
  const Stage& shown = stages[static_cast<std::size_t>(stage)];
  for (std::size_t m = 0; m < movements.size(); ++m) {
    text[static_cast<std::size_t>(movements[m].link)] = letter(shown.aspects[m]);
  }
  return text;
}

std::string Junction::yellow_state(int from_stage, int to_stage) const {
  return between(*this, from_stage, to_stage, Aspect::yellow);
}

std::string Junction::all_red_state(int from_stage, int to_stage) const {
  return between(*this, from_stage, to_stage, Aspect::red);
}

bool compatible(const Junction& junction, int first, Aspect shown, int second, Aspect other) {
  const bool both_move = shown != Aspect::red && other != Aspect::red;
  if (!both_move || first == second) return true;
  switch (junction.conflict(first, second)) {
    case Conflict::none: return true;
    case Conflict::excludes: return false;
    // Who must give way may be let go only under the light that says so; yellow is the end of a green that was.
    case Conflict::yields: return shown != Aspect::protected_;
    case Conflict::has_way: return other != Aspect::protected_;
  }
  return false;
}

base::Status check(const Junction& junction) {
  const std::size_t count = junction.movements.size();
  if (junction.stages.empty() || junction.conflicts.size() != count * count) {
    return base::fail(base::Errc::invalid, "junction {}: it needs stages, and a conflict for each pair of movements",
                      junction.id);
  }
  if (junction.yellow_s < 0 || junction.all_red_s < 0 || junction.min_green_s < 0 || junction.max_red_s <= 0) {
    return base::fail(base::Errc::invalid, "junction {}: a clearance or a limit is negative", junction.id);
  }
  for (const Stage& stage : junction.stages) {
    if (stage.aspects.size() == count && stage.min_green_s >= 0) continue;
    return base::fail(base::Errc::invalid, "junction {}: stage {} does not tell of each movement", junction.id,
                      stage.name);
  }
  TRY(check_lanes(junction));
  TRY(check_movements(junction));
  for (const Stage& stage : junction.stages) TRY(check_stage(junction, stage));
  return check_plan(junction);
}

}  // namespace cityloop::traffic
