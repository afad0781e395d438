#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <numeric>

#include "domain/traffic/forecast/boosted.h"
#include "domain/traffic/forecast/congestion.h"
#include "domain/traffic/forecast/errors.h"
#include "domain/traffic/forecast/linear.h"
#include "domain/traffic/forecast/plain.h"
#include "domain/traffic/forecast/public_data.h"
#include "domain/traffic/forecast/stacked.h"
#include "domain/traffic/test/forecast_streets.h"

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<std::size_t> range(std::size_t from, std::size_t to) {
  std::vector<std::size_t> out(to - from);
  std::iota(out.begin(), out.end(), from);
  return out;
}

FeatureOptions small_features() {
  return {.lags = {1, 2, 3}, .window = 6, .leaders = 2, .components = 2, .lead_steps = 2};
}

BoostedOptions small_trees() {
  BoostedOptions options;
  options.features = small_features();
  options.booster = {.rounds = 40, .depth = 4, .eta = 0.15, .leaf_weight_least = 10};
  options.row_share = 1;
  return options;
}

ErrorSum errors_of(const Panel& panel, const Predictions& said) {
  ErrorSum errors;
  for (std::size_t at = 0; at < said.origins.size(); ++at)
    for (std::size_t h = 0; h < said.horizons.size(); ++h)
      for (std::size_t node = 0; node < panel.nodes; ++node)
        errors.add(double(said.block(at, h)[node]), double(panel.at(said.origins[at] + said.horizons[h], node)));
  return errors;
}

double rmse_of(Forecaster& model, const Panel& panel, std::size_t train, const std::vector<std::size_t>& horizons) {
  EXPECT_TRUE(model.fit(panel, train, horizons));
  const auto said = model.predict(panel, range(train, panel.steps() - horizons.back()));
  EXPECT_TRUE(said);
  return errors_of(panel, *said).rmse();
}

TEST(ForecastProfile, LeavesTheDayOutThatIsLearnedFrom) {
  Panel panel;
  panel.calendar = {.step_s = 21600, .slots_per_day = 4};
  panel.nodes = 1;
  panel.values = {10, 20, 30, 40, 12, 22, 32, 42, 90, kNan, 34, 44};  // three workdays
  const Profile profile(panel, panel.steps(), {.smooth_slots = 0});
  EXPECT_FLOAT_EQ(profile.usual(panel.calendar, 0, 0), (10 + 12 + 90) / 3.0F);
  EXPECT_FLOAT_EQ(profile.usual_without_day(panel, 8, 0), 11);
  EXPECT_FLOAT_EQ(profile.usual_without_day(panel, 1, 0), 22) << "what is not known does not count";
  EXPECT_FLOAT_EQ(profile.usual(panel.calendar, std::size_t{5} * 4, 0), profile.usual(panel.calendar, 0, 0))
      << "no weekend was seen: a workday stands for it";
}

TEST(ForecastModels, NoModelLooksBehindItsOrigin) {
  const Panel whole = corridor({.days = 6});
  const std::size_t train = std::size_t{4} * 96;
  const std::vector<std::size_t> horizons{1, 4};
  std::vector<ForecasterPtr> models;
  models.push_back(std::make_unique<Persistence>());
  models.push_back(std::make_unique<Seasonal>());
  models.push_back(std::make_unique<Fading>());
  models.push_back(std::make_unique<LinearForecaster>(LinearOptions{.features = small_features()}));
  models.push_back(std::make_unique<BoostedForecaster>(small_trees()));
  for (const ForecasterPtr& model : models) {
    ASSERT_TRUE(model->fit(whole, train, horizons));
    const std::size_t origin = train + 30;
    Panel blind = whole;
    for (std::size_t at = (origin + 1) * whole.nodes; at < blind.values.size(); ++at) blind.values[at] = -1000;
    const auto seen = model->predict(whole, {origin});
    const auto unseen = model->predict(blind, {origin});
    ASSERT_TRUE(seen && unseen);
    EXPECT_EQ(seen->values, unseen->values) << model->name();
    Panel future = whole;
    for (std::size_t at = train * whole.nodes; at < future.values.size(); ++at) future.values[at] = -1000;
    ASSERT_TRUE(model->fit(future, train, horizons));
    const auto again = model->predict(whole, {origin});
    ASSERT_TRUE(again);
    EXPECT_EQ(seen->values, again->values) << model->name() << " learned from behind its span";
  }
}

