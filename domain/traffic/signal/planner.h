// The controller of the house: plans the stages of a junction over the next minute, second by second, again each
// second.
//
//   JunctionView ─▶ [ArrivalForecast] ─▶ [Planner] ─▶ Decision, and what it will let go ─▶ neighbours' views
//
// A plan is a path through (second, stage, vehicles served on each approach lane). Each approach lane is a queue in
// which vehicles arrive as forecast and leave at its saturation flow while its movements are green: later after a
// start, less where a permissive turn waits for gaps, not at all where the exit is full. The cost of a plan is the
// vehicle seconds of waiting, a price for each vehicle that must stop, and what the queues left at the end of the
// horizon will still cost. Plans are extended all together, one second at a time, and only the most promising are kept
// (beam search); the first step of the best one is the decision. Rolling-horizon planning over predicted arrivals goes
// back to Gartner's OPAC (1983) and Sen and Head's COP (1997); sharing planned outflows with neighbours to Xie, Smith,
// Lu and Barlow's SURTRAC (2012).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "domain/traffic/signal/arrivals.h"
#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

// One set for every junction: nothing here is to be fitted to a place.
struct PlannerSettings {
  ArrivalSettings arrivals{};
  int beam{32};               // plans kept at each second
  double headway_s{1.9};      // between vehicles that leave a queue
  double start_lost_s{1.0};   // until the first of a queue crosses the line
  double yellow_used_s{1.0};  // of the yellow that still lets vehicles go
  double permissive_headway_s{2.5};
  double gap_s{4};             // of free road that a permissive turn needs
  double blocked_turn_s{8};    // how long one that finds none holds up those behind it
  double stop_cost_s{2.5};     // vehicle seconds: braking and gaining speed again
  double joining_cost_s{1.0};  // as much for who joins a queue that moves
  double change_cost_s{1.0};   // of a change of stages, beside what it costs by itself
  double end_wait_s{12};       // expected red of who waits at the horizon's end before a red light
  double bus_weight{6};
  double emergency_weight{60};
  double exit_space_m{15};   // free road behind a standing vehicle that an exit needs
  double exit_blocked_s{6};  // how long one that has less is expected to stay full
  double clear_limit_s{8};   // of all red, for those who are still within the junction
  double clear_ahead_s{3};   // after the change to others' green: who is out by then is in nobody's way
};

class Planner final : public Controller {
 public:
  // The junction outlives this.
  explicit Planner(const Junction&, const PlannerSettings& = {});

  Decision decide(const JunctionView&) override;
  std::span<const Outflow> outflow() const override { return outflow_; }
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;

 private:
  // A movement of an approach in a stage in which it is green.
  struct Way {
    int movement;
    bool permissive;
    int exit;
    std::vector<int> before;  // approaches whose vehicles have way over it
  };
  struct Service {
    std::vector<Way> ways;
    bool green{false};
  };
  // Plans of one second; of each: served vehicles and seconds of green per approach.
  struct Layer {
    std::vector<float> served;
    std::vector<float> green_s;  // negative: red
    std::vector<float> cost, value;
    std::vector<std::int16_t> stage, before, parent;
    std::vector<float> clock_s;  // since the stage's green began, negative while changing
    int size{0};
  };

  void describe_services();
  void describe_clearing();
  void clear_first(const JunctionView&, Decision&) const;
  int inside_in_the_way(int stage, const JunctionView&, double within_s) const;
  void note_exits(const JunctionView&);
  void start(const JunctionView&);
  void extend(int second);
  void add(const Layer& from, int plan, int second, int stage);
  void serve(Layer& to, int plan, int second);
  float lane_rate(int stage, int approach, int second, const float* served, float green_s) const;
  float way_rate(const Way&, int second, const float* served) const;
  float end_value(const Layer&, int plan, int second) const;
  void thin(Layer&);
  int best_plan(int second) const;
  int first_stage(int second, int plan) const;
  Decision conclude(const JunctionView&);
  void tell_neighbours(const JunctionView&, int plan);
  int starved_stage(const JunctionView&) const;
  bool leads_nowhere(int stage, const JunctionView&) const;
  StageReason reason_of(const Decision&, const JunctionView&) const;

  const Junction& junction_;
  PlannerSettings settings_;
  ArrivalForecast forecast_;
  int approaches_;
  std::vector<std::vector<Service>> services_;  // stage, approach
  int clearing_{-1};                            // the stage without green, where there is one
  std::vector<std::vector<bool>> in_the_way_;   // stage, movement: meets its greens, and has none
  std::vector<float> exit_blocked_until_s_;     // per lane of the junction
  std::vector<Layer> layers_;
  Layer pool_;
  std::vector<int> order_;
  std::vector<Outflow> outflow_;
};

}  // namespace cityloop::traffic
