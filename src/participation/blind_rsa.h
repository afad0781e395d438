// RSA blind signatures, RFC 9474, variant RSABSSA-SHA384-PSS-Randomized: the city signs a voter's token without seeing
// it, and anybody can check the signature afterwards. What was signed and what is shown later cannot be linked, not
// even by whoever holds the key and remembers everything.
//
//   voter: blind(token) ─▶ [SigningKey::blind_sign] ─▶ voter: finalize ─▶ [VerifyingKey::verify]
//
// Blinding and finalizing are the voter's (the page does both). All texts are bytes, numbers big endian and as long as
// the modulus. The private operation is OpenSSL's: in constant time, blinded, by the Chinese remainder theorem; its
// result is checked before it leaves. Immutable; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::participation {

class VerifyingKey {
 public:
  static constexpr std::size_t kBytesMin = 256, kBytesMax = 512;  // of the modulus

  static base::Result<VerifyingKey> make(std::string_view n, std::string_view e);

  const std::string& n() const { return n_; }
  const std::string& e() const { return e_; }
  std::size_t bytes() const { return n_.size(); }
  // SHA-256 in hex of both, each behind its length: what the log says of the key.
  std::string fingerprint() const;
  // Whether `signature` was made over prefix and token.
  bool verify(std::string_view prefix, std::string_view token, std::string_view signature) const;

 private:
  friend class SigningKey;
  struct Inside;
  std::shared_ptr<const Inside> inside_;
  std::string n_, e_;
};

class SigningKey {
 public:
  static base::Result<SigningKey> make(int bits);
  static base::Result<SigningKey> load(std::string_view pem);
  base::Result<std::string> pem() const;

  const VerifyingKey& verifying() const { return verifying_; }
  // Errc::invalid where it is not as long as the modulus, or not less than it.
  base::Result<std::string> blind_sign(std::string_view blinded) const;

 private:
  struct Inside;
  std::shared_ptr<const Inside> inside_;
  VerifyingKey verifying_;
};

}  // namespace cityloop::participation
