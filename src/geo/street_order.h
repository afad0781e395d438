// In which order a street graph's junctions are contracted, and the arcs that contraction adds: all that quick ways
// need and that does not depend on how long streets take (customizable contraction hierarchies, Dibbelt, Strasser and
// Wagner 2014).
//
//   StreetGraph ─▶ [StreetOrder] ─▶ StreetWeights, once for each mode or hour
//
// Junctions are numbered anew, by rank: those of a separator come after all that it parts (nested dissection by flows
// between the outer quarters in four directions, as in inertial flow). A rank's neighbours above it are joined to one
// another, so that every way can be walked up from both its ends to one highest rank between them; and all of them lie
// on the path of parents to the root.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "geo/street_graph.h"

namespace cityloop::geo {

using StreetRank = std::uint32_t;
inline constexpr std::uint32_t kNoRank = ~std::uint32_t{0};

class StreetOrder {
 public:
  explicit StreetOrder(const StreetGraph&);

  std::size_t size() const { return first_.size() - 1; }
  StreetRank rank(StreetNode node) const { return rank_[node]; }
  // Links go from a rank to its neighbours above, in rising order.
  std::size_t links() const { return above_.size(); }
  std::size_t first_link(StreetRank rank) const { return first_[rank]; }
  std::size_t end_link(StreetRank rank) const { return first_[rank + 1]; }
  StreetRank above(std::size_t link) const { return above_[link]; }
  std::span<const StreetRank> all_above(StreetRank rank) const {
    return {above_.data() + first_[rank], first_[rank + 1] - first_[rank]};
  }
  // The lowest neighbour above; kNoRank at a root.
  StreetRank parent(StreetRank rank) const { return first_[rank] == first_[rank + 1] ? kNoRank : above_[first_[rank]]; }
  std::uint32_t depth(StreetRank rank) const { return depth_[rank]; }  // 0 at a root
  // The link between two ranks, low < high; links() when there is none.
  std::size_t find_link(StreetRank low, StreetRank high) const;
  // The pieces of street between a link's two ranks, if there are any.
  std::span<const StreetPiece> pieces(std::size_t link) const;
  const std::vector<std::pair<std::size_t, StreetPiece>>& placed() const { return pieces_; }  // all of them, by link
  // Links to a rank from below, as the ranks they come from, in rising order.
  std::span<const StreetRank> all_below(StreetRank rank) const {
    return {below_.data() + first_below_[rank], first_below_[rank + 1] - first_below_[rank]};
  }
  std::size_t bytes() const;

 private:
  void link_up(const StreetGraph&);
  void turn_round();
  void place_pieces(const StreetGraph&);

  std::vector<StreetRank> rank_;  // by node
  std::vector<std::size_t> first_;
  std::vector<StreetRank> above_;
  std::vector<std::size_t> first_below_;
  std::vector<StreetRank> below_;
  std::vector<std::uint32_t> depth_;
  std::vector<std::pair<std::size_t, StreetPiece>> pieces_;  // by link
  std::vector<StreetPiece> piece_list_;
};

// The order itself: nodes from the first to be contracted to the last.
std::vector<StreetNode> nested_dissection(const StreetGraph&);

}  // namespace cityloop::geo
