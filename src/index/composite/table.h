// A table of units (cities, years of a city, people who answered) and their numbers, from CSV and to CSV.
//
//   DATA.csv ──▶ [read_table] ──▶ Table ──▶ compute ──▶ stages ──▶ [write_table] ──▶ STAGE.csv
//
// RFC 4180, UTF-8, one line of titles; columns in any order. A cell that is empty, NA, NaN, null, - or — is missing,
// which is no flaw. A cell that is no number is missing too, and a flaw with unit, column and line; a row without a
// unit, of another width, that is not UTF-8, or of a unit and year that was there before is refused whole and is a
// flaw. Neither hides the good ones. Columns that nobody asks for are passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/finding.h"
#include "index/composite/matrix.h"

namespace cityloop::index {

struct Unit {
  std::string code;
  flow::Bilingual name;
  std::string year;                 // empty where the table has none
  std::vector<std::string> groups;  // as Table::group_columns; empty where the cell is
  int line{0};                      // of the file; 0: not from a file
};

struct Table {
  std::vector<Unit> units;
  std::vector<std::string> group_columns;
  std::vector<std::string> columns;
  Matrix cells;  // units × columns

  // columns.size() where there is none of that name.
  std::size_t column(std::string_view name) const;
};

// What is wrong with one cell (or with a whole row: `column` is empty then).
struct CellFlaw {
  std::string unit, column;
  int line{0};
  std::string reason;
};

// The titles under which a file holds what a frame needs.
struct TableTitles {
  std::string unit{"unit"};
  std::string name_zh{"name_zh"}, name_en{"name_en"};  // where there is no such column the name is the unit's code
  std::string year{"year"};                            // likewise: empty
  std::vector<std::string> groups;
  std::vector<std::string> numbers;
};

struct TableReading {
  Table table;
  std::vector<CellFlaw> flaws;
  std::vector<std::string> absent;  // columns of numbers that the file lacks: all missing in `table`
  std::size_t rows_refused{0}, cells_refused{0}, cells_missing{0};
};

// An error only where nothing can be read: no titles, or none of that name for the units, or two alike.
base::Result<TableReading> read_table(std::string_view csv, std::string_view file, const TableTitles&);

// Shortest digits that read back as the same number; a missing one is an empty cell.
std::string write_table(const Table&);

// As a cell of CSV, in quotes where it must be.
std::string csv_cell(std::string_view);

// Rows of cells as they stand in a file, without empty lines; comments are rows. A quote that is not closed as it
// must be ends with its line, and so do all after it.
struct CsvRow {
  int line{0};
  std::vector<std::string> cells;
};
std::vector<CsvRow> csv_rows(std::string_view csv);

}  // namespace cityloop::index
