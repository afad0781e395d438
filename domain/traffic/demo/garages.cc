#include "domain/traffic/demo/garages.h"

#include <algorithm>
#include <charconv>

#include "base/csv.h"
#include "base/file.h"

namespace cityloop::traffic {
namespace {

int whole(base::CsvTable& table, std::string_view column) {
  const std::string& cell = table.cell(column);
  int out = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), out);
  if (problem != std::errc{} || end != cell.data() + cell.size() || out < 0)
    table.mistake(fmt::format("'{}' is no number for {}", cell, column));
  return out;
}

// "FROM.TO.NUMBER"; a bus has neither.
struct Ends {
  std::string_view from, to;
};
Ends ends_of(std::string_view car) {
  const std::size_t first = car.find('.');
  const std::size_t second = first == car.npos ? car.npos : car.find('.', first + 1);
  if (second == car.npos) return {};
  return {car.substr(0, first), car.substr(first + 1, second - first - 1)};
}

}  // namespace

base::Result<std::vector<TownGarage>> read_garages(const std::filesystem::path& csv) {
  const std::string text = TRY(base::read_file(csv));
  base::CsvTable table(text, csv.string(), {"garage", "name_zh", "name_en", "gate", "edge", "spaces", "taken"});
  std::vector<TownGarage> out;
  while (table.next()) {
    out.push_back({.id = table.cell("garage"),
                   .name_zh = table.cell("name_zh"),
                   .name_en = table.cell("name_en"),
                   .gate = table.cell("gate"),
                   .edge = table.cell("edge"),
                   .spaces = whole(table, "spaces"),
                   .taken = whole(table, "taken")});
    if (out.back().taken > out.back().spaces) table.mistake("more cars than spaces");
  }
  if (!table.mistakes().empty()) return base::fail(base::Errc::invalid, "{}", table.mistakes());
  return out;
}

void Garages::look(const std::vector<std::string>& began, const std::vector<std::string>& ended) {
  const auto at_gate = [this](std::string_view gate) { return std::ranges::find(garages_, gate, &TownGarage::gate); };
  for (const std::string& car : began) {
    const auto garage = at_gate(ends_of(car).from);
    if (garage != garages_.end()) garage->taken = std::max(0, garage->taken - 1);
  }
  for (const std::string& car : ended) {
    const auto garage = at_gate(ends_of(car).to);
    if (garage != garages_.end()) garage->taken = std::min(garage->spaces, garage->taken + 1);
  }
}

}  // namespace cityloop::traffic
