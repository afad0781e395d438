#include "demo/simulator/table.h"

#include <charconv>

#include "base/file.h"

namespace cityloop::demo {
namespace {

struct Cells {
  std::vector<std::string> cells;
  int line{};
};

// Splits one record off the front of `rest`; `line` moves on by the line ends that it held.
Cells take_record(std::string_view& rest, int& line) {
  Cells record{.cells = {""}, .line = line};
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        record.cells.back() += c;
      } else if (at + 1 < rest.size() && rest[at + 1] == '"') {
        record.cells.back() += '"', ++at;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      record.cells.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      record.cells.back() += c;
    }
  }
  rest.remove_prefix(std::min(at, rest.size()));
  return record;
}

}  // namespace

std::string_view Row::text(std::initializer_list<std::string_view> columns) const {
  for (const std::string_view column : columns) {
    const auto found = cells_.find(column);
    if (found != cells_.end() && !found->second.empty()) return found->second;
  }
  return "";
}

double Row::number(std::initializer_list<std::string_view> columns, double otherwise) const {
  const std::string_view cell = text(columns);
  double value = otherwise;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return problem == std::errc{} && end == cell.data() + cell.size() ? value : otherwise;
}

base::Result<std::vector<Row>> parse_table(std::string_view csv, std::string_view name) {
  if (csv.starts_with("\xef\xbb\xbf")) csv.remove_prefix(3);
  int line = 1;
  const Cells columns = take_record(csv, line);
  std::vector<Row> rows;
  while (!csv.empty()) {
    Cells record = take_record(csv, line);
    if (record.cells.size() == 1 && record.cells[0].empty()) continue;
    if (record.cells.size() != columns.cells.size()) {
      return base::fail(base::Errc::invalid, "{}:{}: {} cells where there are {} columns", name, record.line,
                        record.cells.size(), columns.cells.size());
    }
    std::map<std::string, std::string, std::less<>> cells;
    for (std::size_t i = 0; i < columns.cells.size(); ++i) cells[columns.cells[i]] = std::move(record.cells[i]);
    rows.emplace_back(std::move(cells));
  }
  return rows;
}

base::Result<std::vector<Row>> load_table(const std::filesystem::path& path) {
  const std::string csv = TRY(base::read_file(path));
  return parse_table(csv, path.string());
}

}  // namespace cityloop::demo
