// Randomness as an input: the same seed gives the same numbers on every machine (SplitMix64, Steele et al. 2014).
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace cityloop::base {

class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  constexpr double uniform() { return double(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  constexpr double uniform(double low, double high) { return low + (high - low) * uniform(); }
  constexpr std::uint64_t below(std::uint64_t n) { return next() % n; }  // n > 0; the bias is under n / 2^64
  double normal() {  // mean 0, deviation 1 (Box-Muller, one of the pair)
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t state_;
};

}  // namespace cityloop::base
