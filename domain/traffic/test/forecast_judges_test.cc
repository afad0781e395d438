#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "domain/traffic/forecast/arena.h"
#include "domain/traffic/forecast/calibration.h"
#include "domain/traffic/forecast/errors.h"
#include "flow/forecast.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

TEST(ForecastErrors, ThePinballLossIsLeastAtTheQuantile) {
  base::Rng rng(5);
  std::vector<double> truth;
  for (int at = 0; at < 4000; ++at) truth.push_back(rng.uniform());
  const auto loss = [&](double forecast) {
    double sum = 0;
    for (const double one : truth) sum += pinball_loss(0.9, forecast, one);
    return sum;
  };
  EXPECT_LT(loss(0.9), loss(0.8));
  EXPECT_LT(loss(0.9), loss(0.97));
}

TEST(ForecastCalibration, ScoresBecomeFrequenciesAndNeverFall) {
  base::Rng rng(7);
  std::vector<float> scores;
  std::vector<std::uint8_t> came;
  for (int at = 0; at < 20000; ++at) {
    scores.push_back(float(rng.uniform()));
    came.push_back(rng.uniform() < double(scores.back() * scores.back()) ? 1 : 0);  // over-confident by far
  }
  const Isotonic map = Isotonic::fit(scores, came);
  float before = 0;
  for (int percent = 0; percent <= 100; ++percent) {
    const float score = float(percent) / 100;
    EXPECT_NEAR(map.apply(score), score * score, 0.08);
    EXPECT_GE(map.apply(score), before);
    before = map.apply(score);
  }
  EXPECT_GT(calibration_error(reliability(scores, came)), 0.1);
  std::vector<float> made;
  for (const float score : scores) made.push_back(map.apply(score));
  EXPECT_LT(calibration_error(reliability(made, came)), 0.01);
  EXPECT_LT(brier_score(made, came), brier_score(scores, came));
  EXPECT_FLOAT_EQ(Isotonic().apply(0.3F), 0.3F);
}

TEST(ForecastCalibration, CountsOfCallsByHand) {
  const std::vector<float> said{0.9F, 0.8F, 0.4F, 0.3F, 0.2F};
  const std::vector<std::uint8_t> came{1, 0, 1, 0, 0};
  const CallCounts counts = count_calls(said, came, 0.5F);
  EXPECT_EQ(counts.hits, 1U);
  EXPECT_EQ(counts.false_alarms, 1U);
  EXPECT_EQ(counts.misses, 1U);
  EXPECT_EQ(counts.rejections, 2U);
  EXPECT_DOUBLE_EQ(counts.precision(), 0.5);
  EXPECT_DOUBLE_EQ(counts.accuracy(), 0.6);
  EXPECT_FLOAT_EQ(best_f1_threshold(said, came), 0.4F) << "two of three: F1 0.8";
  EXPECT_DOUBLE_EQ(average_precision(said, came), (1.0 + 2.0 / 3) / 2);
}

TEST(ForecastCalibration, ACalibrationCountsWeightsAndIsKeptAsText) {
  // Half of the quiet rows are left out, and those kept count twice: the map is the same.
  std::vector<float> scores, half_scores, weights;
  std::vector<std::uint8_t> came, half_came;
  base::Rng rng(11);
  for (int at = 0; at < 8000; ++at) {
    const double score = rng.uniform();
    const bool jam = rng.uniform() < score * score;
    scores.push_back(float(score)), came.push_back(jam ? 1 : 0);
    if (!jam && at % 2 == 0) continue;
    half_scores.push_back(float(score)), half_came.push_back(jam ? 1 : 0), weights.push_back(jam ? 1.0F : 2.0F);
  }
  const Isotonic whole = Isotonic::fit(scores, came), half = Isotonic::fit(half_scores, half_came, 200, weights),
                 blind = Isotonic::fit(half_scores, half_came);
  for (const float score : {0.2F, 0.5F, 0.8F}) {
    EXPECT_NEAR(half.apply(score), score * score, 0.05) << score;
    EXPECT_NEAR(half.apply(score), whole.apply(score), 0.05) << score;
  }
  EXPECT_GT(blind.apply(0.5F), 0.35) << "without weights it would say too much";
  EXPECT_NEAR(best_f1_threshold(half_scores, half_came, weights), best_f1_threshold(scores, came), 0.08);
  const auto read = Isotonic::from_text(half.to_text());
  ASSERT_TRUE(read) << read.error().message;
  for (float score = 0; score <= 1; score += 0.01F) EXPECT_EQ(read->apply(score), half.apply(score));
  for (const char* const damaged : {"0.1", "0.1 0.2 0.3", "0.1 0.2 0.05 0.3", "0.1 0.2 0.3 0.1", "0.1 x", "nan 0.1"})
    EXPECT_FALSE(Isotonic::from_text(damaged)) << damaged;
}

