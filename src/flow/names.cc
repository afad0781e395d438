#include "flow/names.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace cityloop::flow {
namespace {

constexpr std::size_t kShards = 64;

// A text as it is kept: its number and length stand before it, so that whoever has found one has both at hand.
struct Kept {
  std::uint32_t number, length;
  std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), length}; }
};

// The texts of one part of all names, by hash: where each lies. Some 50 bytes beside the text's own would be a map's
// price; here it is less than half, because ten million entities have ten million names. To find one takes two looks at
// memory, in the cell and in the text.
class Shard {
 public:
  const Kept* find(std::string_view text, std::uint64_t hash) const {
    if (cells_.empty()) return nullptr;
    for (std::size_t at = place_of(hash);; at = (at + 1) & (cells_.size() - 1)) {
      const Cell cell = cells_[at];
      if (cell == 0) return nullptr;
      if (tag_of(cell) == hash >> kAddressBits && kept_at(cell)->text() == text) return kept_at(cell);
    }
  }

  // Where the text lies from now on.
  const Kept* keep(std::string_view text, std::uint32_t number, std::uint64_t hash) {
    const std::size_t needed = (sizeof(Kept) + text.size() + 3) / 4 * 4;
    if (needed > left_) {
      left_ = std::max(kArena, needed);
      arenas_.emplace_back(new char[left_]);
      free_ = arenas_.back().get();
    }
    auto* const out = new (free_) Kept{number, std::uint32_t(text.size())};
    std::copy(text.begin(), text.end(), free_ + sizeof(Kept));
    free_ += needed;
    left_ -= needed;
    if ((count_ + 1) * 4 > cells_.size() * 3) grow();
    place(out, hash);
    ++count_;
    return out;
  }

  std::mutex mutex;  // guards all of this

  static std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>{}(text); }

 private:
  static constexpr std::size_t kArena = std::size_t{16} << 10;
  // The address of a text, and above it the upper bits of its hash; 0: none.
  using Cell = std::uint64_t;
  static constexpr int kAddressBits = 48;
  static std::uint64_t tag_of(Cell cell) { return cell >> kAddressBits; }
  static const Kept* kept_at(Cell cell) {
    return std::bit_cast<const Kept*>(cell & ((std::uint64_t{1} << kAddressBits) - 1));
  }
  // The lowest bits have chosen the shard.
  std::size_t place_of(std::uint64_t hash) const { return (hash / kShards) & (cells_.size() - 1); }
  void place(const Kept* kept, std::uint64_t hash) {
    std::size_t at = place_of(hash);
    while (cells_[at] != 0) at = (at + 1) & (cells_.size() - 1);
    cells_[at] = reinterpret_cast<std::uint64_t>(kept) | hash >> kAddressBits << kAddressBits;
  }
  void grow() {
    const std::vector<Cell> old =
        std::exchange(cells_, std::vector<Cell>(std::max<std::size_t>(16, cells_.size() * 2)));
    for (const Cell cell : old) {
      if (cell != 0) place(kept_at(cell), hash_of(kept_at(cell)->text()));
    }
  }

  std::vector<Cell> cells_;  // a power of two
  std::size_t count_{0};
  std::vector<std::unique_ptr<char[]>> arenas_;
  char* free_{nullptr};
  std::size_t left_{0};
};

// Texts never move, so a reader needs no lock: it was handed the number after the text was in place. Writers share
// one of many locks, and a table that grows holds up only a small part of the names.
class Table {
 public:
  Table() { number_of({}); }

  std::uint32_t number_of(std::string_view text) {
    const std::uint64_t hash = Shard::hash_of(text);
    Shard& shard = shards_[hash % kShards];
    const std::lock_guard lock(shard.mutex);
    const Kept* const found = shard.find(text, hash);
    return found ? found->number : add(shard, text, hash);
  }

  std::uint32_t find(std::string_view text) {
    const std::uint64_t hash = Shard::hash_of(text);
    Shard& shard = shards_[hash % kShards];
    const std::lock_guard lock(shard.mutex);
    const Kept* const found = shard.find(text, hash);
    return found ? found->number : 0;
  }

  std::string_view text_of(std::uint32_t number) const {
    return chunks_[number / kChunk].load(std::memory_order_acquire)[number % kChunk]->text();
  }

 private:
  static constexpr std::uint32_t kChunk = 1 << 14;
  static constexpr std::uint32_t kChunks = 1 << 13;  // 134 million names
  using Chunk = const Kept*;

  std::uint32_t add(Shard& shard, std::string_view text, std::uint64_t hash) {
    const std::uint32_t number = count_++;
    assert(number < kChunk * kChunks && "more names than the table holds");
    chunk_of(number)[number % kChunk] = shard.keep(text, number, hash);
    return number;
  }

  Chunk* chunk_of(std::uint32_t number) {
    auto& slot = chunks_[number / kChunk];
    if (Chunk* const there = slot.load(std::memory_order_acquire)) return there;
    const std::lock_guard lock(chunks_mutex_);
    if (Chunk* const there = slot.load(std::memory_order_acquire)) return there;
    Chunk* const made = owned_.emplace_back(new Chunk[kChunk]()).get();
    slot.store(made, std::memory_order_release);
    return made;
  }

  std::array<Shard, kShards> shards_;
  std::mutex chunks_mutex_;
  std::vector<std::unique_ptr<Chunk[]>> owned_;
  std::array<std::atomic<Chunk*>, kChunks> chunks_{};
  std::atomic<std::uint32_t> count_{0};
};

// Never destroyed: a thread that outlives main may still print a name.
Table& names() {
  static Table* const table = new Table;
  return *table;
}
Table& entities() {
  static Table* const table = new Table;
  return *table;
}

}  // namespace

Name::Name(std::string_view text) : number_(names().number_of(text)) {}
std::string_view Name::text() const {
  return names().text_of(number_);
}

Name Name::lookup(std::string_view text) {
  return from_number(names().find(text));
}

EntityId::EntityId(std::string_view urn) : number_(entities().number_of(urn)) {}
std::string_view EntityId::text() const {
  return entities().text_of(number_);
}

EntityId EntityId::lookup(std::string_view urn) {
  EntityId id;
  id.number_ = entities().find(urn);
  return id;
}

}  // namespace cityloop::flow
