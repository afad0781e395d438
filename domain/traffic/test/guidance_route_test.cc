// Ways: that they are matched to what is measured, that they are the quickest, and that advice is honest.
#include <queue>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/guidance/route_advice.h"
#include "domain/traffic/test/guidance_city.h"

namespace cityloop::traffic {
namespace {

using geo::StreetArc;
using geo::StreetSpot;

// The plain search, without bounds: what the quick one must agree with.
double plain_time_s(const StreetTimes& times, const StreetSpot& from, const StreetSpot& to, Times by, double depart_s,
                    const ArcFactors* closed = nullptr) {
  const geo::StreetGraph& graph = times.net().graph();
  const auto along = [](const StreetSpot& spot, StreetArc arc) { return arc % 2 ? 1 - spot.share : spot.share; };
  const auto open = [&](StreetArc arc) {
    return graph.may(arc, geo::TravelMode::car) && !(closed && closed->of(arc) > 1e9);
  };
  std::vector<double> clock_s(graph.nodes(), geo::kNoStreet);
  using Entry = std::pair<double, geo::StreetNode>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  double best_s = geo::kNoStreet;
  const auto reach = [&](StreetArc arc, double at_s, double share) {
    const double next_s = at_s + times.time_s(arc, by, at_s, share);
    if (next_s < clock_s[graph.head(arc)]) queue.emplace(clock_s[graph.head(arc)] = next_s, graph.head(arc));
  };
  for (const StreetArc arc : {geo::arc_along(from.piece), geo::arc_against(from.piece)}) {
    if (!open(arc)) continue;
    reach(arc, depart_s, along(from, arc));
    if (from.piece == to.piece && along(to, arc) >= along(from, arc))
      best_s = std::min(best_s, depart_s + times.time_s(arc, by, depart_s, along(from, arc), along(to, arc)));
  }
  while (!queue.empty()) {
    const auto [at_s, node] = queue.top();
    queue.pop();
    if (at_s > clock_s[node]) continue;
    for (const StreetArc arc : {geo::arc_along(to.piece), geo::arc_against(to.piece)}) {
      if (graph.tail(arc) == node && open(arc))
        best_s = std::min(best_s, at_s + times.time_s(arc, by, at_s, 0, along(to, arc)));
    }
    for (const StreetArc arc : times.net().out_of(node)) {
      if (open(arc)) reach(arc, at_s, 0);
    }
  }
  return best_s - depart_s;
}

struct Weighed {
  GuidanceCity city;
  SegmentCover cover;
  StreetTimesPtr times;
};

Weighed weigh(int side, std::uint64_t seed, int patches) {
  Weighed out{guidance_city(side, seed), {}, {}};
  out.cover = match_segments(out.city.graph, out.city.segments);
  out.times = StreetTimes::make(std::make_shared<StreetNet>(out.city.graph), out.cover,
                                patchy_speeds(out.city.segments, patches, seed + 1));
  return out;
}

TEST(GuidanceMatch, ASegmentIsFoundOnItsOwnArcInItsOwnDirection) {
  const GuidanceCity city = guidance_city(20, 3);
  const SegmentCover cover = match_segments(city.graph, city.segments);
  EXPECT_EQ(cover.report.segments, city.segments.size());
  std::size_t right = 0;
  for (std::size_t i = 0; i < city.segments.size(); ++i) {
    const std::string wanted =
        fmt::format("urn:ngsi-ld:TrafficFlowObserved:arc-{}", cover.arcs_of[i].empty() ? ~0U : cover.arcs_of[i][0]);
    right += cover.arcs_of[i].size() == 1 && city.segments[i].id.text() == wanted;
  }
  EXPECT_GT(right, city.segments.size() * 97 / 100);
  EXPECT_EQ(
      cover.report.matched +
          [&] {
            std::size_t missed = 0;
            for (const auto& [reason, miss] : cover.report.misses) missed += miss.count;
            return missed;
          }(),
      city.segments.size());
}

TEST(GuidanceMatch, WhatDoesNotFitIsCountedUnderItsReasonAndHidesNothing) {
  GuidanceCity city = guidance_city(8, 3, 1);
  const std::size_t sound = city.segments.size();
  Segment far = city.segments[0];
  far.id = flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:far");
  for (auto& at : far.line) at.lat_deg += 1;
  Segment point = city.segments[0];
  point.id = flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:point");
  point.line.resize(1);
  Segment longer = city.segments[0];
  longer.id = flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:longer");
  longer.length_m *= 9;
  for (const Segment& one : {far, point, longer}) city.segments.insert(city.segments.begin(), one);
  const SegmentCover cover = match_segments(city.graph, city.segments);
  EXPECT_GE(cover.report.matched, sound * 97 / 100);
  EXPECT_EQ(cover.report.misses.at("it has no line").example, "urn:ngsi-ld:TrafficFlowObserved:point");
  EXPECT_EQ(cover.report.misses.at("no street for cars is near an end").count, 1u);
  EXPECT_EQ(cover.report.misses.at("the way between its ends is far shorter than it").example,
            "urn:ngsi-ld:TrafficFlowObserved:longer");
}

TEST(GuidanceMatch, SegmentsAloneMakeStreetsWhereACityHasGivenNone) {
  // A ──▶ B ──▶ C, back on a line of its own, and an end 10 m beside B.
  std::vector<Segment> segments(4);
  const geo::Position a{10, 56}, b{10.01, 56}, c{10.02, 56}, near_b{10.0101, 56.00005};
  const geo::Position ends[4][2] = {{a, b}, {near_b, c}, {c, b}, {b, a}};
  for (std::size_t i = 0; i < 4; ++i) {
    segments[i].id = flow::EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:s{}", i));
    segments[i].line = {ends[i][0], ends[i][1]};
    segments[i].free_flow_kmh = 50;
  }
  const auto graph = geo::StreetGraph::make(streets_of_segments(segments));
  EXPECT_EQ(graph->nodes(), 3u);
  const SegmentCover cover = match_segments(graph, segments);
  EXPECT_THAT(cover.report.lines(), testing::IsEmpty());
  EXPECT_EQ(cover.report.matched, 4u);
  const StreetTimesPtr times = StreetTimes::make(std::make_shared<StreetNet>(graph), cover, {});
  RouteWorkspace space;
  const auto way = RouteFinder(times).find(
      {.from = *graph->snap(a, geo::TravelMode::car, 50), .to = *graph->snap(c, geo::TravelMode::car, 50)}, space);
  ASSERT_TRUE(way);
  EXPECT_NEAR(way->distance_m, geo::distance_m(a, c), 15);
}

TEST(GuidanceRoute, TheQuickSearchAgreesWithThePlainOneAtEveryDeparture) {
  const Weighed city = weigh(24, 5, 6);
  const RouteFinder finder(city.times);
  RouteWorkspace space;
  base::Rng rng(9);
  for (int i = 0; i < 120; ++i) {
    RouteQuestion ask{.from = random_spot(*city.city.graph, rng, 24), .to = random_spot(*city.city.graph, rng, 24)};
    ask.times = Times(rng.below(3));
    ask.depart_s = rng.uniform(0, 3000);
    ArcFactors closed;
    for (int k = 0; k < 30; ++k) closed.close(StreetArc(rng.below(2 * city.city.graph->pieces())));
    ask.factors = i % 2 ? &closed : nullptr;
    const auto found = finder.find(ask, space);
    const double plain_s = plain_time_s(*city.times, ask.from, ask.to, ask.times, ask.depart_s, ask.factors);
    ASSERT_EQ(found.has_value(), plain_s < geo::kNoStreet) << i;
    if (!found) continue;
    EXPECT_NEAR(found->time_s - found->beside_s, plain_s, 0.01) << i;
    EXPECT_NEAR(finder.time_s(*found, ask.times, ask.depart_s), found->time_s, 0.01) << i;
    for (std::size_t k = 1; k < found->arcs.size(); ++k)
      EXPECT_EQ(city.city.graph->head(found->arcs[k - 1]), city.city.graph->tail(found->arcs[k]));
    EXPECT_GE(finder.line(*found).size(), 2u);
  }
}

TEST(GuidanceRoute, AHastySearchCostsNoMoreThanItMayAndBoundsAreNotMixedUp) {
  const Weighed streets = weigh(40, 6, 12);
  const RouteFinder finder(streets.times);
  base::Rng rng(7);
  RouteWorkspace space;
  std::size_t exact_looked = 0, hasty_looked = 0;
  for (int i = 0; i < 60; ++i) {
    RouteQuestion ask{.from = random_spot(*streets.city.graph, rng, 40),
                      .to = random_spot(*streets.city.graph, rng, 40)};
    // In turn with usual times in one workspace, whose bounds must not be taken for the others'.
    ask.times = Times::usual;
    const auto usual = finder.find(ask, space);
    ask.times = Times::foreseen;
    const auto exact = finder.find(ask, space);
    exact_looked += space.settled();
    ask.haste = 1.2;
    const auto hasty = finder.find(ask, space);
    hasty_looked += space.settled();
    ASSERT_EQ(exact.has_value(), hasty.has_value());
    if (!exact) continue;
    EXPECT_NEAR(exact->time_s - exact->beside_s, plain_time_s(*streets.times, ask.from, ask.to, Times::foreseen, 0),
                0.05);
    EXPECT_NEAR(usual->time_s - usual->beside_s, plain_time_s(*streets.times, ask.from, ask.to, Times::usual, 0), 0.05);
    EXPECT_LE(hasty->time_s, 1.2 * exact->time_s + 0.05);
    EXPECT_GE(hasty->time_s, exact->time_s - 0.05);
  }
  EXPECT_LT(hasty_looked, exact_looked);
}

TEST(GuidanceRoute, WhoSetsOutLaterNeverArrivesEarlier) {
  const Weighed city = weigh(12, 6, 4);
  base::Rng rng(2);
  for (int i = 0; i < 3000; ++i) {
    const auto arc = StreetArc(rng.below(2 * city.city.graph->pieces()));
    if (!city.city.graph->may(arc, geo::TravelMode::car)) continue;
    const double first_s = rng.uniform(0, 3600), second_s = first_s + rng.uniform(0, 60);
    EXPECT_LE(first_s + city.times->time_s(arc, Times::foreseen, first_s),
              second_s + city.times->time_s(arc, Times::foreseen, second_s) + 1e-9);
  }
}

TEST(GuidanceRoute, OnACongestedUsualWayADetourIsAdvisedWithWhatItSaves) {
  // Two roads from west to east, the northern a little longer; the southern stands.
  //
  //   1 ─── north ─── 2
  //   │               │
  //   0 ─── south ─── 3
  geo::StreetNetwork streets;
  const geo::Position at[4] = {{10, 56}, {10, 56.003}, {10.05, 56.003}, {10.05, 56}};
  const std::tuple<int, int, const char*> kAll[] = {
      {0, 3, "南路"}, {0, 1, "West Street"}, {1, 2, "North Road"}, {2, 3, "East Street"}};
  for (const auto& [a, b, name] : kAll) {
    geo::Street street;
    street.name = name;
    if (a == 0 && b == 3) street.name_en = "South Road";
    street.street_class = geo::StreetClass::primary;
    street.speed_kmh = 50;
    street.along = street.against = geo::ModeSet::all();
    street.line = {at[a], at[b]};
    street.joints = {std::uint64_t(a), std::uint64_t(b)};
    streets.streets.push_back(street);
  }
  const auto graph = geo::StreetGraph::make(streets);
  std::vector<Segment> segments(1);
  segments[0].id = flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:south");
  segments[0].line = {at[0], at[3]};
  segments[0].free_flow_kmh = 35;
  const SegmentCover cover = match_segments(graph, segments);
  ASSERT_EQ(cover.report.matched, 1u);
  SegmentSpeeds speeds;
  speeds.usual = {35};
  speeds.periods = {std::vector<float>{8}, {8}, {8}, {35}};
  const auto net = std::make_shared<StreetNet>(graph);
  const auto weighed = [&] { return RouteFinder(StreetTimes::make(net, cover, speeds)); };
  RouteWish wish{*graph->snap(at[0], geo::TravelMode::car, 50), *graph->snap(at[3], geo::TravelMode::car, 50)};
  RouteWorkspace space;
  const auto advice = advise(weighed(), wish, space);
  ASSERT_TRUE(advice);
  EXPECT_EQ(advice->code, AdviceCode::detour);
  ASSERT_TRUE(advice->usual);
  const RouteOption& usual = advice->options[*advice->usual];
  EXPECT_NEAR(advice->saved_s, usual.foreseen_s - advice->options[0].foreseen_s, 1e-9);
  EXPECT_GT(advice->saved_s, 300);
  ASSERT_EQ(usual.slow.size(), 1u);
  EXPECT_EQ(usual.slow[0].name, (flow::Bilingual{"南路", "South Road"}));
  EXPECT_THAT(advice->why.en, testing::HasSubstr("South Road is slow"));
  EXPECT_THAT(advice->why.zh, testing::HasSubstr("南路拥堵"));
  // An hour later it flows again: go as usual.
  wish.depart_s = 3600;
  EXPECT_EQ(advise(weighed(), wish, space)->code, AdviceCode::usual_way);
  // And where it is closed, nobody is sent there though it flows.
  ArcFactors closed;
  for (const StreetArc arc : cover.arcs_of[0]) closed.close(arc);
  wish.closed = &closed;
  const auto around = advise(weighed(), wish, space);
  ASSERT_TRUE(around);
  EXPECT_EQ(around->code, AdviceCode::closed);
  EXPECT_FALSE(around->usual);
  for (const RouteOption& one : around->options)
    for (const StreetArc arc : one.route.arcs) EXPECT_LT(closed.of(arc), 2);
}

TEST(GuidanceRoute, OtherWaysAreNotMuchLongerAndShareLittle) {
  const Weighed city = weigh(30, 11, 5);
  const RouteFinder finder(city.times);
  RouteWorkspace space;
  base::Rng rng(4);
  const AdviceOptions options;
  std::size_t others = 0;
  for (int i = 0; i < 40; ++i) {
    const RouteWish wish{random_spot(*city.city.graph, rng, 30), random_spot(*city.city.graph, rng, 30), 0, nullptr};
    const auto advice = advise(finder, wish, space, options);
    ASSERT_TRUE(advice);
    EXPECT_TRUE(std::ranges::is_sorted(advice->options, {}, &RouteOption::foreseen_s));
    for (std::size_t k = 1; k < advice->options.size(); ++k) {
      if (advice->usual == k) continue;
      const RouteOption& one = advice->options[k];
      EXPECT_LE(one.foreseen_s, options.stretch_max * advice->options[0].foreseen_s + 1);
      ++others;
    }
    EXPECT_GE(advice->saved_s, 0);
  }
  EXPECT_GT(others, 20u);
}

}  // namespace
}  // namespace cityloop::traffic
