#include "twin/history/temporal_query.h"

#include <map>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace cityloop::twin {
namespace {

using flow::Instant;
using Parameters = std::map<std::string, std::string, std::less<>>;

base::Result<TemporalQuery> parse(const Parameters& given, TemporalNeeds needs = {}) {
  return parse_temporal(
      [&](std::string_view name) -> std::optional<std::string_view> {
        const auto found = given.find(name);
        return found == given.end() ? std::nullopt : std::optional<std::string_view>(found->second);
      },
      needs);
}

Instant at(std::string_view text) {
  return base::parse_time(text).value();
}

TEST(TemporalQuery, StretchesOfTime) {
  const auto none = parse({}).value();
  EXPECT_EQ(none.from(), flow::kNever);
  EXPECT_EQ(none.to(), Instant::max());
  const auto after = parse({{"timerel", "after"}, {"timeAt", "2020-01-01T00:00:00Z"}}).value();
  EXPECT_EQ(after.from(), at("2020-01-01T00:00:00Z"));
  const auto before = parse({{"timerel", "before"}, {"timeAt", "2020-01-01T00:00:00Z"}}).value();
  EXPECT_EQ(before.to(), at("2020-01-01T00:00:00Z"));
  const auto between = parse({{"timerel", "between"},
                              {"timeAt", "2020-01-01T00:00:00+01:00"},
                              {"endTimeAt", "2020-01-02T00:00:00.5Z"},
                              {"timeproperty", "modifiedAt"},
                              {"lastN", "7"}})
                           .value();
  EXPECT_EQ(between.from(), at("2019-12-31T23:00:00Z"));
  EXPECT_EQ(between.to(), at("2020-01-02T00:00:00.5Z"));
  EXPECT_EQ(between.property, TimeProperty::modified_at);
  EXPECT_EQ(between.last_n, 7u);
}

TEST(TemporalQuery, RefusesWhatIsIncompleteOrMalformedByTheParametersName) {
  const Parameters good{{"timerel", "after"}, {"timeAt", "2020-01-01T00:00:00Z"}};
  const std::vector<std::pair<std::string, Parameters>> cases{
      {"timeAt", {{"timerel", "after"}}},
      {"timerel", {{"timeAt", "2020-01-01T00:00:00Z"}}},
      {"timerel", {{"timerel", "since"}, {"timeAt", "2020-01-01T00:00:00Z"}}},
      {"endTimeAt", {{"timerel", "between"}, {"timeAt", "2020-01-01T00:00:00Z"}}},
      {"timeAt", {{"timerel", "after"}, {"timeAt", "2020-01-01"}}},
      {"timeAt", {{"timerel", "after"}, {"timeAt", "2020-01-01T00:00:00"}}},
      {"timeAt", {{"timerel", "after"}, {"timeAt", "2020-13-01T00:00:00Z"}}},
      {"timeAt", {{"timerel", "after"}, {"timeAt", "yesterday"}}},
      {"endTimeAt", {{"timerel", "between"}, {"timeAt", "2020-01-01T00:00:00Z"}, {"endTimeAt", "x"}}},
      {"timeproperty", {{"timeproperty", "expiresAt"}}},
      {"lastN", {{"lastN", "0"}}},
      {"lastN", {{"lastN", "-1"}}},
      {"lastN", {{"lastN", "many"}}},
      {"aggrMethods", {{"aggrMethods", "median"}}},
      {"aggrMethods", {{"aggrMethods", "avg,"}}},
      {"aggrMethods", {{"aggrMethods", ""}}},
      {"aggrPeriodDuration", {{"aggrMethods", "avg"}, {"aggrPeriodDuration", "1h"}}},
  };
  EXPECT_TRUE(parse(good));
  for (const auto& [name, given] : cases) {
    const auto refused = parse(given);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, base::Errc::invalid);
    EXPECT_TRUE(refused.error().message.starts_with(name)) << refused.error().message;
  }
  EXPECT_FALSE(parse({}, {.relation = true}));
  EXPECT_FALSE(parse(good, {.aggregated = true}));
}

