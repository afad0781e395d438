#include "solve/solver.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

#include "base/rng.h"
#include "solve/lane.h"
#include "solve/model.h"

namespace cityloop::solve {
namespace {

constexpr std::uint64_t kEpoch = 4000;  // iterations of a lane between two partings of the plan
constexpr int kLaneTasksMin = 100;      // less than this is not worth a lane of its own
// Temperatures as shares of the mean cost of a task.
constexpr double kHot = 1;
constexpr double kCold = 0.01;
constexpr double kFitCold = 0.1;
// Shares of the budget.
constexpr double kFitMax = 0.25;
constexpr double kShrinkMax = 0.4;
constexpr double kShrinkIdle = 0.1;  // ends the saving of vehicles when none was saved for so long

class Search {
 public:
  Search(const Problem& problem, const Options& options)
      : problem_(problem),
        options_(options),
        begun_(options.time > base::Duration::zero() ? options.clock->now() : base::Instant{}),
        model_(problem),
        rng_(options.seed) {
    const int worth = std::max(1, int(model_.free.size()) / kLaneTasksMin);
    for (unsigned i = 0; i < std::clamp(options.lanes, 1u, unsigned(worth)); ++i)
      lanes_.emplace_back(model_, rng_.next());
  }

  Solved run();

 private:
  double done() const;
  bool halted() const;
  std::uint64_t budget() const;  // of one lane in the next epoch
  template <class Work>
  void in_all_lanes(Work);
  LaneShare everything(const Sequences&) const;
  std::vector<LaneShare> part();
  void split(std::vector<int> vehicles, std::size_t first, std::size_t count, std::vector<LaneShare>& out);
  void begin();
  void fit();
  void shrink();
  void anneal();
  void anneal_epoch(double temperature);
  void tell();
  Progress at() const;
  int least_vehicles() const;
  double task_cost() const;
  void take(Sequences& into, const Lane& lane);

  const Problem& problem_;
  const Options& options_;
  base::Instant begun_;  // before the model is made, which takes its time as well
  Model model_;
  base::Rng rng_;
  std::vector<Lane> lanes_;
  std::uint64_t iterations_{};
  Sequences current_, best_;
};

double Search::done() const {
  double share = 0;
  if (options_.iterations_max > 0) share = double(iterations_) / double(options_.iterations_max);
  if (options_.time > base::Duration::zero())
    share = std::max(share, double((options_.clock->now() - begun_).count()) / double(options_.time.count()));
  return std::min(share, 1.0);
}

// Asked by the lanes while they run: time and cancel only, so that counted iterations stay exact.
bool Search::halted() const {
  if (options_.stop.stop_requested()) return true;
  return options_.time > base::Duration::zero() && options_.clock->now() - begun_ >= options_.time;
}

std::uint64_t Search::budget() const {
  if (options_.iterations_max == 0) return kEpoch;
  const std::uint64_t left = options_.iterations_max - std::min(options_.iterations_max, iterations_);
  return std::min<std::uint64_t>(kEpoch, (left + lanes_.size() - 1) / lanes_.size());
}

template <class Work>
void Search::in_all_lanes(Work work) {
  std::uint64_t before = 0, after = 0;
  for (const Lane& lane : lanes_) before += lane.iterations();
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < lanes_.size(); ++i) others.emplace_back([&, i] { work(lanes_[i], i); });
    work(lanes_[0], 0);
  }
  for (const Lane& lane : lanes_) after += lane.iterations();
  iterations_ += std::max<std::uint64_t>(after - before, 1);  // an epoch without work must not go on for ever
}

LaneShare Search::everything(const Sequences& plan) const {
  LaneShare all;
  all.vehicles.resize(std::size_t(model_.vehicles));
  std::iota(all.vehicles.begin(), all.vehicles.end(), 0);
  all.absent = plan.absent;
  return all;
}

// The plan as one lane that holds all of it left it.
void Search::take(Sequences& into, const Lane& lane) {
  into.absent.clear();
  lane.store_best(into);
  into.cost = lane.best_cost();
}

