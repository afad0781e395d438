#include "twin/loop.h"

#include <pthread.h>

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <cstdint>
#include <deque>
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

// Rows as they go into a commit, in the table `state` under the loop's name.
class RowPuts final : public StateRows {
 public:
  RowPuts(std::string_view loop, std::vector<TablePut>& puts) : prefix_(state_rows_range(loop).first), puts_(puts) {}
  void put(std::string_view key, std::string value) override {
    puts_.push_back({Table::state, prefix_ + std::string(key), std::move(value)});
  }
  void erase(std::string_view key) override {
    puts_.push_back({Table::state, prefix_ + std::string(key), {}, TableOp::erase});
  }

 private:
  const std::string prefix_;
  std::vector<TablePut>& puts_;
};

// Commits on their way to disk, which are only right in their order. What the disk refuses is sent again, and nothing
// behind it is taken before.
class Outgoing {
 public:
  Outgoing(Twin& twin, std::string_view loop, const std::atomic<bool>& stopping)
      : twin_(twin), loop_(loop), stopping_(stopping) {}

  // Waits while `most` of them are on their way.
  void send(Commit commit, std::size_t most = SIZE_MAX) {
    sent_.push_back(std::make_shared<Sent>(std::move(commit)));
    submit(sent_.back());
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ < most || failure_; });
    const bool failed = failure_.has_value();
    lock.unlock();
    while (!sent_.empty() && sent_.front()->done) sent_.pop_front();
    if (failed) (void)finish();
  }

  // While the store refuses, the loop stands still here and tries again: it must not go on without what it wrote. False
  // when the loop is to end before all was written.
  bool finish() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return in_flight_ == 0; });
      const auto failure = std::exchange(failure_, std::nullopt);
      lock.unlock();
      while (!sent_.empty() && sent_.front()->done) sent_.pop_front();
      if (sent_.empty()) return true;
      if (stopping_) return false;
      base::log_warn("loop '{}' cannot write and tries again: {}", loop_, failure ? failure->message : "refused");
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      chain_ = std::make_shared<std::atomic<bool>>(false);
      for (const auto& sent : sent_) submit(sent);
    }
  }

 private:
  struct Sent {
    explicit Sent(Commit c) : commit(std::move(c)) {}
    Commit commit;
    std::atomic<bool> done{false};
  };

  void submit(const std::shared_ptr<Sent>& sent) {
    {
      const std::lock_guard lock(mutex_);
      ++in_flight_;
    }
    sent->commit.chain = chain_;
    twin_.submit(sent->commit, [this, sent](const CommitResult& result) {
      const std::lock_guard lock(mutex_);
      if (result.status) sent->done = true;
      else if (!failure_) failure_ = result.status.error();
      --in_flight_;
      changed_.notify_all();
    });
  }

  Twin& twin_;
  const std::string loop_;
  const std::atomic<bool>& stopping_;
  std::shared_ptr<std::atomic<bool>> chain_{std::make_shared<std::atomic<bool>>(false)};
  std::deque<std::shared_ptr<Sent>> sent_;  // not yet known to be on disk; the loop's thread only
  std::mutex mutex_;                        // guards what is below
  std::condition_variable changed_;
  std::size_t in_flight_{0};
  std::optional<base::Error> failure_;
};

