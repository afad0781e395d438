// Tables of texts for the commands classify and topics: CSV, also packed (gzip), in UTF-8 or GB18030.
//
// Rows are given in order; a bad one is told with its line and its reason, and counted, and the next one is read.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::app {

class TextTable {
 public:
  struct Row {
    std::uint64_t line{};
    std::vector<std::string> fields;  // one a column of header()
  };
  struct BadRow {
    std::uint64_t line{};
    std::string why;
  };

  // The whole file; fails only when there is no such file, or when it has no header. One cut short or damaged gives its
  // good rows and a last bad one.
  static base::Result<TextTable> read(const std::string& path);

  const std::vector<std::string>& header() const { return header_; }
  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<BadRow>& bad_rows() const { return bad_rows_; }
  // The column of that name; fails with the names that there are.
  base::Result<std::size_t> column(std::string_view name) const;
  // Of several columns, or where none is named of those that hold texts by their usual names: subject, then text.
  base::Result<std::vector<std::size_t>> text_columns(const std::vector<std::string>& names) const;

 private:
  std::string path_;
  std::vector<std::string> header_;
  std::vector<Row> rows_;
  std::vector<BadRow> bad_rows_;
};

// The fields of those columns, one after the other, each ended as a sentence is.
std::string joined_text(const TextTable::Row&, const std::vector<std::size_t>& columns);

// As a field of CSV: in quotes where it must be.
std::string csv_field(std::string_view);

}  // namespace cityloop::app
