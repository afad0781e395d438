// What a voter's browser does: blinds a token and makes a signature of what comes back (RFC 9474, 4.2 and 4.4), written
// for tests apart from the house's own half.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/text_of_bytes.h"
#include "participation/ballot_file.h"
#include "participation/blind_rsa.h"

namespace cityloop::participation {

using base::from_base64url;
using base::to_base64url;

struct FreeNumber {
  void operator()(BIGNUM* it) const { BN_free(it); }
};
using TestNumber = std::unique_ptr<BIGNUM, FreeNumber>;

inline TestNumber number_of(std::string_view bytes) {
  return TestNumber(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), int(bytes.size()), nullptr));
}

inline std::string bytes_of(const TestNumber& number, std::size_t size) {
  std::string out(size, '\0');
  BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(out.data()), int(size));
  return out;
}

inline std::string unhex(std::string_view hex) {
  std::string out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += char(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return out;
}

inline std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), int(size));
  return out;
}

inline std::string sha384(std::string_view text) {
  std::string out(48, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha384(), nullptr);
  return out;
}

// EMSA-PSS-ENCODE (RFC 8017, 9.1.1) with SHA-384, MGF1 of it, and a modulus of whole bytes.
inline std::string encode_pss(std::string_view message, std::string_view salt, std::size_t size) {
  const std::string hash = sha384(std::string(8, '\0') + sha384(message) + std::string(salt));
  std::string block(size - hash.size() - 1, '\0');
  block[block.size() - salt.size() - 1] = 1;
  std::copy(salt.begin(), salt.end(), block.end() - std::ptrdiff_t(salt.size()));
  std::string mask;
  for (std::uint32_t i = 0; mask.size() < block.size(); ++i)
    mask += sha384(hash + std::string{char(i >> 24), char(i >> 16), char(i >> 8), char(i)});
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = char(block[i] ^ mask[i]);
  block[0] = char(block[0] & 0x7f);
  return block + hash + char(0xbc);
}

struct Blinded {
  std::string message;  // to be sent
  TestNumber inverse;   // to be kept
};

// `inverse` of the blinding factor as bytes; empty: a random one.
inline Blinded blind(const VerifyingKey& key, std::string_view prepared, std::string_view salt,
                     std::string_view inverse = {}) {
  BN_CTX* const context = BN_CTX_new();
  const TestNumber n = number_of(key.n()), e = number_of(key.e());
  TestNumber factor(BN_new()), inv(BN_new());
  if (inverse.empty()) {
    BN_rand_range(factor.get(), n.get());
    BN_mod_inverse(inv.get(), factor.get(), n.get(), context);
  } else {
    inv = number_of(inverse);
    BN_mod_inverse(factor.get(), inv.get(), n.get(), context);
  }
  const TestNumber message = number_of(encode_pss(prepared, salt, key.bytes()));
  const TestNumber power(BN_new()), product(BN_new());
  BN_mod_exp(power.get(), factor.get(), e.get(), n.get(), context);
  BN_mod_mul(product.get(), message.get(), power.get(), n.get(), context);
  BN_CTX_free(context);
  return {bytes_of(product, key.bytes()), std::move(inv)};
}

inline std::string unblind(const VerifyingKey& key, std::string_view blind_signature, const TestNumber& inverse) {
  BN_CTX* const context = BN_CTX_new();
  const TestNumber n = number_of(key.n()), signature = number_of(blind_signature), product(BN_new());
  BN_mod_mul(product.get(), signature.get(), inverse.get(), n.get(), context);
  BN_CTX_free(context);
  return bytes_of(product, key.bytes());
}

// A token on its way to being a ballot.
struct Voter {
  std::string token = random_bytes(kTokenBytes), prefix = random_bytes(kPrefixBytes);
  Blinded blinded{};

  std::string ask(const VerifyingKey& key) {
    blinded = blind(key, prefix + token, random_bytes(48));
    return to_base64url(blinded.message);
  }
  BallotPaper paper(const VerifyingKey& key, std::string_view blind_signature, std::vector<std::string> choices) const {
    BallotPaper out;
    out.id = ballot_id(token);
    out.token = to_base64url(token);
    out.prefix = to_base64url(prefix);
    out.signature = to_base64url(unblind(key, blind_signature, blinded.inverse));
    out.choices = std::move(choices);
    return out;
  }
};

}  // namespace cityloop::participation
