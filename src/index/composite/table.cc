#include "index/composite/table.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "twin/utf8.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;
using base::Result;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool says_missing(std::string_view cell) {
  static constexpr std::string_view kWords[] = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "-", "—", "…", ".."};
  return std::find(std::begin(kWords), std::end(kWords), cell) != std::end(kWords);
}

std::optional<double> number_in(std::string_view cell) {
  if (cell.starts_with('+')) cell.remove_prefix(1);
  double out = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), out);
  if (error != std::errc{} || end != cell.data() + cell.size() || !std::isfinite(out)) return std::nullopt;
  return out;
}

std::string why_no_number(std::string_view whole) {
  const std::string_view cell = twin::clipped(whole, 40);
  if (whole.contains(',')) return fmt::format("'{}' is no number: digits are not to be parted by commas", cell);
  if (whole.ends_with('%')) return fmt::format("'{}' is no number: the unit of the column says per cent", cell);
  return fmt::format("'{}' is no number", cell);
}

// Which cell of a row is which.
class Reader {
 public:
  Reader(std::string_view file, const TableTitles& titles) : file_(file), titles_(titles) {}

  base::Status read_titles(const CsvRow& row) {
    width_ = row.cells.size();
    for (const std::string& cell : row.cells) {
      if (twin::first_bad_utf8(cell))
        return fail(Errc::malformed, "{}:{}: the titles are not UTF-8: save the table as \"CSV UTF-8\"", file_,
                    row.line);
    }
    for (std::size_t i = 0; i < width_; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (trimmed(row.cells[i]) == trimmed(row.cells[j]))
          return fail(Errc::invalid, "{}:{}: there are two columns '{}'", file_, row.line, trimmed(row.cells[i]));
      }
    }
    const auto find = [&](std::string_view title) -> std::optional<std::size_t> {
      for (std::size_t i = 0; i < width_; ++i) {
        if (!title.empty() && trimmed(row.cells[i]) == title) return i;
      }
      return std::nullopt;
    };
    unit_ = find(titles_.unit), name_zh_ = find(titles_.name_zh), name_en_ = find(titles_.name_en);
    year_ = find(titles_.year);
    if (!unit_)
      return fail(Errc::invalid, "{}:{}: the column '{}' of the units is missing", file_, row.line, titles_.unit);
    for (const std::string& group : titles_.groups) groups_.push_back(find(group));
    for (const std::string& number : titles_.numbers) {
      numbers_.push_back(find(number));
      if (!numbers_.back()) out_.absent.push_back(number);
    }
    return {};
  }

  void read(const CsvRow& row) {
    const auto refuse = [&](std::string unit, std::string reason) {
      out_.flaws.push_back({std::move(unit), "", row.line, std::move(reason)});
      ++out_.rows_refused;
    };
    const std::string code(unit_ && *unit_ < row.cells.size() ? trimmed(row.cells[*unit_]) : "");
    for (const std::string& cell : row.cells) {
      if (twin::first_bad_utf8(cell)) return refuse("", "not UTF-8: save the table as \"CSV UTF-8\"");
    }
    if (row.cells.size() != width_)
      return refuse(code, fmt::format("{} cells where the titles have {}", row.cells.size(), width_));
    if (code.empty()) return refuse("", fmt::format("no unit in '{}'", titles_.unit));
    Unit unit{code, {cell(row, name_zh_), cell(row, name_en_)}, cell(row, year_), {}, row.line};
    if (!seen_.insert({unit.code, unit.year}).second)
      return refuse(code, fmt::format("'{}'{}{} was there before", code, unit.year.empty() ? "" : " of ", unit.year));
    if (unit.name.zh.empty()) unit.name.zh = unit.name.en.empty() ? code : unit.name.en;
    if (unit.name.en.empty()) unit.name.en = unit.name.zh;
    for (const auto& group : groups_) unit.groups.push_back(cell(row, group));
    for (std::size_t i = 0; i < numbers_.size(); ++i) cells_.push_back(number(row, i, code));
    out_.table.units.push_back(std::move(unit));
  }

  TableReading take() {
    Table& table = out_.table;
    table.group_columns = titles_.groups;
    table.columns = titles_.numbers;
    table.cells = Matrix(table.units.size(), numbers_.size());
    for (std::size_t u = 0; u < table.units.size(); ++u) {
      for (std::size_t c = 0; c < numbers_.size(); ++c) table.cells.at(u, c) = cells_[u * numbers_.size() + c];
    }
    return std::move(out_);
  }

 private:
  static std::string cell(const CsvRow& row, std::optional<std::size_t> at) {
    return at ? std::string(trimmed(row.cells[*at])) : std::string{};
  }

  double number(const CsvRow& row, std::size_t i, const std::string& unit) {
    if (!numbers_[i]) return kMissing;
    const std::string_view text = trimmed(row.cells[*numbers_[i]]);
    if (says_missing(text)) return ++out_.cells_missing, kMissing;
    if (const auto value = number_in(text)) return *value;
    out_.flaws.push_back({unit, titles_.numbers[i], row.line, why_no_number(text)});
    ++out_.cells_refused;
    return kMissing;
  }

  std::string_view file_;
  const TableTitles& titles_;
  std::size_t width_{0};
  std::optional<std::size_t> unit_, name_zh_, name_en_, year_;
  std::vector<std::optional<std::size_t>> groups_, numbers_;
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<double> cells_;  // by row, until it is known how many there are
  TableReading out_;
};

}  // namespace

