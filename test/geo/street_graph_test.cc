#include "geo/street_graph.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <queue>

#include "base/rng.h"
#include "geo/street_weights.h"

namespace cityloop::geo {
namespace {

using enum TravelMode;
using testing::ElementsAre;
using testing::SizeIs;

// A town drawn in letters: each is a junction, a step to the right is 100 m east, a line down 100 m south.
constexpr double kStep_deg = 100 / (kEarthRadius_m * 3.14159265358979323846 / 180);

Position at(int x, int y) {
  return {kStep_deg * x, -kStep_deg * y};
}

std::uint64_t joint(int x, int y) {
  return std::uint64_t(x + 1000) * 100'000 + std::uint64_t(y + 1000);
}

Street street(std::vector<std::pair<int, int>> corners, ModeSet along = ModeSet::all(),
              ModeSet against = ModeSet::all(), double speed_kmh = 36) {
  Street out;
  out.street_class = StreetClass::residential;
  for (const auto& [x, y] : corners) {
    out.line.push_back(at(x, y));
    out.joints.push_back(joint(x, y));
  }
  out.speed_kmh = speed_kmh;
  out.along = along, out.against = against;
  return out;
}

StreetSpeeds as_signs_say() {
  StreetSpeeds out;
  out.car_share = 1;
  return out;
}

StreetGraphPtr graph_of(std::vector<Street> streets) {
  StreetNetwork network;
  network.streets = std::move(streets);
  return StreetGraph::make(network);
}

StreetSpot spot(const StreetGraph& graph, double x, double y, TravelMode mode = car, bool islands = false) {
  const auto found = graph.snap({kStep_deg * x, -kStep_deg * y}, mode, 500, islands);
  EXPECT_TRUE(found.has_value());
  return found.value_or(StreetSpot{});
}

double time_between(const StreetWeights& weights, const StreetSpot& from, const StreetSpot& to) {
  return weights.table({{from}}, {{to}}).time(0, 0);
}

//   A──B──C      two streets that cross at B
//      │
//      D
StreetGraphPtr crossing() {
  return graph_of({street({{0, 0}, {1, 0}, {2, 0}}), street({{1, 0}, {1, 1}})});
}

TEST(StreetGraph, NamesAreEnglishWhereTheSourceSaysAndElseAsWritten) {
  Street both = street({{0, 0}, {1, 0}}), written = street({{1, 0}, {2, 0}}), other = street({{2, 0}, {3, 0}});
  both.name = written.name = "江南大道", both.name_en = "Jiangnan Avenue";
  other.name = "Østergade";
  const auto graph = graph_of({both, written, other, street({{3, 0}, {4, 0}})});
  std::vector<std::pair<std::string, std::string>> names;
  for (StreetPiece piece = 0; piece < graph->pieces(); ++piece)
    names.emplace_back(graph->name(piece), graph->name_en(piece));
  EXPECT_THAT(names,
              testing::UnorderedElementsAre(std::pair("江南大道", "Jiangnan Avenue"), std::pair("江南大道", "江南大道"),
                                            std::pair("Østergade", "Østergade"), std::pair("", "")));
}

TEST(StreetGraph, StreetsAreCutWhereTheyMeetAndOnlyThere) {
  const auto graph = graph_of({street({{0, 0}, {1, 0}, {2, 0}, {3, 0}}), street({{2, 0}, {2, 1}})});
  EXPECT_EQ(graph->nodes(), 4u);
  ASSERT_EQ(graph->pieces(), 3u);
  EXPECT_NEAR(graph->piece(0).length_m, 200, 0.1);
  EXPECT_THAT(graph->line(0), SizeIs(3));
  EXPECT_NEAR(graph->length_m(), 400, 0.2);
}

TEST(StreetGraph, APositionIsTakenToTheNearestStreetThatItsModeMayUse) {
  const auto footpath = street({{0, 1}, {2, 1}}, ModeSet::of(foot), ModeSet::of(foot));
  const auto graph = graph_of({street({{0, 0}, {2, 0}}), footpath, street({{0, 0}, {0, 1}}), street({{2, 0}, {2, 1}})});
  const auto by_car = spot(*graph, 1.5, 0.8), on_foot = spot(*graph, 1.5, 0.8, foot);
  EXPECT_NEAR(by_car.beside_m, 50, 0.1);
  EXPECT_NEAR(on_foot.beside_m, 20, 0.1);
  EXPECT_NEAR(on_foot.share, 0.75, 0.001);
  EXPECT_FALSE(graph->snap(at(1, 9), car, 500).has_value()) << "no street is within 500 m";
}

TEST(StreetGraph, APositionFarBesideTheCityIsStillFound) {
  const auto graph = crossing();
  const auto found = graph->snap(at(-30, 0), car, 3100);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->beside_m, 3000, 1);
}

TEST(StreetWeights, TimeAndDistanceGoByTheStreetsAndNotByTheLine) {
  const auto graph = crossing();
  const auto weights = StreetWeights::make(graph, car, as_signs_say());
  const auto table = weights->table({{spot(*graph, 0, 0)}}, {{spot(*graph, 1, 1), spot(*graph, 2, 0)}});
  EXPECT_NEAR(table.time(0, 0), 20, 0.05);  // 36 km/h: ten metres a second
  EXPECT_NEAR(table.distance(0, 0), 200, 0.3);
  EXPECT_NEAR(table.distance(0, 1), 200, 0.3);
}

// A→→B     one way around a block: against it one goes around
// ↑  ↓
// D←←C
TEST(StreetWeights, AOneWayStreetIsGoneAroundByCarAndWalkedBothWays) {
  const ModeSet walk = ModeSet::of(foot);
  const auto graph =
      graph_of({street({{0, 0}, {1, 0}}, ModeSet::all(), walk), street({{1, 0}, {1, 1}}, ModeSet::all(), walk),
                street({{1, 1}, {0, 1}}, ModeSet::all(), walk), street({{0, 1}, {0, 0}}, ModeSet::all(), walk)});
  const auto a = spot(*graph, 0.5, 0), b = spot(*graph, 0.25, 0);
  const auto by_car = StreetWeights::make(graph, car, as_signs_say()), on_foot = StreetWeights::make(graph, foot);
  EXPECT_NEAR(by_car->table({{b}}, {{a}}).distance(0, 0), 25, 0.2);
  EXPECT_NEAR(by_car->table({{a}}, {{b}}).distance(0, 0), 375, 0.5);
  EXPECT_NEAR(on_foot->table({{a}}, {{b}}).distance(0, 0), 25, 0.2);
  const auto way = by_car->way(a, b);
  ASSERT_TRUE(way.has_value());
  EXPECT_NEAR(way->distance_m, 375, 0.5);
  EXPECT_THAT(way->arcs, ElementsAre(0u, 2u, 4u, 6u, 0u));
  EXPECT_THAT(way->line, SizeIs(6));
}

TEST(StreetWeights, AtADeadEndOneTurnsAround) {
  const auto graph = crossing();
  const auto weights = StreetWeights::make(graph, car, as_signs_say());
  const auto end = spot(*graph, 1, 1), out = spot(*graph, 0, 0);
  EXPECT_NEAR(time_between(*weights, out, end), 20, 0.05);
  EXPECT_NEAR(time_between(*weights, end, out), 20, 0.05);
}

TEST(StreetWeights, WhatNoWayLeadsToIsTold) {
  const auto graph = graph_of({street({{0, 0}, {3, 0}}), street({{0, 2}, {1, 2}})});
  ASSERT_THAT(graph->islands(car), SizeIs(1));
  EXPECT_NEAR(graph->islands(car)[0].length_m, 100, 0.2);
  const auto weights = StreetWeights::make(graph, car);
  const auto main = spot(*graph, 2, 0), island = spot(*graph, 1, 2, car, true);
  EXPECT_EQ(time_between(*weights, main, island), kNoStreet);
  EXPECT_FALSE(weights->way(main, island).has_value());
  EXPECT_NEAR(spot(*graph, 1, 2).beside_m, 200, 0.2) << "unless asked for, one stops where the main part is nearest";
}

TEST(StreetGraph, AOneWayStreetIntoNowhereIsNoPartOfTheWhole) {
  const auto trap = street({{1, 0}, {1, 1}}, ModeSet::of(car), {});
  const auto graph = graph_of({street({{0, 0}, {1, 0}, {2, 0}}), trap});
  EXPECT_THAT(graph->islands(car), SizeIs(1));
  EXPECT_TRUE(graph->islands(foot).empty());
}

TEST(StreetWeights, WhoLeavesTheStreetWalksTheRest) {
  const auto graph = graph_of({street({{0, 0}, {10, 0}})});
  StreetSpeeds speeds = as_signs_say();
  speeds.beside_kmh = 3.6;
  const auto weights = StreetWeights::make(graph, car, speeds);
  const auto table = weights->table({{spot(*graph, 0, 0)}}, {{spot(*graph, 10, 1)}});
  EXPECT_NEAR(table.time(0, 0), 100 + 100, 0.3);
  EXPECT_NEAR(table.distance(0, 0), 1100, 1);
}

// The quick way round against the slow street between.
TEST(StreetWeights, NewSpeedsChangeTheWayAndTheGraphStaysAsItIs) {
  const auto graph = graph_of({street({{0, 0}, {0, 1}, {1, 1}, {1, 0}}), street({{0, 0}, {1, 0}})});
  const auto quick = StreetWeights::make(graph, car, as_signs_say());
  const auto a = spot(*graph, 0, 0.1), b = spot(*graph, 1, 0.1);
  EXPECT_NEAR(quick->way(a, b)->distance_m, 120, 0.3);
  std::vector<float> jam(2 * graph->pieces());
  for (StreetPiece piece = 0; piece < graph->pieces(); ++piece) {
    if (graph->line(piece).size() == 2 && graph->position(graph->piece(piece).from).lat_deg == 0 &&
        graph->position(graph->piece(piece).to).lat_deg == 0)
      jam[arc_along(piece)] = 2;
  }
  StreetSpeeds speeds = as_signs_say();
  speeds.arcs_kmh = jam;
  const auto jammed = StreetWeights::make(graph, car, speeds);
  EXPECT_NEAR(jammed->way(a, b)->distance_m, 280, 0.5);
  EXPECT_NEAR(jammed->way(b, a)->distance_m, 120, 0.3) << "the other direction is free";
}

// Random towns, many of them in pieces and with one-way streets, loops and doubled streets.
std::vector<Street> random_town(base::Rng& rng) {
  std::vector<Street> out;
  const int side = 2 + int(rng.below(7));
  const auto modes = [&] {
    ModeSet set;
    for (const TravelMode mode : {foot, bicycle, car}) set.set(mode, rng.below(8) != 0);
    return set;
  };
  const std::size_t count = 1 + rng.below(3 * std::uint64_t(side) * std::uint64_t(side));
  for (std::size_t i = 0; i < count; ++i) {
    const int x = int(rng.below(std::uint64_t(side))), y = int(rng.below(std::uint64_t(side)));
    std::vector<std::pair<int, int>> corners{{x, y}};
    const std::size_t steps = 1 + rng.below(4);
    for (std::size_t step = 0; step < steps; ++step) {
      const int turn = int(rng.below(4));
      const auto [lx, ly] = corners.back();
      corners.emplace_back(lx + (turn == 0) - (turn == 1), ly + (turn == 2) - (turn == 3));
    }
    out.push_back(street(corners, modes(), rng.below(3) ? modes() : ModeSet{}, 5 + double(rng.below(60))));
  }
  return out;
}

// The same answers the plain way: every node is asked in order of time.
std::vector<double> plain_times(const StreetGraph& graph, const StreetWeights& weights, const StreetSpot& from) {
  std::vector<double> out(graph.nodes(), kNoStreet);
  using Entry = std::pair<double, StreetNode>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto reach = [&](StreetNode node, double time_s) {
    if (time_s < out[node]) out[node] = time_s, queue.emplace(time_s, node);
  };
  const auto leave = [&](StreetArc arc, double share) {
    if (weights.time_s(arc) < kNoStreet) reach(graph.head(arc), share * weights.time_s(arc));
  };
  leave(arc_along(from.piece), 1 - from.share);
  leave(arc_against(from.piece), from.share);
  while (!queue.empty()) {
    const auto [time_s, node] = queue.top();
    queue.pop();
    if (time_s > out[node]) continue;
    for (StreetArc arc = 0; arc < 2 * graph.pieces(); ++arc) {
      if (graph.tail(arc) == node && weights.time_s(arc) < kNoStreet)
        reach(graph.head(arc), time_s + weights.time_s(arc));
    }
  }
  return out;
}

double plain_time(const StreetGraph& graph, const StreetWeights& weights, const std::vector<double>& reached,
                  const StreetSpot& from, const StreetSpot& to) {
  double best = kNoStreet;
  const auto try_time = [&](double time_s) { best = std::min(best, time_s); };
  const StreetArc along = arc_along(to.piece), against = arc_against(to.piece);
  if (weights.time_s(along) < kNoStreet) try_time(reached[graph.tail(along)] + to.share * weights.time_s(along));
  if (weights.time_s(against) < kNoStreet)
    try_time(reached[graph.tail(against)] + (1 - to.share) * weights.time_s(against));
  if (from.piece == to.piece) {
    const double share = to.share - from.share;
    if (share >= 0 && weights.time_s(along) < kNoStreet) try_time(share * weights.time_s(along));
    if (share <= 0 && weights.time_s(against) < kNoStreet) try_time(-share * weights.time_s(against));
  }
  return best;
}

// What a way says must be what its arcs are, one after the other.
void expect_consistent(const StreetGraph& graph, const StreetWeights& weights, const StreetSpot& from,
                       const StreetSpot& to, const StreetWay& way) {
  double length_m = 0;
  for (std::size_t i = 0; i + 1 < way.line.size(); ++i) length_m += distance_m(way.line[i], way.line[i + 1]);
  EXPECT_NEAR(length_m, way.distance_m, 0.5);
  EXPECT_NEAR(distance_m(way.line.front(), from.on), 0, 0.1);
  EXPECT_NEAR(distance_m(way.line.back(), to.on), 0, 0.1);
  for (std::size_t i = 0; i < way.arcs.size(); ++i) {
    EXPECT_LT(weights.time_s(way.arcs[i]), kNoStreet) << "a closed street is on the way";
    if (i > 0) EXPECT_EQ(graph.head(way.arcs[i - 1]), graph.tail(way.arcs[i]));
  }
}

TEST(StreetWeights, OnRandomTownsTablesAndWaysAreThoseOfPlainSearch) {
  std::size_t ways = 0, none = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    base::Rng rng(seed);
    const auto graph = graph_of(random_town(rng));
    if (graph->pieces() == 0) continue;
    for (const TravelMode mode : {foot, car}) {
      StreetSpeeds speeds = as_signs_say();
      std::vector<float> now(2 * graph->pieces());
      for (float& kmh : now) kmh = rng.below(2) ? float(1 + rng.below(80)) : 0;
      speeds.arcs_kmh = now;
      const auto weights = StreetWeights::make(graph, mode, speeds);
      std::vector<StreetSpot> spots;
      for (int i = 0; i < 6; ++i)
        spots.push_back(
            {StreetPiece(rng.below(graph->pieces())), rng.below(4) ? rng.uniform() : double(rng.below(2)), {}, 0});
      for (StreetSpot& one : spots) {
        const auto snapped = graph->line(one.piece);
        one.on = one.share == 0 ? snapped.front() : snapped.back();
      }
      const StreetTable table = weights->table(spots, spots);
      for (std::size_t a = 0; a < spots.size(); ++a) {
        const auto reached = plain_times(*graph, *weights, spots[a]);
        for (std::size_t b = 0; b < spots.size(); ++b) {
          const double expected = plain_time(*graph, *weights, reached, spots[a], spots[b]);
          const auto way = weights->way(spots[a], spots[b]);
          ASSERT_EQ(way.has_value(), expected < kNoStreet) << "seed " << seed;
          ASSERT_EQ(table.time(a, b) < kNoStreet, expected < kNoStreet) << "seed " << seed;
          if (!way) {
            ++none;
            continue;
          }
          ++ways;
          ASSERT_NEAR(table.time(a, b), expected, 0.01) << "seed " << seed;
          ASSERT_NEAR(way->time_s, table.time(a, b), 0.0011) << "seed " << seed;
          const bool at_ends =
              (spots[a].share == 0 || spots[a].share == 1) && (spots[b].share == 0 || spots[b].share == 1);
          if (at_ends) expect_consistent(*graph, *weights, spots[a], spots[b], *way);
        }
      }
    }
  }
  EXPECT_GT(ways, 1000u);
  EXPECT_GT(none, 100u) << "the random towns must have places that no way leads to";
}

