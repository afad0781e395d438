#include "trust/secret.h"

#include <argon2.h>
#include <sodium.h>

#include <array>
#include <cassert>

namespace cityloop::trust {
namespace {

using base::Errc;
using base::fail;

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKib = 19u << 10;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kPasswordCharactersMin = 10;
constexpr std::size_t kPasswordBytesMax = 1024;

void ready() {
  static const bool done = sodium_init() >= 0;
  assert(done);
}

std::array<std::uint8_t, kSaltBytes> make_salt() {
  ready();
  std::array<std::uint8_t, kSaltBytes> salt;
  randombytes_buf(salt.data(), salt.size());
  return salt;
}

}  // namespace

std::string make_secret() {
  ready();
  std::array<std::uint8_t, 32> raw;
  randombytes_buf(raw.data(), raw.size());
  std::string text(sodium_base64_ENCODED_LEN(raw.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero(raw.data(), raw.size());
  text.pop_back();  // its terminating zero
  return text;
}

std::string fingerprint(std::string_view secret) {
  ready();
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size());
  std::string hex(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

base::Result<std::string> hash_password(std::string_view password) {
  const auto salt = make_salt();
  std::string out(argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const int code = argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(), salt.data(),
                                         salt.size(), kHashBytes, out.data(), out.size());
  if (code != ARGON2_OK) return fail(Errc::unavailable, "cannot hash a password: {}", argon2_error_message(code));
  out.resize(std::strlen(out.c_str()));
  return out;
}

bool verify_password(std::string_view password, const std::string& stored) {
  return argon2id_verify(stored.c_str(), password.data(), password.size()) == ARGON2_OK;
}

void waste_a_hash(std::string_view password) {
  const auto salt = make_salt();
  std::array<std::uint8_t, kHashBytes> out;
  argon2id_hash_raw(kPasses, kMemoryKib, kLanes, password.data(), password.size(), salt.data(), salt.size(), out.data(),
                    out.size());
}

base::Result<std::string> key_from_passphrase(std::string_view passphrase, std::string_view salt) {
  constexpr std::uint32_t kKeyPasses = 3, kKeyMemoryKib = 64u << 10;
  assert(salt.size() == kSaltBytes);
  std::string out(kHashBytes, '\0');
  const int code = argon2id_hash_raw(kKeyPasses, kKeyMemoryKib, kLanes, passphrase.data(), passphrase.size(),
                                     salt.data(), salt.size(), out.data(), out.size());
  if (code != ARGON2_OK) return fail(Errc::unavailable, "cannot derive a key: {}", argon2_error_message(code));
  return out;
}

base::Status check_password(std::string_view password) {
  if (password.size() > kPasswordBytesMax) {
    return fail(Errc::invalid, "a password may have {} bytes at most", kPasswordBytesMax);
  }
  std::size_t characters = 0;
  for (const char c : password) characters += (c & 0xc0) != 0x80;
  if (characters < kPasswordCharactersMin) {
    return fail(Errc::invalid, "a password needs {} characters at least", kPasswordCharactersMin);
  }
  return {};
}

}  // namespace cityloop::trust