TEST(ForecastModels, TreesSeeTheJamComingDownTheRoad) {
  const Panel panel = corridor({.days = 12});
  const std::size_t train = std::size_t{9} * 96;
  Persistence persistence;
  Seasonal seasonal;
  Fading fading;
  LinearForecaster linear({.features = small_features(), .row_share = 1});
  BoostedForecaster boosted(small_trees());
  const double last = rmse_of(persistence, panel, train, {2});
  const double usual = rmse_of(seasonal, panel, train, {2});
  const double both = rmse_of(fading, panel, train, {2});
  EXPECT_LT(both, usual);
  EXPECT_LT(rmse_of(linear, panel, train, {2}), 0.8 * both) << "the neighbour down the road says what comes";
  EXPECT_LT(rmse_of(boosted, panel, train, {2}), 0.8 * std::min(last, both));
}

TEST(ForecastModels, BetweenTwoHorizonsTheForecastRunsStraight) {
  const Panel panel = corridor({.days = 6});
  BoostedOptions options = small_trees();
  options.horizons = {1, 3};
  BoostedForecaster boosted(options);
  ASSERT_TRUE(boosted.fit(panel, 480, {1, 2, 3}));
  const auto said = boosted.predict(panel, {500});
  ASSERT_TRUE(said);
  for (std::size_t node = 0; node < panel.nodes; ++node)
    EXPECT_NEAR(said->block(0, 1)[node], (said->block(0, 0)[node] + said->block(0, 2)[node]) / 2, 1e-3);
}

TEST(ForecastModels, TheSameSeedMakesTheSameTreesAndTheyAreKeptAsBytes) {
  base::Rng rng(3);
  std::vector<float> rows, labels;
  for (int at = 0; at < 400; ++at) {
    for (int column = 0; column < 3; ++column) rows.push_back(float(rng.uniform()));
    if (at % 7 == 0) rows.back() = kNan;
    labels.push_back(rows[rows.size() - 3] > 0.5F ? 2.0F : -1.0F);
  }
  const BoosterOptions options{.rounds = 20, .depth = 3, .leaf_weight_least = 5, .seed = 9};
  const auto one = Booster::train({rows, 3}, labels, {}, options);
  const auto two = Booster::train({rows, 3}, labels, {}, options);
  ASSERT_TRUE(one && two);
  const auto said = one->predict({rows, 3});
  ASSERT_TRUE(said);
  EXPECT_EQ(*said, two->predict({rows, 3}).value());
  EXPECT_GT(one->importance(3)[0], 0.9);
  const auto bytes = one->to_bytes();
  ASSERT_TRUE(bytes);
  const auto back = Booster::from_bytes(*bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(*said, back->predict({rows, 3}).value());
  EXPECT_FALSE(Booster::from_bytes("no trees"));
  EXPECT_FALSE(Booster::train({rows, 3}, std::vector<float>(7), {}, options)) << "rows and labels do not match";
}

TEST(ForecastStack, WeighsWhatWasRightOnHeldOutTimeAndItsBandsHold) {
  const Panel panel = corridor({.days = 14, .noise = 2});
  const std::size_t train = std::size_t{11} * 96;
  StackedForecaster stack({.members = {[] { return std::make_unique<Seasonal>(); },
                                       [] {
                                         return std::make_unique<LinearForecaster>(
                                             LinearOptions{.features = small_features(), .row_share = 1});
                                       }}});
  ASSERT_TRUE(stack.fit(panel, train, {1, 2}));
  EXPECT_NEAR(std::accumulate(stack.weights(0).begin(), stack.weights(0).end(), 0.0), 1, 1e-9);
  EXPECT_GT(stack.weights(0)[1], 0.7) << "of the better one";
  const auto said = stack.predict(panel, range(train, panel.steps() - 2));
  ASSERT_TRUE(said);
  double inside = 0, below = 0, pairs = 0;
  for (std::size_t at = 0; at < said->origins.size(); ++at)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      const float forecast = said->block(at, 0)[node];
      const float truth = panel.at(said->origins[at] + 1, node);
      inside += truth >= stack.bands().quantile(0, node, forecast, 0) &&
                truth <= stack.bands().quantile(0, node, forecast, 2);
      below += truth < stack.bands().quantile(0, node, forecast, 1);
      pairs += 1;
    }
  EXPECT_NEAR(inside / pairs, 0.8, 0.06);
  EXPECT_NEAR(below / pairs, 0.5, 0.08);
}

