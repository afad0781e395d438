// Who decides the stages of one junction with lights, seen from outside: what it is told and what it answers.
//
//   simulation, live loop, a real controller's adapter ── JunctionView ─▶ [Controller] ── Decision ─▶ interlock ─▶
//   lights
//
// The same object runs in all three. It reads no clock, draws no randomness, holds no lock; what it answers follows
// from the junction, its settings and the views it was given, in their order. A decision is a wish: the interlock
// stands behind it and cannot be overridden from here. One object per junction, one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "domain/traffic/signal/junction.h"
#include "flow/finding.h"

namespace cityloop::traffic {

enum class VehicleKind : std::uint8_t { car, bus, emergency };

struct SeenVehicle {
  double to_end_m{};  // from its front to the end of the lane that it is on
  double speed_mps{};
  double waited_s{};      // standing still for so long, at this stop
  std::uint64_t track{};  // the same vehicle has the same number in later views; 0 where it cannot be followed
  VehicleKind kind{VehicleKind::car};
};

// What is known of one lane of the junction. Where a camera or radar follows vehicles they are listed; where there are
// only loops the list is empty and the counts say what there is.
struct LaneView {
  bool known{true};                   // false: nothing was heard of this lane for too long
  bool has_positions{false};          // vehicles tells of all vehicles on the lane
  std::vector<SeenVehicle> vehicles;  // from the end of the lane backwards
  double count{};                     // vehicles on the lane
  double queue{};                     // of these, standing
  double waited_s{};                  // of the first of the queue
  double arrived{};                   // entered the lane since the last view
};

// A vehicle within the junction: past its stop line and not yet on an exit.
struct InsideVehicle {
  int movement{-1};    // the way that it is on; -1 where its place does not tell
  double to_exit_m{};  // along it
  double speed_mps{};
  double waited_s{};  // standing still for so long, at this stop
};

// Vehicles that a neighbour means to let go towards this junction.
struct Promise {
  int lane{};     // upstream or approach lane of this junction, at whose begin they appear
  double at_s{};  // when, on the clock of the view
  double vehicles{};
};

struct JunctionView {
  double now_s{};               // seconds of any epoch, the same for all junctions
  int stage{};                  // shown, or on its way while clearing
  double green_s{};             // since its green began; negative while clearing: so long until it begins
  std::vector<LaneView> lanes;  // as Junction::lanes
  std::vector<double> red_s;    // per movement: since its green ended; 0 while green
  // All who are within the junction, where something sees them there (camera, radar); else nothing is known of them.
  std::optional<std::vector<InsideVehicle>> inside;
  std::vector<Promise> promises;  // in order of time
};

enum class StageReason : std::uint8_t {
  fixed_plan,        // the plan says so
  minimum_green,     // nothing may change yet
  serving_queue,     // who waits here is being let go
  arrivals_near,     // held for vehicles that arrive in a moment
  demand_elsewhere,  // others wait, and letting them go costs less
  starved,           // a movement was red for as long as is allowed
  exit_blocked,      // who is green has no room to leave
  clearing,          // vehicles are still within the junction, in the way of those who come next
  bus,               // a bus is near
  emergency,         // an emergency vehicle is near
  resting,           // nobody is near: green stays where it is
  no_data,           // lanes are silent: the plan is followed
};

struct Decision {
  int stage{};      // to be shown: the present one to stay
  double next_s{};  // the moment of the next decision, on the clock of the view; it may be asked for earlier
  StageReason reason{StageReason::resting};
  int lane{-1};               // which the reason is about
  int inside{};               // clearing: vehicles within the junction that are in the way
  double queue{};             // vehicles standing on the lanes that the stage lets go
  double expected_delay_s{};  // vehicle seconds over the horizon that this decision is expected to cost
  double other_delay_s{};     // and the best decision for another stage; 0 where none was weighed
};

struct Outflow {
  int exit_lane{};
  double at_s{};
  double vehicles{};
};

class Controller {
 public:
  virtual ~Controller() = default;
  // Called about once a second, at least at every next_s. view.lanes and view.red_s have the junction's sizes.
  virtual Decision decide(const JunctionView& view) = 0;
  // What the last decision means to send into the exit lanes, in order of time: the neighbours' promises.
  virtual std::span<const Outflow> outflow() const { return {}; }
  // What it keeps of the views it was given, so that it goes on the same after a restart. Whoever keeps nothing, or
  // finds it again within minutes, needs neither.
  virtual void save(base::ByteWriter&) const {}
  virtual base::Status load(base::ByteReader&) { return {}; }
};

std::string_view to_string(StageReason);  // "serving_queue"
// Why, in words for the people at the desk.
flow::Bilingual explain(const Junction&, const Decision&);

// By the junction's fixed plan alone.
std::unique_ptr<Controller> make_fixed_controller(const Junction&);

// Every 10 s the stage with most vehicles in reach (waiting and coming): the baseline "greedy".
std::unique_ptr<Controller> make_greedy_controller(const Junction&);

// Every 10 s the stage with most pressure: vehicles standing before its movements less those behind them (Varaiya, Max
// pressure control of a network of signalized intersections, 2013).
std::unique_ptr<Controller> make_max_pressure_controller(const Junction&);

// The planner of signal/planner.h with the settings of the house.
std::unique_ptr<Controller> make_planner(const Junction&);

// By name: fixed, greedy, max_pressure, planner. Null for another name.
std::unique_ptr<Controller> make_controller(std::string_view name, const Junction&);

}  // namespace cityloop::traffic
