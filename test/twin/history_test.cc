#include "twin/history/history.h"

#include "base/rng.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::EntityId;
using flow::Instant;
using flow::Name;
using std::chrono::milliseconds;
using std::chrono::minutes;

Point point(Instant at, double value) {
  return {at, at + milliseconds(120), value, base::from_ms(1'400'000'000'000), Name("KMH"), true};
}

TEST(Series, RunsReadBackExactlyAndSmall) {
  base::Rng rng(1);
  std::vector<Point> speeds, odd;
  auto at = base::from_ms(1'400'000'000'000);
  for (int i = 0; i < 240; ++i) {
    at += minutes(5);
    speeds.push_back(point(at, double(rng.below(1200)) / 10));
    speeds.back().modified += milliseconds(rng.below(200));
    odd.push_back(point(at + base::Duration(rng.below(999'999)), rng.normal()));
    odd.back().unit = rng.below(2) ? Name("CEL") : Name{};
    odd.back().modified = base::from_ms(base::to_ms(at) + std::int64_t(rng.below(1 << 20)));
  }
  const std::string bytes = encode_points(speeds);
  EXPECT_EQ(decode_points(bytes).value(), speeds);
  EXPECT_LT(double(bytes.size()) / 240, 3.5);
  EXPECT_EQ(decode_points(encode_points(odd)).value(), odd);
  EXPECT_EQ(points_span(bytes)->first, speeds.front().at);
  EXPECT_EQ(points_span(bytes)->last, speeds.back().at);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_points(std::string_view(bytes).substr(0, size))) << size;
  }
}

TEST(Series, ExtremesOfEveryColumnReadBack) {
  const std::vector<double> values{0.0, -0.0, 1e308, -1e308, 5e-324, 9007199254740993.0, 0.1, 1.0 / 3};
  for (const double value : values) {
    std::vector<Point> points{point(base::from_us(-1), value), point(base::from_us(9'000'000'000'000'000), -value)};
    points[0].modified = points[0].at = base::from_us(-62'000'000'000'000'000);
    const auto read = decode_points(encode_points(points));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, points) << value;
    EXPECT_EQ(std::signbit((*read)[0].value), std::signbit(value));
  }
}

TEST(Series, DamagedBytesAreRefusedOrReadButNeverHarm) {
  base::Rng rng(7);
  std::vector<Point> points;
  for (int i = 0; i < 50; ++i) points.push_back(point(base::from_ms(i * 1000), double(i % 7)));
  const std::string good = encode_points(points);
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    for (std::uint64_t k = 0; k <= rng.below(4); ++k) bad[rng.below(bad.size())] = char(rng.next());
    (void)decode_points(bad);
  }
}

TEST(Series, ThinningKeepsTheExtremes) {
  std::vector<Sample> samples;
  for (int i = 0; i < 10'000; ++i) samples.push_back({base::from_ms(i * 1000), std::sin(i * 0.01)});
  samples[5003].value = 99;
  samples[7001].value = -99;
  const auto thinned = thin(samples, 200);
  EXPECT_LE(thinned.size(), 200u);
  EXPECT_TRUE(std::any_of(thinned.begin(), thinned.end(), [](const Sample& s) { return s.value == 99; }));
  EXPECT_TRUE(std::any_of(thinned.begin(), thinned.end(), [](const Sample& s) { return s.value == -99; }));
}

TEST(TemporalInstance, OfEveryKindReadsBack) {
  std::vector<Instance> instances(5);
  const Instant at = base::from_us(1'700'000'000'123'456);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    Attribute& a = instances[i].attribute;
    a = flow::property(Name("x"), 1.5, at + minutes(i), Name("CEL"));
    a.created_at = a.modified_at = at;
    a.dataset_id = Name("urn:d:1");
  }
  instances[1].attribute.kind = flow::AttributeKind::language_property;
  instances[1].attribute.value = flow::Json{R"({"en":"a"})"};
  instances[2].attribute.subs = std::vector{flow::property(Name("accuracy"), 0.5)};
  instances[3].id = "urn:ngsi-ld:Instance:mine";
  instances[4] = deletion(instances[0].attribute, at + minutes(9));
  EXPECT_EQ(decode_instances(encode_instances(instances)).value(), instances);
  EXPECT_TRUE(as_point(instances[0]));
  for (std::size_t i = 1; i < instances.size(); ++i) EXPECT_FALSE(as_point(instances[i])) << i;
}

class HistoryTest : public TwinFixture {
 protected:
  std::vector<Sample> read(const History& history) {
    SeriesQuery query;
    query.entity = EntityId("urn:ngsi-ld:T:1");
    query.attribute = Name("speed");
    query.points_max = 1'000'000;
    return history.samples(query).value();
  }
  void wait_for(LoopRunner& runner) {
    while (runner.done() < twin_->head()) std::this_thread::sleep_for(milliseconds(1));
  }
  // A loop at work until the end of the scope.
  struct Running {
    Running(HistoryTest& test, HistoryOptions options = {}, LoopOptions how = {})
        : test_(test), history(*test.store_, std::move(options)), runner(*test.twin_, history, how) {
      EXPECT_TRUE(runner.start());
      settle();
    }
    void settle() { test_.wait_for(runner); }
    HistoryTest& test_;
    History history;
    LoopRunner runner;
  };
  CommitResult put(const TemporalWrite& wish) {
    Commit commit;
    commit.writes = to_writes(wish);
    commit.atomicity = Atomicity::all;
    return twin_->commit(std::move(commit));
  }
  using TwinFixture::put;

  static flow::Write write(std::string_view urn, flow::WriteMode mode, std::vector<Attribute> attributes) {
    flow::Write out;
    out.entity = EntityId(urn);
    out.mode = mode;
    out.types = {Name("Room")};
    out.attributes = std::move(attributes);
    return out;
  }
  static std::vector<std::string> ids(std::string_view urn, const SeriesEvolution& series) {
    auto out = history::ids_of<Point>(urn, series.attribute, series.dataset, series.points);
    for (auto& id : history::ids_of<Instance>(urn, series.attribute, series.dataset, series.instances)) {
      out.push_back(std::move(id));
    }
    return out;
  }
};

TEST_F(HistoryTest, EverySampleIsThereBeforeAndAfterARestartLateOnesInTheirPlace) {
  std::vector<Sample> expected;
  base::Rng rng(3);
  const auto begin = clock_.now();
  std::vector<int> order;
  for (int i = 0; i < 2000; ++i) order.push_back(i);
  for (std::size_t i = 0; i + 7 < order.size(); i += 5) std::swap(order[i], order[i + rng.below(7)]);
  for (int i = 0; i < 2000; ++i) expected.push_back({begin + minutes(i), double(i % 90)});
  {
    Running loop(*this, {}, {.checkpoint_every = milliseconds(20)});
    for (const int i : order) put(reading("urn:ngsi-ld:T:1", i % 90, begin + minutes(i)));
    loop.settle();
    EXPECT_EQ(read(loop.history), expected);
  }
  reopen();
  Running loop(*this);
  EXPECT_EQ(read(loop.history), expected);
  SeriesQuery hour{EntityId("urn:ngsi-ld:T:1"), Name("speed"), begin + minutes(600), begin + minutes(660)};
  EXPECT_EQ(loop.history.samples(hour).value().size(), 60u);
}

// Flushes under pressure and at checkpoints, merges, and ends at any point without a last checkpoint.
TEST_F(HistoryTest, ALoopThatIsKilledAnywhereLosesNothingAndKeepsNothingTwice) {
  base::Rng rng(11);
  std::vector<Sample> expected;
  flow::Seq position = 0;
  for (int life = 0; life < 40; ++life) {
    // By hand instead of a runner: the outbox of a record is committed or, at a kill, not.
    History history(*store_, {.open_bytes_max = 2000});
    std::uint64_t left = 20 + rng.below(60);
    const auto commit = [&](Outbox& outbox) {
      Commit commit;
      commit.puts = std::move(outbox.puts);
      ASSERT_TRUE(twin_->commit(std::move(commit)).status);
    };
    while (left-- > 0) {
      if (position == twin_->head()) {
        const Instant at = clock_.now() + minutes(expected.size());
        expected.push_back({at, double(expected.size() % 31)});
        put(reading("urn:ngsi-ld:T:1", expected.back().value, at));
      }
      auto records = twin_->read_log(position, 1, milliseconds(0)).value();
      ASSERT_EQ(records.size(), 1u);
      Outbox outbox;
      history.on_record(*records.front(), outbox);
      if (!outbox.empty() && left == 0) break;  // killed before the commit
      commit(outbox);
      position = records.front()->seq;
    }
    if (rng.below(3) == 0 && left != 0) {
      Outbox outbox;
      history.before_checkpoint(outbox);
      commit(outbox);
    } else {
      position = position > 30 ? position - rng.below(30) : 0;  // the runner's checkpoint is older than its cursor
      const std::string done =
          store_->get(store::Table::series, history::done_key()).value().value_or(std::string(2, '\0'));
      base::ByteReader in(done);
      position = std::min<flow::Seq>(position, in.varint());
    }
    if (rng.below(4) == 0) reopen();
  }
  History history(*store_);
  for (const auto& record : twin_->read_log(position, 100'000, milliseconds(0)).value()) {
    Outbox outbox;
    history.on_record(*record, outbox);
  }
  EXPECT_EQ(read(history), expected);
}

TEST_F(HistoryTest, WhatADiskRefusedAtACheckpointIsWrittenWithTheNext) {
  History history(*store_);
  const Instant at = clock_.now();
  put(reading("urn:ngsi-ld:T:1", 1, at));
  const auto feed = [&](flow::Seq after, Outbox& outbox) {
    for (const auto& record : twin_->read_log(after, 100, milliseconds(0)).value()) history.on_record(*record, outbox);
  };
  Outbox lost;
  feed(0, lost);
  history.before_checkpoint(lost);
  EXPECT_FALSE(lost.puts.empty());
  EXPECT_EQ(read(history).size(), 1u);  // shown all the same
  put(reading("urn:ngsi-ld:T:1", 2, at + minutes(1)));
  Outbox next;
  feed(1, next);
  history.before_checkpoint(next);
  Commit commit;
  commit.puts = std::move(next.puts);
  ASSERT_TRUE(twin_->commit(std::move(commit)).status);
  EXPECT_EQ(read(history).size(), 2u);
  EXPECT_EQ(read(History(*store_)).size(), 2u);
}

TEST_F(HistoryTest, EveryKindOfInstanceIsKeptAndErasuresLeaveTheirs) {
  Running loop(*this);
  const std::string urn = "urn:ngsi-ld:Room:1";
  const Instant at = clock_.now();
  Attribute text = flow::property(Name("name"), std::string("hall"));
  Attribute other = flow::property(Name("temperature"), 21.5, at, Name("CEL"));
  other.dataset_id = Name("urn:d:1");
  put(write(urn, flow::WriteMode::create,
            {text, flow::property(Name("temperature"), 20.0, at, Name("CEL")), other,
             flow::relationship(Name("inside"), EntityId("urn:ngsi-ld:House:1"))}));
  clock_.advance_to(at + minutes(1));
  Attribute detailed = flow::property(Name("temperature"), 22.0, at + minutes(1), Name("CEL"));
  detailed.subs = std::vector{flow::property(Name("accuracy"), 0.1)};
  put(write(urn, flow::WriteMode::update, {detailed}));
  clock_.advance_to(at + minutes(2));
  put(write(urn, flow::WriteMode::erase_attributes, {flow::property(Name("name"), std::monostate{})}));
  clock_.advance_to(at + minutes(3));
  put(write(urn, flow::WriteMode::erase, {}));
  loop.settle();
  const auto check = [&](const History& history) {
    const auto evolution = history.entity(urn).value();
    ASSERT_TRUE(evolution);
    EXPECT_EQ(evolution->frame.types, std::vector{Name("Room")});
    EXPECT_EQ(evolution->frame.created_at, at);
    EXPECT_EQ(evolution->frame.deleted_at, at + minutes(3));
    ASSERT_EQ(evolution->series.size(), 4u);
    const auto& [inside, name, plain, dataset] =
        std::tie(evolution->series[0], evolution->series[1], evolution->series[2], evolution->series[3]);
    ASSERT_EQ(inside.instances.size(), 2u);
    EXPECT_EQ(inside.instances[1].deleted_at, at + minutes(3));
    EXPECT_EQ(inside.instances[1].attribute.kind, flow::AttributeKind::relationship);
    ASSERT_EQ(name.instances.size(), 2u);
    EXPECT_EQ(name.instances[1].deleted_at, at + minutes(2));
    ASSERT_EQ(plain.points.size(), 1u);
    ASSERT_EQ(plain.instances.size(), 2u);
    EXPECT_EQ(plain.instances[0].attribute.subs.front().name, Name("accuracy"));
    EXPECT_EQ(dataset.dataset, Name("urn:d:1"));
    EXPECT_EQ(dataset.points.size(), 1u);
    EXPECT_EQ(dataset.instances.size(), 1u);
  };
  check(loop.history);
  loop.runner.stop();
  check(loop.history);
  check(History(*store_));
}

TEST_F(HistoryTest, WhatIsWrittenToHistoryAloneIsDurableAndChangesNoEntity) {
  const std::string urn = "urn:ngsi-ld:Car:1";
  const Instant at = base::parse_time("2020-01-01T00:00:00Z").value();
  std::string replaced, erased;
  {
    Running loop(*this);
    TemporalWrite add;
    add.entity = EntityId(urn);
    add.types = {Name("Car")};
    for (int i = 0; i < 5; ++i) add.instances.push_back(flow::property(Name("speed"), 10.0 * i, at + minutes(i)));
    add.instances.push_back(flow::property(Name("brand"), std::string("Volvo")));
    ASSERT_TRUE(put(add).status);
    EXPECT_EQ(twin_->entity_count(), 0u);
    loop.settle();
    auto evolution = loop.history.entity(urn).value();
    ASSERT_TRUE(evolution);
    ASSERT_EQ(evolution->series.size(), 2u);
    const auto speeds = ids(urn, evolution->series[1]);
    ASSERT_EQ(speeds.size(), 5u);
    EXPECT_EQ(std::set(speeds.begin(), speeds.end()).size(), 5u);
    replaced = speeds[1], erased = speeds[3];
    TemporalWrite change;
    change.operation = TemporalOperation::replace_instance;
    change.entity = add.entity;
    change.attribute = Name("speed");
    change.instance_id = replaced;
    change.instances = {flow::property(Name("speed"), 77.0, at + minutes(100))};
    ASSERT_TRUE(put(change).status);
    change.operation = TemporalOperation::erase_instance;
    change.instances.clear();
    change.instance_id = erased;
    ASSERT_TRUE(put(change).status);
    loop.settle();
  }
  reopen();
  Running loop(*this);
  const auto speeds = [&] {
    std::vector<double> values;
    const auto found = loop.history.samples({EntityId(urn), Name("speed")}).value();
    for (const Sample& sample : found) values.push_back(sample.value);
    return values;
  };
  EXPECT_EQ(speeds(), (std::vector<double>{0, 20, 40, 77}));
  EXPECT_FALSE(loop.history.instance(urn, Name("speed"), erased).value());
  const auto changed = loop.history.instance(urn, Name("speed"), replaced).value();
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->attribute.value, flow::Value(77.0));
  TemporalWrite erase;
  erase.operation = TemporalOperation::erase_instance;  // what was changed is found by its old id
  erase.entity = EntityId(urn);
  erase.attribute = Name("speed");
  erase.instance_id = replaced;
  put(erase);
  loop.settle();
  EXPECT_EQ(speeds(), (std::vector<double>{0, 20, 40}));
  erase.operation = TemporalOperation::erase_attribute;
  put(erase);
  loop.settle();
  EXPECT_EQ(loop.history.entity(urn).value()->series.size(), 1u);
  erase.operation = TemporalOperation::erase_entity;
  erase.types = {Name("Car")};
  put(erase);
  loop.settle();
  EXPECT_FALSE(loop.history.entity(urn).value());
  std::size_t listed = 0;
  ASSERT_TRUE(loop.history.each(Name("Car"), {}, [&](const std::string&) { return ++listed; }));
  EXPECT_EQ(listed, 0u);
}

TEST_F(HistoryTest, EntitiesAreListedByTypeInTheOrderOfTheirNamesBeforeAndAfterTheyAreWritten) {
  std::vector<std::string> expected;
  Running loop(*this);
  const auto listed = [&](std::string_view after) {
    std::vector<std::string> out;
    EXPECT_TRUE(loop.history.each(Name("Room"), after, [&](const std::string& urn) {
      out.push_back(urn);
      return true;
    }));
    return out;
  };
  for (int i = 0; i < 1200; ++i) {
    expected.push_back(fmt::format("urn:ngsi-ld:Room:{:05}", (i * 7919) % 100'000));
    put(write(expected.back(), flow::WriteMode::create, {flow::property(Name("n"), double(i))}));
    if (i == 600)
      loop.settle(), loop.runner.run_inside([&](Outbox& outbox) { loop.history.before_checkpoint(outbox); });
  }
  loop.settle();
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(listed({}), expected);
  EXPECT_EQ(listed(expected[1000]).size(), 199u);
  loop.runner.stop();
  EXPECT_EQ(listed({}), expected);
}

TEST_F(HistoryTest, TheOldestAndTheNewestAreFoundAmongRunsChunksAndWhatIsOpen) {
  const Instant at = clock_.now();
  base::Rng rng(5);
  Running loop(*this, {.open_bytes_max = 4000});
  std::vector<double> expected;
  for (int i = 0; i < 3000; ++i) {
    put(reading("urn:ngsi-ld:T:1", i, at + minutes(i)));
    expected.push_back(i);
  }
  loop.settle();
  EXPECT_GT(loop.history.stats().merges, 0u);
  for (int round = 0; round < 50; ++round) {
    EvolutionQuery query;
    const auto from = std::int64_t(rng.below(3000)), to = from + std::int64_t(rng.below(3000));
    const std::size_t wanted = 1 + rng.below(600);
    query.from = at + minutes(from);
    query.to = at + minutes(to);
    (round % 2 ? query.newest : query.oldest) = wanted;
    std::vector<double> mine;
    for (std::int64_t i = from; i < std::min<std::int64_t>(to, 3000); ++i) mine.push_back(double(i));
    if (mine.size() > wanted) {
      if (round % 2) mine.erase(mine.begin(), mine.end() - std::ptrdiff_t(wanted));
      else mine.resize(wanted);
    }
    std::vector<double> found;
    const auto evolution = loop.history.entity("urn:ngsi-ld:T:1", query).value();
    for (const auto& series : evolution->series) {
      for (const Point& p : series.points) found.push_back(p.value);
    }
    EXPECT_EQ(found, mine);
  }
}

TEST_F(HistoryTest, WhatIsTooOldForItsTypeIsNotShownAndGoesFromTheDisk) {
  HistoryOptions options;
  options.keep.types["TrafficFlowObserved"] = std::chrono::hours(24);
  options.open_bytes_max = 3000;
  Running loop(*this, options, {.checkpoint_every = milliseconds(5)});
  const Instant at = clock_.now();
  for (int i = 0; i < 60; ++i) {
    clock_.advance_to(at + std::chrono::hours(i));
    put(reading("urn:ngsi-ld:T:1", i, clock_.now()));
    put(write("urn:ngsi-ld:Room:1", flow::WriteMode::upsert, {flow::property(Name("n"), double(i), clock_.now())}));
  }
  loop.settle();
  EXPECT_EQ(read(loop.history).size(), 25u);
  EXPECT_EQ(loop.history.samples({EntityId("urn:ngsi-ld:Room:1"), Name("n")})->size(), 60u);
  // All of it is too old now: the runs go.
  clock_.advance_to(at + std::chrono::hours(200));
  put(write("urn:ngsi-ld:Room:1", flow::WriteMode::upsert, {flow::property(Name("n"), 1.0, clock_.now())}));
  loop.settle();
  const auto runs = [&] {
    std::size_t count = 0;
    const std::string prefix = history::entity_prefix("urn:ngsi-ld:T:1") + 'r';
    EXPECT_TRUE(
        store_->scan(store::Table::series, prefix, history::end_of(prefix), [&](auto, auto) { return ++count; }));
    return count;
  };
  for (int tries = 0; tries < 400 && (tries < 3 || runs() > 0); ++tries) {
    put(write("urn:ngsi-ld:Room:1", flow::WriteMode::upsert, {flow::property(Name("n"), 1.0, clock_.now())}));
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(runs(), 0u);
  EXPECT_TRUE(read(loop.history).empty());
}

TEST_F(HistoryTest, ReadersSeeEachSampleOnceWhileTheLoopFlushesAndMerges) {
  Running loop(*this, {.open_bytes_max = 1500});
  std::atomic<bool> over{false};
  std::atomic<int> looks{0};
  const Instant at = clock_.now();
  std::thread reader([&] {
    std::size_t last = 0;
    while (!over) {
      const auto samples = loop.history.entity("urn:ngsi-ld:T:1").value();
      std::size_t count = 0;
      if (samples) {
        for (const auto& series : samples->series) {
          for (std::size_t i = 0; i < series.points.size(); ++i) {
            if (series.points[i].value != double(i)) ADD_FAILURE() << "at " << i << ": " << series.points[i].value;
          }
          count += series.points.size();
        }
      }
      if (count < last) ADD_FAILURE() << "seen before: " << last << ", now " << count;
      last = count;
      ++looks;
    }
  });
  for (int i = 0; i < 1500; ++i) put(reading("urn:ngsi-ld:T:1", i, at + minutes(i)));
  loop.settle();
  while (looks < 20) std::this_thread::sleep_for(milliseconds(1));
  over = true;
  reader.join();
  EXPECT_EQ(read(loop.history).size(), 1500u);
}

}  // namespace
}  // namespace cityloop::twin