TEST(StreetWeights, ATableIsTheSameHoweverManyMakeIt) {
  base::Rng rng(9);
  const auto graph = graph_of(random_town(rng));
  const auto weights = StreetWeights::make(graph, car);
  std::vector<StreetSpot> spots;
  for (int i = 0; i < 100; ++i) spots.push_back({StreetPiece(rng.below(graph->pieces())), rng.uniform(), {}, 0});
  const StreetTable one = weights->table(spots, spots), three = weights->table(spots, spots, 3);
  EXPECT_EQ(one.time_s, three.time_s);
  EXPECT_EQ(one.distance_m, three.distance_m);
  std::vector<StreetEndsPtr> ready;
  for (const StreetSpot& spot : spots) ready.push_back(weights->prepare(spot));
  EXPECT_EQ(weights->table(ready, 2).time_s, one.time_s) << "places made ready beforehand";
}

TEST(StreetWeights, AnEmptyTownHasNoWays) {
  const auto graph = graph_of({});
  EXPECT_EQ(graph->nodes(), 0u);
  EXPECT_FALSE(graph->snap(at(0, 0), car, 1000).has_value());
  EXPECT_EQ(StreetWeights::make(graph, car)->table({}, {}).time_s.size(), 0u);
}

}  // namespace
}  // namespace cityloop::geo
