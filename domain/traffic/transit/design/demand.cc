#include "domain/traffic/transit/design/demand.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/config.h"

namespace cityloop::traffic {

namespace {

constexpr double kMetresPerDegree = 111'195;

std::optional<int> whole_number(std::string_view text) {
  int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> minute_of_day(std::string_view text) {
  if (text.size() < 5 || text[2] != ':') return std::nullopt;
  const auto hour = whole_number(text.substr(0, 2)), minute = whole_number(text.substr(3, 2));
  if (!hour || !minute || *hour < 0 || *hour > 24 || *minute < 0 || *minute > 59) return std::nullopt;
  return (*hour * 60 + *minute) % 1440;
}

// "2026-03-01T23:15:00", "2026-03-01 23:15", "23:15"
std::optional<int> minute_of(std::string_view time) {
  const auto part = time.find_first_of("T ");
  return minute_of_day(part == std::string_view::npos ? time : time.substr(part + 1));
}

std::optional<double> number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Rows of a CSV whose other columns are none of our business (base/csv.h wants to know all of them).
class Rows {
 public:
  explicit Rows(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }
  std::uint64_t line() const { return row_line_; }
  bool next(std::vector<std::string>& cells) {
    cells.clear();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) line_ += text_[at_++] == '\n';
    if (at_ >= text_.size()) return false;
    row_line_ = line_;
    for (bool more = true; more;) cells.push_back(cell(more));
    return true;
  }

 private:
  std::string cell(bool& more) {
    std::string out;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (quoted && at_ + 1 < text_.size() && text_[at_ + 1] == '"') out += text_[at_++];
        else quoted = !quoted;
      } else if (!quoted && c == ',') {
        ++at_;
        return out;
      } else if (!quoted && (c == '\n' || c == '\r')) {
        break;
      } else {
        line_ += c == '\n';
        out += c;
      }
    }
    more = false;
    return out;
  }

  std::string_view text_;
  std::size_t at_{0};
  std::uint64_t line_{1}, row_line_{1};
};

// Which cell of the row is what; kNoColumn: the mapping has no such column.
constexpr std::size_t kNoColumn = ~std::size_t(0);
struct Columns {
  std::size_t origin_lon{}, origin_lat{}, destination_lon{}, destination_lat{}, time{}, weight{}, width{};
};

base::Result<Columns> find_columns(const std::vector<std::string>& titles, const std::string& name,
                                   const DemandMapping& mapping) {
  Columns out;
  out.width = titles.size();
  std::string missing;
  const auto find = [&](const std::string& title, std::size_t& into) {
    into = kNoColumn;
    if (title.empty()) return;
    for (std::size_t i = 0; i < titles.size(); ++i)
      if (titles[i] == title) into = i;
    if (into == kNoColumn) missing += " " + title;
  };
  find(mapping.origin_lon, out.origin_lon);
  find(mapping.origin_lat, out.origin_lat);
  find(mapping.destination_lon, out.destination_lon);
  find(mapping.destination_lat, out.destination_lat);
  find(mapping.time, out.time);
  find(mapping.weight, out.weight);
  if (!missing.empty()) return base::fail(base::Errc::malformed, "{}: no column is called{}", name, missing);
  return out;
}

struct Trip {
  geo::Position from, to;
  double weight{1};
};

// The trip of a row; otherwise why there is none ("": it lies outside of the hours).
std::optional<Trip> trip_of(const std::vector<std::string>& cells, const Columns& at, const DemandMapping& mapping,
                            std::string& reason) {
  reason.clear();
  if (cells.size() != at.width) {
    reason = "the row has another number of cells than there are titles";
    return std::nullopt;
  }
  const auto lon = number(cells[at.origin_lon]), lat = number(cells[at.origin_lat]);
  const auto to_lon = number(cells[at.destination_lon]), to_lat = number(cells[at.destination_lat]);
  if (!lon || !lat || !to_lon || !to_lat) {
    reason = "a coordinate is no number";
    return std::nullopt;
  }
  Trip trip{{*lon, *lat}, {*to_lon, *to_lat}};
  if (!geo::check(trip.from) || !geo::check(trip.to)) {
    reason = "a position is not on the earth";
    return std::nullopt;
  }
  if (at.weight != kNoColumn) {
    const auto weight = number(cells[at.weight]);
    if (!weight || *weight <= 0) {
      reason = "the weight is no number above 0";
      return std::nullopt;
    }
    trip.weight = *weight;
  }
  if (at.time == kNoColumn) return trip;
  const auto minute = minute_of(cells[at.time]);
  if (!minute) {
    reason = "the time cannot be read";
    return std::nullopt;
  }
  const int from = mapping.from_minute, to = mapping.to_minute;
  const bool inside = from == to || (from < to ? *minute >= from && *minute < to : *minute >= from || *minute < to);
  return inside ? std::optional(trip) : std::nullopt;
}

using CellKey = std::pair<std::int64_t, std::int64_t>;

struct Gathered {
  std::uint32_t trips{};
  double lon{}, lat{}, ends{};  // sums
};

class Grid {
 public:
  Grid(double cell_m, double lat_deg)
      : lat_step_(cell_m / kMetresPerDegree),
        lon_step_(cell_m / kMetresPerDegree / std::max(0.05, std::cos(lat_deg * 3.14159265358979 / 180))) {}
  CellKey key(geo::Position p) const {
    return {std::int64_t(std::floor(p.lat_deg / lat_step_)), std::int64_t(std::floor(p.lon_deg / lon_step_))};
  }

