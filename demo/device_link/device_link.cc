#include "demo/device_link/device_link.h"

#include <charconv>
#include <utility>

namespace cityloop::demo {

base::Result<std::unique_ptr<DeviceLink>> DeviceLink::open(const std::string& broker, const std::string& client_id,
                                                           std::vector<std::string> subscriptions) {
  const std::size_t colon = broker.rfind(':');
  unsigned port = 0;
  if (colon != std::string::npos) std::from_chars(broker.data() + colon + 1, broker.data() + broker.size(), port);
  if (port == 0 || port > 65535) return base::fail(base::Errc::invalid, "the broker '{}': HOST:PORT is wanted", broker);
  std::unique_ptr<DeviceLink> link(new DeviceLink);
  net::MqttOptions options;
  options.host = broker.substr(0, colon);
  options.port = std::uint16_t(port);
  options.client_id = client_id;
  options.subscriptions = std::move(subscriptions);
  options.on_messages = [link = link.get()](std::vector<net::MqttMessage> messages) {
    const std::scoped_lock lock(link->mutex_);
    std::ranges::move(messages, std::back_inserter(link->came_));
    return true;
  };
  link->client_ = TRY(net::MqttClient::start(std::move(options)));
  return link;
}

void DeviceLink::say(std::string topic, std::string payload, Keep keep) {
  const bool connected = keep == Keep::until_heard || client_->connected();
  const std::scoped_lock lock(mutex_);
  if (!connected || waiting_.size() >= kWaitingMax) ++dropped_;
  else waiting_.push_back({std::move(topic), std::move(payload)});
}

void DeviceLink::flush() {
  while (client_->connected()) {
    Message message;
    {
      const std::scoped_lock lock(mutex_);
      if (waiting_.empty() || in_flight_ >= kInFlightMax) return;
      message = std::move(waiting_.front());
      waiting_.pop_front();
      ++in_flight_;
    }
    send(message);
  }
}

void DeviceLink::send(const Message& message) {
  client_->publish(message.topic, message.payload, [this, message](bool reached) {
    const std::scoped_lock lock(mutex_);
    --in_flight_;
    if (reached) ++acknowledged_;
    else waiting_.push_front(message);
  });
}

std::vector<net::MqttMessage> DeviceLink::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(came_, {});
}

DeviceLink::Counts DeviceLink::counts() const {
  const std::scoped_lock lock(mutex_);
  return {acknowledged_, dropped_, waiting_.size() + in_flight_};
}

}  // namespace cityloop::demo
