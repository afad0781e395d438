// Public transport as it runs now: what feeds have said of trips, vehicles and alerts, matched to the timetable.
//
//   twin ══ Vehicle, GtfsTripUpdate, GtfsAlert ══▶ [LiveBook] ─ LiveView ─▶ board, headways, GTFS-Realtime out
//
// A function of what it has been told, in order. A LiveView is a copy that nobody changes; its runs are shared.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/bytes.h"
#include "domain/traffic/transit/headway.h"
#include "domain/traffic/transit/predictor.h"
#include "flow/names.h"

namespace cityloop::traffic {

struct LiveView {
  std::shared_ptr<const Schedule> schedule;
  std::map<RunId, std::shared_ptr<const Run>> runs;         // of trips of the timetable
  std::map<std::string, std::shared_ptr<const Run>> added;  // by the entity that told of it
  std::map<std::string, std::shared_ptr<const VehiclePosition>> vehicles;
  std::map<std::string, std::shared_ptr<const ServiceAlert>> alerts;
  std::vector<StopHeadway> headways;  // by stop
  base::Instant at{base::kNever};     // of the record up to which it holds
};

class LiveBook {
 public:
  LiveBook(std::shared_ptr<const Schedule> schedule, PredictOptions options)
      : schedule_(std::move(schedule)), predictor_(*schedule_, options) {
    view_.schedule = schedule_;
  }

  // The run that this is about; nothing where the timetable knows none (counted).
  std::optional<RunId> put(const std::string& urn, TripUpdate);
  std::optional<RunId> put(const std::string& urn, VehiclePosition);
  void put(const std::string& urn, ServiceAlert);
  std::optional<RunId> erase(const std::string& urn);

  const LiveView& view() const { return view_; }
  void set_time(base::Instant at) { view_.at = at; }
  const Run* run(const RunId&) const;
  // Its vehicle's entity, or that of its update.
  std::string urn_of(const RunId&) const;
  const TripUpdate* update_of(const RunId&) const;
  // From here on forecasts rest on all that was learned of running times.
  void settle_pace();
  Predictor& predictor() { return predictor_; }
  const Schedule& schedule() const { return *schedule_; }
  std::uint64_t unmatched() const { return unmatched_; }

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Told {
    std::string update, vehicle;  // urns
  };
  std::optional<RunId> about(const std::string& urn, const TripRef&, std::int64_t at_s, std::string Told::* slot);
  std::optional<RunId> forget(const std::string& urn, std::string Told::* slot);
  void estimate(const RunId&);
  std::int64_t told_at(const std::string& urn) const;

  std::shared_ptr<const Schedule> schedule_;
  Predictor predictor_;
  LiveView view_;
  std::map<std::string, TripUpdate> updates_;
  std::map<RunId, Told> told_;
  std::map<std::string, RunId> run_of_;  // by urn
  std::uint64_t unmatched_{0};
};

}  // namespace cityloop::traffic
