#include "index/composite/what_if.h"

#include <algorithm>
#include <cmath>

#include "index/composite/aggregate.h"
#include "index/composite/change.h"
#include "index/composite/knapsack.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr int kStrides = 32;      // of an indicator's way, where it is a search
constexpr int kRaisesMax = 20;    // of the aim, where the scales moved with the unit
constexpr double kMargin = 1e-7;  // of the score now: to be in front is more than to be level

// One number that may be moved.
struct Lever {
  std::size_t indicator{};
  double from{};
  double sign{1};  // of a better change of the raw number
  double most{};   // of the change, without its sign
  double cost{};   // of one unit of it
  double step{0};
};

class Planner {
 public:
  Planner(const Frame& frame, const Table& table, const IndexReport& report, std::size_t unit)
      : frame_(frame),
        table_(table),
        report_(report),
        unit_(unit),
        row_(row_in_table()),
        now_(row_of(report.scores, unit)) {
    for (std::size_t i = 0; i < frame.indicators.size(); ++i) add_lever(i);
    linear_ = std::all_of(frame.groups_up.begin(), frame.groups_up.end(), [&](std::size_t g) {
      return frame.method.aggregation.at(frame.nodes[g].level) == AggregateMethod::arithmetic;
    });
    for (const Lever& lever : levers_)
      linear_ = linear_ && report.lines[lever.indicator].linear && !report.treatments[lever.indicator].logged;
  }

  WhatIf plan(double wanted) const {
    WhatIf out = linear_ ? plan_linear(wanted) : plan_search(wanted);
    std::erase_if(out.moves, [](const Move& move) { return move.from == move.to; });
    out.score_now = now_[frame_.root];
    out.score_wanted = wanted;
    for (const Move& move : out.moves) out.cost += move.cost;
    std::stable_sort(out.moves.begin(), out.moves.end(),
                     [](const Move& a, const Move& b) { return a.points > b.points; });
    return out;
  }

  // The whole index with these moves.
  Result<IndexReport> anew(const std::vector<Move>& moves) const {
    Table table = table_;
    for (const Move& move : moves) table.cells.at(row_, move.indicator) = move.to;
    return compute(frame_, table, {report_.weights});
  }

  double score_with(const std::vector<Move>& moves) const {
    std::vector<double> raw = raw_now();
    for (const Move& move : moves) raw[move.indicator] = move.to;
    return root_of(raw);
  }

 private:
  std::size_t row_in_table() const {
    for (std::size_t u = 0; u < table_.units.size(); ++u) {
      if (table_.units[u].code == report_.units[unit_].code && table_.units[u].year == report_.units[unit_].year)
        return u;
    }
    return kNone;
  }

  double denominator_of(std::size_t i) const {
    const std::size_t by = frame_.indicators[i].denominator;
    return by == kNone ? 1 : table_.cells.at(row_, frame_.indicators.size() + by);
  }

  // How far it pays to go: what is beyond is worth no more.
  double best_worth(std::size_t i) const {
    const Indicator& indicator = frame_.indicators[i];
    const bool more = indicator.direction == Direction::more;
    const Range range = range_of(report_.treated.column(i));
    const Normalised& line = report_.lines[i];
    const Range seen = range_of(report_.imputed.column(i));
    if (report_.treatments[i].logged || !line.linear) return more ? seen.high : seen.low;
    return missing(line.high) ? (more ? range.high : range.low) : (line.high - line.base) / line.slope;
  }

  void add_lever(std::size_t i) {
    const Indicator& indicator = frame_.indicators[i];
    const double raw = report_.raw.at(unit_, i), denominator = denominator_of(i);
    if (missing(raw) || missing(report_.normalised.at(unit_, i)) || !(denominator > 0)) return;
    if (report_.shares_of_root[i] <= 0) return;
    Lever out{i, raw, indicator.direction == Direction::more ? 1.0 : -1.0, 0, 0, indicator.step.value_or(0)};
    out.most = out.sign * (best_worth(i) * denominator - raw);
    if (indicator.change_max) out.most = std::min(out.most, *indicator.change_max);
    if (!(out.most > 0)) return;
    const double points = std::abs(worth(i, raw + out.sign * out.most) - worth(i, raw));
    out.cost = indicator.cost.value_or(points / out.most);
    if (points > 0 && out.cost > 0) levers_.push_back(out);
  }

