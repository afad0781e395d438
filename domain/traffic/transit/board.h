// The board of a stop: what leaves next, when by the timetable and when really, and how old that knowledge is.
//
//   Schedule, LiveView, stop, now ─▶ [arrivals_board] ─ rows ─▶ console, public display
//
// A row whose bus has not been heard of for `stale` falls back to the timetable and says so. Cancelled trips and
// skipped stops stay on the board, marked, until their planned time has passed.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "domain/traffic/transit/live.h"
#include "flow/finding.h"
#include "serve/views.h"

namespace cityloop::traffic {

struct BoardOptions {
  base::Duration window{std::chrono::minutes(90)};
  base::Duration lookback{std::chrono::hours(1)};  // planned so long ago, a run may still come
  base::Duration stale{std::chrono::minutes(3)};
  std::size_t rows_max{40};
};

enum class BoardSource : std::uint8_t { schedule, live, stale };
enum class BoardState : std::uint8_t { expected, cancelled, skipped, added };

struct BoardRow {
  std::string trip_id, route_id, line, color, text_color, platform, vehicle;
  flow::Bilingual headsign;
  base::Instant scheduled{base::kNever}, expected{base::kNever};  // departures; `scheduled` kNever for an added trip
  base::Instant known_at{base::kNever};                           // when the bus was heard of last
  BoardSource source{BoardSource::schedule};
  BoardState state{BoardState::expected};
  std::optional<std::uint32_t> occupancy;
  bool last_stop{false};
};

std::vector<BoardRow> arrivals_board(const LiveView&, StopNo, base::Instant now, const BoardOptions&);
// Alerts that hold now and are about the stop, its lines, or everything.
std::vector<const ServiceAlert*> alerts_of(const LiveView&, StopNo, base::Instant now);

struct NearStop {
  StopNo stop;
  double distance_m;
};
std::vector<NearStop> stops_near(const Schedule&, geo::Position, double radius_m, std::size_t max);

// As the contract has it (TrafficStopBoard): names in the reader's language, headsigns and alerts in both as well.
void write_board(base::JsonWriter&, const LiveView&, StopNo, base::Instant now, const BoardOptions&, serve::Language);
void write_stop(base::JsonWriter&, const Schedule&, StopNo, serve::Language);

}  // namespace cityloop::traffic
