// GTFS-Realtime: what is written reads as the same, hostile bytes are a reason, and delays go on as they should.
#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "domain/traffic/transit/gtfs_import.h"
#include "domain/traffic/transit/predictor.h"
#include "domain/traffic/transit/realtime.h"
#include "domain/traffic/transit/realtime_json.h"
#include "domain/traffic/transit/service_days.h"
#include "domain/traffic/transit/synthetic.h"

namespace cityloop::traffic {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNow_s = 1'777'874'400;  // 2026-05-04T06:00:00Z

RealtimeFeed rich_feed() {
  RealtimeFeed out;
  out.at_s = kNow_s;
  TripUpdate update;
  update.id = "T1";
  update.trip = {"t1", "1A", "08:00:00", "20260504", 1, TripRelation::scheduled};
  update.vehicle = {"bus 7", "7", "AB 12 345"};
  update.at_s = kNow_s;
  update.delay_s = -30;
  update.stops.push_back({1, "A", StopEvent{-20, 0, 5}, StopEvent{10, 0, {}}, StopRelation::scheduled});
  update.stops.push_back({{}, "B", {}, StopEvent{{}, kNow_s + 300, {}}, StopRelation::scheduled});
  update.stops.push_back({3, "", {}, {}, StopRelation::skipped});
  update.stops.push_back({4, "", {}, {}, StopRelation::no_data});
  out.trips.push_back(update);
  update.id = "T2";
  update.trip.relation = TripRelation::canceled;
  update.stops.clear();
  out.trips.push_back(update);
  update.id = "T3";
  update.trip.relation = TripRelation::added;
  update.stops.push_back({{}, "B", StopEvent{{}, kNow_s + 60, {}}, {}, StopRelation::scheduled});
  out.trips.push_back(update);
  VehiclePosition bus;
  bus.id = "V1";
  bus.trip = out.trips[0].trip;
  bus.vehicle = {"bus 7", "", ""};
  bus.lat_deg = 56.15f;
  bus.lon_deg = -10.2f;
  bus.bearing_deg = 359.5f;
  bus.speed_mps = 0.0f;
  bus.sequence = 2;
  bus.stop_id = "B";
  bus.status = VehicleStop::stopped_at;
  bus.at_s = kNow_s - 3;
  bus.congestion = 2;
  bus.occupancy = 3;
  bus.occupancy_percent = 85;
  out.vehicles.push_back(bus);
  ServiceAlert alert;
  alert.id = "A1";
  alert.active = {{kNow_s, 0}, {0, kNow_s + 60}};
  alert.informed.resize(3);
  alert.informed[0].route_id = "1A";
  alert.informed[0].direction = 0;
  alert.informed[1].stop_id = "B";
  alert.informed[2].trip = bus.trip;
  alert.informed[2].route_type = 3;
  alert.cause = 10;
  alert.effect = 4;
  alert.severity = 3;
  alert.header = {{"en", "Detour"}, {"zh", "绕行"}};
  alert.text = {{"", "Roadworks"}};
  alert.url = {{"en", "https://example.org"}};
  out.alerts.push_back(alert);
  out.deleted = {"gone"};
  return out;
}

TEST(GtfsRealtime, WhatIsWrittenReadsAsTheSame) {
  const auto city = synthetic_gtfs({.seed = 3, .lines = 2});
  GtfsFiles files;
  files.content = city;
  const auto schedule = import_gtfs(files).value().schedule;
  const auto day = parse_day("20260504").value();
  const SyntheticOptions options{.seed = 3};
  const auto runs = synthetic_day(*schedule, day, options);
  for (const RealtimeFeed& feed :
       {rich_feed(), synthetic_realtime(*schedule, runs, schedule->time_of(day, 9 * 3600))}) {
    RealtimeReport report;
    const auto read = read_realtime(write_realtime(feed), report);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, feed);
    EXPECT_EQ(report.refused, 0u);
    for (const auto& one : feed.trips) EXPECT_EQ(trip_update_from(to_json(one)).value(), one);
    for (const auto& one : feed.vehicles) EXPECT_EQ(vehicle_from(to_json(one)).value(), one);
    for (const auto& one : feed.alerts) EXPECT_EQ(alert_from(to_json(one)).value(), one);
  }
}

TEST(GtfsRealtime, ANumberThatItsPlaceCannotHoldIsNotGiven) {
  const auto vehicle = vehicle_from(R"({"id":"e2","lat":5e41,"lon":10.2,"bearing":-7e50})");
  ASSERT_TRUE(vehicle) << vehicle.error().message;
  EXPECT_EQ(vehicle->lat_deg, 0);
  EXPECT_FLOAT_EQ(vehicle->lon_deg, 10.2F);
  EXPECT_FALSE(vehicle->bearing_deg);
}