TEST(ForecastArena, OnlyWhoIsBetterBeyondChanceAndByAMarginTakesThePlace) {
  base::Rng rng(11);
  Arena arena(3, {.lag_most = 3, .moments_least = 100, .margin = 0.02, .critical = 2.326});
  for (int moment = 0; moment < 400; ++moment) {
    const double common = 5 + rng.normal();
    // The second is as good as the champion, the third a hundredth better each time: sure, but under the margin.
    arena.judge("fast", std::vector{common, common + 0.5 * rng.normal(), common * 0.99});
  }
  EXPECT_EQ(arena.champion("fast"), 0U);
  EXPECT_GT(arena.standing("fast")->statistic[2], 2.326);
  bool changed = false;
  for (int moment = 0; moment < 400 && !changed; ++moment) {
    const double common = 5 + rng.normal();
    changed = arena.judge("fast", std::vector{common, common, common * 0.8 + 0.3 * rng.normal()});
  }
  EXPECT_TRUE(changed);
  EXPECT_EQ(arena.champion("fast"), 2U);
  EXPECT_EQ(arena.standing("fast")->moments, 0U) << "all counts begin anew";
  EXPECT_EQ(arena.champion("slow"), 0U) << "groups are independent";
}

TEST(ForecastArena, ErrorsThatHangTogetherCountAsFew) {
  // The same differences, each told ten times in a row: no more is known, and the test must see that.
  const auto statistic_with = [](std::size_t lag_most) {
    base::Rng rng(13);
    Arena arena(2, {.lag_most = lag_most, .moments_least = 1'000'000});
    for (int block = 0; block < 60; ++block) {
      const double better_by = 0.3 + rng.normal();
      for (int again = 0; again < 10; ++again) arena.judge("one", std::vector{5 + better_by, 5.0});
    }
    return arena.standing("one")->statistic[1];
  };
  EXPECT_GT(statistic_with(0), 2 * statistic_with(30));
}

TEST(ForecastArena, ComesBackFromItsBytesAndRefusesDamagedOnes) {
  base::Rng rng(17);
  const ArenaOptions options{.lag_most = 4, .moments_least = 1000};
  Arena arena(2, options);
  for (int moment = 0; moment < 50; ++moment) arena.judge("one", std::vector{rng.uniform(), rng.uniform()});
  EXPECT_FALSE(arena.judge("one", std::vector{1.0, std::numeric_limits<double>::quiet_NaN()}));
  base::ByteWriter out;
  arena.save("one", out);
  const std::string bytes = out.take();
  Arena back(2, options);
  base::ByteReader in(bytes);
  ASSERT_TRUE(back.load("one", in));
  for (Arena* const each : {&arena, &back}) each->judge("one", std::vector{0.5, 0.25});
  EXPECT_EQ(arena.standing("one")->statistic, back.standing("one")->statistic);
  EXPECT_EQ(back.standing("one")->moments, 52U);
  EXPECT_NE(back.standing("one")->mean_loss[1], 0)
      << "a silent challenger is compared over the moments at which it spoke";
  EXPECT_FALSE(arena.judge("one", std::vector{std::numeric_limits<double>::quiet_NaN(), 1.0}));
  EXPECT_EQ(arena.standing("one")->moments, 52U) << "without the champion there is nothing to compare";
  base::ByteReader cut(std::string_view(bytes).substr(0, bytes.size() - 9));
  EXPECT_FALSE(Arena(2, options).load("one", cut));
}

TEST(ForecastNoun, SurvivesTheWayThroughTheTwin) {
  flow::Forecast one{.about = flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:a"),
                     .attribute = "averageVehicleSpeed",
                     .event = "congestion",
                     .issued_at = base::from_ms(1'700'000'100'000)};
  one.steps.push_back({base::from_ms(1'700'001'000'000), 20.25, 31.5, 40, 0.125, "linear"});
  one.steps.push_back({base::from_ms(1'700'002'000'000), 18, 30, 44, {}, "seasonal"});
  const auto back = flow::forecast_from(flow::entity_of(flow::to_write(one)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->about, one.about);
  EXPECT_EQ(back->event, "congestion");
  EXPECT_EQ(back->issued_at, one.issued_at);
  EXPECT_EQ(back->steps, one.steps);
}

}  // namespace
}  // namespace cityloop::traffic
