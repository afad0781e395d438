#include "casework/responsibility.h"

#include <algorithm>
#include <tuple>

#include "base/csv.h"
#include "base/json_value.h"
#include "geo/cells.h"

namespace cityloop::casework {
namespace {

using base::JsonValue;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// On which line each feature of a FeatureCollection begins: the objects in the list that is named "features".
class FeatureLines {
 public:
  explicit FeatureLines(std::string_view json) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      const char c = json[i];
      if (c == '\n') ++line_;
      if (in_text_) take_text(c);
      else take(c);
    }
  }
  int of(std::size_t feature) const { return feature < lines_.size() ? lines_[feature] : 1; }

 private:
  void take_text(char c) {
    if (escaped_) escaped_ = false;
    else if (c == '\\') escaped_ = true;
    else if (c == '"') in_text_ = false;
    if (in_text_) text_ += c;
  }
  void take(char c) {
    if (c == '"') in_text_ = true, text_.clear();
    if (c == '{' && depth_ == 2 && in_features_) lines_.push_back(line_);
    if (c == '[' && depth_ == 1) in_features_ = text_ == "features";
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
  }

  std::vector<int> lines_;
  std::string text_;
  int line_{1}, depth_{0};
  bool in_text_{false}, escaped_{false}, in_features_{false};
};

bool is_holder(std::string_view text) {
  return (text.starts_with("user:") || text.starts_with("crew:")) && text.size() > 5;
}

// What is wrong with a feature; empty when it is a cell.
std::string read_cell(const JsonValue& feature, GridCell& cell, geo::Shape& shape) {
  const JsonValue* said = feature.find("properties");
  const JsonValue* geometry = feature.find("geometry");
  if (!said || !said->object() || !geometry || !geometry->object()) return "a feature has 'properties' and 'geometry'";
  cell.code = said->text_or("code", "");
  cell.name = {said->text_or("name_zh", ""), said->text_or("name_en", "")};
  if (!is_cell_code(cell.code))
    return fmt::format(
        "'{}' is no code of a cell: 6 digits of the district, 3 of the street, 3 of the community and 2 or "
        "3 of the cell",
        cell.code);
  if (cell.name.zh.empty() || cell.name.en.empty())
    return fmt::format("the cell {} lacks a name in one of the languages", cell.code);
  if (const JsonValue* holders = said->find("holders")) {
    if (!holders->array()) return fmt::format("the holders of the cell {} are a list", cell.code);
    for (const JsonValue& one : *holders->array()) {
      if (!one.text() || !is_holder(*one.text()))
        return fmt::format("a holder of the cell {} is no \"user:…\" or \"crew:…\"", cell.code);
      cell.holders.push_back(*one.text());
    }
  }
  auto read = geo::Shape::from_geojson(geometry->dump());
  if (!read) return fmt::format("the cell {}: {}", cell.code, read.error().message);
  if (!read->is_area()) return fmt::format("the cell {} is no polygon", cell.code);
  shape = std::move(*read);
  return {};
}

template <class List, class Value>
bool lacks(const List& list, const Value& value) {
  return !value.empty() && !list.empty() && std::find(list.begin(), list.end(), value) == list.end();
}

auto precision(const ResponsibilityRule& r) {
  return std::tuple(r.cell.size(), !r.area.empty(), r.category.size(), !r.kind.empty(), !r.of.empty(),
                    !r.calendar.empty());
}

bool names_people(const ResponsibilityRule& rule) {
  return !rule.crew.empty() || !rule.holder.empty();
}

}  // namespace

bool is_cell_code(std::string_view code) {
  return (code.size() == 14 || code.size() == 15) && all_digits(code);
}

