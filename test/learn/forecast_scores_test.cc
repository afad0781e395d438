#include "learn/forecast_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/rng.h"
#include "flow/noun.h"

namespace cityloop::learn {
namespace {

using flow::operator""_name;

constexpr auto kMinute = std::chrono::minutes(1);
const base::Instant kBegin = *base::parse_time("2026-03-02T08:00:00Z");

struct Rows final : twin::StateRows {
  void put(std::string_view key, std::string value) override {
    bytes += value.size();
    ++puts;
    rows[std::string(key)] = std::move(value);
  }
  void erase(std::string_view key) override { rows.erase(std::string(key)); }
  std::map<std::string, std::string> rows;
  std::size_t bytes{0}, puts{0};
};

flow::EntityId place(int number) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:AirQualityObserved:place-{}", number));
}

flow::Change reading(int number, double value, base::Instant at, std::optional<double> counted = {}) {
  flow::Change change{.entity = place(number), .types = {"AirQualityObserved"_name}};
  change.attributes.push_back({flow::property("pm25"_name, value, at), false, false});
  if (counted) change.attributes.push_back({flow::property("samples"_name, *counted, at), false, false});
  return change;
}

flow::Change change_of(const flow::Write& write) {
  flow::Change change{.entity = write.entity, .types = write.types};
  for (const flow::Attribute& one : write.attributes) change.attributes.push_back({one, false, false});
  return change;
}

struct Told {
  double low{}, middle{}, high{};
  std::optional<double> likelihood;
};

flow::Forecast forecast(int number, base::Instant at, int minutes, Told told) {
  return {
      .about = place(number),
      .attribute = "pm25",
      .group = "street",
      .event = told.likelihood ? "clean" : "",
      .truth = {.above = 0.0, .most = 500.0, .counted_by = "samples", .event_below = 10.0, .event_hold = 15 * kMinute},
      .issued_at = at,
      .steps = {{.valid_at = at + minutes * kMinute,
                 .low = told.low,
                 .middle = told.middle,
                 .high = told.high,
                 .likelihood = told.likelihood,
                 .model = "guess"}}};
}

class City {
 public:
  void tell(base::Instant at, std::vector<flow::Change> changes) {
    flow::LogRecord record{.seq = ++seq_, .at = at, .origin = {}, .changes = std::move(changes)};
    twin::Outbox out;
    loop.on_record(record, out);
    loop.save_changed(rows);
    for (const flow::Write& write : out.writes) {
      const flow::Entity entity = flow::entity_of(write);
      const auto score = flow::forecast_score_from(entity);
      ASSERT_TRUE(score) << score.error().message;
      scores.insert_or_assign(std::string(entity.id.text()), *score);
      log += fmt::format("{} {} {} {} {}\n", seq_, entity.id.text(), score->ever, score->mae, score->brier);
    }
  }
  const flow::ForecastScore& score(int minutes) {
    return scores[fmt::format("urn:ngsi-ld:ForecastScore:pm25:street:{}min:guess", minutes)];
  }
  void resume(const City& other) {
    rows.rows = other.rows.rows;
    seq_ = other.seq_;
    for (const auto& [key, value] : rows.rows) {
      base::ByteReader in(value);
      const auto loaded = loop.load_row(key, in);
      ASSERT_TRUE(loaded) << key << ": " << loaded.error().message;
    }
  }

  ForecastScoreLoop loop;
  Rows rows;
  std::map<std::string, flow::ForecastScore> scores;
  std::string log;

