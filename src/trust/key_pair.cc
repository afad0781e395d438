#include "trust/key_pair.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cassert>

#include "trust/crypto.h"
#include "trust/openssl.h"

namespace cityloop::trust {
namespace {

using base::Errc;
using base::fail;
using base::Result;

std::unexpected<base::Error> no_key(std::string_view what) {
  ERR_clear_error();
  return fail(Errc::invalid, "this is no {}", what);
}

std::string public_of(EVP_PKEY* key) {
  std::string out(kKeyBytes, '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key, bytes_of(out), &size) != 1 || size != kKeyBytes) out.clear();
  return out;
}

KeyPtr public_key_of(int kind, std::string_view raw) {
  KeyPtr key(raw.size() == kKeyBytes ? EVP_PKEY_new_raw_public_key(kind, nullptr, bytes_of(raw), raw.size()) : nullptr);
  if (!key) ERR_clear_error();
  return key;
}

std::string text_of(BIO* memory) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  return {text, std::size_t(size)};
}

EVP_PKEY* as_key(const std::shared_ptr<void>& key) {
  return static_cast<EVP_PKEY*>(key.get());
}

std::shared_ptr<void> shared(KeyPtr key) {
  return {key.release(), [](void* one) { EVP_PKEY_free(static_cast<EVP_PKEY*>(one)); }};
}

}  // namespace

SigningPair SigningPair::make() {
  KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  assert(key);
  std::string open = public_of(key.get());
  return {shared(std::move(key)), std::move(open)};
}

Result<SigningPair> SigningPair::from_pem(std::string_view pem) {
  const BioPtr memory(BIO_new_mem_buf(pem.data(), int(pem.size())));
  KeyPtr key(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) return no_key("private key of Ed25519 in PEM");
  std::string open = public_of(key.get());
  return SigningPair(shared(std::move(key)), std::move(open));
}

std::string SigningPair::pem() const {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  const bool ok = PEM_write_bio_PKCS8PrivateKey(memory.get(), as_key(key_), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  assert(ok);
  return text_of(memory.get());
}

std::string SigningPair::sign(std::string_view text) const {
  const DigestPtr context(EVP_MD_CTX_new());
  std::string out(kSignatureBytes, '\0');
  std::size_t size = out.size();
  const bool ok = EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, as_key(key_)) == 1 &&
                  EVP_DigestSign(context.get(), bytes_of(out), &size, bytes_of(text), text.size()) == 1;
  assert(ok && size == kSignatureBytes);
  return out;
}

bool is_signed_by(std::string_view public_key, std::string_view text, std::string_view signature) {
  const KeyPtr key = public_key_of(EVP_PKEY_ED25519, public_key);
  const DigestPtr context(EVP_MD_CTX_new());
  const bool good =
      key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

std::string signing_key_pem(std::string_view public_key) {
  const KeyPtr key = public_key_of(EVP_PKEY_ED25519, public_key);
  const BioPtr memory(BIO_new(BIO_s_mem()));
  const bool ok = key && PEM_write_bio_PUBKEY(memory.get(), key.get()) == 1;
  assert(ok);
  return text_of(memory.get());
}

Result<std::string> signing_key_from_pem(std::string_view pem) {
  const BioPtr memory(BIO_new_mem_buf(pem.data(), int(pem.size())));
  const KeyPtr key(memory ? PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) return no_key("public key of Ed25519 in PEM");
  return public_of(key.get());
}

namespace {

std::string number(std::size_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += char(value >> shift & 0xff);
  return out;
}

// RFC 9180, 4: LabeledExtract and LabeledExpand, for one suite of identifiers.
struct Labeled {
  std::string suite;

  std::string extract(std::string_view salt, std::string_view label, std::string_view secret) const {
    return hkdf_extract(salt, fmt::format("HPKE-v1{}{}{}", suite, label, secret));
  }
  std::string expand(std::string_view key, std::string_view label, std::string_view info, std::size_t size) const {
    return hkdf_expand(key, number(size, 2) + fmt::format("HPKE-v1{}{}{}", suite, label, info), size);
  }
};

constexpr int kKem = 0x0020, kKdf = 0x0001;

struct MessageKey {
  std::string key, nonce;
};

// RFC 9180, 4.1 and 5.1: from what the two keys agree on to the key of the first message.
MessageKey message_key(std::string_view agreed, std::string_view once, std::string_view receiver,
                       std::string_view purpose, HpkeCipher cipher) {
  const Labeled kem{"KEM" + number(kKem, 2)};
  const Labeled suite{"HPKE" + number(kKem, 2) + number(kKdf, 2) + number(std::size_t(cipher), 2)};
  const std::string shared = kem.expand(kem.extract("", "eae_prk", agreed), "shared_secret",
                                        std::string(once) + std::string(receiver), kKeyBytes);
  const std::string context =
      number(0, 1) + suite.extract("", "psk_id_hash", "") + suite.extract("", "info_hash", purpose);
  const std::string secret = suite.extract(shared, "secret", "");
  return {suite.expand(secret, "key", context, cipher == HpkeCipher::aes_128_gcm ? 16 : 32),
          suite.expand(secret, "base_nonce", context, kGcmNonceBytes)};
}

// Nothing where the other key is none, or one of those that agree with everybody on nothing.
std::optional<std::string> agree(std::string_view mine, std::string_view other) {
  const KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes_of(mine), mine.size()));
  const KeyPtr peer = public_key_of(EVP_PKEY_X25519, other);
  const KeyContextPtr context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
  std::string out(kKeyBytes, '\0');
  std::size_t size = out.size();
  const bool ok = peer && context && EVP_PKEY_derive_init(context.get()) == 1 &&
                  EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                  EVP_PKEY_derive(context.get(), bytes_of(out), &size) == 1 && size == kKeyBytes;
  if (ok) return out;
  ERR_clear_error();
  return std::nullopt;
}

}  // namespace

