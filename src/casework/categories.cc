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
      } else if (quoted) {
        out += c;
      } else if (c == ',') {
        return more = true, out;
      } else if (c == '\n') {
        return more = false, out;
      } else if (c != '\r') {
        out += c;
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

}  // namespace

std::string Categories::read(std::string_view csv, const std::string& file, const WorkCalendars& calendars,
                             const std::vector<std::string>& departments) {
  std::string mistakes;
  const auto mistake = [&](int line, const std::string& reason) {
    mistakes += fmt::format("{}{}:{}: {}", mistakes.empty() ? "" : "\n", file, line, reason);
  };
  CsvReader reader(csv);
  Row row;
  std::map<std::string, std::size_t, std::less<>> column;
  if (!reader.next(row)) return fmt::format("{}:1: a table has a line of titles", file);
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    if (std::find(std::begin(kColumns), std::end(kColumns), row.cells[i]) == std::end(kColumns))
      mistake(row.line, fmt::format("the column '{}' is not known here", row.cells[i]));
    column[row.cells[i]] = i;
  }
  for (const std::string_view needed : kColumns) {
    if (!column.contains(needed)) mistake(row.line, fmt::format("the column '{}' is missing", needed));
  }
  if (!mistakes.empty()) return mistakes;
  const std::size_t width = row.cells.size();
  while (reader.next(row)) {
    if (row.cells.size() != width) {
      mistake(row.line, fmt::format("{} cells where the titles have {}", row.cells.size(), width));
      continue;
    }
    const auto cell = [&](std::string_view name) -> const std::string& { return row.cells[column.find(name)->second]; };
    Category one;
    one.line = row.line;
    one.number = cell("code");
    one.event = cell("type") == "event";
    one.condition = cell("condition");
    one.large = {cell("class_zh"), cell("class_en")};
    one.name = {cell("name_zh"), cell("name_en")};
    one.standard = {cell("standard_zh"), cell("standard_en")};
    one.department = cell("department");
    one.kind = cell("kind");
    one.calendar = cell("calendar");
    one.code = fmt::format("{}-{}{}{}", cell("type"), one.number, one.condition.empty() ? "" : "-", one.condition);
    if (one.number.size() != 4 || !all_digits(one.number))
      mistake(row.line, fmt::format("'{}' is no code of four digits", one.number));
    if (!one.event && cell("type") != "component")
      mistake(row.line, fmt::format("the type '{}' is neither component nor event", cell("type")));
    if (one.name.zh.empty() || one.name.en.empty()) mistake(row.line, "a name is missing in one of the languages");
    if (find(one.code)) mistake(row.line, fmt::format("there is a row '{}' already", one.code));
    if (!one.calendar.empty() && !calendars.find(one.calendar))
      mistake(row.line, fmt::format("there is no calendar '{}'", one.calendar));
    if (!one.department.empty() && !departments.empty() &&
        std::find(departments.begin(), departments.end(), one.department) == departments.end())
      mistake(row.line, fmt::format("the city has no department '{}'", one.department));
    if (const auto limit = parse_limit(cell("limit")); limit) one.limit = *limit;
    else mistake(row.line, fmt::format("the limit: {}", limit.error().message));
    rows_.push_back(std::move(one));
  }
  return mistakes;
}

const Category* Categories::find(std::string_view code) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Category& c) { return c.code == code; });
  return found == rows_.end() ? nullptr : &*found;
}

}  // namespace cityloop::casework
