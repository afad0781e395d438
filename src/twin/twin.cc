#include "twin/twin.h"

#include <pthread.h>

#include <cassert>
#include <deque>

#include "base/cork.h"
#include "base/log.h"
#include "store/record.h"
#include "twin/apply.h"
#include "twin/load.h"
#include "twin/population.h"
#include "twin/query/indexer.h"
#include "twin/query/plan.h"
#include "twin/snapshot.h"
#include "twin/tail.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using flow::LogRecord;
using store::Batch;
using store::Table;

constexpr std::size_t kPutTogether = 64;                      // in one hold of the lock: some 60 µs that readers wait
constexpr auto kFlushEvery = std::chrono::milliseconds(200);  // of Durability::buffered

using Done = std::function<void(CommitResult)>;

struct Pending {
  Commit commit;
  Done done;
};

// One group of commits on its way to disk: what the population will be once it is there.
struct Group {
  struct Next {
    EntityPtr entity;  // null: erased
    Age age{0};        // where it is new
  };
  std::unordered_map<EntityId, Next> next;
  std::vector<LogRecordPtr> records;
  std::vector<CommitResult> results;
  Batch batch;
  Seq seq;
  std::uint64_t refused{0}, late{0}, changes{0};
};

}  // namespace

void add_to(Batch& batch, const TablePut& put) {
  switch (put.op) {
    case TableOp::put: batch.put(put.table, put.key, put.value); break;
    case TableOp::erase: batch.erase(put.table, put.key); break;
    case TableOp::erase_range: batch.erase_range(put.table, put.key, put.value); break;
  }
}

struct Twin::Inside {
  store::Store& store;
  const base::Clock& clock;
  const TwinOptions options;

  mutable FairMutex mutex;  // guards population
  Population population;
  Indexer indexer{mutex, population};
  mutable std::atomic<std::uint64_t> queries{0}, looked_at{0};
  Tail tail;
  std::atomic<std::int64_t> last_at_us{base::to_us(flow::kNever)};

  std::mutex queue_mutex;
  std::condition_variable queue_filled, queue_drained;
  std::deque<Pending> queue;
  bool stopping{false};
  std::thread committer;

  std::mutex listeners_mutex;  // a tenant's loops may run already when somebody begins to listen
  std::vector<std::function<void(const LogRecordPtr&)>> listeners;
  mutable std::mutex trouble_mutex;
  std::string trouble;

  // What the next snapshot has to write; only the committer touches these.
  ChangedSet dirty;
  std::vector<Age> dead;
  std::uint64_t changes_since{0};
  std::chrono::steady_clock::time_point next_snapshot{};
  std::chrono::steady_clock::time_point next_flush{};
  bool unflushed{false};

  struct {
    std::atomic<std::uint64_t> commits{0}, records{0}, changes{0}, refused{0}, flushes{0}, flush_us{0}, late{0};
  } counts;

  std::unique_ptr<Snapshotter> snapshotter;  // last: it looks at all of the above

  Inside(store::Store& s, const base::Clock& c, const TwinOptions& o)
      : store(s), clock(c), options(o), tail(s, o.tail_records_max) {}

  Status load();
  void start_snapshots();
  void run();
  std::vector<Pending> take_group();
  void commit_group(std::vector<Pending>);
  void stage(Group&, Commit&, CommitResult&);
  void record(Group&, Commit&, LogRecord&&);
  void publish(Group&);
  EntityPtr current(const Group&, EntityId) const;
  void housekeeping();
  void begin_snapshot();
  void set_trouble(std::string text);
};

Status Twin::Inside::load() {
  Loaded loaded = TRY(load_entities(store, options.progress));
  for (auto& [entity, age] : loaded.entities) population.load(std::move(entity), age);
  population.settle();
  for (const EntityId id : loaded.dirty) dirty.add(id);
  dead = std::move(loaded.dead);
  changes_since = loaded.dirty.size();
  last_at_us = base::to_us(loaded.last_at);
  tail.start(store.last_seq());
  return {};
}

