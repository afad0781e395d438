// How a program that speaks for devices hangs on a broker: what came for them, and what they say.
//
//   devices ─ say ─▶ [DeviceLink] ─ MQTT ─▶ broker          broker ─ commands ─▶ [DeviceLink] ─ take ─▶ devices
//
// What must arrive is kept until the broker has acknowledged it, and sent again when it has not, as a device with a
// memory would do: so what a test counts as acknowledged really reached the broker. What is of no use later is said now
// or never. Bounded both ways: beyond kWaitingMax what comes last is dropped and counted. say(), flush() and take()
// belong to one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/mqtt.h"

namespace cityloop::demo {

enum class Keep : std::uint8_t { until_heard, now_or_never };

class DeviceLink {
 public:
  // `broker` is HOST:PORT.
  static base::Result<std::unique_ptr<DeviceLink>> open(const std::string& broker, const std::string& client_id,
                                                        std::vector<std::string> subscriptions);

  void say(std::string topic, std::string payload, Keep = Keep::until_heard);
  void flush();  // hands the broker what it can take now; to be called often
  std::vector<net::MqttMessage> take();

  struct Counts {
    std::uint64_t acknowledged{}, dropped{}, waiting{};
  };
  Counts counts() const;

 private:
  static constexpr std::size_t kWaitingMax = 1'000'000;
  static constexpr std::size_t kInFlightMax = 5'000;
  struct Message {
    std::string topic, payload;
  };
  DeviceLink() = default;
  void send(const Message&);

  mutable std::mutex mutex_;
  std::deque<Message> waiting_;
  std::vector<net::MqttMessage> came_;
  std::size_t in_flight_{0};
  std::uint64_t acknowledged_{0}, dropped_{0};
  std::unique_ptr<net::MqttClient> client_;  // the last: ends first, and calls back until then
};

}  // namespace cityloop::demo
