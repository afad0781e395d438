#include "notify/mqtt_address.h"

#include <charconv>

#include "net/url.h"

namespace cityloop::notify {

using base::Errc;
using base::fail;

base::Result<MqttAddress> MqttAddress::parse(std::string_view uri) {
  MqttAddress out;
  if (uri.starts_with("mqtts://")) out.tls = true, out.port = 8883, uri.remove_prefix(8);
  else if (uri.starts_with("mqtt://")) uri.remove_prefix(7);
  else return fail(Errc::invalid, "is no mqtt address");
  const std::size_t slash = uri.find('/');
  if (slash == uri.npos || slash + 1 >= uri.size()) return fail(Errc::invalid, "names no topic");
  out.topic = TRY(net::percent_decode(uri.substr(slash + 1), false));
  if (out.topic.find_first_of(std::string_view("+#\0", 3)) != out.topic.npos || out.topic.size() > 65535) {
    return fail(Errc::invalid, "names no topic that can be published to");
  }
  std::string_view authority = uri.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
    const std::string_view who = authority.substr(0, at);
    const std::size_t colon = std::min(who.find(':'), who.size());
    out.user = TRY(net::percent_decode(who.substr(0, colon), false));
    if (colon < who.size()) out.password = TRY(net::percent_decode(who.substr(colon + 1), false));
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  if (colon != authority.npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc{} || end != port.data() + port.size() || out.port == 0) {
      return fail(Errc::invalid, "names no port");
    }
  }
  out.host = authority.substr(0, colon);
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty()) return fail(Errc::invalid, "names no host");
  return out;
}

}  // namespace cityloop::notify
