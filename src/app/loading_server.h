// Answers on the server's port while the twin loads, so that nobody is left to guess: 503 with Retry-After and how far
// it is. Gone before the real server takes the port.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "net/server.h"
#include "twin/load.h"

namespace cityloop::app {

class LoadingServer {
 public:
  static base::Result<std::unique_ptr<LoadingServer>> start(const net::ServerOptions&);
  ~LoadingServer();

  void tell(const twin::LoadProgress&);  // any thread
  std::uint16_t port() const { return server_->port(); }
  // What tells it; may outlive it, and then tells nobody.
  std::function<void(const twin::LoadProgress&)> listener() const;

 private:
  struct Progress {
    std::mutex mutex;
    twin::LoadProgress last;
  };
  LoadingServer() = default;
  std::shared_ptr<Progress> progress_{std::make_shared<Progress>()};
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace cityloop::app
