#include "domain/traffic/transit/gtfs_table.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "twin/utf8.h"

namespace cityloop::traffic {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

constexpr bool ends_cell(char c) {
  return c == ',' || c == '\n' || c == '\r';
}

bool is_ascii(std::string_view text) {
  std::uint64_t all = 0;
  std::size_t i = 0;
  for (std::uint64_t eight = 0; i + 8 <= text.size(); i += 8) {
    std::memcpy(&eight, text.data() + i, 8);
    all |= eight;
  }
  for (; i < text.size(); ++i) all |= std::uint8_t(text[i]);
  return (all & 0x8080808080808080u) == 0;
}

}  // namespace

std::string GtfsReport::Problem::text() const {
  return line == 0 ? fmt::format("{}: {}", file, reason) : fmt::format("{}:{}: {}", file, line, reason);
}

void GtfsReport::add(std::string_view file, int line, Weight weight, std::string_view kind, std::string reason) {
  Tally& tally = kinds_[fmt::format("{}: {}", file, kind)];
  const auto count = [weight](Tally& t) { ++(weight == Weight::refused ? t.refused : t.warned); };
  count(tally);
  count(total_);
  if (tally.refused + tally.warned <= kListed)
    problems_.push_back({std::string(file), line, weight, std::move(reason)});
}

GtfsTable::GtfsTable(std::string_view file, std::string_view text, std::pmr::memory_resource& unquoted,
                     GtfsReport& report)
    : file_(file), at_(text.data()), end_(text.data() + text.size()), report_(report), unquoted_(unquoted) {
  if (text.starts_with("\xef\xbb\xbf")) at_ += 3;
  if (read_row() != Row::whole) return;
  for (const std::string_view cell : cells_) titles_.emplace_back(trimmed(cell));
}

int GtfsTable::column(std::string_view title) const {
  const auto found = std::find(titles_.begin(), titles_.end(), title);
  return found == titles_.end() ? -1 : int(found - titles_.begin());
}

bool GtfsTable::has(std::initializer_list<std::string_view> titles) {
  bool all = true;
  for (const std::string_view title : titles) {
    if (column(title) >= 0) continue;
    all = false;
    report_.add(file_, 1, GtfsReport::Weight::refused, "column missing",
                fmt::format("the column '{}' is missing; the file is left out", title));
  }
  return all;
}

bool GtfsTable::next() {
  for (Row row = read_row(); row != Row::none; row = read_row()) {
    ++rows_;
    if (row == Row::broken) continue;
    if (cells_.size() > titles_.size()) {
      refuse("too many cells", fmt::format("{} cells where the titles have {}", cells_.size(), titles_.size()));
      continue;
    }
    const auto bad = [](std::string_view cell) { return !is_ascii(cell) && twin::first_bad_utf8(cell).has_value(); };
    const char* const begin = cells_.front().data();
    const char* const last = cells_.back().data() + cells_.back().size();
    // One look over the row where its cells lie side by side, which is nearly always.
    const bool plain = !row_unquoted_;
    if (plain ? bad({begin, std::size_t(last - begin)}) : std::ranges::any_of(cells_, bad)) {
      refuse("no UTF-8", "the row is no UTF-8");
      continue;
    }
    return true;
  }
  return false;
}

GtfsTable::Row GtfsTable::read_row() {
  while (at_ < end_ && (*at_ == '\n' || *at_ == '\r')) {
    if (*at_ == '\n' || at_ + 1 == end_ || at_[1] != '\n') ++line_;
    ++at_;
  }
  if (at_ >= end_) return Row::none;
  cells_.clear();
  row_unquoted_ = false;
  row_line_ = line_;
  const char* const begin_of_row = at_;
  for (;;) {
    std::string_view cell;
    while (at_ < end_ && *at_ == ' ') ++at_;
    if (at_ < end_ && *at_ == '"') {
      if (!read_quoted(cell)) {
        refuse("open quote", "a quoted cell is not closed");
        at_ = std::find_if(begin_of_row, end_, [](char c) { return c == '\n' || c == '\r'; });
        line_ = row_line_;
        return Row::broken;
      }
    } else {
      const char* const begin = at_;
      while (at_ < end_ && !ends_cell(*at_)) ++at_;
      cell = trimmed({begin, std::size_t(at_ - begin)});
    }
    cells_.push_back(cell);
    if (at_ >= end_ || *at_ != ',') return Row::whole;  // the line's end is passed with the next row's beginning
    ++at_;
  }
}

// A closing quote has nothing but blanks behind it: so a stray one does not swallow rows up to the next.
bool GtfsTable::read_quoted(std::string_view& cell) {
  const char* const begin = ++at_;
  bool doubled = false;
  for (; at_ < end_; ++at_) {
    if (*at_ == '\n') ++line_;
    if (*at_ != '"') continue;
    if (at_ + 1 < end_ && at_[1] == '"') doubled = true, ++at_;
    else break;
  }
  if (at_ >= end_) return false;
  cell = {begin, std::size_t(at_ - begin)};
  ++at_;
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  if (at_ < end_ && !ends_cell(*at_)) return false;
  if (!doubled) return true;
  char* const plain = static_cast<char*>(unquoted_.allocate(cell.size(), 1));
  std::size_t size = 0;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    plain[size++] = cell[i];
    if (cell[i] == '"') ++i;
  }
  row_unquoted_ = true;
  cell = {plain, size};
  return true;
}

}  // namespace cityloop::traffic