std::string Responsibility::read_cells(std::string_view geojson, const std::string& file) {
  std::string mistakes;
  const auto tell = [&](int line, std::string_view reason) {
    mistakes += fmt::format("{}{}:{}: {}", mistakes.empty() ? "" : "\n", file, line, reason);
  };
  const auto parsed = JsonValue::parse(geojson);
  if (!parsed) return tell(1, parsed.error().message), mistakes;
  const JsonValue* features = parsed->find("features");
  if (parsed->text_or("type", "") != "FeatureCollection" || !features || !features->array())
    return tell(1, "grid cells are a FeatureCollection of GeoJSON"), mistakes;
  const FeatureLines lines(geojson);
  for (std::size_t i = 0; i < features->array()->size(); ++i) {
    GridCell cell;
    cell.file = file;
    cell.line = lines.of(i);
    geo::Shape shape;
    std::string wrong = read_cell((*features->array())[i], cell, shape);
    if (wrong.empty() && !by_code_.emplace(cell.code, cells_.size()).second)
      wrong = fmt::format("there is a cell {} already", cell.code);
    if (!wrong.empty()) {
      tell(cell.line, wrong);
      continue;
    }
    drawn_.push_back({cell.code, std::move(shape)});
    cells_.push_back(std::move(cell));
  }
  return mistakes;
}

namespace {

void check_conditions(base::CsvTable& table, const ResponsibilityRule& rule, const Responsibility::Known& known,
                      const std::vector<GridCell>& cells) {
  if (lacks(known.areas, rule.area)) table.mistake(fmt::format("the city has no policy area '{}'", rule.area));
  const auto in_cell = [&](const GridCell& cell) { return cell.code.starts_with(rule.cell); };
  if (!all_digits(rule.cell)) table.mistake(fmt::format("'{}' is no beginning of a cell's code", rule.cell));
  else if (!rule.cell.empty() && std::none_of(cells.begin(), cells.end(), in_cell))
    table.mistake(fmt::format("no cell's code begins with '{}'", rule.cell));
  const auto& rows = known.categories.all();
  const auto in_category = [&](const Category& row) { return row.code.starts_with(rule.category); };
  if (!rule.category.empty() && std::none_of(rows.begin(), rows.end(), in_category))
    table.mistake(fmt::format("no category's code begins with '{}'", rule.category));
  if (lacks(known.kinds, rule.kind)) table.mistake(fmt::format("there is no case kind '{}'", rule.kind));
  if (lacks(known.departments, rule.of)) table.mistake(fmt::format("the city has no department '{}'", rule.of));
  if (!rule.calendar.empty() && !known.calendars.find(rule.calendar))
    table.mistake(fmt::format("there is no calendar '{}'", rule.calendar));
}

void check_outcome(base::CsvTable& table, const ResponsibilityRule& rule, const Responsibility::Known& known) {
  if (lacks(known.departments, rule.department))
    table.mistake(fmt::format("the city has no department '{}'", rule.department));
  if (rule.department.empty() && (rule.of.empty() || !names_people(rule)))
    table.mistake("a row says the department; or, of one that has it already ('of'), crew or holder");
  if (!rule.of.empty() && !rule.department.empty())
    table.mistake("a row of a department that has it already ('of') says crew and holder only");
  if (!rule.holder.empty() && !rule.holder.starts_with("user:"))
    table.mistake(fmt::format("the holder '{}' is no \"user:…\"", rule.holder));
}

}  // namespace

std::string Responsibility::read_rules(std::string_view csv, const std::string& file, const Known& known) {
  base::CsvTable table(csv, file, {"category", "department"},
                       {"area", "cell", "kind", "of", "calendar", "crew", "holder", "note"});
  while (table.next()) {
    ResponsibilityRule rule;
    rule.number = std::uint32_t(rules_.size() + 1);
    rule.file = file;
    rule.line = table.line();
    const std::pair<std::string*, std::string_view> columns[] = {
        {&rule.area, "area"}, {&rule.cell, "cell"},     {&rule.category, "category"},
        {&rule.kind, "kind"}, {&rule.of, "of"},         {&rule.calendar, "calendar"},
        {&rule.crew, "crew"}, {&rule.holder, "holder"}, {&rule.department, "department"}};
    for (const auto& [into, column] : columns) *into = table.cell(column);
    check_conditions(table, rule, known, cells_);
    check_outcome(table, rule, known);
    rules_.push_back(std::move(rule));
  }
  return table.mistakes();
}

