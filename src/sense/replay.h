// Plays files into the city as if they happened now: one stream in order of time, at any speed, on the files' own
// clock.
//
//   FileFeed… ─ rows ─▶ [Replay] ─ Commit a slice ─▶ twin        (positions in the same commit)
//
// Where commits are cut follows from the data alone: all rows observed up to the end of a slice of city time (a minute
// at full speed) and after the one before, at most rows_max of one feed together; feeds in order of name; Commit::at is
// the slice's end. A slice without rows is a tick. So a replay at full speed writes the same log every time. Each
// commit carries how far every file was read, so that after a crash the next Replay goes on exactly behind the last
// commit that was made durable.
//
// A row that comes after later ones of its file joins the slice at hand (the twin marks it late). Steps are finer at
// low speed, so that a city at ×1 moves each second. Pause, speed and stop may be asked from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "sense/feed_stats.h"
#include "sense/file_feed.h"
#include "sense/sink.h"
#include "sense/tables.h"

namespace cityloop::sense {

inline constexpr double kSpeedMax = 10'000;

struct ReplayOptions {
  double speed{0};  // city seconds in a second; 0: as fast as it goes
  base::Duration slice{std::chrono::minutes(1)};
  std::size_t rows_max{2000};      // of one feed in one commit
  std::size_t in_flight_max{256};  // commits handed over and not yet durable
  std::size_t backlog_max{2000};   // records that the slowest loop may lie behind
};

// The world outside: everything that is not in the files.
struct ReplayWorld {
  const base::Clock& wall;
  base::ManualClock& city;                      // driven by the replay
  std::function<void(base::Duration)> sleep{};  // of the replay's thread; the real one when empty
  std::function<std::size_t()> backlog{};       // records that the slowest loop has still to read; none when empty
};

class Replay {
 public:
  // Takes mappings of every kind: files are replayed, and the static tables of all are written when it begins. Goes on
  // where a former replay into the same sink stopped. A file that cannot be read fails its own feed, told on the board;
  // only a damaged position, or no file at all, is an error.
  static base::Result<std::unique_ptr<Replay>> open(std::vector<MappingPtr>, Folders, Sink&, FeedBoard&, ReplayWorld,
                                                    ReplayOptions);
  ~Replay();  // stops

  void start();  // a thread of its own
  void stop();   // after the commit at hand; what is in flight is waited for
  bool step();   // one slice or tick, for callers with a thread of their own; false when there is nothing left
  void wait_until_finished();

  void pause();
  void resume();
  base::Status set_speed(double);  // 0, or up to kSpeedMax
  bool paused() const { return paused_; }
  double speed() const { return speed_; }
  bool finished() const { return finished_; }
  double progress() const;     // 0 to 1, by bytes read
  base::Instant now() const;   // the city's time; kNever before the first slice
  std::uint64_t rows() const;  // accepted, of all files

 private:
  struct Lane {  // one file
    MappingPtr mapping;
    FeedStats* stats{};
    std::unique_ptr<FileFeed> feed;  // null when it failed to open
    double bytes{1};                 // of the file, for the progress of all together
    FeedRow head;                    // the next row, read ahead
    bool has_head{false};
    std::atomic<bool> ended{false};
    base::Instant newest{base::kNever};  // observedAt among the rows taken
    std::vector<flow::Write> pending;    // rows taken, of the slice at hand
    std::size_t pending_rows{0};
    std::uint64_t commits{0};
    std::uint64_t durable_rows{0};  // with durable_counts: guarded by mutex_
    FeedCounters durable_counts;
  };
  struct Mark {                             // how far the replay as a whole is
    base::Instant at{base::kNever};         // end of the newest slice
    base::Instant gap_since{base::kNever};  // end of the newest slice that had rows
    std::string encode() const;
  };

  Replay(Folders, Sink&, FeedBoard&, ReplayWorld, ReplayOptions);
  base::Status load(std::vector<MappingPtr>);
  base::Status load_feed(MappingPtr);
  base::Status load_positions();
  void open_lane(Lane&);
  base::Status write_statics(base::Instant at);
  void pull(Lane&);
  Lane* earliest();
  base::Duration step_size() const;
  base::Instant next_tick() const;
  void take_slice(base::Instant end);
  void commit_lane(Lane&);
  void tick(base::Instant at);
  void submit(twin::Commit, Lane*);
  void settle(Lane*, const twin::CommitResult&, std::uint64_t rows, const FeedCounters&, const Mark&);
  bool wait_for_turn(base::Instant at);
  void sleep(base::Duration) const;
  void drain();
  bool recover();
  bool finish();
  std::string refusal();
  void refuse(const base::Error&);
  void tell_progress();
  void tell_state(FeedState, const std::string& error = {});

  const Folders folders_;
  Sink& sink_;
  FeedBoard& board_;
  const ReplayWorld world_;
  const ReplayOptions options_;
  std::vector<std::unique_ptr<Lane>> lanes_;    // by name
  std::map<std::string, StaticTables> tables_;  // by feed
  bool statics_written_{false};
  Mark mark_;  // of the replay's thread; may be ahead of what is durable

  std::atomic<std::int64_t> at_us_;  // mark_.at, for others
  std::atomic<double> speed_, progress_{0};
  std::atomic<bool> paused_{false}, stopping_{false}, finished_{false};
  // Whether anchor_wall_ and anchor_city_ still say where the wall clock and the city's were together.
  std::atomic<bool> anchored_{false};
  base::Instant anchor_wall_{}, anchor_city_{};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t in_flight_{0};
  std::string refusal_;  // why a commit was refused; empty when none was
  Mark durable_;
  // Commits of one chain: once one is refused, the twin refuses all behind it, so that what is durable has no hole.
  std::shared_ptr<std::atomic<bool>> chain_;
  base::Duration back_off_;
  std::thread thread_;
};

}  // namespace cityloop::sense
