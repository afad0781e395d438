#include "domain/traffic/bench/incident_aarhus.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "domain/traffic/guidance/incident_loop.h"
#include "flow/noun.h"
#include "sense/byte_source.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

// What the cell begins with; 0 where that is no number.
double number_of(std::string_view cell) {
  double value = 0;
  const bool read = std::from_chars(cell.data(), cell.data() + cell.size(), value).ec == std::errc{};
  return read ? value : 0;
}

std::vector<std::string_view> cells_of(std::string_view row) {
  std::vector<std::string_view> out;
  while (!row.empty()) {
    const auto end = std::min(row.find(','), row.size());
    out.push_back(row.substr(0, end));
    row.remove_prefix(std::min(end + 1, row.size()));
  }
  return out;
}

flow::EntityId id_of(std::string_view segment) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:aarhus-{}", segment));
}

// The segments as the first record of a log; by their number in the table.
std::unordered_map<std::string, flow::EntityId> describe(std::istream& table, flow::LogRecord& out) {
  std::unordered_map<std::string, flow::EntityId> known;
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    const auto cells = cells_of(line);
    const std::size_t n = cells.size();
    if (n < 12) continue;
    Segment one;
    one.line = {{number_of(cells[4]), number_of(cells[3])}, {number_of(cells[7]), number_of(cells[6])}};
    flow::Change& change = out.changes.emplace_back();
    change.entity = id_of(cells[0]);
    change.types = {"TrafficFlowObserved"_name};
    change.kind = flow::ChangeKind::created;
    flow::Attribute place = flow::property("location"_name, flow::Json{one.location()});
    place.kind = flow::AttributeKind::geo_property;
    change.attributes.push_back({place});
    change.attributes.push_back({flow::property("freeFlowSpeed"_name, number_of(cells[n - 2]))});
    known.emplace(cells[0], change.entity);
  }
  return known;
}

}  // namespace

std::optional<AarhusIncidents> replay_aarhus(const std::string& folder) {
  std::ifstream table(folder + "/aarhus/traffic_segments.csv");
  if (!table) return std::nullopt;
  const auto rows = sense::ByteSource::read_all(folder + "/aarhus/traffic.csv.gz");
  if (!rows) {
    std::fprintf(stderr, "%s\n", rows.error().message.c_str());
    return std::nullopt;
  }
  IncidentLoopOptions options;
  options.watch.learn_for = std::chrono::hours(24 * 7);
  IncidentLoop loop(options);
  twin::Outbox outbox;
  flow::LogRecord record;
  const auto known = describe(table, record);
  AarhusIncidents out{known.size(), 0, 0, 0};
  const auto second_week = *base::parse_time("2014-08-25T00:00:00Z");
  record.at = second_week - std::chrono::hours(24 * 14);
  loop.on_record(record, outbox);
  base::Instant last = second_week;
  for (std::string_view text = *rows; !text.empty();) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(row.size() + 1, text.size()));
    const auto cells = cells_of(row);
    const auto at = cells.size() < 7 ? base::Result<base::Instant>(base::kNever) : base::parse_time(cells[0]);
    const auto segment = cells.size() < 7 ? known.end() : known.find(std::string(cells[1]));
    if (!at || segment == known.end()) continue;
    const double kmh = number_of(cells[4]), vehicles = number_of(cells[6]);
    if (kmh <= 0 || vehicles < 1) continue;
    record = {};
    record.at = *at;
    flow::Change& change = record.changes.emplace_back();
    change.entity = segment->second;
    change.types = {"TrafficFlowObserved"_name};
    change.attributes.push_back({flow::property("intensity"_name, vehicles, *at)});
    change.attributes.push_back({flow::property("averageVehicleSpeed"_name, kmh, *at, flow::Name("KMH"))});
    loop.on_record(record, outbox);
    out.readings += *at >= second_week;
    last = std::max(last, *at);
  }
  out.opened = loop.counters().opened;
  out.days = std::chrono::duration<double>(last - second_week).count() / 86400;
  return out;
}

}  // namespace cityloop::traffic
