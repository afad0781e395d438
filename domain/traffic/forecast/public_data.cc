#include "domain/traffic/forecast/public_data.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>

#include "base/csv.h"
#include "base/file.h"
#include "base/time.h"
#include "sense/byte_source.h"

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// Cells hold no quotes and no commas in the columns that are read here.
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t from = 0;;) {
    const std::size_t comma = line.find(',', from);
    cells.push_back(line.substr(from, comma - from));
    if (comma == std::string_view::npos) return cells;
    from = comma + 1;
  }
}

float number_of(std::string_view text) {
  float value = kNan;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : kNan;
}

struct Table {
  std::vector<std::string> titles;
  std::vector<float> values;  // row by row
  std::size_t rows{0}, columns{0};
};

base::Result<Table> read_numbers(const std::filesystem::path& path, bool titles) {
  const std::string packed = TRY(sense::ByteSource::read_all(path));
  std::string_view text = packed;
  Table table;
  if (titles)
    for (const std::string_view cell : cells_of(take_line(text))) table.titles.emplace_back(cell);
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    const auto cells = cells_of(line);
    if (table.columns == 0) table.columns = cells.size();
    if (cells.size() != table.columns)
      return base::fail(base::Errc::malformed, "{}: row {} has {} columns, not {}", path.string(), table.rows + 1,
                        cells.size(), table.columns);
    for (const std::string_view cell : cells) {
      const float value = number_of(cell);
      if (std::isnan(value))
        return base::fail(base::Errc::malformed, "{}: row {}: '{}' is no number", path.string(), table.rows + 1, cell);
      table.values.push_back(value);
    }
    ++table.rows;
  }
  return table;
}

base::Result<std::vector<std::vector<Link>>> read_links(const std::filesystem::path& path, std::size_t nodes) {
  const Table table = TRY(read_numbers(path, false));
  if (table.rows != nodes || table.columns != nodes)
    return base::fail(base::Errc::malformed, "{}: {} × {}, not {} × {}", path.string(), table.rows, table.columns,
                      nodes, nodes);
  std::vector<std::vector<Link>> links(nodes);
  for (std::size_t from = 0; from < nodes; ++from)
    for (std::size_t to = 0; to < nodes; ++to)
      if (from != to && table.values[from * nodes + to] > 0)
        links[from].push_back({to, table.values[from * nodes + to]});
  return links;
}

}  // namespace

base::Result<Panel> read_los_loop(const std::filesystem::path& folder) {
  Table table = TRY(read_numbers(folder / "forecast/los_speed.csv.gz", true));
  Panel panel;
  panel.calendar = {.step_s = 300, .slots_per_day = 288, .first_slot = 0, .first_weekday = 3, .days_per_week = 7};
  panel.nodes = table.columns;
  panel.values = std::move(table.values);
  panel.names = std::move(table.titles);
  panel.links = TRY(read_links(folder / "forecast/los_adj.csv.gz", panel.nodes));
  return panel;
}

base::Result<Panel> read_beijing_subway(const std::filesystem::path& folder, int step_min) {
  const auto home = folder / "forecast/beijing-subway";
  const auto by_step = [](const Table& table) {  // a station a row in the file,
                                                 // a step a row in a panel
    std::vector<float> values(table.values.size());
    for (std::size_t node = 0; node < table.rows; ++node)
      for (std::size_t step = 0; step < table.columns; ++step)
        values[step * table.rows + node] = table.values[node * table.columns + step];
    return values;
  };
  const Table in = TRY(read_numbers(home / fmt::format("in_{}min.csv.gz", step_min), false));
  const Table out = TRY(read_numbers(home / fmt::format("out_{}min.csv.gz", step_min), false));
  if (in.rows != out.rows || in.columns != out.columns || in.columns % 25 != 0)
    return base::fail(base::Errc::malformed, "inflow and outflow per {} min are not of one shape", step_min);
  Panel panel;
  panel.calendar = {.step_s = step_min * 60,
                    .slots_per_day = int(in.columns / 25),
                    .first_slot = 0,
                    .first_weekday = 0,
                    .days_per_week = 5};
  panel.nodes = in.rows;
  panel.values = by_step(in);
  panel.others = {by_step(out)};
  panel.links = TRY(read_links(home / "adjacency.csv.gz", panel.nodes));
  return panel;
}