constexpr std::size_t kCutsAtOnce = 4;  // on their way to disk while the loop goes on
constexpr auto kWakesApart = base::Duration(std::chrono::milliseconds(50));

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
  bool wrote{false};        // since the last after_commit
  bool rebuilding{false};   // until a state of its own is on disk again
  bool half_loaded{false};  // what could not be read has left traces
  std::mutex rebuilt_mutex;
  std::string rebuilt;  // why
  std::chrono::steady_clock::time_point next_checkpoint{};
  Seq checkpoint_at{0};

  std::atomic<bool> stopping{false};
  std::thread thread;
  std::mutex calls_mutex;
  std::vector<std::function<void()>> calls;
  Outgoing outgoing;
  flow::Instant woken_at{flow::kNever};

  Inside(Twin& t, Loop& l, const LoopOptions& o)
      : twin(t), loop(l), options(o), origin(fmt::format("loop:{}", l.name())), outgoing(t, l.name(), stopping) {}

  Status load();
  Status read_position();
  Status load_state(const std::optional<std::string>& saved);
  bool is_again(std::string_view state);
  Status load_rows();
  Status rebuild(const base::Error&);
  void tell_rebuilt(const std::string& why);
  void run();
  void take(const std::vector<LogRecordPtr>&);
  bool take_and_derive(const std::vector<LogRecordPtr>&);
  Outbox feed(const flow::LogRecord&);
  void add_rows(Commit&);
  base::Duration patience();
  Status derive(const Commit&);
  bool derive_all(std::vector<Commit>&);
  bool write(Commit&&);
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
  const auto why = TRY(store.get(Table::state, rebuild_key(loop.name())));
  position = 0;
  rebuilding = why.has_value();
  if (rebuilding) tell_rebuilt(*why);
  else if (const Status loaded = load_state(saved); !loaded) TRY(rebuild(loaded.error()));
  cursor = std::max(cursor, position);
  if (const Seq first = store.first_seq(); position + 1 < first) {
    if (!rebuilding && (saved || cursor > 0)) {
      return base::fail(Errc::not_found, "loop '{}' needs the log from record {} on, but {} to {} were trimmed",
                        loop.name(), position + 1, position + 1, first - 1);
    }
    base::log_warn("loop '{}' {} at record {}, the oldest that is kept", loop.name(),
                   rebuilding ? "is rebuilt and begins" : "is new and begins", first);
    position = first - 1;
    cursor = std::max(cursor, position);
  }
  checkpoint_at = position;
  done = position;
  return {};
}

Status LoopRunner::Inside::load_state(const std::optional<std::string>& saved) {
  if (!saved) return loop.keeps_rows() ? load_rows() : Status{};
  base::ByteReader in(*saved);
  position = in.varint();
  if (loop.keeps_rows() && in.at_end()) return load_rows();
  // What is left of a state that could not be read must not be built upon.
  base::ByteWriter nothing;
  if (!loop.keeps_rows()) loop.save(nothing);
  Status loaded = loop.load(in);
  if (loaded && !in.ok()) loaded = base::fail(Errc::corrupt, "the checkpoint of loop '{}' is damaged", loop.name());
  if (!loaded) half_loaded = loop.keeps_rows() ? loaded.error().code != Errc::unsupported : !is_again(nothing.view());
  return loaded;
}

// Whether the state could be made what it was.
bool LoopRunner::Inside::is_again(std::string_view state) {
  base::ByteReader in(state);
  if (!loop.load(in) || !in.ok()) return false;
  base::ByteWriter out;
  loop.save(out);
  return out.view() == state;
}

// From the oldest record on. Rows stay on disk until others can take their place; that the checkpoint goes keeps the
// log.
Status LoopRunner::Inside::rebuild(const base::Error& error) {
  if (error.code == Errc::unavailable) return std::unexpected(error);
  if (const Seq first = twin.store().first_seq(); first > 1 && !loop.may_begin_late()) {
    return base::fail(error.code,
                      "loop '{}' cannot read its checkpoint ({}), nor be rebuilt: of the log it needs, records 1 to {} "
                      "were trimmed. Start the program that wrote the checkpoint, or restore a backup",
                      loop.name(), error.message, first - 1);
  }
  rebuilding = true;
  position = 0;
  tell_rebuilt(error.message);
  base::log_error("loop '{}' cannot read its checkpoint and is rebuilt from the log: {}", loop.name(), error.message);
  store::Batch batch;
  batch.erase(Table::state, loop.name());
  batch.put(Table::state, rebuild_key(loop.name()), error.message);
  TRY(twin.store().commit(batch, store::Durability::flushed));
  if (!half_loaded) return {};
  return base::fail(Errc::corrupt, "loop '{}' could read only a part of its checkpoint: {}. Start again: it is rebuilt",
                    loop.name(), error.message);
}

