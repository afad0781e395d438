// Which rule is to look at which entity when, earliest first. At most one live timer for each; a timer that was
// overtaken stays in the heap and is passed over when its time comes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "decide/rule/track.h"

namespace cityloop::decide {

struct Timer {
  std::int64_t due;
  std::uint32_t rule;
  std::uint32_t thing;
  // Equal times in a fixed order, so that a replay does the same.
  friend bool operator>(const Timer& a, const Timer& b) {
    return std::tie(a.due, a.rule, a.thing) > std::tie(b.due, b.rule, b.thing);
  }
};

class Timers {
 public:
  // Does nothing when the track will be woken by then anyway: it then asks again for what it still needs.
  void ask(Track& track, std::uint32_t rule, std::uint32_t thing, std::int64_t due) {
    if (due >= track.due) return;
    track.due = due;
    heap_.push_back({due, rule, thing});
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
  }
  bool is_due(std::int64_t now) const { return !heap_.empty() && heap_.front().due <= now; }
  Timer pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
    const Timer timer = heap_.back();
    heap_.pop_back();
    return timer;
  }
  void clear() { heap_.clear(); }
  std::size_t size() const { return heap_.size(); }

 private:
  std::vector<Timer> heap_;
};

}  // namespace cityloop::decide
