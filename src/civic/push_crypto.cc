#include "civic/push_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/text_of_bytes.h"
#include "trust/crypto.h"
#include "trust/openssl.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::from_base64url;
using base::Result;
using base::to_base64url;
using trust::BioPtr;
using trust::BuilderPtr;
using trust::DigestPtr;
using trust::KeyContextPtr;
using trust::KeyPtr;
using trust::NumberPtr;
using trust::ParamsPtr;
using GroupPtr = std::unique_ptr<EC_GROUP, trust::Freeing<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, trust::Freeing<EC_POINT_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, trust::Freeing<ECDSA_SIG_free>>;

constexpr std::size_t kPointBytes = 65, kScalarBytes = 32, kAuthBytes = 16, kSaltBytes = 16;
constexpr std::uint32_t kRecordBytes = 4096;

const unsigned char* in(std::string_view text) {
  return trust::bytes_of(text);
}
unsigned char* out(std::string& text) {
  return trust::bytes_of(text);
}

std::unexpected<base::Error> trouble(std::string_view doing) {
  ERR_clear_error();
  return fail(Errc::malformed, "cannot {}", doing);
}

// A key of P-256 from its parts; a public one where there is no scalar.
Result<KeyPtr> key_from(std::string_view point, const BIGNUM* scalar) {
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  bool ok = builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1;
  ok = ok && OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
  if (scalar) ok = ok && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1;
  const ParamsPtr params(ok ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  const int selection = scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  ok = params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
       EVP_PKEY_fromdata(context.get(), &made, selection, params.get()) == 1;
  KeyPtr key(made);
  if (!ok) return trouble("read a key of P-256");
  const KeyContextPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return trouble("find the key on P-256");
  return key;
}

Result<KeyPtr> public_key(std::string_view point) {
  if (point.size() != kPointBytes || point.front() != 4)
    return fail(Errc::malformed, "a public key is an uncompressed point of {} bytes", kPointBytes);
  return key_from(point, nullptr);
}

// Padding at the end, which some browsers' libraries write, is passed over.
Result<std::string> read_base64url(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  auto bytes = from_base64url(text);
  if (!bytes) return fail(Errc::malformed, "this is no base64url");
  return *std::move(bytes);
}

std::string hkdf(std::string_view salt, std::string_view secret, std::string_view info, std::size_t size) {
  return trust::hkdf_expand(trust::hkdf_extract(salt, secret), info, size);
}

std::string point_of(EVP_PKEY* key) {
  std::string point(kPointBytes, '\0');
  std::size_t size = 0;
  const bool got = EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out(point), point.size(), &size) == 1;
  if (!got || size != kPointBytes) point.clear();
  return point;
}

EVP_PKEY* as_key(const std::shared_ptr<void>& key) {
  return static_cast<EVP_PKEY*>(key.get());
}

}  // namespace

base::Status check_push_keys(std::string_view p256dh, std::string_view auth) {
  const auto point = read_base64url(p256dh), secret = read_base64url(auth);
  if (!point || !public_key(*point)) return fail(Errc::invalid, "'p256dh' is no public key of P-256");
  if (!secret || secret->size() != kAuthBytes)
    return fail(Errc::invalid, "'auth' is no secret of {} bytes", kAuthBytes);
  return {};
}

Result<PushKey> PushKey::own(void* key) {
  std::shared_ptr<void> owned(key, [](void* one) { EVP_PKEY_free(static_cast<EVP_PKEY*>(one)); });
  std::string point = key ? point_of(as_key(owned)) : std::string();
  if (point.empty()) return trouble("read a key of P-256");
  return PushKey(std::move(owned), std::move(point));
}

Result<PushKey> PushKey::make() {
  return own(EVP_EC_gen("P-256"));
}

Result<PushKey> PushKey::from_scalar(std::string_view bytes) {
  const NumberPtr scalar(BN_bin2bn(in(bytes), int(bytes.size()), nullptr));
  const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const PointPtr point(group ? EC_POINT_new(group.get()) : nullptr);
  std::string encoded(kPointBytes, '\0');
  const bool ok = scalar && point && bytes.size() == kScalarBytes &&
                  EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, nullptr) == 1 &&
                  EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, out(encoded), kPointBytes,
                                     nullptr) == kPointBytes;
  if (!ok) return trouble("make a key of this number");
  return own(TRY(key_from(encoded, scalar.get())).release());
}

