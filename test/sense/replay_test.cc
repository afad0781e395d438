#include "sense/replay.h"

#include <deque>

#include "base/rng.h"
#include "store/store.h"
#include "test/sense/sense_fixture.h"
#include "twin/twin.h"

namespace cityloop::sense {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ReplayTest : public SenseTest {
 protected:
  static std::string toml(std::string_view name, std::string_view type) {
    return fmt::format(R"(name = "{0}"
kind = "file"
file = "{0}.csv"
[[entity]]
type = "{1}"
id = "urn:ngsi-ld:{1}:{{id}}"
observed_at = {{ from = "time" }}
attribute = [{{ name = "v" }}]
)",
                       name, type);
  }
  static std::string row(base::Instant t, std::string_view id, double v) {
    return fmt::format("{},{},{}\n", base::format_time(t), id, v);
  }

  // Three feeds of some hours, with gaps, bad rows and rows that come late; the third packed, with a table.
  void write_city() {
    base::Rng rng(1);
    const auto start = at("2020-01-01T00:00:00Z");
    std::string content[3];
    for (int feed = 0; feed < 3; ++feed) {
      auto t = start;
      content[feed] = "time,id,v\n";
      for (int i = 0; i < 700; ++i) {
        t += seconds(rng.below(feed == 0 ? 20 : 90));
        if (i == 300) t += minutes(42);
        const bool late = rng.below(20) == 0;
        content[feed] +=
            row(late ? t - minutes(rng.below(30)) : t, fmt::format("d{}", rng.below(7)), double(rng.below(100)));
        if (rng.below(15) == 0) content[feed] += "2020-01-01T00:00:00Z,d1,bad\n";
      }
    }
    content[2] += "2020-01-01T00:00:00Z,d1,trailing\n";
    file("alpha.csv", content[0]);
    file("beta.csv", content[1]);
    file("gamma.csv", gzip(content[2]));
    file("places.csv", "id,name\nd0,North\nd1,South\n");
    mappings_ = {
        mapping(toml("gamma", "C") + "[[static]]\ntable = \"places.csv\"\ntype = \"C\"\nid = \"urn:ngsi-ld:C:{id}\"\n"
                                     "attribute = [{ name = \"name\", as = \"text\" }]\n"),
        mapping(toml("alpha", "A")), mapping(toml("beta", "B"))};
  }

  std::unique_ptr<Replay> replay(Sink& sink, ReplayOptions options = {}, std::function<std::size_t()> backlog = {}) {
    board_ = std::make_unique<FeedBoard>();
    city_ = std::make_unique<base::ManualClock>();
    const auto sleep = [this](base::Duration d) {
      slept_ += d;
      wall_.advance_to(wall_.now() + d);
      if (on_sleep_) on_sleep_();
    };
    auto out =
        Replay::open(mappings_, {folder_, {}}, sink, *board_, {wall_, *city_, sleep, std::move(backlog)}, options);
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    return out ? std::move(*out) : nullptr;
  }
  void play(Sink& sink, ReplayOptions options = {}) {
    const auto player = replay(sink, options);
    while (player->step()) {
    }
    EXPECT_TRUE(player->finished());
  }
  FeedSnapshot snapshot(std::string_view feed) const { return board_->find(feed)->snapshot(city_->now()); }

  std::vector<MappingPtr> mappings_;
  std::unique_ptr<FeedBoard> board_;
  std::unique_ptr<base::ManualClock> city_;
  base::Duration slept_{};
  std::function<void()> on_sleep_;
};

TEST_F(ReplayTest, TheSameCommitsEachTimeInOrderOfTime) {
  write_city();
  ListSink first, second;
  play(first);
  play(second);
  ASSERT_GT(first.commits.size(), 500u);
  EXPECT_EQ(first.texts(), second.texts());
  std::size_t writes = 0;
  for (std::size_t i = 1; i < first.commits.size(); ++i) {
    EXPECT_LE(first.commits[i - 1].at, first.commits[i].at);
    EXPECT_TRUE(i == 0 || first.commits[i].tick);
    for (const flow::Write& write : first.commits[i].writes)
      EXPECT_LE(write.attributes[0].observed_at, first.commits[i].at);
    writes += first.commits[i].writes.size();
  }
  EXPECT_EQ(writes, 2100u);
  EXPECT_EQ(snapshot("alpha").counts.accepted, 700u);
  EXPECT_EQ(snapshot("gamma").state, FeedState::done);
  EXPECT_EQ(snapshot("gamma").progress, 1);
}

