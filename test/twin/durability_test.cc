// The twin after a kill, on a failing disk, after a restart, and with a log that is trimmed.
#include "twin/twin.h"

#include <sys/wait.h>

#include <cerrno>
#include <fstream>

#include <gmock/gmock.h>

#include "base/rng.h"
#include "store/record.h"
#include "test/twin/twin_fixture.h"
#include "twin/apply.h"
#include "twin/check.h"
#include "twin/history/history.h"
#include "twin/load.h"
#include "twin/loop.h"
#include "twin/query/query.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using flow::EntityId;
using flow::Name;
using flow::WriteMode;

const Name kType("Vehicle");
const Name kNumber("n"), kEcho("echo"), kLocation("location");

// Everything that the twin can be asked for, as text: two twins are the same when this is.
std::string told(const Twin& twin) {
  std::string out;
  twin.each(Name{}, [&](const EntityPtr& entity) {
    out += store::encode(*entity);
    out += '\n';
    return true;
  });
  return out;
}

// Replays the whole log into nothing and compares it with what the twin shows: by id, by type, in order of age, by
// place.
void expect_agrees_with_log(const Twin& twin) {
  std::map<std::string, EntityPtr> entities;
  std::vector<std::string> by_age;
  for (Seq after = 0;;) {
    const auto records = twin.read_log(after, 4096, {});
    ASSERT_TRUE(records) << records.error().message;
    if (records->empty()) break;
    for (const LogRecordPtr& record : *records) {
      ASSERT_EQ(record->seq, ++after);
      for (const flow::Change& change : record->changes) {
        const std::string id(change.entity.text());
        EntityPtr& mine = entities[id];
        const bool was = mine != nullptr;
        mine = replay(mine, change, record->at);
        if (was && !mine) std::erase(by_age, id);
        if (!was && mine) by_age.push_back(id);
      }
    }
  }
  std::erase_if(entities, [](const auto& entry) { return !entry.second; });
  ASSERT_EQ(twin.entity_count(), entities.size());
  std::vector<std::string> shown;
  twin.each(kType, [&](const EntityPtr& entity) {
    shown.emplace_back(entity->id.text());
    const auto found = entities.find(shown.back());
    EXPECT_TRUE(found != entities.end() && store::encode(*found->second) == store::encode(*entity)) << shown.back();
    return true;
  });
  EXPECT_EQ(shown, by_age) << "in the order in which they came";
  if (entities.empty()) return;
  const EntityPtr& one = entities.begin()->second;
  EntityFilter filter;
  filter.types = {kType};
  filter.limit = 1000;
  const auto* at = std::get_if<flow::Json>(&one->find(kLocation)->value);
  ASSERT_TRUE(at);
  filter.geo.emplace();
  filter.geo->relation = GeoRelation::near;
  filter.geo->shape = geo::Shape::from_geojson(at->text).value();
  filter.geo->distance_max_m = 1;
  const auto page = twin.query(filter);
  ASSERT_TRUE(page) << page.error().message;
  std::set<std::string> there, expected;
  for (const EntityPtr& entity : page->entities) there.emplace(entity->id.text());
  for (const auto& [id, entity] : entities) {
    if (std::get<flow::Json>(entity->find(kLocation)->value) == *at) expected.insert(id);
  }
  EXPECT_EQ(there, expected);
}

flow::Write vehicle(int which, double number, WriteMode mode = WriteMode::upsert) {
  flow::Write write;
  write.entity = EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}", which));
  write.mode = mode;
  write.types = {kType};
  if (mode == WriteMode::erase) return write;
  const auto at = base::from_ms(1'700'000'000'000 + std::int64_t(number) * 1000);
  write.attributes = {flow::property(kNumber, number, at), flow::property(kEcho, number),
                      flow::geo_point(kLocation, 10 + int(number) % 7 * 0.01, 56)};
  return write;
}

// What the child tells its parent through a pipe, one of these for each commit that was acknowledged.
struct Told {
  int number;
  int first, count;  // the entities that it wrote
};