Result<PushKey> PushKey::from_pem(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), int(pem.size())));
  return own(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

Result<std::string> PushKey::to_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), as_key(key_), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return trouble("write a key");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, std::size_t(size));
}

Result<std::string> PushKey::shared_secret(std::string_view point) const {
  const KeyPtr peer = TRY(public_key(point));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, as_key(key_), nullptr));
  std::string made(kScalarBytes, '\0');
  std::size_t size = made.size();
  const bool ok = context && EVP_PKEY_derive_init(context.get()) == 1 &&
                  EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                  EVP_PKEY_derive(context.get(), out(made), &size) == 1 && size == kScalarBytes;
  if (!ok) return trouble("agree on a secret");
  return made;
}

Result<std::string> PushKey::sign_es256(std::string_view text) const {
  const DigestPtr digest(EVP_MD_CTX_new());
  std::string der(128, '\0');
  std::size_t size = der.size();
  const bool ok = digest && EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, as_key(key_)) == 1 &&
                  EVP_DigestSign(digest.get(), out(der), &size, in(text), text.size()) == 1;
  const unsigned char* at = in(der);
  const SignaturePtr signature(ok ? d2i_ECDSA_SIG(nullptr, &at, long(size)) : nullptr);
  if (!signature) return trouble("sign");
  std::string made(2 * kScalarBytes, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out(made), int(kScalarBytes));
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out(made) + kScalarBytes, int(kScalarBytes));
  return made;
}

Result<std::string> encrypt_push(std::string_view payload, std::string_view p256dh, std::string_view auth,
                                 const PushKey& sender, std::string_view salt, std::size_t fill) {
  if (payload.size() > kPushPayloadMax) return fail(Errc::full, "a push has at most {} bytes", kPushPayloadMax);
  const std::string receiver = TRY(read_base64url(p256dh)), secret = TRY(read_base64url(auth));
  const std::string agreed = TRY(sender.shared_secret(receiver));
  const std::string info = std::string("WebPush: info\0", 14) + receiver + sender.public_point();
  const std::string input = hkdf(secret, agreed, info, 32);
  const std::string key = hkdf(salt, input, std::string_view("Content-Encoding: aes128gcm\0", 28), 16);
  const std::string nonce = hkdf(salt, input, std::string_view("Content-Encoding: nonce\0", 24), 12);
  std::string plain(payload);
  plain += '\x02';  // the last record, and the only one
  const std::size_t filled = (plain.size() + fill - 1) / fill * fill;
  plain.resize(std::min<std::size_t>(filled, kPushPayloadMax + 1), '\0');
  std::string body(salt);
  for (int shift = 24; shift >= 0; shift -= 8) body += char(kRecordBytes >> shift & 0xff);
  body += char(kPointBytes);
  body += sender.public_point();
  return body += trust::seal_gcm(key, nonce, plain);
}

Result<std::string> encrypt_push(std::string_view payload, std::string_view p256dh, std::string_view auth) {
  constexpr std::size_t kFill = 512;
  const PushKey sender = TRY(PushKey::make());
  return encrypt_push(payload, p256dh, auth, sender, trust::random_bytes(kSaltBytes), kFill);
}

Result<std::string> vapid_header(const PushKey& key, std::string_view origin, std::string_view subject,
                                 base::Instant until) {
  base::JsonWriter claims;
  claims.object().field("aud", origin).field("exp", base::to_ms(until) / 1000).field("sub", subject).end();
  const std::string head = to_base64url(R"({"typ":"JWT","alg":"ES256"})");
  const std::string text = fmt::format("{}.{}", head, to_base64url(claims.str()));
  const std::string signature = TRY(key.sign_es256(text));
  return fmt::format("vapid t={}.{}, k={}", text, to_base64url(signature), to_base64url(key.public_point()));
}

Result<PushKey> open_push_key(const std::string& file) {
  if (!std::filesystem::exists(file)) {
    const PushKey made = TRY(PushKey::make());
    TRY(base::write_file_atomic(file, TRY(made.to_pem())));
  }
  auto key = PushKey::from_pem(TRY(base::read_file(file)));
  if (!key) return fail(Errc::corrupt, "{} holds no key of ours", file);
  return key;
}

}  // namespace cityloop::civic
