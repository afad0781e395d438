#include "domain/traffic/guidance/effect.h"

#include <algorithm>
#include <cmath>

namespace cityloop::traffic {
namespace {

constexpr double kStep_s = 60;

double bpr(double free_s, double flow_vph, double capacity_vph) {
  const double load = capacity_vph > 0 ? flow_vph / capacity_vph : 0;
  return free_s * (1 + 0.15 * load * load * load * load);
}

struct Course {
  double mean_s{}, usual_s{}, other_s{};
};

Course follow(const Diversion& it, double share) {
  const double stay_vph = it.arrivals_vph * (1 - share), leave_vph = it.arrivals_vph * share;
  // What is slow now beyond the free time is a queue that stands already.
  double queue_veh = std::max(0.0, it.usual_now_s - it.usual_free_s) * it.capacity_vph / 3600;
  // What the other way takes now is taken as it is; more cars slow it by the function's difference.
  const double other_s = it.other_now_s + bpr(it.other_free_s, it.other_flow_vph + leave_vph, it.other_capacity_vph) -
                         bpr(it.other_free_s, it.other_flow_vph, it.other_capacity_vph);
  Course out{0, it.usual_now_s, other_s};
  const int steps = int(std::ceil(it.horizon_s / kStep_s));
  for (int step = 0; step < steps; ++step) {
    out.usual_s = it.usual_free_s + (it.capacity_vph > 0 ? queue_veh * 3600 / it.capacity_vph : 0);
    out.mean_s += (1 - share) * out.usual_s + share * other_s;
    queue_veh = std::max(0.0, queue_veh + (stay_vph - it.capacity_vph) * kStep_s / 3600);
  }
  out.mean_s /= std::max(1, steps);
  return out;
}

struct Side {
  double mean{}, variance_of_mean{};
};

Side side_of(const std::vector<double>& values) {
  Side out;
  if (values.empty()) return out;
  for (const double v : values) out.mean += v / double(values.size());
  double squares = 0;
  for (const double v : values) squares += (v - out.mean) * (v - out.mean);
  if (values.size() > 1) out.variance_of_mean = squares / double(values.size() - 1) / double(values.size());
  return out;
}

}  // namespace

DiversionEffect predict_diversion(const Diversion& it) {
  const Course without = follow(it, 0), with = follow(it, it.share);
  DiversionEffect out{without.mean_s, with.mean_s, with.usual_s, with.other_s, 0, 0};
  out.saved_vehicle_h = (without.mean_s - with.mean_s) * it.arrivals_vph * it.horizon_s / 3600 / 3600;
  double least_s = without.mean_s;
  for (int i = 1; i <= 20; ++i) {
    const double mean_s = follow(it, i / 20.0).mean_s;
    if (mean_s < least_s - 1e-9) least_s = mean_s, out.best_share = i / 20.0;
  }
  return out;
}

double DidResult::saved_share() const {
  return 1 - std::exp(change);
}

DidResult did(std::span<const DidPoint> points, base::Instant shown_at) {
  std::vector<double> before, after;
  for (const DidPoint& one : points) (one.at < shown_at ? before : after).push_back(one.corridor - one.control);
  DidResult out{before.size(), after.size(), 0, 0};
  if (before.size() < 2 || after.size() < 2) return out;
  const Side first = side_of(before), then = side_of(after);
  out.change = then.mean - first.mean;
  out.error = std::sqrt(first.variance_of_mean + then.variance_of_mean);
  return out;
}

}  // namespace cityloop::traffic
