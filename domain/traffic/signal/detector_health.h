// Whether a detector of traffic can be believed: told of its readings in order, it says since when not, and why.
//
//   TrafficFlowObserved ─ Reading ─▶ [DetectorHealth] ─ Verdict ─▶ what is given to the controller, and to people
//
//   verdict    when                                                          sources of the limits
//   negative   a number below zero, not a number, or a share above one       what cannot be
//   jumping    more vehicles or a longer queue than a lane can carry since   2,400 vehicles an hour and lane: the most
//              the last reading; faster than 60 m/s; occupied, free,         that follow each other for long (HCM
//              2016); occupied … five times in a row with nobody counted            60 m/s: no car in a street
//   stuck      occupied all the time, or the same numbers to the last digit  a queue moves at least once in two cycles
//              again and again, for stuck_s; or nobody for stuck_s while     of 120 s; equal counts alone prove little,
//              the detectors beside it count unlikely_zero vehicles          hence all numbers at once
//   doubled    lists vehicles twice, or counts 1.5 times and more of what passes the detectors whose  difference of two
//   Poisson counts beyond
//              vehicles it sees, beyond chance, over window_s                4 deviations: once in 30,000 windows
//   silent     nothing for silent_s
//
// A verdict is lifted after clean_s without any sign of it. Times are the city's; no clock, no randomness: the same
// readings give the same verdicts. A few hundred bytes a detector.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "flow/finding.h"

namespace cityloop::traffic {

// What a detector told; what it does not measure is absent.
struct Reading {
  double at_s{};                    // seconds since 1970
  std::optional<double> passed;     // vehicles since the last reading
  std::optional<double> occupancy;  // share of the time in which somebody stood over it, 0 to 1
  std::optional<double> on_lane;    // vehicles on the lane
  std::optional<double> queue;      // of these, standing
  std::optional<double> left;       // vehicles that left the lane since the last reading
  std::optional<double> speed_mps;  // mean of those that passed
  double repeats{1};                // of the vehicles listed one by one: how often each is listed
};

enum class Lie : std::uint8_t { none, negative, jumping, stuck, doubled, silent };
std::string_view to_string(Lie);

struct HealthLimits {
  double silent_s{60};
  double stuck_s{240};
  double clean_s{300};
  double window_s{900};      // over which counts are compared
  double unlikely_zero{15};  // expected vehicles, of which none was seen: e^-15
  double lane_per_s{2400.0 / 3600};
  double slack{3};  // vehicles by which a reading may be off
  double speed_max_mps{60};
};

class DetectorHealth {
 public:
  explicit DetectorHealth(HealthLimits limits = {}) : limits_(limits) {}

  // A reading, and how many of its vehicles the others say that have passed since the last one; absent where no
  // detector sees the same vehicles. Readings before the last one are passed over.
  void take(const Reading&, std::optional<double> others_passed);
  // Time goes on without a reading. Before the first reading silence counts from the first call.
  void pass(double now_s);

  struct Verdict {
    Lie lie{Lie::none};
    double since_s{};  // when it was first judged so
    double figure{};   // what gave it away: the number, the seconds, the ratio
  };
  const Verdict& verdict() const { return verdict_; }
  bool honest() const { return verdict_.lie == Lie::none; }

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Slice {  // of a minute
    double from_s{}, passed{}, others{};
  };
  std::optional<std::pair<Lie, double>> impossible(const Reading&) const;
  std::optional<std::pair<Lie, double>> jumped(const Reading&);
  std::optional<std::pair<Lie, double>> stuck(const Reading&, std::optional<double> others_passed);
  std::optional<std::pair<Lie, double>> doubled(const Reading&, std::optional<double> others_passed);
  void judge(Lie, double figure, double now_s);

  HealthLimits limits_;
  Verdict verdict_;
  double sign_s_{};  // when the lie was last seen
  std::optional<Reading> last_;
  std::optional<double> begun_s_;  // first heard of, or first waited for
  double same_since_s_{}, full_since_s_{}, none_since_s_{};
  double others_meanwhile_{0};  // since none_since_s_
  int flips_{0};
  std::deque<Slice> slices_;
};

// Why a detector is not believed, for the people at the desk.
flow::Bilingual explain(const DetectorHealth::Verdict&);

}  // namespace cityloop::traffic
