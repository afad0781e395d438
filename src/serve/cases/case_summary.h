// What holds for a whole block of cases that change no more: between which values its columns lie, how often each text
// stands in it, and how many of its cases lie in each square of the map.
//
//   CaseBlock ─ summarize ─▶ [CaseSummary] ─▶ "all of them fit", "none does", counts and squares without a look at rows
//
// With two million cases in sixty blocks most questions are settled for most blocks by this alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "serve/cases/case_query.h"
#include "serve/cases/case_row.h"

namespace cityloop::serve {

struct ReadyQuery;

// How many of a block's cases fit a question.
enum class BlockFit : std::uint8_t { none, some, all };

// Cases in one square of the map; the sums are of what lies behind the square's corner.
struct SquareSum {
  std::uint32_t column{0}, line{0};  // the places' upper bits
  std::uint32_t cases{0}, open{0}, overdue{0};
  std::uint8_t severity{0};  // the worst
  std::uint64_t x_sum{0}, y_sum{0};
};

struct CaseSummary {
  template <class T>
  struct Span {
    T least{}, most{};
    // How many of the values lie between these two, both included.
    BlockFit between(T from, T to) const {
      if (most < from || least > to) return BlockFit::none;
      return least >= from && most <= to ? BlockFit::all : BlockFit::some;
    }
  };
  // Of a field with more texts than that nothing is counted here.
  static constexpr std::size_t kTextsMax = 4096;
  using Counts = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // number of the text, cases

  std::size_t cases{0};
  Span<std::int64_t> opened_us;
  Span<std::uint32_t> due_s, closed_s, x, y;
  Span<std::uint8_t> rating, severity;
  std::uint16_t flags_all{0xffff}, flags_any{0};
  std::array<std::optional<Counts>, kCaseFields> counts;
  unsigned square_shift{0};  // bits of a place within a square
  std::vector<SquareSum> squares;

  BlockFit fit(const ReadyQuery&, std::optional<CaseField> except) const;
  // No key of the block is less than the first or greater than the second (OrderKey::first).
  std::pair<std::int64_t, std::int64_t> keys(const CaseSort&) const;
};

// Where a case stands in an order, as far as it is not its id that decides.
std::int64_t order_key(const CaseSort&, bool overdue, std::uint8_t severity, std::int64_t opened_us,
                       std::uint32_t due_s, std::uint32_t closed_s);

}  // namespace cityloop::serve
