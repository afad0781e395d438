#include "domain/traffic/guidance/segment_match.h"

#include <algorithm>
#include <numbers>

#include "geo/street_weights.h"

namespace cityloop::traffic {
namespace {

using geo::Position;
using geo::StreetSpot;
using geo::TravelMode;

// The position moved to the left of a heading, in metres; negative to the right.
Position beside(Position at, Position from, Position to, double left_m) {
  const double m_per_deg = std::numbers::pi / 180 * geo::kEarthRadius_m;
  const double shrink = std::max(std::cos(at.lat_deg * std::numbers::pi / 180), 1e-6);
  const double east_m = (to.lon_deg - from.lon_deg) * m_per_deg * shrink;
  const double north_m = (to.lat_deg - from.lat_deg) * m_per_deg;
  const double length_m = std::hypot(east_m, north_m);
  if (length_m == 0) return at;
  return {at.lon_deg - north_m / length_m * left_m / (m_per_deg * shrink),
          at.lat_deg + east_m / length_m * left_m / m_per_deg};
}

double line_length_m(std::span<const Position> line) {
  double out = 0;
  for (std::size_t i = 1; i < line.size(); ++i) out += geo::distance_m(line[i - 1], line[i]);
  return out;
}

struct Candidate {
  StreetSpot from, to;
  geo::StreetWay way;
  double unlike{std::numeric_limits<double>::infinity()};  // 0: just as long as the segment, on its line
};

class Matcher {
 public:
  Matcher(geo::StreetGraphPtr graph, const MatchOptions& options) : graph_(std::move(graph)), options_(options) {
    const std::vector<float> even(2 * graph_->pieces(), 36.0F);
    geo::StreetSpeeds speeds;
    speeds.arcs_kmh = even;
    shortest_ = geo::StreetWeights::make(graph_, TravelMode::car, speeds);
    out_of_.resize(graph_->nodes());
    into_.resize(graph_->nodes());
    for (geo::StreetArc arc = 0; arc < even.size(); ++arc) {
      if (!graph_->may(arc, TravelMode::car)) continue;
      out_of_[graph_->tail(arc)].push_back(arc);
      into_[graph_->head(arc)].push_back(arc);
    }
  }

  // The reason why there is no match; empty when there is one.
  std::string match(const Segment& one, Candidate& best) const {
    if (one.line.size() < 2) return "it has no line";
    const double straight_m = line_length_m(one.line);
    const double wanted_m = one.length_m > 0 ? one.length_m : straight_m;
    if (wanted_m < 1) return "it is shorter than a metre";
    const auto from = spots(one.line[0], one.line[0], one.line[1], out_of_);
    const auto to = spots(one.line.back(), one.line[one.line.size() - 2], one.line.back(), into_);
    for (const StreetSpot& first : from) {
      for (const StreetSpot& last : to) {
        judge(one, first, last, wanted_m, best);
        if (best.unlike < kLikeEnough) return {};
      }
    }
    if (from.empty() || to.empty()) return "no street for cars is near an end";
    if (best.way.arcs.empty()) return "no way for cars leads from its beginning to its end";
    const double ratio = best.way.distance_m / wanted_m;
    if (ratio > options_.longer_max) return "the way between its ends is far longer than it";
    if (ratio < options_.shorter_max) return "the way between its ends is far shorter than it";
    return best.unlike == std::numeric_limits<double>::infinity() ? "the way between its ends leaves its line" : "";
  }

  void add_parts(std::uint32_t segment, const Candidate& found, SegmentCover& out) const {
    const auto& arcs = found.way.arcs;
    for (std::size_t i = 0; i < arcs.size(); ++i) {
      double begin = 0, end = 1;
      if (i == 0 && arcs[i] / 2 == found.from.piece) begin = along(found.from, arcs[i]);
      if (i + 1 == arcs.size() && arcs[i] / 2 == found.to.piece) end = along(found.to, arcs[i]);
      if (end - begin <= 0.02) continue;
      out.by_arc.push_back({arcs[i], segment, float(end - begin)});
      out.arcs_of[segment].push_back(arcs[i]);
    }
  }

 private:
  static double along(const StreetSpot& spot, geo::StreetArc arc) { return arc % 2 ? 1 - spot.share : spot.share; }

  // Where a segment may begin or end: the nearest street, the others that meet at its junction where that is as near (a
  // one-way street is no way out of the junction that it leads to), and the streets a little to either side.
  std::vector<StreetSpot> spots(Position at, Position from, Position to,
                                const std::vector<std::vector<geo::StreetArc>>& at_junction) const {
    std::vector<StreetSpot> out;
    for (const double left_m : {0.0, -options_.aside_m, options_.aside_m}) {
      const auto spot =
          graph_->snap(left_m == 0 ? at : beside(at, from, to, left_m), TravelMode::car, options_.snap_m, true);
      if (!spot) continue;
      out.push_back(*spot);
      const geo::StreetGraph::Piece& piece = graph_->piece(spot->piece);
      const bool ends = spot->share > 0.5;
      if ((ends ? 1 - spot->share : spot->share) * double(piece.length_m) > kAtJunction_m) continue;
      for (const geo::StreetArc arc : at_junction[ends ? piece.to : piece.from]) {
        const bool begins = &at_junction == &out_of_;
        out.push_back({arc / 2, begins == (arc % 2 == 0) ? 0.0 : 1.0, spot->on, 0});
      }
    }
    return out;
  }