TEST(GtfsRealtime, AnEntityThatMakesNoSenseIsToldAndHidesNoOther) {
  struct Case {
    std::string_view says;
    std::function<void(RealtimeFeed&)> spoil;
  };
  const std::vector<Case> cases{
      {"entity 'V1': 95", [](RealtimeFeed& f) { f.vehicles[0].lat_deg = 95; }},
      {"a delay of 100000 s", [](RealtimeFeed& f) { f.trips[0].stops[0].arrival->delay_s = 100'000; }},
      {"is no start_date", [](RealtimeFeed& f) { f.trips[0].trip.start_date = "20261301"; }},
      {"no time of these days", [](RealtimeFeed& f) { f.trips[0].at_s = 12; }},
      {"no UTF-8", [](RealtimeFeed& f) { f.alerts[0].header["en"] = "\xff\xfe"; }},
      {"about nothing", [](RealtimeFeed& f) { f.alerts[0].informed.clear(); }},
      {"it has no id", [](RealtimeFeed& f) { f.vehicles[0].id.clear(); }},
      {"is no relation", [](RealtimeFeed& f) { f.trips[1].trip.relation = TripRelation(44); }},
  };
  for (const Case& one : cases) {
    RealtimeFeed feed = rich_feed();
    one.spoil(feed);
    RealtimeReport report;
    const auto read = read_realtime(write_realtime(feed), report);
    ASSERT_TRUE(read);
    ASSERT_EQ(report.refused, 1u) << one.says;
    EXPECT_TRUE(report.problems[0].contains(one.says)) << report.problems[0];
    EXPECT_EQ(read->trips.size() + read->vehicles.size() + read->alerts.size(), 4u);
  }
}

// What says nothing is left out on the way in, so that what goes out again says the same.
TEST(GtfsRealtime, WhatSaysNothingIsNotKept) {
  RealtimeFeed feed = rich_feed();
  RealtimeReport report;
  const RealtimeFeed before = read_realtime(write_realtime(feed), report).value();
  // An arrival and a departure without a field, an informed entity without one, and a header that breaks off.
  std::string bytes = write_realtime(feed);
  bytes += std::string("\x12\x12\x0a\x01x\x1a\x0d\x0a\x03\x0a\x01t\x12\x06\x08\x01\x12\x00\x1a\x00", 20);
  bytes += std::string("\x0a\x03\x18\x57\x00", 5);
  const auto read = read_realtime(bytes, report);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->at_s, before.at_s) << "not the 87 of the broken header";
  ASSERT_EQ(read->trips.size(), before.trips.size() + 1);
  const StopUpdate& call = read->trips.back().stops.at(0);
  EXPECT_FALSE(call.arrival || call.departure);
  RealtimeReport again;
  EXPECT_EQ(read_realtime(write_realtime(*read), again).value(), *read);
}

// Anybody may write into the twin.
TEST(GtfsRealtime, WhatTheTwinHoldsIsNoMoreBelievedThanAFeed) {
  const auto update =
      trip_update_from(R"({"id":"u","trip":{"tripId":"t","relation":99,"directionId":-3},"at":1e300,"delay":1e20,)"
                       R"("stops":[{"sequence":-1,"relation":1e18,"arrival":{"time":-1e19}}]})");
  ASSERT_TRUE(update);
  EXPECT_EQ(update->trip.relation, TripRelation::scheduled);
  EXPECT_FALSE(update->trip.direction || update->delay_s || update->stops.at(0).sequence);
  EXPECT_EQ(update->at_s, 0);
  EXPECT_EQ(update->stops.at(0).arrival->time_s, 0);
  const auto alert =
      alert_from(R"({"id":"a","active":[[1e30,5]],"informed":[{"routeType":1e12}],"cause":-7,"effect":9e18})");
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->cause, 1U);
  EXPECT_EQ(alert->effect, 8U);
  EXPECT_EQ(alert->active.at(0).first, 0);
}

