#include "twin/snapshot.h"

#include <pthread.h>

#include "base/bytes.h"
#include "base/log.h"
#include "store/record.h"
#include "twin/load.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using flow::EntityId;
using flow::EntityPtr;
using flow::Seq;
using store::Batch;
using store::Table;

constexpr std::size_t kSlice = 256;  // entities looked at under one lock
constexpr auto kPatience = std::chrono::milliseconds(500);

}  // namespace

Snapshotter::Snapshotter(store::Store& store, Look look, Everybody everybody, LogRetention retention)
    : store_(store),
      look_(std::move(look)),
      everybody_(std::move(everybody)),
      retention_(retention),
      generation_(store.generation()),
      thread_([this] { run(); }) {}

Snapshotter::~Snapshotter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  thread_.join();
}

void Snapshotter::begin(Job job) {
  {
    const std::lock_guard lock(mutex_);
    idle_ = false;
    next_ = std::move(job);
  }
  woken_.notify_all();
}

std::string Snapshotter::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Snapshotter::run() {
  ::pthread_setname_np(::pthread_self(), "snapshot");
  while (!stopping_) {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [&] { return stopping_ || next_; });
    if (stopping_) return;
    Job job = std::move(*next_);
    next_.reset();
    lock.unlock();
    work(job);
    idle_ = true;
  }
}

// Until it succeeds, is refused because rows were lost, or the twin ends.
Status Snapshotter::retry(const std::function<Status()>& attempt) {
  for (;;) {
    Status done = attempt();
    const bool lost = !done && done.error().code == Errc::conflict;
    std::unique_lock lock(mutex_);
    const std::string text = done || lost ? std::string{} : done.error().message;
    if (text != trouble_ && !text.empty()) base::log_error("no snapshot for now: {}", text);
    trouble_ = text;
    if (done || lost || stopping_) return done;
    woken_.wait_for(lock, kPatience, [&] { return stopping_.load(); });
  }
}

void Snapshotter::work(Job& job) {
  while (!stopping_) {
    // Rows that were written and not yet on disk are lost when the tables had to be opened anew: then all of them.
    const std::uint64_t generation = store_.generation();
    const bool all = generation != generation_;
    if (all) job.dirty = everybody_();
    generation_ = generation;
    Status done = rows(job, generation);
    if (done && all) done = sweep_strays(job, generation);
    if (done) {
      Batch mark;
      mark.put(Table::meta, kSnapshotKey, snapshot_mark(job.seq, job.entities));
      done = retry([&] { return store_.derive(mark, generation); });
    }
    if (done) done = retry([&] { return store_.persist(true); });
    if (done && store_.generation() != generation) continue;
    if (done) {
      done_ = job.seq;
      if (!retention_.keeps_all()) trim(job);
      return;
    }
    if (done.error().code != Errc::conflict) return;
  }
}

Status Snapshotter::rows(Job& job, std::uint64_t generation) {
  std::vector<std::pair<EntityPtr, Age>> seen;
  for (std::size_t i = 0; i < job.dead.size(); i += kSlice) {
    Batch batch;
    for (std::size_t k = i; k < std::min(i + kSlice, job.dead.size()); ++k) {
      batch.erase(Table::entity, entity_key(job.dead[k]));
    }
    TRY(retry([&] { return store_.derive(batch, generation); }));
  }
  std::ranges::sort(job.dirty);  // roughly by age: rows that lie together are written together
  for (std::size_t i = 0; i < job.dirty.size(); i += kSlice) {
    if (stopping_) return base::fail(Errc::unavailable, "the twin ends");
    seen.clear();
    look_(std::span(job.dirty).subspan(i, std::min(kSlice, job.dirty.size() - i)), seen);
    Batch batch;
    for (const auto& [entity, age] : seen) {
      if (entity) batch.put(Table::entity, entity_key(age), store::encode(*entity));
    }
    if (!batch.empty()) TRY(retry([&] { return store_.derive(batch, generation); }));
  }
  return {};
}

