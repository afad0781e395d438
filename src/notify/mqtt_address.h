// Where an MQTT notification goes: mqtt[s]://[user[:password]@]host[:port]/topic[/subtopic…]
// (ETSI GS CIM 009, clause 7.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::notify {

struct MqttAddress {
  bool tls{false};
  std::string user, password;
  std::string host;
  std::uint16_t port{1883};  // 8883 with TLS
  std::string topic;

  static base::Result<MqttAddress> parse(std::string_view uri);
};

}  // namespace cityloop::notify
