// A thread for work that takes long (a backtest, checking a password), so that whoever serves requests never waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace cityloop::serve {

class BackRoom {
 public:
  explicit BackRoom(std::size_t waiting_max = 64);
  ~BackRoom();  // finishes what runs; what waits is dropped, and so answered as forgotten

  // False when too much waits already. The task may ask stopping() and end early.
  bool post(std::move_only_function<void()>);
  bool stopping() const { return stopping_; }

 private:
  void run();

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::move_only_function<void()>> tasks_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::serve
