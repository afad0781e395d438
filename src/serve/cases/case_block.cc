#include "serve/cases/case_block.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/bytes.h"
#include "text/letters.h"

namespace cityloop::serve {
namespace {

constexpr std::uint8_t kFormat = 2;
constexpr std::uint32_t kTooMany = 0xffff;
constexpr std::uint32_t kNone = 0xffffffff;

// Clears the bits of rows for which `fits` is false.
template <class F>
void keep(RowMask& mask, F&& fits) {
  for (std::size_t i = 0; i < mask.size(); ++i) {
    for (std::uint64_t bits = mask[i]; bits; bits &= bits - 1) {
      const auto bit = std::size_t(std::countr_zero(bits));
      if (!fits(i * 64 + bit)) mask[i] &= ~(std::uint64_t{1} << bit);
    }
  }
}

// The same for a whole column compared with one number: all 64 rows of a word at once, where any of them is left.
template <class T, class F>
void keep_column(RowMask& mask, const std::vector<T>& column, F&& fits) {
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (!mask[i]) continue;
    const T* const from = column.data() + i * 64;
    std::uint64_t bits = 0;
    for (std::size_t bit = 0; bit < 64; ++bit) bits |= std::uint64_t{fits(from[bit])} << bit;
    mask[i] &= bits;
  }
}

template <class T>
void put_raw(std::string& out, const std::vector<T>& column, std::size_t size) {
  out.append(reinterpret_cast<const char*>(column.data()), size * sizeof(T));
}

template <class T>
bool get_raw(std::string_view& in, std::vector<T>& column, std::size_t size) {
  if (in.size() < size * sizeof(T)) return false;
  const char* const from = in.data();
  std::memcpy(column.data(), from, size * sizeof(T));
  in.remove_prefix(size * sizeof(T));
  return true;
}

std::int64_t us_of(const std::optional<flow::Instant>& at, std::int64_t otherwise) {
  return at ? base::to_us(*at) : otherwise;
}

std::uint32_t seconds_of(const std::optional<flow::Instant>& at, std::uint32_t otherwise) {
  if (!at) return otherwise;
  return std::uint32_t(std::clamp<std::int64_t>(base::to_us(*at) / 1'000'000, 0, kNone - 1));
}

std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    out.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

}  // namespace

std::size_t count(const RowMask& mask) {
  std::size_t out = 0;
  for (const std::uint64_t word : mask) out += std::size_t(std::popcount(word));
  return out;
}

CaseWords::CaseWords() {
  for (std::size_t i = 0; i < kCaseFields; ++i) (void)number(CaseField(i), "");
}

std::uint32_t CaseWords::number(CaseField f, std::string_view text) {
  auto& texts = texts_[std::size_t(f)];
  auto& numbers = numbers_[std::size_t(f)];
  if (const auto found = numbers.find(text); found != numbers.end()) return found->second;
  const bool is_short = std::size_t(f) < kShortFields;
  if (is_short && texts.size() >= kTooMany) {
    if (texts.size() == kTooMany) texts.emplace_back("…");
    return kTooMany;
  }
  texts.emplace_back(text);
  return numbers[std::string(text)] = std::uint32_t(texts.size() - 1);
}

