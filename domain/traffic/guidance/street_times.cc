#include "domain/traffic/guidance/street_times.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "geo/street_order.h"

namespace cityloop::traffic {
namespace {

using geo::StreetArc;
using geo::StreetRank;

// What an arc takes when so much of it goes at its segments' speeds and the rest as is usual there.
float arc_time_s(double rest_s, std::span<const SegmentPart> parts, double length_m, const std::vector<float>& speeds,
                 double slowest_kmh, bool& any) {
  double measured_s = 0, share = 0;
  for (const SegmentPart& part : parts) {
    const double kmh = part.segment < speeds.size() ? double(speeds[part.segment]) : kUnknown;
    if (!(kmh >= 0)) continue;
    measured_s += double(part.share) * length_m * 3.6 / std::max(kmh, slowest_kmh);
    share += double(part.share);
  }
  if (share <= 0) return float(rest_s);
  any = true;
  // Segments that overlap say the same thing twice: their mean.
  if (share > 1) return float(measured_s / share);
  return float(measured_s + (1 - share) * rest_s);
}

std::uint32_t floor_ms(float time_s) {
  return double(time_s) * 1000 < double(LowerBounds::kNone_ms) ? std::uint32_t(double(time_s) * 1000)
                                                               : LowerBounds::kNone_ms;
}

}  // namespace

StreetNet::StreetNet(geo::StreetGraphPtr graph) : graph_(std::move(graph)), first_(graph_->nodes() + 1, 0) {
  const std::size_t arcs = 2 * graph_->pieces();
  const auto open = [&](StreetArc arc) { return graph_->may(arc, geo::TravelMode::car); };
  for (StreetArc arc = 0; arc < arcs; ++arc) first_[graph_->tail(arc) + 1] += open(arc);
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  arcs_.resize(first_.back());
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (StreetArc arc = 0; arc < arcs; ++arc) {
    if (open(arc)) arcs_[next[graph_->tail(arc)]++] = arc;
  }
}

// From the lowest rank up, a way over it between two ranks above it is taken into their link.
LowerBounds::LowerBounds(const geo::StreetGraph& graph, std::span<const std::uint32_t> arcs_ms) {
  static std::atomic<std::uint64_t> made{0};
  id_ = ++made;
  const geo::StreetOrder& order = graph.order();
  up_.assign(order.links(), kNone_ms);
  down_.assign(order.links(), kNone_ms);
  for (const auto& [link, piece] : order.placed()) {
    const bool rises = order.rank(graph.piece(piece).from) < order.rank(graph.piece(piece).to);
    const StreetArc up = rises ? geo::arc_along(piece) : geo::arc_against(piece);
    up_[link] = std::min(up_[link], arcs_ms[up]);
    down_[link] = std::min(down_[link], arcs_ms[up ^ 1]);
  }
  for (StreetRank rank = 0; rank < order.size(); ++rank) {
    const std::size_t end = order.end_link(rank);
    for (std::size_t low = order.first_link(rank); low < end; ++low) {
      const std::uint32_t come = down_[low], leave = up_[low];
      std::size_t over = order.first_link(order.above(low));
      for (std::size_t high = low + 1; high < end; ++high, ++over) {
        while (order.above(over) != order.above(high)) ++over;
        up_[over] = std::min(up_[over], come + up_[high]);
        down_[over] = std::min(down_[over], down_[high] + leave);
      }
    }
  }
}

std::shared_ptr<const StreetTimes> StreetTimes::make(StreetNetPtr net, const SegmentCover& cover,
                                                     const SegmentSpeeds& speeds, const StreetTimesOptions& options,
                                                     const StreetTimes* before) {
  std::shared_ptr<StreetTimes> out(new StreetTimes());
  const geo::StreetGraph& graph = net->graph();
  const std::size_t arcs = 2 * graph.pieces();
  out->at_ = speeds.at;
  out->usual_s_.assign(arcs, std::numeric_limits<float>::infinity());
  out->arcs_.resize(arcs);
  out->measured_.resize(arcs);
  out->steady_.assign(arcs, true);
  std::vector<std::uint32_t> usual_ms(arcs, LowerBounds::kNone_ms), least_ms = usual_ms;
  auto part = cover.by_arc.begin();
  for (StreetArc arc = 0; arc < arcs; ++arc) {
    const auto first = part;
    while (part != cover.by_arc.end() && part->arc == arc) ++part;
    if (!graph.may(arc, geo::TravelMode::car)) continue;
    const geo::StreetGraph::Piece& piece = graph.piece(arc / 2);
    const double length_m = double(piece.length_m);
    const double plain_s = length_m * 3.6 / std::max(options.car_share * double(piece.speed_kmh), options.slowest_kmh);
    const std::span<const SegmentPart> parts(first, part);
    bool any = false;
    float last_s = arc_time_s(plain_s, parts, length_m, speeds.usual, options.slowest_kmh, any);
    const float usual_s = out->usual_s_[arc] = last_s;
    float least_s = std::numeric_limits<float>::infinity();
    for (std::size_t period = 0; period < kPeriods; ++period) {
      bool known = false;
      const float here_s =
          arc_time_s(double(usual_s), parts, length_m, speeds.periods[period], options.slowest_kmh, known);
      if (known) last_s = here_s;
      if (period == 0) out->measured_[arc] = known;
      if (period > 0 && last_s != out->arcs_[arc][period - 1]) out->steady_[arc] = false;
      out->arcs_[arc][period] = last_s;
      least_s = std::min(least_s, last_s);
    }
    usual_ms[arc] = floor_ms(usual_s);
    least_ms[arc] = floor_ms(least_s);
  }
  const bool as_before = before && before->net_ == net && before->usual_s_ == out->usual_s_;
  out->usual_bounds_ = as_before ? before->usual_bounds_ : std::make_shared<const LowerBounds>(graph, usual_ms);
  out->bounds_ = std::make_shared<const LowerBounds>(graph, least_ms);
  out->net_ = std::move(net);
  return out;
}

double StreetTimes::time_s(StreetArc arc, Times times, double start_s, double share, double share_end) const {
  double left = share_end - share;
  if (left <= 0) return 0;
  const auto& periods = arcs_[arc];
  if (times == Times::usual) return left * double(usual_s_[arc]);
  if (times == Times::now || steady_[arc]) return left * double(periods[0]);
  double spent_s = 0;
  for (std::size_t period = 0; period + 1 < kPeriods; ++period) {
    const double room_s = kPeriodEnd_s[period] - start_s - spent_s;
    if (room_s <= 0) continue;
    const double need_s = left * double(periods[period]);
    if (need_s <= room_s) return spent_s + need_s;
    left -= room_s / double(periods[period]);
    spent_s += room_s;
  }
  return spent_s + left * double(periods.back());
}

}  // namespace cityloop::traffic