TEST_F(ReplayTest, EveryMinuteHasACommitAndCommitsAreCutAtMinutes) {
  write_city();
  ListSink sink;
  play(sink);
  for (std::size_t i = 1; i < sink.commits.size(); ++i) {
    const auto step = sink.commits[i].at - sink.commits[i - 1].at;
    EXPECT_TRUE(step == seconds(0) || step == minutes(1)) << i;
    EXPECT_EQ(base::to_us(sink.commits[i].at) % 60'000'000, 0);
  }
}

// What a kill -9 leaves is a prefix of the commits, with the positions that came with the last of them.
TEST_F(ReplayTest, FromAnyCommitExactlyTheRestFollows) {
  write_city();
  const ReplayOptions small{.rows_max = 3};  // several commits in a slice
  ListSink whole;
  play(whole, small);
  const auto expected = whole.texts();
  const auto last = snapshot("gamma").counts;
  for (std::size_t done = 1; done <= whole.commits.size(); done += 1 + done / 40) {
    ListSink rest;
    rest.table = whole.tables_after[done - 1];
    play(rest, small);
    ASSERT_EQ(rest.texts(), std::vector(expected.begin() + std::ptrdiff_t(done), expected.end())) << done;
    ASSERT_EQ(snapshot("gamma").counts, last) << done;
  }
}

TEST_F(ReplayTest, StoppedAndBegunAgainManyTimesItIsStillTheSame) {
  write_city();
  ListSink whole, parts;
  play(whole);
  base::Rng rng(9);
  for (bool more = true; more;) {
    const auto player = replay(parts);
    for (auto left = rng.below(60); left > 0 && more; --left) more = player->step();
  }
  EXPECT_EQ(parts.texts(), whole.texts());
}

TEST_F(ReplayTest, ARefusedCommitIsSentAgainAndNothingIsLostOrDoubled) {
  write_city();
  ListSink whole;
  play(whole);
  for (const int refused : {1, 2, 3, 77, 300}) {
    ListSink sink;
    sink.refuse_next = refused;
    std::string told;
    on_sleep_ = [&] {
      if (snapshot("alpha").state == FeedState::failed) told = snapshot("alpha").error;
    };
    play(sink);
    EXPECT_EQ(sink.refused, 1);
    EXPECT_EQ(sink.texts(), whole.texts()) << refused;
    EXPECT_THAT(told, HasSubstr("no space left on the disk"));
    EXPECT_EQ(snapshot("alpha").state, FeedState::done);
  }
}

TEST_F(ReplayTest, WhatIsSentWithoutWaitingAndThenRefusedIsSentAgain) {
  write_city();
  ListSink whole;
  play(whole);
  // Commits wait in a queue and are done, late and in order, by another thread: as the twin's are.
  class QueueSink final : public ListSink {
   public:
    QueueSink() : worker_([this] { work(); }) {}
    ~QueueSink() override {
      {
        const std::lock_guard lock(mutex_);
        queue_.emplace_back();
      }
      filled_.notify_one();
      worker_.join();
    }
    void submit(twin::Commit commit, std::function<void(const twin::CommitResult&)> done) override {
      {
        const std::lock_guard lock(mutex_);
        queue_.emplace_back(
            [this, commit = std::move(commit), done = std::move(done)] { done(ListSink::commit(commit)); });
        most_waiting = std::max(most_waiting, queue_.size());
      }
      filled_.notify_one();
    }
    std::size_t most_waiting{0};

   private:
    void work() {
      for (;;) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [&] { return !queue_.empty(); });
        auto next = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        if (!next) return;
        std::this_thread::sleep_for(std::chrono::microseconds(300));
        next();
      }
    }
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::function<void()>> queue_;
    std::thread worker_;
  } sink;
  sink.refuse_next = 50;
  play(sink, {.in_flight_max = 16});
  EXPECT_EQ(sink.refused, 1);
  EXPECT_GT(sink.most_waiting, 4u);
  EXPECT_EQ(sink.texts(), whole.texts());
}

TEST_F(ReplayTest, TheTwinItselfTakesItAndGoesOnAfterARestart) {
  write_city();
  const auto log_of = [](const twin::Twin& twin) {
    std::vector<std::string> out;
    for (flow::Seq after = 0;;) {
      const auto records = twin.read_log(after, 500, {}).value();
      if (records.empty()) return out;
      for (const auto& record : records) out.push_back(store::encode(*record)), after = record->seq;
    }
  };
  const auto run = [&](std::string_view name, std::size_t restarts) {
    std::vector<std::string> log;
    for (std::size_t i = 0; i <= restarts; ++i) {
      auto store = store::Store::open((folder_ / name).string()).value();
      base::ManualClock clock;
      auto twin = twin::Twin::open(*store, clock, {}).value();
      TwinSink sink(*twin);
      const auto player = replay(sink);
      for (std::size_t steps = 0; (i == restarts || steps < 90) && player->step(); ++steps) {
      }
      player->stop();
      log = log_of(*twin);
    }
    return log;
  };
  const auto straight = run("straight", 0);
  EXPECT_GT(straight.size(), 500u);
  EXPECT_EQ(run("restarted", 4), straight);
}

