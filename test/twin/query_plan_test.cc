// The planned query against one that looks at everybody: random populations, updates, erasures and filters, and every
// state of the indexes. And how many entities a query looks at, which is what makes it fast, as a count.
#include "twin/query/plan.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "flow/own_types.h"
#include "test/twin/twin_fixture.h"
#include "twin/query/indexer.h"

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::EntityPtr;
using flow::Name;

const char* const kTypes[] = {"Vehicle", "Bus", "Tram"};

flow::Attribute random_attribute(base::Rng& rng, Name name) {
  constexpr const char* kTexts[] = {"red", "green", "2026-01-01T00:00:00Z", "2026-02-01", "08:30", ""};
  flow::Attribute out = flow::property(name, {});
  switch (rng.below(10)) {
    case 0: out.value = rng.below(2) == 1; break;
    case 1:
    case 2: out.value = std::string(kTexts[rng.below(6)]); break;
    case 3: out.value = flow::Json{R"([1,"red",7])"}; break;
    case 4: out.value = flow::Json{R"({"a":3})"}; break;
    case 5:
      out.kind = flow::AttributeKind::relationship;
      out.value = rng.below(4) ? std::string("urn:x:") + char('a' + char(rng.below(3))) : kTexts[2];
      break;
    case 6: break;  // null
    default: out.value = double(rng.below(20)) - 5; break;
  }
  return out;
}

flow::Attribute random_place(base::Rng& rng) {
  if (rng.below(6) > 0) return flow::geo_point(Name("location"), 10 + rng.uniform(0, 0.05), 56 + rng.uniform(0, 0.05));
  flow::Attribute out = flow::geo_point(Name("location"), 0, 0);
  const double lon = 10 + rng.uniform(0, 0.05), lat = 56 + rng.uniform(0, 0.05);
  out.value = flow::Json{
      fmt::format(R"({{"type":"LineString","coordinates":[[{},{}],[{},{}]]}})", lon, lat, lon + 0.01, lat + 0.005)};
  return out;
}

EntityPtr random_member(base::Rng& rng, EntityId id) {
  flow::Entity e;
  e.id = id;
  e.types = {Name(kTypes[rng.below(3)])};
  if (rng.below(8) == 0) {
    const Name more = rng.below(4) == 0 ? flow::kCaseType : Name(kTypes[rng.below(3)]);
    if (!e.is_a(more)) e.types.push_back(more);
  }
  if (rng.below(20) == 0) e.types = {flow::kFindingType};
  constexpr const char* kScopes[] = {"/a/b", "/a", "a/b/c", "/a/bc", "/b/x/y", "/b"};
  std::vector<Name> scopes;
  for (std::uint64_t n = rng.below(3) ? 0 : 1 + rng.below(2); n > 0; --n) scopes.emplace_back(kScopes[rng.below(6)]);
  e.scopes = std::move(scopes);
  for (const char* name : {"speed", "colour", "start"}) {
    if (rng.below(5) > 0) e.attributes.push_back(random_attribute(rng, Name(name)));
    if (rng.below(8) == 0) {
      e.attributes.push_back(random_attribute(rng, Name(name)));
      e.attributes.back().dataset_id = Name("urn:d:1");
    }
  }
  if (rng.below(5) > 0) e.attributes.push_back(random_place(rng));
  if (rng.below(10) == 0) {
    e.attributes.push_back(random_place(rng));
    e.attributes.back().dataset_id = Name("urn:d:1");
  }
  e.created_at = base::parse_time("2026-01-01T00:00:00Z").value();
  e.modified_at = e.created_at + std::chrono::hours(24) * rng.below(60);
  return std::make_shared<const flow::Entity>(std::move(e));
}