void LoopRunner::Inside::tell_rebuilt(const std::string& why) {
  const std::lock_guard lock(rebuilt_mutex);
  rebuilt = why;
}

// The rows are those of the cursor.
Status LoopRunner::Inside::load_rows() {
  const auto [first, end] = state_rows_range(loop.name());
  Status loaded;
  std::size_t taken = 0;
  TRY(twin.store().scan(Table::state, first, end, [&](std::string_view key, std::string_view value) {
    base::ByteReader in(value);
    const std::string_view mine = key.substr(first.size());
    loaded = loop.load_row(mine, in);
    if (loaded && (!in.ok() || !in.at_end()))
      loaded = base::fail(Errc::corrupt, "row '{}' of the state of loop '{}' is damaged", mine, loop.name());
    half_loaded = !loaded && (taken > 0 || loaded.error().code != Errc::unsupported);
    ++taken;
    return loaded.has_value();
  }));
  TRY(loaded);
  position = cursor;
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
  commit.puts.push_back({Table::cursor, std::string(loop.name()), number_bytes(std::max(seq, cursor))});
  commit.origin = origin;
  commit.at = at;
  return commit;
}

// The first rows of a state that was rebuilt take the place of those that could not be read.
void LoopRunner::Inside::add_rows(Commit& commit) {
  if (!loop.keeps_rows() || position < cursor) return;
  if (std::exchange(rebuilding, false)) {
    const auto [first, end] = state_rows_range(loop.name());
    commit.puts.push_back({Table::state, first, end, TableOp::erase_range});
    commit.puts.push_back({Table::state, rebuild_key(loop.name()), {}, TableOp::erase});
  }
  RowPuts rows(loop.name(), commit.puts);
  loop.save_changed(rows);
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

// Until it is on disk, or the loop is to end. False when rows were lost.
bool LoopRunner::Inside::write(Commit&& commit) {
  if (loop.derives()) {
    std::vector<Commit> one;
    one.push_back(std::move(commit));
    return derive_all(one);
  }
  outgoing.send(std::move(commit));
  (void)outgoing.finish();
  return true;
}

// What was derived is lost back to the last moment that the tables hold: on from there.
void LoopRunner::Inside::lose() {
  base::log_warn("loop '{}' begins again: rows that it had derived were lost", loop.name());
  Status begun = loop.begin_again();
  if (begun) begun = read_position();
  if (!begun) base::log_error("loop '{}': {}", loop.name(), begun.error().message);
}

Outbox LoopRunner::Inside::feed(const flow::LogRecord& record) {
  Outbox outbox;
  const Seq before = position;
  if (loop.keeps_rows() && !loop.derives()) {
    outbox.on_cut = [&](Outbox& part) {
      if (record.seq <= cursor) return part.writes.clear(), part.puts.clear();
      Outbox cut;
      std::swap(cut.writes, part.writes);
      std::swap(cut.puts, part.puts);
      Commit commit = to_commit(std::move(cut), before, record.at);
      add_rows(commit);
      outgoing.send(std::move(commit), kCutsAtOnce);
      wrote = true;
    };
  }
  loop.on_record(record, outbox);
  outbox.on_cut = {};
  position = record.seq;
  return outbox;
}

void LoopRunner::Inside::take(const std::vector<LogRecordPtr>& records) {
  if (loop.derives()) {
    if (!take_and_derive(records)) return lose();
  } else {
    for (const LogRecordPtr& record : records) {
      Outbox outbox = feed(*record);
      if (position <= cursor || outbox.empty()) continue;  // before a crash this was written already
      Commit commit = to_commit(std::move(outbox), position, record->at);
      add_rows(commit);
      outgoing.send(std::move(commit));
      wrote = true;
    }
    if (!outgoing.finish()) return;  // perhaps unwritten: not done
  }
  done = position;
  cursor = std::max(cursor, position);
}

// False when rows were lost.
bool LoopRunner::Inside::take_and_derive(const std::vector<LogRecordPtr>& records) {
  std::vector<Commit> commits;
  for (const LogRecordPtr& record : records) {
    Outbox outbox = feed(*record);
    if (position <= cursor || outbox.empty()) continue;
    commits.push_back(to_commit(std::move(outbox), position, record->at));
    add_rows(commits.back());
  }
  wrote = wrote || !commits.empty();
  return derive_all(commits);
}

void LoopRunner::Inside::settle() {
  if (!caught_up && position < cursor) return;
  if (caught_up && !wrote) return;
  caught_up = true;
  wrote = false;
  loop.after_commit(position);
}

// Of a loop that keeps rows this only moves the cursor up to records of which nothing came.
void LoopRunner::Inside::checkpoint() {
  Outbox outbox;
  loop.before_checkpoint(outbox);
  base::ByteWriter state;
  state.varint(position);
  if (!loop.keeps_rows()) loop.save(state);
  const bool was_rebuilt = rebuilding && !loop.keeps_rows();
  Commit commit = to_commit(std::move(outbox), position, flow::kNever);
  commit.puts.push_back({Table::state, std::string(loop.name()), state.take()});
  if (const Seq needs = loop.needs_log_from(); needs > 0) {
    commit.puts.push_back({Table::state, log_need_key(loop.name()), number_bytes(needs)});
  }
  if (was_rebuilt) commit.puts.push_back({Table::state, rebuild_key(loop.name()), {}, TableOp::erase});
  add_rows(commit);
  if (loop.keeps_rows() && !stopping) {
    // Rows that were given away must get to the disk.
    if (!write(std::move(commit))) return lose();
  } else {
    const Status written = loop.derives() ? derive(commit) : twin.commit(std::move(commit)).status;
    if (!written) base::log_warn("loop '{}' has no new checkpoint: {}", loop.name(), written.error().message);
    else if (was_rebuilt) rebuilding = false;
    if (!written && loop.derives() && written.error().code == Errc::conflict) return lose();
  }
  checkpoint_at = position;
  next_checkpoint = std::chrono::steady_clock::now() + options.checkpoint_every;
}

// How long to wait for a record. What the loop asked to be woken for is made one, unless one has come by itself.
base::Duration LoopRunner::Inside::patience() {
  constexpr base::Duration kLong = std::chrono::milliseconds(200);
  const flow::Instant wish = options.wakes && caught_up && position == twin.head() ? loop.wakes_at() : flow::kNever;
  if (wish == flow::kNever) return kLong;
  const flow::Instant now = twin.clock().now();
  const flow::Instant at = woken_at == flow::kNever ? wish : std::max(wish, woken_at + kWakesApart);
  if (at > now) return std::min(kLong, at - now);
  Commit tick;
  tick.tick = true;
  tick.origin = origin;
  tick.at = now;
  woken_at = now;
  if (const Status told = twin.commit(std::move(tick)).status; !told) return kWakesApart;
  return kLong;
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
    // What they do follows from no record: it must not be done to a state of long ago.
    if (position >= cursor) run_calls();
    // Who is far behind reads from disk, where many at once cost little more than few.
    const bool far = twin.head() > position + 16 * options.records_max;
    const std::size_t most = far ? 16 * options.records_max : options.records_max;
    const auto records = twin.read_log(position, most, patience());
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

std::string rebuild_key(std::string_view loop) {
  return fmt::format("{}/rebuild", loop);
}

std::pair<std::string, std::string> state_rows_range(std::string_view loop) {
  return {std::string(loop) + '\0', std::string(loop) + '\1'};
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
      Commit commit = inside_->to_commit(std::move(outbox), inside_->position, flow::kNever);
      inside_->add_rows(commit);
      if (!inside_->write(std::move(commit))) inside_->lose();
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

std::string LoopRunner::rebuilt() const {
  const std::lock_guard lock(inside_->rebuilt_mutex);
  return inside_->rebuilt;
}

Seq LoopRunner::done() const {
  return inside_->done;
}
std::string_view LoopRunner::name() const {
  return inside_->loop.name();
}

}  // namespace cityloop::twin
