// What the connections of one server share. A connection keeps it alive, so that a late reply never meets a dead
// server.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "net/beast.h"
#include "net/server.h"

namespace cityloop::net {

// Something open that the server closes when it stops.
class Closable {
 public:
  virtual ~Closable() = default;
  virtual void drop() = 0;  // from any thread: closes the socket, so that whatever waits on it ends
};

struct ServerState {
  ServerOptions options;
  Router router;
  std::vector<std::unique_ptr<asio::io_context>> contexts;  // one a thread; a connection stays on one
  std::unique_ptr<asio::ssl::context> tls;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> open{0};
  std::mutex mutex;
  std::unordered_map<const Closable*, std::weak_ptr<Closable>> live;  // guarded by mutex
  struct {
    std::atomic<std::uint64_t> connections{0}, requests{0}, bad_requests{0}, too_large{0}, timed_out{0}, web_sockets{0};
  } counts;
};

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