void Twin::Inside::start_snapshots() {
  const auto look = [this](std::span<const EntityId> ids, std::vector<std::pair<EntityPtr, Age>>& out) {
    const std::shared_lock lock(mutex);
    for (const EntityId id : ids) out.emplace_back(population.get(id), population.order(id));
  };
  const auto everybody = [this] {
    constexpr std::size_t kTogether = 10'000;  // in one hold of the lock
    std::vector<EntityId> out;
    Age at = 0;
    for (bool more = true; more;) {
      const std::shared_lock lock(mutex);
      Walk walk(population.members({}, false), at);
      AgeList::Member member;
      for (std::size_t i = 0; i < kTogether && (more = walk.next(member)); ++i, at = member.age) {
        out.push_back(EntityId::from_number(member.id));
      }
    }
    return out;
  };
  snapshotter = std::make_unique<Snapshotter>(store, look, everybody, options.keep_log);
  next_snapshot = std::chrono::steady_clock::now() + options.snapshot_every;
}

EntityPtr Twin::Inside::current(const Group& group, EntityId id) const {
  if (const auto staged = group.next.find(id); staged != group.next.end()) return staged->second.entity;
  return population.get(id);  // only this thread ever changes it
}

void Twin::Inside::record(Group& group, Commit& commit, LogRecord&& record) {
  if (record.changes.empty() && !commit.tick) return;
  record.seq = ++group.seq;
  group.changes += record.changes.size();
  group.batch.append(record.seq, store::encode(record));
  group.records.push_back(std::make_shared<const LogRecord>(std::move(record)));
}

void Twin::Inside::stage(Group& group, Commit& commit, CommitResult& result) {
  LogRecord record;
  record.at = commit.at == flow::kNever ? clock.now() : commit.at;
  record.origin = commit.origin;
  record.changes.reserve(commit.writes.size());
  result.writes.reserve(commit.writes.size());
  result.created.reserve(commit.writes.size());
  std::vector<std::pair<EntityId, Group::Next>> before;  // to step back when all must stand or fall together
  bool failed = false;
  for (flow::Write& write : commit.writes) {
    const EntityId id = write.entity;
    EntityPtr mine = current(group, id);
    auto applied = apply(mine, std::move(write), record.at);
    if (!applied) {
      ++group.refused;
      result.writes.push_back(std::unexpected(applied.error()));
      result.created.push_back(false);
      failed = true;
      continue;
    }
    result.writes.emplace_back();
    result.created.push_back(applied->created);
    for (const flow::Name name : applied->skipped) result.skipped.emplace_back(result.writes.size() - 1, name);
    if (applied->nothing()) continue;
    Group::Next& staged = group.next[id];
    if (commit.atomicity == Atomicity::all) before.emplace_back(id, Group::Next{std::move(mine), staged.age});
    if (applied->created) staged.age = age_of(group.seq + 1, record.changes.size());
    staged.entity = std::move(applied->next);
    for (const auto& told : applied->change.attributes) group.late += told.late;
    record.changes.push_back(std::move(applied->change));
  }
  if (failed && commit.atomicity == Atomicity::all) {
    for (auto it = before.rbegin(); it != before.rend(); ++it) group.next[it->first] = std::move(it->second);
    for (const Status& write : result.writes) {
      if (!write && result.status) result.status = write;
    }
    return;
  }
  for (const TablePut& put : commit.puts) add_to(group.batch, put);
  this->record(group, commit, std::move(record));
  result.seq = group.seq;
}

void Twin::Inside::publish(Group& group) {
  std::vector<EntityPtr> former;  // let go of when no reader waits
  former.reserve(group.next.size());
  for (auto at = group.next.begin(); at != group.next.end();) {
    const std::unique_lock lock(mutex);
    for (std::size_t i = 0; i < kPutTogether && at != group.next.end(); ++i, ++at) {
      auto& [id, next] = *at;
      const Age age = population.order(id);
      // Erased, or erased and made anew: the row of the former one goes.
      if (age && (!next.entity || next.age)) {
        dead.push_back(age);
        if (next.entity) former.push_back(population.put(id, nullptr));
      }
      former.push_back(population.put(id, std::move(next.entity), next.age));
    }
  }
  for (const auto& [id, next] : group.next) dirty.add(id);
  changes_since += group.changes;
  if (group.records.empty()) return;
  last_at_us = base::to_us(group.records.back()->at);
  tail.push(group.records);
  const std::lock_guard listening(listeners_mutex);
  for (const auto& listener : listeners) {
    for (const LogRecordPtr& record : group.records) listener(record);
  }
}