// After a loss some rows may stand for entities that have been erased since: those that nobody has the age of go.
Status Snapshotter::sweep_strays(const Job& job, std::uint64_t generation) {
  std::unordered_set<Age> alive;
  std::vector<std::pair<EntityPtr, Age>> seen;
  for (std::size_t i = 0; i < job.dirty.size(); i += kSlice) {
    seen.clear();
    look_(std::span(job.dirty).subspan(i, std::min(kSlice, job.dirty.size() - i)), seen);
    for (const auto& [entity, age] : seen) {
      if (entity) alive.insert(age);
    }
  }
  Batch batch;
  const Age newest = age_of(job.seq + 1, 0);  // what came later is the next snapshot's
  TRY(store_.scan(Table::entity, {}, entity_key(newest), [&](std::string_view key, std::string_view) {
    if (!alive.contains(age_from_key(key))) batch.erase(Table::entity, key);
    return true;
  }));
  if (batch.empty()) return {};
  return retry([&] { return store_.derive(batch, generation); });
}

// After a restart a loop is fed from its last checkpoint on.
Result<Snapshotter::Needed> Snapshotter::needed_from() const {
  std::vector<std::string> loops;
  TRY(store_.scan(Table::cursor, {}, {}, [&](std::string_view name, std::string_view) {
    loops.emplace_back(name);
    return true;
  }));
  const auto number = [&](const std::string& key) -> Result<std::optional<Seq>> {
    const auto saved = TRY(store_.get(Table::state, key));
    if (!saved) return std::nullopt;
    base::ByteReader in(*saved);
    return in.varint();
  };
  Needed out{done_ + 1, done_ + 1};
  for (const std::string& name : loops) {
    out.by_loops = std::min(out.by_loops, TRY(number(name)).value_or(0) + 1);
    if (const auto reads = TRY(number(log_need_key(name)))) out.by_readers = std::min(out.by_readers, *reads);
  }
  return out;
}

// Up to where the log goes, by whole files; 0: it stays as it is.
Seq Snapshotter::trim_before(const Job& job, const Needed& needed) const {
  const auto files = store_.log_files();
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.bytes;
  Seq before = 0;
  for (std::size_t i = 1; i < files.size() && files[i].first_seq <= needed.by_loops; ++i) {
    const bool too_much = retention_.bytes_max && bytes > *retention_.bytes_max;
    bytes -= files[i - 1].bytes;
    if (!too_much && (files[i].first_seq > needed.by_readers || !may_go(files[i].first_seq, bytes, job.at))) break;
    before = files[i].first_seq;
  }
  return before;
}

// Whether what lies before a record is more than is to be kept.
bool Snapshotter::may_go(Seq before, std::uint64_t bytes_left, flow::Instant now) const {
  if (!retention_.keep_for && !retention_.keep_bytes) return false;
  if (retention_.keep_bytes && bytes_left < *retention_.keep_bytes) return false;
  if (!retention_.keep_for) return true;
  flow::Instant begins = flow::kNever;
  const Status read = store_.read_log(before, [&](Seq seq, std::string_view bytes) {
    if (const auto record = store::decode_record(seq, bytes)) begins = record->at;
    return false;
  });
  return read && begins != flow::kNever && now - begins >= *retention_.keep_for;
}

void Snapshotter::trim(const Job& job) {
  const std::uint64_t generation = store_.generation();
  const auto needed = needed_from();
  if (!needed) return base::log_error("the log is not trimmed: {}", needed.error().message);
  const Seq before = trim_before(job, *needed);
  if (before == 0) return;
  if (before > needed->by_readers) {
    base::log_warn("the log grew too long: records {} to {} go although a subscriber has not been told of them",
                   needed->by_readers, before - 1);
  }
  // Checkpoints of loops that derive may lie in memory only; rows that they stand for go to the disk with them, or are
  // lost.
  if (!store_.persist(true) || store_.generation() != generation) return;
  if (const Status trimmed = store_.trim_log(before); !trimmed) {
    base::log_error("the log is not trimmed: {}", trimmed.error().message);
  }
}

std::string log_need_key(std::string_view loop) {
  return fmt::format("{}/log", loop);
}

}  // namespace cityloop::twin
