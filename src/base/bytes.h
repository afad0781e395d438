// Binary encoding for what we keep on disk: little-endian, varints for counts, length before text.
//
// ByteReader never reads past its end: after a short or damaged input every read gives zeros and ok() is false, so a
// decoder checks once, at its end.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace cityloop::base {

class ByteWriter {
 public:
  void u8(std::uint8_t v) {
    *room(1) = char(v);
    ++size_;
  }
  void varint(std::uint64_t v) {
    char* const begin = room(10);
    char* at = begin;
    for (; v >= 0x80; v >>= 7) *at++ = char(v | 0x80);
    *at++ = char(v);
    size_ += std::size_t(at - begin);
  }
  void svarint(std::int64_t v) { varint(std::uint64_t(v) << 1 ^ std::uint64_t(v >> 63)); }
  void f64(double v) {
    const auto bits = std::bit_cast<std::uint64_t>(v);
    std::memcpy(room(8), &bits, 8);
    size_ += 8;
  }
  void text(std::string_view v) {
    varint(v.size());
    raw(v);
  }
  void raw(std::string_view v) {
    if (v.empty()) return;
    std::memcpy(room(v.size()), v.data(), v.size());
    size_ += v.size();
  }
  std::string take() {
    out_.resize(size_);
    size_ = 0;
    return std::exchange(out_, {});
  }
  std::string_view view() const { return {out_.data(), size_}; }
  void clear() { size_ = 0; }

 private:
  // At least so many bytes behind what is written.
  char* room(std::size_t bytes) {
    if (out_.size() - size_ < bytes) out_.resize(std::max(size_ + bytes, 2 * size_ + 64));
    return out_.data() + size_;
  }

  std::string out_;  // longer than what is written
  std::size_t size_{0};
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}

  std::uint8_t u8() {
    if (in_.empty()) return fail(), 0;
    const auto v = std::uint8_t(in_.front());
    in_.remove_prefix(1);
    return v;
  }
  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      v |= std::uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return v;
    }
    return fail(), 0;
  }
  std::int64_t svarint() {
    const std::uint64_t v = varint();
    return std::int64_t(v >> 1) ^ -std::int64_t(v & 1);
  }
  double f64() {
    if (in_.size() < 8) return fail(), 0;
    std::uint64_t bits;
    std::memcpy(&bits, in_.data(), 8);
    in_.remove_prefix(8);
    return std::bit_cast<double>(bits);
  }
  std::string_view text() {
    const std::uint64_t size = varint();
    if (size > in_.size()) return fail(), std::string_view{};
    const std::string_view v = in_.substr(0, size);
    in_.remove_prefix(size);
    return v;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return in_.empty(); }
  std::size_t left() const { return in_.size(); }

 private:
  void fail() {
    ok_ = false;
    in_ = {};
  }

  std::string_view in_;
  bool ok_{true};
};

}  // namespace cityloop::base