namespace {

struct Stretch {
  std::string from, to;  // the places of its ends
};

// Stretches that meet end to end; not the same road the other way.
std::vector<std::vector<Link>> links_of(const std::vector<Stretch>& stretches) {
  std::vector<std::vector<Link>> links(stretches.size());
  for (std::size_t a = 0; a < stretches.size(); ++a)
    for (std::size_t b = 0; b < stretches.size(); ++b) {
      const bool follows = stretches[a].to == stretches[b].from || stretches[b].to == stretches[a].from;
      const bool back = stretches[a].to == stretches[b].from && stretches[a].from == stretches[b].to;
      if (a != b && follows && !back) links[a].push_back({b, 1});
    }
  return links;
}

// Some 10 m.
std::string place_of(const std::string& lat, const std::string& lon) {
  return fmt::format("{:.4f} {:.4f}", number_of(lat), number_of(lon));
}

base::Result<std::map<std::string, std::size_t, std::less<>>> read_stretches(const std::filesystem::path& folder,
                                                                             AarhusTraffic& out) {
  const std::string text = TRY(base::read_file(folder / "aarhus/traffic_segments.csv"));
  base::CsvTable table(
      text, "traffic_segments.csv",
      {"REPORT_ID", "POINT_1_LAT", "POINT_1_LNG", "POINT_2_LAT", "POINT_2_LNG", "NDT_IN_KMH"},
      {"REPORT_NAME", "POINT_1_STREET", "POINT_2_STREET", "DISTANCE_IN_METERS", "DURATION_IN_SEC", "ROAD_TYPE"});
  std::map<std::string, std::size_t, std::less<>> nodes;
  std::vector<Stretch> stretches;
  while (table.next()) {
    nodes.emplace(table.cell("REPORT_ID"), nodes.size());
    out.panel.names.push_back(table.cell("REPORT_ID"));
    const float free_flow = number_of(table.cell("NDT_IN_KMH"));
    out.free_flow_kmh.push_back(free_flow >= 5 && free_flow <= 140 ? free_flow : kNan);
    out.lines.push_back(fmt::format(R"({{"type":"LineString","coordinates":[[{},{}],[{},{}]]}})",
                                    table.cell("POINT_1_LNG"), table.cell("POINT_1_LAT"), table.cell("POINT_2_LNG"),
                                    table.cell("POINT_2_LAT")));
    stretches.push_back({place_of(table.cell("POINT_1_LAT"), table.cell("POINT_1_LNG")),
                         place_of(table.cell("POINT_2_LAT"), table.cell("POINT_2_LNG"))});
  }
  if (!table.mistakes().empty()) return base::fail(base::Errc::malformed, "{}", table.mistakes());
  if (nodes.size() != stretches.size()) return base::fail(base::Errc::malformed, "a stretch stands there twice");
  out.panel.links = links_of(stretches);
  return nodes;
}

struct Reading {
  std::size_t step{}, node{};
  float value{};
};

std::size_t step_of(base::Instant at, base::Instant first, int step_s) {
  return std::size_t((at - first) / std::chrono::seconds(step_s));
}

}  // namespace

base::Result<AarhusTraffic> read_aarhus_traffic(const std::filesystem::path& folder) {
  AarhusTraffic out;
  const auto nodes = TRY(read_stretches(folder, out));
  Panel& panel = out.panel;
  panel.nodes = nodes.size();
  // The column is in UTC, whatever the source says (demo/aarhus/feeds/traffic.toml); days are the city's, two hours on.
  panel.calendar = {.step_s = 300, .slots_per_day = 288, .first_slot = 24, .first_weekday = 0, .days_per_week = 7};
  const base::Instant first = TRY(base::parse_time("2014-08-18T00:00:00Z"));
  const std::string unpacked = TRY(sense::ByteSource::read_all(folder / "aarhus/traffic.csv.gz"));
  std::string_view text = unpacked;
  constexpr std::size_t kSteps = std::size_t{14} * 288;
  panel.values.assign(kSteps * panel.nodes, kNan);
  panel.others.assign(1, std::vector<float>(kSteps * panel.nodes, kNan));
  take_line(text);
  std::string_view time;
  std::size_t step = kSteps;
  while (!text.empty()) {
    const auto cells = cells_of(take_line(text));
    if (cells.size() != 7) return base::fail(base::Errc::malformed, "traffic.csv.gz: {} columns, not 7", cells.size());
    if (cells[0] != time) {
      time = cells[0];
      step = step_of(TRY(base::parse_time(time)), first, 300);
    }
    const auto node = nodes.find(cells[1]);
    if (node == nodes.end() || step >= kSteps) continue;
    const std::size_t at = step * panel.nodes + node->second;
    const float speed = number_of(cells[4]);
    const float vehicles = number_of(cells[6]);
    panel.others[0][at] = vehicles;
    if (vehicles > 0 && speed > 0) panel.values[at] = speed;
  }
  return out;
}

base::Result<AarhusParking> read_aarhus_parking(const std::filesystem::path& folder) {
  AarhusParking out;
  const base::Instant first = TRY(base::parse_time("2014-05-22T00:00:00Z"));  // read as local, as every time below
  const std::string unpacked = TRY(sense::ByteSource::read_all(folder / "aarhus/parking.csv.gz"));
  std::string_view text = unpacked;
  take_line(text);
  std::map<std::string, std::size_t, std::less<>> nodes;
  std::vector<Reading> readings;
  std::size_t steps = 0;
  while (!text.empty()) {
    const auto cells = cells_of(take_line(text));
    if (cells.size() != 4) return base::fail(base::Errc::malformed, "parking.csv.gz: {} columns, not 4", cells.size());
    const std::size_t step = step_of(TRY(base::parse_time(cells[0])), first, 1800);
    const auto [node, is_new] = nodes.emplace(cells[1], nodes.size());
    if (is_new) {
      out.panel.names.emplace_back(cells[1]);
      out.spaces.push_back(number_of(cells[3]));
    }
    readings.push_back({step, node->second, number_of(cells[2])});
    steps = std::max(steps, step + 1);
  }
  Panel& panel = out.panel;
  panel.nodes = nodes.size();
  panel.calendar = {.step_s = 1800, .slots_per_day = 48, .first_slot = 0, .first_weekday = 3, .days_per_week = 7};
  panel.values.assign(steps * panel.nodes, kNan);
  for (const Reading& reading : readings) panel.values[reading.step * panel.nodes + reading.node] = reading.value;
  return out;
}

}  // namespace cityloop::traffic