 private:
  double lat_step_, lon_step_;
};

void gather(const std::vector<Trip>& trips, const DemandMapping& mapping, TripDemand& out) {
  const Grid grid(mapping.cell_m, trips.front().from.lat_deg);
  std::map<CellKey, Gathered> cells;
  for (const Trip& trip : trips)
    for (const geo::Position end : {trip.from, trip.to}) {
      Gathered& cell = cells[grid.key(end)];
      ++cell.trips;
      cell.lon += end.lon_deg;
      cell.lat += end.lat_deg;
      cell.ends += 1;
    }
  std::map<CellKey, std::uint32_t> number_of;
  for (const auto& [key, cell] : cells) {
    if (cell.trips < mapping.fewest_trips) {
      ++out.cells_suppressed;
      continue;
    }
    number_of.emplace(key, std::uint32_t(out.cells.size()));
    out.cells.push_back({{cell.lon / cell.ends, cell.lat / cell.ends}, 0});
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> flows;
  for (const Trip& trip : trips) {
    const auto from = number_of.find(grid.key(trip.from)), to = number_of.find(grid.key(trip.to));
    if (from == number_of.end() || to == number_of.end()) {
      ++out.suppressed;
      continue;
    }
    ++out.used;
    const double weight = trip.weight / mapping.nights;
    flows[{from->second, to->second}] += weight;
    out.cells[from->second].weight += weight;
    out.cells[to->second].weight += weight;
    out.weight += weight;
  }
  for (const auto& [pair, weight] : flows) out.flows.push_back({pair.first, pair.second, weight});
}

int read_minute(base::ConfigTable& table, std::string_view key) {
  const auto minute = minute_of_day(table.text(key));
  if (!minute) table.mistake(key, "a time of day is written like \"22:30\"");
  return minute.value_or(0);
}

base::Result<DemandMapping> take_mapping(base::Config file) {
  base::ConfigTable root = file.root();
  DemandMapping out;
  if (auto trips = root.table("trips")) {
    out.origin_lon = trips->text("origin_lon");
    out.origin_lat = trips->text("origin_lat");
    out.destination_lon = trips->text("destination_lon");
    out.destination_lat = trips->text("destination_lat");
    out.time = trips->text_or("time", "");
    out.weight = trips->text_or("weight", "");
    out.nights = trips->number_or("nights", 1);
    if (!(out.nights > 0)) trips->mistake("nights", "must be more than 0");
  } else {
    root.mistake("trips", "a table [trips] names the columns");
  }
  if (auto hours = root.table("hours")) {
    out.from_minute = read_minute(*hours, "from");
    out.to_minute = read_minute(*hours, "to");
    if (out.time.empty()) hours->mistake("from", "hours need a column for the time: time in [trips]");
  }
  if (auto privacy = root.table("privacy")) {
    out.cell_m = privacy->number_or("cell_m", out.cell_m);
    if (!(out.cell_m >= 50 && out.cell_m <= 5000)) privacy->mistake("cell_m", "must be from 50 to 5000");
    const double fewest = privacy->number_or("fewest_trips", out.fewest_trips);
    if (!(fewest >= 1 && fewest <= 1000)) privacy->mistake("fewest_trips", "must be from 1 to 1000");
    else out.fewest_trips = std::uint32_t(fewest);
  }
  TRY(file.check());
  return out;
}

}  // namespace

base::Result<DemandMapping> read_demand_mapping(const std::string& path) {
  return take_mapping(TRY(base::Config::load(path)));
}

base::Result<DemandMapping> parse_demand_mapping(std::string_view toml, std::string name) {
  return take_mapping(TRY(base::Config::parse(toml, std::move(name))));
}

base::Result<TripDemand> read_trips(std::string_view csv, const std::string& name, const DemandMapping& mapping) {
  Rows rows(csv);
  std::vector<std::string> cells;
  if (!rows.next(cells)) return base::fail(base::Errc::malformed, "{}: the file is empty", name);
  const Columns columns = TRY(find_columns(cells, name, mapping));
  TripDemand out;
  const int minutes = (mapping.to_minute - mapping.from_minute + 1440) % 1440;
  out.hours = minutes == 0 ? 24 : minutes / 60.0;
  std::vector<Trip> trips;
  std::string reason;
  while (rows.next(cells)) {
    ++out.rows;
    if (const auto trip = trip_of(cells, columns, mapping, reason)) {
      trips.push_back(*trip);
    } else if (reason.empty()) {
      ++out.outside_hours;
    } else if (TripDemand::Mistake& mistake = out.mistakes[reason]; ++mistake.count == 1) {
      mistake.first_line = rows.line();
    }
  }
  if (!trips.empty()) gather(trips, mapping, out);
  if (out.flows.empty()) {
    std::string why;
    for (const auto& [text, mistake] : out.mistakes)
      why += fmt::format("; {} × {}, first in line {}", mistake.count, text, mistake.first_line);
    return base::fail(
        base::Errc::invalid,
        "{}: no trips are left of {} rows: {} outside of the hours, {} in cells with fewer than {} trips{}", name,
        out.rows, out.outside_hours, out.suppressed, mapping.fewest_trips, why);
  }
  return out;
}

}  // namespace cityloop::traffic