TEST(TemporalQuery, PeriodsAreDurationsOfISO8601) {
  EXPECT_EQ(Period::parse("P3Y6M4DT12H30M5S")->months, 42);
  EXPECT_EQ(Period::parse("P3Y6M4DT12H30M5S")->rest, std::chrono::seconds(4 * 86'400 + 12 * 3600 + 30 * 60 + 5));
  EXPECT_EQ(Period::parse("P2W")->rest, std::chrono::hours(14 * 24));
  EXPECT_EQ(Period::parse("PT0.5S")->rest, std::chrono::milliseconds(500));
  EXPECT_TRUE(Period::parse("PT0S")->whole());
  EXPECT_TRUE(Period::parse("P0D")->whole());
  for (const char* const bad : {"", "P", "PT", "P1", "1D", "PT1D", "P1H", "P1DT", "P-1D", "P1D2Y", "PTT1S", "P1.5D",
                                "P1..S", "PT1S1S", "P99999999999999999999D", "P999999999Y"}) {
    EXPECT_FALSE(Period::parse(bad)) << bad;
  }
}

TEST(TemporalQuery, MonthsAreAsLongAsTheCalendarHasThem) {
  const Period month = Period::parse("P1M").value();
  const Instant origin = at("2020-01-31T06:00:00Z");
  EXPECT_EQ(month.start(origin, 1), at("2020-02-29T06:00:00Z"));
  EXPECT_EQ(month.start(origin, 2), at("2020-03-31T06:00:00Z"));
  EXPECT_EQ(month.nth(origin, at("2020-02-29T05:59:59Z")), 0);
  EXPECT_EQ(month.nth(origin, at("2020-02-29T06:00:00Z")), 1);
  EXPECT_EQ(month.nth(origin, at("2030-01-31T06:00:00Z")), 120);
  const Period hour = Period::parse("PT1H").value();
  EXPECT_EQ(hour.nth(origin, origin + std::chrono::minutes(121)), 2);
}

std::string aggregate(const Parameters& given, const std::vector<std::pair<int, flow::Value>>& values,
                      Instant origin = flow::kNever, Instant last = flow::kNever) {
  const auto query = parse(given).value();
  Aggregation sums(query, origin, last);
  for (const auto& [minute, value] : values) {
    sums.add(at("2020-01-01T00:00:00Z") + std::chrono::minutes(minute), value, flow::AttributeKind::property);
  }
  base::JsonWriter out;
  out.object();
  sums.write(out);
  out.end();
  return out.take();
}

TEST(TemporalQuery, NumbersAreSummedUpByPeriod) {
  EXPECT_EQ(
      aggregate(
          {{"aggrMethods", "totalCount,distinctCount,sum,avg,min,max,stddev,sumsq"}, {"aggrPeriodDuration", "PT1H"}},
          {{0, 2.0}, {10, 4.0}, {20, 4.0}, {30, 4.0}, {40, 5.0}, {45, 5.0}, {50, 7.0}, {59, 9.0}, {180, 1.0}}),
      R"({"totalCount":[[8,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[1,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]],)"
      R"("distinctCount":[[5,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[1,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]],)"
      R"("sum":[[40,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[1,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]],)"
      R"("avg":[[5,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[1,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]],)"
      R"("min":[[2,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[1,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]],)"
      R"("max":[[9,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[1,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]],)"
      R"("stddev":[[2,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[0,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]],)"
      R"("sumsq":[[232,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"],[1,"2020-01-01T03:00:00Z","2020-01-01T04:00:00Z"]]})");
}

TEST(TemporalQuery, WithoutAPeriodTheWholeStretchIsOne) {
  EXPECT_EQ(aggregate({{"aggrMethods", "avg"}}, {{0, 1.0}, {60, 3.0}}, at("2019-12-31T00:00:00Z"),
                      at("2020-02-01T00:00:00Z")),
            R"({"avg":[[2,"2019-12-31T00:00:00Z","2020-02-01T00:00:00Z"]]})");
  EXPECT_EQ(aggregate({{"aggrMethods", "avg"}, {"aggrPeriodDuration", "P0D"}}, {{0, 1.0}, {60, 3.0}}),
            R"({"avg":[[2,"2020-01-01T00:00:00Z","2020-01-01T01:00:00Z"]]})");
}

