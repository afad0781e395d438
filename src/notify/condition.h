// What an entity's own value must be for a subscription to want it: one term of its `q`, or its place, taken out so
// that ten thousand subscriptions to one type are not asked one by one.
//
//   Subscription ─ condition_of ─▶ Condition ─▶ [ConditionSet] ◀─ Entity      who may want it
//
// What a set gives is a superset of those who want it. Lives on one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "flow/entity.h"
#include "geo/cells.h"
#include "notify/subscription.h"

namespace cityloop::notify {

struct Condition {
  enum class Kind : std::uint8_t { none, number, text, place } kind{Kind::none};
  flow::Name attribute;
  double low{}, high{};                         // both included
  std::string text;                             // equal to it
  std::vector<geo::CellQuestion::Range> cells;  // a point there
};
Condition condition_of(const Subscription&);

using Handle = std::uint32_t;

// Intervals that are asked which of them hold a value: in rising order, with the highest end of each half remembered.
template <class T>
class IntervalSet {
 public:
  void add(T low, T high, Handle handle) {
    const Item item{low, high, handle, high};
    items_.insert(std::ranges::upper_bound(items_, low, {}, &Item::low), item);
    ready_ = false;
  }
  void remove(Handle handle) {
    std::erase_if(items_, [&](const Item& item) { return item.handle == handle; });
    ready_ = false;
  }
  bool empty() const { return items_.empty(); }
  void all(std::vector<Handle>& out) const {
    for (const Item& item : items_) out.push_back(item.handle);
  }
  void holding(T value, std::vector<Handle>& out) const {
    if (!ready_) reach(0, items_.size());
    ready_ = true;
    find(0, items_.size(), value, out);
  }

 private:
  struct Item {
    T low, high;
    Handle handle;
    mutable T reach;  // the highest end of the half of which this is the middle
  };
  T reach(std::size_t from, std::size_t to) const {
    if (from == to) return T{};
    const std::size_t middle = from + (to - from) / 2;
    T out = items_[middle].high;
    if (from < middle) out = std::max(out, reach(from, middle));
    if (middle + 1 < to) out = std::max(out, reach(middle + 1, to));
    return items_[middle].reach = out;
  }
  void find(std::size_t from, std::size_t to, T value, std::vector<Handle>& out) const {
    if (from == to) return;
    const std::size_t middle = from + (to - from) / 2;
    const Item& item = items_[middle];
    if (item.reach < value) return;
    find(from, middle, value, out);
    if (item.low > value) return;
    if (item.high >= value) out.push_back(item.handle);
    find(middle + 1, to, value, out);
  }

  std::vector<Item> items_;
  mutable bool ready_{true};
};

class ConditionSet {
 public:
  void add(Handle, const Condition&);
  void remove(Handle, const Condition&);  // as it was added
  // Those whose condition the entity may meet; some perhaps more than once.
  void find(const flow::Entity&, std::vector<Handle>& out) const;
  void all(std::vector<Handle>& out) const;
  bool empty() const { return of_attribute_.empty(); }

 private:
  struct Terms {
    IntervalSet<double> numbers;
    std::unordered_map<std::string, std::vector<Handle>> texts;
    IntervalSet<geo::Cell> places;
    void find(const flow::Attribute&, std::vector<Handle>& out) const;
    void all_texts(std::vector<Handle>& out) const;
    bool empty() const { return numbers.empty() && texts.empty() && places.empty(); }
  };
  std::map<flow::Name, Terms> of_attribute_;
};

}  // namespace cityloop::notify
