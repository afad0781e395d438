// How many entities a query looks at, which is what makes it fast, as a count: in a city of many, with each index,
// beside writers and over a restart.
#include <atomic>
#include <thread>

#include "base/rng.h"
#include "test/twin/query_plan_fixture.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::twin {
namespace {

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