std::string random_term(base::Rng& rng) {
  constexpr const char* kNames[] = {"speed",   "colour",    "start",      "never",
                                    "speed.a", "colour[a]", "modifiedAt", "createdAt"};
  constexpr const char* kValues[] = {"3",
                                     "-2",
                                     "0",
                                     "7",
                                     "\"red\"",
                                     "\"green\"",
                                     "true",
                                     "2026-01-01T00:00:00Z",
                                     "\"2026-01-01T00:00:00Z\"",
                                     "\"2026-02-01\"",
                                     "2026-01-15",
                                     "08:30",
                                     "urn:x:a",
                                     "\"\"",
                                     "\"m\""};
  constexpr const char* kLists[] = {"1..5",         "3,7,\"red\"",
                                    "2..9,4..12",   "2026-01-01..2026-01-31",
                                    "\"a\"..\"n\"", "\"2026-01-01T00:00:00Z\"..\"2026-03-01T00:00:00Z\"",
                                    "-4..0,3..5",   "5..1"};
  const std::string name = kNames[rng.below(8)];
  switch (rng.below(10)) {
    case 0: return name;
    case 1: return "!" + name;
    case 2: return name + "~=\"re|20\"";
    case 3: return name + "!~=\"^g\"";
    case 4: return name + (rng.below(2) ? "==" : "!=") + kLists[rng.below(8)];
    default: break;
  }
  constexpr const char* kOrders[] = {"==", "!=", ">", ">=", "<", "<="};
  const char* op = kOrders[rng.below(6)];
  const char* value = kValues[rng.below(15)];
  if (std::string_view(value) == "true") op = "==";
  return name + op + value;
}

std::string random_q(base::Rng& rng, int depth = 0) {
  const std::uint64_t shape = rng.below(depth > 1 ? 2 : 5);
  if (shape < 2) return random_term(rng);
  if (shape < 4) return random_q(rng, depth + 1) + ";" + random_term(rng);
  return "(" + random_q(rng, depth + 1) + "|" + random_q(rng, depth + 1) + ")";
}

GeoFilter random_geo(base::Rng& rng) {
  GeoFilter out;
  const double lon = 10 + rng.uniform(0, 0.05), lat = 56 + rng.uniform(0, 0.05);
  out.relation = GeoRelation(rng.below(7));
  if (out.relation == GeoRelation::near || rng.below(4) == 0) {
    out.shape = geo::Shape::point({lon, lat});
    if (out.relation == GeoRelation::near && rng.below(5) > 0) out.distance_max_m = rng.uniform(0, 2500);
    if (rng.below(3) == 0 || !out.distance_max_m) out.distance_min_m = rng.uniform(0, 1500);
  } else {
    const double side = rng.uniform(0.002, 0.04);
    out.shape = geo::Shape{geo::ShapeKind::polygon,
                           {{{lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}, {lon, lat}}}};
  }
  if (rng.below(8) == 0) out.property = Name("elsewhere");
  return out;
}

EntityFilter random_filter(base::Rng& rng) {
  EntityFilter out;
  for (std::uint64_t n = rng.below(3); n > 0; --n) out.types.emplace_back(kTypes[rng.below(3)]);
  if (rng.below(12) == 0) out.types.push_back(flow::kFindingType);
  if (rng.below(3) > 0) out.q = Q::parse(random_q(rng)).value();
  if (rng.below(3) == 0) out.geo = random_geo(rng);
  if (rng.below(8) == 0) out.attributes = {Name("speed"), Name("never")};
  if (rng.below(8) == 0) out.attributes = {Name("start")};
  if (rng.below(8) == 0) {
    constexpr const char* kPatterns[] = {"[1-4]$", "^urn:plan:car:1", "^urn:plan:car:2.*3$", "^urn:plan:car:11?",
                                         "^urn:plan:c|9$"};
    out.id_pattern = kPatterns[rng.below(5)];
  }
  if (rng.below(8) == 0) {
    constexpr const char* kScopes[] = {"/a/b",  "/a/#",        "/#",          "/+/b",        "/a/+/c", "/never",
                                       "/a,/b", "(/a/b;/b/#)", "/a/b/#,/b/x", "/a/b/+,/b/#", "/+/#"};
    out.scopes = parse_scopes(kScopes[rng.below(11)]).value();
  }
  if (rng.below(10) == 0) {
    for (int i = 0; i < 60; ++i) out.ids.push_back(EntityId(fmt::format("urn:plan:car:{}", rng.below(900))));
  }
  out.public_only = rng.below(2) == 0;
  out.offset = rng.below(3) ? 0 : rng.below(120);
  out.limit = rng.below(40);
  out.count = out.limit == 0 || rng.below(3) == 0;
  return out;
}

