// The HTTP and web socket server: keep-alive, pipelining, TLS, bounded bodies and patience.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/router.h"

namespace cityloop::net {

struct ServerOptions {
  std::string address{"127.0.0.1"};
  std::uint16_t port{0};                           // 0: a free one, told by HttpServer::port()
  std::string tls_certificate_file, tls_key_file;  // both or neither
  std::size_t body_max_bytes{16u << 20};
  std::size_t header_max_bytes{16u << 10};
  base::Duration read_timeout{std::chrono::seconds(30)};   // for one whole request
  base::Duration idle_timeout{std::chrono::seconds(120)};  // between requests
  std::size_t connections_max{4096};
  int threads{1};
};

class HttpServer {
 public:
  // Binds and listens; the answers start with run in threads of its own.
  static base::Result<std::unique_ptr<HttpServer>> start(const ServerOptions&, Router);
  ~HttpServer();  // stops accepting, lets running answers finish for a second, closes

  std::uint16_t port() const;
  struct Stats {
    std::uint64_t connections, requests, bad_requests, too_large, timed_out, web_sockets;
  };
  Stats stats() const;

 private:
  struct Inside;
  explicit HttpServer(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::net
