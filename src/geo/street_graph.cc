#include "geo/street_graph.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <unordered_map>

#include "geo/street_order.h"

namespace cityloop::geo {
namespace {

constexpr double kDegree_m = kEarthRadius_m * std::numbers::pi / 180;

}  // namespace

// Cuts streets into pieces at the joints where they meet.
class StreetGraph::Builder {
 public:
  Builder(const StreetNetwork& network, StreetGraph& graph) : network_(network), graph_(graph) {}

  void build() {
    for (const Street& street : network_.streets) {
      if (!is_usable(street)) continue;
      for (const std::uint64_t joint : street.joints) ++uses_[joint];
      ++uses_[street.joints.front()], ++uses_[street.joints.back()];
    }
    for (const Street& street : network_.streets) {
      if (is_usable(street)) take(street);
    }
  }

 private:
  static bool is_usable(const Street& street) {
    return !(street.along | street.against).empty() && street.line.size() >= 2 &&
           street.line.size() == street.joints.size();
  }

  void take(const Street& street) {
    std::size_t from = 0;
    for (std::size_t i = 1; i < street.joints.size(); ++i) {
      if (uses_[street.joints[i]] < 2) continue;
      take_piece(street, from, i);
      from = i;
    }
  }

  // A piece that comes back to where it began is cut in its middle, so that each end is a junction of its own.
  void take_piece(const Street& street, std::size_t from, std::size_t to) {
    if (street.joints[from] == street.joints[to]) {
      if (to - from < 2) return;
      const std::size_t middle = (from + to) / 2;
      ++uses_[street.joints[middle]];
      if (street.joints[middle] == street.joints[from]) return;
      take_piece(street, from, middle);
      return take_piece(street, middle, to);
    }
    double length_m = 0;
    for (std::size_t i = from; i < to; ++i) length_m += distance_m(street.line[i], street.line[i + 1]);
    Piece piece;
    piece.from = node_of(street.joints[from], street.line[from]);
    piece.to = node_of(street.joints[to], street.line[to]);
    piece.length_m = float(length_m);
    piece.speed_kmh = float(street.speed_kmh > 0 ? street.speed_kmh : usual_speed_kmh(street.street_class));
    piece.street_class = street.street_class;
    piece.along = street.along;
    piece.against = street.against;
    piece.name = name_of({street.name, street.name_en});
    piece.first_shape = std::uint32_t(graph_.shape_.size());
    graph_.shape_.insert(graph_.shape_.end(), street.line.begin() + std::ptrdiff_t(from),
                         street.line.begin() + std::ptrdiff_t(to) + 1);
    graph_.pieces_.push_back(piece);
  }

  StreetNode node_of(std::uint64_t joint, Position at) {
    const auto [found, is_new] = nodes_.try_emplace(joint, StreetNode(graph_.positions_.size()));
    if (is_new) graph_.positions_.push_back(at);
    return found->second;
  }

  std::uint32_t name_of(Name name) {
    const auto [found, is_new] = names_.try_emplace({name.written, name.en}, std::uint32_t(graph_.names_.size()));
    if (is_new) graph_.names_.push_back(std::move(name));
    return found->second;
  }

  const StreetNetwork& network_;
  StreetGraph& graph_;
  std::unordered_map<std::uint64_t, std::uint32_t> uses_;
  std::unordered_map<std::uint64_t, StreetNode> nodes_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> names_;
};

// Segments of all lines by squares of the ground, so that what is near is found without looking at the city.
class StreetGraph::Grid {
 public:
  explicit Grid(const StreetGraph& graph) : graph_(graph) {
    for (const Position at : graph.shape_) {
      west_ = std::min(west_, at.lon_deg), south_ = std::min(south_, at.lat_deg);
      east_ = std::max(east_, at.lon_deg), north_ = std::max(north_, at.lat_deg);
    }
    if (graph.shape_.empty()) return;
    lon_m_ = kDegree_m * std::max(0.01, std::cos((south_ + north_) / 2 * std::numbers::pi / 180));
    const double width_m = (east_ - west_) * lon_m_, height_m = (north_ - south_) * kDegree_m;
    side_m_ = std::max(kSide_m, std::sqrt(width_m * height_m / kSquaresMax));
    side_m_ = std::max(side_m_, std::max(width_m, height_m) / kSquaresMax);
    columns_ = std::int64_t(width_m / side_m_) + 1;
    rows_ = std::int64_t(height_m / side_m_) + 1;
    fill();
  }

