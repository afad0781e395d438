#include "domain/traffic/demo/demand.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>

#include "base/csv.h"
#include "base/rng.h"

namespace cityloop::traffic {
namespace {

// Share of the hour's mean that comes in each of its tenths.
constexpr double kHour[] = {0.75, 0.85, 0.95, 1.10, 1.30, 1.35, 1.20, 1.00, 0.80, 0.70};
constexpr double kTenth_s = 360;

struct Gate {
  std::string id, into, out_of;
  double comes{}, goes{};
};

double number_of(base::CsvTable& table, std::string_view column) {
  const std::string& cell = table.cell(column);
  double value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (problem != std::errc{} || end != cell.data() + cell.size() || !(value >= 0))
    table.mistake(fmt::format("'{}' is no number for {}", cell, column));
  return value;
}

base::Result<std::string> text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return base::fail(base::Errc::not_found, "there is no table {}", path.string());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

base::Result<std::vector<Gate>> read_gates(const std::filesystem::path& csv) {
  const std::string text = TRY(text_of(csv));
  base::CsvTable table(text, csv.string(), {"gate", "into", "out_of", "comes", "goes"});
  std::vector<Gate> gates;
  while (table.next()) {
    gates.push_back({.id = table.cell("gate"),
                     .into = table.cell("into"),
                     .out_of = table.cell("out_of"),
                     .comes = number_of(table, "comes"),
                     .goes = number_of(table, "goes")});
  }
  if (!table.mistakes().empty()) return base::fail(base::Errc::invalid, "{}", table.mistakes());
  return gates;
}

struct Trip {
  double at_s{};
  std::string text;
};

// Each pair of gates is a Poisson stream of its own, so that a pair more does not change the others.
void add_cars(const std::vector<Gate>& gates, const DemandOptions& options, std::vector<Trip>& trips) {
  double all = 0;
  for (const Gate& from : gates) {
    for (const Gate& to : gates) {
      if (from.id != to.id) all += from.comes * to.goes;
    }
  }
  std::uint64_t stream = 0;
  for (const Gate& from : gates) {
    for (const Gate& to : gates) {
      if (from.id == to.id) continue;
      base::Rng rng(options.seed * 1'000'003 + ++stream);
      const double per_s = options.cars_per_h * from.comes * to.goes / all / 3600;
      const double most_per_s = per_s * 1.35;
      int number = 0;
      for (double at_s = 0;;) {
        at_s -= std::log(1 - rng.uniform()) / most_per_s;
        if (at_s >= options.hours * 3600) break;
        const double share = kHour[std::size_t(std::fmod(at_s, 3600) / kTenth_s)];
        if (rng.uniform() * 1.35 >= share) continue;
        trips.push_back(
            {at_s,
             fmt::format(
                 R"(  <trip id="{0}.{1}.{2}" type="car" depart="{3:.2f}" from="{4}" to="{5}" departLane="best" departSpeed="max"/>)",
                 from.id, to.id, number++, at_s, from.into, to.out_of)});
      }
    }
  }
}

void add_buses(const std::vector<BusLine>& lines, const DemandOptions& options, std::vector<Trip>& trips) {
  for (const BusLine& line : lines) {
    for (int number = 0; line.leaves_s(number) < options.hours * 3600; ++number) {
      const double at_s = line.leaves_s(number);
      std::string text = fmt::format(
          R"(  <vehicle id="{}" type="bus" line="{}" depart="{:.2f}" departSpeed="max"><route edges="{}"/>)",
          bus_id(line, number), line.id, at_s, fmt::join(line.edges, " "));
      for (const BusStop& stop : line.stops)
        text += fmt::format(R"(<stop busStop="{}" duration="{:.0f}"/>)", stop.id, kBusDwell_s);
      trips.push_back({at_s, text + "</vehicle>"});
    }
  }
}

base::Result<std::vector<BusStop>> read_stops(const std::filesystem::path& csv) {
  const std::string text = TRY(text_of(csv));
  base::CsvTable table(text, csv.string(), {"stop", "name_zh", "name_en", "lane", "at_m"});
  std::vector<BusStop> stops;
  while (table.next())
    stops.push_back({.id = table.cell("stop"),
                     .name_zh = table.cell("name_zh"),
                     .name_en = table.cell("name_en"),
                     .lane = table.cell("lane"),
                     .at_m = number_of(table, "at_m")});
  if (!table.mistakes().empty()) return base::fail(base::Errc::invalid, "{}", table.mistakes());
  return stops;
}

}  // namespace

std::string bus_id(const BusLine& line, int number) {
  return fmt::format("bus-{}-{}", line.id, number);
}

base::Result<std::vector<BusLine>> read_bus_lines(const std::filesystem::path& network) {
  const std::vector<BusStop> stops = TRY(read_stops(network / "stops.csv"));
  const std::filesystem::path csv = network / "buses.csv";
  const std::string text = TRY(text_of(csv));
  base::CsvTable table(
      text, csv.string(),
      {"line", "route", "direction", "name_zh", "name_en", "to_zh", "to_en", "every_s", "way", "stops"});
  std::vector<BusLine> lines;
  while (table.next()) {
    BusLine line{.id = table.cell("line"),
                 .route = table.cell("route"),
                 .name_zh = table.cell("name_zh"),
                 .name_en = table.cell("name_en"),
                 .to_zh = table.cell("to_zh"),
                 .to_en = table.cell("to_en"),
                 .direction = int(number_of(table, "direction")),
                 .every_s = number_of(table, "every_s"),
                 .first_s = 30 + 60.0 * double(lines.size()),
                 .edges = table.words("way"),
                 .stops = {}};
    if (!(line.every_s > 0)) table.mistake("a line that never runs");
    for (const std::string& id : table.words("stops")) {
      const auto stop = std::ranges::find(stops, id, &BusStop::id);
      if (stop == stops.end()) table.mistake(fmt::format("there is no stop '{}'", id));
      else line.stops.push_back(*stop);
    }
    lines.push_back(std::move(line));
  }
  if (!table.mistakes().empty()) return base::fail(base::Errc::invalid, "{}", table.mistakes());
  return lines;
}

base::Status write_demand(const std::filesystem::path& network, const std::filesystem::path& into,
                          const DemandOptions& options) {
  const std::vector<Gate> gates = TRY(read_gates(network / "gates.csv"));
  const std::vector<BusLine> lines = TRY(read_bus_lines(network));
  std::vector<Trip> trips;
  add_cars(gates, options, trips);
  add_buses(lines, options, trips);
  std::ranges::stable_sort(trips, {}, &Trip::at_s);

  std::ofstream routes(into / "routes.rou.xml");
  routes
      << "<routes>\n"
         R"(  <vType id="car" vClass="passenger" length="4.8" minGap="2.2" accel="2.4" decel="4.5" sigma="0.5" tau="1.1" speedDev="0.1"/>)"
         "\n"
         R"(  <vType id="bus" vClass="bus" length="12" minGap="2.5" accel="1.2" decel="4" sigma="0.5" speedDev="0.05"/>)"
         "\n";
  for (const Trip& trip : trips) routes << trip.text << '\n';
  routes << "</routes>\n";
  std::ofstream stops(into / "stops.add.xml");
  stops << "<additional>\n";
  std::set<std::string> written;
  for (const BusLine& line : lines) {
    for (const BusStop& stop : line.stops) {
      if (!written.insert(stop.id).second) continue;
      stops << fmt::format(R"(  <busStop id="{}" lane="{}" startPos="{}" endPos="{}" friendlyPos="true"/>)", stop.id,
                           stop.lane, stop.at_m - 14, stop.at_m)
            << '\n';
    }
  }
  stops << "</additional>\n";
  if (!routes.flush() || !stops.flush())
    return base::fail(base::Errc::unavailable, "{} cannot be written to", into.string());
  return {};
}

}  // namespace cityloop::traffic
