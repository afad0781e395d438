// One question at work on the blocks of the index: those of the cases in hand, which change, and those of the archive.
//
//   CaseIndex ─ ReadyQuery, blocks ─▶ [CaseSearch] ─▶ how many, the first of the order, counts of values
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "serve/cases/case_block.h"
#include "serve/cases/case_postings.h"

namespace cityloop::serve {

// Cases whose entities are in the twin. Their rows change; one that is free is taken by the next.
struct LiveBlock {
  CaseBlock block;
  std::vector<flow::EntityId> ids{std::vector<flow::EntityId>(CaseBlock::kRows)};
  std::vector<std::string> texts{std::vector<std::string>(CaseBlock::kRows)};
  std::vector<std::uint64_t> text_marks = std::vector<std::uint64_t>(CaseBlock::kRows);
};

// The newest cases of the archive, until there are enough of them to be sealed.
struct OpenBlock {
  std::unique_ptr<CaseBlock> block{std::make_unique<CaseBlock>()};
  PostingsBuilder terms;
};

// Never changed again.
struct SealedBlock {
  std::unique_ptr<CaseBlock> block;
  Postings terms;
};
using SealedBlocks = std::vector<std::shared_ptr<const SealedBlock>>;

// Text search in a block.
void follow_terms(LiveBlock&);
template <class Terms>
void follow_terms(CaseBlock& block, const Terms& terms) {
  block.keep_term = [&terms](const WantedTerm& term, RowMask& mask) {
    RowMask found(mask.size());
    terms.find(term, found);
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] &= found[i];
  };
}

// A row among all: of a live block, or the archive's number.
struct Found {
  OrderKey key;
  flow::EntityId live;
  std::uint64_t archived{0};
  friend bool operator<(const Found& a, const Found& b) { return a.key < b.key; }
};

// The first so many of an order.
class Foremost {
 public:
  Foremost(std::size_t most, const std::optional<OrderKey>& after) : most_(most), after_(after) {}
  // Whether any of the cases between these two keys can be among them.
  bool wants(const std::pair<std::int64_t, std::int64_t>& keys) const {
    if (after_ && keys.second < after_->first) return false;
    return most_ > 0 && (heap_.size() < most_ || keys.first <= heap_.top().key.first);
  }
  void take(const OrderKey& key, const auto& make) {
    if (after_ && key <= *after_) return;
    if (heap_.size() == most_ && !(key < heap_.top().key)) return;
    if (heap_.size() == most_) heap_.pop();
    heap_.push(make());
  }
  std::vector<Found> in_order() {
    std::vector<Found> out;
    for (; !heap_.empty(); heap_.pop()) out.push_back(heap_.top());
    std::ranges::reverse(out);
    return out;
  }

 private:
  const std::size_t most_;
  const std::optional<OrderKey> after_;
  std::priority_queue<Found> heap_;
};

// The first of the order, how many there are, and how many cases each value has among those that all conditions but its
// own leave: all in one walk.
class CaseSearch {
 public:
  CaseSearch(const ReadyQuery& ready, const CaseWords& words)
      : ready_(ready), foremost_(ready.query->limit + 1, ready.query->after) {
    for (const CaseField field : ready.query->counts) counts_.emplace_back(words.size(field));
  }

  void look(const CaseBlock&, const LiveBlock* mine, std::uint64_t first);
  void look(const SealedBlocks&);
  std::uint64_t total() const { return total_; }
  const std::vector<std::uint64_t>& counts(std::size_t i) const { return counts_[i]; }
  std::vector<Found> found() { return foremost_.in_order(); }

 private:
  void add_counts(const CaseBlock&, const RowMask&, std::size_t i);

  const ReadyQuery& ready_;
  Foremost foremost_;
  std::uint64_t total_{0};
  std::vector<std::vector<std::uint64_t>> counts_;
};

}  // namespace cityloop::serve
