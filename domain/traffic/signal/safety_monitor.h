// What keeps one junction safe whoever decides: minimum green, clearance, no conflicting greens, maximum red.
//
//   controller, plan, person ─ request(stage) ─▶ [SafetyMonitor] ─▶ lights        Answer: granted, or until when not
//
// It knows the junction and what it has granted, never what a controller believes. From one stage to the next there is
// only one way: what loses its green shows yellow, then everything that changes is red, then the next green begins; a
// change that has begun is always finished. A stage is held for the longest minimum of those who are green in it.
//
// A stage that lets nobody go is held for no longer than its max_green_s; then the round goes on. No minimum but its
// own holds for it.
//
// Maximum red is kept by a promise to itself: at every moment there is a round through few stages, each held for its
// minimum only, that reaches everybody in time. What would break the promise is refused; when waiting any longer would,
// the round begins by itself (Options::forces). If the junction's max_red_s is shorter than such a round may take,
// max_red_s() here is that round's length, and says so.
//
// Times are seconds of any epoch and do not go back: an earlier one counts as the last one told. The junction outlives
// the monitor. No clock, no lock; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

enum class Bar : std::uint8_t {
  none,
  no_such_stage,
  clearing,       // a change is under way and will be finished
  minimum_green,  // who is green has not had the least time yet
  maximum_red,    // somebody else would be red for too long
  cleared,        // nobody has green, and that has lasted for as long as it may
};
std::string_view to_string(Bar);

struct Answer {
  Bar bar{Bar::none};
  double not_before_s{};  // clearing, minimum_green: when to ask again
  int movement{-1};       // maximum_red: who would wait too long,
  int stage{-1};          // and, as after all red, the stage to be shown next
  bool granted() const { return bar == Bar::none; }
};
std::string reason(const Junction&, const Answer&, double now_s);  // for a person; empty when granted

class SafetyMonitor {
 public:
  struct Options {
    bool forces{true};  // begins a change by itself when maximum red demands it
    // What was granted reaches the lights somewhere between now and now + latency_s; whatever makes it later or longer
    // counts for the limit it could break.
    double latency_s{0};
  };
  // Requires check(junction). At the beginning nothing is known of the lights: all red for a whole clearance, then
  // `stage`.
  SafetyMonitor(const Junction&, double now_s, int stage, Options options);
  SafetyMonitor(const Junction& junction, double now_s, int stage = 0)
      : SafetyMonitor(junction, now_s, stage, Options{}) {}

  // Whether the stage may be gone to at this moment; asking changes nothing. The present stage is always granted, but
  // for one that lets nobody go and is over.
  Answer ask(int stage, double now_s) const;
  // The same, and begins the change when granted.
  Answer request(int stage, double now_s);
  // Lets time pass: begins what maximum red demands, as often as it does.
  void advance(double now_s);

  // Somebody else is known to show this stage, lit since then or earlier: held anew from there.
  void adopt(int stage, double lit_s);
  // The change under way was over at this moment; ignored where that cannot be.
  void confirm(double lit_s);
  // Whether anybody waits before a movement. While nobody does, its red has no limit. At first somebody waits
  // everywhere.
  void set_waiting(int movement, bool somebody, double now_s);

  // The latest moment at which the present stage must be left for `stage`; never, where it may stay.
  struct Due {
    double at_s;
    int stage;
  };
  Due due() const;

  int stage() const { return to_; }            // shown, or on its way
  int from_stage() const { return from_; }     // -1: not known
  double begin_s() const { return begin_s_; }  // when the last change began, at the latest
  bool clearing(double now_s) const { return now_s < green_at_s_; }
  double green_at_s() const { return green_at_s_; }  // when the present stage's green began or will begin
  Aspect light(int movement, double now_s) const;
  std::string state(double now_s) const;  // a letter a link
  double red_s(int movement, double now_s) const;
  void fill(JunctionView&, double now_s) const;  // stage, green_s, red_s

  double hold_s(int stage) const { return hold_s_[std::size_t(stage)]; }
  double max_red_s() const { return max_red_s_; }
  double round_s() const { return round_s_; }  // the longest that the round takes to reach anybody
  std::uint64_t forced() const { return forced_; }

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Red {
    double since_s{};          // green ended
    double waiting_since_s{};  // somebody waits; kNobody: nobody does
  };
  void choose_round();
  void measure_round();
  bool green_in(int stage, int movement) const {
    return is_green(junction_->stages[std::size_t(stage)].aspects[std::size_t(movement)]);
  }
  double deadline_s(int movement) const;
  double cleared_s() const;
  // The latest moment to leave `stage` for the round such that everybody red is reached in time, were those green in
  // `also` served before.
  Due latest(int stage, int also) const;
  void begin(int stage, double now_s);

  const Junction* junction_;
  Options options_;
  int from_{}, to_{};
  double begin_s_{}, green_at_s_{};
  double last_s_{};
  std::vector<Red> red_;  // of those not green in to_; of others as it was
  std::uint64_t forced_{0};
  // Of the junction:
  std::vector<double> hold_s_;                // per stage
  std::vector<int> round_;                    // stages
  std::vector<std::vector<double>> reach_s_;  // [place in round to begin at][movement]: from its green to theirs
  double round_s_{}, max_red_s_{};
};

}  // namespace cityloop::traffic
