// Ways: both ends climb the ranks, and the best of the ranks at which they meet is taken.

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>

#include "geo/street_order.h"
#include "geo/street_weights.h"

namespace cityloop::geo {

// What one end reaches above it: all ranks on its path of parents, kept by their depth.
struct StreetWeights::Climb {
  std::vector<StreetRank> path;  // from the end upwards
  std::vector<Weight> weight;    // by depth
  std::vector<StreetRank> from;  // by depth: the rank below from which it was reached; kNoRank at the end itself
  std::vector<bool> needless;    // by depth: a shorter way leads there over a higher rank
};

StreetWeights::Weight StreetWeights::share_of(StreetArc arc, double share) const {
  if (arcs_[arc] >= kNone) return kNone;
  return weight_of(share * time_of(arcs_[arc]), share * distance_of(arcs_[arc]));
}

StreetWeights::Weight StreetWeights::beside(const StreetSpot& spot) const {
  return weight_of(spot.beside_m * beside_s_m_, spot.beside_m);
}

// Forwards a spot is left to both ends of its piece as far as it may be; backwards it is come to from both. The two are
// neighbours, so one of them stands on the other's path.
void StreetWeights::climb(const StreetSpot& spot, bool backwards, Climb& out) const {
  const StreetOrder& order = graph_->order();
  const StreetGraph::Piece& piece = graph_->piece(spot.piece);
  const StreetRank from = order.rank(piece.from), to = order.rank(piece.to);
  out.path.clear();
  for (StreetRank rank = std::min(from, to); rank != kNoRank; rank = order.parent(rank)) out.path.push_back(rank);
  out.weight.assign(out.path.size(), kNone);
  out.from.assign(out.path.size(), kNoRank);
  out.needless.assign(out.path.size(), false);
  const StreetArc along = arc_along(spot.piece), against = arc_against(spot.piece);
  const Weight aside = beside(spot);
  out.weight[order.depth(to)] =
      aside + (backwards ? share_of(against, 1 - spot.share) : share_of(along, 1 - spot.share));
  out.weight[order.depth(from)] = aside + (backwards ? share_of(along, spot.share) : share_of(against, spot.share));
  const Half& half = backwards ? back_ : there_;
  for (const StreetRank rank : out.path) {
    const Weight here = out.weight[order.depth(rank)];
    if (here >= kNone) continue;
    for (std::uint32_t i = half.first[rank]; i < half.first[rank + 1]; ++i) {
      const std::uint32_t depth = half.depth[i];
      if (here + half.weight[i] >= out.weight[depth]) continue;
      out.weight[depth] = here + half.weight[i];
      out.from[depth] = rank;
    }
  }
}

// A rank to which a shorter way leads down from a higher one is on no quickest way: from the top down, with the links
// of the other direction.
void StreetWeights::drop_roundabout(const Half& other, Climb& out) const {
  const StreetOrder& order = graph_->order();
  for (auto rank = out.path.rbegin(); rank != out.path.rend(); ++rank) {
    const std::uint32_t depth = order.depth(*rank);
    Weight least = out.weight[depth];
    for (std::uint32_t i = other.first[*rank]; i < other.first[*rank + 1]; ++i)
      least = std::min(least, out.weight[other.depth[i]] + other.weight[i]);
    out.needless[depth] = least < out.weight[depth] || least >= kNone;
    out.weight[depth] = least;
  }
}

std::vector<StreetWeights::Label> StreetWeights::labels(const StreetSpot& spot, bool backwards, Climb& climbed) const {
  climb(spot, backwards, climbed);
  drop_roundabout(backwards ? there_ : back_, climbed);
  std::vector<Label> out;
  for (const StreetRank rank : climbed.path) {
    const std::uint32_t depth = graph_->order().depth(rank);
    if (!climbed.needless[depth]) out.push_back({rank, climbed.weight[depth]});
  }
  return out;
}

// Two spots of one piece: the way that stays on it, where one comes after the other.
StreetWeights::Weight StreetWeights::straight_on(const StreetSpot& from, const StreetSpot& to, StreetArc& arc) const {
  if (from.piece != to.piece) return kNone;
  Weight best = kNone;
  const auto try_arc = [&](StreetArc one, double share) {
    const Weight weight = share >= 0 ? share_of(one, share) : kNone;
    if (weight < best) best = weight, arc = one;
  };
  try_arc(arc_along(from.piece), to.share - from.share);
  try_arc(arc_against(from.piece), from.share - to.share);
  return best >= kNone ? kNone : best + beside(from) + beside(to);
}

// By rank: which of the targets are reached from there, and how far on that is.
struct StreetWeights::Buckets {
  std::vector<std::uint32_t> first, column;
  std::vector<Weight> weight;

