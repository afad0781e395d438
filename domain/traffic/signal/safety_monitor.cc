#include "domain/traffic/signal/safety_monitor.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace cityloop::traffic {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kNobody = kNever;
constexpr double kLeastHold_s = 1;
constexpr double kSame = 1e-6;  // moments nearer than this are the same

}  // namespace

std::string_view to_string(Bar bar) {
  constexpr std::array<std::string_view, 6> kTexts{"none",          "no_such_stage", "clearing",
                                                   "minimum_green", "maximum_red",   "cleared"};
  return kTexts[std::size_t(bar)];
}

std::string reason(const Junction& junction, const Answer& answer, double now_s) {
  const double wait_s = std::max(0.0, answer.not_before_s - now_s);
  switch (answer.bar) {
    case Bar::none: return {};
    case Bar::no_such_stage: return fmt::format("junction {} has no such stage", junction.id);
    case Bar::clearing:
      return fmt::format("a change of lights is under way and is finished first: not before {:.1f} s", wait_s);
    case Bar::minimum_green: return fmt::format("minimum green: not before {:.1f} s", wait_s);
    case Bar::maximum_red:
      return fmt::format("maximum red: movement {} would wait too long; stage {} comes first", answer.movement,
                         junction.stages[std::size_t(answer.stage)].name);
    case Bar::cleared:
      return fmt::format("all red has lasted for as long as it may; stage {} comes next",
                         junction.stages[std::size_t(answer.stage)].name);
  }
  return {};
}

SafetyMonitor::SafetyMonitor(const Junction& junction, double now_s, int stage, Options options)
    : junction_(&junction),
      options_(options),
      from_(stage),
      to_(stage),
      begin_s_(now_s),
      green_at_s_(now_s + junction.yellow_s + junction.all_red_s),
      last_s_(now_s),
      red_(junction.movements.size(), {now_s, now_s}) {
  assert(stage >= 0 && std::size_t(stage) < junction.stages.size());
  for (const Stage& one : junction.stages) {
    const double least_s = lets_nobody_go(one) ? 0 : junction.min_green_s;
    double hold_s = std::max({one.min_green_s, least_s, kLeastHold_s});
    for (std::size_t m = 0; m < one.aspects.size(); ++m) {
      if (is_green(one.aspects[m]) && junction.movements[m].kind == MovementKind::pedestrian)
        hold_s = std::max(hold_s, junction.pedestrian_min_s);
    }
    hold_s_.push_back(hold_s);
  }
  choose_round();
  measure_round();
  from_ = -1;  // unknown: everything is red until the first green
}

// Few stages that together let everybody go: each time the one that serves most of those left for its time.
void SafetyMonitor::choose_round() {
  std::vector<bool> served(junction_->movements.size());
  while (true) {
    int best = -1;
    double best_rate = 0;
    for (int stage = 0; stage < int(junction_->stages.size()); ++stage) {
      int more = 0;
      for (std::size_t m = 0; m < served.size(); ++m) more += !served[m] && green_in(stage, int(m));
      const double rate = more / (hold_s_[std::size_t(stage)] + junction_->yellow_s + junction_->all_red_s + kSame);
      if (rate > best_rate + kSame) best = stage, best_rate = rate;
    }
    if (best < 0) break;
    round_.push_back(best);
    for (std::size_t m = 0; m < served.size(); ++m) served[m] = served[m] || green_in(best, int(m));
  }
  std::ranges::sort(round_);
}

