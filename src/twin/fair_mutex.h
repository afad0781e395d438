// A lock for one writer and many readers, where readers that never end do not keep the writer out: while a writer
// waits, new readers queue behind it. std::shared_mutex alone prefers readers.
//
// A thread that reads must not begin to read again: a writer between the two would wait for ever.
#pragma once

#include <atomic>
#include <mutex>
#include <shared_mutex>

namespace cityloop::twin {

class FairMutex {
 public:
  void lock() {
    writers_.fetch_add(1, std::memory_order_relaxed);
    gate_.lock();
    mutex_.lock();
  }
  void unlock() {
    mutex_.unlock();
    gate_.unlock();
    writers_.fetch_sub(1, std::memory_order_relaxed);
  }
  void lock_shared() {
    if (writers_.load(std::memory_order_relaxed) > 0) const std::lock_guard turn(gate_);
    mutex_.lock_shared();
  }
  void unlock_shared() { mutex_.unlock_shared(); }

 private:
  std::atomic<int> writers_{0};  // that hold it or wait
  std::mutex gate_;
  std::shared_mutex mutex_;
};

}  // namespace cityloop::twin
