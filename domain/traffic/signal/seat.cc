#include "domain/traffic/signal/seat.h"

#include <algorithm>
#include <utility>

#include "base/json_value.h"
#include "base/json_writer.h"

namespace cityloop::traffic {
namespace {

constexpr double kDueLead_s = 3;      // a command needs a moment to reach the lights
constexpr double kActAnswers_s = 10;  // act says what becomes of a command within this
constexpr int kUnansweredMax = 3;
constexpr double kLeftAlone_s = 60;  // a device that does not answer is tried again after this
constexpr double kLateSpellMax_s = 3600;

}  // namespace

SignalLoop::Seat::Seat(const SignalJunction& is, const SignalLoopOptions& options)
    : is_(&is),
      options_(&options),
      device_({is.device, is.junction, is.latency_s}),
      lanes_(is, options.health),
      zones_(is),
      controller_(new_controller()) {}

std::unique_ptr<Controller> SignalLoop::Seat::new_controller() const {
  auto made = options_->make ? options_->make(*is_) : make_controller(is_->controller, *is_->junction);
  return made ? std::move(made) : make_fixed_controller(*is_->junction);
}

void SignalLoop::Seat::see_command(const flow::Command& command, flow::Instant at) {
  if (command.device != is_->device || command.name != kStageCommand) return;
  using enum flow::CommandStatus;
  if (command.status == sent) {
    const auto value = base::JsonValue::parse(command.value);
    const std::string* name = value ? value->text() : nullptr;
    const double* number = value ? value->number() : nullptr;
    const auto stage = name ? stage_from(*is_->junction, flow::Value(*name))
                            : stage_from(*is_->junction, number ? flow::Value(*number) : flow::Value());
    if (stage) device_.sent(*stage, at);
  }
  if (!asked_ || asked_->id != command.id) return;
  if (command.status == sent) {
    asked_->sent = true;
  } else if (command.status == refused) {
    ++counts_.refused;
    asked_.reset();
  } else if (command.status == timed_out) {
    count_unanswered(seconds_of(at));
  } else if (command.status == acknowledged) {
    unanswered_ = 0;
  } else if (is_final(command.status)) {
    if (command.status == succeeded) unanswered_ = 0;
    asked_.reset();
  }
}

void SignalLoop::Seat::count_unanswered(double now_s) {
  ++counts_.unanswered;
  asked_.reset();
  if (++unanswered_ < kUnansweredMax) return;
  unanswered_until_s_ = now_s + kLeftAlone_s;
}

ModeReason SignalLoop::Seat::trouble_now(double now_s) const {
  if (device_.local()) return {.trouble = Trouble::cabinet};
  if (!device_.fault().empty()) return {.trouble = Trouble::fault, .what = device_.fault()};
  if (!device_.lights()) return {.trouble = Trouble::unheard};
  if (now_s < unanswered_until_s_) return {.trouble = Trouble::unanswered, .figure = double(unanswered_)};
  if (is_->detectors.empty()) return {.trouble = Trouble::no_detectors};
  if (const int lane = lanes_.blind_lane(); lane >= 0) {
    ModeReason out{.trouble = Trouble::blind, .what = is_->junction->lanes[std::size_t(lane)].id};
    const int liar = lanes_.liar_of(lane);
    if (liar < 0) out.why = {"没有读数", "no readings"};
    else out.why = explain(lanes_.health(std::size_t(liar)).verdict());
    return out;
  }
  if (now_s < late_until_s_) return {.trouble = Trouble::late, .figure = late_took_s_};
  return {};
}

void SignalLoop::Seat::choose_mode(double now_s) {
  ModeReason now = trouble_now(now_s);
  if (now.trouble != Trouble::none) {
    trouble_seen_s_ = now_s;
    if (now.trouble != reason_.trouble || now.what != reason_.what) turn_to(std::move(now), now_s);
    return;
  }
  if (reason_.trouble == Trouble::none) return;
  const bool at_once = reason_.trouble == Trouble::unheard || reason_.trouble == Trouble::late;
  if (!at_once && now_s - trouble_seen_s_ < options_->clean_s) return;
  turn_to({}, now_s);
}

void SignalLoop::Seat::turn_to(ModeReason reason, double now_s) {
  const ControlMode before = mode();
  reason_ = std::move(reason);
  mode_is_new_ = true;
  if (before == mode()) return;
  mode_since_s_ = now_s;
  delay_.turn();
  outflow_.clear();
  // What it knew is of another time.
  if (mode() == ControlMode::adaptive) controller_ = new_controller();
}

Decision SignalLoop::Seat::plan(double now_s) const {
  const FixedPlan& plan = is_->junction->plan;
  const FixedPlan::Place place = plan.at(now_s);
  const bool over = place.into_s >= plan.steps[std::size_t(place.step)].green_s;
  const std::size_t step = over ? (std::size_t(place.step) + 1) % plan.steps.size() : std::size_t(place.step);
  return {.stage = plan.steps[step].stage,
          .next_s = now_s + place.next_s,
          .reason = mode() == ControlMode::fixed && reason_.trouble == Trouble::blind ? StageReason::no_data
                                                                                      : StageReason::fixed_plan};
}

Decision SignalLoop::Seat::decide(double now_s) {
  view_.now_s = now_s;
  lanes_.fill(view_.lanes, now_s);
  view_.inside = zones_.inside(now_s);
  device_.lights()->fill(view_, now_s);
  const double begin_s = options_->stopwatch_s ? options_->stopwatch_s() : 0;
  const Decision decision = controller_->decide(view_);
  const double took_s = options_->stopwatch_s ? options_->stopwatch_s() - begin_s : 0;
  ++counts_.decisions;
  view_.promises.clear();
  if (took_s <= options_->budget_s) {
    if (now_s - late_until_s_ > kLateSpellMax_s) late_spell_s_ = 0;
    outflow_.assign(controller_->outflow().begin(), controller_->outflow().end());
    return decision;
  }
  ++counts_.late;
  late_took_s_ = took_s;
  late_spell_s_ = late_spell_s_ == 0 ? options_->clean_s : std::min(2 * late_spell_s_, kLateSpellMax_s);
  late_until_s_ = now_s + late_spell_s_;
  choose_mode(now_s);
  return plan(now_s);
}

void SignalLoop::Seat::step(flow::Instant at, twin::Outbox& out) {
  const double now_s = seconds_of(at);
  const SafetyMonitor* lights = device_.lights();
  lanes_.pass(now_s, lights);
  const double lasted_s = stepped_s_ == 0 ? 0 : std::clamp(now_s - stepped_s_, 0.0, 60.0);
  stepped_s_ = now_s;
  delay_.add(now_s, lanes_.queue(), lasted_s, lanes_.take_passed());
  if (asked_ && !asked_->sent && now_s - asked_->at_s > kActAnswers_s) count_unanswered(now_s);
  choose_mode(now_s);
  if (mode() != ControlMode::local && lights) {
    Decision wanted = mode() == ControlMode::adaptive ? decide(now_s) : plan(now_s);
    if (const SafetyMonitor::Due due = lights->due(); now_s >= due.at_s - kDueLead_s && due.stage != wanted.stage) {
      const bool cleared = lets_nobody_go(is_->junction->stages[std::size_t(lights->stage())]);
      const StageReason why = cleared ? StageReason::demand_elsewhere : StageReason::starved;
      wanted = {.stage = due.stage, .next_s = now_s + 1, .reason = why};
      if (!asked_) ++counts_.forced;
    }
    const bool waits = asked_ && !asked_->sent;
    const bool changes = wanted.stage != lights->stage() && lights->ask(wanted.stage, now_s).granted();
    phase_is_new_ = phase_is_new_ || changes || wanted.reason != decision_.reason;
    if (changes || wanted.stage == lights->stage()) decision_ = wanted;
    const bool fades = is_->refresh_s > 0 && !asked_ && now_s - wished_s_ >= is_->refresh_s && !lights->clearing(now_s);
    if (!waits && (changes || fades)) wish(changes ? wanted.stage : lights->stage(), at, out);
  }
  tell(at, out);
}

void SignalLoop::Seat::wish(int stage, flow::Instant at, twin::Outbox& out) {
  flow::Command command;
  command.id = flow::EntityId(fmt::format("urn:ngsi-ld:Command:signal:{}:{}", is_->junction->id, base::to_ms(at)));
  command.device = is_->device;
  command.name = kStageCommand;
  base::JsonWriter value;
  value.text(is_->junction->stages[std::size_t(stage)].name);
  command.value = value.take();
  command.requested_by = "loop:signals";
  command.requested_at = at;
  asked_ = Asked{command.id, stage, seconds_of(at)};
  wished_s_ = asked_->at_s;
  ++counts_.commands;
  out.writes.push_back(to_write(command));
}

void SignalLoop::Seat::add_to(Stats& stats) const {
  stats.decisions += counts_.decisions;
  stats.commands += counts_.commands;
  stats.refused += counts_.refused;
  stats.unanswered += counts_.unanswered;
  stats.late += counts_.late;
  stats.forced += counts_.forced;
  ++(mode() == ControlMode::adaptive ? stats.adaptive_now
     : mode() == ControlMode::fixed  ? stats.fixed_now
                                     : stats.local_now);
}

}  // namespace cityloop::traffic
