#include "solve/tours.h"

#include <algorithm>
#include <cassert>

namespace cityloop::solve {

Tours::Tours(const Model& model) : model_(model) {
  const std::size_t nodes = model.row.size();
  next_.assign(nodes, -1);
  previous_.assign(nodes, -1);
  tour_.assign(nodes, kElsewhere);
  departs_.assign(nodes, 0);
  latest_.assign(nodes, 0);
  time_next_.assign(nodes, 0);
  cost_next_.assign(nodes, 0);
  const auto vehicles = at(model.vehicles);
  size_.assign(vehicles, 0);
  room_.assign(vehicles, 0);
  touched_.assign(vehicles, 0);
  is_changed_.assign(vehicles, false);
  is_noted_idle_.assign(vehicles, false);
  idle_.resize(at(model.kinds));
}

void Tours::link(Node a, Node b, int tour) {
  next_[at(a)] = b;
  previous_[at(b)] = a;
  const bool empty = !model_.is_task(a) && !model_.is_task(b);
  const int to = model_.row[at(b)];
  time_next_[at(a)] = model_.time_from(a)[to];
  cost_next_[at(a)] = empty ? Ticks(model_.idle[at(tour)]) : model_.cost_from(a)[to];
}

void Tours::forward(Node from) {
  for (Node before = from, node = next_[at(from)]; model_.is_task(node); before = node, node = next_[at(node)]) {
    const Ticks arrives = departs_[at(before)] + time_next_[at(before)];
    const Ticks departs = std::max(arrives, model_.open[at(node)]) + model_.service[at(node)];
    if (departs == departs_[at(node)]) return;
    departs_[at(node)] = departs;
  }
}

void Tours::backward(Node from) {
  for (Node after = from, node = previous_[at(from)]; model_.is_task(node); after = node, node = previous_[at(node)]) {
    const Ticks latest =
        std::min(model_.close[at(node)], latest_[at(after)] - time_next_[at(node)] - model_.service[at(node)]);
    if (latest == latest_[at(node)]) return;
    latest_[at(node)] = latest;
  }
}

void Tours::clear(int vehicle) {
  const Node start = model_.start_of(vehicle), end = model_.end_of(vehicle);
  tour_[at(start)] = tour_[at(end)] = vehicle;
  departs_[at(start)] = model_.ready[at(vehicle)];
  latest_[at(end)] = model_.until[at(vehicle)];
  size_[at(vehicle)] = 0;
  room_[at(vehicle)] = model_.capacity[at(vehicle)];
  link(start, end, vehicle);
  cost_ += cost_next_[at(start)];
}

void Tours::fill(int vehicle, const std::vector<Node>& tasks, std::vector<Node>& out) {
  Node last = model_.start_of(vehicle);
  for (const Node task : tasks) {
    Probe probe(*this, task);
    probe.consider(last);
    if (probe.best().found()) {
      put(task, probe.best());
      last = task;
    } else {
      tour_[at(task)] = kAbsent;
      out.push_back(task);
    }
  }
}

void Tours::load(const Sequences& plan, const std::vector<int>& vehicles, const std::vector<Node>& absent) {
  std::fill(tour_.begin(), tour_.end(), kElsewhere);
  for (auto& stack : idle_) stack.clear();
  std::fill(is_noted_idle_.begin(), is_noted_idle_.end(), false);
  here_ = vehicles;
  cost_ = 0;
  placed_ = used_ = 0;
  absent_.clear();
  begin();
  std::vector<Node> out(absent);
  for (const Node task : absent) tour_[at(task)] = kAbsent;
  for (const int vehicle : vehicles) {
    clear(vehicle);
    fill(vehicle, plan.of[at(vehicle)], out);
  }
  for (auto v = vehicles.rbegin(); v != vehicles.rend(); ++v)
    if (size_[at(*v)] == 0) note_idle(*v);
  leave(out);
  forget_changes();
}

void Tours::store(int vehicle, std::vector<Node>& out) const {
  out.clear();
  for (Node node = next(model_.start_of(vehicle)); model_.is_task(node); node = next(node)) out.push_back(node);
}

void Tours::forget_changes() {
  for (const int vehicle : changed_) is_changed_[at(vehicle)] = false;
  changed_.clear();
}

void Tours::begin() {
  ++step_;
  saved_.clear();
  saved_nodes_.clear();
  saved_absent_ = absent_;
  saved_cost_ = cost_;
  saved_placed_ = placed_;
  saved_used_ = used_;
}

void Tours::touch(int tour) {
  if (touched_[at(tour)] == step_) return;
  touched_[at(tour)] = step_;
  saved_.push_back({tour, size_[at(tour)], room_[at(tour)], saved_nodes_.size()});
  for (Node node = model_.start_of(tour); node != model_.end_of(tour); node = next_[at(node)]) {
    saved_nodes_.push_back({node, departs_[at(node)], latest_[at(node)], time_next_[at(node)], cost_next_[at(node)]});
  }
  if (is_changed_[at(tour)]) return;
  is_changed_[at(tour)] = true;
  changed_.push_back(tour);
}

void Tours::restore(std::size_t which) {
  const Saved& saved = saved_[which];
  const std::size_t end = which + 1 < saved_.size() ? saved_[which + 1].first : saved_nodes_.size();
  size_[at(saved.tour)] = saved.size;
  room_[at(saved.tour)] = saved.room;
  for (std::size_t i = saved.first; i < end; ++i) {
    const SavedNode& was = saved_nodes_[i];
    const Node after = i + 1 < end ? saved_nodes_[i + 1].node : model_.end_of(saved.tour);
    departs_[at(was.node)] = was.departs;
    latest_[at(was.node)] = was.latest;
    time_next_[at(was.node)] = was.time_next;
    cost_next_[at(was.node)] = was.cost_next;
    next_[at(was.node)] = after;
    previous_[at(after)] = was.node;
    tour_[at(was.node)] = saved.tour;
  }
  if (saved.size == 0) note_idle(saved.tour);
}

void Tours::undo() {
  for (std::size_t i = 0; i < saved_.size(); ++i) restore(i);
  absent_ = saved_absent_;
  for (const Node task : absent_) tour_[at(task)] = kAbsent;
  cost_ = saved_cost_;
  placed_ = saved_placed_;
  used_ = saved_used_;
}

void Tours::take(Node first, int count, std::vector<Node>& out) {
  const int tour = tour_[at(first)];
  touch(tour);
  const Node before = previous_[at(first)];
  Node node = first;
  cost_ -= cost_next_[at(before)];
  for (int i = 0; i < count; ++i, node = next_[at(node)]) {
    assert(model_.is_task(node));
    cost_ -= cost_next_[at(node)];
    if (model_.holder[at(node)] >= 0 && model_.holder[at(node)] != tour) cost_ -= model_.change;
    room_[at(tour)] += model_.load[at(node)];
    tour_[at(node)] = kAbsent;
    out.push_back(node);
  }
  size_[at(tour)] -= count;
  placed_ -= count;
  link(before, node, tour);
  cost_ += cost_next_[at(before)];
  if (size_[at(tour)] == 0) {
    --used_;
    cost_ -= model_.fixed[at(tour)];
    note_idle(tour);
  }
  forward(before);
  backward(node);
}

void Tours::put(Node task, const Spot& spot) {
  const Node before = spot.after, after = next_[at(before)];
  const int tour = tour_[at(before)];
  touch(tour);
  link(before, task, tour);
  link(task, after, tour);
  tour_[at(task)] = tour;
  cost_ += spot.extra;
  used_ += size_[at(tour)] == 0;
  ++size_[at(tour)];
  ++placed_;
  room_[at(tour)] -= model_.load[at(task)];
  departs_[at(task)] =
      std::max(departs_[at(before)] + time_next_[at(before)], model_.open[at(task)]) + model_.service[at(task)];
  latest_[at(task)] =
      std::min(model_.close[at(task)], latest_[at(after)] - time_next_[at(task)] - model_.service[at(task)]);
  forward(task);
  backward(task);
}

void Tours::leave(std::vector<Node>& absent) {
  for (const Node task : absent_) cost_ -= model_.undone[at(task)];
  absent_.swap(absent);
  for (const Node task : absent_) cost_ += model_.undone[at(task)];
}

void Tours::note_idle(int vehicle) {
  if (is_noted_idle_[at(vehicle)]) return;
  is_noted_idle_[at(vehicle)] = true;
  idle_[at(model_.kind[at(vehicle)])].push_back(vehicle);
}

int Tours::idle_of(int kind) {
  auto& stack = idle_[at(kind)];
  while (!stack.empty()) {
    const int vehicle = stack.back();
    if (size_[at(vehicle)] == 0) return vehicle;
    is_noted_idle_[at(vehicle)] = false;
    stack.pop_back();
  }
  return -1;
}

}  // namespace cityloop::solve
