#include "twin/loop.h"

#include <pthread.h>

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <tuple>

#include "base/log.h"
#include "twin/twin.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using flow::LogRecordPtr;
using flow::Seq;
using store::Table;

std::string number_bytes(Seq seq) {
  base::ByteWriter out;
  out.varint(seq);
  return out.take();
}

Result<Seq> stored_number(store::Store& store, Table table, std::string_view key) {
  const auto bytes = TRY(store.get(table, key));
  if (!bytes) return Seq{0};
  base::ByteReader in(*bytes);
  return in.varint();
}

// Counts commits on their way, so that a loop can send many and wait for all.
class InFlight {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void done(const Status& status) {
    const std::lock_guard lock(mutex_);
    if (!status && !failure_) failure_ = status.error();
    if (--count_ == 0) none_.notify_all();
  }
  // The first failure among them, if any.
  std::optional<base::Error> wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [&] { return count_ == 0; });
    return std::exchange(failure_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_{0};
  std::optional<base::Error> failure_;
};

}  // namespace

struct LoopRunner::Inside {
  Twin& twin;
  Loop& loop;
  const LoopOptions options;
  const flow::Name origin;

  Seq position{0};  // last record that the loop has seen
  Seq cursor{0};    // last record whose outcome is on disk
  std::atomic<Seq> done{0};
  std::uint64_t generation{0};  // of the tables that what it derived lies in
  bool caught_up{false};
  bool wrote{false};  // since the last after_commit
  std::chrono::steady_clock::time_point next_checkpoint{};
  Seq checkpoint_at{0};

  std::atomic<bool> stopping{false};
  std::thread thread;
  std::mutex calls_mutex;
  std::vector<std::function<void()>> calls;

  Inside(Twin& t, Loop& l, const LoopOptions& o)
      : twin(t), loop(l), options(o), origin(fmt::format("loop:{}", l.name())) {}

  Status load();
  Status read_position();
  void run();
  void take(const std::vector<LogRecordPtr>&);
  void commit_all(std::vector<Commit>&);
  Status derive(const Commit&);
  bool derive_all(std::vector<Commit>&);
  void lose();
  Commit to_commit(Outbox&&, Seq seq, flow::Instant at) const;
  void settle();
  void checkpoint();
  void run_calls();
};

Status LoopRunner::Inside::read_position() {
  auto& store = twin.store();
  generation = store.generation();
  cursor = TRY(stored_number(store, Table::cursor, loop.name()));
  const auto saved = TRY(store.get(Table::state, loop.name()));
  position = 0;
  if (saved) {
    base::ByteReader in(*saved);
    position = in.varint();
    if (auto loaded = loop.load(in); !loaded) return loaded;
    if (!in.ok()) return base::fail(Errc::corrupt, "the checkpoint of loop '{}' is damaged", loop.name());
  }
  cursor = std::max(cursor, position);
  if (const Seq first = store.first_seq(); position + 1 < first) {
    if (saved || cursor > 0) {
      return base::fail(Errc::not_found, "loop '{}' needs the log from record {} on, but {} to {} were trimmed",
                        loop.name(), position + 1, position + 1, first - 1);
    }
    base::log_warn("loop '{}' is new and begins at record {}, the oldest that is kept", loop.name(), first);
    position = cursor = first - 1;
  }
  checkpoint_at = position;
  done = position;
  return {};
}

Status LoopRunner::Inside::load() {
  next_checkpoint = std::chrono::steady_clock::now() + options.checkpoint_every;
  return read_position();
}

Commit LoopRunner::Inside::to_commit(Outbox&& outbox, Seq seq, flow::Instant at) const {
  Commit commit;
  commit.writes = std::move(outbox.writes);
  commit.puts = std::move(outbox.puts);
  commit.puts.push_back({Table::cursor, std::string(loop.name()), number_bytes(seq)});
  commit.origin = origin;
  commit.at = at;
  return commit;
}

