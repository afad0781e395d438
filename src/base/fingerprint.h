// Tells versions of texts apart: FNV-1a over texts with their lengths. Proves nothing, for others can be made that give
// the same.
//
//   casework, duty: the texts of a folder ─▶ [Fingerprint] ─ a version's name
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace cityloop::base {

class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : fmt::format("{}:", text.size())) byte(c);
    for (const char c : text) byte(c);
  }
  std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  void byte(char c) { hash_ = (hash_ ^ std::uint8_t(c)) * 0x100000001b3u; }
  std::uint64_t hash_{0xcbf29ce484222325u};
};

}  // namespace cityloop::base