void Twin::Inside::set_trouble(std::string text) {
  const std::lock_guard lock(trouble_mutex);
  if (text != trouble) {
    if (text.empty()) base::log_info("the store accepts writes again");
    else base::log_error("writes are refused: {}", text);
  }
  trouble = std::move(text);
}

void Twin::Inside::commit_group(std::vector<Pending> pending) {
  Group group;
  group.seq = tail.head();
  group.results.resize(pending.size());
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const auto& chain = pending[i].commit.chain;
    if (chain && *chain) group.results[i].status = fail(Errc::unavailable, "a commit before this one was refused");
    else stage(group, pending[i].commit, group.results[i]);
  }
  Status written;
  if (!group.batch.empty()) {
    const auto start = std::chrono::steady_clock::now();
    written = store.commit(group.batch, options.durability);
    unflushed = unflushed || options.durability == store::Durability::buffered;
    const auto took = std::chrono::steady_clock::now() - start;
    ++counts.flushes;
    counts.flush_us += std::uint64_t(std::chrono::duration_cast<base::Duration>(took).count());
  }
  if (written) publish(group);
  set_trouble(written ? std::string{} : written.error().message);
  counts.commits += pending.size();
  counts.refused += group.refused;
  if (written) {
    counts.records += group.records.size();
    counts.changes += group.changes;
    counts.late += group.late;
  }
  const base::Cork cork;  // one wake-up for all who are answered here
  for (std::size_t i = 0; i < pending.size(); ++i) {
    CommitResult& result = group.results[i];
    if (!written) {
      result.status = written;
      result.seq = 0;
      if (pending[i].commit.chain) *pending[i].commit.chain = true;
    }
    if (pending[i].done) pending[i].done(std::move(result));
  }
}

void Twin::Inside::begin_snapshot() {
  Snapshotter::Job job;
  job.dirty = dirty.take();
  job.dead = std::exchange(dead, {});
  job.seq = tail.head();
  job.entities = population.size();
  job.at = base::from_us(last_at_us);
  changes_since = 0;
  next_snapshot = std::chrono::steady_clock::now() + options.snapshot_every;
  snapshotter->begin(std::move(job));
}

void Twin::Inside::housekeeping() {
  const auto now = std::chrono::steady_clock::now();
  const bool due = now >= next_snapshot || changes_since >= options.snapshot_changes;
  if (due && !dirty.empty() && snapshotter->idle()) begin_snapshot();
  if (!unflushed || now < next_flush) return;
  next_flush = now + kFlushEvery;
  const auto flushed = store.flush();
  if (flushed) unflushed = false;
  else set_trouble(flushed.error().message);
}

std::vector<Pending> Twin::Inside::take_group() {
  std::unique_lock lock(queue_mutex);
  queue_filled.wait_for(lock, std::chrono::milliseconds(100), [&] { return stopping || !queue.empty(); });
  std::vector<Pending> group;
  while (!queue.empty() && group.size() < options.group_max) {
    group.push_back(std::move(queue.front()));
    queue.pop_front();
  }
  lock.unlock();
  if (!group.empty()) queue_drained.notify_all();
  return group;
}

void Twin::Inside::run() {
  ::pthread_setname_np(::pthread_self(), "committer");
  for (;;) {
    auto group = take_group();
    if (!group.empty()) commit_group(std::move(group));
    housekeeping();
    const std::lock_guard lock(queue_mutex);
    if (stopping && queue.empty()) break;
  }
  if (const auto flushed = store.flush(); !flushed) base::log_error("{}", flushed.error().message);
}

