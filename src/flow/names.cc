#include "flow/names.h"

#include <array>
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cityloop::flow {
namespace {

// Texts live in chunks that never move, so a reader needs no lock: it was handed the number after the text was in
// place.
class Table {
 public:
  Table() { add({}); }

  std::uint32_t number_of(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
    return add(text);
  }

  std::uint32_t find(std::string_view text) {
    const std::lock_guard lock(mutex_);
    const auto found = numbers_.find(text);
    return found == numbers_.end() ? 0 : found->second;
  }

  std::string_view text_of(std::uint32_t number) const {
    return chunks_[number / kChunk].load(std::memory_order_acquire)[number % kChunk];
  }

 private:
  static constexpr std::uint32_t kChunk = 1 << 14;
  static constexpr std::uint32_t kChunks = 1 << 13;  // 134 million names

  std::uint32_t add(std::string_view text) {
    const std::uint32_t number = count_++;
    assert(number < kChunk * kChunks && "more names than the table holds");
    std::string* chunk = chunks_[number / kChunk].load(std::memory_order_relaxed);
    if (!chunk) {
      chunk = owned_.emplace_back(new std::string[kChunk]).get();
      chunks_[number / kChunk].store(chunk, std::memory_order_release);
    }
    chunk[number % kChunk] = text;
    numbers_.emplace(chunk[number % kChunk], number);
    return number;
  }

  std::mutex mutex_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  std::vector<std::unique_ptr<std::string[]>> owned_;
  std::array<std::atomic<std::string*>, kChunks> chunks_{};
  std::uint32_t count_{0};
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