TEST_F(ReplayTest, StaticTablesAreWrittenOnceAndAgainWhenTheyChange) {
  write_city();
  ListSink sink;
  play(sink);
  const auto statics = [&] {
    return std::count_if(sink.commits.begin(), sink.commits.end(), [](const twin::Commit& commit) {
      return !commit.writes.empty() && commit.writes[0].mode == flow::WriteMode::upsert;
    });
  };
  EXPECT_EQ(statics(), 1);
  EXPECT_THAT(sink.commits[0].writes, SizeIs(2)) << "before the first reading";
  file("alpha.csv", "time,id,v\n2020-01-01T00:00:00Z,d0,1\n2021-01-01T00:00:00Z,d0,1\n");
  mappings_.erase(mappings_.begin() + 1, mappings_.end());
  file("places.csv", "id,name\nd0,North\nd1,South bank\n");
  sink.table.erase("position/gamma");
  play(sink);
  EXPECT_EQ(statics(), 2);
}

TEST_F(ReplayTest, LongGapsAreTickedMoreCoarsely) {
  file("alpha.csv", "time,id,v\n" + row(at("2020-01-01T00:00:00Z"), "a", 1) + row(at("2020-01-04T00:00:30Z"), "a", 2) +
                        row(at("2024-01-01T00:00:00Z"), "a", 3));
  mappings_ = {mapping(toml("alpha", "A"))};
  ListSink sink;
  play(sink);
  EXPECT_EQ(sink.commits.size(), 1u + 1440 + 48 + 1 + 1440 + (29 * 24 + 1) + 1427 + 1)
      << "a day of minutes, then hours; after thirty days, days";
}

