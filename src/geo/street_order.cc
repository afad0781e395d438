#include "geo/street_order.h"

#include <algorithm>

namespace cityloop::geo {

StreetOrder::StreetOrder(const StreetGraph& graph) : rank_(graph.nodes()) {
  const std::vector<StreetNode> order = nested_dissection(graph);
  for (StreetRank rank = 0; rank < order.size(); ++rank) rank_[order[rank]] = rank;
  link_up(graph);
  turn_round();
  place_pieces(graph);
}

// As in symbolic factorisation: what a rank has above it, its parent has above itself too, but for the parent.
void StreetOrder::link_up(const StreetGraph& graph) {
  const std::size_t size = graph.nodes();
  std::vector<std::vector<StreetRank>> up(size);
  for (StreetPiece piece = 0; piece < graph.pieces(); ++piece) {
    const StreetRank a = rank_[graph.piece(piece).from], b = rank_[graph.piece(piece).to];
    if (a != b) up[std::min(a, b)].push_back(std::max(a, b));
  }
  first_.assign(1, 0);
  first_.reserve(size + 1);
  std::vector<StreetRank> merged;
  for (StreetRank rank = 0; rank < size; ++rank) {
    auto& mine = up[rank];
    std::ranges::sort(mine);
    mine.erase(std::ranges::unique(mine).begin(), mine.end());
    above_.insert(above_.end(), mine.begin(), mine.end());
    first_.push_back(above_.size());
    if (mine.size() > 1) {
      auto& parents = up[mine.front()];
      std::ranges::sort(parents);
      merged.clear();
      std::set_union(mine.begin() + 1, mine.end(), parents.begin(), parents.end(), std::back_inserter(merged));
      parents.swap(merged);
    }
    std::vector<StreetRank>().swap(mine);
  }
  depth_.assign(size, 0);
  for (std::size_t rank = size; rank-- > 0;) {
    const StreetRank above = parent(StreetRank(rank));
    if (above != kNoRank) depth_[rank] = depth_[above] + 1;
  }
}

void StreetOrder::turn_round() {
  first_below_.assign(size() + 1, 0);
  for (const StreetRank above : above_) ++first_below_[above + 1];
  for (std::size_t i = 0; i < size(); ++i) first_below_[i + 1] += first_below_[i];
  below_.resize(above_.size());
  std::vector<std::size_t> next(first_below_.begin(), first_below_.end() - 1);
  for (StreetRank rank = 0; rank < size(); ++rank) {
    for (const StreetRank above : all_above(rank)) below_[next[above]++] = rank;
  }
}

void StreetOrder::place_pieces(const StreetGraph& graph) {
  for (StreetPiece piece = 0; piece < graph.pieces(); ++piece) {
    const StreetRank a = rank_[graph.piece(piece).from], b = rank_[graph.piece(piece).to];
    if (a != b) pieces_.emplace_back(find_link(std::min(a, b), std::max(a, b)), piece);
  }
  std::ranges::sort(pieces_);
  piece_list_.reserve(pieces_.size());
  for (const auto& [link, piece] : pieces_) piece_list_.push_back(piece);
}

std::size_t StreetOrder::find_link(StreetRank low, StreetRank high) const {
  const auto all = all_above(low);
  const auto found = std::ranges::lower_bound(all, high);
  if (found == all.end() || *found != high) return links();
  return first_[low] + std::size_t(found - all.begin());
}

std::span<const StreetPiece> StreetOrder::pieces(std::size_t link) const {
  const auto [from, to] = std::ranges::equal_range(pieces_, link, {}, &std::pair<std::size_t, StreetPiece>::first);
  return {piece_list_.data() + (from - pieces_.begin()), std::size_t(to - from)};
}

std::size_t StreetOrder::bytes() const {
  return rank_.size() * 4 + (first_.size() + first_below_.size()) * 8 + (above_.size() + below_.size()) * 4 +
         depth_.size() * 4 + pieces_.size() * (sizeof(pieces_[0]) + 4);
}

}  // namespace cityloop::geo
