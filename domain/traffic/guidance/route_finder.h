// The quickest way by car at a time of departure, exactly, on streets whose times change while one drives.
//
//   StreetTimes, two spots ─▶ [RouteFinder] ─▶ FoundRoute ─▶ advice, signs, parking
//
// A* whose estimate of what is left is the lower bound that a customized contraction hierarchy gives (CCH-Potentials:
// Strasser and Zeitz 2021), worked out only for junctions that the search meets. The bounds are of the fastest of all
// periods, so the search looks at little more than the way itself wherever streets flow as they are foreseen. Closed
// and dearer streets (ArcFactors) need no new bounds, for they only make ways longer. Ways are exact by time; with
// factors they are what a driver would choose who holds those streets to be so much longer. A workspace serves one
// thread; a RouteFinder any number.
#pragma once

#include <optional>

#include "domain/traffic/guidance/street_times.h"
#include "geo/street_order.h"

namespace cityloop::traffic {

struct FoundRoute {
  double time_s{}, distance_m{};         // time: at the departure and by the times that were asked for
  std::vector<geo::StreetArc> arcs;      // gone through, the first and last in part
  double share_first{0}, share_last{1};  // where on the first arc it begins, where on the last it ends
  double beside_s{};                     // from the place to the street and from the street to the place
};

// How much longer than it is an arc is held to be: 1 is as it is, infinity is closed.
class ArcFactors {
 public:
  void close(geo::StreetArc arc) { at(arc) = std::numeric_limits<float>::infinity(); }
  void raise(geo::StreetArc arc, double by) { at(arc) *= float(by); }
  double of(geo::StreetArc arc) const { return arc < factors_.size() ? double(factors_[arc]) : 1; }
  bool empty() const { return factors_.empty(); }

 private:
  float& at(geo::StreetArc arc) {
    if (arc >= factors_.size()) factors_.resize(arc + 1, 1.0F);
    return factors_[arc];
  }
  std::vector<float> factors_;
};

struct RouteQuestion {
  geo::StreetSpot from, to;
  Times times{Times::foreseen};
  double depart_s{0};  // after StreetTimes::at()
  const ArcFactors* factors{};
  double time_max_s{std::numeric_limits<double>::infinity()};  // a way that takes longer is of no use
  // What is left counts so many times in the order of the search: above 1 it looks at far fewer junctions, and the way
  // it finds costs at most so many times the least (weighted A*, Pohl 1970).
  double haste{1};
};

class RouteWorkspace {
 public:
  std::size_t settled() const { return settled_; }  // junctions that the last search looked at

 private:
  friend class RouteSearch;
  void begin(std::size_t nodes);
  struct Node {
    std::uint32_t run{};
    bool done{}, first{};  // first: reached from the place itself
    geo::StreetArc by{};
    double cost_s{}, clock_s{};
  };
  // What is left to a target, at least: it holds for all searches to it with the same bounds.
  struct Bounds {
    bool begin(std::uint64_t bounds, geo::StreetPiece target);  // false: what is known still holds
    struct Rank {
      std::uint32_t run{}, come_run{};
      std::uint32_t left_ms{}, come_ms{};
    };
    std::vector<Rank> ranks;
    std::uint32_t run{0};
    std::uint64_t of{0};
    geo::StreetPiece to{};
  };
  std::vector<Node> nodes_;
  std::array<Bounds, 2> bounds_;  // of usual times, and of the others: advice asks for both in turn
  std::vector<geo::StreetRank> climb_;
  std::vector<std::pair<double, geo::StreetNode>> queue_;
  std::uint32_t run_{0};
  std::size_t settled_{0};
};

class RouteFinder {
 public:
  explicit RouteFinder(StreetTimesPtr times) : times_(std::move(times)) {}
  std::optional<FoundRoute> find(const RouteQuestion&, RouteWorkspace&) const;
  // What a way takes by other times or at another departure.
  double time_s(const FoundRoute&, Times, double depart_s) const;
  std::vector<geo::Position> line(const FoundRoute&) const;
  const StreetTimes& times() const { return *times_; }

 private:
  StreetTimesPtr times_;
};

}  // namespace cityloop::traffic
