// Which rows are learned from: drawn evenly from all that could be had, the same for the same seed.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace cityloop::traffic {

// Spreads the bits of a number (Steele, Lea and Flood 2014).
inline std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
  x = (x ^ x >> 27) * 0x94d049bb133111ebU;
  return x ^ x >> 31;
}

// From 0 to below 1: a row is kept where this is below the share that is wanted.
inline double draw(std::uint64_t segment, std::uint64_t step, std::size_t horizon_at, std::uint64_t seed) {
  const std::uint64_t bits = mixed(segment * 0x9e3779b97f4a7c15U ^ mixed(step * 4 + horizon_at) ^ mixed(seed + 1));
  return double(bits >> 11) * 0x1p-53;
}

// What is kept of each stretch of road, by its id; numbered as they come. Texts of ids live as long as the program.
template <class Kept>
class BySegment {
 public:
  struct One {
    std::uint64_t number{};
    Kept kept;
  };
  One& of(std::string_view segment) {
    if (const auto known = all_.find(segment); known != all_.end()) return known->second;
    return all_.emplace(segment, One{.number = all_.size(), .kept = {}}).first->second;
  }

 private:
  std::unordered_map<std::string_view, One> all_;
};

}  // namespace cityloop::traffic