TEST(GtfsRealtime, HostileBytesAreAReasonAndNeverACrash) {
  const std::string whole = write_realtime(rich_feed());
  RealtimeReport report;
  EXPECT_FALSE(read_realtime("", report));
  EXPECT_FALSE(read_realtime("<html>404</html>", report));
  EXPECT_FALSE(read_realtime(whole, report, {.bytes_max = 10}));
  report = {};
  const auto cut = read_realtime(std::string_view(whole).substr(0, whole.size() - 5), report);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->trips.size(), 3u);
  EXPECT_EQ(report.refused, 1u);
  base::Rng rng(11);
  for (int round = 0; round < 4'000; ++round) {
    std::string bytes = whole;
    for (std::uint64_t hits = rng.below(4) + 1; hits > 0; --hits) bytes[rng.below(bytes.size())] = char(rng.below(256));
    if (rng.below(8) == 0) bytes.resize(rng.below(bytes.size()));
    RealtimeReport counted;
    const auto read = read_realtime(bytes, counted);
    if (read)
      EXPECT_LE(
          read->trips.size() + read->vehicles.size() + read->alerts.size() + read->deleted.size() + counted.refused,
          counted.entities * 3 + 2);
  }
}

class GtfsPredictor : public testing::Test {
 protected:
  void SetUp() override {
    GtfsFiles files;
    files.content = {{"agency.txt", "agency_id,agency_name,agency_timezone\nA,Bus,Asia/Shanghai\n"},
                     {"stops.txt",
                      "stop_id,stop_name,stop_lat,stop_lon\nA,A,31.20,121.40\nB,B,31.20,121.41\nC,C,31.20,121.42\n"
                      "D,D,31.20,121.43\nE,E,31.20,121.44\n"},
                     {"routes.txt", "route_id,route_short_name,route_type\n1,1,3\n"},
                     {"calendar.txt",
                      "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
                      "d,1,1,1,1,1,1,1,20260101,20261231\n"},
                     {"trips.txt", "route_id,service_id,trip_id\n1,d,t\n1,d,n\n1,d,f\n"},
                     // C is a timepoint at which the bus waits for two minutes; B, D are none.
                     {"stop_times.txt",
                      "trip_id,arrival_time,departure_time,stop_id,stop_sequence,timepoint\n"
                      "t,08:00:00,08:00:00,A,1,1\nt,08:05:00,08:05:00,B,2,0\nt,08:10:00,08:12:00,C,3,1\n"
                      "t,08:17:00,08:17:00,D,4,0\nt,08:22:00,08:22:00,E,5,1\n"
                      "n,23:50:00,23:50:00,A,1,1\nn,24:20:00,24:20:00,E,2,1\n"
                      "f,06:00:00,06:00:00,A,1,1\nf,06:30:00,06:30:00,E,2,1\n"},
                     {"frequencies.txt", "trip_id,start_time,end_time,headway_secs\nf,10:00:00,12:00:00,600\n"}};
    schedule_ = import_gtfs(files).value().schedule;
    predictor_.emplace(*schedule_, PredictOptions{});
    day_ = parse_day("20260504").value();
  }
  std::int64_t unix_s(std::string_view clock) const {
    return std::chrono::floor<std::chrono::seconds>(schedule_->time_of(day_, parse_clock(clock).value()))
        .time_since_epoch()
        .count();
  }
  TripUpdate update(std::vector<StopUpdate> stops) const {
    TripUpdate out;
    out.id = "u";
    out.trip.trip_id = "t";
    out.trip.start_date = "20260504";
    out.at_s = unix_s("08:05:00");
    out.stops = std::move(stops);
    return out;
  }
  static StopUpdate leaves(std::uint32_t sequence, std::int32_t delay_s) {
    return {sequence, "", {}, StopEvent{delay_s, 0, {}}, StopRelation::scheduled};
  }
  std::vector<std::pair<int, int>> delays(const traffic::Run& run) const {
    std::vector<std::pair<int, int>> out;
    for (const CallEstimate& call : run.calls)
      out.emplace_back(call.known ? call.arrival_delay_s : -9999, call.known ? call.departure_delay_s : -9999);
    return out;
  }
  std::shared_ptr<const Schedule> schedule_;
  std::optional<Predictor> predictor_;
  std::chrono::sys_days day_{};
};

using Delays = std::vector<std::pair<int, int>>;

TEST_F(GtfsPredictor, ALateBusMakesUpWhatTheDwellHolds) {
  const TripUpdate late = update({leaves(2, 180)});
  // Planned dwell at C is 120 s and 15 s are needed: 105 s are made up there, and nothing elsewhere.
  EXPECT_EQ(delays(predictor_->estimate(&late, nullptr).value()),
            (Delays{{-9999, -9999}, {180, 180}, {180, 75}, {75, 75}, {75, 75}}));
}

TEST_F(GtfsPredictor, AnEarlyBusWaitsAtTimepointsAlone) {
  const TripUpdate early = update({leaves(2, -90)});
  EXPECT_EQ(delays(predictor_->estimate(&early, nullptr).value()),
            (Delays{{-9999, -9999}, {-90, -90}, {-90, 0}, {0, 0}, {0, 0}}));
}