  // What a raw number of the unit is worth on the indicator's scale, as the others stand.
  double worth(std::size_t i, double raw) const {
    const double value = report_.treatments[i].of(raw / denominator_of(i));
    if (report_.lines[i].linear) return report_.lines[i].of(value);
    const double sign = frame_.indicators[i].direction == Direction::more ? 1 : -1;
    double below = 0, level = 0, n = 1;
    for (std::size_t u = 0; u < report_.units.size(); ++u) {
      const double other = report_.treated.at(u, i);
      if (u == unit_ || missing(other)) continue;
      ++n;
      below += sign * other < sign * value ? 1 : 0;
      level += other == value ? 1 : 0;
    }
    const double place = 1 + below + level / 2;
    const Normalisation& how = frame_.method.normalisation;
    return how.method == NormaliseMethod::rank ? place : how.low + (how.high - how.low) * (place - 0.5) / n;
  }

  std::vector<double> raw_now() const { return row_of(report_.raw, unit_); }

  double root_of(const std::vector<double>& raw) const {
    Matrix row(1, frame_.nodes.size());
    for (std::size_t i = 0; i < frame_.indicators.size(); ++i) {
      const bool same = missing(raw[i]) || raw[i] == report_.raw.at(unit_, i);
      row.at(0, i) = same ? now_[i] : worth(i, raw[i]);
    }
    const std::uint32_t year[] = {0};
    aggregate(frame_, report_.shares, frame_.method.aggregation, year, row);
    return row.at(0, frame_.root);
  }

  WhatIf plan_linear(double wanted) const {
    std::vector<KnapsackItem> items;
    for (const Lever& lever : levers_) {
      std::vector<double> raw = raw_now();
      raw[lever.indicator] += lever.sign * lever.most;
      items.push_back({(root_of(raw) - now_[frame_.root]) / lever.most, lever.cost, lever.most, lever.step});
    }
    const KnapsackPlan plan = least_cost(items, wanted - now_[frame_.root]);
    WhatIf out;
    out.reachable = plan.enough, out.exact = plan.exact;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Lever& lever = levers_[i];
      out.moves.push_back({lever.indicator, lever.from, lever.from + lever.sign * plan.x[i], items[i].gain * plan.x[i],
                           lever.cost * plan.x[i]});
    }
    return out;
  }

  double amount(const Lever& lever, int stride) const {
    const double plain = lever.most * stride / kStrides;
    return lever.step > 0 ? std::min(std::ceil(plain / lever.step), std::floor(lever.most / lever.step)) * lever.step
                          : plain;
  }

  // From where the strides stand, the one that brings most points for its cost; a long stride may be better than a
  // short.
  bool best_stride(std::vector<int>& strides, std::vector<double>& raw, double score) const {
    double best = 0;
    std::size_t chosen = levers_.size();
    int to = 0;
    for (std::size_t l = 0; l < levers_.size(); ++l) {
      const Lever& lever = levers_[l];
      for (int stride = strides[l] + 1; stride <= kStrides;
           stride = stride == kStrides ? stride + 1 : std::min(2 * stride, kStrides)) {
        const double more = amount(lever, stride) - amount(lever, strides[l]);
        if (more <= 0) continue;
        const double kept = raw[lever.indicator];
        raw[lever.indicator] = lever.from + lever.sign * amount(lever, stride);
        const double gain = (root_of(raw) - score) / (more * lever.cost);
        raw[lever.indicator] = kept;
        if (gain > best) best = gain, chosen = l, to = stride;
      }
    }
    if (chosen == levers_.size()) return false;
    strides[chosen] = to;
    raw[levers_[chosen].indicator] = levers_[chosen].from + levers_[chosen].sign * amount(levers_[chosen], to);
    return true;
  }

  // Each move drawn back as far as it is not needed, the dearest first.
  void draw_back(std::vector<double>& raw, double wanted) const {
    std::vector<const Lever*> order;
    for (const Lever& lever : levers_) order.push_back(&lever);
    std::stable_sort(order.begin(), order.end(), [&](const Lever* a, const Lever* b) {
      return a->cost * std::abs(raw[a->indicator] - a->from) > b->cost * std::abs(raw[b->indicator] - b->from);
    });
    for (const Lever* lever : order) {
      double low = 0, high = std::abs(raw[lever->indicator] - lever->from);
      for (int i = 0; i < 50 && high > low; ++i) {
        double middle = (low + high) / 2;
        if (lever->step > 0) middle = std::floor(middle / lever->step) * lever->step;
        raw[lever->indicator] = lever->from + lever->sign * middle;
        if (root_of(raw) >= wanted) high = middle;
        else if (lever->step > 0 && high - middle <= lever->step) break;
        else low = lever->step > 0 ? middle + lever->step / 2 : middle;
      }
      raw[lever->indicator] = lever->from + lever->sign * high;
    }
  }

  WhatIf plan_search(double wanted) const {
    std::vector<double> raw = raw_now();
    std::vector<int> strides(levers_.size(), 0);
    WhatIf out;
    while (!out.reachable && best_stride(strides, raw, root_of(raw))) out.reachable = root_of(raw) >= wanted;
    if (out.reachable) draw_back(raw, wanted);
    std::vector<double> step = raw_now();
    double score = now_[frame_.root];
    for (const Lever& lever : levers_) {
      const double to = raw[lever.indicator];
      step[lever.indicator] = to;
      const double next = root_of(step);
      out.moves.push_back({lever.indicator, lever.from, to, next - score, lever.cost * std::abs(to - lever.from)});
      score = next;
    }
    return out;
  }

  const Frame& frame_;
  const Table& table_;
  const IndexReport& report_;
  std::size_t unit_, row_;
  std::vector<double> now_;  // scores of all nodes
  std::vector<Lever> levers_;
  bool linear_{true};
};

