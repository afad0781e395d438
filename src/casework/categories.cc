#include "casework/categories.h"

#include <algorithm>

#include "base/csv.h"

namespace cityloop::casework {
namespace {

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Category category_of(const base::CsvTable& table) {
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

std::vector<std::string> wrong_with(const Category& one, const base::CsvTable& table, const WorkCalendars& calendars,
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
  base::CsvTable table(csv, file,
                       {"code", "type", "class_zh", "class_en", "name_zh", "name_en", "condition", "department", "kind",
                        "standard_zh", "standard_en", "limit", "calendar"});
  while (table.next()) {
    Category one = category_of(table);
    for (const std::string& reason : wrong_with(one, table, calendars, departments)) table.mistake(reason);
    if (find(one.code)) table.mistake(fmt::format("there is a row '{}' already", one.code));
    if (const auto limit = parse_limit(table.cell("limit")); limit) one.limit = *limit;
    else table.mistake(fmt::format("the limit: {}", limit.error().message));
    rows_.push_back(std::move(one));
  }
  return table.mistakes();
}

const Category* Categories::find(std::string_view code) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Category& c) { return c.code == code; });
  return found == rows_.end() ? nullptr : &*found;
}

}  // namespace cityloop::casework
