// Which pieces of street a measured segment runs over, so that its speed can be theirs.
//
//   Segments + StreetGraph ─▶ [match_segments] ─▶ SegmentCover ─▶ StreetTimes
//
// A segment's ends are snapped to streets that cars may use, also a little to either side of the line (the two
// carriageways of one road lie side by side and run against each other), and the shortest way between them is taken
// whose length fits the segment's best. What does not fit is counted under its reason, with an example, and never
// hides the others.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "domain/traffic/guidance/segment.h"
#include "geo/street_graph.h"
#include "geo/street_network.h"

namespace cityloop::traffic {

struct MatchOptions {
  double snap_m{60};       // from an end of a segment to a street
  double aside_m{12};      // half of the widest gap between carriageways
  double longer_max{1.6};  // way against the segment's length
  double shorter_max{0.6};
  double off_line_m{50};  // of a segment's line, where it has more than its two ends
};

struct MatchReport {
  std::size_t segments{}, matched{};
  double length_m{}, matched_m{};
  struct Miss {
    std::size_t count{};
    std::string example;
  };
  std::map<std::string, Miss> misses;  // by reason

  std::vector<std::string> lines() const;
};

// So much of an arc belongs to a segment.
struct SegmentPart {
  geo::StreetArc arc{};
  std::uint32_t segment{};
  float share{};  // of the arc's length, 0 … 1
};

struct SegmentCover {
  std::vector<SegmentPart> by_arc;                   // in order of arcs, then of segments
  std::vector<std::vector<geo::StreetArc>> arcs_of;  // by segment, in the order of travel
  MatchReport report;

  std::span<const SegmentPart> parts(geo::StreetArc) const;
};

SegmentCover match_segments(const geo::StreetGraphPtr&, std::span<const Segment>, const MatchOptions& = {});

// Streets where a city has given none: each segment is a street of its own, open in its direction, and ends that lie
// within join_m of one another are one junction.
geo::StreetNetwork streets_of_segments(std::span<const Segment>, double join_m = 20);

}  // namespace cityloop::traffic
