// All entities as they are at one moment, by id, by type in order of age, by place, and by the values that are asked
// for.
//
// No lock inside: the twin's committer changes it under the twin's lock, readers look under a shared one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "flow/entity.h"
#include "twin/catalogue.h"
#include "twin/query/age_list.h"
#include "twin/query/index_book.h"

namespace cityloop::twin {

class Population {
 public:
  const flow::EntityPtr& get(flow::EntityId) const;  // null when there is none
  // Puts the next version in place; null erases. Gives the former version, so that the caller may let go of it when no
  // reader waits.
  // An entity that is new takes the given age, or, with none given, the next.
  flow::EntityPtr put(flow::EntityId, flow::EntityPtr next, Age if_new = 0);
  // Of a snapshot, in any order, each entity once and nothing else between; settle() puts them in their lists.
  void load(flow::EntityPtr, Age);
  void settle();
  Age order(flow::EntityId) const;  // 0 when there is none

  // Oldest first; of every type when empty. False from the callback stops.
  void each(flow::Name type, const std::function<bool(const flow::EntityPtr&)>&) const;
  std::size_t size() const { return public_.size() + own_.size(); }
  std::vector<std::pair<flow::Name, std::size_t>> type_counts() const;  // sorted by text
  // In order of age: of one type; of any of several, of every type when there are none. With public_only as the filter
  // has it.
  const AgeList& members(flow::Name type) const;
  std::vector<const AgeList*> members(const std::vector<flow::Name>& types, bool public_only) const;
  bool types_overlap() const { return several_types_ > 0; }  // some entity has more than one
  // No entity of the type belongs to a loop of the house (flow/own_types.h); of any type when empty.
  bool all_public(flow::Name type) const;

  const Catalogue& catalogue() const { return catalogue_; }
  const IndexBook& indexes() const { return indexes_; }
  IndexBook& indexes() { return indexes_; }
  // What this takes beside the entities themselves.
  std::size_t bytes() const;

 private:
  struct Slot {
    flow::EntityPtr entity;
    Age age{0};
  };
  // Slots never move, so that to grow costs the same however many there are.
  static constexpr std::size_t kPage = 4096;
  using Page = std::array<Slot, kPage>;
  const Slot* slot(flow::EntityId) const;
  Slot& make_slot(flow::EntityId);
  void move_types(const flow::Entity* before, const flow::Entity* after, const AgeList::Member&);
  void count_types(const flow::Entity&, bool more);

  std::vector<std::unique_ptr<Page>> pages_;  // by EntityId::number(); null where none of a page is there
  std::unordered_map<flow::Name, AgeList> by_type_;
  AgeList public_, own_;  // everybody is in one of them
  Catalogue catalogue_;
  IndexBook indexes_;
  Age next_age_{1};
  std::size_t several_types_{0};  // entities with more than one
  std::size_t mixed_types_{0};    // of these, those with one of the house's own
  bool settled_{true};
};

}  // namespace cityloop::twin