  void judge(const Segment& one, StreetSpot from, StreetSpot to, double wanted_m, Candidate& best) const {
    from.beside_m = to.beside_m = 0;
    auto way = shortest_->way(from, to);
    if (!way || way->distance_m <= 0) return;
    const double ratio = way->distance_m / wanted_m;
    double unlike = std::abs(std::log(ratio));
    const bool fits = ratio <= options_.longer_max && ratio >= options_.shorter_max;
    if (fits && one.line.size() > 2) {
      const double off_m = off_line_m(one, way->line);
      unlike = off_m > options_.off_line_m ? std::numeric_limits<double>::infinity()
                                           : unlike + 0.05 * off_m / options_.off_line_m;
    }
    const bool first = best.way.arcs.empty();
    if (!fits) {
      if (first) best.from = from, best.to = to, best.way = std::move(*way);
      return;
    }
    if (unlike < best.unlike || first) best = {from, to, std::move(*way), unlike};
  }

  static double off_line_m(const Segment& one, const std::vector<Position>& way) {
    geo::Shape line{geo::ShapeKind::line, {way}};
    double out = 0;
    for (const Position at : one.line) out = std::max(out, geo::distance_m(line, at));
    return out;
  }

  static constexpr double kLikeEnough = 0.02;
  static constexpr double kAtJunction_m = 15;
  geo::StreetGraphPtr graph_;
  MatchOptions options_;
  std::vector<std::vector<geo::StreetArc>> out_of_, into_;  // by junction
  geo::StreetWeightsPtr shortest_;
};

}  // namespace

std::vector<std::string> MatchReport::lines() const {
  std::vector<std::string> out;
  for (const auto& [reason, miss] : misses)
    out.push_back(fmt::format("{} × {}, first {}", miss.count, reason, miss.example));
  return out;
}

std::span<const SegmentPart> SegmentCover::parts(geo::StreetArc arc) const {
  const auto [first, last] = std::ranges::equal_range(by_arc, arc, {}, &SegmentPart::arc);
  return {first, last};
}

SegmentCover match_segments(const geo::StreetGraphPtr& graph, std::span<const Segment> segments,
                            const MatchOptions& options) {
  SegmentCover out;
  out.arcs_of.resize(segments.size());
  if (graph->pieces() == 0) return out;
  const Matcher matcher(graph, options);
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    const Segment& one = segments[i];
    if (one.gone) continue;
    const double length_m = one.length_m > 0 ? one.length_m : line_length_m(one.line);
    ++out.report.segments;
    out.report.length_m += length_m;
    Candidate found;
    if (const std::string reason = matcher.match(one, found); !reason.empty()) {
      auto& miss = out.report.misses[reason];
      if (miss.count++ == 0) miss.example = std::string(one.id.text());
      continue;
    }
    ++out.report.matched;
    out.report.matched_m += length_m;
    matcher.add_parts(i, found, out);
  }
  std::ranges::sort(out.by_arc, [](const SegmentPart& a, const SegmentPart& b) {
    return std::pair(a.arc, a.segment) < std::pair(b.arc, b.segment);
  });
  return out;
}

geo::StreetNetwork streets_of_segments(std::span<const Segment> segments, double join_m) {
  geo::StreetNetwork out;
  std::vector<Position> junctions;
  std::uint64_t next_inner = std::uint64_t(1) << 32;
  const auto junction = [&](Position at) {
    for (std::size_t i = 0; i < junctions.size(); ++i) {
      if (geo::distance_m(junctions[i], at) <= join_m) return std::uint64_t(i);
    }
    junctions.push_back(at);
    return std::uint64_t(junctions.size() - 1);
  };
  for (const Segment& one : segments) {
    if (one.gone || one.line.size() < 2) continue;
    geo::Street street;
    street.name = one.name.en;
    street.street_class = geo::StreetClass::secondary;
    street.speed_kmh = one.free_flow_kmh;
    street.along = geo::ModeSet::of(geo::TravelMode::car);
    street.line = one.line;
    street.joints.push_back(junction(one.line.front()));
    for (std::size_t i = 2; i < one.line.size(); ++i) street.joints.push_back(next_inner++);
    street.joints.push_back(junction(one.line.back()));
    if (street.joints.front() == street.joints.back()) continue;
    street.line.front() = junctions[street.joints.front()];
    street.line.back() = junctions[street.joints.back()];
    out.streets.push_back(std::move(street));
  }
  out.report.streets = out.streets.size();
  return out;
}

}  // namespace cityloop::traffic
