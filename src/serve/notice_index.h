// Whose notices are which: so that somebody's first page of them costs the same with a hundred thousand in the city.
//
//   log ══ Notice changes ══▶ [NoticeIndex] ◀─ find ─ GET /api/v1/notices
//
// A view, like CaseIndex: it follows the log on a thread of its own and keeps nothing that the twin would not give
// again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "twin/twin.h"

namespace cityloop::serve {

class NoticeIndex {
 public:
  // Reads what there is before it returns.
  explicit NoticeIndex(const twin::Twin&);
  ~NoticeIndex();

  struct Wish {
    std::set<std::string> to;     // ids, roles, departments: any of them
    std::set<std::string> areas;  // of these and of no area; empty: wherever
    std::size_t skip{0}, limit{100};
  };
  struct Page {
    std::vector<flow::EntityId> notices;  // newest first
    std::size_t total{0};
  };
  // As of the newest record of the log where it can be had within a blink, and of a moment before otherwise.
  Page find(const Wish&) const;
  void settle() const;  // waits until it has read all there is: for tests

 private:
  using Place = std::pair<flow::Instant, std::string_view>;  // texts of ids live as long as the process
  using List = std::set<Place, std::greater<>>;
  struct Known {
    List* list;
    flow::Instant at;
  };

  void run();
  void take(flow::EntityId);
  void wait_for(flow::Seq) const;

  const twin::Twin& twin_;
  mutable std::mutex mutex_;                                  // guards what follows
  std::map<std::string, std::map<std::string, List>> lists_;  // by whom, by area
  std::unordered_map<flow::EntityId, Known> known_;
  mutable std::condition_variable moved_;
  std::atomic<flow::Seq> position_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::serve