  Buckets(std::size_t ranks, const std::vector<Side>& sides) : first(ranks + 1, 0) {
    for (const Side& side : sides) {
      for (const Label& label : *side.labels) ++first[label.rank + 1];
    }
    for (std::size_t i = 0; i < ranks; ++i) first[i + 1] += first[i];
    column.resize(first.back());
    weight.resize(first.back());
    std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
    for (std::size_t to = 0; to < sides.size(); ++to) {
      for (const Label& label : *sides[to].labels) {
        const std::uint32_t at = next[label.rank]++;
        column[at] = std::uint32_t(to);
        weight[at] = label.weight;
      }
    }
  }
};

namespace {

// Shares out 0 … count among threads.
template <class Do>
void in_shares(std::size_t count, unsigned threads, const Do& work) {
  const std::size_t shares = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(count / 16, 1));
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < shares; ++i)
    others.emplace_back([&work, from = count * i / shares, to = count * (i + 1) / shares] { work(from, to); });
  work(0, count / shares);
}

}  // namespace

StreetTable StreetWeights::table(std::span<const StreetSpot> from, std::span<const StreetSpot> to,
                                 unsigned threads) const {
  std::vector<std::vector<Label>> leave(from.size()), come(to.size());
  const auto fill = [&](std::span<const StreetSpot> spots, bool backwards, std::vector<std::vector<Label>>& out) {
    in_shares(spots.size(), threads, [&](std::size_t begin, std::size_t end) {
      Climb climbed;
      for (std::size_t i = begin; i < end; ++i) out[i] = labels(spots[i], backwards, climbed);
    });
  };
  fill(from, false, leave);
  fill(to, true, come);
  std::vector<Side> rows, columns;
  for (std::size_t i = 0; i < from.size(); ++i) rows.push_back({&from[i], &leave[i]});
  for (std::size_t i = 0; i < to.size(); ++i) columns.push_back({&to[i], &come[i]});
  return fill_table(rows, columns, threads);
}

StreetEndsPtr StreetWeights::prepare(const StreetSpot& spot) const {
  Climb climbed;
  auto leave = labels(spot, false, climbed);
  return std::make_shared<const StreetEnds>(StreetEnds{spot, std::move(leave), labels(spot, true, climbed)});
}

StreetTable StreetWeights::table(std::span<const StreetEndsPtr> places, unsigned threads) const {
  std::vector<Side> rows, columns;
  for (const StreetEndsPtr& one : places) {
    rows.push_back({&one->spot, &one->leave});
    columns.push_back({&one->spot, &one->come});
  }
  return fill_table(rows, columns, threads);
}

