// One table of a GTFS feed, row by row, without a copy: cells are views into the file's bytes, or, where doubled quotes
// had to go, into `unquoted`, and live as long as these two.
//
//   bytes of stop_times.txt ─▶ [GtfsTable] ─ cells, line ─▶ gtfs_import
//
// The quirks of real feeds: a byte order mark, CRLF, CR or LF, blanks around cells, quoted cells with commas, line ends
// and doubled quotes, short rows (missing cells are empty), empty lines, columns that nobody knows. A quote that is
// never closed costs its own line and no other. base/csv.h is for our own tables, where each of these is a mistake.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::traffic {

// What is wrong in a feed. A refused row is left out; a warned one is kept. Of each kind in a file the first kListed
// are told with their lines, all are counted.
class GtfsReport {
 public:
  static constexpr std::size_t kListed = 20;
  enum class Weight : std::uint8_t { refused, warned };
  struct Problem {
    std::string file;
    int line;  // 0: the file as a whole
    Weight weight;
    std::string reason;
    std::string text() const;  // "stops.txt:17: …"
  };
  struct Tally {
    std::uint64_t refused{0}, warned{0};
  };

  // `kind` is a short name of this sort of mistake: it is counted, and listed up to kListed times, by it.
  void add(std::string_view file, int line, Weight, std::string_view kind, std::string reason);

  const std::vector<Problem>& problems() const { return problems_; }
  const std::map<std::string, Tally, std::less<>>& kinds() const { return kinds_; }  // "stops.txt: no position"
  std::uint64_t refused() const { return total_.refused; }
  std::uint64_t warned() const { return total_.warned; }
  std::map<std::string, std::uint64_t> rows;  // read, by file

 private:
  std::vector<Problem> problems_;
  std::map<std::string, Tally, std::less<>> kinds_;
  Tally total_;
};

class GtfsTable {
 public:
  GtfsTable(std::string_view file, std::string_view text, std::pmr::memory_resource& unquoted, GtfsReport& report);

  // Where a column stands, to be asked for once; -1 when the file has none. cell(-1) is empty.
  int column(std::string_view title) const;
  // Tells in the report which of them are missing; false then.
  bool has(std::initializer_list<std::string_view> titles);

  bool next();  // to the next row that is sound
  std::string_view cell(int column) const {
    return column < 0 || std::size_t(column) >= cells_.size() ? std::string_view{} : cells_[std::size_t(column)];
  }
  int line() const { return row_line_; }
  std::uint64_t rows() const { return rows_; }
  std::string_view file() const { return file_; }

  void refuse(std::string_view kind, std::string reason) {
    report_.add(file_, row_line_, GtfsReport::Weight::refused, kind, std::move(reason));
  }
  void warn(std::string_view kind, std::string reason) {
    report_.add(file_, row_line_, GtfsReport::Weight::warned, kind, std::move(reason));
  }

 private:
  enum class Row : std::uint8_t { whole, broken, none };
  Row read_row();
  bool read_quoted(std::string_view& cell);

  std::string_view file_;
  const char* at_;
  const char* end_;
  GtfsReport& report_;
  int line_{1}, row_line_{1};
  std::uint64_t rows_{0};
  std::vector<std::string> titles_;
  std::vector<std::string_view> cells_;
  std::pmr::memory_resource& unquoted_;
  bool row_unquoted_{false};  // a cell of this row lies there
};

}  // namespace cityloop::traffic
