#include "decide/rule/sample_window.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "decide/rule/usual.h"
#include "stream.h"

namespace cityloop::decide::test {
namespace {

// What the window should say, from all samples and by the definition.
double naive(std::vector<double> values, Aggregate what, double percentile) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (const double v : values) sum += v;
  switch (what) {
    case Aggregate::count: return double(values.size());
    case Aggregate::sum: return sum;
    case Aggregate::avg: return sum / double(values.size());
    case Aggregate::min: return values.empty() ? std::nan("") : values.front();
    case Aggregate::max: return values.empty() ? std::nan("") : values.back();
    case Aggregate::percentile: break;
  }
  if (values.empty()) return std::nan("");
  const double place = percentile / 100 * double(values.size() - 1);
  const double low = values[std::size_t(std::floor(place))];
  const double high = values[std::size_t(std::ceil(place))];
  return low + (high - low) * (place - std::floor(place));
}

TEST(SampleWindow, SaysWhatANaiveComputationSays) {
  constexpr Aggregate kAll[] = {Aggregate::avg, Aggregate::min,   Aggregate::max,
                                Aggregate::sum, Aggregate::count, Aggregate::percentile};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    base::Rng rng(seed);
    SampleWindow window(true);
    std::map<std::int64_t, double> all;
    std::int64_t clock = 0;
    const std::int64_t span = 50;
    for (int i = 0; i < 2000; ++i) {
      const std::int64_t t = std::max<std::int64_t>(1, clock + std::int64_t(rng.below(12)) - 6);
      clock = std::max(clock, t);
      if (t > clock - span) {
        const double value = rng.uniform(-1e3, 1e3) * (rng.below(50) == 0 ? 1e6 : 1);
        window.insert(t, value, 4096);
        all[t] = value;
      }
      window.drop_until(clock - span);
      std::erase_if(all, [&](const auto& sample) { return sample.first <= clock - span; });
      std::vector<double> values;
      for (const auto& [at, value] : all) values.push_back(value);
      for (const Aggregate what : kAll) {
        const double wanted = naive(values, what, 90);
        const double got = window.aggregate(what, 90);
        ASSERT_NEAR(got, wanted, 1e-6 * (1 + std::fabs(wanted))) << to_string(what) << " at " << i;
      }
      if (i % 100 == 0) {
        base::ByteWriter out;
        window.save(out);
        SampleWindow copy(true);
        base::ByteReader in(out.view());
        copy.load(in);
        ASSERT_TRUE(in.ok() && in.at_end());
        window = copy;
      }
    }
  }
}

TEST(SampleWindow, TheOrderOfComingDoesNotMatter) {
  base::Rng rng(5);
  std::vector<Sample> samples;
  for (int i = 0; i < 200; ++i) samples.push_back({i * 10, double(rng.below(1000))});
  SampleWindow ordered(true);
  for (const Sample& s : samples) ordered.insert(s.at_us, s.value, 4096);
  for (std::size_t i = samples.size() - 1; i > 0; --i) std::swap(samples[i], samples[rng.below(i + 1)]);
  SampleWindow shuffled(true);
  for (const Sample& s : samples) shuffled.insert(s.at_us, s.value, 4096);
  for (const std::int64_t until : {-1, 500, 1985, 5000}) {
    ordered.drop_until(until);
    shuffled.drop_until(until);
    EXPECT_EQ(ordered.size(), shuffled.size());
    for (const Aggregate what : {Aggregate::sum, Aggregate::count}) {
      EXPECT_EQ(ordered.aggregate(what, 0), shuffled.aggregate(what, 0));
    }
    if (!ordered.empty())
      EXPECT_EQ(ordered.aggregate(Aggregate::percentile, 33), shuffled.aggregate(Aggregate::percentile, 33));
  }
}

TEST(SampleWindow, IsBounded) {
  SampleWindow window(false);
  std::size_t crowded_out = 0;
  for (int i = 0; i < 100; ++i) crowded_out += window.insert(i, 1, 10);
  EXPECT_EQ(window.size(), 10u);
  EXPECT_EQ(crowded_out, 90u);
  EXPECT_EQ(window.oldest().at_us, 90);
  EXPECT_EQ(window.aggregate(Aggregate::sum, 0), 10);
}