TEST_F(GtfsPredictor, AProducersOwnForecastStandsAndSkippedStopsAreShownSo) {
  TripUpdate two = update({leaves(1, 60), {4, "", StopEvent{{}, unix_s("08:20:00"), {}}, {}, StopRelation::scheduled}});
  two.stops.insert(two.stops.begin() + 1, StopUpdate{3, "", {}, {}, StopRelation::skipped});
  const traffic::Run run = predictor_->estimate(&two, nullptr).value();
  EXPECT_EQ(delays(run), (Delays{{60, 60}, {60, 60}, {60, 0}, {180, 180}, {180, 180}}));
  EXPECT_TRUE(run.calls[2].skipped);
  EXPECT_FALSE(run.calls[3].skipped);
}

TEST_F(GtfsPredictor, NoDataEndsWhatIsKnown) {
  const TripUpdate gap = update({leaves(1, 60), {3, "", {}, {}, StopRelation::no_data}});
  EXPECT_EQ(delays(predictor_->estimate(&gap, nullptr).value()),
            (Delays{{60, 60}, {60, 60}, {-9999, -9999}, {-9999, -9999}, {-9999, -9999}}));
}

TEST_F(GtfsPredictor, APositionTellsTheDelayByItsPlaceOnTheWay) {
  VehiclePosition bus;
  bus.id = "v";
  bus.trip.trip_id = "t";
  bus.trip.start_date = "20260504";
  bus.lat_deg = 31.20f;
  bus.lon_deg = 121.405f;  // half way from A to B, planned for 08:02:30
  bus.at_s = unix_s("08:04:30");
  const traffic::Run run = predictor_->estimate(nullptr, &bus).value();
  EXPECT_EQ(run.next, 1u);
  EXPECT_NEAR(run.calls[1].arrival_delay_s, 120, 3);
  EXPECT_NEAR(run.calls[2].departure_delay_s, 15, 3);
  bus.lat_deg = 31.30f;  // ten kilometres off
  const traffic::Run lost = predictor_->estimate(nullptr, &bus).value();
  EXPECT_FALSE(lost.along_m);
  EXPECT_FALSE(lost.calls[1].known);
}

TEST_F(GtfsPredictor, ABusStandingAtAStopLeavesNotBeforeNow) {
  VehiclePosition bus;
  bus.trip.trip_id = "t";
  bus.trip.start_date = "20260504";
  bus.lat_deg = 31.20f;
  bus.lon_deg = 121.42f;
  bus.sequence = 3;
  bus.status = VehicleStop::stopped_at;
  bus.at_s = unix_s("08:15:00");
  const traffic::Run run = predictor_->estimate(nullptr, &bus).value();
  EXPECT_EQ(run.next, 2u);
  EXPECT_EQ(run.calls[2].departure_delay_s,
            195);  // 300 s late on arrival, of which 105 s are made up; but not before now: 180 s
  EXPECT_EQ(run.calls[4].arrival_delay_s, 195);
}

TEST_F(GtfsPredictor, ARunWithoutADateIsTheOneUnderWay) {
  TripRef ref;
  ref.trip_id = "n";
  const auto late_night = schedule_->time_of(day_, 24 * 3600 + 600);  // 00:10 of the next day
  EXPECT_EQ(predictor_->resolve(ref, late_night).value().day, day_);
  ref.trip_id = "?";
  EXPECT_FALSE(predictor_->resolve(ref, late_night));
}

TEST_F(GtfsPredictor, ARunByFrequencyIsThePlannedOneNextToIt) {
  TripUpdate some = update({leaves(1, 0)});
  some.trip.trip_id = "f";
  some.trip.start_time = "10:12:00";
  const traffic::Run run = predictor_->estimate(&some, nullptr).value();
  EXPECT_EQ(run.id.start_s, parse_clock("10:10:00").value());
  EXPECT_EQ(run.calls[0].departure_delay_s, 120);
}

TEST_F(GtfsPredictor, AnAddedTripIsARunOfItsOwn) {
  TripUpdate extra = update({{{}, "C", StopEvent{{}, unix_s("09:00:00"), {}}, {}, StopRelation::scheduled}});
  extra.trip = {"extra", "1", "", "20260504", {}, TripRelation::added};
  const traffic::Run run = predictor_->estimate(&extra, nullptr).value();
  EXPECT_EQ(run.id.trip, kNo<TripNo>);
  ASSERT_EQ(run.added.size(), 1u);
  extra.trip.route_id = "77";
  EXPECT_FALSE(predictor_->estimate(&extra, nullptr));
}

}  // namespace
}  // namespace cityloop::traffic