class QueryPlan : public testing::Test {
 protected:
  void put(EntityId id, EntityPtr next) {
    const std::unique_lock lock(mutex_);
    if (next) model_[id] = next;
    else model_.erase(id);
    population_.put(id, std::move(next));
  }

  QueryPage naive(const EntityFilter& filter) const {
    std::vector<std::pair<Age, EntityPtr>> found;
    const Matcher matcher(filter);
    for (const auto& [id, entity] : model_) {
      if (matcher.matches(*entity)) found.emplace_back(population_.order(id), entity);
    }
    std::ranges::sort(found, {}, [](const auto& row) { return row.first; });
    QueryPage out;
    for (std::size_t i = filter.offset; i < found.size() && out.entities.size() < filter.limit; ++i) {
      out.entities.push_back(found[i].second);
    }
    if (filter.count) out.total = found.size();
    return out;
  }

  QueryTrace ask(const EntityFilter& filter, const QueryBounds& bounds = {}) {
    QueryTrace trace;
    const auto page = run_query(mutex_, population_, filter, trace, bounds);
    EXPECT_TRUE(page) << page.error().message;
    last_ = page.value_or(QueryPage{});
    return trace;
  }

  void expect_as_naive(const EntityFilter& filter, const QueryBounds& bounds, const std::string& context) {
    const QueryTrace trace = ask(filter, bounds);
    const QueryPage expected = naive(filter);
    const auto name = [&] {
      return fmt::format("{}: q '{}', way {}, offset {}, limit {}", context, filter.q ? filter.q->text() : "",
                         int(trace.way), filter.offset, filter.limit);
    };
    ASSERT_EQ(last_.entities.size(), expected.entities.size()) << name();
    for (std::size_t i = 0; i < expected.entities.size(); ++i) {
      ASSERT_EQ(last_.entities[i]->id, expected.entities[i]->id) << name() << ", at " << i;
    }
    ASSERT_EQ(last_.total, expected.total) << name();
    indexer_.want(trace.missed);
    ++ways_[trace.way];
  }

  FairMutex mutex_;
  Population population_;
  Indexer indexer_{mutex_, population_};
  std::map<EntityId, EntityPtr> model_;
  std::map<QueryWay, int> ways_;
  QueryPage last_;
};

TEST_F(QueryPlan, AnyFilterAnyPopulationAgainstLookingAtEverybody) {
  base::Rng rng(20260501);
  for (int round = 0; round < 4500; ++round) {
    const std::size_t wanted = (round / 1500) % 2 == 0 ? 900 : 150;
    const EntityId id(fmt::format("urn:plan:car:{}", rng.below(wanted)));
    for (int i = 0; i < 4; ++i) put(id, rng.below(wanted > 500 ? 6 : 2) ? random_member(rng, id) : nullptr);
    if (round % 40 == 0) {
      for (int i = 0; i < 40; ++i) {
        const EntityId other(fmt::format("urn:plan:car:{}", rng.below(wanted)));
        put(other, random_member(rng, other));
      }
    }
    if (round % 400 == 0) indexer_.wait_until_idle();
    QueryBounds bounds;
    if (rng.below(2)) bounds.per_lock = 1 + rng.below(50);
    expect_as_naive(random_filter(rng), bounds, fmt::format("round {}", round));
    if (HasFatalFailure()) return;
  }
  for (const QueryWay way : {QueryWay::ids, QueryWay::members, QueryWay::index, QueryWay::age}) {
    EXPECT_GT(ways_[way], 100) << int(way) << ": the test should go every way often";
  }
  EXPECT_GT(population_.indexes().size(), 8u);
}

