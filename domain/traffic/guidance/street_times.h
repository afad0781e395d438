// How long each arc of the streets takes: as is usual, and at departures now, in 15, 30 and 60 minutes, from what
// segments measure and what is forecast of them.
//
//   SegmentCover + SegmentSpeeds ─▶ [StreetTimes] ─▶ RouteFinder
//
// Speeds hold for a stretch of time about the moment they are given for (until 7½, 22½ and 45 minutes from `at`), and
// who is on an arc when one ends goes on at the next speed: so whoever sets out later never arrives earlier (Ichoua,
// Gendreau and Potvin 2003). Where nothing is measured, streets take what is usual there, which is what their sign
// allows times car_share. Made anew when speeds change; immutable; any thread. Lower bounds of the time between
// junctions (customizable contraction hierarchies over StreetOrder, in milliseconds) are made with it; those of the
// usual times are taken from the times before as long as they hold.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "domain/traffic/guidance/segment_match.h"
#include "geo/street_graph.h"

namespace cityloop::traffic {

inline constexpr std::size_t kPeriods = 4;
inline constexpr std::array<int, kPeriods> kPeriod_min{0, 15, 30, 60};
inline constexpr std::array<double, kPeriods - 1> kPeriodEnd_s{450, 1350, 2700};

// In km/h by segment; NaN where nothing is known: then the period before it counts, and before the first the usual.
struct SegmentSpeeds {
  flow::Instant at{flow::kNever};
  std::vector<float> usual;
  std::array<std::vector<float>, kPeriods> periods;
};

// Streets with what a search needs and the graph does not keep: which arcs cars may take out of a junction.
class StreetNet {
 public:
  explicit StreetNet(geo::StreetGraphPtr);
  const geo::StreetGraph& graph() const { return *graph_; }
  const geo::StreetGraphPtr& shared_graph() const { return graph_; }
  std::span<const geo::StreetArc> out_of(geo::StreetNode node) const {
    return {arcs_.data() + first_[node], first_[node + 1] - first_[node]};
  }

 private:
  geo::StreetGraphPtr graph_;
  std::vector<std::uint32_t> first_;
  std::vector<geo::StreetArc> arcs_;
};
using StreetNetPtr = std::shared_ptr<const StreetNet>;

// Times between junctions that no way undercuts, taken up the ranks of a graph's order.
class LowerBounds {
 public:
  static constexpr std::uint32_t kNone_ms = 0x3fffffff;
  LowerBounds(const geo::StreetGraph&, std::span<const std::uint32_t> arcs_ms);
  std::uint32_t up(std::size_t link) const { return up_[link]; }      // from its lower rank
  std::uint32_t down(std::size_t link) const { return down_[link]; }  // to its lower rank
  std::uint64_t id() const { return id_; }                            // of no others in this process

 private:
  std::vector<std::uint32_t> up_, down_;  // by link
  std::uint64_t id_{0};
};

// Whose times: as is usual at this hour; as it is now and stays; or as it is foreseen.
enum class Times : std::uint8_t { usual, now, foreseen };

struct StreetTimesOptions {
  double car_share{0.7};  // of what a sign allows, where nothing is measured
  double slowest_kmh{2};  // a street that stands still is very slow, not closed
};

class StreetTimes {
 public:
  static std::shared_ptr<const StreetTimes> make(StreetNetPtr, const SegmentCover&, const SegmentSpeeds&,
                                                 const StreetTimesOptions& = {}, const StreetTimes* before = nullptr);

  const StreetNet& net() const { return *net_; }
  flow::Instant at() const { return at_; }
  // From entering the arc's `share` at `start_s` after at() until its end at `share_end`.
  double time_s(geo::StreetArc, Times, double start_s, double share = 0, double share_end = 1) const;
  bool is_measured(geo::StreetArc arc) const { return measured_[arc]; }
  const LowerBounds& bounds(Times times) const { return times == Times::usual ? *usual_bounds_ : *bounds_; }

 private:
  StreetTimes() = default;
  StreetNetPtr net_;
  flow::Instant at_{flow::kNever};
  std::vector<float> usual_s_;                     // by arc; infinity: not for cars
  std::vector<std::array<float, kPeriods>> arcs_;  // by arc, seconds
  std::vector<bool> measured_, steady_;
  std::shared_ptr<const LowerBounds> usual_bounds_, bounds_;
};
using StreetTimesPtr = std::shared_ptr<const StreetTimes>;

}  // namespace cityloop::traffic