  // Whether a spot is wanted is asked of its piece.
  template <class Wanted>
  std::optional<StreetSpot> nearest(Position at, double max_m, const Wanted& wanted) const {
    std::optional<StreetSpot> best;
    if (graph_.pieces_.empty()) return best;
    const std::int64_t column = column_of(at), row = row_of(at);
    double best_m = max_m;
    Segment best_segment{};
    double best_share = 0;
    const auto look = [&](Segment segment) {
      if (!wanted(segment.piece)) return;
      double share = 0;
      const double away_m = distance_to(at, segment.shape, share);
      const bool nearer = away_m < best_m || (away_m == best_m && best && segment.piece < best_segment.piece);
      if (!nearer && (best || away_m > best_m)) return;
      best_m = away_m, best_segment = segment, best_share = share;
      best = StreetSpot{segment.piece, 0, {}, away_m};
    };
    // A ring further out is at least so far away; a position outside of the grid lies nearer to its rim than this says.
    const std::int64_t rings = std::int64_t(max_m / side_m_) + 1;
    for (std::int64_t ring = 0; ring <= rings; ++ring) {
      if (best && best_m <= double(ring - 1) * side_m_) break;
      each_in_ring(column, row, ring, look);
    }
    if (best) finish(*best, best_segment, best_share);
    return best;
  }

 private:
  static constexpr double kSide_m = 100, kSquaresMax = 4'000'000;
  struct Segment {
    StreetPiece piece;
    std::uint32_t shape;  // from this position to the next
  };

  // Unclamped: a position beside the city is some rings away from it.
  std::int64_t column_of(Position at) const {
    return std::int64_t(std::floor((at.lon_deg - west_) * lon_m_ / side_m_));
  }
  std::int64_t row_of(Position at) const {
    return std::int64_t(std::floor((at.lat_deg - south_) * kDegree_m / side_m_));
  }

  void fill() {
    std::vector<std::pair<std::int64_t, Segment>> all;
    for (StreetPiece piece = 0; piece < graph_.pieces_.size(); ++piece) {
      const auto line = graph_.line(piece);
      for (std::size_t i = 0; i + 1 < line.size(); ++i)
        put(line[i], line[i + 1], {piece, graph_.pieces_[piece].first_shape + std::uint32_t(i)}, all);
    }
    const auto less = [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second.shape < b.second.shape;
    };
    std::ranges::sort(all, less);
    const auto same = [](const auto& a, const auto& b) {
      return a.first == b.first && a.second.shape == b.second.shape;
    };
    all.erase(std::ranges::unique(all, same).begin(), all.end());
    first_.assign(std::size_t(columns_ * rows_) + 1, 0);
    for (const auto& [square, segment] : all) {
      ++first_[std::size_t(square) + 1];
      segments_.push_back(segment);
    }
    for (std::size_t i = 0; i + 1 < first_.size(); ++i) first_[i + 1] += first_[i];
  }

  // A long segment goes into the squares along it, not into all of its box.
  void put(Position a, Position b, Segment segment, std::vector<std::pair<std::int64_t, Segment>>& all) const {
    const std::int64_t left = column_of({std::min(a.lon_deg, b.lon_deg), 0}),
                       right = column_of({std::max(a.lon_deg, b.lon_deg), 0}),
                       low = row_of({0, std::min(a.lat_deg, b.lat_deg)}),
                       high = row_of({0, std::max(a.lat_deg, b.lat_deg)});
    if ((right - left + 1) * (high - low + 1) > 16) {
      const Position middle{(a.lon_deg + b.lon_deg) / 2, (a.lat_deg + b.lat_deg) / 2};
      put(a, middle, segment, all);
      return put(middle, b, segment, all);
    }
    for (std::int64_t row = low; row <= high; ++row) {
      for (std::int64_t column = left; column <= right; ++column) {
        const std::int64_t c = std::clamp<std::int64_t>(column, 0, columns_ - 1);
        all.emplace_back(std::clamp<std::int64_t>(row, 0, rows_ - 1) * columns_ + c, segment);
      }
    }
  }

