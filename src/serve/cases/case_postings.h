// Which of a block's rows have which terms, packed: for text search among millions.
//
//   terms_of ─▶ [PostingsBuilder] ─ rows in rising order ─▶ [Postings] ─ bytes ─▶ disk, and back without a look at them
//
// A byte or two a term of a row, and the terms themselves once a block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "serve/cases/case_terms.h"

namespace cityloop::serve {

// One bit a row.
using RowMask = std::vector<std::uint64_t>;
inline void set_row(RowMask& mask, std::size_t row) {
  mask[row / 64] |= std::uint64_t{1} << row % 64;
}

class PostingsBuilder {
 public:
  // Rows come in rising order.
  void add(std::uint32_t row, const std::vector<std::string_view>& terms);
  void find(const WantedTerm&, RowMask& rows) const;  // sets the bits of those that have it
  std::string bytes() const;                          // as Postings reads them
  void clear() { rows_.clear(); }

 private:
  // Found by hash, and put in order only when packed: two million cases have a hundred million terms.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::vector<std::uint16_t>, Hash, std::equal_to<>> rows_;
};

class Postings {
 public:
  Postings() = default;
  static base::Result<Postings> from(std::string bytes);

  void find(const WantedTerm&, RowMask& rows) const;
  std::size_t bytes_held() const;

 private:
  std::string_view term(std::size_t index) const;
  void set_rows(std::size_t index, RowMask& rows) const;

  std::string bytes_;
  std::size_t terms_{0}, texts_at_{0}, rows_at_{0};
  const char* ends() const { return bytes_.data() + ends_at_; }
  std::size_t ends_at_{0};
};

}  // namespace cityloop::serve
