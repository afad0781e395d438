// Where an entity stands in a table, by its number: an open-addressing table of eight bytes an entry, with room for a
// quarter more. Rows are numbered from zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "flow/names.h"

namespace cityloop::index {

class IdIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::uint32_t find(flow::EntityId id) const {
    if (slots_.empty()) return kNone;
    for (std::size_t at = home(id);; at = next(at)) {
      if (slots_[at].key == 0) return kNone;
      if (slots_[at].key == id.number()) return slots_[at].row;
    }
  }
  // Of an id that is not there.
  void insert(flow::EntityId id, std::uint32_t row) {
    if ((count_ + 1) * 5 > slots_.size() * 4) grow();
    ++count_;
    put({id.number(), row});
  }
  void erase(flow::EntityId id) {
    std::size_t at = home(id);
    while (slots_[at].key != id.number()) at = next(at);
    --count_;
    // What stands behind it and belongs before it moves up.
    for (std::size_t look = next(at); slots_[look].key != 0; look = next(look)) {
      const std::size_t wants = home(flow::EntityId::from_number(slots_[look].key));
      const bool stays = at < look ? (wants > at && wants <= look) : (wants > at || wants <= look);
      if (stays) continue;
      slots_[at] = slots_[look];
      at = look;
    }
    slots_[at] = {};
  }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t key{0}, row{0};  // key 0: empty
  };
  std::size_t home(flow::EntityId id) const {
    return std::size_t(std::uint64_t(id.number()) * 0x9e3779b97f4a7c15u >> 32) & (slots_.size() - 1);
  }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }
  void put(Slot slot) {
    std::size_t at = home(flow::EntityId::from_number(slot.key));
    while (slots_[at].key != 0) at = next(at);
    slots_[at] = slot;
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    std::swap(old, slots_);
    for (const Slot& slot : old) {
      if (slot.key != 0) put(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t count_{0};
};

}  // namespace cityloop::index
