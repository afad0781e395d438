// Hashes, derived keys and sealed bytes by OpenSSL, for whoever must agree with others about them: pushes to browsers,
// sealed score sheets, logs that outsiders check.
//
// All texts are bytes. What can only fail when memory or the system's randomness is gone ends the program. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace cityloop::trust {

using Digest = std::array<std::uint8_t, 32>;
// SHA-256 of the parts one behind another.
Digest sha256(std::initializer_list<std::string_view> parts);
inline std::string_view as_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string random_bytes(std::size_t);

// HKDF with SHA-256 (RFC 5869) in its two steps. `size` is at most 255 times 32.
std::string hkdf_extract(std::string_view salt, std::string_view secret);
std::string hkdf_expand(std::string_view key, std::string_view info, std::size_t size);

// AES-GCM with a key of 16 or 32 bytes and a nonce of 12; the tag of 16 bytes stands behind the text. `beside` is what
// must be the same again for it to open.
inline constexpr std::size_t kGcmNonceBytes = 12, kGcmTagBytes = 16;
std::string seal_gcm(std::string_view key, std::string_view nonce, std::string_view plain,
                     std::string_view beside = {});
std::optional<std::string> open_gcm(std::string_view key, std::string_view nonce, std::string_view sealed,
                                    std::string_view beside = {});

}  // namespace cityloop::trust
