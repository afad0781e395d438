// Any bytes as a GTFS-Realtime feed, and as the JSON in which its entities stand in the twin: read or refused, never a
// crash; and what was read is written so that it reads the same again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "domain/traffic/transit/realtime.h"
#include "domain/traffic/transit/realtime_json.h"

using namespace cityloop::traffic;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

// What the twin holds of it says the same as the feed did.
template <class Entity, class Read>
void through_twin(const std::vector<Entity>& all, Read&& read) {
  for (const Entity& one : all) {
    const auto again = read(to_json(one));
    expect(again && *again == one);
  }
}

// What somebody else wrote into the twin need not be what this house writes: but once read, it stands.
template <class Read>
void from_twin(std::string_view json, Read&& read) {
  const auto first = read(json);
  if (!first) return;
  const auto again = read(to_json(*first));
  expect(again && *again == *first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with('{')) {
    from_twin(bytes, trip_update_from);
    from_twin(bytes, vehicle_from);
    from_twin(bytes, alert_from);
    return 0;
  }
  RealtimeReport report;
  const auto feed = read_realtime(bytes, report);
  if (!feed) return 0;
  RealtimeReport second;
  const auto again = read_realtime(write_realtime(*feed), second);
  expect(again && *again == *feed && second.refused == 0);
  through_twin(feed->trips, trip_update_from);
  through_twin(feed->vehicles, vehicle_from);
  through_twin(feed->alerts, alert_from);
  return 0;
}