StreetTable StreetWeights::fill_table(const std::vector<Side>& from, const std::vector<Side>& to,
                                      unsigned threads) const {
  StreetTable out;
  out.columns = to.size();
  out.time_s.resize(from.size() * to.size());
  out.distance_m.resize(from.size() * to.size());
  const Buckets buckets(graph_->order().size(), to);
  std::multimap<StreetPiece, std::size_t> on_piece;
  for (std::size_t column = 0; column < to.size(); ++column) on_piece.emplace(to[column].spot->piece, column);
  in_shares(from.size(), threads, [&](std::size_t begin, std::size_t end) {
    std::vector<Weight> row(to.size());
    for (std::size_t r = begin; r < end; ++r) {
      fill_row(*from[r].labels, buckets, row);
      StreetArc arc{};
      for (auto [at, last] = on_piece.equal_range(from[r].spot->piece); at != last; ++at)
        row[at->second] = std::min(row[at->second], straight_on(*from[r].spot, *to[at->second].spot, arc));
      for (std::size_t column = 0; column < to.size(); ++column) {
        const bool none = row[column] >= kNone;
        out.time_s[r * out.columns + column] = none ? kNoStreet : time_of(row[column]);
        out.distance_m[r * out.columns + column] = none ? kNoStreet : distance_of(row[column]);
      }
    }
  });
  return out;
}

// The best over all ranks at which the two meet.
void StreetWeights::fill_row(const std::vector<Label>& leave, const Buckets& buckets, std::vector<Weight>& row) {
  std::ranges::fill(row, kNone);
  Weight* const best = row.data();
  for (const Label& label : leave) {
    const std::uint32_t end = buckets.first[label.rank + 1];
    for (std::uint32_t i = buckets.first[label.rank]; i < end; ++i) {
      Weight& one = best[buckets.column[i]];
      one = std::min(one, label.weight + buckets.weight[i]);
    }
  }
}

// Which street of a link is as long as it says; no arc at all where the link stands for a way over lower ranks.
StreetArc StreetWeights::arc_between(std::size_t link, bool up, Weight weight) const {
  const StreetOrder& order = graph_->order();
  for (const StreetPiece piece : order.pieces(link)) {
    const bool rises = order.rank(graph_->piece(piece).from) < order.rank(graph_->piece(piece).to);
    const StreetArc arc = rises == up ? arc_along(piece) : arc_against(piece);
    if (arcs_[arc] == weight) return arc;
  }
  return ~StreetArc{0};
}

// The streets between two neighbouring ranks: one, or over the lower rank that gives the link its length.
void StreetWeights::unpack(StreetRank from, StreetRank to, std::vector<StreetArc>& out) const {
  const StreetOrder& order = graph_->order();
  std::vector<std::pair<StreetRank, StreetRank>> todo{{from, to}};
  while (!todo.empty()) {
    const auto [a, b] = todo.back();
    todo.pop_back();
    const bool up = a < b;
    const std::size_t link = order.find_link(std::min(a, b), std::max(a, b));
    const Weight weight = up ? up_[link] : down_[link];
    if (const StreetArc arc = arc_between(link, up, weight); arc != ~StreetArc{0}) {
      out.push_back(arc);
      continue;
    }
    const auto under_a = order.all_below(a), under_b = order.all_below(b);
    for (auto i = under_a.begin(), k = under_b.begin(); i != under_a.end() && k != under_b.end();) {
      if (*i < *k) {
        ++i;
      } else if (*k < *i) {
        ++k;
      } else {
        const StreetRank middle = *i;
        if (down_[order.find_link(middle, a)] + up_[order.find_link(middle, b)] == weight) {
          todo.emplace_back(middle, b);
          todo.emplace_back(a, middle);
          break;
        }
        ++i, ++k;
      }
    }
  }
}

namespace {

void add_to_line(std::vector<Position>& line, Position at) {
  if (line.empty() || !(line.back() == at)) line.push_back(at);
}

Position place_at(std::span<const Position> line, double at_m) {
  double before_m = 0;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    const double step_m = distance_m(line[i], line[i + 1]);
    if (before_m + step_m >= at_m) {
      const double share = step_m > 0 ? (at_m - before_m) / step_m : 0;
      return {line[i].lon_deg + share * (line[i + 1].lon_deg - line[i].lon_deg),
              line[i].lat_deg + share * (line[i + 1].lat_deg - line[i].lat_deg)};
    }
    before_m += step_m;
  }
  return line.back();
}

