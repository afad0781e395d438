#include "domain/traffic/signal/settings_flaws.h"

#include <algorithm>

#include "domain/traffic/signal/safety_monitor.h"

namespace cityloop::traffic {

using base::ConfigTable;

namespace {

class Flaws {
 public:
  Flaws(const Junction& junction, double latency_s, const std::vector<std::string>& movements, ConfigTable& table,
        std::vector<ConfigTable>& stages)
      : junction_(junction), latency_s_(latency_s), movements_(movements), table_(table), stages_(stages) {}

  bool tell() {
    for (std::size_t stage = 0; stage < junction_.stages.size(); ++stage) tell_stage(stage);
    tell_merging();
    tell_unserved();
    if (!sound_) return false;
    tell_round();
    tell_plan();
    if (!sound_) return false;
    if (const base::Status fit = check(junction_); !fit) wrong(table_, "id", fit.error().message);
    return sound_;
  }

 private:
  void wrong(ConfigTable& table, std::string_view key, std::string why) {
    table.mistake(key, std::move(why));
    sound_ = false;
  }
  bool green(std::size_t stage, std::size_t movement) const {
    return is_green(junction_.stages[stage].aspects[movement]);
  }

  void tell_stage(std::size_t at) {
    const Stage& stage = junction_.stages[at];
    const std::size_t count = stage.aspects.size();
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = a + 1; b < count; ++b) {
        if (junction_.movements[a].link == junction_.movements[b].link && stage.aspects[a] != stage.aspects[b])
          wrong(stages_[at], "name",
                fmt::format("'{}' and '{}' share a light, and cannot be shown different ones", movements_[a],
                            movements_[b]));
        if (!compatible(junction_, int(a), stage.aspects[a], int(b), stage.aspects[b]))
          wrong(
              stages_[at], "green",
              fmt::format("'{}' and '{}' meet, and stage '{}' lets both go", movements_[a], movements_[b], stage.name));
      }
    }
    const bool second = lets_nobody_go(stage) && std::ranges::find_if(junction_.stages, lets_nobody_go) !=
                                                     junction_.stages.begin() + std::ptrdiff_t(at);
    if (second) wrong(stages_[at], "clears", fmt::format("stage '{}' is the second that clears", stage.name));
    if (stage.max_green_s < stage.min_green_s)
      wrong(stages_[at], "max_green",
            fmt::format("stage '{}' has a longest green of {:g} s, and a least of {:g} s", stage.name,
                        stage.max_green_s, stage.min_green_s));
    const double others_red_s = 2 * (junction_.yellow_s + junction_.all_red_s) + stage.min_green_s;
    const bool keeps_others = std::ranges::any_of(stage.aspects, [](Aspect aspect) { return !is_green(aspect); });
    if (keeps_others && others_red_s > junction_.max_red_s)
      wrong(stages_[at], "min_green",
            fmt::format("stage '{}' can never be shown: its least green keeps others red for {:g} s, longer than the "
                        "{:g} s of max_red",
                        stage.name, others_red_s, junction_.max_red_s));
  }

  void tell_merging() {
    for (std::size_t a = 0; a < movements_.size(); ++a) {
      for (std::size_t b = a + 1; b < movements_.size(); ++b) {
        const Movement &first = junction_.movements[a], &second = junction_.movements[b];
        if (first.to < 0 || first.to != second.to || first.from == second.from) continue;
        if (junction_.conflict(int(a), int(b)) != Conflict::none) continue;
        wrong(table_, "movement",
              fmt::format("'{}' and '{}' leave by the same lane, and are not said to meet", movements_[a],
                          movements_[b]));
      }
    }
  }

  void tell_unserved() {
    for (std::size_t m = 0; m < movements_.size(); ++m) {
      bool served = false;
      for (std::size_t stage = 0; stage < junction_.stages.size(); ++stage) served = served || green(stage, m);
      if (!served) wrong(table_, "stage", fmt::format("no stage lets '{}' go", movements_[m]));
    }
  }

  void tell_round() {
    const SafetyMonitor monitor(junction_, 0, 0, {.latency_s = latency_s_});
    const double needed_s = monitor.max_red_s() + 2 * latency_s_;
    if (needed_s > junction_.max_red_s + 1e-6)
      wrong(table_, "max_red",
            fmt::format("max_red is {:g} s, and the shortest round that lets everybody go needs {:g} s",
                        junction_.max_red_s, needed_s));
  }

  void tell_plan() {
    const FixedPlan& plan = junction_.plan;
    const SafetyMonitor monitor(junction_, 0);
    for (const PlanStep& step : plan.steps) {
      if (step.green_s < monitor.hold_s(step.stage))
        wrong(table_, "plan",
              fmt::format("the plan gives stage '{}' {:g} s, under its least green of {:g} s",
                          junction_.stages[std::size_t(step.stage)].name, step.green_s, monitor.hold_s(step.stage)));
    }
    for (std::size_t m = 0; m < movements_.size(); ++m) {
      const double red_s = longest_red_s(plan, m);
      if (red_s >= 2 * plan.cycle_s()) wrong(table_, "plan", fmt::format("the plan never lets '{}' go", movements_[m]));
      else if (red_s > junction_.max_red_s)
        wrong(table_, "plan",
              fmt::format("the plan keeps '{}' red for {:g} s, longer than the {:g} s of max_red", movements_[m], red_s,
                          junction_.max_red_s));
    }
  }

  // Over two cycles, so that what begins in one and ends in the next is seen whole.
  double longest_red_s(const FixedPlan& plan, std::size_t movement) const {
    double red_s = 0, longest_s = 0;
    for (std::size_t i = 0; i < 2 * plan.steps.size(); ++i) {
      const PlanStep& step = plan.steps[i % plan.steps.size()];
      const PlanStep& next = plan.steps[(i + 1) % plan.steps.size()];
      const bool goes = green(std::size_t(step.stage), movement);
      red_s = goes ? 0 : red_s + step.green_s;
      if (!goes || !green(std::size_t(next.stage), movement)) red_s += step.change_s;
      longest_s = std::max(longest_s, red_s);
    }
    return longest_s;
  }

  const Junction& junction_;
  double latency_s_;
  const std::vector<std::string>& movements_;
  ConfigTable& table_;
  std::vector<ConfigTable>& stages_;
  bool sound_{true};
};

}  // namespace

bool tell_flaws(const Junction& junction, double latency_s, const std::vector<std::string>& movements,
                ConfigTable& table, std::vector<ConfigTable>& stages) {
  return Flaws(junction, latency_s, movements, table, stages).tell();
}

}  // namespace cityloop::traffic