TEST_F(QueryPlan, WhatWasLoadedIsFoundAsWhatWasPut) {
  base::Rng rng(7);
  for (int i = 0; i < 500; ++i) {
    const EntityId id(fmt::format("urn:plan:car:{}", i));
    model_[id] = random_member(rng, id);
    population_.load(model_[id], 5000 - std::uint64_t(i) * 3);
  }
  population_.settle();
  for (int i = 0; i < 600; ++i) {
    expect_as_naive(random_filter(rng), {}, fmt::format("loaded, {}", i));
    if (HasFatalFailure()) return;
    const EntityId id(fmt::format("urn:plan:car:{}", rng.below(600)));
    put(id, rng.below(4) ? random_member(rng, id) : nullptr);
  }
}

TEST_F(QueryPlan, OrdersAsAStableSortWould) {
  base::Rng rng(11);
  for (int i = 0; i < 700; ++i) {
    const EntityId id(fmt::format("urn:plan:car:{}", i));
    flow::Entity e = *random_member(rng, id);
    std::erase_if(e.attributes, [](const auto& a) { return a.name == Name("weight"); });
    if (rng.below(5)) e.attributes.push_back(flow::property(Name("weight"), double(rng.below(40))));
    put(id, std::make_shared<const flow::Entity>(e));
  }
  OrderKey weight;
  weight.path.attribute = Name("weight");
  const auto number = [](const EntityPtr& e) { return e->number(Name("weight")); };
  for (const bool indexed : {false, true}) {
    for (int i = 0; i < 40; ++i) {
      EntityFilter filter = random_filter(rng);
      filter.types = {Name("Vehicle")};
      weight.descending = rng.below(2) == 1;
      EntityFilter all = filter;
      all.offset = 0;
      all.limit = 100'000;
      std::vector<EntityPtr> expected = naive(all).entities;
      std::ranges::stable_sort(expected, [&](const EntityPtr& a, const EntityPtr& b) {
        if (!number(a) || !number(b)) return number(a) && !number(b);
        return weight.descending ? *number(a) > *number(b) : *number(a) < *number(b);
      });
      filter.order = {weight};
      indexer_.want(ask(filter).missed);
      const std::size_t end = std::min(expected.size(), filter.offset + filter.limit);
      const std::size_t begin = std::min(filter.offset, end);
      ASSERT_EQ(last_.entities, std::vector(expected.begin() + long(begin), expected.begin() + long(end)))
          << (filter.q ? filter.q->text() : "") << (indexed ? ", indexed" : "");
    }
    indexer_.wait_until_idle();
  }
}

TEST_F(QueryPlan, OrdersByDistanceAndByName) {
  for (int i = 0; i < 9; ++i) {
    const EntityId id(fmt::format("urn:plan:car:{}", i));
    flow::Entity e;
    e.id = id;
    e.types = {Name("Stop")};
    if (i != 4) e.attributes = {flow::geo_point(Name("location"), 10 + 0.01 * ((i * 5) % 9), 56)};
    put(id, std::make_shared<const flow::Entity>(e));
  }
  EntityFilter filter;
  OrderKey key;
  key.by = OrderBy::distance;
  key.from = geo::Shape::point({10, 56});
  filter.order = {key};
  ask(filter);
  std::string got;
  for (const EntityPtr& e : last_.entities) got += e->id.text().back();
  EXPECT_EQ(got, "026813574") << "by distance; the one without a place last";
  filter.order = {OrderKey{OrderBy::id, true}};
  filter.limit = 3;
  ask(filter);
  EXPECT_EQ(last_.entities.front()->id.text(), "urn:plan:car:8");
}

// The city of the bench: speed repeats every 120, so each value stands everywhere in the order of age.
class LargeQueryPlan : public QueryPlan {
 protected:
  static constexpr int kMany = 60'000;
  LargeQueryPlan() {
    for (int i = 0; i < kMany; ++i) {
      flow::Entity e;
      e.id = EntityId(fmt::format("urn:large:car:{}", i));
      e.types = {Name("Vehicle")};
      e.scopes = {Name(fmt::format("/City/District{}/Block{}", i % 10, i % 600))};
      e.attributes = {flow::property(Name("speed"), double(i % 120)),
                      flow::property(Name("brand"), std::string(i % 2 ? "Seat" : "Mercedes")),
                      flow::property(Name("odometer"), double(i)),
                      flow::geo_point(Name("location"), 13 + i % 250 * 0.001, 52 + std::floor(i / 250.0) * 0.001)};
      const EntityId id = e.id;
      population_.put(id, std::make_shared<const flow::Entity>(std::move(e)));
    }
  }
  EntityFilter filter(const char* q) const {
    EntityFilter out;
    out.types = {Name("Vehicle")};
    if (q) out.q = Q::parse(q).value();
    return out;
  }
  // After the index is there.
  QueryTrace settled(const EntityFilter& filter) {
    indexer_.want(ask(filter).missed);
    indexer_.wait_until_idle();
    return ask(filter);
  }
};

