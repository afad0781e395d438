#include "demo/simulator/device.h"

#include <algorithm>
#include <cmath>

namespace cityloop::demo {

base::Status Device::take(std::string_view name, const base::JsonValue&, Instant) {
  return base::fail(base::Errc::unsupported, "{} has no command '{}'", identity_.id, name);
}

double bell(double hour, double peak_h, double width_h) {
  double away = std::abs(hour - peak_h);
  away = std::min(away, 24 - away);
  return std::exp(-0.5 * (away / width_h) * (away / width_h));
}

double Wander::step(base::Rng& rng, double step_s) {
  const double kept = std::exp(-step_s / memory_s_);
  value_ = kept * value_ + deviation_ * std::sqrt(1 - kept * kept) * rng.normal();
  return value_;
}

bool Episode::step(base::Rng& rng, double step_s) {
  left_s_ -= step_s;
  if (left_s_ <= 0 && rng.uniform() < 1 - std::exp(-step_s / mean_every_s_)) {
    left_s_ = rng.uniform(shortest_s_, longest_s_);
  }
  return left_s_ > 0;
}

double rounded(double value, int decimals) {
  const double scale = std::pow(10, decimals);
  return std::round(value * scale) / scale;
}

}  // namespace cityloop::demo