void SafetyMonitor::measure_round() {
  const std::size_t places = round_.size();
  reach_s_.assign(places, std::vector<double>(red_.size(), kNever));
  for (std::size_t first = 0; first < places; ++first) {
    double at_s = 0;
    for (std::size_t i = 0; i < places; ++i) {
      const int here = round_[(first + i) % places], next = round_[(first + i + 1) % places];
      for (std::size_t m = 0; m < red_.size(); ++m) {
        if (reach_s_[first][m] == kNever && green_in(here, int(m))) reach_s_[first][m] = at_s;
      }
      at_s += hold_s_[std::size_t(here)] + junction_->change_s(here, next);
    }
  }
  round_s_ = 0;
  for (int from = 0; from < int(junction_->stages.size()); ++from) {
    for (std::size_t first = 0; first < places; ++first) {
      const double change_s = junction_->change_s(from, round_[first]);
      for (std::size_t m = 0; m < red_.size(); ++m) {
        if (reach_s_[first][m] != kNever) round_s_ = std::max(round_s_, change_s + reach_s_[first][m]);
      }
    }
  }
  // From the beginning, when the lights are unknown: a clearance and the first stage's minimum come before the round.
  const double start_s = junction_->yellow_s + junction_->all_red_s + *std::ranges::max_element(hold_s_);
  const double slack_s = 2 * options_.latency_s;  // red begins at the earliest, and green at the latest
  max_red_s_ = std::max(junction_->max_red_s - slack_s, round_s_ + start_s + slack_s);
}

double SafetyMonitor::deadline_s(int movement) const {
  const Red& red = red_[std::size_t(movement)];
  if (red.waiting_since_s == kNobody) return kNever;
  return std::max(red.since_s, red.waiting_since_s) + max_red_s_;
}

SafetyMonitor::Due SafetyMonitor::latest(int stage, int also) const {
  Due best{-kNever, round_.front()};
  for (std::size_t first = 0; first < round_.size(); ++first) {
    if (round_[first] == stage) continue;
    const double change_s = junction_->change_s(stage, round_[first]);
    double at_s = kNever;
    for (int m = 0; m < int(red_.size()); ++m) {
      if (green_in(stage, m) || (also >= 0 && green_in(also, m))) continue;
      at_s = std::min(at_s, deadline_s(m) - change_s - reach_s_[first][std::size_t(m)]);
    }
    if (at_s > best.at_s) best = {at_s, round_[first]};
  }
  if (best.at_s == -kNever) best.at_s = kNever;  // the round is this stage alone: everybody is green
  return best;
}

// When a stage that lets nobody go is over.
double SafetyMonitor::cleared_s() const {
  const Stage& stage = junction_->stages[std::size_t(to_)];
  return lets_nobody_go(stage) ? green_at_s_ + std::max(stage.max_green_s, hold_s(to_)) : kNever;
}

SafetyMonitor::Due SafetyMonitor::due() const {
  Due out = latest(to_, -1);
  out.at_s = std::min(out.at_s, cleared_s());
  out.at_s = std::max(out.at_s, green_at_s_ + hold_s(to_));
  return out;
}

Answer SafetyMonitor::ask(int stage, double now_s) const {
  now_s = std::max(now_s, last_s_);
  if (stage < 0 || std::size_t(stage) >= junction_->stages.size()) return {.bar = Bar::no_such_stage};
  if (stage == to_ && now_s < cleared_s() - kSame) return {};
  if (stage == to_) return {.bar = Bar::cleared, .stage = latest(to_, -1).stage};
  const double free_s = green_at_s_ + hold_s(to_);
  if (now_s < green_at_s_ - kSame) return {.bar = Bar::clearing, .not_before_s = free_s};
  if (now_s < free_s - kSame) return {.bar = Bar::minimum_green, .not_before_s = free_s};
  const Due now_due = latest(to_, -1);
  if (stage == now_due.stage && now_s >= now_due.at_s - kSame) return {};  // the best there is, even if it is late
  const double lit_s = now_s + junction_->change_s(to_, stage);
  // Who goes red by this has max_red_s() from now on, which is longer than any round.
  const Due then = latest(stage, to_);
  bool in_time = then.at_s >= lit_s + hold_s(stage) - kSame;
  int urgent = -1;
  for (int m = 0; m < int(red_.size()); ++m) {
    if (green_in(to_, m)) continue;
    if (urgent < 0 || deadline_s(m) < deadline_s(urgent)) urgent = m;
    if (green_in(stage, m) && deadline_s(m) < lit_s - kSame) in_time = false;
  }
  if (in_time) return {};
  return {.bar = Bar::maximum_red, .movement = urgent, .stage = now_due.stage};
}