Twin::Twin(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Result<std::unique_ptr<Twin>> Twin::open(store::Store& store, const base::Clock& clock, const TwinOptions& options) {
  auto inside = std::make_unique<Inside>(store, clock, options);
  TRY(inside->load());
  inside->start_snapshots();
  Inside* const running = inside.get();
  inside->committer = std::thread([running] { running->run(); });
  return std::unique_ptr<Twin>(new Twin(std::move(inside)));
}

Twin::~Twin() {
  {
    const std::lock_guard lock(inside_->queue_mutex);
    inside_->stopping = true;
  }
  inside_->queue_filled.notify_all();
  inside_->committer.join();
  inside_->snapshotter.reset();
  inside_->tail.wake();
}

void Twin::submit(Commit commit, Done done) {
  std::unique_lock lock(inside_->queue_mutex);
  const auto room = [&] { return inside_->queue.size() < inside_->options.queue_max || inside_->stopping; };
  // A callback that submits more runs on the committer itself: it must not wait for the committer.
  if (std::this_thread::get_id() != inside_->committer.get_id()) inside_->queue_drained.wait(lock, room);
  inside_->queue.push_back({std::move(commit), std::move(done)});
  lock.unlock();
  inside_->queue_filled.notify_one();
}

CommitResult Twin::commit(Commit commit) {
  assert(std::this_thread::get_id() != inside_->committer.get_id() && "the committer cannot wait for itself");
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<CommitResult> out;
  submit(std::move(commit), [&](CommitResult result) {
    const std::lock_guard lock(mutex);
    out = std::move(result);
    answered.notify_one();
  });
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return out.has_value(); });
  return std::move(*out);
}

EntityPtr Twin::get(EntityId id) const {
  const std::shared_lock lock(inside_->mutex);
  return inside_->population.get(id);
}

void Twin::each(Name type, const std::function<bool(const EntityPtr&)>& callback) const {
  constexpr std::size_t kTogether = 1000;  // taken in one hold of the lock; the callback runs without it
  const auto types = type.empty() ? std::vector<Name>{} : std::vector{type};
  std::vector<EntityPtr> some;
  Age at = 0;
  do {
    some.clear();
    {
      const std::shared_lock lock(inside_->mutex);
      Walk walk(inside_->population.members(types, false), at);
      for (AgeList::Member member; some.size() < kTogether && walk.next(member); at = member.age) {
        some.push_back(inside_->population.get(EntityId::from_number(member.id)));
      }
    }
    for (const EntityPtr& entity : some) {
      if (!callback(entity)) return;
    }
  } while (some.size() == kTogether);
}

Result<QueryPage> Twin::query(const EntityFilter& filter) const {
  QueryTrace trace;
  auto page = run_query(inside_->mutex, inside_->population, filter, trace);
  if (trace.looked_at > kWorthAnIndex && !trace.missed.empty()) inside_->indexer.want(trace.missed);
  ++inside_->queries;
  inside_->looked_at += trace.looked_at;
  return page;
}

Twin::QueryStats Twin::query_stats() const {
  const std::shared_lock lock(inside_->mutex);
  const IndexBook& book = inside_->population.indexes();
  return {inside_->queries, inside_->looked_at, book.size(), inside_->population.bytes()};
}

std::size_t Twin::entity_count() const {
  const std::shared_lock lock(inside_->mutex);
  return inside_->population.size();
}

std::vector<std::pair<Name, std::size_t>> Twin::type_counts() const {
  const std::shared_lock lock(inside_->mutex);
  return inside_->population.type_counts();
}

void Twin::look(const std::function<void(const Catalogue&)>& callback) const {
  const std::shared_lock lock(inside_->mutex);
  callback(inside_->population.catalogue());
}

Seq Twin::head() const {
  return inside_->tail.head();
}

Result<std::vector<LogRecordPtr>> Twin::read_log(Seq after, std::size_t max, base::Duration wait) const {
  return inside_->tail.read(after, max, wait);
}

void Twin::on_append(std::function<void(const LogRecordPtr&)> listener) {
  const std::lock_guard lock(inside_->listeners_mutex);
  inside_->listeners.push_back(std::move(listener));
}

Instant Twin::last_at() const {
  return base::from_us(inside_->last_at_us);
}
const base::Clock& Twin::clock() const {
  return inside_->clock;
}
store::Store& Twin::store() const {
  return inside_->store;
}

Twin::Stats Twin::stats() const {
  const auto& c = inside_->counts;
  return {c.commits, c.records, c.changes, c.refused, c.flushes, c.flush_us, c.late};
}

std::string Twin::trouble() const {
  const std::lock_guard lock(inside_->trouble_mutex);
  return inside_->trouble;
}

}  // namespace cityloop::twin