TEST(ForecastModels, TooLittleToLearnFromIsRefused) {
  const Panel panel = corridor({.days = 2});
  BoostedForecaster boosted(small_trees());
  EXPECT_FALSE(boosted.fit(panel, 5, {1}));
  EXPECT_FALSE(boosted.fit(panel, panel.steps() + 1, {1}));
  EXPECT_FALSE(boosted.predict(panel, {20})) << "nothing was learned";
  CongestionForecaster jams({});
  EXPECT_FALSE(jams.fit(panel, {60, 60}, panel.steps(), {1})) << "free flow of two of eight stretches";
}

TEST(ForecastCongestion, IsASpeedUnderHalfOfFreeFlowForFifteenMinutes) {
  Panel panel;
  panel.nodes = 2;
  panel.values = {20, 20, 20, kNan, 40, kNan, 20, 20, 20, kNan, kNan, 20, 20, 20};
  const auto jam = congested(panel, {50, kNan}, {});
  const auto at = [&](std::size_t step) { return int(jam[step * 2]); };
  EXPECT_EQ(at(0), 0) << "one reading is none";
  EXPECT_EQ(at(1), 1);
  EXPECT_EQ(at(2), 0) << "40 is not under half of 50";
  EXPECT_EQ(at(4), 0);
  EXPECT_EQ(at(5), 1) << "20, 20 and nobody in between";
  EXPECT_EQ(at(6), 1);
  for (std::size_t step = 0; step < 7; ++step) EXPECT_EQ(jam[step * 2 + 1], 0) << "free flow is not known";
}

// Whatever comes after the origin, or on the day itself while that day is learned from, changes nothing in a row.
TEST(ForecastCongestion, ItsPastKnowsNothingOfWhatComes) {
  const Panel whole = corridor({.days = 6, .seed = 9});
  const std::vector<float> limit(whole.nodes, 45);
  const auto slow = [&](const Panel& panel) {
    std::vector<std::uint8_t> out;
    for (const float speed : panel.values) out.push_back(speed < 45 ? 1 : 0);
    return out;
  };
  const std::size_t origin = std::size_t{4} * 96 + 40, until = std::size_t{5} * 96;
  Panel other = whole;
  for (std::size_t at = (origin + 1) * whole.nodes; at < until * whole.nodes; ++at) other.values[at] = 1;
  std::vector<std::vector<float>> rows;
  for (const Panel* const panel : {&whole, &std::as_const(other)}) {
    const auto truth = slow(*panel);
    const CongestionPast past(*panel, truth, limit, until);
    std::vector<float> row(CongestionPast::kColumns);
    past.row(*panel, past.course(*panel, truth), origin, 4, 2, true, row.data());
    for (float& one : row) one = std::isnan(one) ? -1 : one;
    rows.push_back(row);
  }
  EXPECT_EQ(rows[0], rows[1]);
}

