// Public transport within a city: settings, pulls, twin, loop, routes.
#include <unistd.h>

#include <filesystem>
#include <future>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json_value.h"
#include "domain/traffic/transit/gtfs_archive.h"
#include "domain/traffic/transit/gtfs_export.h"
#include "domain/traffic/transit/gtfs_import.h"
#include "domain/traffic/transit/service_days.h"
#include "domain/traffic/transit/synthetic.h"
#include "domain/traffic/transit/transit.h"
#include "domain/traffic/transit/transit_entities.h"
#include "net/url.h"
#include "store/store.h"

namespace cityloop::traffic {
namespace {

using namespace std::chrono_literals;
using base::Instant;

class GtfsHouse : public testing::Test {
 protected:
  GtfsHouse() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-gtfs-{}-{}", info->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "traffic");
    tables_ = synthetic_gtfs(options_);
    write("traffic/gtfs.zip", write_gtfs_zip(tables_, {}).value());
    write("traffic/transit.toml",
          "schedule = \"gtfs.zip\"\n[[realtime]]\nname = \"rt\"\nfile = \"rt.pb\"\nevery = \"1h\"\n");
    GtfsFiles files;
    files.content = tables_;
    schedule_ = import_gtfs(files).value().schedule;
    runs_ = synthetic_day(*schedule_, day_, options_);
    now_ = schedule_->time_of(day_, 8 * 3600);
    clock_.advance_to(now_);
    publish(now_);
    open();
  }
  ~GtfsHouse() override {
    close();
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& name, std::string_view content) const {
    ASSERT_TRUE(base::write_file_atomic(folder_ / name, content));
  }
  void publish(Instant at) const { write("traffic/rt.pb", write_realtime(synthetic_realtime(*schedule_, runs_, at))); }
  void open() {
    store_ = store::Store::open((folder_ / "store").string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    history_ = std::make_unique<twin::History>(*store_);
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
    trust::Principal program;
    program.kind = trust::PrincipalKind::program;
    program.id = "program:test";
    program.roles = {"admin"};
    token_ = accounts_->put_token(program).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    enrolment_ = std::make_unique<trust::Enrolment>(*accounts_);
    desk_ = std::make_unique<serve::ActionDesk>(*twin_);
    back_room_ = std::make_unique<serve::BackRoom>();
    transit_ = Transit::make((folder_ / "traffic").string()).value();
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *transit_->loops().front());
    ASSERT_TRUE(runner_->start());
    post_ = mail::Post::open((folder_ / "mail.db").string(), [] { return mail::MailSettings{}; }, clock_).value();
    world_.reset(new serve::PackageWorld{*twin_, *history_, clock_, clock_, city_, *guard_, *desk_, *back_room_, *post_,
                                         [] { return std::string(); }, *enrolment_,
                                         [](const net::Request& request) { return request.remote; }});
    router_ = net::Router();
    transit_->add_routes(router_, *world_);
    ASSERT_TRUE(transit_->start(*world_));
  }
  void close() {
    transit_->stop();
    runner_->stop();
    back_room_.reset();
    transit_.reset();
    runner_.reset();
    desk_.reset();
    twin_.reset();
    store_.reset();
  }
  net::Response get(const std::string& target, bool with_token = false) const {
    net::Target read = net::parse_target(target).value();
    net::Request request;
    request.path = read.path;
    request.query = read.query;
    if (with_token) request.headers = {{"authorization", "Bearer " + token_}};
    std::promise<net::Response> answer;
    router_.dispatch(request, net::Reply([&](net::Response r) { answer.set_value(std::move(r)); }));
    return answer.get_future().get();
  }
  template <class Condition>
  void wait(Condition&& condition) {
    for (int i = 0; i < 5000 && !condition(); ++i) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(condition());
  }
  std::size_t count(flow::Name type) const {
    std::size_t out = 0;
    twin_->each(type, [&](const flow::EntityPtr&) { return ++out, true; });
    return out;
  }

