#include "serve/cases/case_search.h"

#include <algorithm>

namespace cityloop::serve {

void follow_terms(LiveBlock& one) {
  one.block.keep_term = [&one](const WantedTerm& term, RowMask& mask) {
    each_row(RowMask(mask), [&](std::size_t row) {
      if (!has_term(one.texts[row], term)) mask[row / 64] &= ~(std::uint64_t{1} << row % 64);
    });
  };
}

void CaseSearch::look(const CaseBlock& block, const LiveBlock* mine, std::uint64_t first) {
  const CaseQuery& query = *ready_.query;
  const BlockFit fits = block.fit(ready_);
  const bool wanted = !block.summary() || foremost_.wants(block.summary()->keys(query.sort));
  RowMask mask;
  if (fits != BlockFit::all || wanted) mask = block.select(ready_);
  total_ += fits == BlockFit::all ? block.summary()->cases : count(mask);
  if (wanted && fits != BlockFit::none) {
    each_row(mask, [&](std::size_t row) {
      const OrderKey key = block.key(row, query.sort);
      foremost_.take(key, [&] { return Found{key, mine ? mine->ids[row] : flow::EntityId{}, first + row}; });
    });
  }
  for (std::size_t i = 0; i < counts_.size(); ++i) add_counts(block, mask, i);
}

// In the order in which blocks may hold the first: the sooner those are found, the fewer others are looked into.
void CaseSearch::look(const SealedBlocks& blocks) {
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const CaseSummary* summary = blocks[i]->block->summary();
    order.emplace_back(summary ? summary->keys(ready_.query->sort).first : INT64_MIN, i);
  }
  std::ranges::sort(order);
  for (const auto& [key, i] : order) look(*blocks[i]->block, nullptr, std::uint64_t{i} * CaseBlock::kRows);
}

void CaseSearch::add_counts(const CaseBlock& block, const RowMask& mask, std::size_t i) {
  const CaseField field = ready_.query->counts[i];
  const bool own = !ready_.query->filter.any_of[std::size_t(field)].empty();
  const BlockFit fits = block.fit(ready_, own ? std::optional(field) : std::nullopt);
  if (fits == BlockFit::none) return;
  if (fits == BlockFit::all && block.summary()->counts[std::size_t(field)]) {
    for (const auto& [number, cases] : *block.summary()->counts[std::size_t(field)]) counts_[i][number] += cases;
    return;
  }
  const auto add = [&](std::size_t row) { ++counts_[i][block.word(field, row)]; };
  if (own || mask.empty()) each_row(block.select(ready_, own ? std::optional(field) : std::nullopt), add);
  else each_row(mask, add);
}

}  // namespace cityloop::serve