std::string Responsibility::finish() {
  for (std::uint32_t i = 0; i < rules_.size(); ++i) by_precision_.push_back(i);
  std::stable_sort(by_precision_.begin(), by_precision_.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return more_precise(rules_[a], rules_[b]); });
  auto areas = geo::Areas::make(std::move(drawn_));
  drawn_.clear();
  if (!areas) return fmt::format("grid cells: {}", areas.error().message);
  areas_ = std::move(*areas);
  for (const geo::Area& area : areas_.all()) shapes_.emplace(area.name, &area);
  return {};
}

const GridCell* Responsibility::find_cell(std::string_view code) const {
  const auto found = by_code_.find(std::string(code));
  return found == by_code_.end() ? nullptr : &cells_[found->second];
}

const GridCell* Responsibility::cell_at(geo::Position at) const {
  const std::string_view code = areas_.area_of(at);
  return code.empty() ? nullptr : find_cell(code);
}

const GridCell* Responsibility::cell_of(std::string_view geojson) const {
  if (cells_.empty() || geojson.empty()) return nullptr;
  if (const auto point = geo::point_of(geojson)) return cell_at(*point);
  const auto shape = geo::Shape::from_geojson(geojson);
  return shape ? cell_at(shape->anchor()) : nullptr;
}

const geo::Shape* Responsibility::shape_of(const GridCell& cell) const {
  const auto found = shapes_.find(cell.code);
  return found == shapes_.end() ? nullptr : &found->second->shape;
}

bool Responsibility::more_precise(const ResponsibilityRule& a, const ResponsibilityRule& b) {
  return precision(a) > precision(b);
}

bool Responsibility::fits(const ResponsibilityRule& rule, const Matter& matter, const WorkCalendars& calendars) {
  return (rule.cell.empty() || matter.cell.starts_with(rule.cell)) && (rule.area.empty() || matter.area == rule.area) &&
         (rule.category.empty() || matter.category.starts_with(rule.category)) &&
         (rule.kind.empty() || matter.kind == rule.kind) &&
         (rule.calendar.empty() || calendars.get(rule.calendar).is_working(matter.at));
}

Responsible Responsibility::ask(const Matter& matter, const WorkCalendars& calendars) const {
  Responsible out;
  for (const std::uint32_t place : by_precision_) {
    const ResponsibilityRule& rule = rules_[place];
    if (out.by && more_precise(*out.by, rule)) break;
    if (rule.department.empty() || !fits(rule, matter, calendars)) continue;
    if (!out.by) out.by = &rule, out.department = rule.department;
    else if (rule.department != out.department) out.others.push_back(&rule);
  }
  if (out.by) find_people(matter, calendars, out);
  return out;
}

Responsible Responsibility::ask_people(const Matter& matter, const WorkCalendars& calendars,
                                       const std::string& department) const {
  Responsible out;
  out.department = department;
  if (!department.empty()) find_people(matter, calendars, out);
  return out;
}

void Responsibility::find_people(const Matter& matter, const WorkCalendars& calendars, Responsible& out) const {
  for (const std::uint32_t place : by_precision_) {
    const ResponsibilityRule& rule = rules_[place];
    const bool theirs = rule.of.empty() ? rule.department == out.department : rule.of == out.department;
    if (!theirs || !names_people(rule) || !fits(rule, matter, calendars)) continue;
    out.people_by = &rule;
    out.crew = rule.crew;
    out.holder = rule.holder;
    return;
  }
}

}  // namespace cityloop::casework