 private:
  flow::Seq seq_{0};
};

// A series that is foreseen from its second reading on.
void begin(City& city, double value) {
  city.tell(kBegin - 5 * kMinute, {change_of(flow::to_write(forecast(1, kBegin - 100 * kMinute, 5, {1, 2, 3, {}})))});
  city.tell(kBegin, {reading(1, value, kBegin)});
}

TEST(ForecastScores, HoldsAForecastAgainstTheMeanOfItsSpan) {
  City city;
  begin(city, 20);
  city.tell(kBegin + kMinute, {change_of(flow::to_write(forecast(1, kBegin, 15, {18, 26, 32, {}})))});
  city.tell(kBegin + 10 * kMinute, {reading(1, 500, kBegin + 10 * kMinute)});  // the end of the span before
  city.tell(kBegin + 12 * kMinute, {reading(1, 28, kBegin + 12 * kMinute)});
  city.tell(kBegin + 15 * kMinute, {reading(1, 32, kBegin + 15 * kMinute)});
  city.tell(kBegin + 15 * kMinute + std::chrono::seconds(59), {});
  EXPECT_EQ(city.loop.counters().scored, 0u) << "what comes late has its grace";
  city.tell(kBegin + 16 * kMinute, {});
  ASSERT_EQ(city.loop.counters().scored, 1u);
  city.tell(kBegin + 61 * kMinute, {});
  const flow::ForecastScore& score = city.score(15);
  EXPECT_EQ(score.ever, 1);
  EXPECT_DOUBLE_EQ(score.mae, 4) << "26 was said, 30 came";
  EXPECT_DOUBLE_EQ(score.rmse, 4);
  EXPECT_DOUBLE_EQ(score.bias, -4);
  EXPECT_DOUBLE_EQ(score.coverage, 1);
  EXPECT_DOUBLE_EQ(score.under_middle, 0);
  EXPECT_DOUBLE_EQ(score.persistence_mae, 10) << "20 was measured last";
  EXPECT_DOUBLE_EQ(score.skill(), 0.6);
  EXPECT_NEAR(score.pinball, (0.1 * 12 + 0.5 * 4 + 0.1 * 2) / 3, 1e-5);
  EXPECT_TRUE(score.event.empty()) << "nothing was said of one";
}

TEST(ForecastScores, WhatWasNotMeasuredIsUnknownAndNotRight) {
  City city;
  begin(city, 20);
  std::vector<flow::Change> said;
  city.tell(kBegin + kMinute, {change_of(flow::to_write(forecast(1, kBegin, 15, {1, 2, 3, {}})))});
  city.tell(kBegin + 14 * kMinute, {reading(1, 28, kBegin + 14 * kMinute, 0)});   // nothing was counted
  city.tell(kBegin + 14 * kMinute, {reading(1, -1, kBegin + 14 * kMinute, 3)});   // no measurement
  city.tell(kBegin + 14 * kMinute, {reading(1, 900, kBegin + 14 * kMinute, 3)});  // nor this
  city.tell(kBegin + 61 * kMinute, {});
  EXPECT_EQ(city.loop.counters().scored, 0u);
  EXPECT_NEAR(city.score(15).unknown, 1, 1e-9);
  EXPECT_EQ(city.score(15).count, 0);
}

TEST(ForecastScores, LikelihoodsAreHeldAgainstTheEventAsDefined) {
  City city;
  begin(city, 20);
  const auto quarter = [&](base::Instant at, std::array<double, 3> values, double likelihood) {
    city.tell(at + kMinute, {change_of(flow::to_write(forecast(1, at, 15, {1, 9, 20, likelihood})))});
    for (int i = 0; i < 3; ++i) {
      const base::Instant then = at + (i + 1) * 5 * kMinute;
      city.tell(then, {reading(1, values[std::size_t(i)], then)});
    }
    city.tell(at + 16 * kMinute, {});
  };
  quarter(kBegin, {9, 8, 9}, 0.8);
  quarter(kBegin + 16 * kMinute, {9, 11, 9}, 0.7);
  city.tell(kBegin + 61 * kMinute, {});
  const flow::ForecastScore& score = city.score(15);
  EXPECT_EQ(score.event, "clean");
  EXPECT_EQ(score.judged, 2);
  EXPECT_EQ(score.calls, 2);
  EXPECT_EQ(score.calls_right, 1) << "above the limit for five minutes";
  EXPECT_EQ(score.came, 1);
  EXPECT_NEAR(score.brier, (0.04 + 0.49) / 2, 1e-5);
  EXPECT_NEAR(score.climate_brier, 0.25, 1e-9);
  ASSERT_EQ(score.reliability.size(), 2u);
  EXPECT_EQ(score.reliability[1], (flow::ForecastScore::Bin{0.8, 1, 1}));
}

// Places whose readings tremble, foreseen each minute for 15, 30 and 60 minutes ahead.
void minutes(City& city, int from, int to, int places) {
  for (int minute = from; minute < to; ++minute) {
    const base::Instant at = kBegin + minute * kMinute;
    base::Rng rng(std::uint64_t(minute) + 1);
    std::vector<flow::Change> measured, said;
    for (int number = 0; number < places; ++number) {
      measured.push_back(reading(number, 20 + 3 * rng.normal(), at));
      flow::Forecast one = forecast(number, at, 15, {16, 20 + 0.1 * rng.normal(), 24, 0.1});
      one.steps.resize(3, one.steps[0]);
      one.steps[1].valid_at = at + 30 * kMinute;
      one.steps[2].valid_at = at + 60 * kMinute;
      said.push_back(change_of(flow::to_write(one)));
    }
    city.tell(at, std::move(measured));
    city.tell(at, std::move(said));
  }
}

TEST(ForecastScores, GoesOnExactlyWhereItWasAfterARestartFromItsRows) {
  City whole;
  minutes(whole, 0, 200, 3);
  City first;
  minutes(first, 0, 95, 3);
  City second;
  second.resume(first);
  minutes(second, 95, 200, 3);
  EXPECT_EQ(first.log + second.log, whole.log);
  EXPECT_EQ(second.rows.rows, whole.rows.rows);
  EXPECT_GT(whole.loop.counters().scored, 1000u);
  EXPECT_GT(whole.score(60).skill(), 0.1) << "the mean beats the last of trembling readings";
  Rows cut = first.rows;
  ForecastScoreLoop damaged;
  base::Status loaded;
  for (const auto& [key, value] : cut.rows) {
    base::ByteReader in(std::string_view(value).substr(0, value.size() - 1));
    if (loaded) loaded = damaged.load_row(key, in);
  }
  EXPECT_FALSE(loaded);
}

TEST(ForecastScores, AStepIsAHandfulOfRowsHoweverMuchIsWaiting) {
  City city;
  minutes(city, 0, 70, 50);
  city.rows.puts = city.rows.bytes = 0;
  const std::size_t waiting = city.loop.waiting();
  EXPECT_GT(waiting, 50u * 100);
  minutes(city, 70, 71, 50);
  EXPECT_LE(city.rows.puts, 8u) << "one for what was measured, three for what was said, three scores";
  EXPECT_LT(city.rows.bytes, 50u * 3 * 60);
  EXPECT_LE(city.loop.waiting(), waiting + 50) << "what was said is settled, not hoarded";
  EXPECT_LT(city.rows.rows.size(), 400u);
}

TEST(ForecastScores, ADamagedForecastHidesNoGoodOne) {
  City city;
  begin(city, 20);
  flow::Change damaged = change_of(flow::to_write(forecast(1, kBegin, 15, {1, 2, 3, {}})));
  for (flow::AttributeChange& told : damaged.attributes)
    if (told.now.name == "steps"_name) told.now.value = flow::Json{R"([{"validAt":"soon"}])"};
  flow::Change backwards = change_of(flow::to_write(forecast(3, kBegin, -15, {1, 2, 3, {}})));
  city.tell(kBegin + kMinute,
            {damaged, backwards, change_of(flow::to_write(forecast(1, kBegin, 15, {18, 26, 32, {}})))});
  EXPECT_EQ(city.loop.counters().unreadable, 1u);
  city.tell(kBegin + 14 * kMinute, {reading(1, 30, kBegin + 14 * kMinute)});
  city.tell(kBegin + 20 * kMinute, {});
  EXPECT_EQ(city.loop.counters().scored, 1u);
}

TEST(ForecastScores, OfWhatWasErasedNothingIsScored) {
  City city;
  begin(city, 20);
  city.tell(kBegin + kMinute, {change_of(flow::to_write(forecast(1, kBegin, 15, {18, 26, 32, {}})))});
  flow::Change gone{.entity = place(1), .kind = flow::ChangeKind::erased, .types = {"AirQualityObserved"_name}};
  city.tell(kBegin + 2 * kMinute, {gone});
  city.tell(kBegin + 61 * kMinute, {});
  EXPECT_EQ(city.loop.counters().scored + city.loop.counters().unknown, 1u) << "only what was said before it began";
}

TEST(ForecastScores, AForecastTellsItsTruthAndReadsItBack) {
  const flow::Forecast one = forecast(1, kBegin, 15, {1, 2, 3, 0.5});
  const auto read = flow::forecast_from(flow::entity_of(flow::to_write(one)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->truth, one.truth);
  EXPECT_EQ(read->group, "street");
  EXPECT_EQ(read->steps, one.steps);
  EXPECT_FALSE(flow::forecast_truth_from(R"({"span":0})"));
  EXPECT_FALSE(flow::forecast_truth_from(R"({"span":)"));
  EXPECT_EQ(*flow::forecast_truth_from(""), flow::ForecastTruth{});
}

}  // namespace
}  // namespace cityloop::learn
