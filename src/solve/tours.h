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

  // Whether a task may stand directly after a node, and whether that is better than the spot known so far.
  bool improve(Node task, Node after, Spot&) const;
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

inline bool Tours::improve(Node task, Node after, Spot& best) const {
  const auto c = at(task), p = at(after), s = at(next_[p]);
  const auto from = at(model_.row[p]), to = at(model_.row[s]);
  const int tour = tour_[p];
  Cost extra = Cost(model_.cost_to(task)[from]) + model_.cost_from(task)[to] - cost_next_[p];
  if (model_.holder[c] >= 0 && model_.holder[c] != tour) extra += model_.change;
  if (size_[at(tour)] == 0) extra += model_.fixed[at(tour)];
  if (extra >= best.extra) return false;
  const Ticks arrives = departs_[p] + model_.time_to(task)[from];
  if (arrives > model_.close[c]) return false;
  const Ticks departs = (arrives > model_.open[c] ? arrives : model_.open[c]) + model_.service[c];
  if (departs + model_.time_from(task)[to] > latest_[s]) return false;
  if (model_.load[c] > room_[at(tour)] || !model_.may(tour, task)) return false;
  best = {after, extra};
  return true;
}

}  // namespace cityloop::solve
