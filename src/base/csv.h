// A table as CSV (RFC 4180, UTF-8) with a line of titles, read with care: every mistake is told with file, line and
// reason, so that one pass over a file finds all of them. As base/config.h is for TOML.
//
//   CsvTable table(text, "casework/categories.csv", {"code", "name_zh", "name_en"}, {"note"});
//   while (table.next()) { code = table.cell("code"); if (!known(code)) table.mistake("there is no such code"); }
//   mistakes += table.mistakes();
//
// The columns may stand in any order. A line that begins with '#' is a comment, an empty line is nothing. Cells in
// quotes may hold commas, line ends and doubled quotes.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::base {

class CsvTable {
 public:
  // `text` must outlive it. Columns that are neither needed nor allowed are a mistake, and so is a needed one that is
  // missing.
  CsvTable(std::string_view text, std::string file, std::initializer_list<std::string_view> needed,
           std::initializer_list<std::string_view> allowed = {});

  // The next row that has a cell for each title; false behind the last, or when the titles are wrong.
  bool next();
  int line() const { return row_line_; }                   // on which the row begins
  const std::string& cell(std::string_view column) const;  // empty where the table has no such column
  // The cell's words, parted by blanks or semicolons.
  std::vector<std::string> words(std::string_view column) const;

  void mistake(std::string_view reason);                     // at the line of the row
  const std::string& mistakes() const { return mistakes_; }  // "file:line: reason", one a line

 private:
  bool read_row();
  std::string read_cell(bool& more);
  void skip_line();
  void read_titles(std::initializer_list<std::string_view> needed, std::initializer_list<std::string_view> allowed);

  std::string_view text_;
  std::string file_;
  std::size_t at_{0};
  int line_{1}, row_line_{1};
  std::vector<std::string> cells_;
  std::map<std::string, std::size_t, std::less<>> column_;
  std::size_t width_{0};
  bool sound_{true};
  std::string mistakes_;
};

}  // namespace cityloop::base
