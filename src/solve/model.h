// A Problem as the search sees it: whole ticks instead of doubles, rows instead of places, neighbours sorted
// beforehand.
//
//   Problem ─▶ [Model] ─▶ Tours, Lane (read only, shared by all lanes)
//
// Ticks of time are rounded so that what keeps its windows here keeps them in the Problem: ways and work up, windows
// in. 32 bits hold every time and cost of one leg; sums of costs take 64. A node is a task, or the beginning or the end
// of a vehicle's tour: tasks are nodes 0 to tasks - 1, the beginnings follow, then the ends, each in order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solve/vrptw.h"

namespace cityloop::solve {

using Node = std::int32_t;
using Ticks = std::int32_t;
using Cost = std::int64_t;

inline constexpr Ticks kHorizon = 1 << 28;  // no time is later; "for ever" stands here
inline constexpr Ticks kFar = 1 << 29;      // the length of a way that does not exist

struct Model {
  explicit Model(const Problem&);

  Node start_of(int vehicle) const { return tasks + vehicle; }
  Node end_of(int vehicle) const { return tasks + vehicles + vehicle; }
  bool is_task(Node node) const { return node < tasks; }

  // rows of the tables, indexed by row[other node]
  const Ticks* time_from(Node node) const { return time_.data() + at(node); }
  const Ticks* time_to(Node node) const { return time_back().data() + at(node); }
  const Ticks* cost_from(Node node) const { return cost_there().data() + at(node); }
  const Ticks* cost_to(Node node) const { return cost_back().data() + at(node); }
  bool may(int vehicle, Node task) const {
    return (needs[task] & ~skills[vehicle]) == 0 && (only[task] < 0 || only[task] == vehicle);
  }
  double metres(Cost cost) const { return double(cost) / cost_scale; }

  std::span<const Node> near_before(Node task) const { return {&before_[std::size_t(task) * near], near}; }
  std::span<const Node> near_after(Node task) const { return {&after_[std::size_t(task) * near], near}; }
  std::span<const Node> around(Node task) const { return {&around_[std::size_t(task) * width], width}; }
  std::span<const int> kinds_near(Node task) const {
    return {&kinds_near_[std::size_t(task) * kinds_width], kinds_width};
  }

  int tasks{};
  int vehicles{};
  std::size_t near{};         // nodes that may well stand directly before a task, and as many after it; -1 fills up
  std::size_t width{};        // the tasks nearest to a task, nearest first
  std::size_t kinds_width{};  // kinds of vehicles worth opening a tour for a task; -1 fills up
  double time_scale{};        // ticks a second
  double cost_scale{};        // ticks a metre

  std::vector<Node> free;  // tasks that can be done and are not frozen
  std::vector<int> row;    // by node

  // by task
  std::vector<Ticks> open, close, service;
  std::vector<std::int64_t> load;
  std::vector<Skills> needs;
  std::vector<int> only, holder;
  std::vector<Cost> undone;  // cost of leaving it undone: more than any detour, times its weight
  std::vector<double> weight;
  std::vector<Ticks> remote;  // from the nearest beginning

  // by vehicle, as it is after its frozen tasks
  std::vector<Ticks> ready, until;
  std::vector<std::int64_t> capacity;
  std::vector<Skills> skills;
  std::vector<Cost> fixed, idle;  // of its first stop; of the way home without any
  std::vector<int> kind;          // vehicles of one kind may stand for each other
  int kinds{};
  Cost change{};

 private:
  struct Depots;
  std::size_t at(Node node) const { return std::size_t(row[std::size_t(node)]) * rows_; }
  const std::vector<Ticks>& time_back() const { return time_back_.empty() ? time_ : time_back_; }
  const std::vector<Ticks>& cost_there() const { return cost_.empty() ? time_ : cost_; }
  const std::vector<Ticks>& cost_back() const {
    return cost_.empty() ? time_back() : cost_back_.empty() ? cost_ : cost_back_;
  }
  void choose_scales(const Problem&);
  void take_tasks(const Problem&);
  void take_vehicles(const Problem&, Depots&);
  void fill_tables(const Problem&, const Depots&);
  void take_costs(const Problem&);
  void find_kinds(const Problem&, const Depots&);
  void find_neighbours();
  void find_kinds_near();
  double nearness(Node before, Node after) const;  // infinite: one cannot follow the other
  Ticks ticks_up(double seconds) const;
  Ticks ticks_down(double seconds) const;

  std::size_t rows_{};
  std::vector<Ticks> time_, time_back_, cost_, cost_back_;  // the way back empty: as there; costs empty: as the times
  std::vector<Node> before_, after_, around_;
  std::vector<int> kinds_near_;
};

}  // namespace cityloop::solve