// Sends all, waits for all. While the store refuses, the loop stands still here and tries again: it must not go on
// without what it wrote. Writing again what did get through is harmless: the same entities, the same cursor.
void LoopRunner::Inside::commit_all(std::vector<Commit>& commits) {
  while (!stopping) {
    InFlight in_flight;
    for (const Commit& commit : commits) {
      in_flight.add();
      twin.submit(commit, [&in_flight](const CommitResult& result) { in_flight.done(result.status); });
    }
    const auto failure = in_flight.wait();
    if (!failure) return;
    base::log_warn("loop '{}' cannot write and tries again: {}", loop.name(), failure->message);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

// Rows in the order of their keys, which the tables take several times as fast.
Status LoopRunner::Inside::derive(const Commit& commit) {
  assert(commit.writes.empty() && "a loop that derives writes no entities");
  const auto is_range = [](const TablePut& put) { return put.op == TableOp::erase_range; };
  std::vector<const TablePut*> order;
  order.reserve(commit.puts.size());
  for (const TablePut& put : commit.puts) order.push_back(&put);
  if (std::ranges::none_of(commit.puts, is_range)) {
    std::ranges::stable_sort(order, {}, [](const TablePut* put) { return std::tie(put->table, put->key); });
  }
  store::Batch batch;
  for (const TablePut* put : order) add_to(batch, *put);
  return twin.store().derive(batch, generation);
}

// False when it was all in vain because rows were lost: everything since the last persist comes again.
bool LoopRunner::Inside::derive_all(std::vector<Commit>& commits) {
  for (Commit& commit : commits) {
    while (!stopping) {
      const Status derived = derive(commit);
      if (derived) break;
      if (derived.error().code == Errc::conflict) return false;
      base::log_warn("loop '{}' cannot write and tries again: {}", loop.name(), derived.error().message);
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
  }
  return true;
}

// What was derived is lost back to the last moment that the tables hold: on from there.
void LoopRunner::Inside::lose() {
  base::log_warn("loop '{}' begins again: rows that it had derived were lost", loop.name());
  Status begun = loop.begin_again();
  if (begun) begun = read_position();
  if (!begun) base::log_error("loop '{}': {}", loop.name(), begun.error().message);
}

void LoopRunner::Inside::take(const std::vector<LogRecordPtr>& records) {
  std::vector<Commit> commits;
  for (const LogRecordPtr& record : records) {
    Outbox outbox;
    loop.on_record(*record, outbox);
    position = record->seq;
    if (position <= cursor || outbox.empty()) continue;  // before a crash this was written already
    commits.push_back(to_commit(std::move(outbox), position, record->at));
  }
  if (!commits.empty()) {
    if (!loop.derives()) commit_all(commits);
    else if (!derive_all(commits)) return lose();
    wrote = true;
  }
  if (stopping && !commits.empty()) return;  // perhaps unwritten: not done
  done = position;
  cursor = std::max(cursor, position);
}

void LoopRunner::Inside::settle() {
  if (!caught_up && position < cursor) return;
  if (caught_up && !wrote) return;
  caught_up = true;
  wrote = false;
  loop.after_commit(position);
}

void LoopRunner::Inside::checkpoint() {
  Outbox outbox;
  loop.before_checkpoint(outbox);
  base::ByteWriter state;
  state.varint(position);
  loop.save(state);
  Commit commit = to_commit(std::move(outbox), position, flow::kNever);
  commit.puts.push_back({Table::state, std::string(loop.name()), state.take()});
  if (const Seq needs = loop.needs_log_from(); needs > 0) {
    commit.puts.push_back({Table::state, log_need_key(loop.name()), number_bytes(needs)});
  }
  const Status written = loop.derives() ? derive(commit) : twin.commit(std::move(commit)).status;
  if (!written) base::log_warn("loop '{}' has no new checkpoint: {}", loop.name(), written.error().message);
  if (!written && loop.derives() && written.error().code == Errc::conflict) return lose();
  checkpoint_at = position;
  next_checkpoint = std::chrono::steady_clock::now() + options.checkpoint_every;
}

void LoopRunner::Inside::run_calls() {
  std::vector<std::function<void()>> mine;
  {
    const std::lock_guard lock(calls_mutex);
    mine.swap(calls);
  }
  for (const auto& call : mine) call();
}

void LoopRunner::Inside::run() {
  ::pthread_setname_np(::pthread_self(), fmt::format("loop:{}", loop.name()).substr(0, 15).c_str());
  while (!stopping) {
    run_calls();
    // Who is far behind reads from disk, where many at once cost little more than few.
    const bool far = twin.head() > position + 16 * options.records_max;
    const std::size_t most = far ? 16 * options.records_max : options.records_max;
    const auto records = twin.read_log(position, most, std::chrono::milliseconds(200));
    if (!records) {
      base::log_error("loop '{}' stands still: {}", loop.name(), records.error().message);
      std::this_thread::sleep_for(std::chrono::seconds(1));
      continue;
    }
    take(*records);
    settle();
    const bool due = std::chrono::steady_clock::now() >= next_checkpoint;
    if (due && position > checkpoint_at && position >= cursor) checkpoint();
  }
  run_calls();
}

LoopRunner::LoopRunner(Twin& twin, Loop& loop, LoopOptions options)
    : inside_(std::make_unique<Inside>(twin, loop, options)) {}

LoopRunner::~LoopRunner() {
  stop();
}

Status LoopRunner::start() {
  TRY(inside_->load());
  inside_->thread = std::thread([inside = inside_.get()] { inside->run(); });
  return {};
}

void LoopRunner::stop() {
  if (!inside_->thread.joinable()) return;
  inside_->stopping = true;
  inside_->thread.join();
  if (inside_->done == inside_->position && inside_->position > inside_->checkpoint_at &&
      inside_->position >= inside_->cursor) {
    inside_->checkpoint();
  }
}

void LoopRunner::run_inside(const std::function<void(Outbox&)>& f) {
  std::mutex mutex;
  std::condition_variable finished;
  bool over = false;
  const auto call = [&] {
    Outbox outbox;
    f(outbox);
    if (!outbox.empty()) {
      std::vector<Commit> commits;
      commits.push_back(inside_->to_commit(std::move(outbox), inside_->position, flow::kNever));
      if (!inside_->loop.derives()) inside_->commit_all(commits);
      else if (!inside_->derive_all(commits)) inside_->lose();
      inside_->wrote = true;
    }
    // What f did follows from no record: only the checkpoint remembers it.
    if (inside_->position >= inside_->cursor) inside_->checkpoint();
    const std::lock_guard lock(mutex);
    over = true;
    finished.notify_one();
  };
  {
    const std::lock_guard lock(inside_->calls_mutex);
    if (inside_->thread.joinable() && !inside_->stopping) inside_->calls.emplace_back(call);
    else over = true;
  }
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return over; });
}

Seq LoopRunner::done() const {
  return inside_->done;
}
std::string_view LoopRunner::name() const {
  return inside_->loop.name();
}

}  // namespace cityloop::twin