TEST_F(ReplayTest, SpeedAgainstTheWallClock) {
  file("alpha.csv", "time,id,v\n" + row(at("2020-01-01T00:00:00Z"), "a", 1) + row(at("2020-01-01T01:00:00Z"), "a", 2));
  mappings_ = {mapping(toml("alpha", "A"))};
  for (const double speed : {1.0, 10.0, 600.0, 10'000.0}) {
    slept_ = {};
    ListSink sink;
    play(sink, {.speed = speed});
    EXPECT_NEAR(double(slept_.count()) / 1e6, 3600 / speed, 0.1) << speed;
    const auto expected_step = speed == 1 ? seconds(1) : speed == 10 ? seconds(2) : seconds(60);
    EXPECT_EQ(sink.commits[1].at - sink.commits[0].at, expected_step) << speed;
    EXPECT_EQ(snapshot("alpha").speed, speed);
  }
}

TEST_F(ReplayTest, PausedNothingMovesAndResumedItGoesOnAtItsPace) {
  file("alpha.csv", "time,id,v\n" + row(at("2020-01-01T00:00:00Z"), "a", 1) + row(at("2020-01-01T00:10:00Z"), "a", 2));
  mappings_ = {mapping(toml("alpha", "A"))};
  ListSink sink;
  const auto player = replay(sink, {.speed = 60});
  const auto start = wall_.now();
  ASSERT_TRUE(player->step());
  player->pause();
  EXPECT_EQ(snapshot("alpha").state, FeedState::paused);
  on_sleep_ = [&] {
    if (wall_.now() < start + minutes(5)) {
      EXPECT_THAT(sink.commits, SizeIs(1));
      EXPECT_EQ(player->now(), at("2020-01-01T00:00:00Z"));
    } else if (player->paused()) {
      player->resume();
      EXPECT_EQ(snapshot("alpha").state, FeedState::running);
    }
  };
  while (player->step()) {
  }
  EXPECT_NEAR(double((wall_.now() - start).count()) / 1e6, 300 + 10, 0.2) << "ten minutes at x60 after the pause";
}

TEST_F(ReplayTest, SpeedCanBeChangedOnTheWay) {
  file("alpha.csv", "time,id,v\n" + row(at("2020-01-01T00:00:00Z"), "a", 1) + row(at("2020-01-01T02:00:00Z"), "a", 2));
  mappings_ = {mapping(toml("alpha", "A"))};
  ListSink sink;
  const auto player = replay(sink, {.speed = 60});
  while (player->now() < at("2020-01-01T01:00:00Z")) ASSERT_TRUE(player->step());
  EXPECT_NEAR(double(slept_.count()) / 1e6, 60, 0.2);
  ASSERT_TRUE(player->set_speed(3600));
  while (player->step()) {
  }
  EXPECT_NEAR(double(slept_.count()) / 1e6, 61, 0.3);
  EXPECT_EQ(player->set_speed(10'001).error().code, base::Errc::invalid);
  EXPECT_EQ(player->set_speed(-1).error().code, base::Errc::invalid);
  EXPECT_EQ(player->set_speed(std::numeric_limits<double>::quiet_NaN()).error().code, base::Errc::invalid);
}

TEST_F(ReplayTest, WaitsForTheSlowestLoop) {
  write_city();
  ListSink sink;
  std::size_t backlog = 0, longest = 0;
  sink.after_commit = [&](const twin::Commit&) { longest = std::max(longest, ++backlog); };
  on_sleep_ = [&] { backlog -= std::min<std::size_t>(backlog, 7); };
  const auto player = replay(sink, {.backlog_max = 20}, [&] { return backlog; });
  while (player->step()) {
  }
  EXPECT_LE(longest, 25u);
  EXPECT_GT(slept_, seconds(0));
}

TEST_F(ReplayTest, ABrokenFileFailsItsOwnFeedOnly) {
  write_city();
  std::string packed;
  {
    std::ifstream in(folder_ / "gamma.csv", std::ios::binary);
    packed.assign(std::istreambuf_iterator<char>(in), {});
  }
  file("gamma.csv", std::string_view(packed).substr(0, packed.size() / 2));
  file("beta.csv", "when,id,v\n");
  ListSink sink;
  play(sink);
  EXPECT_EQ(snapshot("alpha").state, FeedState::done);
  EXPECT_EQ(snapshot("alpha").counts.accepted, 700u);
  EXPECT_EQ(snapshot("beta").state, FeedState::failed);
  EXPECT_THAT(snapshot("beta").error, HasSubstr("needs the column time"));
  EXPECT_EQ(snapshot("gamma").state, FeedState::failed);
  EXPECT_THAT(snapshot("gamma").error, HasSubstr("cut short"));
  EXPECT_GT(snapshot("gamma").counts.accepted, 100u) << "the good rows before the damage";
  EXPECT_LT(snapshot("gamma").counts.accepted, 700u);
}

TEST_F(ReplayTest, RejectedRowsCanBeLookedAtAfterARestart) {
  write_city();
  ListSink sink;
  play(sink);
  const auto before = board_->find("gamma")->rejects();
  ASSERT_FALSE(before.empty());
  EXPECT_EQ(before[0].reason, Reason::bad_number);
  EXPECT_THAT(before[0].row, HasSubstr("trailing"));
  play(sink);
  const auto after = board_->find("gamma")->rejects();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].row, before[i].row);
}

TEST_F(ReplayTest, AFileThatHasShrunkIsNotReadAsIfItHadNot) {
  write_city();
  ListSink sink;
  play(sink);
  file("alpha.csv", "time,id,v\n" + row(at("2020-01-01T00:00:00Z"), "a", 1));
  play(sink);
  EXPECT_EQ(snapshot("alpha").state, FeedState::failed);
  EXPECT_THAT(snapshot("alpha").error, HasSubstr("rows were read before, and now it has only 1"));
}

TEST_F(ReplayTest, OnAThreadOfItsOwnItCanBePausedAndStopped) {
  write_city();
  ListSink sink;
  const auto player = replay(sink, {.speed = 1});
  on_sleep_ = [] { std::this_thread::sleep_for(milliseconds(1)); };
  player->start();
  while (player->rows() == 0) std::this_thread::sleep_for(milliseconds(1));
  player->pause();
  player->resume();
  ASSERT_TRUE(player->set_speed(0));
  player->wait_until_finished();
  EXPECT_TRUE(player->finished());
  EXPECT_EQ(player->rows(), 2100u);
  player->stop();
}

TEST_F(ReplayTest, NothingToReplayIsAnError) {
  ListSink sink;
  FeedBoard board;
  base::ManualClock city;
  const auto out = Replay::open({}, {folder_, {}}, sink, board, {wall_, city, {}, {}}, {});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, base::Errc::not_found);
}

}  // namespace
}  // namespace cityloop::sense
