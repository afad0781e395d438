#include "flow/name_list.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <map>
#include <memory>
#include <mutex>
#include <span>

namespace cityloop::flow {
namespace {

using List = std::vector<Name>;

// Lists never move: a reader needs no lock, for it was handed the number after the list was in place.
class Table {
 public:
  Table() {
    const std::lock_guard lock(mutex_);
    add({});
  }

  std::uint32_t number_of(std::span<const Name> names) {
    List list(names.begin(), names.end());
    const std::lock_guard lock(mutex_);
    const auto found = numbers_.find(list);
    return found == numbers_.end() ? add(std::move(list)) : found->second;
  }
  const List& list(std::uint32_t number) const {
    return *chunks_[number / kChunk].load(std::memory_order_acquire)[number % kChunk];
  }

 private:
  static constexpr std::uint32_t kChunk = 1 << 12, kChunks = 1 << 14;
  using Chunk = const List*;

  std::uint32_t add(List list) {
    assert(count_ < kChunk * kChunks && "more lists of names than the table holds");
    auto& chunk = chunks_[count_ / kChunk];
    if (!chunk) chunk.store(owned_.emplace_back(new Chunk[kChunk]()).get(), std::memory_order_release);
    const auto at = numbers_.emplace(std::move(list), count_).first;
    chunk.load()[count_ % kChunk] = &at->first;
    return count_++;
  }

  std::mutex mutex_;  // guards what follows, save reading the chunks
  std::map<List, std::uint32_t> numbers_;
  std::vector<std::unique_ptr<Chunk[]>> owned_;
  std::array<std::atomic<Chunk*>, kChunks> chunks_{};
  std::uint32_t count_{0};
};

// Never destroyed, as the table of names.
Table& lists() {
  static Table* const table = new Table;
  return *table;
}

// A thread meets the same few lists again and again; nearly all have one name.
std::uint32_t number_of(std::span<const Name> names) {
  if (names.empty()) return 0;
  if (names.size() > 1) return lists().number_of(names);
  struct Slot {
    Name name;
    std::uint32_t list{0};
  };
  thread_local std::array<Slot, 256> slots;
  Slot& slot = slots[names.front().number() % slots.size()];
  if (slot.list == 0 || slot.name != names.front()) slot = {names.front(), lists().number_of(names)};
  return slot.list;
}

}  // namespace

NameList::NameList(std::initializer_list<Name> names) : number_(number_of({names.begin(), names.size()})) {}
NameList::NameList(const std::vector<Name>& names) : number_(number_of(names)) {}

const std::vector<Name>& NameList::list() const {
  return lists().list(number_);
}

bool NameList::contains(Name name) const {
  return std::ranges::find(list(), name) != end();
}

void NameList::push_back(Name name) {
  List more = list();
  more.push_back(name);
  number_ = number_of(more);
}

}  // namespace cityloop::flow
