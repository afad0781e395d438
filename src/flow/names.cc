#include "flow/names.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cityloop::flow {
namespace {

constexpr std::size_t kShards = 64;

// The texts of one part of all names, by hash: where each lies, and which number it has. Some 50 bytes beside the
// text's own would be a map's price; here it is 25, because ten million entities have ten million names.
class Shard {
 public:
  static constexpr std::uint32_t kNone = ~0u;

  std::uint32_t find(std::string_view text, std::uint32_t tag, const auto& text_of) const {
    if (cells_.empty()) return kNone;
    for (std::size_t at = tag & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
      const Cell& cell = cells_[at];
      if (cell.number == kNone) return kNone;
      if (cell.tag == tag && text_of(cell.number) == text) return cell.number;
    }
  }

  // Where the text lies from now on, its length before it.
  const char* keep(std::string_view text) {
    const auto length = std::uint32_t(text.size());
    const std::size_t needed = sizeof(length) + text.size();
    if (needed > left_) {
      left_ = std::max(kArena, needed);
      arenas_.emplace_back(new char[left_]);
      free_ = arenas_.back().get();
    }
    char* const out = free_;
    std::memcpy(out, &length, sizeof(length));
    std::copy(text.begin(), text.end(), out + sizeof(length));
    free_ += needed;
    left_ -= needed;
    return out;
  }

  void insert(std::uint32_t number, std::uint32_t tag) {
    if ((count_ + 1) * 4 > cells_.size() * 3) grow();
    place({number, tag});
    ++count_;
  }

  std::mutex mutex;  // guards all of this

 private:
  static constexpr std::size_t kArena = std::size_t{16} << 10;
  struct Cell {
    std::uint32_t number{kNone}, tag{0};
  };
  void place(Cell cell) {
    std::size_t at = cell.tag & (cells_.size() - 1);
    while (cells_[at].number != kNone) at = (at + 1) & (cells_.size() - 1);
    cells_[at] = cell;
  }
  void grow() {
    const std::vector<Cell> old =
        std::exchange(cells_, std::vector<Cell>(std::max<std::size_t>(16, cells_.size() * 2)));
    for (const Cell& cell : old) {
      if (cell.number != kNone) place(cell);
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
  auto reader() const {
    return [this](std::uint32_t number) { return text_of(number); };
  }

 public:
  Table() { number_of({}); }

  std::uint32_t number_of(std::string_view text) {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    Shard& shard = shards_[hash % kShards];
    const auto tag = std::uint32_t(hash >> 32);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.find(text, tag, reader());
    return found == Shard::kNone ? add(shard, text, tag) : found;
  }

  std::uint32_t find(std::string_view text) {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    Shard& shard = shards_[hash % kShards];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.find(text, std::uint32_t(hash >> 32), reader());
    return found == Shard::kNone ? 0 : found;
  }

  std::string_view text_of(std::uint32_t number) const {
    const char* const at = chunks_[number / kChunk].load(std::memory_order_acquire)[number % kChunk];
    std::uint32_t length = 0;
    std::memcpy(&length, at, sizeof(length));
    return {at + sizeof(length), length};
  }

 private:
  static constexpr std::uint32_t kChunk = 1 << 14;
  static constexpr std::uint32_t kChunks = 1 << 13;  // 134 million names
  using Chunk = const char*;

  std::uint32_t add(Shard& shard, std::string_view text, std::uint32_t tag) {
    const std::uint32_t number = count_++;
    assert(number < kChunk * kChunks && "more names than the table holds");
    chunk_of(number)[number % kChunk] = shard.keep(text);
    shard.insert(number, tag);
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
