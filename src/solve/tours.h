// The tours of one lane while they are being changed: where each task stands, when it can be begun and when it must be,
// and how to take back all that one step of the search did.
//
//   Sequences ─▶ [Tours] ◀─ Lane: take out, put in, keep or take back ─▶ Sequences
//
// A doubly linked list over nodes with the earliest departure and the latest arrival at each, so that an insertion is
// judged from its two neighbours alone. Owned by one thread. Vehicles and tasks of other lanes are not here: their tour
// is kElsewhere. Every state between begin() and the next begin() keeps all constraints.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "solve/model.h"

namespace cityloop::solve {

// A plan between lanes: the tasks of each vehicle in order, and those of nobody.
struct Sequences {
  std::vector<std::vector<Node>> of;  // by vehicle
  std::vector<Node> absent;
  Cost cost{};
};

struct Spot {
  static constexpr Cost kNone = std::numeric_limits<Cost>::max();
  Node after{-1};
  Cost extra{kNone};
  bool found() const { return after >= 0; }
};

class Tours {
 public:
  class Probe;
  static constexpr int kElsewhere = -2;  // another lane's
  static constexpr int kAbsent = -1;     // in no tour

  explicit Tours(const Model&);

  // Takes over these vehicles and absent tasks of a plan, and nothing else of it. Tasks that do not fit where the plan
  // has them (in a plan from outside) become absent.
  void load(const Sequences&, const std::vector<int>& vehicles, const std::vector<Node>& absent);
  void store(int vehicle, std::vector<Node>& out) const;

  int tour_of(Node task) const { return tour_[at(task)]; }
  int size_of(int vehicle) const { return size_[at(vehicle)]; }
  Node next(Node node) const { return next_[at(node)]; }
  Node previous(Node node) const { return previous_[at(node)]; }
  const std::vector<int>& vehicles() const { return here_; }
  const std::vector<Node>& absent() const { return absent_; }
  Cost cost() const { return cost_; }
  int placed() const { return placed_; }
  int used() const { return used_; }
  // Vehicles changed since the last call.
  std::vector<int>& changed() { return changed_; }
  void forget_changes();

  void begin();  // what follows can be taken back
  void undo();
  // Takes out `count` tasks in a row and adds them to `out`. They are absent, but not yet counted as undone.
  void take(Node first, int count, std::vector<Node>& out);
  void put(Node task, const Spot&);
  // The absent tasks from now on.
  void leave(std::vector<Node>& absent);

  // A vehicle of this kind that has no stops, or -1.
  int idle_of(int kind);

 private:
  static std::size_t at(int i) { return std::size_t(i); }
  void link(Node a, Node b, int tour);
  void forward(Node from);   // earliest departures after a node, as far as they change
  void backward(Node from);  // latest arrivals before a node, likewise
  void touch(int tour);
  void clear(int vehicle);
  void fill(int vehicle, const std::vector<Node>& tasks, std::vector<Node>& out);
  void note_idle(int vehicle);
  void restore(std::size_t saved_at);

  const Model& model_;
  std::vector<Node> next_, previous_;
  std::vector<int> tour_;
  std::vector<Ticks> departs_, latest_;  // earliest departure; latest arrival
  std::vector<Ticks> time_next_, cost_next_;

  // by vehicle
  std::vector<int> size_;
  std::vector<std::int64_t> room_;
  std::vector<std::uint64_t> touched_;
  std::vector<bool> is_changed_, is_noted_idle_;
  std::vector<std::vector<int>> idle_;  // by kind; some may have become busy

  std::vector<int> here_, changed_;
  std::vector<Node> absent_;
  Cost cost_{};
  int placed_{}, used_{};

  struct Saved {
    int tour;
    int size;
    std::int64_t room;
    std::size_t first;
  };
  struct SavedNode {
    Node node;
    Ticks departs, latest, time_next, cost_next;
  };
  std::uint64_t step_{};
  std::vector<Saved> saved_;
  std::vector<SavedNode> saved_nodes_;
  std::vector<Node> saved_absent_;
  Cost saved_cost_{};
  int saved_placed_{}, saved_used_{};
};

// Looks for the best spot of one task; the tours must not change meanwhile. This is where nearly all time goes: what is
// the same for all spots is fetched once, and what rules out most spots at least cost is asked first.
class Tours::Probe {
 public:
  Probe(const Tours& tours, Node task)
      : tours_(tours),
        model_(tours.model_),
        task_(task),
        time_to_(model_.time_to(task)),
        time_from_(model_.time_from(task)),
        cost_to_(model_.cost_to(task)),
        cost_from_(model_.cost_from(task)),
        open_(model_.open[at(task)]),
        close_(model_.close[at(task)]),
        service_(model_.service[at(task)]),
        holder_(model_.holder[at(task)]),
        load_(model_.load[at(task)]) {}

  // Whether the vehicle has the room and the skills; where it has not, none of its spots need be considered.
  bool joins(int vehicle) const { return load_ <= tours_.room_[at(vehicle)] && model_.may(vehicle, task_); }

  // Takes the spot directly after this node, if the task may stand there and it is better than the best so far.
  void consider(Node after) {
    const auto p = at(after);
    const int tour = tours_.tour_[p];
    if (load_ > tours_.room_[at(tour)]) return;
    const auto s = at(tours_.next_[p]);
    const auto from = at(model_.row[p]), to = at(model_.row[s]);
    Cost extra = Cost(cost_to_[from]) + cost_from_[to] - tours_.cost_next_[p];
    if (extra >= best_.extra) return;
    const Ticks arrives = tours_.departs_[p] + time_to_[from];
    if (arrives > close_) return;
    const Ticks departs = (arrives > open_ ? arrives : open_) + service_;
    if (departs + time_from_[to] > tours_.latest_[s] || !model_.may(tour, task_)) return;
    if (holder_ >= 0 && holder_ != tour) extra += model_.change;
    if (tours_.size_[at(tour)] == 0) extra += model_.fixed[at(tour)];
    if (extra < best_.extra) best_ = {after, extra};
  }
  const Spot& best() const { return best_; }

 private:
  const Tours& tours_;
  const Model& model_;
  const Node task_;
  const Ticks *const time_to_, *const time_from_, *const cost_to_, *const cost_from_;
  const Ticks open_, close_, service_;
  const int holder_;
  const std::int64_t load_;
  Spot best_;
};

}  // namespace cityloop::solve