TEST(TemporalQuery, OtherValuesAreSummedUpAsFarAsItMeansSomething) {
  const Parameters methods{{"aggrMethods", "totalCount,distinctCount,sum,max"}};
  EXPECT_EQ(aggregate(methods, {{0, std::string("b")}, {1, std::string("a")}, {2, std::string("b")}}),
            R"({"totalCount":[[3,"2020-01-01T00:00:00Z","2020-01-01T00:02:00Z"]],)"
            R"("distinctCount":[[2,"2020-01-01T00:00:00Z","2020-01-01T00:02:00Z"]],"sum":[],)"
            R"("max":[["b","2020-01-01T00:00:00Z","2020-01-01T00:02:00Z"]]})");
  EXPECT_EQ(aggregate(methods, {{0, true}, {1, false}, {2, true}}),
            R"({"totalCount":[[3,"2020-01-01T00:00:00Z","2020-01-01T00:02:00Z"]],)"
            R"("distinctCount":[[2,"2020-01-01T00:00:00Z","2020-01-01T00:02:00Z"]],)"
            R"("sum":[[2,"2020-01-01T00:00:00Z","2020-01-01T00:02:00Z"]],)"
            R"("max":[[1,"2020-01-01T00:00:00Z","2020-01-01T00:02:00Z"]]})");
  EXPECT_EQ(
      aggregate({{"aggrMethods", "max"}}, {{0, flow::Json{R"([1,[2,"a,]"],{"b":[3,4]}])"}}, {1, flow::Json{"[]"}}}),
      R"({"max":[[3,"2020-01-01T00:00:00Z","2020-01-01T00:01:00Z"]]})");
  EXPECT_EQ(aggregate({{"aggrMethods", "max,totalCount"}}, {{0, flow::Json{R"({"a":1})"}}}),
            R"({"max":[],"totalCount":[[1,"2020-01-01T00:00:00Z","2020-01-01T00:00:00Z"]]})");
}

TEST(TemporalQuery, RandomBytesAreRefusedOrReadAndNeverHarm) {
  base::Rng rng(20'26);
  constexpr std::string_view kSeeds[] = {"between",
                                         "2020-01-01T00:00:00Z",
                                         "2020-01-01T00:00:00.123+05:30",
                                         "observedAt",
                                         "17",
                                         "avg,min,totalCount",
                                         "P1Y2M3DT4H5M6.5S",
                                         "PT0S"};
  constexpr std::string_view kNames[] = {"timerel", "timeAt",      "endTimeAt",         "timeproperty",
                                         "lastN",   "aggrMethods", "aggrPeriodDuration"};
  std::size_t read = 0;
  for (int round = 0; round < 100'000; ++round) {
    Parameters given;
    for (const std::string_view name : kNames) {
      if (rng.below(3) == 0) continue;
      std::string text(kSeeds[rng.below(std::size(kSeeds))]);
      for (std::uint64_t i = rng.below(4); i > 0 && !text.empty(); --i) {
        const auto where = rng.below(text.size());
        switch (rng.below(3)) {
          case 0: text[where] = char(rng.next()); break;
          case 1: text.erase(where, 1 + rng.below(3)); break;
          default: text.insert(where, 1, char(rng.next()));
        }
      }
      given.emplace(name, std::move(text));
    }
    const auto query = parse(given);
    if (!query) {
      EXPECT_EQ(query.error().code, base::Errc::invalid);
      EXPECT_LT(query.error().message.size(), 200u);
      continue;
    }
    ++read;
    if (!query->period.whole()) {
      const auto nth = query->period.nth(at("2000-01-31T00:00:00Z"), at("2026-05-01T00:00:00Z"));
      EXPECT_GE(nth, 0);
    }
  }
  EXPECT_GT(read, 100u);
}

}  // namespace
}  // namespace cityloop::twin