void Search::begin() {
  current_.of.resize(std::size_t(model_.vehicles));
  std::vector<bool> wanted(std::size_t(model_.tasks), false);
  for (const Node task : model_.free) wanted[std::size_t(task)] = true;
  for (std::size_t v = 0; v < problem_.routes.size(); ++v) {
    for (const TaskIndex task : problem_.routes[v]) {
      if (wanted[task]) current_.of[v].push_back(Node(task));
      wanted[task] = false;
    }
  }
  for (const Node task : model_.free)
    if (wanted[std::size_t(task)]) current_.absent.push_back(task);
  lanes_[0].load(current_, everything(current_));
  lanes_[0].construct();
  take(current_, lanes_[0]);
  best_ = current_;
}

double Search::task_cost() const {
  Cost undone = 0;
  for (const Node task : best_.absent) undone += model_.undone[std::size_t(task)];
  const auto done = double(model_.free.size()) - double(best_.absent.size());
  return done > 0 ? std::max(1.0, double(best_.cost - undone) / done) : 1;
}

// All lanes work on the whole plan, each by its own luck, until one has room for everything.
void Search::fit() {
  const double begun = done();
  const double temperature = kFitCold * task_cost();
  const LaneShare all = everything(best_);
  for (Lane& lane : lanes_) lane.load(best_, all);
  while (!best_.absent.empty() && !halted() && done() - begun < kFitMax) {
    const std::uint64_t iterations = budget();
    in_all_lanes([&](Lane& lane, std::size_t) { lane.fit(iterations, temperature, true, [&] { return halted(); }); });
    for (const Lane& lane : lanes_)
      if (lane.best_cost() < best_.cost) take(best_, lane);
    tell();
  }
  current_ = best_;
}

int Search::least_vehicles() const {
  std::int64_t load = 0;
  for (const Node task : model_.free) load += model_.load[std::size_t(task)];
  std::vector<std::int64_t> room(model_.capacity);
  std::sort(room.rbegin(), room.rend());
  int least = 0;
  for (std::size_t i = 0; i < room.size() && load > 0; ++i, ++least) load -= std::min(load, room[i]);
  return std::max(least, 1);
}

// All lanes work on the whole plan; whoever has given up a vehicle first shows it to the others.
void Search::shrink() {
  const double begun = done();
  const double temperature = kFitCold * task_cost();
  const int least = least_vehicles();
  const auto used = [&](const Sequences& plan) {
    return int(std::count_if(plan.of.begin(), plan.of.end(), [](const auto& tour) { return !tour.empty(); }));
  };
  double saved_at = begun;
  int fewest = used(best_);
  for (Lane& lane : lanes_) lane.load(best_, everything(best_));
  while (fewest > least && !halted() && done() - begun < kShrinkMax && done() - saved_at < kShrinkIdle) {
    const std::uint64_t iterations = budget();
    in_all_lanes(
        [&](Lane& lane, std::size_t) { lane.shrink(iterations, temperature, least, [&] { return halted(); }); });
    const auto best = std::min_element(lanes_.begin(), lanes_.end(),
                                       [](const Lane& a, const Lane& b) { return a.best_used() < b.best_used(); });
    if (best->best_used() < fewest) {
      fewest = best->best_used();
      saved_at = done();
      take(best_, *best);
      for (Lane& lane : lanes_)
        if (lane.best_used() > fewest) lane.load(best_, everything(best_));
    }
    tell();
  }
  current_ = best_;
}

// Parts the vehicles for `count` lanes: those whose tasks lie nearer to a random task, and the others, and again.
void Search::split(std::vector<int> vehicles, std::size_t first, std::size_t count, std::vector<LaneShare>& out) {
  if (count == 1) {
    out[first].vehicles = std::move(vehicles);
    return;
  }
  const Node from = model_.free[rng_.below(model_.free.size())];
  const Ticks* way = model_.cost_from(from);
  std::vector<std::pair<double, int>> busy;
  std::vector<int> idle, parts[2];
  std::size_t tasks = 0;
  for (const int vehicle : vehicles) {
    const auto& tour = current_.of[std::size_t(vehicle)];
    double sum = 0;
    for (const Node task : tour) sum += way[std::size_t(task)];
    tasks += tour.size();
    if (tour.empty()) {
      idle.push_back(vehicle);
    } else {
      busy.emplace_back(sum / double(tour.size()), vehicle);
    }
  }
  std::sort(busy.begin(), busy.end());
  const std::size_t near = count / 2;
  const double wanted = double(tasks) * double(near) / double(count);
  double given = 0;
  for (const auto& [distance, vehicle] : busy) {
    parts[given < wanted ? 0 : 1].push_back(vehicle);
    given += double(current_.of[std::size_t(vehicle)].size());
  }
  std::size_t turn = rng_.below(2);
  for (const int vehicle : idle) parts[turn++ % 2].push_back(vehicle);
  split(std::move(parts[0]), first, near, out);
  split(std::move(parts[1]), first + near, count - near, out);
}

