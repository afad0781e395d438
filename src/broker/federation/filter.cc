#include "broker/federation/inside.h"
#include "broker/source/registration_query.h"

namespace cityloop::broker {

base::Result<std::function<bool(const Registration&)>> source_filter(const Exchange& exchange) {
  const auto text = exchange.argument("csf");
  if (!text) return std::function<bool(const Registration&)>{};
  twin::QReading reading;
  reading.context = exchange.context.get();
  auto csf = twin::Q::parse(*text, reading);
  if (!csf) return base::fail(csf.error().code, "csf: {}", csf.error().message);
  return std::function(
      [csf = std::move(*csf)](const Registration& registration) { return has_properties(registration, csf); });
}

}  // namespace cityloop::broker
