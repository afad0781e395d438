// How fast it goes on one stretch of road, as those tell who drive on it: the space-mean speed of the last minute, and
// how many came.
//
//   Streets, each second ─▶ [SegmentWatch] ─▶ traffic/segment/EDGE/state
//
// Free flow is what is driven there at night: the limit, and a usual wait where it ends at lights.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace cityloop::traffic {

inline constexpr double kUsualWait_s = 10;  // at lights, with nobody else there
double free_flow_mps(double length_m, double limit_mps, bool ends_at_lights);

class SegmentWatch {
 public:
  static constexpr std::size_t kWindow_s = 60;

  static constexpr double kVehicle_m = 7;  // of road, that one takes when it stands

  SegmentWatch(std::string id, double length_m, int lanes, double free_mps)
      : id_(std::move(id)), length_m_(length_m), lanes_(lanes), free_mps_(free_mps) {}
  // Once a second: who is on it, and how fast they go in the mean.
  void look(std::vector<std::string> vehicles, double mean_mps);

  const std::string& id() const { return id_; }
  double length_m() const { return length_m_; }
  double free_mps() const { return free_mps_; }
  double speed_mps() const;  // free flow where nobody drove
  double occupancy() const;  // share of the road that was taken in the last minute
  int on_it() const { return int(before_.size()); }
  int take_entered() { return std::exchange(entered_, 0); }  // since it was asked last

 private:
  struct Second {
    double vehicles{}, metres{};
  };
  std::string id_;
  double length_m_;
  int lanes_;
  double free_mps_;
  std::array<Second, kWindow_s> window_{};
  std::size_t at_{0};
  std::vector<std::string> before_;
  int entered_{0};
};

}  // namespace cityloop::traffic