std::size_t Table::column(std::string_view name) const {
  return std::size_t(std::find(columns.begin(), columns.end(), name) - columns.begin());
}

namespace {

bool ends_cell(std::string_view csv, std::size_t at) {
  return at >= csv.size() || csv[at] == ',' || csv[at] == '\r' || csv[at] == '\n';
}

// One row from `at` on, which moves behind it. Nothing where a quote is open to the end of the file, or closed in the
// middle of a cell.
std::optional<CsvRow> next_row(std::string_view csv, std::size_t& at, int& line, bool quotes_over_lines) {
  CsvRow row{line, {""}};
  bool quoted = false, fresh = true;
  while (at < csv.size()) {
    const char c = csv[at++];
    if (c == '\n') ++line;
    if (c == '\n' && (!quoted || !quotes_over_lines)) return row;
    const bool closes = quoted && c == '"' && ends_cell(csv, at);
    const bool doubled = quoted && c == '"' && at < csv.size() && csv[at] == '"';
    if (quoted && c == '"' && !closes && !doubled && quotes_over_lines) return std::nullopt;
    if (closes) quoted = false;
    else if (!quoted && fresh && c == '"') quoted = true;
    else if (!quoted && c == ',') row.cells.emplace_back();
    else if (quoted || c != '\r') row.cells.back() += c;
    if (doubled) ++at;
    fresh = !quoted && c == ',';
  }
  return quoted && quotes_over_lines ? std::nullopt : std::optional(std::move(row));
}

}  // namespace

std::vector<CsvRow> csv_rows(std::string_view csv) {
  if (csv.starts_with("\xef\xbb\xbf")) csv.remove_prefix(3);
  std::vector<CsvRow> out;
  int line = 1;
  bool quotes_over_lines = true;
  for (std::size_t at = 0; at < csv.size();) {
    const std::size_t begin = at;
    const int begin_line = line;
    auto row = next_row(csv, at, line, quotes_over_lines);
    if (!row) {  // a quote is not closed: from here on each ends with its line, so that it hides no other row
      quotes_over_lines = false;
      at = begin, line = begin_line;
      continue;
    }
    if (row->cells.size() > 1 || !row->cells[0].empty()) out.push_back(std::move(*row));
  }
  return out;
}

Result<TableReading> read_table(std::string_view csv, std::string_view file, const TableTitles& titles) {
  const std::vector<CsvRow> rows = csv_rows(csv);
  if (rows.empty()) return fail(Errc::malformed, "{}:1: a table has a line of titles", file);
  Reader reader(file, titles);
  TRY(reader.read_titles(rows.front()));
  for (std::size_t i = 1; i < rows.size(); ++i) reader.read(rows[i]);
  return reader.take();
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string write_table(const Table& table) {
  std::string out = "unit,name_zh,name_en,year";
  for (const std::string& group : table.group_columns) out += ',' + csv_cell(group);
  for (const std::string& column : table.columns) out += ',' + csv_cell(column);
  out += '\n';
  for (std::size_t u = 0; u < table.units.size(); ++u) {
    const Unit& unit = table.units[u];
    out += fmt::format("{},{},{},{}", csv_cell(unit.code), csv_cell(unit.name.zh), csv_cell(unit.name.en),
                       csv_cell(unit.year));
    for (const std::string& group : unit.groups) out += ',' + csv_cell(group);
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const double value = table.cells.at(u, c);
      out += missing(value) ? "," : fmt::format(",{}", value);
    }
    out += '\n';
  }
  return out;
}

}  // namespace cityloop::index
