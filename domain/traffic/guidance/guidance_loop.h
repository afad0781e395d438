// The guidance of a city: what is driven and parked now, what is usual and what is foreseen, kept up with the log, made
// into travel times for whoever asks, and into proposals for message signs.
//
//   log ══ segments, forecasts, garages, own commands ══▶ [GuidanceLoop] ─ Command(requested), TrafficAdvice,
//   TrafficOutcome ─▶ act, learn
//                                        └── picture() ─▶ /api/v1/traffic/… (any thread)
//
// What it writes follows from the log alone; ways for signs are looked at by the time of the records, every
// evaluate_every. The picture for readers is made beside the loop by a thread of its own when speeds have changed, at
// most every `refresh`, and swapped in whole: readers never wait for it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "domain/traffic/guidance/parking.h"
#include "domain/traffic/guidance/route_advice.h"
#include "domain/traffic/guidance/sign_desk.h"
#include "twin/loop.h"

namespace cityloop::traffic {

struct GuidanceOptions {
  geo::StreetGraphPtr streets;  // none: the segments themselves are the streets
  base::TimeZone time_zone{base::TimeZone::utc()};
  StreetTimesOptions times;
  SignSettings signs;
  base::Duration stale_after{std::chrono::minutes(30)};  // an older speed is not now's
  base::Duration refresh{std::chrono::seconds(10)};      // of real time
  bool background{true};                                 // false: pictures are made in after_commit, for tests
};

// Streets matched to segments, as long as these keep their shapes.
struct RoadMap {
  std::uint64_t shapes{};
  StreetNetPtr net;
  std::shared_ptr<const SegmentCover> cover;
};
RoadMap make_road_map(const geo::StreetGraphPtr& streets, std::span<const Segment>, std::uint64_t shapes);

// All that is known of streets and garages at one moment.
struct GuidanceState {
  SegmentTable segments;
  UsualSpeeds usual;
  SegmentForecasts speed_forecasts{flow::Name("averageVehicleSpeed")};
  GarageTable garages;
  SegmentForecasts parking_forecasts{flow::Name("occupiedSpotNumber")};

  SegmentSpeeds speeds(base::Instant at, const base::TimeZone&, base::Duration stale_after) const;
};

struct GuidancePicture {
  base::Instant at{base::kNever};
  std::shared_ptr<const GuidanceState> state;
  SegmentSpeeds speeds;
  RoadMap roads;
  StreetTimesPtr times;  // null in a city without any street
};
using GuidancePicturePtr = std::shared_ptr<const GuidancePicture>;

class GuidanceLoop final : public twin::Loop {
 public:
  explicit GuidanceLoop(GuidanceOptions);
  ~GuidanceLoop() override;

  std::string_view name() const override { return "traffic-guidance"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool may_begin_late() const override { return true; }
  void after_commit(flow::Seq) override;

  // The newest; null until there is one. Any thread.
  GuidancePicturePtr picture() const;
  const GuidanceOptions& options() const { return options_; }

 private:
  void look(const flow::Change&, base::Instant at);
  void learn(std::uint32_t segment, const Segment&);
  void plan_signs(base::Instant at, twin::Outbox&);
  void hand_over();
  GuidancePicture make_picture(const std::shared_ptr<const GuidanceState>&, base::Instant at);
  void work(const std::stop_token&);

  const GuidanceOptions options_;
  GuidanceState state_;
  SignDesk desk_;
  base::Instant at_{base::kNever}, planned_at_{base::kNever};
  RoadMap roads_;  // of the loop
  StreetTimesPtr sign_times_;
  bool changed_{false};
  std::chrono::steady_clock::time_point handed_{};

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::shared_ptr<const GuidanceState> waiting_;
  base::Instant waiting_at_{base::kNever};
  GuidancePicturePtr picture_;
  RoadMap picture_roads_;  // of whoever makes pictures
  std::jthread worker_;
};

}  // namespace cityloop::traffic