// Commits batches until it is killed. Each entity is written whole: its attributes carry the same number. One loop,
// the history, follows the log.
[[noreturn]] void write_until_killed(const std::string& folder, int out, int number, std::uint64_t seed) {
  base::WallClock clock;
  store::StoreOptions files;
  files.log_file_max_bytes = 256u << 10;
  auto store = store::Store::open(folder, files);
  if (!store) ::_exit(3);
  TwinOptions options;
  options.snapshot_every = std::chrono::milliseconds(15);
  auto twin = Twin::open(**store, clock, options);
  if (!twin) ::_exit(4);
  History history(**store);
  LoopRunner runner(**twin, history, {64, std::chrono::milliseconds(30)});
  if (!runner.start()) ::_exit(5);
  base::Rng rng(seed);
  std::atomic<int> in_flight{0};
  for (;; ++number) {
    for (int now = in_flight; now >= 40; now = in_flight) in_flight.wait(now);
    ++in_flight;
    Commit commit;
    const int first = int(rng.below(400)), count = 1 + int(rng.below(6));
    const bool erase = rng.below(12) == 0;
    for (int k = 0; k < count; ++k) {
      commit.writes.push_back(vehicle(first + k, number, erase ? WriteMode::erase : WriteMode::upsert));
    }
    (*twin)->submit(std::move(commit), [&, told = Told{number, first, erase ? 0 : count}](const CommitResult& result) {
      if (result.status) std::ignore = ::write(out, &told, sizeof told);
      --in_flight;
      in_flight.notify_one();
    });
  }
}

// Two hundred times: write as fast as it goes, be killed at a random moment, come back. A new folder now and then keeps
// the log short enough to be compared whole.
class KillNineTest : public testing::Test {
 protected:
  KillNineTest() : folder_(std::filesystem::temp_directory_path() / fmt::format("cityloop-kill-{}", ::getpid())) {
    begin_anew();
  }
  ~KillNineTest() override { std::filesystem::remove_all(folder_); }

  void begin_anew() {
    std::filesystem::remove_all(folder_);
    seen_ = 0;
    number_ = 0;
    last_in_log_.clear();
  }

