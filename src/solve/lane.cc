#include "solve/lane.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cityloop::solve {
namespace {

constexpr double kTaken = 10;           // tasks taken out at a time, on average
constexpr double kString = 10;          // the longest string taken out of one tour
constexpr double kSplit = 0.5;          // how often a string leaves a piece in its middle
constexpr double kLongerPiece = 0.01;   // chance for one more task in that piece
constexpr double kBlink = 0.01;         // spots overlooked
constexpr std::size_t kAbsentMax = 12;  // absent tasks tried again at a time
constexpr std::uint64_t kAsk = 32;      // iterations between looks at the clock

}  // namespace

Lane::Lane(const Model& model, std::uint64_t seed) : model_(model), tours_(model), rng_(seed) {
  absences_.assign(model.weight.begin(), model.weight.end());
  best_.resize(std::size_t(model.vehicles));
  (void)blinks();
}

void Lane::load(const Sequences& plan, LaneShare share) {
  share_ = std::move(share);
  tours_.load(plan, share_.vehicles, share_.absent);
  mine_ = share_.absent;
  for (const int vehicle : share_.vehicles) {
    const auto& tasks = plan.of[std::size_t(vehicle)];
    mine_.insert(mine_.end(), tasks.begin(), tasks.end());
    tours_.store(vehicle, best_[std::size_t(vehicle)]);
  }
  best_absent_ = tours_.absent();
  best_cost_ = tours_.cost();
  best_used_ = tours_.used();
}

void Lane::keep_best() {
  for (const int vehicle : tours_.changed()) tours_.store(vehicle, best_[std::size_t(vehicle)]);
  tours_.forget_changes();
  best_absent_ = tours_.absent();
  best_cost_ = tours_.cost();
  best_used_ = tours_.used();
}

void Lane::store_current(Sequences& out) const {
  for (const int vehicle : share_.vehicles) tours_.store(vehicle, out.of[std::size_t(vehicle)]);
  out.absent.insert(out.absent.end(), tours_.absent().begin(), tours_.absent().end());
}

void Lane::store_best(Sequences& out) const {
  for (const int vehicle : share_.vehicles) out.of[std::size_t(vehicle)] = best_[std::size_t(vehicle)];
  out.absent.insert(out.absent.end(), best_absent_.begin(), best_absent_.end());
}

bool Lane::blinks() {
  if (until_blink_-- > 0) return false;
  until_blink_ = std::uint32_t(std::log(1 - rng_.uniform()) / std::log(1 - kBlink));
  return true;
}

void Lane::ruin_tour(Node around, double longest) {
  const int tour = tours_.tour_of(around);
  const int size = tours_.size_of(tour);
  const int count = 1 + int(below(std::uint32_t(std::min<double>(size, longest))));
  int piece = 0;  // tasks that stay in the middle
  if (count > 1 && count < size && rng_.uniform() < kSplit) {
    piece = 1;
    while (count + piece < size && rng_.uniform() < kLongerPiece) ++piece;
  }
  const int span = count + piece;
  int before = 0, after = 0;
  for (Node n = tours_.previous(around); before < span - 1 && model_.is_task(n); n = tours_.previous(n)) ++before;
  for (Node n = tours_.next(around); after < span - 1 && model_.is_task(n); n = tours_.next(n)) ++after;
  const int least = std::max(0, span - 1 - after);
  const int back = least + int(below(std::uint32_t(before - least + 1)));
  Node first = around;
  for (int i = 0; i < back; ++i) first = tours_.previous(first);
  if (piece == 0) {
    tours_.take(first, count, pool_);
    return;
  }
  const int head = 1 + int(below(std::uint32_t(count - 1)));
  Node rest = first;
  for (int i = 0; i < head + piece; ++i) rest = tours_.next(rest);
  tours_.take(first, head, pool_);
  tours_.take(rest, count - head, pool_);
}

void Lane::ruin() {
  if (tours_.placed() == 0) return;
  const double longest = std::min(kString, std::max(1.0, double(tours_.placed()) / tours_.used()));
  const double most = 4 * kTaken / (1 + longest) - 1;
  int strings = int(1 + rng_.uniform() * most);
  const Node seed = mine_[below(std::uint32_t(mine_.size()))];
  ruined_.clear();
  const auto try_at = [&](Node task) {
    const int tour = tours_.tour_of(task);
    if (tour < 0 || std::find(ruined_.begin(), ruined_.end(), tour) != ruined_.end()) return;
    ruin_tour(task, longest);
    ruined_.push_back(tour);
    --strings;
  };
  try_at(seed);
  for (const Node task : model_.around(seed)) {
    if (strings <= 0 || task < 0) break;
    try_at(task);
  }
}

void Lane::sort_pool() {
  static constexpr std::pair<int, int> kShares[] = {{0, 4}, {1, 8}, {2, 10}, {3, 11}, {4, 13}, {5, 15}, {6, 17}};
  const int drawn = int(below(17));
  int by = 0;
  for (const auto& [which, upto] : kShares) {
    by = which;
    if (drawn < upto) break;
  }
  order_.clear();
  for (const Node task : pool_) {
    const auto c = std::size_t(task);
    double key = 0;
    switch (by) {
      case 0: key = rng_.uniform(); break;
      case 1: key = -double(model_.load[c]); break;
      case 2: key = -double(model_.remote[c]); break;
      case 3: key = model_.remote[c]; break;
      case 4: key = double(model_.close[c]) - model_.open[c]; break;
      case 5: key = model_.open[c]; break;
      default: key = -double(model_.close[c]); break;
    }
    order_.emplace_back(key, task);
  }
  std::sort(order_.begin(), order_.end());
  for (std::size_t i = 0; i < pool_.size(); ++i) pool_[i] = order_[i].second;
}

