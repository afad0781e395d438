// The ASEM index of sustainable connectivity as a frame and a table, from the published files.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include <fmt/format.h>

#include "base/file.h"
#include "index/composite/frame.h"
#include "index/composite/table.h"

namespace cityloop::index::asem {

inline std::filesystem::path folder() {
  const char* shared = std::getenv("CITYLOOP_SHARED");
  return std::filesystem::path(shared ? shared : "../shared") / "data/index-asem";
}
inline bool there() {
  return std::filesystem::exists(folder() / "asem_Raw.csv");
}

using Row = std::map<std::string, std::string>;
inline std::vector<Row> rows(const std::string& file) {
  const auto text = base::read_file(folder() / file).value();
  const auto cells = csv_rows(text);
  std::vector<Row> out;
  for (std::size_t r = 1; r < cells.size(); ++r) {
    Row row;
    for (std::size_t c = 0; c < cells[0].cells.size(); ++c) row[cells[0].cells[c]] = cells[r].cells[c];
    out.push_back(std::move(row));
  }
  return out;
}

inline std::string node_text(Row& row) {
  std::string name = row["iName"];
  std::string out = fmt::format("code = \"{}\"\nname = {{ zh = \"{}\", en = \"{}\" }}\nweight = {}\n", row["iCode"],
                                name, name, row["Weight"]);
  if (row["Parent"] != "NA") out += fmt::format("parent = \"{}\"\n", row["Parent"]);
  return out;
}

inline std::string frame_text() {
  std::string out = R"(id = "asem"
name = { zh = "亚欧可持续互联互通", en = "Sustainable connectivity" }
[table]
unit = "UnitCode"
name_en = "UnitName"
year = "Year"
groups = ["Group_EurAsia"]
[imputation]
method = "group_mean"
group = "Group_EurAsia"
[treatment]
method = "winsorise_or_log"
skewness_max = 2
kurtosis_max = 3.5
winsorised_max = 5
[normalisation]
method = "min_max"
[aggregation]
method = "arithmetic"
[ranks]
decimals = 2
)";
  for (Row& row : rows("ASEM_iMeta.csv")) {
    if (row["Type"] == "Indicator") {
      out += "[[indicator]]\n" + node_text(row);
      if (row["Direction"] == "-1") out += "direction = \"less\"\n";
      if (row["Denominator"] != "NA") out += fmt::format("denominator = \"{}\"\n", row["Denominator"]);
      if (row["Target"] != "NA") out += fmt::format("target = {}\n", row["Target"]);
    } else if (row["Type"] == "Aggregate") {
      out += "[[group]]\n" + node_text(row);
    } else if (row["Type"] == "Denominator") {
      out += fmt::format("[[denominator]]\ncode = \"{}\"\nname = {{ zh = \"{}\", en = \"{}\" }}\n", row["iCode"],
                         row["iName"], row["iName"]);
    }
  }
  return out;
}

// The published raw numbers have ten significant digits, and so had the denominators that they were divided by.
inline std::string table_text() {
  std::map<std::string, Row> denominators;
  for (Row& row : rows("ASEM_iData.csv")) denominators[row["uCode"]] = row;
  const char* const names[] = {"Area", "Energy", "GDP", "Population"};
  std::string out;
  for (const CsvRow& row : csv_rows(base::read_file(folder() / "asem_Raw.csv").value())) {
    for (const std::string& cell : row.cells) out += csv_cell(cell) + ',';
    for (const char* name : names) {
      const std::string& full = out.find('\n') == std::string::npos ? name : denominators[row.cells[0]][name];
      const bool number = !full.empty() && full != name && full != "NA";
      out += (number ? fmt::format("{:.10g}", std::strtod(full.c_str(), nullptr)) : full) +
             (name == names[3] ? '\n' : ',');
    }
  }
  return out;
}

inline Frame frame() {
  return read_frame(frame_text(), "asem.toml").value();
}
inline Table table(const Frame& frame) {
  return read_table(table_text(), "asem.csv", frame.titles()).value().table;
}

}  // namespace cityloop::index::asem
