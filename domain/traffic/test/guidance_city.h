// A small city for guidance: streets in a grid with noise, some one-way, some missing, a wide one every few streets,
// and segments measured on some of them.
#pragma once

#include <cmath>

#include "base/rng.h"
#include "domain/traffic/guidance/street_times.h"
#include "geo/street_graph.h"
#include "geo/street_weights.h"

namespace cityloop::traffic {

struct GuidanceCity {
  geo::StreetGraphPtr graph;
  std::vector<Segment> segments;
};

inline geo::StreetNetwork guidance_streets(int side, base::Rng& rng) {
  constexpr double kStep_deg = 0.0011;  // about 120 m
  geo::StreetNetwork out;
  std::vector<geo::Position> corners;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x)
      corners.push_back(
          {120 + kStep_deg * (x + rng.uniform(-0.3, 0.3)), 30 + kStep_deg * (y + rng.uniform(-0.3, 0.3))});
  }
  const auto join = [&](int a, int b, bool wide, std::string name) {
    if (!wide && rng.below(12) == 0) return;
    geo::Street street;
    street.name = std::move(name);
    street.street_class = wide ? geo::StreetClass::primary : geo::StreetClass::residential;
    street.speed_kmh = wide ? 60 : 30;
    street.along = street.against = geo::ModeSet::all();
    if (!wide && rng.below(8) == 0) street.against = geo::ModeSet::of(geo::TravelMode::foot);
    for (const int at : {a, b}) {
      street.line.push_back(corners[std::size_t(at)]);
      street.joints.push_back(std::uint64_t(at));
    }
    out.streets.push_back(std::move(street));
  };
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int at = y * side + x;
      if (x + 1 < side) join(at, at + 1, y % 9 == 0, fmt::format("Row {}", y));
      if (y + 1 < side) join(at, at + side, x % 9 == 0, fmt::format("Column {}", x));
    }
  }
  return out;
}

// Measured: each wide street and every `one_in`-th narrow one, in each direction that cars may take.
inline GuidanceCity guidance_city(int side, std::uint64_t seed, std::uint64_t one_in = 6) {
  base::Rng rng(seed);
  GuidanceCity out;
  out.graph = geo::StreetGraph::make(guidance_streets(side, rng));
  for (geo::StreetArc arc = 0; arc < 2 * out.graph->pieces(); ++arc) {
    const auto& piece = out.graph->piece(arc / 2);
    const bool wide = piece.street_class == geo::StreetClass::primary;
    if (!out.graph->may(arc, geo::TravelMode::car) || (!wide && rng.below(one_in) != 0)) continue;
    Segment& one = out.segments.emplace_back();
    one.id = flow::EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:arc-{}", arc));
    one.name = {fmt::format("路段{}", arc), fmt::format("Stretch {}", arc)};
    const auto line = out.graph->line(arc / 2);
    one.line.assign(line.begin(), line.end());
    if (arc % 2) one.line.assign(line.rbegin(), line.rend());
    one.length_m = double(piece.length_m);
    one.free_flow_kmh = 0.7 * double(piece.speed_kmh);
  }
  return out;
}

// Congestion in patches: from each of so many places, speeds fall, the deeper the nearer, and are foreseen to spread or
// to dissolve.
inline SegmentSpeeds patchy_speeds(const std::vector<Segment>& segments, int patches, std::uint64_t seed) {
  base::Rng rng(seed);
  SegmentSpeeds out;
  out.at = base::from_ms(1'700'000'000'000);
  struct Patch {
    geo::Position at;
    double reach_m, grows;
  };
  std::vector<Patch> all;
  for (int i = 0; i < patches; ++i) {
    const Segment& centre = segments[rng.below(segments.size())];
    all.push_back({centre.line.front(), rng.uniform(300, 1500), rng.uniform(-0.9, 0.6)});
  }
  for (const Segment& one : segments) {
    out.usual.push_back(float(one.free_flow_kmh * rng.uniform(0.8, 1.0)));
    const double noise = rng.uniform(0.9, 1.1);
    for (std::size_t period = 0; period < kPeriods; ++period) {
      double worst = 1;
      for (const Patch& patch : all) {
        const double reach_m = patch.reach_m * std::max(0.01, 1 + patch.grows * kPeriod_min[period] / 60.0);
        const double off = geo::distance_m(patch.at, one.line.front()) / reach_m;
        worst = std::min(worst, 0.15 + 0.85 * std::min(off, 1.0));
      }
      out.periods[period].push_back(float(double(out.usual.back()) * worst * noise));
    }
  }
  return out;
}

inline geo::StreetSpot random_spot(const geo::StreetGraph& graph, base::Rng& rng, int side) {
  for (;;) {
    const geo::Position at{120 + rng.uniform() * 0.0011 * side, 30 + rng.uniform() * 0.0011 * side};
    if (const auto spot = graph.snap(at, geo::TravelMode::car, 500)) return *spot;
  }
}

}  // namespace cityloop::traffic