Spot Lane::find_spot(Node task, bool may_open) {
  Tours::Probe probe(tours_, task);
  for (const Node node : model_.near_before(task)) {
    if (node < 0) break;
    if (tours_.tour_of(node) >= 0 && !blinks()) probe.consider(node);
  }
  for (const Node node : model_.near_after(task)) {
    if (node < 0) break;
    if (tours_.tour_of(node) >= 0 && !blinks()) probe.consider(tours_.previous(node));
  }
  if (!may_open) return probe.best();
  for (const int kind : model_.kinds_near(task)) {
    if (kind < 0) break;
    const int vehicle = tours_.idle_of(kind);
    if (vehicle >= 0) probe.consider(model_.start_of(vehicle));
  }
  return probe.best();
}

Spot Lane::find_spot_anywhere(Node task, bool may_open) {
  Tours::Probe probe(tours_, task);
  for (const int vehicle : tours_.vehicles()) {
    if ((tours_.size_of(vehicle) == 0 && !may_open) || !probe.joins(vehicle)) continue;
    for (Node node = model_.start_of(vehicle); node != model_.end_of(vehicle); node = tours_.next(node))
      probe.consider(node);
  }
  return probe.best();
}

void Lane::recreate(bool may_open) {
  sort_pool();
  for (const Node task : pool_) {
    Spot spot = find_spot(task, may_open);
    if (!spot.found()) spot = find_spot_anywhere(task, may_open);
    if (spot.found()) {
      tours_.put(task, spot);
    } else {
      left_.push_back(task);
    }
  }
  tours_.leave(left_);
}

void Lane::construct() {
  tours_.begin();
  pool_ = tours_.absent();
  left_.clear();
  recreate(true);
  keep_best();
}

void Lane::step(bool may_open) {
  ++iterations_;
  tours_.begin();
  pool_.clear();
  left_.clear();
  ruin();
  const auto& absent = tours_.absent();
  if (absent.size() <= kAbsentMax) {
    pool_.insert(pool_.end(), absent.begin(), absent.end());
  } else {
    const std::size_t first = below(std::uint32_t(absent.size()));
    for (std::size_t i = 0; i < absent.size(); ++i)
      (i < kAbsentMax ? pool_ : left_).push_back(absent[(first + i) % absent.size()]);
  }
  recreate(may_open);
}

bool Lane::colder(Cost now, Cost before, double temperature) {
  return double(now - before) < -temperature * std::log(1 - rng_.uniform());
}

void Lane::anneal(std::uint64_t iterations, double temperature, bool may_open, const Halt& halt) {
  if (mine_.empty()) return;
  for (std::uint64_t i = 0; i < iterations; ++i) {
    if (i % kAsk == 0 && halt()) return;
    const Cost before = tours_.cost();
    step(may_open);
    if (!colder(tours_.cost(), before, temperature)) {
      tours_.undo();
    } else if (tours_.cost() < best_cost_) {
      keep_best();
    }
  }
}

double Lane::absences(const std::vector<Node>& tasks) const {
  double sum = 0;
  for (const Node task : tasks) sum += absences_[std::size_t(task)];
  return sum;
}

bool Lane::fit_step(double temperature, bool may_open) {
  const Cost before = tours_.cost();
  const double before_absences = absences(tours_.absent());
  step(may_open);
  const double now_absences = absences(tours_.absent());
  for (const Node task : tours_.absent()) absences_[std::size_t(task)] += model_.weight[std::size_t(task)];
  if (now_absences < before_absences) return true;
  if (now_absences == before_absences && colder(tours_.cost(), before, temperature)) return true;
  tours_.undo();
  return false;
}

void Lane::fit(std::uint64_t iterations, double temperature, bool may_open, const Halt& halt) {
  for (std::uint64_t i = 0; i < iterations && !tours_.absent().empty(); ++i) {
    if (i % kAsk == 0 && halt()) return;
    if (fit_step(temperature, may_open) && tours_.cost() < best_cost_) keep_best();
  }
}

void Lane::shrink(std::uint64_t iterations, double temperature, int least, const Halt& halt) {
  for (std::uint64_t i = 0; i < iterations; ++i) {
    if (tours_.absent().empty()) {
      keep_best();
      if (best_used_ <= least) return;
      dissolve_one();
    }
    if (i % kAsk == 0 && halt()) return;
    fit_step(temperature, false);
  }
  if (tours_.absent().empty()) keep_best();
}

void Lane::dissolve_one() {
  int chosen = -1;
  double least = 0;
  std::vector<Node> tasks;
  for (const int vehicle : tours_.vehicles()) {
    if (tours_.size_of(vehicle) == 0) continue;
    tours_.store(vehicle, tasks);
    const double sum = absences(tasks);
    if (chosen < 0 || sum < least) {
      chosen = vehicle;
      least = sum;
    }
  }
  if (chosen < 0) return;
  tours_.begin();
  left_ = tours_.absent();
  tours_.take(tours_.next(model_.start_of(chosen)), tours_.size_of(chosen), left_);
  tours_.leave(left_);
}

}  // namespace cityloop::solve
