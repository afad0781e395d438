// A peer of the HTTP server that sends what it likes, in whatever pieces, and reads until it has seen enough.
#pragma once

#include <boost/asio.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "net/http.h"

namespace cityloop::net {

namespace asio = boost::asio;
using namespace std::chrono_literals;

inline Response text(std::string body) {
  return {200, std::move(body), "text/plain", {}};
}

template <class Condition>
bool soon(Condition&& holds, std::chrono::milliseconds patience = 10s) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

// A peer that sends what it likes and reads until it has seen enough.
class Peer {
 public:
  explicit Peer(std::uint16_t port) { socket_.connect({asio::ip::make_address("127.0.0.1"), port}); }
  Peer& send(std::string_view bytes) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(bytes), ignored);
    return *this;
  }
  std::string read_until(std::string_view end) {
    while (seen_.find(end) == std::string::npos && more()) {
    }
    return seen_;
  }
  std::string read_all() {
    while (more()) {
    }
    return seen_;
  }
  // No more comes from here; what comes from there is still read.
  Peer& finish() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    return *this;
  }
  bool was_reset() const { return error_ == asio::error::connection_reset; }

 private:
  bool more() {
    char chunk[8192];
    seen_.append(chunk, socket_.read_some(asio::buffer(chunk), error_));
    return !error_;
  }
  asio::io_context context_;
  asio::ip::tcp::socket socket_{context_};
  std::string seen_;
  boost::system::error_code error_;
};

}  // namespace cityloop::net
