#include "casework/categories.h"

#include <algorithm>
#include <map>

namespace cityloop::casework {
namespace {

struct Row {
  std::vector<std::string> cells;
  int line{};
};

// Rows of RFC 4180: cells in quotes may hold commas, line ends and doubled quotes.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  bool next(Row& row) {
    while (at_ < text_.size() && is_comment()) skip_line();
    if (at_ >= text_.size()) return false;
    row = {};
    row.line = line_;
    for (bool more = true; more;) row.cells.push_back(cell(more));
    return true;
  }

 private:
  bool is_comment() const { return text_[at_] == '#' || text_[at_] == '\n' || text_[at_] == '\r'; }
  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    if (at_ < text_.size()) ++at_, ++line_;
  }

  std::string cell(bool& more) {
    std::string out;
    bool quoted = at_ < text_.size() && text_[at_] == '"';
    if (quoted) ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n') ++line_;
      if (quoted && c == '"') {
        if (at_ < text_.size() && text_[at_] == '"') out += text_[at_++];
        else quoted = false;
      } else if (quoted || (c != ',' && c != '\n' && c != '\r')) {
        out += c;
      } else if (c != '\r') {
        return more = c == ',', out;
      }
    }
    return more = false, out;
  }

  std::string_view text_;
  std::size_t at_{0};
  int line_{1};
};

constexpr std::string_view kColumns[] = {"code",        "type",      "class_zh",   "class_en", "name_zh",
                                         "name_en",     "condition", "department", "kind",     "standard_zh",
                                         "standard_en", "limit",     "calendar"};

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Rows with cells by the names of their columns.
class Table {
 public:
  explicit Table(std::string_view csv) : reader_(csv) {}

  // Reads the line of titles; gives what is wrong with it.
  std::vector<std::string> open() {
    std::vector<std::string> wrong;
    if (!reader_.next(row_)) return {"a table has a line of titles"};
    width_ = row_.cells.size();
    for (std::size_t i = 0; i < width_; ++i) {
      if (std::find(std::begin(kColumns), std::end(kColumns), row_.cells[i]) == std::end(kColumns))
        wrong.push_back(fmt::format("the column '{}' is not known here", row_.cells[i]));
      column_[row_.cells[i]] = i;
    }
    for (const std::string_view needed : kColumns) {
      if (!column_.contains(needed)) wrong.push_back(fmt::format("the column '{}' is missing", needed));
    }
    return wrong;
  }
  bool next() { return reader_.next(row_); }
  bool whole() const { return row_.cells.size() == width_; }
  std::size_t cells() const { return row_.cells.size(); }
  std::size_t width() const { return width_; }
  int line() const { return std::max(row_.line, 1); }
  const std::string& cell(std::string_view name) const { return row_.cells[column_.find(name)->second]; }

 private:
  CsvReader reader_;
  Row row_;
  std::map<std::string, std::size_t, std::less<>> column_;
  std::size_t width_{0};
};

Category category_of(const Table& table) {
  Category one;
  one.line = table.line();
  one.number = table.cell("code");
  one.event = table.cell("type") == "event";
  one.condition = table.cell("condition");
  one.large = {table.cell("class_zh"), table.cell("class_en")};
  one.name = {table.cell("name_zh"), table.cell("name_en")};
  one.standard = {table.cell("standard_zh"), table.cell("standard_en")};
  one.department = table.cell("department");
  one.kind = table.cell("kind");
  one.calendar = table.cell("calendar");
  one.code = fmt::format("{}-{}{}{}", table.cell("type"), one.number, one.condition.empty() ? "" : "-", one.condition);
  return one;
}

std::vector<std::string> wrong_with(const Category& one, const Table& table, const WorkCalendars& calendars,
                                    const std::vector<std::string>& departments) {
  std::vector<std::string> wrong;
  if (one.number.size() != 4 || !all_digits(one.number))
    wrong.push_back(fmt::format("'{}' is no code of four digits", one.number));
  if (!one.event && table.cell("type") != "component")
    wrong.push_back(fmt::format("the type '{}' is neither component nor event", table.cell("type")));
  if (one.name.zh.empty() || one.name.en.empty()) wrong.emplace_back("a name is missing in one of the languages");
  if (!one.calendar.empty() && !calendars.find(one.calendar))
    wrong.push_back(fmt::format("there is no calendar '{}'", one.calendar));
  const bool known = departments.empty() || one.department.empty() ||
                     std::find(departments.begin(), departments.end(), one.department) != departments.end();
  if (!known) wrong.push_back(fmt::format("the city has no department '{}'", one.department));
  return wrong;
}

}  // namespace

std::string Categories::read(std::string_view csv, const std::string& file, const WorkCalendars& calendars,
                             const std::vector<std::string>& departments) {
  std::string mistakes;
  Table table(csv);
  const auto tell = [&](const std::vector<std::string>& reasons) {
    for (const std::string& reason : reasons)
      mistakes += fmt::format("{}{}:{}: {}", mistakes.empty() ? "" : "\n", file, table.line(), reason);
  };
  const auto titles = table.open();
  tell(titles);
  while (titles.empty() && table.next()) {
    if (!table.whole()) {
      tell({fmt::format("{} cells where the titles have {}", table.cells(), table.width())});
      continue;
    }
    Category one = category_of(table);
    tell(wrong_with(one, table, calendars, departments));
    if (find(one.code)) tell({fmt::format("there is a row '{}' already", one.code)});
    if (const auto limit = parse_limit(table.cell("limit")); limit) one.limit = *limit;
    else tell({fmt::format("the limit: {}", limit.error().message)});
    rows_.push_back(std::move(one));
  }
  return mistakes;
}

const Category* Categories::find(std::string_view code) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Category& c) { return c.code == code; });
  return found == rows_.end() ? nullptr : &*found;
}

}  // namespace cityloop::casework
