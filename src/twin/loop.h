// A loop: reads the log in order from its own cursor and writes entities back. Every stage is one.
//
//   log ══ LogRecord ══▶ [Loop] ─ Outbox ─▶ twin      (cursor and writes in one atomic commit)
//
// A Loop is deterministic: its state and its writes follow from the records alone, never from a clock, a socket or the
// twin as it is now. So after a crash the runner loads the last checkpoint, feeds it the records since (dropping what
// it writes again up to the cursor), and it goes on exactly where it was: nothing lost, nothing done twice. Timers live
// by LogRecord::at: in a live city a tick comes every second, and at the moment that a loop asks to be woken at.
//
// A checkpoint that this program cannot read (of another form after an upgrade, or damaged) is no reason to stand
// still: the state follows from the log, so the loop is fed it from the oldest record on, writes nothing again that it
// had written, and says so (LoopRunner::rebuilt). Where the beginning of the log is gone, only a loop that may begin
// late is rebuilt so; for any other the start fails and says what to do.
//
// A checkpoint holds the state whole, every so often. A loop whose state grows with the city keeps it row by row
// instead (keeps_rows): the rows that changed go to disk in the same atomic commit as what it wrote and its cursor, so
// that a checkpoint costs by what changed and never by what there is, and after a crash no record is fed twice.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "flow/change.h"
#include "twin/commit.h"

namespace cityloop::twin {

class Twin;

struct Outbox {
  std::vector<flow::Write> writes;
  std::vector<TablePut> puts;  // what is no entity: series chunks
  bool empty() const { return writes.empty() && puts.empty(); }

  // Lets what has been written by now go to disk while the loop goes on with the same record: a hundred thousand
  // deadlines of one second need not be one commit. For loops that keep rows; a crash between two cuts feeds the record
  // again to the state that was cut last, so what is left of it must follow from that state.
  void cut() {
    if (on_cut && !empty()) on_cut(*this);
  }
  std::function<void(Outbox&)> on_cut;  // takes what is in it; set by the runner
};

// The rows of a loop's state that have changed. Keys are the loop's own, and sort as bytes.
class StateRows {
 public:
  virtual ~StateRows() = default;
  virtual void put(std::string_view key, std::string value) = 0;
  virtual void erase(std::string_view key) = 0;
};

class Loop {
 public:
  virtual ~Loop() = default;
  // Stable: cursor and checkpoint are stored under it. "rules", "casework", "act", "learn", "history".
  virtual std::string_view name() const = 0;
  // In order, each record once. Own writes come back as records too (origin "loop:NAME").
  virtual void on_record(const flow::LogRecord&, Outbox&) = 0;
  // Just before a checkpoint: the place to write out what is better kept in tables than in the checkpoint.
  virtual void before_checkpoint(Outbox&) {}
  // All state that on_record depends on. Of a loop that keeps rows, load() is asked only for a checkpoint from before
  // it kept any; all of it counts as changed then.
  virtual void save(base::ByteWriter&) const = 0;
  virtual base::Status load(base::ByteReader&) = 0;
  // Whether a state built from the newest part of the log alone is only poorer for a while, never wrong.
  virtual bool may_begin_late() const { return false; }
  // Whether the state is kept row by row. Then no whole checkpoints are made.
  virtual bool keeps_rows() const { return false; }
  // The rows that changed since the last call; what is given here will be on disk, or the loop goes no further.
  virtual void save_changed(StateRows&) {}
  // In order of keys, into the state as it is when the loop is made. A row of another form: Errc::unsupported, before
  // anything is taken from it.
  virtual base::Status load_row(std::string_view /*key*/, base::ByteReader& /*value*/) { return {}; }
  // The city's time at which it has something to do though nothing is recorded; kNever: nothing. In a city of the wall
  // clock a tick is recorded then (LoopOptions::wakes).
  virtual flow::Instant wakes_at() const { return flow::kNever; }
  // The first record that it would ask the log for by itself after a restart from the state just saved, beside those
  // that it is fed; 0: it asks for none. The log is not trimmed before it, save where it grows beyond all bounds
  // (LogRetention).
  virtual flow::Seq needs_log_from() const { return 0; }
  // Whether all that it writes are rows of tables that follow from the log alone. Such rows go to the tables directly,
  // together with cursor and checkpoint, and stand in no journal: no writer waits for them. A crash may lose the newest
  // of them, all back to one moment; the loop is then fed the records since.
  virtual bool derives() const { return false; }
  // Rows were lost while the city runs (store.h: generation): the state becomes what the tables now say, and the
  // records since are fed again.
  virtual base::Status begin_again() { return {}; }
  // Called once replay has caught up with the cursor and from then on after each commit of what on_record wrote, with
  // the records' last sequence: the place for effects on the world (publish, notify), which must bear being done again.
  virtual void after_commit(flow::Seq) {}
};

struct LoopOptions {
  std::size_t records_max{64};                                // taken at once
  base::Duration checkpoint_every{std::chrono::seconds(20)};  // of real time
  bool wakes{
      false};  // ticks are recorded when the loop asks for them; never where a replay is to be the same each time
};

// Where it stands in the table `state` that a loop is being rebuilt, and why.
std::string rebuild_key(std::string_view loop);
// Where the rows of a loop's state stand in the table `state`: [first, second).
std::pair<std::string, std::string> state_rows_range(std::string_view loop);

// Runs one loop on one thread of its own.
class LoopRunner {
 public:
  LoopRunner(Twin&, Loop&, LoopOptions = {});
  ~LoopRunner();  // stops, with a last checkpoint

  base::Status start();  // loads checkpoint and cursor, or begins to rebuild the state
  void stop();
  // Runs f on the loop's thread between two records, and waits: for hot-reloading rules, reading counters.
  void run_inside(const std::function<void(Outbox&)>& f);

  // Why the state follows from the log anew since the start; empty: it is that of the checkpoint.
  std::string rebuilt() const;
  flow::Seq done() const;  // last record whose outcome is committed or needed no commit
  std::string_view name() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::twin
