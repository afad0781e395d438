// The planned query against one that looks at everybody: random populations, updates, erasures and filters, and every
// state of the indexes.
#include <functional>

#include "base/rng.h"
#include "flow/own_types.h"
#include "test/twin/query_plan_fixture.h"

namespace cityloop::twin {
namespace {

const char* const kTypes[] = {"Vehicle", "Bus", "Tram"};

// About 2^53, from where on not every whole number is a double.
flow::Value large_number(base::Rng& rng) {
  return flow::whole(base::kWholeMax + std::int64_t(rng.below(9)) - 3);
}

flow::Attribute random_attribute(base::Rng& rng, Name name) {
  constexpr const char* kTexts[] = {"red", "green", "2026-01-01T00:00:00Z", "2026-02-01", "08:30", ""};
  flow::Attribute out = flow::property(name, {});
  switch (rng.below(11)) {
    case 10: out.value = large_number(rng); break;
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
                                     "\"m\"",
                                     "9007199254740992",
                                     "9007199254740993",
                                     "9007199254740995"};
  constexpr const char* kLists[] = {"1..5",
                                    "3,7,\"red\"",
                                    "2..9,4..12",
                                    "2026-01-01..2026-01-31",
                                    "\"a\"..\"n\"",
                                    "\"2026-01-01T00:00:00Z\"..\"2026-03-01T00:00:00Z\"",
                                    "-4..0,3..5",
                                    "5..1",
                                    "9007199254740991..9007199254740993",
                                    "9007199254740993,3"};
  const std::string name = kNames[rng.below(8)];
  switch (rng.below(10)) {
    case 0: return name;
    case 1: return "!" + name;
    case 2: return name + "~=\"re|20\"";
    case 3: return name + "!~=\"^g\"";
    case 4: return name + (rng.below(2) ? "==" : "!=") + kLists[rng.below(10)];
    default: break;
  }
  constexpr const char* kOrders[] = {"==", "!=", ">", ">=", "<", "<="};
  const char* op = kOrders[rng.below(6)];
  const char* value = kValues[rng.below(18)];
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

class QueryPlanOrder : public QueryPlan {
 protected:
  void expect_stable_order(const std::function<flow::Value(base::Rng&)>& weight_of) {
    base::Rng rng(11);
    for (int i = 0; i < 700; ++i) {
      const EntityId id(fmt::format("urn:plan:car:{}", i));
      flow::Entity e = *random_member(rng, id);
      std::erase_if(e.attributes, [](const auto& a) { return a.name == Name("weight"); });
      if (rng.below(5)) e.attributes.push_back(flow::property(Name("weight"), weight_of(rng)));
      put(id, std::make_shared<const flow::Entity>(e));
    }
    OrderKey weight;
    weight.path.attribute = Name("weight");
    const auto number = [](const EntityPtr& e) {
      const flow::Attribute* const mine = e->find(Name("weight"));
      return mine ? flow::number_of(mine->value) : std::nullopt;
    };
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
};

TEST_F(QueryPlanOrder, IsThatOfAStableSort) {
  expect_stable_order([](base::Rng& rng) { return flow::Value(double(rng.below(40))); });
}

TEST_F(QueryPlanOrder, IsExactForLargeNumbersToo) {
  expect_stable_order(large_number);
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

}  // namespace
}  // namespace cityloop::twin
