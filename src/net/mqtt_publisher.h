// Publishes to a broker that is not ours: any quality of service, MQTT 5 or 3.1.1, plain or TLS.
//
//   notify ─ publish ─▶ [MqttPublisher, one a broker] ─ MQTT ─▶ broker ─▶ done
//
// Connects when there is something to send, on a thread of its own. What is not taken by the broker within its time,
// or was on its way when the connection broke, is answered with an error and not sent again: that is its sender's to
// decide. Messages leave in the order in which they were given.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::net {

struct MqttPublisherOptions {
  std::string host{"127.0.0.1"};
  std::uint16_t port{1883};
  std::string user, password;  // empty for none
  bool tls{false};             // with the system's certificates
  bool version_311{false};
};

struct MqttPublication {
  std::string topic;
  std::string payload;
  int qos{0};
  base::Duration timeout{std::chrono::seconds(5)};
};

class MqttPublisher {
 public:
  explicit MqttPublisher(MqttPublisherOptions);
  ~MqttPublisher();  // what is under way ends with Errc::unavailable

  // done, on the publisher's thread or at once: with QoS 0 when the message is written, else when the broker has it.
  void publish(MqttPublication, std::function<void(base::Status)> done);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::net
