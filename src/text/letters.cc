#include "text/letters.h"

#include <cstring>

namespace cityloop::text {
namespace {

constexpr std::uint64_t kPrime = 0x9e3779b97f4a7c15;

std::uint64_t mix(std::uint64_t v) {
  v = (v ^ (v >> 32)) * 0xd6e8feb86659fd93;
  v = (v ^ (v >> 32)) * 0xd6e8feb86659fd93;
  return v ^ (v >> 32);
}

}  // namespace

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t state = mix(seed + kPrime * (bytes.size() + 1));
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    state = mix(state ^ word) * kPrime;
    bytes.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  return mix(state ^ rest);
}

}  // namespace cityloop::text
