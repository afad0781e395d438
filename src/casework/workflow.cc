#include "casework/workflow.h"

#include <algorithm>
#include <cassert>

namespace cityloop::casework {
namespace {

template <class Item>
const Item* find_in(const std::vector<Item>& items, std::string_view id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

bool Transition::leaves(int state) const {
  return std::find(from.begin(), from.end(), state) != from.end();
}

bool Workflow::merges(const Transition& step) const {
  return step.to >= 0 && states[std::size_t(step.to)].merged();
}

int Workflow::find_state(std::string_view wanted) const {
  const State* found = find_in(states, wanted);
  return found ? int(found - states.data()) : -1;
}

const State& Workflow::state(std::string_view wanted) const {
  const int found = find_state(wanted);
  assert(found >= 0 && "a case is in a state of its own workflow");
  return states[std::size_t(found)];
}

const RequestKind* Workflow::find_request(std::string_view wanted) const {
  return find_in(requests, wanted);
}

const Deadline* Workflow::find_deadline(std::string_view wanted) const {
  return find_in(deadlines, wanted);
}

const Deadline* Workflow::deadline_of(Deadline::Of of) const {
  const auto found = std::find_if(deadlines.begin(), deadlines.end(), [&](const Deadline& d) { return d.of == of; });
  return found == deadlines.end() ? nullptr : &*found;
}

const WorkflowOption* Workflow::find_option(std::string_view wanted) const {
  return find_in(options, wanted);
}

}  // namespace cityloop::casework
