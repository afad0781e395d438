// How long the streets take, for one mode or one hour, and so the quickest ways: from many places to many at once, or
// one with its line.
//
//   StreetGraph + speeds ─▶ [StreetWeights] ─▶ tables for the solver, lines for maps
//
// Made anew when speeds change, in a fraction of a second for 100,000 junctions, over the graph as it is: the order of
// contraction stays. Immutable; any thread. Ways are the quickest; among equally quick ones the shortest. Times are
// kept to the millisecond, lengths to the centimetre. At a junction one may go on in any direction, also back: turns
// are not forbidden and cost nothing. Within a piece one goes on in the direction in which one came; whoever stops
// there may leave either way, as far as the street is open that way.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "geo/street_graph.h"

namespace cityloop::geo {

inline constexpr double kNoStreet = std::numeric_limits<double>::infinity();

struct StreetSpeeds {
  double foot_kmh{4.8}, bicycle_kmh{15};
  // Of what a sign allows, so much is driven on average, with lights, crossings and parking.
  double car_share{0.7};
  double beside_kmh{4};  // from the street to the position beside it and back
  // By arc: what is driven there now, in km/h; 0: as above. Empty: all as above.
  std::span<const float> arcs_kmh{};
};

struct StreetTable {
  std::size_t columns{};
  std::vector<double> time_s, distance_m;  // row by row; kNoStreet where there is no way
  double time(std::size_t from, std::size_t to) const { return time_s[from * columns + to]; }
  double distance(std::size_t from, std::size_t to) const { return distance_m[from * columns + to]; }
};

struct StreetWay {
  double time_s{}, distance_m{};
  std::vector<Position> line;   // from spot to spot, two positions or more
  std::vector<StreetArc> arcs;  // those that are gone through, the first and last perhaps in part
};

// How far a place is from ranks above it.
struct StreetLabel {
  std::uint32_t rank;
  std::uint64_t weight;
};

// A place made ready, for whoever asks for tables in which mostly the same places stand. Some kilobytes; it holds for
// the weights that made it.
struct StreetEnds {
  StreetSpot spot;
  std::vector<StreetLabel> leave, come;
};
using StreetEndsPtr = std::shared_ptr<const StreetEnds>;

class StreetWeights {
 public:
  static std::shared_ptr<const StreetWeights> make(StreetGraphPtr, TravelMode, const StreetSpeeds& = {});

  // The same whatever the number of threads.
  StreetTable table(std::span<const StreetSpot> from, std::span<const StreetSpot> to, unsigned threads = 1) const;
  StreetEndsPtr prepare(const StreetSpot&) const;
  StreetTable table(std::span<const StreetEndsPtr> places, unsigned threads = 1) const;  // from each to each
  std::optional<StreetWay> way(const StreetSpot& from, const StreetSpot& to) const;

  const StreetGraph& graph() const { return *graph_; }
  TravelMode mode() const { return mode_; }
  double time_s(StreetArc) const;  // kNoStreet: not for this mode
  std::size_t bytes() const;

 private:
  // Milliseconds above, centimetres below: one number is compared and added for both.
  using Weight = std::uint64_t;
  static constexpr Weight kNone = Weight(1) << 62;
  static Weight weight_of(double time_s, double distance_m);
  static double time_of(Weight weight) { return double(weight >> 32) / 1000; }
  static double distance_of(Weight weight) { return double(weight & 0xffffffff) / 100; }

  // One direction of the links that ways need, by rank.
  struct Half {
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> depth;  // of the rank above: on a path of parents that says which it is
    std::vector<Weight> weight;
  };
  using Label = StreetLabel;
  struct Side {
    const StreetSpot* spot;
    const std::vector<Label>* labels;
  };
  struct Climb;
  struct Buckets;

  StreetWeights(StreetGraphPtr, TravelMode, const StreetSpeeds&);
  void weigh_arcs(const StreetSpeeds&);
  void join_lower();
  void keep_needed();
  Weight share_of(StreetArc, double share) const;
  Weight beside(const StreetSpot&) const;
  void climb(const StreetSpot&, bool backwards, Climb&) const;
  void drop_roundabout(const Half&, Climb&) const;
  std::vector<Label> labels(const StreetSpot&, bool backwards, Climb&) const;
  StreetTable fill_table(const std::vector<Side>& from, const std::vector<Side>& to, unsigned threads) const;
  static void fill_row(const std::vector<Label>&, const Buckets&, std::vector<Weight>& row);
  Weight straight_on(const StreetSpot& from, const StreetSpot& to, StreetArc& arc) const;
  void trace(const StreetSpot& from, const StreetSpot& to, const Climb& there, const Climb& back, std::uint32_t meet,
             StreetWay&) const;
  void unpack(std::uint32_t from, std::uint32_t to, std::vector<StreetArc>& out) const;
  StreetArc arc_between(std::size_t link, bool up, Weight) const;

  const StreetGraphPtr graph_;
  const TravelMode mode_;
  double beside_s_m_{};            // seconds a metre
  std::vector<Weight> arcs_;       // by arc
  std::vector<Weight> up_, down_;  // by link, with what lies below it
  Half there_, back_;
};

using StreetWeightsPtr = std::shared_ptr<const StreetWeights>;

}  // namespace cityloop::geo
