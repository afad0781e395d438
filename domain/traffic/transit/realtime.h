// What GTFS-Realtime 2.0 says of one moment: trips off their timetable, vehicles, alerts. Data only.
//
//   bytes ─ read_realtime ─▶ [RealtimeFeed] ─▶ twin      twin ─▶ [RealtimeFeed] ─ write_realtime ─▶ bytes
//
// Times are Unix seconds as the feed gives them; 0 is "not given". Reading trusts no byte: an entity that makes no
// sense is counted and told by its id, and the others stay.
//
// Reference: https://gtfs.org/documentation/realtime/reference/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

enum class TripRelation : std::uint8_t {
  scheduled = 0,
  added = 1,
  unscheduled = 2,
  canceled = 3,
  replacement = 5,
  duplicated = 6,
  deleted = 7
};
enum class StopRelation : std::uint8_t { scheduled = 0, skipped = 1, no_data = 2, unscheduled = 3 };
enum class VehicleStop : std::uint8_t { incoming_at = 0, stopped_at = 1, in_transit_to = 2 };

struct TripRef {
  std::string trip_id, route_id, start_time, start_date;  // HH:MM:SS, YYYYMMDD
  std::optional<std::uint32_t> direction;
  TripRelation relation{TripRelation::scheduled};
  friend bool operator==(const TripRef&, const TripRef&) = default;
};
struct VehicleRef {
  std::string id, label, plate;
  friend bool operator==(const VehicleRef&, const VehicleRef&) = default;
};
struct StopEvent {
  std::optional<std::int32_t> delay_s;
  std::int64_t time_s{0};
  std::optional<std::int32_t> uncertainty_s;
  friend bool operator==(const StopEvent&, const StopEvent&) = default;
};
struct StopUpdate {
  std::optional<std::uint32_t> sequence;
  std::string stop_id;
  std::optional<StopEvent> arrival, departure;
  StopRelation relation{StopRelation::scheduled};
  friend bool operator==(const StopUpdate&, const StopUpdate&) = default;
};
struct TripUpdate {
  std::string id;  // of the feed's entity
  TripRef trip;
  VehicleRef vehicle;
  std::vector<StopUpdate> stops;
  std::int64_t at_s{0};
  std::optional<std::int32_t> delay_s;
  friend bool operator==(const TripUpdate&, const TripUpdate&) = default;
};
struct VehiclePosition {
  std::string id;
  TripRef trip;  // empty texts: on no trip
  VehicleRef vehicle;
  float lat_deg{}, lon_deg{};
  std::optional<float> bearing_deg, speed_mps;
  std::optional<std::uint32_t> sequence;
  std::string stop_id;
  VehicleStop status{VehicleStop::in_transit_to};
  std::int64_t at_s{0};
  std::optional<std::uint32_t> congestion,
      occupancy;  // by the enumerations of the standard
  std::optional<std::uint32_t> occupancy_percent;
  friend bool operator==(const VehiclePosition&, const VehiclePosition&) = default;
};

using Translated = std::map<std::string, std::string>;  // language (BCP 47, may be empty) → text
struct Informed {
  std::string agency_id, route_id, stop_id;
  std::optional<std::int32_t> route_type;
  std::optional<std::uint32_t> direction;
  std::optional<TripRef> trip;
  friend bool operator==(const Informed&, const Informed&) = default;
};
struct ServiceAlert {
  std::string id;
  std::vector<std::pair<std::int64_t, std::int64_t>> active;  // from, until; 0: open
  std::vector<Informed> informed;
  std::uint32_t cause{1}, effect{8}, severity{1};  // by the enumerations of the standard: unknown
  Translated url, header, text;
  friend bool operator==(const ServiceAlert&, const ServiceAlert&) = default;
};

struct RealtimeFeed {
  std::string version{"2.0"};
  bool differential{false};
  std::int64_t at_s{0};
  std::vector<TripUpdate> trips;
  std::vector<VehiclePosition> vehicles;
  std::vector<ServiceAlert> alerts;
  std::vector<std::string> deleted;  // ids of entities that a differential feed takes back
  friend bool operator==(const RealtimeFeed&, const RealtimeFeed&) = default;
};

struct RealtimeLimits {
  std::size_t bytes_max{64UL << 20};
  std::size_t entities_max{200'000};
  std::size_t stops_max{2'000};         // of one trip
  std::size_t text_max{8'192};          // bytes of one text
  std::int32_t delay_max_s{24 * 3600};  // beyond, it is no delay but a mistake
};
struct RealtimeReport {
  static constexpr std::size_t kListed = 100;
  std::uint64_t entities{0}, refused{0}, warned{0};
  std::vector<std::string> problems;  // the first kListed
  void refuse(std::string reason);
  void warn(std::string reason);
};

// An error only where nothing could be read: no header, or too large. Entities in front of a broken end are kept.
base::Result<RealtimeFeed> read_realtime(std::string_view bytes, RealtimeReport&, const RealtimeLimits& = {});
std::string write_realtime(const RealtimeFeed&);

}  // namespace cityloop::traffic
