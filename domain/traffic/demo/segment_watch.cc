#include "domain/traffic/demo/segment_watch.h"

#include <algorithm>

namespace cityloop::traffic {

double free_flow_mps(double length_m, double limit_mps, bool ends_at_lights) {
  return length_m / (length_m / limit_mps + (ends_at_lights ? kUsualWait_s : 0));
}

void SegmentWatch::look(std::vector<std::string> vehicles, double mean_mps) {
  for (const std::string& one : vehicles) entered_ += std::ranges::find(before_, one) == before_.end();
  const auto count = double(vehicles.size());
  window_[at_ % kWindow_s] = {count, count * std::max(0.0, mean_mps)};
  ++at_;
  before_ = std::move(vehicles);
}

double SegmentWatch::speed_mps() const {
  Second sum;
  for (const Second& one : window_) {
    sum.vehicles += one.vehicles;
    sum.metres += one.metres;
  }
  return sum.vehicles > 0 ? std::max(0.3, sum.metres / sum.vehicles) : free_mps_;
}

double SegmentWatch::occupancy() const {
  double vehicles = 0;
  for (const Second& one : window_) vehicles += one.vehicles;
  const double seconds = double(std::clamp<std::size_t>(at_, 1, kWindow_s));
  return std::min(1.0, vehicles / seconds * kVehicle_m / (length_m_ * lanes_));
}

}  // namespace cityloop::traffic
