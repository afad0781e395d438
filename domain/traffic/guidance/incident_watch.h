// Sees that a segment is blocked: evidence against what is usual there, gathered over several cycles of the lights.
//
//   readings, what was expected ─▶ [IncidentWatch] ─▶ opened, cleared ─▶ IncidentLoop
//
// Each reading is weighed, not judged alone:
//  - speeds are smoothed in space over some minutes, so that red lights are in the mean and not in the noise; how far
//    the logarithm lies under the expected counts in deviations that are usual on this very segment at this hour;
//  - where counts are known, fewer vehicles than usual count as well: a queue that does not discharge, which a rush
//  hour's
//    does;
//  - the weighted sum less an allowance is summed over time (CUSUM, Page 1954): a deep drop is believed soon, a shallow
//    one late, and neither on one reading;
//  - each segment remembers how high its own sum climbs without an incident, fading over a week, and must climb higher:
//    a junction that jams every day is not told of every day;
//  - the road beyond flows: a queue shows upstream of its cause, so where the segment downstream is unusually slow as
//    well, the cause lies further on (the spatial test of the California algorithms, Payne and Tignor 1978).
// It clears when the speed has been near the expected for a time, or nothing has been heard. Knows no clock; state
// follows from the readings alone, in their order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace cityloop::traffic {

struct IncidentOptions {
  double slow_weight{1.5}, lack_weight{1};  // of a deviation of speed, of counts
  double allowance{3};                      // of the weighted sum counts for nothing
  double step_max{12};                      // a minute counts for so much at most
  double limit{8};                          // of the running sum
  double usual_climb{1.5};                  // times the segment's own usual climb, if that is higher, but
  double climb_max{100};                    // no more than that: what stands for long enough is told of anywhere
  base::Duration climb_fades{std::chrono::hours(24 * 7)};
  base::Duration learn_for{std::chrono::hours(24)};  // since it was first heard of: it only learns how high it climbs
  base::Duration smooth{std::chrono::minutes(2)};
  double spread_least{0.15};     // of the expected speed: hours that hardly differ are not believed to be so exact
  double drop_ratio{0.75};       // of the expected speed, smoothed: above it there is no sign
  double free_flow_ratio{0.85};  // likewise, of free flow
  double vehicles_min{8};        // fewer in the smoothed minutes count for less, for one car waits at a light or parks
  double occupancy_min{0.1};     // likewise, where occupancy is known
  int readings_min{2};           // signs in a row, over
  base::Duration hold{std::chrono::minutes(2)};
  double beyond_slow{0.5};  // deviations: a segment downstream that is slower than that does not flow
  double clear_ratio{0.8};  // of the expected speed
  base::Duration clear_hold{std::chrono::minutes(5)};
  base::Duration gap_max{std::chrono::minutes(12)};  // a longer silence begins anew
  base::Duration silent_after{std::chrono::minutes(45)};
};

struct IncidentReading {
  std::uint32_t segment{};
  base::Instant at{base::kNever};
  double speed_kmh{}, expected_kmh{}, spread_kmh{};  // spread: mean absolute deviation; expected 0: nothing is expected
  double free_flow_kmh{};
  double vehicles{kManyVehicles};                 // counted in its interval; many where that is not known
  double expected_vehicles{}, spread_vehicles{};  // expected 0: nothing is expected
  double occupancy{kNotKnown};                    // share of time or road that is taken
  static constexpr double kManyVehicles = 1000, kNotKnown = -1;
};

struct Incident {
  std::uint32_t segment{};
  base::Instant since{base::kNever}, at{base::kNever};  // the first sign; when it was believed, or cleared
  double speed_kmh{}, expected_kmh{}, free_flow_kmh{};  // the speed smoothed
  double slow{}, lack{};                                // deviations of speed and of counts under the expected
  double sum{}, needed{};                               // the running sum, and what it had to reach
  int signs{};                                          // readings in a row
  std::optional<double> beyond_ratio;                   // the slowest segment downstream against what is expected of it
  std::vector<std::uint32_t> queue;                     // segments upstream that are unusually slow as well
};

class IncidentWatch {
 public:
  explicit IncidentWatch(const IncidentOptions& options) : options_(options) {}

  // Which segments follow on which; segments keep their numbers and what is known of them.
  void link(std::vector<std::vector<std::uint32_t>> downstream);

  struct Outcome {
    std::optional<Incident> opened, cleared;
  };
  // In order of time for each segment; an older reading than the last is passed over.
  Outcome see(const IncidentReading&);
  // Closes an open one that has not been heard of for too long.
  std::optional<Incident> silent(std::uint32_t segment, base::Instant now);
  // A segment that is gone; its open incident, if any, is the caller's to clear.
  void forget(std::uint32_t segment);

  bool is_open(std::uint32_t segment) const { return segment < tracks_.size() && tracks_[segment].open; }
  // Readings in a row that are unusually slow, whether or not the cause lies here.
  int signs(std::uint32_t segment) const { return segment < tracks_.size() ? tracks_[segment].signs : 0; }
  bool is_slow(std::uint32_t segment) const { return signs(segment) > 0; }
  // Smoothed, of what was seen of it: what is usual is learned from these. Of a segment never seen: 0.
  double speed_kmh(std::uint32_t segment) const { return segment < tracks_.size() ? tracks_[segment].speed_kmh : 0; }
  double vehicles(std::uint32_t segment) const { return segment < tracks_.size() ? tracks_[segment].vehicles : 0; }

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Track {
    base::Instant first{base::kNever}, last{base::kNever}, since{base::kNever}, well_since{base::kNever};
    double weight{0}, way{0}, minutes{0}, counted{0};  // smoothed sums that speed and count are the quotients of
    double speed_kmh{0}, expected_kmh{0}, free_flow_kmh{0}, vehicles{0};
    double slow{0}, lack{0};
    double sum{0};
    double climb{0}, usual_climb{0};  // since the sum was 0; what is usual
    int signs{0};
    bool open{false}, told{false};  // told: this climb is an incident's, here or next to it
  };
  Track& track(std::uint32_t segment);
  void take(const IncidentReading&, Track&) const;
  double smooth(const IncidentReading&, Track&) const;  // returns the minutes that the reading stands for
  void learn_climb(Track&) const;
  double needed(const Track&, std::uint32_t segment) const;
  static double ratio(const Track& one) { return one.expected_kmh > 0 ? one.speed_kmh / one.expected_kmh : 1; }
  bool is_believed(const Track&, std::uint32_t segment) const;
  bool queue_from_beyond(std::uint32_t segment, base::Instant at) const;
  // The slowest downstream against its expected speed, by readings no older than gap_max.
  std::optional<double> beyond(std::uint32_t segment, base::Instant at) const;
  bool open_nearby(std::uint32_t segment) const;
  Incident incident(std::uint32_t segment, const Track&) const;

  IncidentOptions options_;
  std::vector<Track> tracks_;
  std::vector<std::vector<std::uint32_t>> downstream_, upstream_;
};

// Which segments a driver comes to next: their beginning lies within join_m of this one's end, and they do not lead
// straight back.
struct Segment;
std::vector<std::vector<std::uint32_t>> downstream_of(std::span<const Segment>, double join_m = 40);

}  // namespace cityloop::traffic
