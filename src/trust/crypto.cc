#include "trust/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cassert>
#include <memory>

#include "trust/openssl.h"

namespace cityloop::trust {
namespace {

const EVP_CIPHER* gcm_for(std::string_view key) {
  assert(key.size() == 16 || key.size() == 32);
  return key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

}  // namespace

Digest sha256(std::initializer_list<std::string_view> parts) {
  // Looking the algorithm up takes longer than a short hash: once a thread.
  thread_local const struct {
    std::unique_ptr<EVP_MD, Freeing<EVP_MD_free>> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    DigestPtr context{EVP_MD_CTX_new()};
  } mine;
  Digest out;
  bool ok = EVP_DigestInit_ex2(mine.context.get(), mine.algorithm.get(), nullptr) == 1;
  for (const std::string_view part : parts) ok = ok && EVP_DigestUpdate(mine.context.get(), part.data(), part.size());
  ok = ok && EVP_DigestFinal_ex(mine.context.get(), out.data(), nullptr) == 1;
  assert(ok);
  return out;
}

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  const bool ok = RAND_bytes(bytes_of(out), int(size)) == 1;
  assert(ok);
  return out;
}

std::string hkdf_extract(std::string_view salt, std::string_view secret) {
  std::string out(sizeof(Digest), '\0');
  const bool ok =
      HMAC(EVP_sha256(), salt.data(), int(salt.size()), bytes_of(secret), secret.size(), bytes_of(out), nullptr);
  assert(ok);
  return out;
}

std::string hkdf_expand(std::string_view key, std::string_view info, std::size_t size) {
  assert(size <= 255 * sizeof(Digest));
  std::string out, block;
  for (char count = 1; out.size() < size; ++count) {
    block.append(info) += count;
    block = hkdf_extract(key, block);  // HMAC again
    out += block;
  }
  out.resize(size);
  return out;
}

std::string seal_gcm(std::string_view key, std::string_view nonce, std::string_view plain, std::string_view beside) {
  assert(nonce.size() == kGcmNonceBytes);
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  std::string out(plain.size() + kGcmTagBytes, '\0');
  int size = 0, rest = 0;
  const bool ok =
      cipher && EVP_EncryptInit_ex(cipher.get(), gcm_for(key), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(beside), int(beside.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(out), &size, bytes_of(plain), int(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(out) + size, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, int(kGcmTagBytes), bytes_of(out) + plain.size()) == 1;
  assert(ok);
  return out;
}

std::optional<std::string> open_gcm(std::string_view key, std::string_view nonce, std::string_view sealed,
                                    std::string_view beside) {
  assert(nonce.size() == kGcmNonceBytes);
  if (sealed.size() < kGcmTagBytes) return std::nullopt;
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  std::string out(sealed.size() - kGcmTagBytes, '\0'), tag(sealed.substr(out.size()));
  int size = 0, rest = 0;
  const bool ok = cipher &&
                  EVP_DecryptInit_ex(cipher.get(), gcm_for(key), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(beside), int(beside.size())) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), bytes_of(out), &size, bytes_of(sealed), int(out.size())) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, int(kGcmTagBytes), tag.data()) == 1 &&
                  EVP_DecryptFinal_ex(cipher.get(), bytes_of(out) + size, &rest) == 1;
  if (!ok) {
    ERR_clear_error();
    return std::nullopt;
  }
  return out;
}

}  // namespace cityloop::trust
