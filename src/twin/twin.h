// The living picture of the city: every entity as it is now, and the ordered log of how it came to be so.
//
//   stages ─ Commit ─▶ [Twin] ══ LogRecord ══▶ loops        readers ◀─ entities, by id or by query
//
// One committer thread applies commits in order and makes a group of them durable with one flush; a commit's answer
// comes when it is on disk, and only then do readers and loops see it. Entities are immutable snapshots: a reader keeps
// what it was given as long as it likes.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "flow/change.h"
#include "store/store.h"
#include "twin/commit.h"
#include "twin/load.h"
#include "twin/snapshot.h"

namespace cityloop::twin {

using flow::EntityId;
using flow::EntityPtr;
using flow::Instant;
using flow::LogRecordPtr;
using flow::Name;
using flow::Seq;

struct TwinOptions {
  store::Durability durability{store::Durability::flushed};
  std::size_t group_max{256};          // commits that may share a flush
  std::size_t queue_max{4096};         // commits waiting; beyond, submit blocks its caller
  std::size_t tail_records_max{4096};  // records kept in memory for loops; a slower loop reads from disk
  // A snapshot begins after this time, or earlier after so many changes: a start reads the log since.
  base::Duration snapshot_every{std::chrono::seconds(20)};
  std::uint64_t snapshot_changes{500'000};
  LogRetention keep_log;  // all of it, unless it says otherwise
  // Told while open() loads, on its thread, some hundred times a million entities.
  std::function<void(const LoadProgress&)> progress;
};

class Catalogue;      // catalogue.h
struct EntityFilter;  // query.h
struct QueryPage;

class Twin {
 public:
  // Loads the newest snapshot and applies the tail of the log.
  static base::Result<std::unique_ptr<Twin>> open(store::Store&, const base::Clock&, const TwinOptions&);
  ~Twin();

  // The callback runs on the committer thread, after the flush; keep it short.
  void submit(Commit, std::function<void(CommitResult)> done);
  CommitResult commit(Commit);  // the same, waiting

  EntityPtr get(EntityId) const;  // null when there is none
  // Calls back for every entity of a type, oldest first (of all types when empty), until the callback says false.
  void each(Name type, const std::function<bool(const EntityPtr&)>&) const;
  base::Result<QueryPage> query(const EntityFilter&) const;
  std::size_t entity_count() const;
  std::vector<std::pair<Name, std::size_t>> type_counts() const;
  // The types and attributes in use, as long as the callback runs; no writer is heard meanwhile, so keep it short.
  void look(const std::function<void(const Catalogue&)>&) const;

  Seq head() const;  // newest record that is durable and visible
  // Records after `after`, at most `max`, waiting up to `wait` for the first; from memory where it can. A damaged
  // record is an error that names it.
  base::Result<std::vector<LogRecordPtr>> read_log(Seq after, std::size_t max, base::Duration wait) const;
  void on_append(std::function<void(const LogRecordPtr&)>);  // before threads start; runs on the committer thread

  Instant last_at() const;  // `at` of the newest record; kNever before the first
  const base::Clock& clock() const;
  store::Store& store() const;

  struct Stats {
    std::uint64_t commits, records, changes, refused_writes, flushes, flush_us_total, late;
  };
  Stats stats() const;
  struct QueryStats {
    std::uint64_t queries, looked_at;  // entities asked of a filter
    std::size_t indexes, index_bytes;  // all that finds entities, without the entities
  };
  QueryStats query_stats() const;
  // Why writes are refused at present (a full or failing disk); empty when all is well.
  std::string trouble() const;

 private:
  struct Inside;
  explicit Twin(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::twin
