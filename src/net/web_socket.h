// One open web socket, seen from the server. Sending is from any thread and never blocks.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "net/http.h"

namespace cityloop::net {

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // Queues one text message. False when the peer is gone, or so slow that its queue is full: then it is closed with
  // code 1013 and must fetch the present state anew.
  virtual bool send(std::shared_ptr<const std::string>) = 0;
  virtual void close(int code, std::string_view reason) = 0;
  virtual std::size_t queued_bytes() const = 0;
};

struct WebSocketEvents {
  std::function<void(std::string_view message)> on_message;
  std::function<void()> on_close;
};

// Decides about an upgrade request before it is accepted: an error refuses it with that status; otherwise the events of
// the socket that was handed in.
using WebSocketHandler =
    std::function<std::expected<WebSocketEvents, Response>(const Request&, std::shared_ptr<WebSocket>)>;

}  // namespace cityloop::net
