#include "geo/street_weights.h"

#include <algorithm>
#include <cmath>

#include "geo/street_order.h"

namespace cityloop::geo {

std::shared_ptr<const StreetWeights> StreetWeights::make(StreetGraphPtr graph, TravelMode mode,
                                                         const StreetSpeeds& speeds) {
  return std::shared_ptr<const StreetWeights>(new StreetWeights(std::move(graph), mode, speeds));
}

StreetWeights::StreetWeights(StreetGraphPtr graph, TravelMode mode, const StreetSpeeds& speeds)
    : graph_(std::move(graph)), mode_(mode), beside_s_m_(3.6 / speeds.beside_kmh) {
  weigh_arcs(speeds);
  join_lower();
  keep_needed();
}

StreetWeights::Weight StreetWeights::weight_of(double time_s, double distance_m) {
  constexpr double kMost = 4e9;
  return Weight(std::llround(std::min(time_s * 1000, kMost))) << 32 |
         Weight(std::llround(std::min(distance_m * 100, kMost)));
}

void StreetWeights::weigh_arcs(const StreetSpeeds& speeds) {
  const StreetGraph& graph = *graph_;
  arcs_.assign(2 * graph.pieces(), kNone);
  for (StreetArc arc = 0; arc < arcs_.size(); ++arc) {
    if (!graph.may(arc, mode_)) continue;
    const StreetGraph::Piece& piece = graph.piece(arc / 2);
    double kmh = mode_ == TravelMode::foot      ? speeds.foot_kmh
                 : mode_ == TravelMode::bicycle ? speeds.bicycle_kmh
                                                : speeds.car_share * double(piece.speed_kmh);
    if (arc < speeds.arcs_kmh.size() && speeds.arcs_kmh[arc] > 0) kmh = double(speeds.arcs_kmh[arc]);
    arcs_[arc] = weight_of(double(piece.length_m) * 3.6 / std::max(kmh, 0.1), double(piece.length_m));
  }
}

double StreetWeights::time_s(StreetArc arc) const {
  return arcs_[arc] >= kNone ? kNoStreet : time_of(arcs_[arc]);
}

// From the lowest rank up: what leads over it between two of its neighbours above is taken into their link.
void StreetWeights::join_lower() {
  const StreetOrder& order = graph_->order();
  up_.assign(order.links(), kNone);
  down_.assign(order.links(), kNone);
  for (const auto& [link, piece] : order.placed()) {
    const bool rises = order.rank(graph_->piece(piece).from) < order.rank(graph_->piece(piece).to);
    up_[link] = std::min(up_[link], arcs_[rises ? arc_along(piece) : arc_against(piece)]);
    down_[link] = std::min(down_[link], arcs_[rises ? arc_against(piece) : arc_along(piece)]);
  }
  for (StreetRank rank = 0; rank < order.size(); ++rank) {
    const std::size_t end = order.end_link(rank);
    for (std::size_t a = order.first_link(rank); a < end; ++a) {
      std::size_t over = order.first_link(order.above(a));
      const Weight to_here = down_[a], from_here = up_[a];
      for (std::size_t b = a + 1; b < end; ++b) {
        while (order.above(over) != order.above(b)) ++over;
        up_[over] = std::min(up_[over], to_here + up_[b]);
        down_[over] = std::min(down_[over], down_[b] + from_here);
      }
    }
  }
}

// From the highest rank down: a link that is no shorter than the way over a higher neighbour is not needed. What is
// left is as long as the quickest way between its ends.
void StreetWeights::keep_needed() {
  const StreetOrder& order = graph_->order();
  std::vector<Weight> up = up_, down = down_;
  for (std::size_t rank = order.size(); rank-- > 0;) {
    const std::size_t end = order.end_link(StreetRank(rank));
    for (std::size_t a = order.first_link(StreetRank(rank)); a < end; ++a) {
      std::size_t over = order.first_link(order.above(a));
      for (std::size_t b = a + 1; b < end; ++b) {
        while (order.above(over) != order.above(b)) ++over;
        up[a] = std::min(up[a], up_[b] + down[over]);
        up[b] = std::min(up[b], up_[a] + up[over]);
        down[a] = std::min(down[a], down_[b] + up[over]);
        down[b] = std::min(down[b], down_[a] + down[over]);
      }
    }
  }
  const auto keep = [&](const std::vector<Weight>& all, const std::vector<Weight>& least, Half& half) {
    half.first.assign(1, 0);
    for (StreetRank rank = 0; rank < order.size(); ++rank) {
      for (std::size_t link = order.first_link(rank); link < order.end_link(rank); ++link) {
        if (all[link] >= kNone || least[link] < all[link]) continue;
        half.depth.push_back(order.depth(order.above(link)));
        half.weight.push_back(all[link]);
      }
      half.first.push_back(std::uint32_t(half.depth.size()));
    }
  };
  keep(up_, up, there_);
  keep(down_, down, back_);
}

std::size_t StreetWeights::bytes() const {
  const auto of = [](const Half& half) { return half.first.size() * 4 + half.depth.size() * 12; };
  return (arcs_.size() + up_.size() + down_.size()) * 8 + of(there_) + of(back_);
}

}  // namespace cityloop::geo
