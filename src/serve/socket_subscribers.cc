#include "flow/own_types.h"
#include "serve/subscription_routes.h"

namespace cityloop::serve {

struct SocketSubscribers::Peer {
  std::shared_ptr<net::WebSocket> socket;
  std::mutex mutex;
  std::optional<notify::Subscription> subscription;
  std::atomic<bool> gone{false};
};

SocketSubscribers::SocketSubscribers(twin::Twin& twin) : twin_(twin), thread_([this] { run(); }) {}

SocketSubscribers::~SocketSubscribers() {
  stopping_ = true;
  thread_.join();
}

net::WebSocketEvents SocketSubscribers::attach(std::shared_ptr<net::WebSocket> socket) {
  auto peer = std::make_shared<Peer>();
  peer->socket = std::move(socket);
  {
    const std::lock_guard lock(mutex_);
    peers_.push_back(peer);
  }
  net::WebSocketEvents events;
  events.on_message = [peer](std::string_view text) {
    auto subscription = notify::Subscription::parse(text, false);
    if (!subscription) return peer->socket->close(1003, subscription.error().message.substr(0, 120));
    const std::lock_guard lock(peer->mutex);
    peer->subscription = std::move(*subscription);
  };
  events.on_close = [peer] { peer->gone = true; };
  return events;
}

void SocketSubscribers::tell(Peer& peer, const flow::LogRecord& record) {
  const std::lock_guard lock(peer.mutex);
  if (!peer.subscription) return;
  std::vector<std::string> data;
  for (const flow::Change& change : record.changes) {
    if (flow::has_own_type(change.types)) continue;
    const flow::EntityPtr entity = twin_.get(change.entity);
    if (!entity || !peer.subscription->wants(change, entity)) continue;
    notify::render_state(*peer.subscription, entity, [this](flow::EntityId id) { return twin_.get(id); }, data);
  }
  if (data.empty()) return;
  const auto id = fmt::format("urn:ngsi-ld:Notification:ws-{}", record.seq);
  auto text = std::make_shared<const std::string>(notify::notification(*peer.subscription, id, record.at, data));
  if (!peer.socket->send(std::move(text))) peer.gone = true;
}

void SocketSubscribers::run() {
  flow::Seq position = twin_.head();
  while (!stopping_) {
    const auto records = twin_.read_log(position, 256, std::chrono::milliseconds(100));
    if (!records) {
      position = twin_.head();
      continue;
    }
    std::vector<std::shared_ptr<Peer>> peers;
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(peers_, [](const auto& peer) { return peer->gone.load(); });
      peers = peers_;
    }
    for (const flow::LogRecordPtr& record : *records) {
      for (const auto& peer : peers) tell(*peer, *record);
      position = record->seq;
    }
  }
}

}  // namespace cityloop::serve
