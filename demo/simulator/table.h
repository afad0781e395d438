// The district's tables: CSV with a line of column names, a device or a place a row.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::demo {

class Row {
 public:
  explicit Row(std::map<std::string, std::string, std::less<>> cells) : cells_(std::move(cells)) {}
  // The first of these columns that exists and is not empty; "" when none is.
  std::string_view text(std::initializer_list<std::string_view> columns) const;
  double number(std::initializer_list<std::string_view> columns, double otherwise) const;

 private:
  std::map<std::string, std::string, std::less<>> cells_;
};

// Quoted cells may hold commas, doubled quotes and line ends. A row with more or fewer cells than there are columns is
// an error that names its line.
base::Result<std::vector<Row>> parse_table(std::string_view csv, std::string_view name);
base::Result<std::vector<Row>> load_table(const std::filesystem::path&);

}  // namespace cityloop::demo
