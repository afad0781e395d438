// One lane of the search: ruin, recreate, keep or take back, many thousand times a second.
//
//   Sequences, a share of the vehicles ─▶ [Lane] ─ run() ─▶ where it stands, and the best it has seen
//
// Owned by one thread while it runs. The same seed, share and number of iterations give the same result.
#pragma once

#include <functional>
#include <vector>

#include "base/rng.h"
#include "solve/tours.h"

namespace cityloop::solve {

// Why a lane should stop before its iterations are done; asked every few of them, from the lane's thread.
using Halt = std::function<bool()>;

struct LaneShare {
  std::vector<int> vehicles;
  std::vector<Node> absent;
};

class Lane {
 public:
  Lane(const Model&, std::uint64_t seed);

  void load(const Sequences&, LaneShare);
  // Puts in what is absent, greedily.
  void construct();

  // Simulated annealing at one temperature (in cost ticks). may_open: whether vehicles without stops may be used.
  void anneal(std::uint64_t iterations, double temperature, bool may_open, const Halt&);
  // Fits absent tasks in, whatever the way costs; ends when none is absent.
  void fit(std::uint64_t iterations, double temperature, bool may_open, const Halt&);
  // Gives up vehicle after vehicle, from the one whose tasks were least often left over, down to `least` vehicles; the
  // best it has seen is the last plan in which everything was done again. Needs a plan with nothing absent.
  void shrink(std::uint64_t iterations, double temperature, int least, const Halt&);

  // Writes this lane's share into a plan; its other vehicles are left as they are there. Absent tasks are added.
  void store_current(Sequences&) const;
  void store_best(Sequences&) const;
  Cost current_cost() const { return tours_.cost(); }
  Cost best_cost() const { return best_cost_; }
  std::size_t absent() const { return tours_.absent().size(); }
  int best_used() const { return best_used_; }
  std::uint64_t iterations() const { return iterations_; }

 private:
  std::uint32_t below(std::uint32_t n) { return std::uint32_t((rng_.next() >> 32) * n >> 32); }
  void step(bool may_open);
  void ruin();
  void ruin_tour(Node around, double longest);
  void recreate(bool may_open);
  void sort_pool();
  Spot find_spot(Node task, bool may_open);
  Spot find_spot_anywhere(Node task, bool may_open);
  bool blinks();
  bool colder(Cost now, Cost before, double temperature);
  void keep_best();
  bool fit_step(double temperature, bool may_open);  // whether the step was kept
  void dissolve_one();
  double absences(const std::vector<Node>&) const;

  const Model& model_;
  Tours tours_;
  base::Rng rng_;
  LaneShare share_;
  std::vector<Node> mine_;   // all tasks of this share
  std::vector<Node> pool_;   // taken out, to be put in
  std::vector<Node> left_;   // could not be put in
  std::vector<int> ruined_;  // tours that have lost a string in this step
  std::vector<std::pair<double, Node>> order_;
  std::uint32_t until_blink_{};
  std::vector<double> absences_;  // by task: how often it was left over, times its weight

  std::vector<std::vector<Node>> best_;  // by vehicle
  std::vector<Node> best_absent_;
  Cost best_cost_{};
  int best_used_{};
  std::uint64_t iterations_{};
};

}  // namespace cityloop::solve
