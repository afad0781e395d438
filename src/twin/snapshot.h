// Writes changed entities to disk behind the log, so that a start need read only the log's tail; then trims the log
// where the settings allow it.
//
//   committer ─ what changed ─▶ [Snapshotter] ─ rows, in slices ─▶ store
//
// A thread of its own. It takes entities as they are when their turn comes, which is never older than the snapshot's
// sequence. While the disk refuses, it tries again and nothing is forgotten.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/store.h"
#include "twin/query/aged_index.h"

namespace cityloop::twin {

// How much of the log stays. What a loop has yet to be fed is always kept; what a subscriber has yet to be told, as
// long as the log is no longer than bytes_max.
struct LogRetention {
  std::optional<base::Duration> keep_for;   // by the city's time; records at least this young are kept
  std::optional<std::uint64_t> keep_bytes;  // about so much is kept
  std::optional<std::uint64_t> bytes_max;   // about so much there is at most, whatever the two above say
  bool keeps_all() const { return !keep_for && !keep_bytes && !bytes_max; }
};

// The row of the table `state` that tells the first record which a loop asks the log for by itself.
std::string log_need_key(std::string_view loop);

// Entities that have changed, each once; to add costs no more than to look at a bit.
class ChangedSet {
 public:
  void add(flow::EntityId id) {
    if (id.number() >= marked_.size()) marked_.resize(std::size_t(id.number()) * 5 / 4 + 1024);
    if (marked_[id.number()]) return;
    marked_[id.number()] = true;
    ids_.push_back(id);
  }
  bool empty() const { return ids_.empty(); }
  std::vector<flow::EntityId> take() {
    for (const flow::EntityId id : ids_) marked_[id.number()] = false;
    return std::exchange(ids_, {});
  }

 private:
  std::vector<bool> marked_;  // by EntityId::number()
  std::vector<flow::EntityId> ids_;
};

class Snapshotter {
 public:
  // How it looks at the population: takes the lock, gives for each id the entity and its age, or null.
  using Look = std::function<void(std::span<const flow::EntityId>, std::vector<std::pair<flow::EntityPtr, Age>>&)>;
  using Everybody = std::function<std::vector<flow::EntityId>()>;

  Snapshotter(store::Store&, Look, Everybody, LogRetention);
  ~Snapshotter();  // finishes the slice at hand, not the snapshot

  // Whether begin() may be called.
  bool idle() const { return idle_; }
  struct Job {
    std::vector<flow::EntityId> dirty;
    std::vector<Age> dead;  // of erased entities
    flow::Seq seq{0};       // the snapshot is of this record, or newer
    std::uint64_t entities{0};
    flow::Instant at{flow::kNever};  // the city's time
  };
  void begin(Job);
  flow::Seq done() const { return done_; }  // sequence of the last snapshot that is on disk
  std::string trouble() const;

 private:
  void run();
  void work(Job&);
  base::Status rows(Job&, std::uint64_t generation);
  base::Status sweep_strays(const Job&, std::uint64_t generation);
  base::Status retry(const std::function<base::Status()>&);
  void trim(const Job&);
  struct Needed {
    flow::Seq by_loops, by_readers;  // the first record that they would read after a restart
  };
  base::Result<Needed> needed_from() const;
  flow::Seq trim_before(const Job&, const Needed&) const;
  bool may_go(flow::Seq before, std::uint64_t bytes_left, flow::Instant now) const;

  store::Store& store_;
  const Look look_;
  const Everybody everybody_;
  const LogRetention retention_;
  std::uint64_t generation_;
  std::atomic<bool> idle_{true}, stopping_{false};
  std::atomic<flow::Seq> done_{0};
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  std::optional<Job> next_;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace cityloop::twin
