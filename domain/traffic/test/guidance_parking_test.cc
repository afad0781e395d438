// Parking: the chance of a space, which garage is named first, and what is expected of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/guidance/parking.h"
#include "domain/traffic/test/guidance_city.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::EntityId;

const base::Instant kNow = base::parse_time("2014-08-19T10:00:00Z").value();  // a Tuesday

Garage garage(const char* name, geo::Position at, double spaces, double occupied) {
  return {
      EntityId(fmt::format("urn:ngsi-ld:OffStreetParking:{}", name)), {name, name}, at, spaces, occupied, kNow, false};
}

class Said final : public ParkingOutlook {
 public:
  std::map<std::string, ForecastBand> bands;
  std::optional<ForecastBand> occupied(const Garage& one, base::Instant) const override {
    const auto known = bands.find(one.name.en);
    return known == bands.end() ? std::nullopt : std::optional(known->second);
  }
};

TEST(GuidanceParking, TheChanceOfASpaceFollowsTheQuantiles) {
  EXPECT_NEAR(chance_of_space({90, 99, 108}, 100), 0.5, 1e-9);
  EXPECT_NEAR(chance_of_space({80, 90, 99}, 100), 0.9, 1e-3);  // all but a tenth leave a space
  EXPECT_NEAR(chance_of_space({99, 110, 120}, 100), 0.1, 1e-3);
  EXPECT_GT(chance_of_space({10, 20, 30}, 100), 0.999);
  EXPECT_LT(chance_of_space({100, 100, 100}, 100), 0.05);
}

TEST(GuidanceParking, AFullGarageNearbyComesAfterAFreeOneAShortWalkFurther) {
  const geo::Position to{10.2, 56.15};
  Said outlook;
  outlook.bands = {{"near", {99, 100, 101}}, {"walk", {40, 50, 60}}, {"far", {1, 2, 3}}};
  const std::vector<Garage> all{garage("near", {10.2005, 56.15}, 100, 100), garage("walk", {10.205, 56.15}, 100, 50),
                                garage("far", {10.3, 56.15}, 100, 2), garage("unknown", {10.2, 56.15}, 100, kUnknown)};
  RouteWorkspace space;
  const auto ranked = rank_garages(all, outlook, nullptr, space, {to, std::nullopt, kNow});
  ASSERT_EQ(ranked.size(), 2u);  // one is out of walking distance, of one nothing is known
  EXPECT_EQ(ranked[0].garage.name.en, "walk");
  EXPECT_EQ(ranked[1].garage.name.en, "near");
  EXPECT_THAT(ranked[0].why.en, testing::HasSubstr("100 % chance"));
  outlook.bands["near"] = {20, 30, 40};
  EXPECT_EQ(rank_garages(all, outlook, nullptr, space, {to, std::nullopt, kNow})[0].garage.name.en, "near");
}

TEST(GuidanceParking, TheDriveThereCountsAndSetsTheTimeOfArrival) {
  const GuidanceCity city = guidance_city(20, 3);
  const SegmentCover cover = match_segments(city.graph, city.segments);
  const RouteFinder finder(
      StreetTimes::make(std::make_shared<StreetNet>(city.graph), cover, patchy_speeds(city.segments, 2, 1)));
  Said outlook;
  outlook.bands = {{"a", {10, 20, 30}}, {"b", {10, 20, 30}}};
  const geo::Position from{120.001, 30.001}, to{120.018, 30.018};
  RouteWorkspace space;
  const base::Instant depart = finder.times().at();
  std::vector<Garage> all{garage("a", {120.0175, 30.0175}, 100, 20), garage("b", {120.009, 30.0175}, 100, 20)};
  for (Garage& one : all) one.occupied_at = depart;
  const auto ranked = rank_garages(all, outlook, &finder, space, {to, from, depart, 2000});
  ASSERT_EQ(ranked.size(), 2u);
  for (const GarageChoice& one : ranked) {
    EXPECT_GT(one.drive_s, 60);
    EXPECT_EQ(one.arrive, depart + base::Duration(std::int64_t(one.drive_s * 1e6)));
    EXPECT_NEAR(one.cost_s, one.drive_s + one.walk_s + (1 - one.chance) * 900, 1e-6);
  }
}

flow::Change counted(double occupied, base::Instant at) {
  flow::Change change;
  change.entity = EntityId("urn:ngsi-ld:OffStreetParking:p");
  change.types = {flow::Name("OffStreetParking")};
  change.attributes.push_back({flow::property(flow::Name("totalSpotNumber"), 200.0, at)});
  change.attributes.push_back({flow::property(flow::Name("occupiedSpotNumber"), occupied, at)});
  return change;
}

TEST(GuidanceParking, WithoutAForecastWhatIsThereIsDrawnTowardsWhatIsUsual) {
  GarageTable table;
  const base::TimeZone zone = base::TimeZone::utc();
  // On working days 40 cars at night, 160 by day.
  for (base::Instant at = kNow - std::chrono::days(14); at <= kNow; at += std::chrono::minutes(30)) {
    const auto hour = hour_of_kind(at) % 24;
    table.see(counted(hour >= 8 && hour < 18 ? 160 : 40, at), zone);
  }
  SegmentForecasts forecasts{flow::Name("occupiedSpotNumber")};
  const PlainOutlook outlook(table, forecasts, zone);
  const Garage& one = table.all().front();
  EXPECT_NEAR(outlook.occupied(one, kNow)->middle, 160, 1);
  EXPECT_NEAR(outlook.occupied(one, kNow + std::chrono::hours(10))->middle, 40, 5);  // in the night
  const auto soon = *outlook.occupied(one, kNow + std::chrono::minutes(15));
  EXPECT_LE(soon.low, soon.middle);
  EXPECT_LE(soon.middle, soon.high);
  // A forecast for that moment is better than this.
  forecasts.put(one.id, kNow + std::chrono::minutes(15), {100, 110, 120});
  EXPECT_EQ(outlook.occupied(one, kNow + std::chrono::minutes(15))->middle, 110);
  base::ByteWriter bytes;
  table.save(bytes);
  GarageTable again;
  base::ByteReader in(bytes.view());
  ASSERT_TRUE(again.load(in));
  EXPECT_EQ(again.usual().usual(0, 10)->speed_kmh, table.usual().usual(0, 10)->speed_kmh);
  EXPECT_EQ(again.all().front().occupied, one.occupied);
}

}  // namespace
}  // namespace cityloop::traffic
