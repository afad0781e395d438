// All entities as they are at one moment, by id, by type in order of age, and by place.
//
// No lock inside: the twin's committer changes it under the twin's lock, readers look under a shared one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "flow/entity.h"
#include "geo/index.h"

namespace cityloop::twin {

class Population {
 public:
  const flow::EntityPtr& get(flow::EntityId) const;  // null when there is none
  // Puts the next version in place; null erases. Gives the entity's order of age.
  std::uint64_t put(flow::EntityId, flow::EntityPtr next);
  // The same with a known order, for loading a snapshot.
  void load(flow::EntityPtr, std::uint64_t order);
  std::uint64_t order(flow::EntityId) const;

  std::size_t size() const { return size_; }
  // Oldest first; of every type when empty. False from the callback stops.
  void each(flow::Name type, const std::function<bool(const flow::EntityPtr&)>&) const;
  std::vector<std::pair<flow::Name, std::size_t>> type_counts() const;
  const geo::SpatialIndex& places() const { return places_; }

 private:
  struct Slot {
    flow::EntityPtr entity;
    std::uint64_t order{0};
  };
  // Members in order of age; the erased are skipped, and swept out once they are the majority.
  struct Members {
    std::vector<std::pair<std::uint64_t, flow::EntityId>> list;
    std::size_t dead{0};
  };
  void join(flow::Name type, std::uint64_t order, flow::EntityId);
  void leave(flow::Name type);
  void sweep(Members&, flow::Name type);
  void replace_places(const flow::EntityPtr& before, const flow::EntityPtr& after);
  bool alive(const Members&, std::size_t at, flow::Name type) const;

  std::vector<Slot> slots_;  // by EntityId::number()
  std::unordered_map<flow::Name, Members> by_type_;
  Members all_;
  geo::SpatialIndex places_;
  std::uint64_t next_order_{1};
  std::size_t size_{0};
};

}  // namespace cityloop::twin
