// Any bytes as a GTFS feed: as a ZIP where they begin as one, else as tables, each behind a line "@stops.txt". Read or
// refused, never a crash; and what was read is exported so that it reads the same again, as tables and as a ZIP.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "domain/traffic/transit/gtfs_export.h"
#include "domain/traffic/transit/gtfs_import.h"
#include "domain/traffic/transit/service_days.h"

using namespace cityloop;
using namespace cityloop::traffic;

namespace {

GtfsFiles tables_of(std::string_view text) {
  GtfsFiles out;
  while (!text.empty()) {
    const std::size_t begin = text.starts_with('@') ? 0 : text.find("\n@");
    if (begin == text.npos) break;
    text.remove_prefix(text.find('@', begin) + 1);
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string name(text.substr(0, line));
    text.remove_prefix(std::min(line + 1, text.size()));
    // The end of a table stays with it: what comes next begins with that line end.
    const std::size_t end = text.starts_with('@') ? 0 : std::min(text.find("\n@"), text.size());
    out.content[name] = text.substr(0, end);
    text.remove_prefix(end);
  }
  return out;
}

void ask(const Schedule& schedule) {
  const auto days = {parse_day("20260329").value(), parse_day("20240229").value()};
  for (const auto day : days) {
    for (std::uint32_t stop = 0; stop < std::min<std::size_t>(schedule.stops.size(), 3); ++stop)
      (void)schedule.departures(StopNo{stop}, schedule.time_of(day, 0), schedule.time_of(day, 90'000), 50);
  }
  for (const Stop& stop : schedule.stops) {
    if (schedule.stop_of(schedule.text(stop.id)) == kNo<StopNo>) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  GtfsFiles files;
  if (bytes.starts_with("PK")) {
    const ArchiveLimits limits{.file_bytes_max = 1 << 20, .total_bytes_max = 1 << 21};
    auto unpacked = read_gtfs_zip(bytes, limits);
    if (!unpacked) return 0;
    files = std::move(*unpacked);
  } else {
    files = tables_of(bytes);
  }
  const auto first = import_gtfs(files);
  if (!first) return 0;
  ask(*first->schedule);
  GtfsFiles exported;
  exported.content = export_gtfs(*first->schedule);
  const auto second = import_gtfs(exported);
  if (!second || second->report.refused() > 0) std::abort();
  if (export_gtfs(*second->schedule) != exported.content) std::abort();
  const auto zip = write_gtfs_zip(exported.content, base::from_us(0));
  if (!zip || read_gtfs_zip(*zip).value().content != exported.content) std::abort();
  return 0;
}