// The whole way: a rule's findings carry the aggregate that the readings so far give, late ones in their place.
TEST(SampleWindow, TheRulesWindowIsThatOfTheReadings) {
  for (const std::string what : {"avg", "sum", "max", "percentile"}) {
    base::Rng rng(77);
    Stream city(head("w", "window") + fmt::format("type = \"A\"\nattribute = \"x\"\naggregate = \"{}\"\n{}window = "
                                                  "\"60s\"\ncondition = \"window>7\"\n",
                                                  what, what == "percentile" ? "percentile = 60\n" : ""));
    std::map<Instant, double> all;
    double now = 0;
    std::size_t checked = 0;
    for (int i = 0; i < 3000; ++i) {
      now += rng.uniform(0, 20);
      const double observed = std::floor((rng.below(3) == 0 ? now - rng.uniform(0, 50) : now) * 1000) / 1000;
      const double value = what == "sum" ? rng.uniform(0, 4) : rng.uniform(0, 12);
      const std::size_t before = city.written.size();
      city.read("urn:ngsi-ld:A:1", "x", value, observed, now - observed);
      all[at(observed)] = value;
      if (city.written.size() == before || city.written.back().cleared_at != kNever) continue;
      const auto why = Stream::json(city.written.back().why);
      const Instant then = city.written.back().opened_at;
      std::vector<double> values;
      for (const auto& [t, v] : all) {
        if (t > then - std::chrono::seconds(60) && t <= then) values.push_back(v);
      }
      ASSERT_EQ(why.find("details")->number_or("samples", 0), double(values.size()));
      const Aggregate aggregate = what == "avg"   ? Aggregate::avg
                                  : what == "sum" ? Aggregate::sum
                                  : what == "max" ? Aggregate::max
                                                  : Aggregate::percentile;
      ASSERT_NEAR(why.number_or("window", 0), naive(values, aggregate, 60), 1e-9);
      ++checked;
    }
    EXPECT_GT(checked, 50u) << what;
  }
}

TEST(Usual, KnowsMedianAndDeviationOfAnHour) {
  Unusual rule;
  rule.samples_per_hour = 3;
  rule.weeks_kept = 2;
  Usual usual;
  const LocalHour hour{10, 0};
  for (int i = 0; i < 6; ++i) usual.learn(rule, hour, i * 600'000'000ll, i);  // every ten minutes: each second is kept
  Usual::Sight sight = usual.look(rule, {10, 1});
  EXPECT_EQ(sight.samples, 3u);
  EXPECT_EQ(sight.median, 2);
  EXPECT_EQ(sight.mad, 2);
  EXPECT_EQ(sight.weeks, 1u);
  EXPECT_EQ(usual.look(rule, hour).weeks, 0u) << "this week's own do not count";
  for (int week = 1; week < 5; ++week) {
    for (int i = 0; i < 3; ++i) usual.learn(rule, {10, week}, (week * 100ll + i) * 3'600'000'000, 100 + i);
  }
  sight = usual.look(rule, {10, 9});
  EXPECT_EQ(sight.samples, 6u) << "the oldest are gone";
  EXPECT_EQ(sight.median, 101);
  EXPECT_EQ(usual.look(rule, {11, 9}).samples, 0u);
}

TEST(Usual, TheHourOfTheWeekIsTheCitysOwn) {
  const auto hour =
      local_hour(base::TimeZone::load("Europe/Copenhagen").value(), base::parse_time("2014-08-24T22:30:00Z").value());
  EXPECT_EQ(hour.of_week, 0u) << "Monday, half past midnight";
  EXPECT_EQ(local_hour(base::TimeZone::utc(), base::parse_time("1970-01-01T00:00:00Z").value()).of_week, 72u);
  EXPECT_EQ(local_hour(base::TimeZone::utc(), base::parse_time("1969-12-28T23:00:00Z").value()).of_week, 167u);
}

}  // namespace
}  // namespace cityloop::decide::test