// The score of who stands at `rank` among the others of the unit's year.
double score_at(const Frame& frame, const IndexReport& report, std::size_t unit, double rank) {
  std::vector<double> others;
  for (std::size_t u = 0; u < report.units.size(); ++u) {
    const double score = report.scores.at(u, frame.root);
    if (u != unit && report.year[u] == report.year[unit] && !missing(score)) others.push_back(score);
  }
  std::sort(others.rbegin(), others.rend());
  return others[std::min(std::size_t(rank) - 1, others.size() - 1)];
}

base::Status check(const Frame& frame, const IndexReport& report, std::size_t unit, std::size_t ranks) {
  if (unit >= report.units.size()) return fail(Errc::not_found, "there is no such unit");
  if (ranks == 0) return fail(Errc::invalid, "to be lifted by one rank is the least");
  if (missing(report.scores.at(unit, frame.root))) return fail(Errc::invalid, "the unit has no score");
  if (report.ranks[frame.root][unit] < 2) return fail(Errc::invalid, "the unit is first already");
  for (const std::size_t group : frame.groups_up) {
    if (frame.method.aggregation.at(frame.nodes[group].level) == AggregateMethod::copeland)
      return fail(Errc::unsupported, "a Copeland score hangs on the other units: there is no what-if for it");
  }
  return {};
}

}  // namespace

Result<WhatIf> what_if(const Frame& frame, const Table& table, const IndexReport& report, std::size_t unit,
                       std::size_t ranks) {
  TRY(check(frame, report, unit, ranks));
  const Planner planner(frame, table, report, unit);
  const double rank_now = report.ranks[frame.root][unit];
  const double rank_wanted = std::max(1.0, std::floor(rank_now) - double(ranks));
  const double shown = frame.method.decimals ? std::pow(10, -*frame.method.decimals) : 0;
  const double margin = std::max(shown, kMargin * std::max(1.0, std::abs(report.scores.at(unit, frame.root))));
  const double wanted = score_at(frame, report, unit, rank_wanted) + margin;
  WhatIf out;
  double raised = 0;
  for (int attempt = 0; attempt <= kRaisesMax; ++attempt) {
    out = planner.plan(wanted + raised);
    const IndexReport after = TRY(planner.anew(out.moves));
    out.score_reached = planner.score_with(out.moves);
    out.rank_reached = after.ranks[frame.root][unit];
    out.confirmed = out.rank_reached <= rank_wanted;
    out.exact = out.exact && attempt == 0;
    if (out.confirmed || !out.reachable) break;
    raised += score_at(frame, after, unit, rank_wanted) - after.scores.at(unit, frame.root) + margin;
  }
  out.unit = unit, out.rank_now = rank_now, out.rank_wanted = rank_wanted;
  return out;
}

}  // namespace cityloop::index
