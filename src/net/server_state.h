// What the connections of one server share. A connection keeps it alive, so that a late reply never meets a dead
// server.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/cork.h"
#include "net/beast.h"
#include "net/server.h"

namespace cityloop::net {

// Something open that the server closes when it stops.
class Closable {
 public:
  virtual ~Closable() = default;
  // Both from any thread.
  virtual void finish() = 0;  // ends now when idle, after the answer under way otherwise
  virtual void drop() = 0;    // closes the socket, so that whatever waits on it ends
  // Asked about once a sweep: closes itself when its time is over.
  virtual void check(std::chrono::steady_clock::time_point) {}
};

// A connection that waits for the answer to a request.
class Answered {
 public:
  virtual ~Answered() = default;
  virtual void answered(Response) = 0;  // on the thread of its lane
};

// One thread of the server with the connections that live on it, and the way back for answers from other threads: they
// wait in a box, and one wake-up serves all that have come by then.
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  asio::io_context& context() { return context_; }
  bool is_here() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
  void run() {
    thread_ = std::this_thread::get_id();
    const auto work = asio::make_work_guard(context_);
    context_.run();
  }
  void give(std::shared_ptr<Answered> whom, Response response) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      box_.emplace_back(std::move(whom), std::move(response));
      if (std::exchange(woken_, true)) return;
    }
    base::Cork::later([self = weak_from_this()] {
      if (const auto lane = self.lock()) lane->wake();
    });
  }
  // After the thread has ended: answers that are still in the box go nowhere.
  void close() {
    std::vector<std::pair<std::shared_ptr<Answered>, Response>> left;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    left.swap(box_);
  }

 private:
  void wake() {
    asio::post(context_, [this] { deliver(); });
  }
  void deliver() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = false;
      taken_.swap(box_);
    }
    for (auto& [whom, response] : taken_) whom->answered(std::move(response));
    taken_.clear();
  }

  asio::io_context context_{1};
  std::atomic<std::thread::id> thread_{};
  std::mutex mutex_;
  std::vector<std::pair<std::shared_ptr<Answered>, Response>> box_;  // guarded by mutex_
  bool woken_{false}, closed_{false};                                // guarded by mutex_
  std::vector<std::pair<std::shared_ptr<Answered>, Response>> taken_;
};

struct ServerState {
  ServerOptions options;
  Router router;
  std::vector<std::shared_ptr<Lane>> lanes;  // one a thread; a connection stays on one
  std::unique_ptr<asio::ssl::context> tls;
  std::atomic<bool> stopping{false};  // no new requests; answers under way may finish
  std::atomic<bool> dead{false};      // no thread runs any more
  std::atomic<std::size_t> open{0};
  std::atomic<std::size_t> turned_away{0};  // being told that there are too many
  std::mutex mutex;
  std::unordered_map<const Closable*, std::weak_ptr<Closable>> live;  // guarded by mutex
  struct {
    std::atomic<std::uint64_t> connections{0}, requests{0}, bad_requests{0}, too_large{0}, timed_out{0}, web_sockets{0};
  } counts;

  std::vector<std::shared_ptr<Closable>> alive() {
    const std::lock_guard lock(mutex);
    std::vector<std::shared_ptr<Closable>> out;
    for (const auto& [key, one] : live) {
      if (auto still = one.lock()) out.push_back(std::move(still));
    }
    return out;
  }
  void wait_until_empty(std::chrono::milliseconds patience) const {
    for (; open > 0 && patience.count() > 0; patience -= std::chrono::milliseconds(5)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
};

// Appends status line and headers, ready to be sent before the body.
void write_head(std::string& out, const Response&, bool keep_alive, unsigned version);

// Makes one open connection known to its server as long as it lives.
class Membership {
 public:
  explicit Membership(std::shared_ptr<ServerState> state) : state_(std::move(state)) { ++state_->open; }
  ~Membership() {
    const std::lock_guard lock(state_->mutex);
    state_->live.erase(who_);
    --state_->open;
  }
  Membership(const Membership&) = delete;
  void enter(const std::shared_ptr<Closable>& who) {
    const std::lock_guard lock(state_->mutex);
    who_ = who.get();
    state_->live[who_] = who;
  }

 private:
  std::shared_ptr<ServerState> state_;
  const Closable* who_{nullptr};
};

}  // namespace cityloop::net
