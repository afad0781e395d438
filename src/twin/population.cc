#include "twin/population.h"

#include <algorithm>

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::EntityPtr;
using flow::Name;

const Name kLocation("location");
const EntityPtr kNobody;

const flow::Json* location_of(const EntityPtr& entity) {
  const flow::Attribute* attribute = entity ? entity->find(kLocation) : nullptr;
  return attribute && attribute->kind == flow::AttributeKind::geo_property ? std::get_if<flow::Json>(&attribute->value)
                                                                           : nullptr;
}

}  // namespace

const EntityPtr& Population::get(EntityId id) const {
  return id.number() < slots_.size() ? slots_[id.number()].entity : kNobody;
}

std::uint64_t Population::order(EntityId id) const {
  return id.number() < slots_.size() ? slots_[id.number()].order : 0;
}

std::uint64_t Population::put(EntityId id, EntityPtr next) {
  if (id.number() >= slots_.size()) slots_.resize(std::size_t(id.number()) * 5 / 4 + 64);
  Slot& slot = slots_[id.number()];
  const EntityPtr before = std::exchange(slot.entity, std::move(next));
  const EntityPtr& now = slot.entity;
  if (!before && now) {
    slot.order = next_order_++;
    ++size_;
    join(Name{}, slot.order, id);
  }
  if (before && !now) {
    --size_;
    leave(Name{});
  }
  for (const Name type : now ? now->types : std::vector<Name>{}) {
    if (!before || !before->is_a(type)) join(type, slot.order, id);
  }
  for (const Name type : before ? before->types : std::vector<Name>{}) {
    if (!now || !now->is_a(type)) leave(type);
  }
  replace_places(before, now);
  return slot.order;
}

void Population::load(EntityPtr entity, std::uint64_t order) {
  next_order_ = std::max(next_order_, order);
  const EntityId id = entity->id;
  const std::uint64_t following = next_order_ + 1;
  next_order_ = order;
  put(id, std::move(entity));
  next_order_ = following;
}

// Members arrive in rising order, save when a snapshot is loaded or an entity takes a further type late.
void Population::join(Name type, std::uint64_t order, EntityId id) {
  Members& members = type.empty() ? all_ : by_type_[type];
  const std::pair member{order, id};
  if (members.list.empty() || members.list.back() < member) {
    members.list.push_back(member);
    return;
  }
  const auto at = std::lower_bound(members.list.begin(), members.list.end(), member);
  if (at != members.list.end() && *at == member) --members.dead;  // back before it was swept out
  else members.list.insert(at, member);
}

void Population::leave(Name type) {
  Members& members = type.empty() ? all_ : by_type_[type];
  if (++members.dead * 2 > members.list.size()) sweep(members, type);
}

bool Population::alive(const Members& members, std::size_t at, Name type) const {
  const auto& [order, id] = members.list[at];
  const Slot& slot = slots_[id.number()];
  return slot.entity && slot.order == order && (type.empty() || slot.entity->is_a(type));
}

void Population::sweep(Members& members, Name type) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.list.size(); ++i) {
    if (alive(members, i, type)) members.list[kept++] = members.list[i];
  }
  members.list.resize(kept);
  members.dead = 0;
}

void Population::replace_places(const EntityPtr& before, const EntityPtr& after) {
  const flow::Json* was = location_of(before);
  const flow::Json* is = location_of(after);
  if (was && is && was->text == is->text) return;
  const std::uint32_t key = (after ? after : before) ? (after ? after : before)->id.number() : 0;
  if (is) {
    if (const auto shape = geo::Shape::from_geojson(is->text)) {
      places_.put(key, *shape);
      return;
    }
  }
  if (was) places_.erase(key);
}

void Population::each(Name type, const std::function<bool(const EntityPtr&)>& callback) const {
  const Members* members = &all_;
  if (!type.empty()) {
    const auto found = by_type_.find(type);
    if (found == by_type_.end()) return;
    members = &found->second;
  }
  for (std::size_t i = 0; i < members->list.size(); ++i) {
    if (members->dead > 0 && !alive(*members, i, type)) continue;
    if (!callback(slots_[members->list[i].second.number()].entity)) return;
  }
}

std::vector<std::pair<Name, std::size_t>> Population::type_counts() const {
  std::vector<std::pair<Name, std::size_t>> counts;
  for (const auto& [type, members] : by_type_) {
    if (members.list.size() > members.dead) counts.emplace_back(type, members.list.size() - members.dead);
  }
  std::sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first.text() < b.first.text(); });
  return counts;
}

}  // namespace cityloop::twin
