// Some thirty thousand cases as packed columns, and the questions that are asked of all of them at once.
//
//   CaseRow ─▶ [CaseBlock] ─ masks ─▶ counts, the first of an order, squares of a map
//
// Texts stand in one table for all blocks (CaseWords) as small numbers. A condition is a walk over one column that
// clears bits of a mask, so the cheap ones go first and the others look only at what is left. No lock inside.
#pragma once

#include <array>
#include <bit>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "serve/cases/case_postings.h"
#include "serve/cases/case_query.h"
#include "serve/cases/case_row.h"
#include "serve/cases/case_summary.h"

namespace cityloop::serve {

// The texts of a field by number; 0 is the empty one. Short fields have at most 65,535: what would be more is 65,535,
// and found by nobody.
class CaseWords {
 public:
  CaseWords();
  std::uint32_t number(CaseField, std::string_view);  // made where there is none
  std::optional<std::uint32_t> find(CaseField, std::string_view) const;
  const std::string& text(CaseField f, std::uint32_t number) const { return texts_[std::size_t(f)][number]; }
  std::size_t size(CaseField f) const { return texts_[std::size_t(f)].size(); }
  std::size_t bytes() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::array<std::vector<std::string>, kCaseFields> texts_;
  std::array<std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>, kCaseFields> numbers_;
};

// A query made ready for blocks: texts as numbers, rights as tables.
struct ReadyQuery {
  ReadyQuery(const CaseQuery&, const CaseSight&, const CaseWords&);

  struct Condition {
    CaseField field;
    std::vector<std::uint32_t> numbers;  // any of them; none: nothing fits
  };
  std::vector<Condition> conditions;
  const CaseQuery* query;
  std::size_t areas{0};
  std::vector<std::uint8_t> sees;     // by department * areas + area
  std::vector<std::uint8_t> assists;  // by assisting * areas + area
  bool sees_all{false};
  std::uint32_t reporter{0};  // 0: nobody
  std::int64_t opened_from{}, opened_to{};
  std::uint32_t due_from{}, due_to{}, closed_from{}, closed_to{};
  MapPlace box_low, box_high;
};

class CaseBlock {
 public:
  static constexpr std::size_t kRows = 32768;

  CaseBlock();
  std::size_t size() const { return size_; }
  void put(std::size_t row, const CaseRow&, CaseWords&);  // over what is there, or as the next one
  void drop(std::size_t row);                             // it counts no more
  bool has(std::size_t row) const { return mask_[row / 64] >> row % 64 & 1; }

  // The rows that fit all, `except` left out.
  RowMask select(const ReadyQuery&, std::optional<CaseField> except = {}) const;
  OrderKey key(std::size_t row, const CaseSort&) const;
  std::uint32_t word(CaseField, std::size_t row) const;
  MapPlace place(std::size_t row) const { return {x_[row], y_[row]}; }
  std::uint16_t flags(std::size_t row) const { return flags_[row]; }
  std::uint8_t severity(std::size_t row) const { return severity_[row]; }

  // Of a block that changes no more.
  void summarize();
  const CaseSummary* summary() const { return summary_.get(); }  // null before
  // How many of its cases fit, as far as the summary tells.
  BlockFit fit(const ReadyQuery&, std::optional<CaseField> except = {}) const;

  // Text search: clears the rows that have no such term.
  std::function<void(const WantedTerm&, RowMask&)> keep_term;

  std::string bytes(const CaseWords&) const;
  static base::Result<std::unique_ptr<CaseBlock>> from(std::string_view bytes, CaseWords&);
  std::size_t bytes_held() const;

 private:
  CaseSummary::Counts count_texts(CaseField) const;
  void sum_squares(CaseSummary&) const;
  void keep_conditions(const ReadyQuery&, std::optional<CaseField> except, RowMask&) const;
  void keep_numbers(const ReadyQuery&, RowMask&) const;
  void keep_seen(const ReadyQuery&, RowMask&) const;

  std::size_t size_{0};
  RowMask mask_;
  bool any_open_{false};  // there was one
  std::array<std::vector<std::uint16_t>, kShortFields> words_;
  std::array<std::vector<std::uint32_t>, kCaseFields - kShortFields> people_;
  std::vector<std::uint16_t> flags_;
  std::vector<std::uint8_t> severity_, rating_;
  std::vector<std::int64_t> opened_us_;
  std::vector<std::uint32_t> due_s_, closed_s_, x_, y_;
  std::vector<std::uint64_t> mark_;  // of the id
  std::unique_ptr<const CaseSummary> summary_;
};

std::size_t count(const RowMask&);
template <class F>
void each_row(const RowMask& mask, F&& f) {
  for (std::size_t i = 0; i < mask.size(); ++i) {
    for (std::uint64_t bits = mask[i]; bits; bits &= bits - 1) f(i * 64 + std::size_t(std::countr_zero(bits)));
  }
}

}  // namespace cityloop::serve
