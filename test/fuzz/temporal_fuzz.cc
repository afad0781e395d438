// Any bytes as a temporal question, and as a run of history: read or refused, summed up and written without a crash.
#include <cstdint>
#include <string_view>

#include "twin/history/series.h"
#include "twin/history/temporal_instance.h"
#include "twin/history/temporal_query.h"

using namespace cityloop;

namespace {

// "name=value&name=value", undecoded.
twin::Argument arguments(std::string_view text) {
  return [text](std::string_view name) -> std::optional<std::string_view> {
    for (std::string_view rest = text; !rest.empty();) {
      const auto end = std::min(rest.find('&'), rest.size());
      const std::string_view item = rest.substr(0, end);
      if (item.starts_with(name) && item.substr(name.size()).starts_with('=')) return item.substr(name.size() + 1);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
  };
}

void ask(std::string_view text) {
  const auto query = twin::parse_temporal(arguments(text), {});
  if (!query) return;
  const flow::Instant origin = query->relation ? query->time_at : base::from_us(0);
  twin::Aggregation sums(*query, origin, query->to());
  flow::Instant at = origin;
  for (int i = 0; i < 8; ++i) {
    sums.add(at, double(i));
    sums.add(at, flow::Text("late"), flow::AttributeKind::property);
    at += std::chrono::hours(7 << i);
  }
  base::JsonWriter out;
  out.object();
  sums.write(out);
  (void)out.end().take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ask(bytes);
  (void)twin::Period::parse(bytes);
  (void)twin::instant_of_id(bytes);
  if (const auto points = twin::decode_points(bytes); points && !points->empty()) (void)twin::points_span(bytes);
  if (const auto instances = twin::decode_instances(bytes)) (void)twin::instances_span(bytes);
  return 0;
}