std::vector<LaneShare> Search::part() {
  std::vector<LaneShare> shares(lanes_.size());
  split(everything(current_).vehicles, 0, shares.size(), shares);
  std::size_t turn = rng_.below(shares.size());
  for (const Node task : current_.absent) shares[turn++ % shares.size()].absent.push_back(task);
  for (LaneShare& share : shares) std::sort(share.vehicles.begin(), share.vehicles.end());
  return shares;
}

void Search::anneal_epoch(double temperature) {
  std::vector<LaneShare> shares = part();
  const bool may_open = options_.aim == Aim::distance;
  const std::uint64_t iterations = budget();
  in_all_lanes([&](Lane& lane, std::size_t i) {
    lane.load(current_, std::move(shares[i]));
    lane.anneal(iterations, temperature, may_open, [&] { return halted(); });
  });
  // The lanes share nothing, so the best of each together are a plan as well.
  Cost now = 0, best = 0;
  for (const Lane& lane : lanes_) {
    now += lane.current_cost();
    best += lane.best_cost();
  }
  current_.absent.clear();
  if (best < best_.cost) {
    best_.absent.clear();
    for (const Lane& lane : lanes_) lane.store_best(best_);
    best_.cost = best;
  }
  for (const Lane& lane : lanes_) lane.store_current(current_);
  current_.cost = now;
}

void Search::anneal() {
  const double unit = task_cost();
  const double begun = done();
  while (!halted() && done() < 1) {
    const double share = (done() - begun) / (1 - begun);
    anneal_epoch(unit * kHot * std::pow(kCold / kHot, share));
    tell();
  }
}

void Search::tell() {
  if (!options_.on_progress) return;
  options_.on_progress(at());
}

Progress Search::at() const {
  Progress progress;
  if (options_.time > base::Duration::zero()) progress.elapsed = options_.clock->now() - begun_;
  progress.iterations = iterations_;
  progress.done = done();
  for (std::size_t v = 0; v < best_.of.size(); ++v)
    progress.vehicles += !best_.of[v].empty() || !problem_.vehicles[v].frozen.empty();
  progress.undone = best_.absent.size();
  Cost cost = best_.cost;
  for (const Node task : best_.absent) cost -= model_.undone[std::size_t(task)];
  progress.cost_m = model_.metres(cost);
  return progress;
}

Solved Search::run() {
  if (!model_.free.empty()) {
    begin();
    if (!best_.absent.empty()) fit();
    if (options_.aim == Aim::vehicles && best_.absent.empty()) shrink();
    anneal();
  }
  std::vector<std::vector<TaskIndex>> routes(problem_.vehicles.size());
  for (std::size_t v = 0; v < best_.of.size(); ++v) routes[v].assign(best_.of[v].begin(), best_.of[v].end());
  return {schedule(problem_, routes), at(), options_.stop.stop_requested()};
}

}  // namespace

base::Result<Solved> solve(const Problem& problem, const Options& options) {
  TRY(validate(problem));
  if (options.time < base::Duration::zero()) return base::fail(base::Errc::invalid, "the time to plan is negative");
  if (options.time == base::Duration::zero() && options.iterations_max == 0)
    return base::fail(base::Errc::invalid,
                      "neither a time nor a number of iterations says when the plan is to be ready");
  if (options.time > base::Duration::zero() && options.clock == nullptr)
    return base::fail(base::Errc::invalid, "a time to plan needs a clock to be measured by");
  return Search(problem, options).run();
}

}  // namespace cityloop::solve
