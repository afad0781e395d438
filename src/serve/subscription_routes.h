// /api/v1/subscribe: a web socket that is told of changes directly. Subscriptions of the standard API, told by HTTP and
// MQTT, are the broker's.
//
// On the web socket the client sends one subscription without an endpoint; every message back is a Notification. What
// came before the socket opened is not told: such a client first queries, then compares modifiedAt.
#pragma once

#include "notify/notice.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

// The open web sockets that are told of changes.
class SocketSubscribers {
 public:
  explicit SocketSubscribers(twin::Twin&);
  ~SocketSubscribers();
  net::WebSocketEvents attach(std::shared_ptr<net::WebSocket>);

 private:
  struct Peer;
  void run();
  void tell(Peer&, const flow::LogRecord&);

  twin::Twin& twin_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Peer>> peers_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

struct SubscriptionRoutes {
  const Guard& guard;
  SocketSubscribers& sockets;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
