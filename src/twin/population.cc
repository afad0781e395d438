#include "twin/population.h"

#include <algorithm>

#include "flow/own_types.h"

namespace cityloop::twin {
namespace {

using flow::Entity;
using flow::EntityId;
using flow::EntityPtr;
using flow::Name;

const EntityPtr kNobody;

}  // namespace

const Population::Slot* Population::slot(EntityId id) const {
  const std::size_t page = id.number() / kPage;
  return page < pages_.size() && pages_[page] ? &(*pages_[page])[id.number() % kPage] : nullptr;
}

Population::Slot& Population::make_slot(EntityId id) {
  const std::size_t page = id.number() / kPage;
  if (page >= pages_.size()) pages_.resize(page + 1);
  if (!pages_[page]) pages_[page] = std::make_unique<Page>();
  return (*pages_[page])[id.number() % kPage];
}

const EntityPtr& Population::get(EntityId id) const {
  const Slot* const found = slot(id);
  return found ? found->entity : kNobody;
}

Age Population::order(EntityId id) const {
  const Slot* const found = slot(id);
  return found && found->entity ? found->age : 0;
}

EntityPtr Population::put(EntityId id, EntityPtr next, Age if_new) {
  settle();
  if (!next && !slot(id)) return nullptr;
  Slot& slot = make_slot(id);
  if (slot.entity == next) return nullptr;
  EntityPtr before = std::exchange(slot.entity, std::move(next));
  const Entity* const was = before.get();
  const Entity* const is = slot.entity.get();
  if (!was) {
    slot.age = if_new ? if_new : next_age_;
    next_age_ = std::max(next_age_, slot.age + 1);
  }
  if (!was || !is || was->types != is->types) move_types(was, is, {slot.age, id.number()});
  catalogue_.update(was, is);
  indexes_.update(was, is, slot.age);
  return before;
}

void Population::count_types(const Entity& entity, bool more) {
  const std::size_t several = entity.types.size() > 1, mixed = several && flow::has_own_type(entity.types);
  several_types_ += more ? several : -several;
  mixed_types_ += more ? mixed : -mixed;
}

void Population::move_types(const Entity* before, const Entity* after, const AgeList::Member& member) {
  AgeList* const was = !before ? nullptr : flow::has_own_type(before->types) ? &own_ : &public_;
  AgeList* const is = !after ? nullptr : flow::has_own_type(after->types) ? &own_ : &public_;
  if (was && was != is) was->erase(member.age);
  if (is && was != is) is->insert(member);
  if (before) {
    for (const Name type : before->types) {
      if (!after || !after->is_a(type)) by_type_[type].erase(member.age);
    }
    count_types(*before, false);
  }
  if (after) {
    for (const Name type : after->types) {
      if (!before || !before->is_a(type)) by_type_[type].insert(member);
    }
    count_types(*after, true);
  }
}

void Population::load(EntityPtr entity, Age age) {
  settled_ = false;
  Slot& slot = make_slot(entity->id);
  slot.entity = std::move(entity);
  slot.age = age;
  next_age_ = std::max(next_age_, age + 1);
}

void Population::settle() {
  if (settled_) return;
  std::vector<std::pair<EntityPtr, Age>> entities;
  std::vector<AgeList::Member> open, own;
  std::unordered_map<Name, std::vector<AgeList::Member>> by_type;
  several_types_ = mixed_types_ = 0;
  catalogue_.clear();
  for (const auto& page : pages_) {
    if (!page) continue;
    for (const Slot& slot : *page) {
      if (!slot.entity) continue;
      const AgeList::Member member{slot.age, slot.entity->id.number()};
      entities.emplace_back(slot.entity, slot.age);
      (flow::has_own_type(slot.entity->types) ? own : open).push_back(member);
      for (const Name type : slot.entity->types) by_type[type].push_back(member);
      count_types(*slot.entity, true);
      catalogue_.update(nullptr, slot.entity.get());
    }
  }
  public_.build(std::move(open));
  own_.build(std::move(own));
  by_type_.clear();
  for (auto& [type, members] : by_type) by_type_[type].build(std::move(members));
  indexes_.build_places(entities);
  settled_ = true;
}

const AgeList& Population::members(Name type) const {
  static const AgeList none;
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? none : found->second;
}

void Population::each(Name type, const std::function<bool(const EntityPtr&)>& callback) const {
  Walk walk(members(type.empty() ? std::vector<Name>{} : std::vector{type}, false), 0);
  AgeList::Member member;
  while (walk.next(member)) {
    if (!callback(get(EntityId::from_number(member.id)))) return;
  }
}

std::vector<const AgeList*> Population::members(const std::vector<Name>& types, bool public_only) const {
  if (types.empty()) return public_only ? std::vector{&public_} : std::vector{&public_, &own_};
  std::vector<const AgeList*> out;
  for (const Name type : types) {
    const AgeList* const list = &members(type);
    const bool is_asked = !(public_only && flow::is_own_type(type));
    if (is_asked && std::ranges::find(out, list) == out.end()) out.push_back(list);
  }
  return out;
}

bool Population::all_public(Name type) const {
  return type.empty() ? own_.empty() : mixed_types_ == 0 && !flow::is_own_type(type);
}

std::vector<std::pair<Name, std::size_t>> Population::type_counts() const {
  std::vector<std::pair<Name, std::size_t>> counts;
  for (const auto& [type, members] : by_type_) {
    if (!members.empty()) counts.emplace_back(type, members.size());
  }
  std::sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first.text() < b.first.text(); });
  return counts;
}

std::size_t Population::bytes() const {
  std::size_t out =
      pages_.capacity() * sizeof(pages_[0]) + public_.bytes() + own_.bytes() + indexes_.bytes() + catalogue_.bytes();
  for (const auto& page : pages_) out += page ? sizeof(Page) : 0;
  for (const auto& [type, members] : by_type_) out += sizeof(members) + members.bytes();
  if (const auto* places = indexes_.find({{}, Name("location"), IndexKind::places})) out += places->bytes();
  return out;
}

}  // namespace cityloop::twin
