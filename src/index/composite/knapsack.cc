#include "index/composite/knapsack.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace cityloop::index {
namespace {

constexpr double kRounding = 1e-12;

class Search {
 public:
  Search(const std::vector<KnapsackItem>& items, double wanted, std::size_t branches_max)
      : items_(items), wanted_(wanted), branches_left_(branches_max), x_(items.size(), 0), order_(items.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return items_[a].gain * items_[b].cost > items_[b].gain * items_[a].cost;
    });
    for (const std::size_t i : order_) (items_[i].step > 0 ? stepped_ : smooth_).push_back(i);
  }

  KnapsackPlan run() {
    KnapsackPlan out;
    for (const KnapsackItem& item : items_)
      out.gain += item.gain * most_of(item), out.cost += item.cost * most_of(item);
    if (out.gain < wanted_ * (1 - kRounding)) {
      for (const KnapsackItem& item : items_) out.x.push_back(most_of(item));
      return out;
    }
    best_cost_ = std::numeric_limits<double>::infinity();
    branch(0, wanted_, 0);
    out = {best_, best_cost_, 0, true, branches_left_ > 0};
    for (std::size_t i = 0; i < items_.size(); ++i) out.gain += items_[i].gain * out.x[i];
    return out;
  }

 private:
  static double most_of(const KnapsackItem& item) {
    return item.step > 0 ? std::floor(item.most / item.step * (1 + kRounding)) * item.step : item.most;
  }

  // The least that `wanted` can cost when every item from `depth` on, and the smooth ones, may be taken in any amount.
  double bound(std::size_t depth, double wanted) const {
    double cost = 0;
    std::vector<bool> fixed(items_.size(), false);
    for (std::size_t d = 0; d < depth; ++d) fixed[stepped_[d]] = true;
    for (const std::size_t i : order_) {
      if (wanted <= 0) return cost;
      if (fixed[i]) continue;
      const double take = std::min(most_of(items_[i]), wanted / items_[i].gain);
      cost += take * items_[i].cost, wanted -= take * items_[i].gain;
    }
    return wanted > kRounding * wanted_ ? std::numeric_limits<double>::infinity() : cost;
  }

  void finish(double wanted, double cost) {
    for (const std::size_t i : smooth_) {
      x_[i] = wanted > 0 ? std::min(items_[i].most, wanted / items_[i].gain) : 0;
      cost += x_[i] * items_[i].cost, wanted -= x_[i] * items_[i].gain;
    }
    if (wanted <= kRounding * wanted_ && cost < best_cost_) best_cost_ = cost, best_ = x_;
  }

  void branch(std::size_t depth, double wanted, double cost) {
    if (depth == stepped_.size()) return finish(wanted, cost);
    const std::size_t i = stepped_[depth];
    const KnapsackItem& item = items_[i];
    const double needed = wanted > 0 ? std::ceil(wanted / (item.gain * item.step) * (1 - kRounding)) : 0;
    const auto whole = std::int64_t(std::min({std::round(most_of(item) / item.step), needed, 1e15}));
    for (std::int64_t n = whole; n >= 0; --n) {
      const double amount = double(n) * item.step;
      if (branches_left_ <= 1 && !best_.empty()) return void(branches_left_ = 0);
      if (branches_left_ > 0) --branches_left_;
      const double here = cost + amount * item.cost, left = wanted - amount * item.gain;
      const double rest = bound(depth + 1, left);
      if (std::isinf(rest)) break;  // fewer of it will do still less
      if (here + rest >= best_cost_ * (1 - kRounding)) continue;
      x_[i] = amount;
      branch(depth + 1, left, here);
    }
    x_[i] = 0;
  }

  const std::vector<KnapsackItem>& items_;
  double wanted_;
  std::size_t branches_left_;
  std::vector<double> x_, best_;
  double best_cost_{};
  std::vector<std::size_t> order_, stepped_, smooth_;
};

}  // namespace

KnapsackPlan least_cost(const std::vector<KnapsackItem>& items, double wanted, std::size_t branches_max) {
  if (wanted <= 0) return {std::vector<double>(items.size(), 0), 0, 0, true, true};
  return Search(items, wanted, branches_max).run();
}

}  // namespace cityloop::index