TEST_F(LargeQueryPlan, LooksAtNoMoreThanItMust) {
  struct Case {
    const char* q;
    std::size_t most;  // entities looked at for a page of 20
    std::size_t found;
  };
  const Case kCases[] = {
      {"speed>1000", 0, 0},
      {"speed==7", 20, 20},
      {"speed>118", 20, 20},
      {"speed>=60", 80, 20},
      {"speed>=0", 20, 20},
      {"speed==30..40", 260, 20},
      {"brand==\"Nobody\"", 0, 0},
      {"brand==\"Seat\"", 60, 20},
      {"brand!=\"Seat\"", 60, 20},
      {"odometer>59990", 9, 9},
      {"odometer>40000", 300, 20},
      {"odometer>40000;speed>=0", 300, 20},
      {"odometer<10", 10, 10},
      {"speed>=0;odometer==55555", 1, 1},
      {"brand==\"Seat\";speed==8", 600, 0},
      {"speed==7|odometer==3", 21, 20},
      {"!speed", 0, 0},
      {"never", 0, 0},
      {"speed", 20, 20},
  };
  for (const Case& c : kCases) {
    const QueryTrace trace = settled(filter(c.q));
    EXPECT_LE(trace.looked_at, c.most) << c.q << ", way " << int(trace.way);
    EXPECT_EQ(last_.entities.size(), c.found) << c.q;
  }
}

