// Who is responsible for what lies where (责任网格): the city cut into grid cells, each with those who look after it,
// and rules that say which department, crew and person a matter is for.
//
//   casework/*.geojson, responsibility*.csv ─▶ [Responsibility] ─▶ CaseRules ─▶ CaseLoop, serve
//
// A cell (单元网格) is a feature of a FeatureCollection:
//   geometry     Polygon or MultiPolygon
//   properties   code      GB/T 30428.1: six digits of the district, three of the street, three of the community and
//   two or
//                          three of the cell within it: "330191001001001"
//                name_zh, name_en
//                holders   who looks after it (网格员): ["user:li.wei", "crew:patrol-1"]; may be left out
//
// A rule is a row of responsibility*.csv. What it asks for, all of which must hold; an empty cell asks for nothing:
//   area         policy area
//   cell         a cell's code, or its beginning: a community, a street
//   category     a category's code, or its beginning: "event-01", "component"
//   kind         of the case
//   of           the department that has it already: such a row says crew and holder only
//   calendar     holds only while this calendar works
// and what it says:
//   department   who is responsible
//   crew, holder of that department who is to do it, who is told of it; either or both may be left out
//
// The most precise rule wins. Place goes before matter: of two rules that both hold, the one is more precise that
//   1. names the longer beginning of a cell's code;   2. names the area where the other does not;
//   3. names the longer beginning of a category;      4. names the kind where the other does not;
//   5. names the department that has it;              6. has a calendar;
// the first of these that tells them apart decides. Two that none tells apart and that say different things collide:
// the earlier row holds, the case says so, and it is counted. Department and people are looked for one after the other:
// whoever decides the department, crew and holder are those of the most precise rule for that department that names
// any.
//
// A position lies in the smallest cell that holds it. Immutable; asked from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "casework/categories.h"
#include "geo/area.h"

namespace cityloop::casework {

struct GridCell {
  std::string code;
  flow::Bilingual name;
  std::vector<std::string> holders;  // "user:…" and "crew:…"
  std::string file;
  int line{};
};

struct ResponsibilityRule {
  std::uint32_t number{};  // 1, 2, … through all tables in order of their names
  std::string file;
  int line{};
  std::string area, cell, category, kind, of, calendar;
  std::string department, crew, holder;
};

// What the rules are asked about.
struct Matter {
  std::string cell, area, category, kind;
  Instant at{};
};

struct Responsible {
  std::string department, crew, holder;           // empty: no rule names one
  const ResponsibilityRule* by{};                 // that named the department
  const ResponsibilityRule* people_by{};          // that named crew or holder
  std::vector<const ResponsibilityRule*> others;  // as precise as `by`, and name another department
};

class Responsibility {
 public:
  // What rows may name; empty lists are not checked.
  struct Known {
    const WorkCalendars& calendars;
    const Categories& categories;
    const std::vector<std::string>& departments;
    const std::vector<std::string>& areas;
    const std::vector<std::string>& kinds;
  };

  // Add a file's cells or rows; give its mistakes, "file:line: reason" each. Cells before rows.
  std::string read_cells(std::string_view geojson, const std::string& file);
  std::string read_rules(std::string_view csv, const std::string& file, const Known&);
  // After the last of them: makes what positions are looked up in. Gives what is wrong with all of them together.
  std::string finish();

  bool empty() const { return cells_.empty() && rules_.empty(); }
  const std::vector<GridCell>& cells() const { return cells_; }  // in the files' order
  const std::vector<ResponsibilityRule>& rules() const { return rules_; }
  const GridCell* cell_at(geo::Position) const;  // null where there is none
  const GridCell* cell_of(std::string_view geojson) const;
  const GridCell* find_cell(std::string_view code) const;
  const geo::Shape* shape_of(const GridCell&) const;

  // Who is responsible; with a department that is decided already, who of it.
  Responsible ask(const Matter&, const WorkCalendars&) const;
  Responsible ask_people(const Matter&, const WorkCalendars&, const std::string& department) const;
  // Whether a rule holds for a matter; the department that has it counts as none.
  static bool fits(const ResponsibilityRule&, const Matter&, const WorkCalendars&);
  // Whether one rule is more precise than another, by the order above.
  static bool more_precise(const ResponsibilityRule&, const ResponsibilityRule&);

 private:
  void find_people(const Matter&, const WorkCalendars&, Responsible&) const;

  std::vector<GridCell> cells_;
  std::vector<ResponsibilityRule> rules_;
  std::vector<std::uint32_t> by_precision_;  // places in rules_, the most precise first, earlier rows before later ones
  std::vector<geo::Area> drawn_;             // until finish()
  std::unordered_map<std::string, std::size_t> by_code_;
  geo::Areas areas_;
  std::unordered_map<std::string_view, const geo::Area*> shapes_;  // into areas_
};

// Whether this is the code of a cell, by its form.
bool is_cell_code(std::string_view);

}  // namespace cityloop::casework
