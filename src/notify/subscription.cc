#include "notify/subscription.h"

#include <algorithm>

#include "flow/own_types.h"

namespace cityloop::notify {

using flow::Change;
using flow::ChangeKind;
using flow::Name;

std::string_view to_string(Accept accept) {
  switch (accept) {
    case Accept::json: return "application/json";
    case Accept::json_ld: return "application/ld+json";
    case Accept::geo_json: return "application/geo+json";
  }
  return {};
}

Contexts Contexts::core() {
  return {twin::Context::core(), twin::Context::core(), {}, {}};
}

bool Subscription::watches(Name attribute) const {
  return watched_attributes.empty() || std::ranges::find(watched_attributes, attribute) != watched_attributes.end();
}

namespace {

Trigger trigger_of(const flow::AttributeChange& told) {
  if (told.removed) return Trigger::attribute_deleted;
  const bool is_new = !told.before && told.now.created_at == told.now.modified_at;
  return is_new ? Trigger::attribute_created : Trigger::attribute_updated;
}

// Whether what happened is one of the triggers, and to an attribute that is watched.
bool is_triggered(const Subscription& subscription, const Change& change) {
  const bool whole = change.kind == ChangeKind::created && subscription.listens_to(Trigger::entity_created);
  if (whole && subscription.watched_attributes.empty()) return true;
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.late || !subscription.watches(told.now.name)) continue;
    const Trigger trigger = change.kind == ChangeKind::created ? Trigger::attribute_created : trigger_of(told);
    if (whole || subscription.listens_to(trigger)) return true;
  }
  return false;
}

// By id, types and scopes, which a change tells.
bool is_selected(const Subscription& subscription, const Change& change) {
  flow::Entity about;
  about.id = change.entity;
  about.types = change.types;
  about.scopes = change.scopes;
  const twin::EntityFilter& filter = subscription.matcher->filter();
  if (filter.scopes && !filter.scopes->has_scope(about.scopes)) return false;
  const auto meets = [&](const twin::EntitySelector& selector) { return selector.meets(about); };
  return subscription.entities.empty() || std::ranges::any_of(subscription.entities, meets);
}

// An erased entity as it was before it went.
flow::Entity last_state(const Change& erased) {
  flow::Entity out;
  out.id = erased.entity;
  out.types = erased.types;
  out.scopes = erased.scopes;
  for (const flow::AttributeChange& told : erased.attributes) out.attributes.push_back(told.now);
  return out;
}

}  // namespace

bool Subscription::may_want(const Change& change) const {
  if (time_interval || flow::has_own_type(change.types)) return false;
  const bool erased = change.kind == ChangeKind::erased;
  if (erased ? !listens_to(Trigger::entity_deleted) : !is_triggered(*this, change)) return false;
  return is_selected(*this, change);
}

bool Subscription::wants(const Change& change, const flow::EntityPtr& entity, const twin::Q::Linked* linked) const {
  if (!may_want(change)) return false;
  const auto meets = [&](const flow::Entity& one) {
    return matcher->matches(one) && (!linked_q || linked_q->matches(one, linked));
  };
  return change.kind == ChangeKind::erased ? meets(last_state(change)) : entity && meets(*entity);
}

twin::EntityFilter Subscription::filter() const {
  twin::EntityFilter out = matcher->filter();
  if (linked_q) out.q = linked_q;
  return out;
}

}  // namespace cityloop::notify
