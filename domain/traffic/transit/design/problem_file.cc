#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <ranges>

#include "base/csv.h"
#include "base/file.h"
#include "domain/traffic/transit/design/problem.h"

namespace cityloop::traffic {

namespace {

using Ids = std::map<std::string, StopIndex, std::less<>>;

std::optional<double> number(std::string_view text) {
  double value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

double cell_number(base::CsvTable& table, std::string_view column) {
  const auto value = number(table.cell(column));
  if (!value) table.mistake(fmt::format("{} '{}' is no number", column, table.cell(column)));
  return value.value_or(0);
}

std::optional<StopIndex> cell_stop(base::CsvTable& table, std::string_view column, const Ids& ids) {
  const auto at = ids.find(table.cell(column));
  if (at != ids.end()) return at->second;
  table.mistake(fmt::format("{} '{}' is no stop", column, table.cell(column)));
  return std::nullopt;
}

std::vector<DesignStop> read_stops(base::CsvTable& table, Ids& ids) {
  std::vector<DesignStop> stops;
  while (table.next()) {
    DesignStop stop;
    stop.id = table.cell("id");
    stop.position = {.lon_deg = cell_number(table, "lon"), .lat_deg = cell_number(table, "lat")};
    stop.terminal = table.cell("terminal") != "0";
    if (stop.id.empty() || !ids.emplace(stop.id, StopIndex(stops.size())).second)
      table.mistake(fmt::format("id '{}' is empty or stands there already", stop.id));
    else if (stops.size() < 0xffff) stops.push_back(std::move(stop));
  }
  return stops;
}

std::vector<DesignLink> read_links(base::CsvTable& table, const Ids& ids) {
  std::vector<DesignLink> links;
  while (table.next()) {
    const auto from = cell_stop(table, "from", ids), to = cell_stop(table, "to", ids);
    const double minutes = cell_number(table, "travel_time");
    if (minutes < 0) table.mistake(fmt::format("travel_time is {}: a link cannot take less than nothing", minutes));
    else if (from && to) links.push_back({*from, *to, minutes});
  }
  return links;
}

std::vector<double> read_demand(base::CsvTable& table, const Ids& ids, std::size_t stops) {
  std::vector<double> demand(stops * stops, 0);
  std::vector<bool> said(stops * stops, false);
  while (table.next()) {
    const auto from = cell_stop(table, "from", ids), to = cell_stop(table, "to", ids);
    const double value = cell_number(table, "demand");
    if (!from || !to) continue;
    const std::size_t at = *from * stops + *to;
    if (value < 0) table.mistake(fmt::format("demand is {}: fewer than nobody cannot travel", value));
    else if (said[at]) table.mistake("this pair stands there already");
    demand[at] = std::max(0.0, value);
    said[at] = true;
  }
  return demand;
}

}  // namespace

base::Result<DesignFiles> design_files(const std::string& path) {
  std::string stem = path;
  for (const std::string_view end : {"_nodes.txt", "_links.txt", "_demand.txt"})
    if (stem.ends_with(end)) stem.resize(stem.size() - end.size());
  DesignFiles files{stem + "_nodes.txt", stem + "_links.txt", stem + "_demand.txt"};
  for (const std::string& file : {files.nodes, files.links, files.demand})
    if (!std::filesystem::exists(file))
      return base::fail(base::Errc::not_found,
                        "there is no {} (a problem is three files: NAME_nodes.txt, NAME_links.txt, "
                        "NAME_demand.txt)",
                        file);
  return files;
}

base::Result<DesignProblem> read_problem(const DesignFiles& files, const DesignRules& rules) {
  const std::string nodes = TRY(base::read_file(files.nodes)), links = TRY(base::read_file(files.links)),
                    demand = TRY(base::read_file(files.demand));
  Ids ids;
  base::CsvTable node_table(nodes, files.nodes, {"id", "lat", "lon"}, {"terminal", "name"});
  std::vector<DesignStop> stops = read_stops(node_table, ids);
  base::CsvTable link_table(links, files.links, {"from", "to", "travel_time"});
  std::vector<DesignLink> read = read_links(link_table, ids);
  base::CsvTable demand_table(demand, files.demand, {"from", "to", "demand"});
  std::vector<double> matrix = read_demand(demand_table, ids, stops.size());
  std::string mistakes = node_table.mistakes() + link_table.mistakes() + demand_table.mistakes();
  if (!mistakes.empty()) return base::fail(base::Errc::malformed, "{}", mistakes);
  std::string name = std::filesystem::path(files.nodes).filename().string();
  if (name.ends_with("_nodes.txt")) name.resize(name.size() - 10);
  return DesignProblem::make(std::move(name), std::move(stops), std::move(read), std::move(matrix), rules);
}

base::Result<std::vector<PublishedRoutes>> parse_published(std::string_view text, const DesignProblem& problem) {
  Ids ids;
  for (std::size_t i = 0; i < problem.stops(); ++i) ids.emplace(problem.stop(StopIndex(i)).id, StopIndex(i));
  std::vector<PublishedRoutes> out;
  std::size_t missing = 0;
  int line_number = 0;
  for (const auto part : std::views::split(text, '\n')) {
    std::string_view line(part.begin(), part.end());
    ++line_number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.find_first_not_of("0123456789-") != std::string_view::npos) {
      if (missing > 0)
        return base::fail(base::Errc::malformed, "line {}: {} routes are missing before it", line_number, missing);
      out.push_back({.source = std::string(line), .routes = {}});
    } else if (out.empty()) {
      return base::fail(base::Errc::malformed, "line {}: routes without a title", line_number);
    } else if (missing == 0) {
      missing = std::size_t(number(line).value_or(0));
      if (missing == 0 || !out.back().routes.empty())
        return base::fail(base::Errc::malformed, "line {}: a number of routes was expected", line_number);
    } else {
      RoutePath route;
      for (const auto id : std::views::split(line, '-')) {
        const auto at = ids.find(std::string_view(id.begin(), id.end()));
        if (at == ids.end()) return base::fail(base::Errc::malformed, "line {}: there is no such stop", line_number);
        if (std::ranges::find(route, at->second) != route.end()) out.back().repeats = true;
        if (!route.empty() && problem.minutes(route.back(), at->second) == 0)
          return base::fail(base::Errc::malformed, "line {}: no link joins {} and {}", line_number,
                            problem.stop(route.back()).id, at->first);
        route.push_back(at->second);
      }
      out.back().routes.push_back(std::move(route));
      --missing;
    }
  }
  if (missing > 0) return base::fail(base::Errc::malformed, "{} routes are missing at the end", missing);
  return out;
}

}  // namespace cityloop::traffic