  template <class Look>
  void each_in_ring(std::int64_t column, std::int64_t row, std::int64_t ring, const Look& look) const {
    const auto square = [&](std::int64_t c, std::int64_t r) {
      if (c < 0 || r < 0 || c >= columns_ || r >= rows_) return;
      const auto at = std::size_t(r * columns_ + c);
      for (std::size_t i = first_[at]; i < first_[at + 1]; ++i) look(segments_[i]);
    };
    for (std::int64_t c = column - ring; c <= column + ring; ++c) {
      square(c, row - ring);
      if (ring > 0) square(c, row + ring);
    }
    for (std::int64_t r = row - ring + 1; r < row + ring; ++r) square(column - ring, r), square(column + ring, r);
  }

  // On the flat around the position: exact to the centimetre over some kilometres.
  double distance_to(Position at, std::uint32_t shape, double& share) const {
    const double lon_m = kDegree_m * std::cos(at.lat_deg * std::numbers::pi / 180);
    const Position a = graph_.shape_[shape], b = graph_.shape_[shape + 1];
    const double ax = (a.lon_deg - at.lon_deg) * lon_m, ay = (a.lat_deg - at.lat_deg) * kDegree_m;
    const double dx = (b.lon_deg - a.lon_deg) * lon_m, dy = (b.lat_deg - a.lat_deg) * kDegree_m;
    const double square = dx * dx + dy * dy;
    share = square > 0 ? std::clamp(-(ax * dx + ay * dy) / square, 0.0, 1.0) : 0;
    return std::hypot(ax + share * dx, ay + share * dy);
  }

  void finish(StreetSpot& spot, Segment segment, double share) const {
    const Position a = graph_.shape_[segment.shape], b = graph_.shape_[segment.shape + 1];
    spot.on = {a.lon_deg + share * (b.lon_deg - a.lon_deg), a.lat_deg + share * (b.lat_deg - a.lat_deg)};
    const auto line = graph_.line(spot.piece);
    const std::size_t behind = segment.shape - graph_.pieces_[spot.piece].first_shape;
    double before_m = distance_m(a, spot.on);
    for (std::size_t i = 0; i < behind; ++i) before_m += distance_m(line[i], line[i + 1]);
    const double length_m = graph_.pieces_[spot.piece].length_m;
    spot.share = length_m > 0 ? std::clamp(before_m / length_m, 0.0, 1.0) : 0;
  }

  const StreetGraph& graph_;
  double west_{180}, south_{90}, east_{-180}, north_{-90};
  double lon_m_{kDegree_m}, side_m_{kSide_m};
  std::int64_t columns_{0}, rows_{0};
  std::vector<std::size_t> first_;
  std::vector<Segment> segments_;
};

StreetGraph::StreetGraph() = default;
StreetGraph::~StreetGraph() = default;

std::shared_ptr<const StreetGraph> StreetGraph::make(const StreetNetwork& network) {
  const std::shared_ptr<StreetGraph> graph(new StreetGraph);
  Builder(network, *graph).build();
  graph->main_.assign(graph->nodes(), 0);
  for (const TravelMode mode : {TravelMode::foot, TravelMode::bicycle, TravelMode::car}) graph->find_parts(mode);
  graph->grid_ = std::make_unique<const Grid>(*graph);
  graph->order_ = std::make_unique<const StreetOrder>(*graph);
  return graph;
}

double StreetGraph::length_m() const {
  double sum_m = 0;
  for (const Piece& piece : pieces_) sum_m += double(piece.length_m);
  return sum_m;
}

std::optional<StreetSpot> StreetGraph::snap(Position at, TravelMode mode, double max_m, bool islands) const {
  return grid_->nearest(at, max_m, [&](StreetPiece piece) {
    const Piece& p = pieces_[piece];
    if (!(p.along | p.against).has(mode)) return false;
    return islands || (in_main_part(p.from, mode) && in_main_part(p.to, mode));
  });
}

}  // namespace cityloop::geo