TEST_F(LargeQueryPlan, TheIndexCountsWithoutLooking) {
  const std::pair<const char*, std::size_t> kCases[] = {{"speed>=60", 30'000}, {"brand==\"Seat\"", 30'000},
                                                        {"odometer<10", 10},   {"odometer>40000", 19'999},
                                                        {"!brand", 0},         {"speed!=3", 59'500}};
  for (const auto& [q, total] : kCases) {
    EntityFilter counted = filter(q);
    counted.count = true;
    counted.limit = 1;
    const QueryTrace trace = settled(counted);
    EXPECT_EQ(last_.total, total) << q;
    EXPECT_LE(trace.looked_at, 3000u) << q;
  }
}

TEST_F(LargeQueryPlan, ScopesAreCountedAndFoundWithoutALookAtTheOthers) {
  struct Case {
    const char* scopes;
    std::size_t total, most;
  };
  for (const Case& c :
       {Case{"/City/District3/Block13", 100, 0}, Case{"/City/District3/#", 6000, 0}, Case{"/#", kMany, 0},
        Case{"/Nowhere/#", 0, 0}, Case{"/City/District3/Block13,/City/District4/Block14", 200, 200},
        Case{"(/City/District3/#;/City/District3/Block23)", 100, 100}, Case{"/City/District7/+", 6000, 6000}}) {
    EntityFilter in = filter(nullptr);
    in.scopes = parse_scopes(c.scopes).value();
    in.count = true;
    in.limit = 0;
    const QueryTrace trace = settled(in);
    EXPECT_EQ(last_.total, c.total) << c.scopes;
    EXPECT_LE(trace.looked_at, c.most) << c.scopes;
    in.count = false;
    in.limit = 20;
    EXPECT_LE(ask(in).looked_at, 400u) << c.scopes;
  }
}

TEST_F(LargeQueryPlan, IdsThatBeginAlikeAreFoundByTheirBeginning) {
  const std::tuple<const char*, std::size_t, std::size_t> kCases[] = {{"^urn:large:car:4711", 11, 11},
                                                                      {"^urn:large:car:4711$", 1, 11},
                                                                      {"^urn:large:car:47[01]", 222, 1111},
                                                                      {"^urn:large:car:none", 0, 0}};
  for (const auto& [pattern, total, most] : kCases) {
    EntityFilter alike = filter(nullptr);
    alike.id_pattern = pattern;
    alike.count = true;
    alike.limit = 5;
    const QueryTrace trace = settled(alike);
    EXPECT_EQ(last_.total, total) << pattern;
    EXPECT_LE(trace.looked_at, most) << pattern;
  }
}

TEST(Pattern, SaysWhatItBeginsWith) {
  const auto prefix = [](std::string_view text) { return Pattern::compile(text).value().literal_prefix(); };
  EXPECT_EQ(prefix("^urn:a:b:12.*"), "urn:a:b:12");
  EXPECT_EQ(prefix("^urn:a:b:12?"), "urn:a:b:1");
  EXPECT_EQ(prefix("^a\\.b{2}"), "a.");
  EXPECT_EQ(prefix("^湖滨路*"), "湖滨");
  EXPECT_EQ(prefix("^ab+"), "ab");
  EXPECT_EQ(prefix("^ab\\d"), "ab");
  for (const char* none : {"urn:a", "^a|b", "(?i)^a", "^(?i)ab", ".*", "^*", "^[a]b"}) {
    if (const auto pattern = Pattern::compile(none)) EXPECT_EQ(pattern->literal_prefix(), "") << none;
  }
}

TEST_F(LargeQueryPlan, PagesOfATypeAndTotalsLookAtNobody) {
  EntityFilter deep = filter(nullptr);
  deep.offset = 50'000;
  deep.count = true;
  EXPECT_EQ(ask(deep).looked_at, 0u);
  EXPECT_EQ(last_.entities.front()->id.text(), "urn:large:car:50000");
  for (int i = 0; i < 40'000; ++i) put(EntityId(fmt::format("urn:large:car:{}", i)), nullptr);
  deep.offset = 10'000;
  EXPECT_EQ(ask(deep).looked_at, 0u);
  EXPECT_EQ(last_.entities.front()->id.text(), "urn:large:car:50000");
  EXPECT_EQ(last_.total, 20'000u);
}

TEST_F(LargeQueryPlan, AroundAPlaceOnlyThePageIsLookedAt) {
  for (const double metres : {500.0, 5000.0, 50'000.0}) {
    EntityFilter around = filter(nullptr);
    around.geo.emplace();
    around.geo->shape = geo::Shape::point({13.12, 52.12});
    around.geo->distance_max_m = metres;
    const QueryTrace trace = ask(around);
    EXPECT_EQ(last_.entities.size(), 20u);
    EXPECT_LE(trace.looked_at, 30u) << metres;
  }
}

TEST_F(LargeQueryPlan, AroundAPlaceItCountsByCells) {
  EntityFilter around = filter(nullptr);
  around.geo.emplace();
  around.geo->shape = geo::Shape::point({13.12, 52.12});
  around.geo->distance_max_m = 5000;
  around.count = true;
  ask(around);
  const std::size_t total = *last_.total;
  const QueryTrace trace = settled(around);
  EXPECT_EQ(last_.total, total);
  EXPECT_GT(total, 5000u);
  EXPECT_LE(trace.looked_at, 40u) << "those on the page, and those on the very edge";
}

TEST_F(LargeQueryPlan, ALongWalkLetsGoOfTheLock) {
  EntityFilter nobody = filter(nullptr);
  nobody.id_pattern = "nobody";
  const QueryTrace trace = ask(nobody);
  EXPECT_EQ(trace.looked_at, std::size_t(kMany));
  EXPECT_GE(trace.locks, std::size_t(kMany) / 5000);
  QueryTrace stopped;
  QueryBounds bounds;
  bounds.time_max = base::Duration(0);
  const auto refused = run_query(mutex_, population_, nobody, stopped, bounds);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Errc::full);
}

TEST_F(LargeQueryPlan, TheLeastUsedIndexGoesWhenThereAreTooMany) {
  for (std::size_t i = 0; i < kIndexesMax + 5; ++i) {
    const IndexKey key{Name("Vehicle"), Name(fmt::format("attribute{}", i))};
    population_.indexes().begin(key, ~std::size_t{0});
    population_.indexes().complete(key);
    EXPECT_TRUE(population_.indexes().find({Name("Vehicle"), Name("attribute0")})) << "it is used all the while";
  }
  EXPECT_EQ(population_.indexes().size(), kIndexesMax);
  EXPECT_TRUE(population_.indexes().find({{}, Name("location"), IndexKind::places}));
  EXPECT_FALSE(population_.indexes().find({Name("Vehicle"), Name("attribute2")}));
}

// A writer, the indexer and readers at once: what every reader sees is what some moment held.
TEST_F(LargeQueryPlan, ReadersAndTheIndexerBesideAWriter) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    base::Rng rng(1);
    for (int i = 0; i < 20'000; ++i) {
      const EntityId id(fmt::format("urn:large:car:{}", rng.below(kMany)));
      const std::unique_lock lock(mutex_);
      flow::Entity e = *population_.get(id);
      e.attributes[0].value = double(rng.below(120));
      population_.put(id, std::make_shared<const flow::Entity>(std::move(e)));
    }
    done = true;
  });
  while (!done) {
    for (const char* q : {"speed>=0", "speed>1000", "brand==\"Seat\"", "speed==5"}) {
      EntityFilter asked = filter(q);
      asked.count = true;
      QueryTrace trace;
      const auto page = run_query(mutex_, population_, asked, trace);
      ASSERT_TRUE(page);
      for (const EntityPtr& entity : page->entities) EXPECT_TRUE(asked.q->matches(*entity)) << q;
      if (std::string_view(q) == "speed>=0") EXPECT_EQ(page->total, std::size_t(kMany));
      if (std::string_view(q) == "speed>1000") EXPECT_EQ(page->total, 0u);
      if (std::string_view(q) == "brand==\"Seat\"") EXPECT_EQ(page->total, std::size_t(kMany / 2));
      indexer_.want(trace.missed);
    }
  }
  writer.join();
  indexer_.wait_until_idle();
  EntityFilter asked = filter("speed==5");
  asked.count = true;
  ask(asked);
  std::size_t expected = 0;
  population_.each({}, [&](const EntityPtr& entity) {
    expected += asked.q->matches(*entity);
    return true;
  });
  EXPECT_EQ(last_.total, expected);
}

class QueryPlanTwin : public TwinFixture {};

TEST_F(QueryPlanTwin, AQueryThatLooksAtManyGetsAnIndexOnceAndAgainAfterARestart) {
  constexpr int kSome = 6000;
  for (int i = 0; i < kSome; i += 500) {
    Commit commit;
    for (int k = i; k < i + 500; ++k) {
      commit.writes.push_back(reading(fmt::format("urn:twin:{}", k), k % 120, clock_.now()));
    }
    twin_->commit(std::move(commit));
  }
  EntityFilter fast;
  fast.types = {Name("TrafficFlowObserved")};
  fast.q = Q::parse("speed>1000").value();
  fast.count = true;
  for (int start = 0; start < 2; ++start) {
    std::uint64_t looked_at = kSome;
    for (int i = 0; i < 1000 && looked_at > 0; ++i) {
      const auto before = twin_->query_stats().looked_at;
      EXPECT_EQ(twin_->query(fast)->total, 0u);
      looked_at = twin_->query_stats().looked_at - before;
      if (looked_at > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(looked_at, 0u);
    EXPECT_EQ(twin_->query_stats().indexes, 2u);
    put(reading("urn:twin:77", 2000, clock_.now(), flow::WriteMode::upsert));
    EXPECT_EQ(twin_->query(fast)->entities.size(), 1u);
    put(reading("urn:twin:77", 20, clock_.now(), flow::WriteMode::upsert));
    EXPECT_EQ(twin_->query(fast)->total, 0u);
    reopen();
  }
  std::size_t met = 0;
  twin_->each({}, [&](const EntityPtr& entity) {
    EXPECT_TRUE(twin_->get(entity->id)) << "a callback may ask the twin";
    return ++met < 5000;
  });
  EXPECT_EQ(met, 5000u);
}

}  // namespace
}  // namespace cityloop::twin