void SafetyMonitor::begin(int stage, double now_s) {
  for (int m = 0; m < int(red_.size()); ++m) {
    if (green_in(to_, m) && !green_in(stage, m)) red_[std::size_t(m)].since_s = now_s;
  }
  from_ = to_;
  to_ = stage;
  begin_s_ = now_s + options_.latency_s;
  green_at_s_ = begin_s_ + junction_->change_s(from_, to_);
}

Answer SafetyMonitor::request(int stage, double now_s) {
  now_s = std::max(now_s, last_s_);
  advance(now_s);
  const Answer answer = ask(stage, now_s);
  if (answer.granted() && stage != to_) begin(stage, now_s);
  return answer;
}

void SafetyMonitor::advance(double now_s) {
  last_s_ = std::max(last_s_, now_s);
  if (!options_.forces) return;
  for (Due next = due(); next.at_s <= last_s_; next = due()) {
    ++forced_;
    begin(next.stage, next.at_s);
  }
}

void SafetyMonitor::adopt(int stage, double lit_s) {
  last_s_ = std::max(last_s_, lit_s);
  if (stage != to_) begin(stage, lit_s);
  from_ = stage;
  begin_s_ = green_at_s_ = lit_s;
}

void SafetyMonitor::confirm(double lit_s) {
  const double earliest_s = green_at_s_ - options_.latency_s;
  if (lit_s >= green_at_s_ || lit_s < earliest_s - kSame) return;
  begin_s_ -= green_at_s_ - lit_s;
  green_at_s_ = lit_s;
}

void SafetyMonitor::set_waiting(int movement, bool somebody, double now_s) {
  Red& red = red_[std::size_t(movement)];
  if (!somebody) red.waiting_since_s = kNobody;
  else if (red.waiting_since_s == kNobody) red.waiting_since_s = std::max(now_s, last_s_);
}

Aspect SafetyMonitor::light(int movement, double now_s) const {
  const auto m = std::size_t(movement);
  if (now_s >= green_at_s_) return junction_->stages[std::size_t(to_)].aspects[m];
  if (from_ < 0) return Aspect::red;
  const Aspect before = junction_->stages[std::size_t(from_)].aspects[m];
  if (!is_green(before) || now_s < begin_s_ || green_in(to_, movement)) return before;
  return now_s < begin_s_ + junction_->yellow_s ? Aspect::yellow : Aspect::red;
}

std::string SafetyMonitor::state(double now_s) const {
  std::string text(std::size_t(junction_->links), 'r');
  for (std::size_t m = 0; m < red_.size(); ++m) {
    text[std::size_t(junction_->movements[m].link)] = letter(light(int(m), now_s));
  }
  return text;
}

double SafetyMonitor::red_s(int movement, double now_s) const {
  return is_green(light(movement, now_s)) ? 0 : std::max(0.0, now_s - red_[std::size_t(movement)].since_s);
}

void SafetyMonitor::fill(JunctionView& view, double now_s) const {
  view.stage = to_;
  view.green_s = now_s - green_at_s_;
  view.red_s.resize(red_.size());
  for (std::size_t m = 0; m < red_.size(); ++m) view.red_s[m] = red_s(int(m), now_s);
}

void SafetyMonitor::save(base::ByteWriter& out) const {
  out.svarint(from_);
  out.svarint(to_);
  for (const double time_s : {begin_s_, green_at_s_, last_s_}) out.f64(time_s);
  out.varint(forced_);
  out.varint(red_.size());
  for (const Red& red : red_) out.f64(red.since_s), out.f64(red.waiting_since_s);
}

base::Status SafetyMonitor::load(base::ByteReader& in) {
  from_ = int(in.svarint());
  to_ = int(in.svarint());
  for (double* time_s : {&begin_s_, &green_at_s_, &last_s_}) *time_s = in.f64();
  forced_ = in.varint();
  const bool fits = in.varint() == red_.size();
  for (std::size_t m = 0; fits && m < red_.size(); ++m) {
    red_[m].since_s = in.f64();
    red_[m].waiting_since_s = in.f64();
  }
  const int stages = int(junction_->stages.size());
  if (fits && in.ok() && from_ >= -1 && from_ < stages && to_ >= 0 && to_ < stages) return {};
  return base::fail(base::Errc::corrupt, "what was kept of junction {} is not of this junction", junction_->id);
}

}  // namespace cityloop::traffic
