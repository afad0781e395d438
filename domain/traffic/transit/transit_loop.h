// The loop of public transport: keeps the live picture, writes when each bus comes next, and opens and clears findings
// on headways.
//
//   log ══ Vehicle, GtfsTripUpdate, GtfsAlert ══▶ [TransitLoop] ─▶ ArrivalEstimation, TransitRegularity, Finding
//                                                      └─ LiveView ─▶ boards, GTFS-Realtime out
//
// What it writes follows from the log and from the timetable it was made with, which is a setting as rules are: after a
// new timetable, what that one does not have is left behind. The view is replaced at most once a second of the city's
// time.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "domain/traffic/transit/headway.h"
#include "domain/traffic/transit/live.h"
#include "domain/traffic/transit/transit_settings.h"
#include "flow/finding.h"
#include "twin/loop.h"

namespace cityloop::traffic {

class TransitLoop final : public twin::Loop {
 public:
  TransitLoop(std::shared_ptr<const Schedule>, const TransitSettings&);

  std::string_view name() const override { return "traffic-transit"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool may_begin_late() const override { return true; }

  std::shared_ptr<const LiveView> view() const;  // any thread
  struct Counters {
    std::atomic<std::uint64_t> told, unreadable, unmatched, passages, opened, cleared;
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Track {
    std::optional<double> along_m;
    base::Instant at{base::kNever};
    std::uint32_t next{0};
    // The newest call whose times its producer has told, and with which delay it left.
    std::optional<std::uint32_t> told_call;
    std::int32_t told_delay_s{0};
    bool done{false};                     // it has reached its last stop
    base::Instant written{base::kNever};  // the estimation as it was written last
    std::uint32_t written_next{0};
  };

  void take(const flow::Change&, std::vector<RunId>& touched);
  void follow(const RunId&, twin::Outbox&);
  base::Instant passed_at(const Run&, const Track& before, std::uint32_t call);
  void learn(const Run&, Track&);
  void pass(const Run&, std::uint32_t call, base::Instant, twin::Outbox&);
  std::optional<double> behind_s(const Run&, std::uint32_t call, base::Instant at) const;
  void estimate(const Run&, Track&, twin::Outbox&);
  void tell(const HeadwayEvent&, twin::Outbox&);
  void open(const HeadwayEvent&, const std::string& key, twin::Outbox&);
  flow::Bilingual title(const HeadwayEvent&) const;
  std::string why(const HeadwayEvent&) const;
  void on_time(base::Instant, twin::Outbox&);
  void publish(base::Instant);

  std::shared_ptr<const Schedule> schedule_;
  const TransitSettings settings_;
  LiveBook book_;
  HeadwayWatch watch_;
  std::map<RunId, Track> tracks_;
  std::map<std::string, flow::Finding> open_;
  base::Instant swept_{base::kNever}, regular_{base::kNever}, published_{base::kNever};
  bool changed_{false};
  Counters counters_{};

  mutable std::mutex view_mutex_;
  std::shared_ptr<const LiveView> view_;
};

}  // namespace cityloop::traffic
