// Entries of the type index on their way to the table: which keys are to be there, and which are to go.
//
// Written for every entity that is new, read by few: an edit is only put down, and order is made when a reader asks.
// No lock inside.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cityloop::twin::history {

class IndexEdits {
 public:
  using Entry = std::pair<std::string, bool>;  // key, and whether it is to be there

  void set(std::string key, bool present) {
    entries_.emplace_back(std::move(key), present);
    in_order_ = false;
  }
  void take(IndexEdits&& later) {
    if (entries_.empty()) std::swap(entries_, later.entries_), in_order_ = later.in_order_;
    else std::ranges::move(later.entries_, std::back_inserter(entries_)), in_order_ = false;
    later.clear();
  }
  void clear() {
    entries_.clear();
    in_order_ = true;
  }
  bool empty() const { return entries_.empty(); }
  const std::vector<Entry>& entries() const { return entries_; }  // in no order; of one key the last counts

  // Those in [from, to) in the order of their keys, each key once. False from the callback stops.
  void each(std::string_view from, std::string_view to, const auto& callback) {
    make_order();
    for (auto at = std::ranges::lower_bound(entries_, from, {}, key_of); at != entries_.end() && at->first < to; ++at) {
      if (!callback(*at)) return;
    }
  }

 private:
  static std::string_view key_of(const Entry& entry) { return entry.first; }
  void make_order() {
    if (std::exchange(in_order_, true)) return;
    std::ranges::stable_sort(entries_, {}, key_of);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (i + 1 < entries_.size() && entries_[i].first == entries_[i + 1].first) continue;
      if (kept != i) entries_[kept] = std::move(entries_[i]);
      ++kept;
    }
    entries_.resize(kept);
  }

  std::vector<Entry> entries_;
  bool in_order_{true};
};

}  // namespace cityloop::twin::history
