// Follows the log for this room, and does what falls due: keeps the board of proposals, moves on those that enough
// people support, opens, closes and counts rounds, makes the errands of schedules.
//
//   log ══▶ [Keeper] ─▶ ProposalBoard        time ─▶ RoundKeeper, InspectionKeeper
//
// Not a loop of the city: what it reads beside the log is personal, or secret, and must stay out of it. It keeps no
// place in the log: at each start it looks at all proposals anew, and what follows from them is asked for under keys,
// so that it happens once. A thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "participation/forum.h"
#include "participation/inspection_keeper.h"
#include "participation/round_keeper.h"

namespace cityloop::participation {

class Keeper {
 public:
  explicit Keeper(const Forum& forum) : forum_(forum), rounds_(forum), inspections_(forum) {}
  ~Keeper() { stop(); }

  base::Status start();
  void stop();
  // Waits until all that is in the log now has been seen, and what is due by now has been looked at once; for tests.
  void settle() const;

  InspectionKeeper& inspections() { return inspections_; }
  struct Stats {
    std::uint64_t looked_at, looks, failures, persons_erased;
  };
  Stats stats() const { return {looked_at_, looks_, failures_, persons_erased_}; }

 private:
  void run();
  base::Status follow();
  base::Status look_at_all();
  void look_at_what_is_due();
  void sweep();

  const Forum& forum_;
  RoundKeeper rounds_;
  InspectionKeeper inspections_;
  std::atomic<flow::Seq> position_{0};
  base::Instant swept_at_{base::kNever}, errands_at_{base::kNever};
  std::atomic<std::uint64_t> looked_at_{0}, looks_{0}, failures_{0}, persons_erased_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::participation
