// A text that is written once and then shared: what an attribute holds, in the entity, in the log's record that tells
// of it and in history alike.
//
// Eight bytes. Up to seven bytes of text lie inside; more lie in one block that all copies share and the last one
// frees. Never changed, only replaced; copies may be read, made and dropped on any thread.
#pragma once

#include <atomic>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace cityloop::flow {

class Text {
 public:
  Text() = default;
  Text(std::string_view text) : bits_(make(text)) {}
  Text(const std::string& text) : Text(std::string_view(text)) {}
  Text(const char* text) : Text(std::string_view(text)) {}
  Text(const Text& other) : bits_(other.bits_) {
    if (Block* const shared = block()) shared->holders.fetch_add(1, std::memory_order_relaxed);
  }
  Text(Text&& other) noexcept : bits_(std::exchange(other.bits_, kEmpty)) {}
  Text& operator=(const Text& other) {
    Text copy(other);
    std::swap(bits_, copy.bits_);
    return *this;
  }
  Text& operator=(Text&& other) noexcept {
    std::swap(bits_, other.bits_);
    return *this;
  }
  ~Text() {
    if (Block* const shared = block()) let_go(shared);
  }

  // Valid as long as this very object: a short text lies in it.
  std::string_view view() const {
    if (const Block* const shared = block()) return {shared->bytes(), shared->size};
    return {reinterpret_cast<const char*>(&bits_) + 1, std::size_t(bits_ >> 1 & kShortMax)};
  }
  operator std::string_view() const { return view(); }
  operator std::string() const { return str(); }
  std::string str() const { return std::string(view()); }
  std::size_t size() const { return view().size(); }
  bool empty() const { return bits_ == kEmpty; }
  bool starts_with(char first) const { return view().starts_with(first); }
  // What it takes beside its own eight bytes.
  std::size_t bytes_outside() const { return block() ? sizeof(Block) + size() : 0; }

  friend bool operator==(const Text& a, const Text& b) { return a.bits_ == b.bits_ || a.view() == b.view(); }
  template <class T>
    requires(!std::same_as<T, Text> && std::convertible_to<const T&, std::string_view>)
  friend bool operator==(const Text& a, const T& b) {
    return a.view() == std::string_view(b);
  }

 private:
  static_assert(std::endian::native == std::endian::little && sizeof(void*) == 8);
  static constexpr std::size_t kShortMax = 7;
  static constexpr std::uint64_t kEmpty = 1;  // the lowest bit: the text lies inside, its length in the bits above
  struct Block {
    std::atomic<std::uint32_t> holders;
    std::uint32_t size;
    char* bytes() { return reinterpret_cast<char*>(this + 1); }
    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  };

  static std::uint64_t make(std::string_view text) {
    if (text.size() > kShortMax) return make_shared_block(text);
    std::uint64_t bits = 0;
    if (!text.empty()) std::memcpy(&bits, text.data(), text.size());
    return bits << 8 | text.size() << 1 | 1;
  }
  static std::uint64_t make_shared_block(std::string_view);
  static void let_go(Block*);
  Block* block() const { return bits_ & 1 ? nullptr : std::bit_cast<Block*>(bits_); }

  std::uint64_t bits_{kEmpty};
};

}  // namespace cityloop::flow