  SyntheticOptions options_{.seed = 6, .lines = 2, .stops = 10, .headway_s = 600};
  std::filesystem::path folder_;
  std::chrono::sys_days day_{parse_day("20260504").value()};
  std::map<std::string, std::string> tables_;
  std::shared_ptr<const Schedule> schedule_;
  std::vector<SyntheticRun> runs_;
  Instant now_;
  base::ManualClock clock_;
  serve::City city_;
  trust::Policy policy_;
  std::string token_;
  net::Router router_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::unique_ptr<trust::Enrolment> enrolment_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<serve::ActionDesk> desk_;
  std::unique_ptr<serve::BackRoom> back_room_;
  std::unique_ptr<Transit> transit_;
  std::unique_ptr<twin::LoopRunner> runner_;
  std::unique_ptr<mail::Post> post_;
  std::unique_ptr<serve::PackageWorld> world_;
};

TEST_F(GtfsHouse, WhatAFeedSaysIsOnTheBoardAndInTheTwin) {
  const RealtimeFeed feed = synthetic_realtime(*schedule_, runs_, now_);
  wait([&] {
    return count(kVehicleType) == feed.vehicles.size() && transit_->view()->vehicles.size() == feed.vehicles.size();
  });
  EXPECT_EQ(count(kTripUpdateType), feed.trips.size());
  EXPECT_EQ(count(kAlertType), 1u);
  EXPECT_EQ(count(kStopType), schedule_->stops.size());
  EXPECT_EQ(count(kRouteType), 2u);
  wait([&] { return count(kArrivalType) > 0; });
  const auto bus = twin_->get(flow::EntityId("urn:ngsi-ld:Vehicle:rt:" + feed.vehicles[0].vehicle.id));
  ASSERT_TRUE(bus);
  EXPECT_EQ(bus->text(flow::Name("tripId")), feed.vehicles[0].trip.trip_id);
  EXPECT_FALSE(bus->text(flow::Name("occupancyStatus")).empty());

  const net::Response answer = get("/public/v1/traffic/stops/L1S5/board?lang=zh");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto board = base::JsonValue::parse(answer.body).value();
  const auto& rows = *board.find("departures")->array();
  ASSERT_FALSE(rows.empty());
  EXPECT_TRUE(std::ranges::any_of(rows, [](const auto& row) { return row.text_or("status", "") == "live"; }));
  EXPECT_TRUE(rows[0].text_or("headsign", "").contains("路"));
  EXPECT_EQ(board.find("alerts")->array()->size(), 1u);
}

TEST_F(GtfsHouse, RoutesAreGuardedOrOpenAsTheySay) {
  EXPECT_EQ(get("/api/v1/traffic/stops").status, 401);
  EXPECT_EQ(get("/api/v1/traffic/transit").status, 401);
  EXPECT_EQ(get("/api/v1/traffic/stops", true).status, 200);
  EXPECT_EQ(get("/public/v1/traffic/stops/nowhere/board").status, 404);
  EXPECT_EQ(get("/public/v1/traffic/gtfs-rt/secrets").status, 404);
  EXPECT_EQ(get("/public/v1/traffic/stops/near?lon=x&lat=1").status, 400);
  const Spot spot = schedule_->stops[0].spot;
  const net::Response near = get(
      fmt::format("/public/v1/traffic/stops/near?lon={}&lat={}&radius_m=900", spot.lon_e7 * 1e-7, spot.lat_e7 * 1e-7));
  const auto found = base::JsonValue::parse(near.body).value();
  ASSERT_FALSE(found.find("stops")->array()->empty()) << near.body;
  EXPECT_EQ(found.find("stops")->array()->front().text_or("id", ""), schedule_->text(schedule_->stops[0].id));
  for (const std::string_view path : {"transit/lines", "transit/vehicles", "stops"})
    EXPECT_TRUE(base::JsonValue::parse(get(fmt::format("/public/v1/traffic/{}", path)).body)) << path;
  const auto standing = base::JsonValue::parse(get("/api/v1/traffic/transit", true).body).value();
  EXPECT_EQ(standing.find("schedule")->number_or("stopTimes", 0), double(schedule_->stop_times()));
}

TEST_F(GtfsHouse, TheFeedsThatGoOutReadAsWhatCameIn) {
  const net::Response zip = get("/public/v1/traffic/gtfs.zip");
  ASSERT_EQ(zip.status, 200);
  EXPECT_EQ(zip.content_type, "application/zip");
  const auto again = import_gtfs(read_gtfs_zip(zip.body).value());
  ASSERT_TRUE(again);
  EXPECT_EQ(export_gtfs(*again->schedule), export_gtfs(*schedule_));
  const RealtimeFeed in = synthetic_realtime(*schedule_, runs_, now_);
  wait([&] { return transit_->view()->vehicles.size() == in.vehicles.size(); });
  RealtimeReport report;
  const auto positions = read_realtime(get("/public/v1/traffic/gtfs-rt/vehicle-positions").body, report).value();
  const auto updates = read_realtime(get("/public/v1/traffic/gtfs-rt/trip-updates").body, report).value();
  const auto alerts = read_realtime(get("/public/v1/traffic/gtfs-rt/alerts").body, report).value();
  EXPECT_EQ(report.refused, 0u);
  const auto by_id = [](std::vector<VehiclePosition> list) {
    for (auto& one : list) one.id.clear();
    std::ranges::sort(list, {}, [](const auto& one) { return one.vehicle.id; });
    return list;
  };
  EXPECT_EQ(by_id(positions.vehicles), by_id(in.vehicles));
  ASSERT_EQ(alerts.alerts.size(), 1u);
  EXPECT_EQ(alerts.alerts[0].header, in.alerts[0].header);
  EXPECT_GE(updates.trips.size(), in.trips.size());
}

TEST_F(GtfsHouse, WhatAFeedHoldsNoMoreGoesAndBrokenBytesChangeNothing) {
  wait([&] { return count(kVehicleType) > 0; });
  RealtimePuller puller(transit_->settings().sources[0], transit_->settings(), schedule_, *twin_);
  RealtimeFeed feed = synthetic_realtime(*schedule_, runs_, now_);
  const std::size_t before = count(kVehicleType);
  feed.vehicles.pop_back();
  feed.alerts.clear();
  feed.trips[0].trip.trip_id = "of another city";
  puller.take(write_realtime(feed));
  EXPECT_EQ(count(kVehicleType), before - 1);
  EXPECT_EQ(count(kAlertType), 0u);
  EXPECT_EQ(puller.standing().unknown_trips, 1u);
  puller.take("<html>Service Unavailable</html>");
  EXPECT_EQ(count(kVehicleType), before - 1);
  EXPECT_EQ(puller.standing().failed, 1u);
  EXPECT_FALSE(puller.standing().trouble.empty());
  feed.differential = true;
  feed.deleted = {feed.vehicles[0].id};
  feed.vehicles.clear();
  feed.trips.clear();
  puller.take(write_realtime(feed));
  EXPECT_EQ(count(kVehicleType), before - 2);
  const flow::Seq head = twin_->head();
  RealtimeFeed same = synthetic_realtime(*schedule_, runs_, now_);
  puller.take(write_realtime(same));
  const flow::Seq written = twin_->head();
  EXPECT_GT(written, head);
  puller.take(write_realtime(same));  // nothing new: nothing is told
  for (const auto& record : twin_->read_log(written, 100, 0ms).value())
    EXPECT_NE(record->origin, flow::Name("feed:rt"));
}

TEST_F(GtfsHouse, ACityGoesOnWhereItWas) {
  const std::size_t vehicles = synthetic_realtime(*schedule_, runs_, now_).vehicles.size();
  wait([&] { return transit_->view()->vehicles.size() == vehicles; });
  close();
  std::filesystem::remove(folder_ / "traffic/rt.pb");  // and its feed is gone
  open();
  wait([&] { return transit_->view()->vehicles.size() == vehicles; });
  const auto counters = transit_->counters();
  wait([&] {
    return std::ranges::any_of(transit_->counters(),
                               [](const auto& c) { return c.first == "transit_pulls_failed" && c.second > 0; });
  });
}

TEST(GtfsTransit, ACityWithoutPublicTransportIsNoError) {
  const auto none = Transit::make("/nonexistent");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

}  // namespace
}  // namespace cityloop::traffic