TEST(ForecastCongestion, ItsPastTellsHowLongItHasBeenSlowAndHowOftenAtThisHour) {
  Panel panel;
  panel.nodes = 1;
  panel.calendar = {.step_s = 1800, .slots_per_day = 48};
  for (int day = 0; day < 4; ++day)
    for (int slot = 0; slot < 48; ++slot) panel.values.push_back(slot >= 16 && slot < 20 ? 10.0F : 60.0F);
  std::vector<std::uint8_t> truth;
  for (const float speed : panel.values) truth.push_back(speed < 45 ? 1 : 0);
  const CongestionPast past(panel, truth, std::vector<float>{45}, panel.steps());
  const auto course = past.course(panel, truth);
  std::vector<float> row(CongestionPast::kColumns);
  past.row(panel, course, 3 * 48 + 18, 1, 0, false, row.data());
  EXPECT_EQ(row[0], 3) << "slow for three steps";
  EXPECT_EQ(row[2], 0) << "and congested";
  const float at_eight = row[9];
  past.row(panel, course, 3 * 48 + 30, 1, 0, false, row.data());
  EXPECT_EQ(row[0], 0);
  EXPECT_EQ(row[2], 11) << "steps since it was";
  EXPECT_GT(at_eight, 3 * row[9]) << "oftener about eight than in the afternoon";
}

TEST(ForecastCongestion, ProbabilitiesMeanWhatTheySay) {
  const Panel panel = corridor({.days = 16, .seed = 4});
  const std::vector<float> free_flow(panel.nodes, 90);  // half of it: 45
  CongestionOptions options{.features = small_features()};
  options.booster = {.rounds = 30, .depth = 4, .eta = 0.15, .leaf_weight_least = 10};
  options.quiet_share = 1;
  CongestionForecaster model(options);
  const std::size_t train = std::size_t{12} * 96;
  ASSERT_TRUE(model.fit(panel, free_flow, train, {2}));
  const auto said = model.predict(panel, range(train, panel.steps() - 2));
  ASSERT_TRUE(said);
  const auto truth = congested(panel, free_flow, options.definition);
  std::vector<float> probabilities;
  std::vector<std::uint8_t> came;
  CallCounts as_now;
  for (std::size_t at = 0; at < said->origins.size(); ++at)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      probabilities.push_back(said->block(at, 0)[node]);
      came.push_back(truth[(said->origins[at] + 2) * panel.nodes + node]);
      as_now.add(truth[said->origins[at] * panel.nodes + node] != 0, came.back() != 0);
    }
  const CallCounts called = count_calls(probabilities, came, model.threshold(0));
  EXPECT_GT(called.f1(), as_now.f1() + 0.05) << "better than that it stays as it is";
  EXPECT_LT(calibration_error(reliability(probabilities, came)), 0.04);
}

std::filesystem::path shared_data() {
  const char* const given = std::getenv("CITYLOOP_SHARED");
  return std::filesystem::path(given ? given : "../shared") / "data";
}

TEST(ForecastData, TheProtocolOfLosLoopGivesThePublishedPersistence) {
  if (!std::filesystem::exists(shared_data() / "forecast/los_speed.csv.gz"))
    GTEST_SKIP() << "no public data in " << shared_data();
  const auto panel = read_los_loop(shared_data());
  ASSERT_TRUE(panel) << panel.error().message;
  ASSERT_EQ(panel->nodes, 207U);
  ASSERT_EQ(panel->steps(), 2016U);
  const std::size_t train = panel->steps() * 8 / 10;
  ErrorSum errors;  // twelve steps in, three out, over all three
  for (std::size_t origin = train + 11; origin - train - 11 < panel->steps() - train - 15; ++origin)
    for (std::size_t h = 1; h <= 3; ++h)
      for (std::size_t node = 0; node < panel->nodes; ++node)
        errors.add(double(panel->at(origin, node)), double(panel->at(origin + h, node)));
  EXPECT_NEAR(errors.rmse(), 5.54, 0.005);
  EXPECT_NEAR(errors.mae(), 3.16, 0.005);
}

}  // namespace
}  // namespace cityloop::traffic
