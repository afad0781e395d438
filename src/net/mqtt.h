// An MQTT 5 client that acknowledges a message only once its receiver has made it durable.
//
//   broker ─ QoS 1 ─▶ [MqttClient] ─ batch ─▶ on_messages … durable … returns ─▶ PUBACK for all of the batch
//
// One thread of its own reads what has arrived, hands it over as a batch, waits until the receiver returns true, and
// only then lets the acknowledgements out; so a crash in between makes the broker send them again. Reconnects with
// back-off (doubling from 100 ms to 10 s, with jitter), subscribes anew, and counts all of it. The session outlives a
// restart (fixed client id, clean start off, session expiry an hour).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::net {

struct MqttMessage {
  std::string topic;
  std::string payload;
  bool retained{false};
};

struct MqttOptions {
  std::string host{"127.0.0.1"};
  std::uint16_t port{1883};
  std::string client_id;
  std::string user, password;              // empty for none
  std::string ca_file;                     // TLS when given
  std::vector<std::string> subscriptions;  // topic filters, QoS 1; "$share/GROUP/FILTER" for shared ones
  std::size_t batch_max{2000};
  // Gives true when the whole batch may be acknowledged. False (the disk refuses, say) drops the connection without
  // acknowledging, so that the broker delivers again after the back-off.
  std::function<bool(std::vector<MqttMessage>)> on_messages;
};

class MqttClient {
 public:
  static base::Result<std::unique_ptr<MqttClient>> start(MqttOptions);
  ~MqttClient();  // sends what waits for at most a second, leaves the session with the broker

  // Queues a message at QoS 1; done(true), on the client's thread, when the broker has it. False at once when 10,000
  // wait, and false when the client ends before; while disconnected messages wait, and are sent in order afterwards.
  void publish(std::string topic, std::string payload, std::function<void(bool)> done = {});
  bool connected() const;  // and every subscription answered
  struct Stats {
    std::uint64_t connects, disconnects, received, acknowledged, published, publish_failed;
    base::Instant last_message;
    std::string last_error;  // for a person; empty when connected
  };
  Stats stats() const;

 private:
  struct Inside;
  explicit MqttClient(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::net
