#include "trust/seal.h"

#include <sodium.h>

#include <array>
#include <cassert>

namespace cityloop::trust {

std::string seal(std::string_view secret, std::string_view text) {
  static const bool ready = sodium_init() >= 0;
  assert(ready);
  const auto bytes = [](std::string_view v) { return reinterpret_cast<const unsigned char*>(v.data()); };
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, bytes(text), text.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  std::string hex(2 * mac.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), mac.data(), mac.size());
  hex.pop_back();  // its terminating zero
  return hex;
}

bool same_seal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace cityloop::trust
