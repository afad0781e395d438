#include "domain/awards/trust/shares.h"

#include <cassert>
#include <cstdint>

namespace cityloop::awards {
namespace {

// Without branches or tables that depend on the values.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
  unsigned product = 0, left = a;
  for (int bit = 0; bit < 8; ++bit) {
    product ^= left & (0u - (unsigned(b) >> bit & 1u));
    left = left << 1 ^ (0x11bu & (0u - (left >> 7 & 1u)));
  }
  return std::uint8_t(product);
}

// a to the 254th power, as a to the 255th is 1.
std::uint8_t inverse(std::uint8_t a) {
  std::uint8_t out = 1, power = a;
  for (int bit = 1; bit < 8; ++bit) {
    power = multiply(power, power);
    out = multiply(out, power);
  }
  return out;
}

}  // namespace

std::vector<std::string> split(std::string_view secret, unsigned need, unsigned holders, std::string_view random) {
  assert(need >= 1 && need <= holders && holders <= 255 && random.size() == (need - 1) * secret.size());
  std::vector<std::string> out;
  for (unsigned number = 1; number <= holders; ++number) {
    std::string share(1, char(number));
    for (std::size_t at = 0; at < secret.size(); ++at) {
      std::uint8_t value = 0;  // Horner's rule, from the highest coefficient down to the secret's byte
      for (unsigned power = need - 1; power > 0; --power)
        value = std::uint8_t(multiply(value, std::uint8_t(number)) ^
                             std::uint8_t(random[(power - 1) * secret.size() + at]));
      share += char(multiply(value, std::uint8_t(number)) ^ std::uint8_t(secret[at]));
    }
    out.push_back(std::move(share));
  }
  return out;
}

// Lagrange's polynomial at 0, where the difference of numbers is their sum.
std::string join(const std::vector<std::string>& shares) {
  assert(!shares.empty());
  std::string out(shares.front().size() - 1, '\0');
  for (const std::string& share : shares) {
    assert(share.size() == out.size() + 1);
    std::uint8_t weight = 1;
    for (const std::string& other : shares) {
      if (other[0] == share[0]) continue;
      weight = multiply(weight, multiply(std::uint8_t(other[0]), inverse(std::uint8_t(other[0] ^ share[0]))));
    }
    for (std::size_t at = 0; at < out.size(); ++at)
      out[at] = char(std::uint8_t(out[at]) ^ multiply(weight, std::uint8_t(share[at + 1])));
  }
  return out;
}

}  // namespace cityloop::awards