// A piece's line in the direction of the arc, between two shares of the piece.
void add_part(const StreetGraph& graph, StreetArc arc, double from, double to, std::vector<Position>& out) {
  const auto line = graph.line(arc / 2);
  const double all_m = double(graph.piece(arc / 2).length_m);
  const double low = std::min(from, to), high = std::max(from, to);
  std::vector<Position> part{low > 0 ? place_at(line, low * all_m) : line.front()};
  double at_m = 0;
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    at_m += distance_m(line[i - 1], line[i]);
    if (at_m > low * all_m && at_m < high * all_m) part.push_back(line[i]);
  }
  part.push_back(high < 1 ? place_at(line, high * all_m) : line.back());
  if (arc % 2) std::ranges::reverse(part);
  for (const Position at : part) add_to_line(out, at);
}

}  // namespace

std::optional<StreetWay> StreetWeights::way(const StreetSpot& from, const StreetSpot& to) const {
  const StreetOrder& order = graph_->order();
  StreetWay out;
  StreetArc direct{};
  const Weight on_piece = straight_on(from, to, direct);
  Climb there, back;
  climb(from, false, there);
  climb(to, true, back);
  Weight best = kNone;
  StreetRank meet = kNoRank;
  for (const StreetRank rank : there.path) {
    const std::uint32_t depth = order.depth(rank);
    if (depth >= back.path.size() || back.path[back.path.size() - 1 - depth] != rank) continue;
    const Weight sum = there.weight[depth] + back.weight[depth];
    if (sum < best) best = sum, meet = rank;
  }
  if (on_piece <= best && on_piece < kNone) {
    out.arcs.push_back(direct);
    add_part(*graph_, direct, from.share, to.share, out.line);
    best = on_piece;
  } else if (best >= kNone) {
    return std::nullopt;
  } else {
    trace(from, to, there, back, meet, out);
  }
  if (out.line.size() < 2) out.line = {from.on, to.on};
  out.time_s = time_of(best);
  out.distance_m = distance_of(best);
  return out;
}

// The chain of ranks on both sides of where they meet, each step taken apart into streets, with the pieces' parts at
// both ends.
void StreetWeights::trace(const StreetSpot& from, const StreetSpot& to, const Climb& there, const Climb& back,
                          StreetRank meet, StreetWay& out) const {
  const StreetOrder& order = graph_->order();
  std::vector<StreetRank> chain{meet};
  while (there.from[order.depth(chain.back())] != kNoRank) chain.push_back(there.from[order.depth(chain.back())]);
  std::ranges::reverse(chain);
  while (back.from[order.depth(chain.back())] != kNoRank) chain.push_back(back.from[order.depth(chain.back())]);
  const StreetGraph::Piece &first = graph_->piece(from.piece), &last = graph_->piece(to.piece);
  const bool leaves_along = order.rank(first.to) == chain.front();
  const bool comes_along = order.rank(last.from) == chain.back();
  if (leaves_along ? from.share < 1 : from.share > 0) {
    out.arcs.push_back(leaves_along ? arc_along(from.piece) : arc_against(from.piece));
    add_part(*graph_, out.arcs.back(), from.share, leaves_along ? 1 : 0, out.line);
  }
  std::vector<StreetArc> whole;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) unpack(chain[i], chain[i + 1], whole);
  for (const StreetArc arc : whole) add_part(*graph_, arc, 0, 1, out.line);
  out.arcs.insert(out.arcs.end(), whole.begin(), whole.end());
  if (comes_along ? to.share > 0 : to.share < 1) {
    out.arcs.push_back(comes_along ? arc_along(to.piece) : arc_against(to.piece));
    add_part(*graph_, out.arcs.back(), comes_along ? 0 : 1, to.share, out.line);
  }
}

}  // namespace cityloop::geo