std::optional<std::uint32_t> CaseWords::find(CaseField f, std::string_view text) const {
  const auto& numbers = numbers_[std::size_t(f)];
  const auto found = numbers.find(text);
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

std::size_t CaseWords::bytes() const {
  std::size_t out = 0;
  for (const auto& texts : texts_) {
    for (const std::string& text : texts) out += 2 * (sizeof(std::string) + text.size()) + 48;
  }
  return out;
}

ReadyQuery::ReadyQuery(const CaseQuery& q, const CaseSight& sight, const CaseWords& words) : query(&q) {
  const CaseFilter& filter = q.filter;
  for (std::size_t i = 0; i < kCaseFields; ++i) {
    if (filter.any_of[i].empty()) continue;
    Condition& condition = conditions.emplace_back(CaseField(i), std::vector<std::uint32_t>{});
    for (const std::string& text : filter.any_of[i]) {
      if (const auto number = words.find(CaseField(i), text)) condition.numbers.push_back(*number);
    }
  }
  opened_from = us_of(filter.opened.from, INT64_MIN), opened_to = us_of(filter.opened.to, INT64_MAX);
  due_from = seconds_of(filter.due.from, 0), due_to = seconds_of(filter.due.to, kNone - 1);
  closed_from = seconds_of(filter.closed.from, 0), closed_to = seconds_of(filter.closed.to, kNone - 1);
  if (filter.box) {
    box_low = MapPlace::of(filter.box->west_deg, filter.box->north_deg);
    box_high = MapPlace::of(filter.box->east_deg, filter.box->south_deg);
  }
  reporter = words.find(CaseField::reporter, sight.reporter).value_or(0);
  areas = words.size(CaseField::area);
  const std::size_t departments = words.size(CaseField::department), lists = words.size(CaseField::assisting);
  sees.resize(departments * areas);
  assists.resize(lists * areas);
  sees_all = true;
  for (std::size_t area = 0; area < areas; ++area) {
    const std::string& where = words.text(CaseField::area, std::uint32_t(area));
    for (std::size_t i = 0; i < departments; ++i) {
      const bool may = sight.sees(words.text(CaseField::department, std::uint32_t(i)), where);
      sees[i * areas + area] = may;
      sees_all = sees_all && may;
    }
    for (std::size_t i = 0; i < lists; ++i) {
      for (const std::string_view one : parts_of(words.text(CaseField::assisting, std::uint32_t(i))))
        assists[i * areas + area] |= std::uint8_t(sight.assists(one, where));
    }
  }
}

CaseBlock::CaseBlock() : mask_(kRows / 64) {
  for (auto& column : words_) column.resize(kRows);
  for (auto& column : people_) column.resize(kRows);
  flags_.resize(kRows);
  severity_.resize(kRows);
  rating_.resize(kRows);
  opened_us_.resize(kRows);
  for (auto* column : {&due_s_, &closed_s_, &x_, &y_}) column->resize(kRows);
  mark_.resize(kRows);
}

void CaseBlock::put(std::size_t row, const CaseRow& one, CaseWords& words) {
  assert(row < kRows && row <= size_);
  size_ = std::max(size_, row + 1);
  set_row(mask_, row);
  for (std::size_t i = 0; i < kCaseFields; ++i) {
    const std::uint32_t number = words.number(CaseField(i), one.fields[i]);
    if (i < kShortFields) words_[i][row] = std::uint16_t(number);
    else people_[i - kShortFields][row] = number;
  }
  flags_[row] = one.flags;
  any_open_ = any_open_ || one.flags & kCaseOpen;
  severity_[row] = one.severity;
  rating_[row] = one.rating;
  opened_us_[row] = one.opened_us;
  due_s_[row] = one.due_s;
  closed_s_[row] = one.closed_s;
  x_[row] = one.place.x;
  y_[row] = one.place.y;
  mark_[row] = text::hash64(one.id);
}

void CaseBlock::drop(std::size_t row) {
  mask_[row / 64] &= ~(std::uint64_t{1} << row % 64);
}

std::uint32_t CaseBlock::word(CaseField f, std::size_t row) const {
  const auto i = std::size_t(f);
  return i < kShortFields ? words_[i][row] : people_[i - kShortFields][row];
}

void CaseBlock::keep_conditions(const ReadyQuery& ready, std::optional<CaseField> except, RowMask& mask) const {
  for (const ReadyQuery::Condition& condition : ready.conditions) {
    if (condition.field == except) continue;
    const auto i = std::size_t(condition.field);
    const auto& numbers = condition.numbers;
    const auto in = [&](std::uint32_t number) { return std::ranges::find(numbers, number) != numbers.end(); };
    if (numbers.empty()) {
      std::ranges::fill(mask, 0);
    } else if (numbers.size() > 1) {
      if (i < kShortFields) keep(mask, [&](std::size_t row) { return in(words_[i][row]); });
      else keep(mask, [&](std::size_t row) { return in(people_[i - kShortFields][row]); });
    } else if (i < kShortFields) {
      keep_column(mask, words_[i], [only = std::uint16_t(numbers[0])](std::uint16_t one) { return one == only; });
    } else {
      keep_column(mask, people_[i - kShortFields], [only = numbers[0]](std::uint32_t one) { return one == only; });
    }
  }
}

void CaseBlock::keep_numbers(const ReadyQuery& ready, RowMask& mask) const {
  const CaseFilter& filter = ready.query->filter;
  const auto between = [&](const auto& column, auto from, auto to) {
    keep_column(mask, column, [from, to](auto one) { return one >= from && one <= to; });
  };
  if (filter.opened.any()) between(opened_us_, ready.opened_from, ready.opened_to);
  if (filter.due.any()) between(due_s_, ready.due_from, ready.due_to);
  if (filter.closed.any()) between(closed_s_, ready.closed_from, ready.closed_to);
  if (filter.rating_min > 0 || filter.rating_max < 5) between(rating_, filter.rating_min, filter.rating_max);
  if (!filter.box) return;
  between(y_, ready.box_low.y, ready.box_high.y);
  const std::uint32_t west = ready.box_low.x, east = ready.box_high.x;
  if (west <= east) between(x_, west, std::min(east, kNone - 1));
  else keep_column(mask, x_, [west, east](std::uint32_t x) { return (x >= west || x <= east) && x != kNone; });
}

void CaseBlock::keep_seen(const ReadyQuery& ready, RowMask& mask) const {
  if (ready.sees_all) return;
  const auto& departments = words_[std::size_t(CaseField::department)];
  const auto& areas = words_[std::size_t(CaseField::area)];
  const auto& assisting = words_[std::size_t(CaseField::assisting)];
  const auto& reporters = people_[std::size_t(CaseField::reporter) - kShortFields];
  keep(mask, [&](std::size_t row) {
    return (ready.reporter && reporters[row] == ready.reporter) ||
           ready.sees[departments[row] * ready.areas + areas[row]] ||
           ready.assists[assisting[row] * ready.areas + areas[row]];
  });
}

RowMask CaseBlock::select(const ReadyQuery& ready, std::optional<CaseField> except) const {
  const CaseFilter& filter = ready.query->filter;
  const BlockFit fits = fit(ready, except);
  if (fits == BlockFit::none) return RowMask(mask_.size());
  RowMask mask = mask_;
  if (fits == BlockFit::all) return mask;
  const bool wants_open = filter.flags_asked & filter.flags_wanted & kCaseOpen;
  if (wants_open && !any_open_) {
    std::ranges::fill(mask, 0);
    return mask;
  }
  if (filter.flags_asked) {
    keep_column(mask, flags_, [asked = filter.flags_asked, wanted = filter.flags_wanted](std::uint16_t flags) {
      return (flags & asked) == wanted;
    });
  }
  keep_conditions(ready, except, mask);
  keep_numbers(ready, mask);
  keep_seen(ready, mask);
  for (const WantedTerm& term : filter.terms) keep_term(term, mask);
  return mask;
}

OrderKey CaseBlock::key(std::size_t row, const CaseSort& sort) const {
  return {
      order_key(sort, (flags_[row] & kCaseOverdue) != 0, severity_[row], opened_us_[row], due_s_[row], closed_s_[row]),
      mark_[row]};
}

BlockFit CaseBlock::fit(const ReadyQuery& ready, std::optional<CaseField> except) const {
  return summary_ ? summary_->fit(ready, except) : BlockFit::some;
}

CaseSummary::Counts CaseBlock::count_texts(CaseField field) const {
  std::unordered_map<std::uint32_t, std::uint32_t> counts;
  for (std::size_t row = 0; row < size_ && counts.size() <= CaseSummary::kTextsMax; ++row) ++counts[word(field, row)];
  return {counts.begin(), counts.end()};
}

// The finest squares of which there are a good deal fewer than cases.
void CaseBlock::sum_squares(CaseSummary& out) const {
  std::vector<std::uint64_t> order(size_);
  for (unsigned shift = 14; shift < 32; ++shift) {
    const auto square_of = [&](std::size_t row) {
      return std::uint64_t{y_[row] >> shift} << 32 | std::uint64_t{x_[row] >> shift};
    };
    for (std::size_t row = 0; row < size_; ++row) order[row] = square_of(row);
    std::ranges::sort(order);
    order.erase(std::unique(order.begin(), order.end()), order.end());
    const std::size_t squares = order.size();
    if (squares > size_ / 16) {
      order.resize(size_);
      continue;
    }
    out.square_shift = shift;
    out.squares.resize(squares);
    const std::uint32_t within = (std::uint32_t{1} << shift) - 1;
    for (std::size_t row = 0; row < size_; ++row) {
      const auto at = std::ranges::lower_bound(order, square_of(row)) - order.begin();
      SquareSum& sum = out.squares[std::size_t(at)];
      sum.column = x_[row] >> shift;
      sum.line = y_[row] >> shift;
      ++sum.cases;
      sum.open += bool(flags_[row] & kCaseOpen);
      sum.overdue += bool(flags_[row] & kCaseOverdue);
      sum.severity = std::max(sum.severity, severity_[row]);
      sum.x_sum += x_[row] & within;
      sum.y_sum += y_[row] & within;
    }
    return;
  }
}

void CaseBlock::summarize() {
  auto out = std::make_unique<CaseSummary>();
  out->cases = count(mask_);
  if (out->cases != size_ || size_ == 0) return;
  const auto span = [&](const auto& column) {
    const auto [least, most] = std::minmax_element(column.begin(), column.begin() + std::ptrdiff_t(size_));
    return CaseSummary::Span{*least, *most};
  };
  out->opened_us = span(opened_us_);
  out->due_s = span(due_s_);
  out->closed_s = span(closed_s_);
  out->x = span(x_);
  out->y = span(y_);
  out->rating = span(rating_);
  out->severity = span(severity_);
  for (std::size_t row = 0; row < size_; ++row) {
    out->flags_all &= flags_[row];
    out->flags_any |= flags_[row];
  }
  for (std::size_t i = 0; i < kCaseFields; ++i) {
    auto counts = count_texts(CaseField(i));
    if (counts.size() <= CaseSummary::kTextsMax) out->counts[i] = std::move(counts);
  }
  sum_squares(*out);
  summary_ = std::move(out);
}

// Each field's texts once, and numbers into those.
std::string CaseBlock::bytes(const CaseWords& words) const {
  base::ByteWriter head;
  head.u8(kFormat);
  head.varint(size_);
  std::string columns;
  for (std::size_t i = 0; i < kCaseFields; ++i) {
    std::unordered_map<std::uint32_t, std::uint32_t> local;
    std::vector<std::uint32_t> used, numbers(size_);
    for (std::size_t row = 0; row < size_; ++row) {
      const auto [place, fresh] = local.emplace(word(CaseField(i), row), std::uint32_t(used.size()));
      if (fresh) used.push_back(place->first);
      numbers[row] = place->second;
    }
    head.varint(used.size());
    for (const std::uint32_t number : used) head.text(words.text(CaseField(i), number));
    put_raw(columns, numbers, size_);
  }
  std::string out(head.view());
  out += columns;
  put_raw(out, flags_, size_);
  put_raw(out, severity_, size_);
  put_raw(out, rating_, size_);
  put_raw(out, opened_us_, size_);
  for (const auto* column : {&due_s_, &closed_s_, &x_, &y_}) put_raw(out, *column, size_);
  put_raw(out, mark_, size_);
  put_raw(out, mask_, mask_.size());
  return out;
}

base::Result<std::unique_ptr<CaseBlock>> CaseBlock::from(std::string_view bytes, CaseWords& words) {
  const auto damaged = [] { return base::fail(base::Errc::corrupt, "a block of cases is damaged"); };
  base::ByteReader head(bytes);
  if (head.u8() != kFormat) return damaged();
  auto out = std::make_unique<CaseBlock>();
  CaseBlock& block = *out;
  block.size_ = head.varint();
  if (!head.ok() || block.size_ > kRows) return damaged();
  std::array<std::vector<std::uint32_t>, kCaseFields> numbers;
  for (std::size_t i = 0; i < kCaseFields; ++i) {
    for (std::uint64_t n = head.varint(); n > 0 && head.ok(); --n)
      numbers[i].push_back(words.number(CaseField(i), head.text()));
  }
  if (!head.ok()) return damaged();
  std::string_view rest = bytes.substr(bytes.size() - head.left());
  std::vector<std::uint32_t> column(block.size_);
  for (std::size_t i = 0; i < kCaseFields; ++i) {
    if (!get_raw(rest, column, block.size_)) return damaged();
    for (std::size_t row = 0; row < block.size_; ++row) {
      if (column[row] >= numbers[i].size()) return damaged();
      const std::uint32_t number = numbers[i][column[row]];
      if (i < kShortFields) block.words_[i][row] = std::uint16_t(number);
      else block.people_[i - kShortFields][row] = number;
    }
  }
  bool whole = get_raw(rest, block.flags_, block.size_) && get_raw(rest, block.severity_, block.size_) &&
               get_raw(rest, block.rating_, block.size_) && get_raw(rest, block.opened_us_, block.size_);
  for (auto* one : {&block.due_s_, &block.closed_s_, &block.x_, &block.y_})
    whole = whole && get_raw(rest, *one, block.size_);
  whole = whole && get_raw(rest, block.mark_, block.size_) && get_raw(rest, block.mask_, block.mask_.size());
  if (!whole || !rest.empty()) return damaged();
  for (std::size_t row = 0; row < block.size_; ++row) block.any_open_ |= bool(block.flags_[row] & kCaseOpen);
  return out;
}

std::size_t CaseBlock::bytes_held() const {
  constexpr std::size_t kRow = kShortFields * 2UL + (kCaseFields - kShortFields) * 4UL + 2 + 1 + 1 + 8 + 16 + 8;
  std::size_t out = kRows * kRow + kRows / 8;
  if (!summary_) return out;
  out += sizeof(CaseSummary) + summary_->squares.size() * sizeof(SquareSum);
  for (const auto& counts : summary_->counts) out += counts ? counts->size() * 8 : 0;
  return out;
}

}  // namespace cityloop::serve