  // What the child told before it was killed.
  std::vector<Told> run_and_kill() {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(folder_.string(), ends[1], number_ + 1, rng_.next());
    }
    ::close(ends[1]);
    Told told{};
    std::vector<Told> all;
    if (rng_.below(8) > 0 && ::read(ends[0], &told, sizeof told) == sizeof told) all.push_back(told);
    std::this_thread::sleep_for(std::chrono::microseconds(rng_.below(25'000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    while (::read(ends[0], &told, sizeof told) == sizeof told) all.push_back(told);
    ::close(ends[0]);
    return all;
  }

  // Takes in the records since the last look: of each vehicle the last number, erased or not.
  void read_log(const Twin& twin) {
    for (;;) {
      const auto records = twin.read_log(seen_, 4096, {});
      ASSERT_TRUE(records) << records.error().message;
      if (records->empty()) return;
      for (const LogRecordPtr& record : *records) {
        ASSERT_EQ(record->seq, ++seen_);
        for (const flow::Change& change : record->changes) {
          if (change.kind == flow::ChangeKind::erased) continue;
          for (const auto& told : change.attributes) {
            if (told.now.name == kNumber) last_in_log_[change.entity] = int(std::get<double>(told.now.value));
          }
        }
      }
    }
  }

  void check_once(const std::vector<Told>& all) {
    base::WallClock clock;
    auto store = store::Store::open(folder_.string());
    ASSERT_TRUE(store) << store.error().message;
    auto twin = Twin::open(**store, clock, {});
    ASSERT_TRUE(twin) << twin.error().message;
    read_log(**twin);
    for (const Told& told : all) {
      number_ = std::max(number_, told.number);
      for (int k = 0; k < told.count; ++k) {
        const auto id = EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}", told.first + k));
        EXPECT_GE(last_in_log_[id], told.number) << id.text() << ": an acknowledged write is lost";
      }
    }
    (*twin)->each(kType, [&](const EntityPtr& entity) {
      EXPECT_EQ(entity->number(kNumber), entity->number(kEcho)) << entity->id.text() << " is half written";
      EXPECT_EQ(entity->number(kNumber), last_in_log_[entity->id]) << entity->id.text() << " is not as the log says";
      number_ = std::max(number_, int(*entity->number(kNumber)));
      return true;
    });
    for (const auto& [id, last] : last_in_log_) number_ = std::max(number_, last);
  }

  void check_all() {
    base::WallClock clock;
    auto store = store::Store::open(folder_.string());
    ASSERT_TRUE(store) << store.error().message;
    auto twin = Twin::open(**store, clock, {});
    ASSERT_TRUE(twin) << twin.error().message;
    expect_agrees_with_log(**twin);
    expect_history_agrees(**twin, **store);
    twin->reset();
    store->reset();
    std::vector<std::string> damage;
    ASSERT_TRUE(check_data(folder_.string(), [&](std::string text) { damage.push_back(std::move(text)); }));
    EXPECT_THAT(damage, testing::IsEmpty());
  }

  // Every observed number of some vehicles, once the loop has caught up.
  void expect_history_agrees(Twin& twin, store::Store& store) {
    History history(store);
    LoopRunner runner(twin, history);
    ASSERT_TRUE(runner.start());
    while (runner.done() < twin.head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    runner.stop();
    std::map<EntityId, std::set<double>> expected;
    for (Seq after = 0; after < twin.head();) {
      const auto records = twin.read_log(after, 4096, {}).value();
      for (const LogRecordPtr& record : records) {
        for (const flow::Change& change : record->changes) {
          for (const auto& told : change.attributes) {
            if (told.now.name != kNumber || told.removed) continue;
            expected[change.entity].insert(std::get<double>(told.now.value));
          }
        }
      }
      after = records.back()->seq;
    }
    int count = 0;
    for (const auto& [id, numbers] : expected) {
      if (++count > 20) break;
      SeriesQuery query;
      query.entity = id;
      query.attribute = kNumber;
      query.points_max = 1'000'000;
      const auto samples = history.samples(query);
      ASSERT_TRUE(samples) << samples.error().message;
      std::set<double> seen;
      for (const Sample& sample : *samples) seen.insert(sample.value);
      EXPECT_EQ(seen, numbers) << id.text();
    }
  }

  const std::filesystem::path folder_;
  base::Rng rng_{2026};
  Seq seen_{0};
  int number_{0};
  std::map<EntityId, int> last_in_log_;
};

TEST_F(KillNineTest, TwoHundredKillsLoseNothingAcknowledgedAndLeaveNothingHalf) {
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "ThreadSanitizer does not bear threads in the child of a program that has some";
#endif
  std::size_t commits = 0;
  for (int round = 0; round < 200 && !HasFailure(); ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    const auto told = run_and_kill();
    commits += told.size();
    check_once(told);
    if (round % 20 != 19) continue;
    check_all();
    begin_anew();
  }
  EXPECT_GT(commits, 2000u) << "it was under load";
}

class DurabilityTest : public TwinFixture {
 protected:
  CommitResult put_vehicle(int which, double number, WriteMode mode = WriteMode::upsert) {
    clock_.advance_to(clock_.now() + std::chrono::seconds(1));
    return put(vehicle(which, number, mode));
  }
  // A restart on a disk with faults.
  void reopen_with(const store::DiskFaults& faults) {
    twin_.reset();
    store_.reset();
    store::StoreOptions how;
    how.faults = faults;
    store_ = store::Store::open(folder_.string(), how).value();
    twin_ = Twin::open(*store_, clock_, options_).value();
  }
  void wait_for_snapshot() {
    const auto mark = [&] { return store_->get(store::Table::meta, kSnapshotKey).value().value_or(""); };
    const std::string expected = snapshot_mark(twin_->head(), twin_->entity_count());
    for (int i = 0; i < 500 && mark() != expected; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(mark(), expected);
  }
};

TEST_F(DurabilityTest, AFullDiskRefusesWritesReadsGoOnAndWritingGoesOnWhenThereIsRoom) {
  std::atomic<int> error{0};
  options_.snapshot_every = std::chrono::milliseconds(20);
  reopen_with([&](store::DiskStep, std::string_view) { return error.load(); });
  ASSERT_TRUE(put_vehicle(1, 1).status);
  error = ENOSPC;
  const auto refused = put_vehicle(1, 2);
  ASSERT_FALSE(refused.status);
  EXPECT_EQ(refused.status.error().code, Errc::full);
  EXPECT_THAT(refused.status.error().message, testing::HasSubstr("the disk is full"));
  EXPECT_THAT(twin_->trouble(), testing::HasSubstr("the disk is full"));
  EXPECT_EQ(twin_->get(EntityId("urn:ngsi-ld:Vehicle:1"))->number(kNumber), 1) << "reads go on";
  EXPECT_EQ(twin_->head(), 1u);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // snapshots fail too
  error = 0;
  ASSERT_TRUE(put_vehicle(1, 3).status);
  EXPECT_EQ(twin_->trouble(), "");
  for (int i = 2; i < 50; ++i) ASSERT_TRUE(put_vehicle(i, i).status);
  wait_for_snapshot();
  const std::string before = told(*twin_);
  reopen();
  EXPECT_EQ(told(*twin_), before);
  expect_agrees_with_log(*twin_);
}

// The tables fail for good and are opened anew, so that rows of the snapshot are lost: it is made again, and what was
// erased meanwhile does not come back.
TEST_F(DurabilityTest, ASnapshotThatTheDiskLostIsMadeAgain) {
  std::atomic<int> error{0};
  options_.snapshot_every = std::chrono::milliseconds(20);
  reopen_with([&](store::DiskStep step, std::string_view path) {
    return path.find("/tables/") != std::string_view::npos && step != store::DiskStep::create ? error.load() : 0;
  });
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(put_vehicle(i, i).status);
  wait_for_snapshot();
  error = EIO;
  for (int i = 0; i < 30; ++i) put_vehicle(i, 1000 + i, i % 3 ? WriteMode::upsert : WriteMode::erase);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  error = 0;
  Commit touch;  // a change of a table brings the tables back
  touch.puts.push_back({store::Table::feed, "position", "1"});
  for (int i = 0; i < 100 && !twin_->commit(touch).status; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  for (int i = 300; i < 320; ++i) ASSERT_TRUE(put_vehicle(i, i).status);
  wait_for_snapshot();
  const std::string before = told(*twin_);
  reopen();
  EXPECT_EQ(told(*twin_), before);
  expect_agrees_with_log(*twin_);
}

TEST_F(DurabilityTest, ErasedAndMadeAnewKeepsItsPlaceInTimeAcrossSnapshotsAndRestarts) {
  options_.snapshot_every = std::chrono::milliseconds(10);
  reopen();
  base::Rng rng(3);
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 60; ++i) {
      const int which = int(rng.below(40));
      put_vehicle(which, round * 100 + i, rng.below(3) == 0 ? WriteMode::erase : WriteMode::upsert);
      if (rng.below(8) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::string before = told(*twin_);
    reopen();
    EXPECT_EQ(told(*twin_), before) << "round " << round;
    expect_agrees_with_log(*twin_);
  }
}

TEST_F(DurabilityTest, AStartTellsHowFarItIs) {
  options_.snapshot_every = std::chrono::milliseconds(10);
  reopen();
  for (int i = 0; i < 500; ++i) put_vehicle(i, i);
  wait_for_snapshot();
  std::vector<LoadProgress> told;
  options_.progress = [&](const LoadProgress& progress) { told.push_back(progress); };
  reopen();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().entities, 500u);
  EXPECT_EQ(told.back().records, told.back().records_expected);
  EXPECT_THAT(told.back().text(), testing::HasSubstr("500 of 500 entities"));
}

TEST_F(DurabilityTest, ADamagedEntityOrRecordIsNamedAndKeepsTheTwinFromStarting) {
  options_.snapshot_every = std::chrono::milliseconds(10);
  reopen();
  for (int i = 0; i < 50; ++i) put_vehicle(i, i);
  wait_for_snapshot();
  twin_.reset();
  store::Batch batch;
  std::string row, key;
  ASSERT_TRUE(store_->scan(store::Table::entity, {}, {}, [&](std::string_view k, std::string_view value) {
    key = k;
    row = value;
    return false;
  }));
  row.resize(row.size() - 5);
  batch.put(store::Table::entity, key, row);
  ASSERT_TRUE(store_->derive(batch, store_->generation()));
  ASSERT_TRUE(store_->persist());
  const auto twin = Twin::open(*store_, clock_, options_);
  ASSERT_FALSE(twin);
  EXPECT_EQ(twin.error().code, Errc::corrupt);
  EXPECT_THAT(twin.error().message, testing::HasSubstr("urn:ngsi-ld:Vehicle:0"));
  std::vector<std::string> damage;
  ASSERT_TRUE(check_data(folder_.string(), [&](std::string text) { damage.push_back(std::move(text)); }));
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_THAT(damage.front(), testing::AllOf(testing::HasSubstr("table entity"), testing::HasSubstr("Vehicle:0")));
}

// A loop that only counts.
class Counting final : public Loop {
 public:
  explicit Counting(std::uint8_t form = 1, bool late = false) : form_(form), late_(late) {}
  std::string_view name() const override { return "counting"; }
  void on_record(const flow::LogRecord&, Outbox&) override { ++count; }
  void save(base::ByteWriter& out) const override {
    out.u8(form_);
    out.varint(count);
  }
  base::Status load(base::ByteReader& in) override {
    if (in.u8() != form_) return base::fail(Errc::unsupported, "a checkpoint of another form");
    count = in.varint();
    return {};
  }
  bool may_begin_late() const override { return late_; }
  std::atomic<std::uint64_t> count{0};

 private:
  const std::uint8_t form_;
  const bool late_;
};

TEST_F(DurabilityTest, TheLogIsTrimmedOnlyBehindSnapshotsAndLoopsAndWhoeverComesTooLateIsToldSo) {
  options_.snapshot_every = std::chrono::milliseconds(10);
  options_.keep_log.keep_bytes = 16u << 10;
  twin_.reset();
  store_.reset();
  store::StoreOptions how;
  how.log_file_max_bytes = 8u << 10;
  store_ = store::Store::open(folder_.string(), how).value();
  twin_ = Twin::open(*store_, clock_, options_).value();
  Counting counting;
  LoopRunner runner(*twin_, counting, {64, std::chrono::hours(1)});
  ASSERT_TRUE(runner.start());
  runner.run_inside([](Outbox&) {});  // its first checkpoint, at the beginning
  for (int i = 0; i < 300; ++i) put_vehicle(i % 20, i);
  wait_for_snapshot();
  EXPECT_EQ(store_->first_seq(), 1u) << "the loop would need all of it after a crash";
  runner.stop();  // with a checkpoint
  EXPECT_EQ(counting.count, 300u);
  for (int i = 0; i < 100; ++i) put_vehicle(i % 20, i);
  wait_for_snapshot();
  for (int i = 0; i < 200 && store_->first_seq() == 1; ++i) {
    put_vehicle(1, i);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(store_->first_seq(), 1u);
  EXPECT_LE(store_->first_seq(), 301u) << "the loop has read up to 300";
  const std::string before = told(*twin_);
  reopen();
  EXPECT_EQ(told(*twin_), before);
  const auto late = twin_->read_log(0, 10, {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::not_found);
  EXPECT_THAT(late.error().message, testing::HasSubstr("were trimmed"));
  Counting again;
  LoopRunner goes_on(*twin_, again);
  ASSERT_TRUE(goes_on.start()) << "whoever has a checkpoint goes on";
  while (goes_on.done() < twin_->head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  goes_on.stop();
  EXPECT_EQ(again.count, twin_->head());

  Counting upgraded(2);
  const auto refused = LoopRunner(*twin_, upgraded).start();
  ASSERT_FALSE(refused) << "what it has to know has been trimmed";
  EXPECT_THAT(refused.error().message, testing::HasSubstr("restore a backup"));
  Counting as_before;
  EXPECT_TRUE(LoopRunner(*twin_, as_before).start()) << "its checkpoint is still there for the program that wrote it";
  Counting learner(2, true);
  LoopRunner learns(*twin_, learner);
  ASSERT_TRUE(learns.start()) << "whoever only learns begins with what is left";
  while (learns.done() < twin_->head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(learner.count, twin_->head() + 1 - store_->first_seq());
}

}  // namespace
}  // namespace cityloop::twin
