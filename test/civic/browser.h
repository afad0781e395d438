// A browser that was subscribed, as far as a push is concerned: its keys, and how it reads a push by RFC 8291 and 8188
// step by step; and how a push service checks who sends it by RFC 8292. Written from the RFCs beside the program's own
// way, with HKDF from its two halves.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "base/text_of_bytes.h"
#include "civic/push_crypto.h"

namespace cityloop::civic {

using base::from_base64url;
using base::to_base64url;

inline std::string hmac(std::string_view key, std::string_view text) {
  unsigned char out[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), int(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), out,
       &size);
  return {reinterpret_cast<const char*>(out), size};
}

// RFC 5869, for at most one block.
inline std::string derive(std::string_view salt, std::string_view secret, std::string_view info, std::size_t size) {
  return hmac(hmac(salt, secret), std::string(info) + '\x01').substr(0, size);
}

inline std::optional<std::string> open_gcm(std::string_view key, std::string_view nonce, std::string_view sealed) {
  if (sealed.size() < 16) return std::nullopt;
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                               &EVP_CIPHER_CTX_free);
  std::string out(sealed.size() - 16, '\0'), tag(sealed.substr(sealed.size() - 16));
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, bytes(key), bytes(nonce));
  EVP_DecryptUpdate(cipher.get(), to, &size, bytes(sealed), int(out.size()));
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, 16, tag.data());
  if (EVP_DecryptFinal_ex(cipher.get(), to + size, &size) != 1) return std::nullopt;
  return out;
}

class TestBrowser {
 public:
  TestBrowser() : key_(PushKey::make().value()), auth_("0123456789abcdef") {}
  TestBrowser(std::string_view scalar, std::string auth)
      : key_(PushKey::from_scalar(scalar).value()), auth_(std::move(auth)) {}

  std::string p256dh() const { return to_base64url(key_.public_point()); }
  std::string auth() const { return to_base64url(auth_); }
  // As PushSubscription.toJSON() gives it.
  std::string subscription(const std::string& endpoint, std::string_view more = "") const {
    return fmt::format(R"({{"endpoint":"{}","expirationTime":null,"keys":{{"p256dh":"{}","auth":"{}"}}{}}})", endpoint,
                       p256dh(), auth(), more);
  }

  // RFC 8188, 2.1, and RFC 8291, 3.4. Nothing where it is not for this browser, or broken.
  std::optional<std::string> read(std::string_view body) const {
    if (body.size() < 21) return std::nullopt;
    const std::string_view salt = body.substr(0, 16);
    std::uint32_t record = 0;
    for (const char c : body.substr(16, 4)) record = record << 8 | std::uint8_t(c);
    const std::size_t id_size = std::uint8_t(body[20]);
    if (body.size() < 21 + id_size || body.size() - 21 - id_size > record) return std::nullopt;
    const std::string_view sender = body.substr(21, id_size), sealed = body.substr(21 + id_size);
    const auto agreed = key_.shared_secret(sender);
    if (!agreed) return std::nullopt;
    std::string info("WebPush: info");
    info += '\0';
    info.append(key_.public_point()).append(sender);
    const std::string input = derive(auth_, *agreed, info, 32);
    const std::string key = derive(salt, input, std::string("Content-Encoding: aes128gcm") + '\0', 16);
    const std::string nonce = derive(salt, input, std::string("Content-Encoding: nonce") + '\0', 12);
    auto plain = open_gcm(key, nonce, sealed);
    if (!plain) return std::nullopt;
    while (plain->ends_with('\0')) plain->pop_back();
    if (!plain->ends_with('\x02')) return std::nullopt;  // the delimiter of the last record
    plain->pop_back();
    return plain;
  }

 private:
  PushKey key_;
  std::string auth_;
};

// The claims of "vapid t=…, k=…", where the signature is by k; nothing otherwise.
inline std::optional<base::JsonValue> vapid_claims(std::string_view header, std::string* key_out = nullptr) {
  const std::size_t t = header.find("t="), comma = header.find(", k=");
  if (!header.starts_with("vapid ") || t == std::string_view::npos || comma == std::string_view::npos)
    return std::nullopt;
  const std::string_view token = header.substr(t + 2, comma - t - 2);
  const std::size_t first = token.find('.'), last = token.rfind('.');
  const auto signature = from_base64url(token.substr(last + 1)), point = from_base64url(header.substr(comma + 4));
  if (!signature || signature->size() != 64 || !point) return std::nullopt;
  if (key_out) *key_out = std::string(header.substr(comma + 4));
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point->data(), point->size());
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
  ECDSA_SIG* parts = ECDSA_SIG_new();
  const auto number = [&](std::size_t at) {
    return BN_bin2bn(reinterpret_cast<const unsigned char*>(signature->data()) + at, 32, nullptr);
  };
  ECDSA_SIG_set0(parts, number(0), number(32));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts, &der);
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  const std::string_view text = token.substr(0, last);
  EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
  const bool ours = EVP_DigestVerify(digest, der, std::size_t(size),
                                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(digest);
  OPENSSL_free(der);
  ECDSA_SIG_free(parts);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  if (!ours) return std::nullopt;
  const auto head = from_base64url(token.substr(0, first));
  const auto claims = from_base64url(token.substr(first + 1, last - first - 1));
  if (!head || !claims || head->find("\"ES256\"") == std::string::npos) return std::nullopt;
  auto parsed = base::JsonValue::parse(*claims);
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

}  // namespace cityloop::civic
