// All context source registrations of one tenant, in memory, as its log has them.
//
//   twin ═ log ═▶ [RegistrationBook] ─ snapshot ─▶ Federation, /csourceRegistrations, /csourceSubscriptions
//
// Readers take an immutable snapshot; the committer swaps in a new one with every change, before the change's writer
// is answered. How often sources were asked, and with what luck, is counted here and kept on disk by save_counts().
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "broker/source/registration.h"
#include "twin/twin.h"

namespace cityloop::broker {

using RegistrationPtr = std::shared_ptr<const Registration>;

// In order of their ids. Asking which ones bear on an entity costs by those that name its id or type and those that
// name neither, not by all.
class RegistrationSet {
 public:
  explicit RegistrationSet(std::vector<RegistrationPtr>);
  const std::vector<RegistrationPtr>& all() const { return all_; }
  RegistrationPtr find(std::string_view id) const;
  // Those that match (clause 5.12), in order of their ids.
  std::vector<RegistrationPtr> matching(const Interest&) const;

 private:
  void note(std::size_t at);
  std::vector<RegistrationPtr> all_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_id_;
  std::unordered_map<flow::Name, std::vector<std::size_t>> by_type_;
  std::vector<std::size_t> without_id_;  // entities by type or pattern
  std::vector<std::size_t> open_;        // whatever type
};
using RegistrationSetPtr = std::shared_ptr<const RegistrationSet>;

struct RegistrationChange {
  RegistrationPtr before;  // null: it is new
  RegistrationPtr after;   // null: it is gone
  flow::Instant at{flow::kNever};
};

class RegistrationBook {
 public:
  // `count` is kept up to date with how many there are. The twin outlives the book.
  RegistrationBook(twin::Twin&, std::atomic<std::size_t>& count);
  ~RegistrationBook();

  RegistrationSetPtr snapshot() const;
  // Called on the committer thread with each change from now on. Keep it short.
  void on_change(std::function<void(const RegistrationChange&)>);

  // Why a new or changed registration cannot stand beside the others and beside what the tenant holds (clauses 5.9.2,
  // 5.9.3): Errc::conflict with what is in its way. One of the same id is passed over.
  base::Status check(const Registration&) const;

  void count_success(const std::string& id, flow::Instant);
  void count_failure(const std::string& id, flow::Instant);
  SourceStatus status(const std::string& id) const;
  // Where something was counted since the last time: to disk, waiting. Never on the committer's thread.
  void save_counts();
  twin::Twin& twin() const { return twin_; }

 private:
  void learn(const flow::LogRecord&);
  void swap_in();
  base::Status check_held(const Registration&) const;
  void load_counts();

  // What the twin's log calls; it may call once more when the book is gone.
  struct Link {
    std::mutex mutex;  // held while a record is learned
    RegistrationBook* book;
  };

  twin::Twin& twin_;
  std::shared_ptr<Link> link_;
  std::atomic<std::size_t>& count_;
  std::vector<std::function<void(const RegistrationChange&)>> told_;
  std::map<std::string, RegistrationPtr, std::less<>> known_;  // the committer's
  mutable std::mutex mutex_;                                   // guards all below
  RegistrationSetPtr set_;
  std::map<std::string, SourceStatus> statuses_;
  bool counted_{false};  // since they were saved
};

}  // namespace cityloop::broker
