#include "notify/subscription_index.h"

#include <algorithm>

namespace cityloop::notify {

using flow::Name;

template <class Visit>
void SubscriptionIndex::each_place(const Subscription& subscription, const Visit& visit) {
  // Creation and deletion of the whole may tell no attribute.
  const bool whole = subscription.watched_attributes.empty() || subscription.listens_to(Trigger::entity_deleted);
  const auto of_type = [&](Name type) {
    if (whole) visit(by_type_[key(type, Name{})]);
    if (subscription.watched_attributes.empty()) return;
    for (const Name attribute : subscription.watched_attributes) visit(by_type_[key(type, attribute)]);
  };
  if (subscription.entities.empty()) of_type(Name{});
  for (const twin::EntitySelector& selector : subscription.entities) {
    if (!selector.id.empty()) {
      visit(by_id_[selector.id]);
      continue;
    }
    const auto types = selector.types ? selector.types->candidates() : std::vector<Name>{};
    if (types.empty()) of_type(Name{});
    for (const Name type : types) of_type(type);
  }
}

void SubscriptionIndex::add(Handle handle, const Subscription& subscription) {
  const Condition condition = condition_of(subscription);
  each_place(subscription, [&](Place& place) {
    if (condition.kind == Condition::Kind::none) place.always.push_back(handle);
    else place.conditional.add(handle, condition);
  });
}

void SubscriptionIndex::remove(Handle handle, const Subscription& subscription) {
  const Condition condition = condition_of(subscription);
  each_place(subscription, [&](Place& place) {
    if (condition.kind == Condition::Kind::none) std::erase(place.always, handle);
    else place.conditional.remove(handle, condition);
  });
}

void SubscriptionIndex::find(const flow::Change& change, const After& after, std::vector<Handle>& out) const {
  out.clear();
  const auto take = [&](const auto& places, const auto& key) {
    const auto found = places.find(key);
    if (found == places.end()) return;
    const Place& place = found->second;
    out.insert(out.end(), place.always.begin(), place.always.end());
    if (place.conditional.empty()) return;
    if (const flow::Entity* const entity = after()) place.conditional.find(*entity, out);
    else place.conditional.all(out);
  };
  const auto of_type = [&](Name type) {
    take(by_type_, key(type, Name{}));
    for (const flow::AttributeChange& told : change.attributes) take(by_type_, key(type, told.now.name));
  };
  take(by_id_, change.entity);
  of_type(Name{});
  for (const Name type : change.types) of_type(type);
  if (out.size() < 2) return;
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
}

}  // namespace cityloop::notify
