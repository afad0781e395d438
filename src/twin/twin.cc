#include "twin/twin.h"

#include <cassert>
#include <deque>

#include "base/log.h"
#include "store/record.h"
#include "twin/apply.h"
#include "twin/population.h"
#include "twin/query.h"
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

constexpr std::string_view kSnapshotKey = "snapshot_seq";
constexpr std::size_t kSnapshotSlice = 2000;  // entities written between two groups of commits

using Done = std::function<void(CommitResult)>;

struct Pending {
  Commit commit;
  Done done;
};

// One group of commits on its way to disk: what the population will be once it is there.
struct Group {
  std::unordered_map<EntityId, EntityPtr> next;  // null: erased
  std::vector<LogRecordPtr> records;
  std::vector<CommitResult> results;
  Batch batch;
  Seq seq;
  std::uint64_t refused{0}, late{0}, changes{0};
};

}  // namespace

struct Twin::Inside {
  store::Store& store;
  const base::Clock& clock;
  const TwinOptions options;

  mutable std::shared_mutex mutex;  // guards population
  Population population;
  Tail tail;
  std::atomic<std::int64_t> last_at_us{base::to_us(flow::kNever)};

  std::mutex queue_mutex;
  std::condition_variable queue_filled, queue_drained;
  std::deque<Pending> queue;
  bool stopping{false};
  std::thread committer;

  std::vector<std::function<void(const LogRecordPtr&)>> listeners;
  mutable std::mutex trouble_mutex;
  std::string trouble;

  // Entities changed since they were last written to the entity table; only the committer touches these.
  std::unordered_set<EntityId> dirty;
  std::vector<EntityId> sweep;  // being written now, from the back
  Seq sweep_seq{0};             // the snapshot that the sweep completes
  std::chrono::steady_clock::time_point next_snapshot{};
  std::chrono::steady_clock::time_point next_flush{};
  bool unflushed{false};

  struct {
    std::atomic<std::uint64_t> commits{0}, records{0}, changes{0}, refused{0}, flushes{0}, flush_us{0}, late{0};
  } counts;

  Inside(store::Store& s, const base::Clock& c, const TwinOptions& o)
      : store(s), clock(c), options(o), tail(s, o.tail_records_max) {}

  Status load();
  Status load_snapshot(Seq& snapshot);
  void run();
  std::vector<Pending> take_group();
  void commit_group(std::vector<Pending>);
  void stage(Group&, Commit&, CommitResult&);
  void record(Group&, Commit&, LogRecord&&);
  void publish(Group&);
  EntityPtr current(const Group&, EntityId) const;
  void housekeeping();
  void snapshot_slice();
  void set_trouble(std::string text);
};

Status Twin::Inside::load_snapshot(Seq& snapshot) {
  if (const auto stored = TRY(store.get(Table::meta, kSnapshotKey))) {
    base::ByteReader in(*stored);
    snapshot = in.varint();
  }
  Status damaged;
  TRY(store.scan(Table::entity, {}, {}, [&](std::string_view, std::string_view value) {
    base::ByteReader in(value);
    const std::uint64_t order = in.varint();
    auto entity = store::decode_entity(value.substr(value.size() - in.left()));
    if (!entity) {
      damaged = std::unexpected(entity.error());
      return false;
    }
    population.load(std::make_shared<const flow::Entity>(std::move(*entity)), order);
    return true;
  }));
  return damaged;
}

// The entity table may hold some entities that are newer than the snapshot's sequence. That does no harm: a change
// applied twice is the same as once, and the tail of the log brings every entity to the same end.
Status Twin::Inside::load() {
  Seq snapshot = 0;
  TRY(load_snapshot(snapshot));
  Status damaged;
  Seq expected = snapshot + 1;
  TRY(store.read_log(snapshot + 1, [&](Seq seq, std::string_view bytes) {
    auto record = store::decode_record(seq, bytes);
    if (record && seq != expected) record = fail(Errc::corrupt, "the log lacks records {} to {}", expected, seq - 1);
    if (!record) {
      damaged = std::unexpected(record.error());
      return false;
    }
    for (const flow::Change& change : record->changes) {
      population.put(change.entity, replay(population.get(change.entity), change, record->at));
      dirty.insert(change.entity);
    }
    last_at_us = base::to_us(record->at);
    ++expected;
    return true;
  }));
  TRY(damaged);
  tail.start(store.last_seq());
  if (last_at_us == base::to_us(flow::kNever) && store.last_seq() > 0) {
    TRY(store.read_log(store.last_seq(), [&](Seq seq, std::string_view bytes) {
      if (const auto record = store::decode_record(seq, bytes)) last_at_us = base::to_us(record->at);
      return false;
    }));
  }
  return {};
}

EntityPtr Twin::Inside::current(const Group& group, EntityId id) const {
  if (const auto staged = group.next.find(id); staged != group.next.end()) return staged->second;
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
  std::vector<std::pair<EntityId, EntityPtr>> before;  // to step back when all must stand or fall together
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
    if (commit.atomicity == Atomicity::all) before.emplace_back(id, std::move(mine));
    group.next[id] = std::move(applied->next);
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
  for (const TablePut& put : commit.puts) {
    switch (put.op) {
      case TableOp::put: group.batch.put(put.table, put.key, put.value); break;
      case TableOp::erase: group.batch.erase(put.table, put.key); break;
      case TableOp::erase_range: group.batch.erase_range(put.table, put.key, put.value); break;
    }
  }
  this->record(group, commit, std::move(record));
  result.seq = group.seq;
}

