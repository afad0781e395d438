// What has been forecast of each thing for which moment, as Forecast entities say: speeds of segments, occupancy of
// garages.
//
//   forecast ─ Forecast ─▶ twin ─ Change ─▶ [SegmentForecasts] ─▶ incidents, travel times, parking
//
// A Forecast entity points with `refEntity` to what it is about, names in `forecastOf` the attribute, and carries in
// `horizons` a list of {"validAt": ISO 8601, "p10": …, "p50": …, "p90": …}. What cannot be read is counted and passed
// over. Of a thing and attribute the newest word for a moment counts; what is past by an hour is forgotten.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>

#include "base/bytes.h"
#include "flow/change.h"

namespace cityloop::traffic {

struct ForecastBand {
  double low{}, middle{}, high{};  // quantiles of 10, 50 and 90 percent
};

class SegmentForecasts {
 public:
  explicit SegmentForecasts(flow::Name attribute) : attribute_(attribute) {}

  bool see(const flow::Change&, base::Instant now);  // whether it was a forecast of this attribute
  void see(const flow::Entity&);
  void put(flow::EntityId, base::Instant valid_at, ForecastBand);
  // For a moment: between the two nearest that were forecast, or the nearest where it is no more than 10 minutes away.
  std::optional<ForecastBand> at(flow::EntityId, base::Instant) const;
  bool empty() const { return bands_.empty(); }
  std::uint64_t unread() const { return unread_; }

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  flow::EntityId about(flow::EntityId forecast) const;  // empty: of another attribute
  void take_steps(flow::EntityId about, const flow::Attribute&);
  void forget_before(flow::EntityId about, base::Instant);

  flow::Name attribute_;
  std::unordered_map<flow::EntityId, std::map<base::Instant, ForecastBand>> bands_;
  std::uint64_t unread_{0};
};

}  // namespace cityloop::traffic
