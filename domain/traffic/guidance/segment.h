// Stretches of road that are measured: what the city knows of each, as its TrafficFlowObserved entities say.
//
//   twin ─ Change, Entity ─▶ [SegmentTable] ─▶ speeds on streets, incidents, signs, maps
//
// Attributes by Smart Data Models: averageVehicleSpeed and freeFlowSpeed (KMH), segmentLength (MTR), intensity
// (vehicles in one interval of the source), occupancy (0 … 1), location (a LineString in the direction of travel).
// Lives on one thread. Segments keep their number for good; one that the twin has erased is `gone` and counts nowhere.
// State follows from the changes alone.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "flow/change.h"
#include "flow/finding.h"
#include "geo/shape.h"

namespace cityloop::traffic {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What a driver would call it, against free flow: congested is below half of it, as the forecasts have it.
enum class SegmentState : std::uint8_t { unknown, free, slow, congested };
std::string_view to_string(SegmentState);

struct Segment {
  flow::EntityId id;
  flow::Bilingual name;
  std::vector<geo::Position> line;  // empty: no line known
  double length_m{};                // 0: not known
  double free_flow_kmh{};           // 0: not known
  double speed_kmh{kUnknown};
  double intensity{kUnknown};
  double occupancy{kUnknown};  // share of time or road that is taken, 0 … 1
  flow::Instant speed_at{flow::kNever};
  bool gone{false};

  bool is_fresh(flow::Instant now, base::Duration stale_after) const {
    return !std::isnan(speed_kmh) && speed_at != flow::kNever && now - speed_at <= stale_after;
  }
  SegmentState state(flow::Instant now, base::Duration stale_after) const;
  std::string location() const;  // GeoJSON; empty without a line
};

class SegmentTable {
 public:
  // What changed of a segment; nothing for other entities. A late reading changes nothing.
  struct Seen {
    std::uint32_t segment{};
    bool reading{false};  // a speed of now
  };
  std::optional<Seen> see(const flow::Change&);
  void see(const flow::Entity&);

  const std::vector<Segment>& all() const { return segments_; }
  const Segment& operator[](std::uint32_t at) const { return segments_[at]; }
  std::size_t size() const { return segments_.size(); }
  std::optional<std::uint32_t> find(flow::EntityId) const;
  // Changes whenever a segment comes, goes or moves: what was matched to streets must be matched anew.
  std::uint64_t shapes() const { return shapes_; }

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  std::uint32_t number(flow::EntityId);
  bool take(Segment&, const flow::Attribute&);

  std::vector<Segment> segments_;
  std::unordered_map<flow::EntityId, std::uint32_t> numbers_;
  std::uint64_t shapes_{0};
};

bool is_segment(const flow::NameList& types);

}  // namespace cityloop::traffic
