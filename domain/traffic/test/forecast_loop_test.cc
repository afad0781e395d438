#include "domain/traffic/forecast/forecast_loop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "base/rng.h"
#include "flow/forecast.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

constexpr std::int64_t kMonday_ms = 1'700'438'400'000;  // 2023-11-20T00:00:00Z
constexpr std::int64_t kStep_ms = 300'000;

struct Rows final : twin::StateRows {
  void put(std::string_view key, std::string value) override { rows[std::string(key)] = std::move(value); }
  void erase(std::string_view key) override { rows.erase(std::string(key)); }
  std::map<std::string, std::string> rows;
};

flow::EntityId road(int number) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:road-{}", number));
}

flow::Change reading(int number, double speed_kmh, std::int64_t at_ms, std::optional<double> vehicles = {}) {
  flow::Change change{.entity = road(number), .types = {flow::Name("TrafficFlowObserved")}};
  const auto add = [&](std::string_view name, double value) {
    change.attributes.push_back({flow::property(flow::Name(name), value, base::from_ms(at_ms)), false, false});
  };
  add("averageVehicleSpeed", speed_kmh);
  if (vehicles) add("intensity", *vehicles);
  return change;
}

flow::Change known_road(int number, double free_flow_kmh) {
  flow::Change change{
      .entity = road(number), .kind = flow::ChangeKind::created, .types = {flow::Name("TrafficFlowObserved")}};
  change.attributes.push_back({flow::property(flow::Name("freeFlowSpeed"), free_flow_kmh), false, false});
  flow::Attribute line{.name = flow::Name("location"), .kind = flow::AttributeKind::geo_property};
  line.value = flow::Json{
      fmt::format(R"({{"type":"LineString","coordinates":[[10.{0},56.1],[10.{1},56.1]]}})", number, number + 1)};
  change.attributes.push_back({line, false, false});
  return change;
}

// A city of some roads in a row; road n + 1 slows down a quarter of an hour before road n.
class City {
 public:
  explicit City(ForecastLoopOptions options = {}) : loop(std::move(options)) {}