void Twin::Inside::publish(Group& group) {
  {
    const std::unique_lock lock(mutex);
    for (auto& [id, next] : group.next) {
      population.put(id, std::move(next));
      dirty.insert(id);
    }
  }
  if (group.records.empty()) return;
  last_at_us = base::to_us(group.records.back()->at);
  tail.push(group.records);
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
    unflushed = options.durability == store::Durability::buffered;
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

void Twin::Inside::snapshot_slice() {
  Batch batch;
  std::string value;
  for (std::size_t i = 0; i < kSnapshotSlice && !sweep.empty(); ++i) {
    const EntityId id = sweep.back();
    sweep.pop_back();
    const EntityPtr& entity = population.get(id);
    if (!entity) {
      batch.erase(Table::entity, id.text());
      continue;
    }
    base::ByteWriter out;
    out.varint(population.order(id));
    value = out.take();
    value += store::encode(*entity);
    batch.put(Table::entity, id.text(), value);
  }
  if (sweep.empty()) {
    base::ByteWriter seq;
    seq.varint(sweep_seq);
    batch.put(Table::meta, kSnapshotKey, seq.view());
  }
  // Buffered: what is lost here is written again from the log.
  if (const auto done = store.commit(batch, store::Durability::buffered); !done) set_trouble(done.error().message);
}

void Twin::Inside::housekeeping() {
  const auto now = std::chrono::steady_clock::now();
  if (!sweep.empty()) snapshot_slice();
  else if (now >= next_snapshot && !dirty.empty()) {
    sweep.assign(dirty.begin(), dirty.end());
    dirty.clear();
    sweep_seq = tail.head();
    next_snapshot = now + options.snapshot_every;
    snapshot_slice();
  }
  if (unflushed && now >= next_flush) {
    if (const auto flushed = store.flush(); !flushed) set_trouble(flushed.error().message);
    unflushed = false;
    next_flush = now + std::chrono::milliseconds(200);
  }
}

std::vector<Pending> Twin::Inside::take_group() {
  std::unique_lock lock(queue_mutex);
  queue_filled.wait_for(lock, sweep.empty() ? std::chrono::milliseconds(100) : std::chrono::milliseconds(0),
                        [&] { return stopping || !queue.empty(); });
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
  inside->next_snapshot = std::chrono::steady_clock::now() + options.snapshot_every;
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
  const std::shared_lock lock(inside_->mutex);
  inside_->population.each(type, callback);
}

namespace {

// Candidates of a filter that names ids or a place: few, and in order of age.
std::vector<EntityPtr> narrowed(const Population& population, const EntityFilter& filter) {
  std::vector<std::pair<std::uint64_t, EntityPtr>> found;
  const auto take = [&](EntityId id) {
    if (const EntityPtr& entity = population.get(id)) found.emplace_back(population.order(id), entity);
  };
  if (!filter.ids.empty()) {
    for (const EntityId id : filter.ids) take(id);
  } else {
    const GeoFilter& geo = *filter.geo;
    for (const std::uint32_t key : population.places().near(geo.shape, geo.distance_max_m.value_or(0))) {
      take(EntityId::from_number(key));
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<EntityPtr> out;
  for (auto& [order, entity] : found) out.push_back(std::move(entity));
  return out;
}

// Whether the spatial index can say where to look: not for what is far, disjoint, or about another place than location.
bool place_narrows(const EntityFilter& filter) {
  if (!filter.geo || !filter.geo->property.empty()) return false;
  const GeoFilter& geo = *filter.geo;
  if (geo.relation == GeoRelation::near) return geo.distance_max_m.has_value();
  return geo.relation != GeoRelation::disjoint;
}

}  // namespace

Result<QueryPage> Twin::query(const EntityFilter& filter) const {
  QueryPage page;
  std::size_t matched = 0;
  const Matcher wanted(filter);
  const auto take = [&](const EntityPtr& entity) {
    if (!wanted.matches(*entity)) return true;
    if (matched >= filter.offset && page.entities.size() < filter.limit) page.entities.push_back(entity);
    ++matched;
    return filter.count || page.entities.size() < filter.limit;
  };
  const std::shared_lock lock(inside_->mutex);
  if (!filter.ids.empty() || place_narrows(filter)) {
    for (const EntityPtr& entity : narrowed(inside_->population, filter)) {
      if (!take(entity)) break;
    }
  } else {
    inside_->population.each(filter.types.size() == 1 ? filter.types.front() : Name{}, take);
  }
  if (filter.count) page.total = matched;
  return page;
}

std::size_t Twin::entity_count() const {
  const std::shared_lock lock(inside_->mutex);
  return inside_->population.size();
}

std::vector<std::pair<Name, std::size_t>> Twin::type_counts() const {
  const std::shared_lock lock(inside_->mutex);
  return inside_->population.type_counts();
}

Seq Twin::head() const {
  return inside_->tail.head();
}

Result<std::vector<LogRecordPtr>> Twin::read_log(Seq after, std::size_t max, base::Duration wait) const {
  return inside_->tail.read(after, max, wait);
}

void Twin::on_append(std::function<void(const LogRecordPtr&)> listener) {
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
