// Incidents on measured streets as findings, so that casework opens cases by itself.
//
//   log ══ TrafficFlowObserved, forecasts ══▶ [IncidentLoop] ─ Finding(rule traffic-incident) ─▶ casework, map, signs
//
// What is expected of a segment is what was forecast for this moment, where a forecast is known, else what is usual at
// this hour, which the loop learns itself (a segment with an open incident teaches nothing). A finding is about the
// segment that the cause lies on; the queue behind it is `related`. It carries the numbers it rests on. Deterministic:
// state and writes follow from the log.
#pragma once

#include <map>

#include "domain/traffic/guidance/incident_watch.h"
#include "domain/traffic/guidance/segment.h"
#include "domain/traffic/guidance/segment_forecast.h"
#include "domain/traffic/guidance/usual_speed.h"
#include "twin/loop.h"

namespace cityloop::traffic {

inline constexpr std::string_view kIncidentRule = "traffic-incident";

struct IncidentLoopOptions {
  IncidentOptions watch;
  base::TimeZone time_zone{base::TimeZone::utc()};
  double learn_min{6};    // readings of an hour before anything is expected of it
  std::string case_kind;  // empty: findings are shown only
  std::string department;
};

class IncidentLoop final : public twin::Loop {
 public:
  explicit IncidentLoop(IncidentLoopOptions);

  std::string_view name() const override { return "traffic-incidents"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool may_begin_late() const override { return true; }

  struct Counters {
    std::uint64_t readings{}, opened{}, cleared{};
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Expected {
    double speed_kmh, spread_kmh;
    const char* by;  // forecast, usual
  };
  IncidentReading reading_of(std::uint32_t segment, const std::optional<Expected>&) const;
  void learn(std::uint32_t segment);
  void take_reading(std::uint32_t segment, twin::Outbox&);
  std::optional<Expected> expected_of(std::uint32_t segment, base::Instant at) const;
  void open(const Incident&, const Expected&, twin::Outbox&);
  void clear(std::uint32_t segment, base::Instant at, std::string why, twin::Outbox&);

  IncidentLoopOptions options_;
  SegmentTable segments_;
  SegmentForecasts forecasts_;
  UsualSpeeds usual_, usual_vehicles_;  // of smoothed readings; vehicles in place of speeds
  IncidentWatch watch_;
  std::map<std::uint32_t, flow::Finding> open_;  // by segment
  std::uint64_t linked_{~std::uint64_t{0}};
  Counters counters_;
};

}  // namespace cityloop::traffic