  void tell(std::int64_t at_ms, std::vector<flow::Change> changes) {
    flow::LogRecord record;
    record.seq = ++seq_;
    record.at = base::from_ms(at_ms);
    record.changes = std::move(changes);
    twin::Outbox out;
    loop.on_record(record, out);
    loop.save_changed(rows);
    for (const flow::Write& write : out.writes) {
      const flow::Entity entity = flow::entity_of(write);
      log += fmt::format("{} {} {}\n", at_ms, entity.id.text(), flow::json_field(entity, "steps"));
      if (entity.is_a(flow::Name("Forecast"))) forecasts.insert_or_assign(std::string(entity.id.text()), entity);
      else contests.insert_or_assign(std::string(entity.id.text()), entity);
    }
  }
  void steps(std::int64_t from, std::int64_t to) {
    if (from == 0) {
      std::vector<flow::Change> roads;
      for (int number = 1; number <= 4; ++number) roads.push_back(known_road(number, 80));
      tell(kMonday_ms + 1, std::move(roads));
    }
    for (std::int64_t step = from; step < to; ++step) {
      const std::int64_t at = kMonday_ms + (step + 1) * kStep_ms;
      std::vector<flow::Change> changes;
      for (int number = 1; number <= 4; ++number) changes.push_back(reading(number, speed(number, step), at, 5));
      tell(at, std::move(changes));
      tell(at + 61'000, {});
    }
  }
  double speed(int number, std::int64_t step) {
    base::Rng rng(std::uint64_t(std::int64_t{number} * 100'003 + step));
    base::Rng jam(std::uint64_t((step + std::int64_t{3} * number) / 18));
    if (trembling) return 60 + 8 * rng.normal();
    return 70 - (jam.uniform() < 0.3 ? 40 : 0) + rng.normal();
  }
  flow::Forecast forecast(int number) const {
    const auto found = forecasts.find(std::string(flow::forecast_id(road(number), "averageVehicleSpeed").text()));
    return found == forecasts.end() ? flow::Forecast{} : flow::forecast_from(found->second).value();
  }

  bool trembling{false};  // no jams, and each reading says nothing of the next
  ForecastLoop loop;
  Rows rows;
  std::map<std::string, flow::Entity> forecasts, contests;
  std::string log;

 private:
  flow::Seq seq_{0};
};

ForecastLoopOptions quick() {
  return {.arena = {.lag_most = 12, .moments_least = 72}};
}

TEST(ForecastLoop, SaysWhatComesWithQuantilesAndALikelihood) {
  City city(quick());
  city.steps(0, 288);
  const flow::Forecast said = city.forecast(1);
  ASSERT_EQ(said.steps.size(), 3U);
  EXPECT_EQ(said.event, "congestion");
  EXPECT_EQ(said.issued_at, base::from_ms(kMonday_ms + 288 * kStep_ms));
  EXPECT_EQ(said.steps[0].valid_at, said.issued_at + std::chrono::minutes(15));
  EXPECT_EQ(said.steps[2].valid_at, said.issued_at + std::chrono::minutes(60));
  for (const flow::ForecastStep& step : said.steps) {
    EXPECT_LE(step.low, step.middle);
    EXPECT_LE(step.middle, step.high);
    ASSERT_TRUE(step.likelihood);
    EXPECT_GE(*step.likelihood, 0);
    EXPECT_LE(*step.likelihood, 1);
  }
  EXPECT_EQ(city.loop.counters().late, 0U);
}

TEST(ForecastLoop, ScoresItsModelsAndTheBetterOneTakesThePlace) {
  City city(quick());
  city.trembling = true;
  city.steps(0, std::int64_t{2} * 288);
  const auto standing = city.loop.arena().standing("fast-15min");
  ASSERT_TRUE(standing);
  EXPECT_GE(standing->changes, 1U) << "what is now says nothing of what comes";
  const std::string champion = kModelNames[standing->champion];
  EXPECT_NE(champion, "persistence");
  EXPECT_LT(standing->mean_loss[standing->champion], standing->mean_loss[0]);
  EXPECT_EQ(city.forecast(1).steps[0].model, champion);
  const auto contest = city.contests.find("urn:ngsi-ld:ForecastContest:traffic-forecast:fast-15min");
  ASSERT_NE(contest, city.contests.end());
  EXPECT_EQ(flow::text_field(contest->second, "champion"), champion);
  EXPECT_EQ(flow::json_field(contest->second, "models").find("boosted"), std::string::npos) << "nobody has the places";
}

TEST(ForecastLoop, GoesOnExactlyWhereItWasAfterARestartFromItsRows) {
  City whole(quick());
  whole.steps(0, 400);
  City first(quick());
  first.steps(0, 250);
  City second(quick());
  for (const auto& [key, value] : first.rows.rows) {
    base::ByteReader in(value);
    ASSERT_TRUE(second.loop.load_row(key, in)) << key;
  }
  second.rows.rows = first.rows.rows;
  second.steps(250, 400);
  EXPECT_EQ(first.log + second.log, whole.log);
  EXPECT_EQ(second.rows.rows, whole.rows.rows);
}

TEST(ForecastLoop, ACheckpointHoldsAllOfIt) {
  City first(quick());
  first.steps(0, 60);
  base::ByteWriter out;
  first.loop.save(out);
  City second(quick());
  base::ByteReader in(out.view());
  ASSERT_TRUE(second.loop.load(in));
  second.loop.save_changed(second.rows);
  first.log.clear();
  first.steps(60, 90);
  second.steps(60, 90);
  EXPECT_EQ(first.log, second.log);
  base::ByteReader cut(out.view().substr(0, out.view().size() / 2));
  EXPECT_FALSE(City().loop.load(cut));
}

TEST(ForecastLoop, WhatLiesIsCountedAndNotLearnedFrom) {
  City city(quick());
  city.steps(0, 12);
  const std::int64_t now = kMonday_ms + 12 * kStep_ms + 120'000;
  city.tell(now, {reading(1, -5, now), reading(2, 900, now), reading(3, 60, now, 0), reading(4, 60, now - 3'600'000)});
  EXPECT_EQ(city.loop.counters().out_of_range, 2U);
  EXPECT_EQ(city.loop.counters().without_vehicles, 1U);
  EXPECT_EQ(city.loop.counters().late, 1U);
  const std::uint64_t before = city.loop.counters().readings;
  city.tell(now + 1000, {reading(1, 50, now)});
  EXPECT_EQ(city.loop.counters().readings, before + 1) << "one bad reading hides no good one";
}

TEST(ForecastLoop, ALongSilenceIsPassedOver) {
  City city(quick());
  city.steps(0, 30);
  city.tell(kMonday_ms + 30 * 86'400'000LL, {});
  const std::int64_t later = kMonday_ms + 30 * 86'400'000LL + kStep_ms;
  city.tell(later, {reading(1, 60, later, 3)});
  city.tell(later + 61'000, {});
  EXPECT_EQ(city.forecast(1).issued_at, base::from_ms(later));
  EXPECT_LT(city.loop.counters().forecasts, 4U * 60U) << "not one a step of the month";
}

TEST(ForecastLoop, AGarageReadEveryHalfHourIsForecastToo) {
  City city({.name = "parking-forecast",
             .type = "OffStreetParking",
             .attribute = "occupiedSpotNumber",
             .value_most = 100'000,
             .zero_is_measured = true});
  const flow::EntityId garage("urn:ngsi-ld:OffStreetParking:salling");
  for (std::int64_t reading = 1; reading <= 144; ++reading) {
    const std::int64_t at = kMonday_ms + reading * 1'800'000 + 540'000;
    const double hour = double(at - kMonday_ms) / 3.6e6;
    flow::Change change{.entity = garage, .types = {flow::Name("OffStreetParking")}};
    change.attributes.push_back({flow::property(flow::Name("occupiedSpotNumber"),
                                                300 - 300 * std::cos(hour / 24 * 6.283185), base::from_ms(at)),
                                 false, false});
    city.tell(at, {change});
    for (std::int64_t minute = 1; minute < 30; minute += 5) city.tell(at + minute * 60'000 + 30'000, {});
  }
  ASSERT_EQ(city.forecasts.size(), 1U);
  const auto said = flow::forecast_from(city.forecasts.begin()->second);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->event, "") << "a garage is not congested";
  ASSERT_EQ(said->steps.size(), 3U);
  const double then = double(base::to_ms(said->steps[2].valid_at) - kMonday_ms) / 3.6e6;
  EXPECT_NEAR(said->steps[2].middle, 300 - 300 * std::cos(then / 24 * 6.283185), 60);
  EXPECT_EQ(city.loop.counters().out_of_range, 0U);
}

TEST(ForecastLoop, ForgetsWhatTheTwinHasErased) {
  City city(quick());
  city.steps(0, 3);
  const std::size_t rows = city.rows.rows.size();
  flow::Change gone{.entity = road(2), .kind = flow::ChangeKind::erased, .types = {flow::Name("TrafficFlowObserved")}};
  city.tell(kMonday_ms + 3 * kStep_ms + 70'000, {gone});
  EXPECT_EQ(city.loop.segments(), 3U);
  EXPECT_LT(city.rows.rows.size(), rows);
  for (const auto& [key, value] : city.rows.rows) EXPECT_FALSE(key.ends_with(road(2).text())) << key;
  city.tell(kMonday_ms + 4 * kStep_ms + 61'000, {});
}

}  // namespace
}  // namespace cityloop::traffic
