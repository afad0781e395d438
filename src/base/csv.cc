#include "base/csv.h"

#include <algorithm>

#include <fmt/format.h>

namespace cityloop::base {

CsvTable::CsvTable(std::string_view text, std::string file, std::initializer_list<std::string_view> needed,
                   std::initializer_list<std::string_view> allowed)
    : text_(text), file_(std::move(file)) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  read_titles(needed, allowed);
}

void CsvTable::read_titles(std::initializer_list<std::string_view> needed,
                           std::initializer_list<std::string_view> allowed) {
  if (!read_row()) {
    mistake("a table has a line of titles");
    sound_ = false;
    return;
  }
  width_ = cells_.size();
  const auto holds = [](std::initializer_list<std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (std::size_t i = 0; i < width_; ++i) {
    const bool known = holds(needed, cells_[i]) || holds(allowed, cells_[i]);
    if (!known) mistake(fmt::format("the column '{}' is not known here", cells_[i]));
    if (!column_.emplace(cells_[i], i).second) mistake(fmt::format("there are two columns '{}'", cells_[i]));
  }
  for (const std::string_view name : needed) {
    if (!column_.contains(name)) mistake(fmt::format("the column '{}' is missing", name));
  }
  sound_ = mistakes_.empty();
}

bool CsvTable::next() {
  while (sound_ && read_row()) {
    if (cells_.size() == width_) return true;
    mistake(fmt::format("{} cells where the titles have {}", cells_.size(), width_));
  }
  return false;
}

bool CsvTable::read_row() {
  const auto is_nothing = [&] { return text_[at_] == '#' || text_[at_] == '\n' || text_[at_] == '\r'; };
  while (at_ < text_.size() && is_nothing()) skip_line();
  if (at_ >= text_.size()) return false;
  cells_.clear();
  row_line_ = line_;
  for (bool more = true; more;) cells_.push_back(read_cell(more));
  return true;
}

void CsvTable::skip_line() {
  while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  if (at_ < text_.size()) ++at_, ++line_;
}

std::string CsvTable::read_cell(bool& more) {
  std::string out;
  bool quoted = at_ < text_.size() && text_[at_] == '"';
  if (quoted) ++at_;
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    if (quoted && c == '"') {
      if (at_ < text_.size() && text_[at_] == '"') out += text_[at_++];
      else quoted = false;
    } else if (quoted || (c != ',' && c != '\n' && c != '\r')) {
      out += c;
    } else if (c != '\r') {
      return more = c == ',', out;
    }
  }
  return more = false, out;
}

const std::string& CsvTable::cell(std::string_view column) const {
  static const std::string nothing;
  const auto found = column_.find(column);
  return found == column_.end() ? nothing : cells_[found->second];
}

std::vector<std::string> CsvTable::words(std::string_view column) const {
  std::vector<std::string> out;
  std::string word;
  for (const char c : cell(column) + " ") {
    if (c != ' ' && c != ';') {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  return out;
}

void CsvTable::mistake(std::string_view reason) {
  mistakes_ += fmt::format("{}{}:{}: {}", mistakes_.empty() ? "" : "\n", file_, row_line_, reason);
}

}  // namespace cityloop::base
