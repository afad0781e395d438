// Which subscriptions a change may concern, found without asking them all: by entity id, by type and attribute, and
// there by what the entity's values and place must be (condition.h).
//
// What it gives is a superset: whoever asks still asks Subscription::wants. Lives on one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "notify/condition.h"
#include "notify/subscription.h"

namespace cityloop::notify {

class SubscriptionIndex {
 public:
  using Handle = notify::Handle;
  // Gives the entity as it is after the change, null when it is gone; called only where that decides something.
  using After = std::function<const flow::Entity*()>;
  void add(Handle, const Subscription&);
  void remove(Handle, const Subscription&);  // as it was added
  // Each once, in rising order, in place of what `out` held.
  void find(const flow::Change&, const After&, std::vector<Handle>& out) const;

 private:
  struct Place {
    std::vector<Handle> always;
    ConditionSet conditional;
  };
  static std::uint64_t key(flow::Name type, flow::Name attribute) {
    return std::uint64_t(type.number()) << 32 | attribute.number();
  }
  template <class Visit>
  void each_place(const Subscription&, const Visit&);

  std::unordered_map<flow::EntityId, Place> by_id_;
  std::unordered_map<std::uint64_t, Place> by_type_;  // and attribute; an empty name: any
};

}  // namespace cityloop::notify
