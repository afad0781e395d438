// Pairs of keys that outsiders meet: Ed25519 signs what anybody may check, and X25519 with HPKE seals bytes to whoever
// holds a private key.
//
//   SigningPair ─ signature ─▶ is_signed_by        hpke_seal(public key) ─▶ bytes ─▶ SealingPair::open
//
// Keys and signatures are raw bytes: 32 for a key, 64 for a signature. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::trust {

inline constexpr std::size_t kKeyBytes = 32, kSignatureBytes = 64;

// Ed25519 (RFC 8032): the same text has always the same signature.
class SigningPair {
 public:
  static SigningPair make();
  static base::Result<SigningPair> from_pem(std::string_view);  // PKCS #8
  std::string pem() const;

  const std::string& public_key() const { return public_; }
  std::string sign(std::string_view text) const;

 private:
  SigningPair(std::shared_ptr<void> key, std::string made) : key_(std::move(key)), public_(std::move(made)) {}
  std::shared_ptr<void> key_;  // EVP_PKEY
  std::string public_;
};

bool is_signed_by(std::string_view public_key, std::string_view text, std::string_view signature);
// SubjectPublicKeyInfo in PEM, as openssl and browsers read it.
std::string signing_key_pem(std::string_view public_key);
base::Result<std::string> signing_key_from_pem(std::string_view);

// HPKE (RFC 9180), mode base, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and one of these.
enum class HpkeCipher : std::uint8_t { aes_128_gcm = 1, aes_256_gcm = 2 };
inline constexpr std::size_t kHpkeMoreBytes = kKeyBytes + 16;  // than the plain text has

class SealingPair {
 public:
  static SealingPair make();
  static base::Result<SealingPair> from_private(std::string_view raw);

  const std::string& public_key() const { return public_; }
  const std::string& private_key() const { return private_; }
  // Nothing where it was sealed to another key, for another purpose, beside something else, or has been altered.
  std::optional<std::string> open(std::string_view sealed, std::string_view purpose, std::string_view beside,
                                  HpkeCipher = HpkeCipher::aes_256_gcm) const;

 private:
  SealingPair(std::string secret, std::string open) : private_(std::move(secret)), public_(std::move(open)) {}
  std::string private_, public_;
};

// What is needed to open it stands first: the public key made for this message (RFC 9180's enc), then the sealed text.
// Errc::invalid where the key is none.
base::Result<std::string> hpke_seal(std::string_view public_key, std::string_view purpose, std::string_view beside,
                                    std::string_view plain, HpkeCipher = HpkeCipher::aes_256_gcm);
// With the pair for this message given, for known answers alone: used twice it gives away what it sealed.
base::Result<std::string> hpke_seal_with(const SealingPair& once, std::string_view public_key, std::string_view purpose,
                                         std::string_view beside, std::string_view plain, HpkeCipher);

}  // namespace cityloop::trust