SealingPair SealingPair::make() {
  auto made = from_private(random_bytes(kKeyBytes));
  assert(made);
  return *std::move(made);
}

Result<SealingPair> SealingPair::from_private(std::string_view raw) {
  const KeyPtr key(raw.size() == kKeyBytes
                       ? EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes_of(raw), raw.size())
                       : nullptr);
  if (!key) return no_key("private key of X25519");
  return SealingPair(std::string(raw), public_of(key.get()));
}

std::optional<std::string> SealingPair::open(std::string_view sealed, std::string_view purpose, std::string_view beside,
                                             HpkeCipher cipher) const {
  if (sealed.size() < kHpkeMoreBytes) return std::nullopt;
  const std::string_view once = sealed.substr(0, kKeyBytes);
  const auto agreed = agree(private_, once);
  if (!agreed) return std::nullopt;
  const MessageKey with = message_key(*agreed, once, public_, purpose, cipher);
  return open_gcm(with.key, with.nonce, sealed.substr(kKeyBytes), beside);
}

Result<std::string> hpke_seal_with(const SealingPair& once, std::string_view public_key, std::string_view purpose,
                                   std::string_view beside, std::string_view plain, HpkeCipher cipher) {
  const auto agreed = agree(once.private_key(), public_key);
  if (!agreed) return no_key("public key of X25519");
  const MessageKey with = message_key(*agreed, once.public_key(), public_key, purpose, cipher);
  return once.public_key() + seal_gcm(with.key, with.nonce, plain, beside);
}

Result<std::string> hpke_seal(std::string_view public_key, std::string_view purpose, std::string_view beside,
                              std::string_view plain, HpkeCipher cipher) {
  return hpke_seal_with(SealingPair::make(), public_key, purpose, beside, plain, cipher);
}

}  // namespace cityloop::trust
