#include "domain/traffic/forecast/congestion_past.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kStretches = 48;            // of a day: half hours
constexpr float kLongest = 288;                   // steps; longer ago is all the same
constexpr double kDoubt = 24;                     // steps of the node's own mean that a rate begins with
enum Kind : std::uint8_t { any_day, same_kind };  // working day or weekend

std::size_t stretch_of(const Calendar& calendar, std::size_t step) {
  return std::size_t(calendar.slot(step)) * kStretches / std::size_t(calendar.slots_per_day);
}

}  // namespace

CongestionPast::CongestionPast(const Panel& panel, std::span<const std::uint8_t> truth, std::span<const float> limit,
                               std::size_t until)
    : limit_(limit.begin(), limit.end()), calendar_(panel.calendar) {
  days_ = until == 0 ? 0 : calendar_.day(until - 1) + 1;
  jams_.assign(days_ * panel.nodes * kStretches, 0);
  steps_ = jams_;
  for (std::size_t step = 0; step < until; ++step)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      const std::size_t at = (calendar_.day(step) * panel.nodes + node) * kStretches + stretch_of(calendar_, step);
      jams_[at] += truth[step * panel.nodes + node];
      steps_[at] += 1;
    }
}

CongestionPast::Course CongestionPast::course(const Panel& panel, std::span<const std::uint8_t> truth) const {
  Course out;
  out.slow_for.resize(panel.values.size());
  out.well_for.resize(panel.values.size());
  out.slow_share.resize(panel.steps());
  for (std::size_t step = 0; step < panel.steps(); ++step) {
    float slow = 0, measured = 0;
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      const std::size_t at = step * panel.nodes + node;
      const float before = step > 0 ? out.slow_for[at - panel.nodes] : 0;
      const float speed = panel.values[at];
      if (std::isnan(speed)) out.slow_for[at] = before;
      else out.slow_for[at] = speed < limit_[node] ? std::min(kLongest, before + 1) : 0;
      if (!std::isnan(speed)) measured += 1, slow += speed < limit_[node] ? 1.0F : 0.0F;
      const float well = step > 0 ? out.well_for[at - panel.nodes] : kLongest;
      out.well_for[at] = truth[at] != 0 ? 0 : std::min(kLongest, well + 1);
    }
    out.slow_share[step] = measured > 0 ? slow / measured : 0;
  }
  return out;
}

// How often the node was congested about that half hour, and the ones beside it; with doubt where days are few.
float CongestionPast::rate(const Panel& panel, std::size_t node, std::size_t target, int kind, bool learning) const {
  double jams = 0, steps = 0, all_jams = 0, all_steps = 0;
  const std::size_t day = calendar_.day(target), stretch = stretch_of(calendar_, target);
  const auto weekend = [&](std::size_t one) { return (one + std::size_t(calendar_.first_weekday)) % 7 >= 5; };
  for (std::size_t other = 0; other < days_; ++other) {
    if (learning && other == day) continue;
    const std::size_t row = (other * panel.nodes + node) * kStretches;
    for (std::size_t s = 0; s < kStretches; ++s) {
      all_jams += double(jams_[row + s]), all_steps += double(steps_[row + s]);
      const std::size_t apart = s > stretch ? s - stretch : stretch - s;
      if (apart > 1 || (kind == same_kind && weekend(other) != weekend(day))) continue;
      const double counts = apart == 0 ? 1 : 0.5;
      jams += counts * double(jams_[row + s]), steps += counts * double(steps_[row + s]);
    }
  }
  const double mean = all_steps > 0 ? all_jams / all_steps : 0;
  return float((jams + kDoubt * mean) / (steps + kDoubt));
}

void CongestionPast::row(const Panel& panel, const Course& course, std::size_t origin, std::size_t horizon,
                         std::size_t node, bool learning, float* out) const {
  const std::size_t nodes = panel.nodes, at = origin * nodes + node;
  const auto back = [&](std::size_t steps) { return origin >= steps ? at - steps * nodes : node; };
  const auto ratio = [&](std::size_t where) { return panel.values[where] / limit_[node]; };
  *out++ = course.slow_for[at];
  *out++ = course.slow_for[back(3)];
  *out++ = course.well_for[at];
  *out++ = ratio(back(1));
  *out++ = ratio(back(2));
  float least = kNan, sum = 0, count = 0, jammed = 0, jammed_long = 0;
  for (std::size_t steps = 0; steps < 24 && steps <= origin; ++steps) {
    const std::size_t where = at - steps * nodes;
    const bool jam = course.well_for[where] == 0;
    jammed_long += jam ? 1.0F : 0.0F;
    if (steps < 12) jammed += jam ? 1.0F : 0.0F;
    if (steps >= 3 || std::isnan(panel.values[where])) continue;
    least = std::isnan(least) ? ratio(where) : std::min(least, ratio(where));
    sum += ratio(where), count += 1;
  }
  *out++ = least;
  *out++ = count > 0 ? sum / count : kNan;
  *out++ = jammed;
  *out++ = jammed_long;
  *out++ = rate(panel, node, origin + horizon, any_day, learning);
  *out++ = rate(panel, node, origin + horizon, same_kind, learning);
  const auto day = std::size_t(calendar_.slots_per_day);
  float yesterday = 0, week = 0;
  for (std::size_t about = 0; about < 7; ++about) {
    const std::size_t then = origin + horizon + about;  // three steps to either side of the moment foreseen
    if (then >= day + 3) yesterday += course.well_for[(then - day - 3) * nodes + node] == 0 ? 1.0F : 0.0F;
    if (then >= 7 * day + 3) week += course.well_for[(then - 7 * day - 3) * nodes + node] == 0 ? 1.0F : 0.0F;
  }
  *out++ = yesterday;
  *out++ = origin + horizon >= 7 * day ? week : kNan;
  float weight = 0, slow = 0, jams = 0;
  if (!panel.links.empty()) {
    for (const Link& link : panel.links[node]) {
      const std::size_t there = origin * nodes + link.node;
      weight += link.weight;
      slow += link.weight * std::min(1.0F, course.slow_for[there]);
      jams += link.weight * (course.well_for[there] == 0 ? 1.0F : 0.0F);
    }
  }
  *out++ = weight > 0 ? slow / weight : kNan;
  *out++ = weight > 0 ? jams / weight : kNan;
  *out++ = course.slow_share[origin];
  *out++ = course.slow_share[origin] - course.slow_share[origin >= 6 ? origin - 6 : 0];
  *out++ = limit_[node];
}

}  // namespace cityloop::traffic
