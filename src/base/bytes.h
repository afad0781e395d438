// Binary encoding for what we keep on disk: little-endian, varints for counts, length before text.
//
// ByteReader never reads past its end: after a short or damaged input every read gives zeros and ok() is false, so a
// decoder checks once, at its end.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cityloop::base {

class ByteWriter {
 public:
  void u8(std::uint8_t v) { out_.push_back(char(v)); }
  void varint(std::uint64_t v) {
    while (v >= 0x80) out_.push_back(char(v | 0x80)), v >>= 7;
    out_.push_back(char(v));
  }
  void svarint(std::int64_t v) { varint(std::uint64_t(v) << 1 ^ std::uint64_t(v >> 63)); }
  void f64(double v) {
    const auto bits = std::bit_cast<std::uint64_t>(v);
    char raw[8];
    std::memcpy(raw, &bits, 8);
    out_.append(raw, 8);
  }
  void text(std::string_view v) {
    varint(v.size());
    out_.append(v);
  }
  std::string take() { return std::move(out_); }
  std::string_view view() const { return out_; }
  void clear() { out_.clear(); }

 private:
  std::string out_;
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
