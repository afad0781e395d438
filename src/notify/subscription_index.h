// Which subscriptions a change may concern, found without asking them all: by entity id, by type and by attribute.
//
// What it gives is a superset: whoever asks still asks Subscription::wants. Lives on one thread.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "notify/subscription.h"

namespace cityloop::notify {

class SubscriptionIndex {
 public:
  using Handle = std::uint32_t;
  void add(Handle, const Subscription&);
  void remove(Handle, const Subscription&);  // as it was added
  // Each once, in rising order, in place of what `out` held.
  void find(const flow::Change&, std::vector<Handle>& out) const;

 private:
  static std::uint64_t key(flow::Name type, flow::Name attribute) {
    return std::uint64_t(type.number()) << 32 | attribute.number();
  }
  template <class Visit>
  void each_place(const Subscription&, const Visit&);

  std::unordered_map<flow::EntityId, std::vector<Handle>> by_id_;
  std::unordered_map<std::uint64_t, std::vector<Handle>> by_type_;  // and attribute; an empty name: any
};

}  // namespace cityloop::notify
