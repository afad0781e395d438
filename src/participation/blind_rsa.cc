#include "participation/blind_rsa.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "trust/openssl.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr int kSaltBytes = 48;  // as long as the hash

using trust::bytes_of;
using Number = trust::NumberPtr;
using Key = trust::KeyPtr;
using KeyContext = trust::KeyContextPtr;
using DigestContext = trust::DigestPtr;
using Builder = trust::BuilderPtr;
using Params = trust::ParamsPtr;
using Arithmetic = std::unique_ptr<BN_CTX, trust::Freeing<BN_CTX_free>>;
using Memory = trust::BioPtr;

Number number_from(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), int(bytes.size()), nullptr));
}

std::string bytes_from(const BIGNUM* number, std::size_t size) {
  std::string out(size, '\0');
  BN_bn2binpad(number, bytes_of(out), int(size));
  return out;
}

std::unexpected<base::Error> broken(const char* what) {
  return fail(Errc::invalid, "the key of ballots: {}", what);
}

// The public half of a key, as numbers.
Result<std::pair<std::string, std::string>> numbers_of(const EVP_PKEY* key) {
  BIGNUM *n = nullptr, *e = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1) {
    BN_free(n);
    return broken("it is no RSA key");
  }
  const Number modulus(n), exponent(e);
  return std::pair{bytes_from(n, std::size_t(BN_num_bytes(n))), bytes_from(e, std::size_t(BN_num_bytes(e)))};
}

}  // namespace

struct VerifyingKey::Inside {
  Key key;
};

struct SigningKey::Inside {
  Key key;
};

Result<VerifyingKey> VerifyingKey::make(std::string_view n, std::string_view e) {
  const bool sized = n.size() >= kBytesMin && n.size() <= kBytesMax && n.front() != 0 && !e.empty() && e.size() <= 8;
  if (!sized) return broken("its modulus has 2048 to 4096 bits, its exponent at most 64");
  const Number modulus = number_from(n), exponent = number_from(e);
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return broken("its numbers are none of a key");
  auto inside = std::make_shared<Inside>();
  inside->key.reset(made);
  VerifyingKey out;
  out.inside_ = std::move(inside);
  out.n_ = n;
  out.e_ = e;
  return out;
}

std::string VerifyingKey::fingerprint() const {
  return trust::fingerprint(fmt::format("{}:{}{}:{}", n_.size(), n_, e_.size(), e_));
}

bool VerifyingKey::verify(std::string_view prefix, std::string_view token, std::string_view signature) const {
  if (signature.size() != n_.size()) return false;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  if (!context || EVP_DigestVerifyInit(context.get(), &key_context, EVP_sha384(), nullptr, inside_->key.get()) != 1)
    return false;
  if (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, kSaltBytes) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(key_context, EVP_sha384()) != 1)
    return false;
  const std::string message = std::string(prefix) + std::string(token);
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

Result<SigningKey> SigningKey::make(int bits) {
  Key key(EVP_RSA_gen(std::size_t(bits)));
  if (!key) return broken("it could not be made");
  const auto [n, e] = TRY(numbers_of(key.get()));
  SigningKey out;
  out.verifying_ = TRY(VerifyingKey::make(n, e));
  auto inside = std::make_shared<Inside>();
  inside->key = std::move(key);
  out.inside_ = std::move(inside);
  return out;
}

Result<SigningKey> SigningKey::load(std::string_view pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), int(pem.size())));
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  if (!key) return broken("it cannot be read");
  const auto [n, e] = TRY(numbers_of(key.get()));
  SigningKey out;
  out.verifying_ = TRY(VerifyingKey::make(n, e));
  auto inside = std::make_shared<Inside>();
  inside->key = std::move(key);
  out.inside_ = std::move(inside);
  return out;
}

Result<std::string> SigningKey::pem() const {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(memory.get(), inside_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return broken("it cannot be written");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, std::size_t(size));
}

Result<std::string> SigningKey::blind_sign(std::string_view blinded) const {
  const std::size_t size = verifying_.bytes();
  if (blinded.size() != size) return fail(Errc::invalid, "a blinded token has {} bytes here", size);
  const Number message = number_from(blinded), n = number_from(verifying_.n()), e = number_from(verifying_.e());
  if (BN_cmp(message.get(), n.get()) >= 0) return fail(Errc::invalid, "a blinded token is less than the modulus");
  const KeyContext context(EVP_PKEY_CTX_new(inside_->key.get(), nullptr));
  std::string out(size, '\0');
  std::size_t written = size;
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
      EVP_PKEY_sign(context.get(), bytes_of(out), &written, bytes_of(blinded), size) != 1 || written != size)
    return broken("it does not sign");
  // A fault in the arithmetic would give the key away (RFC 9474, 7.1).
  const Number signature = number_from(out), again(BN_new());
  const Arithmetic arithmetic(BN_CTX_new());
  if (BN_mod_exp(again.get(), signature.get(), e.get(), n.get(), arithmetic.get()) != 1 ||
      BN_cmp(again.get(), message.get()) != 0)
    return fail(Errc::corrupt, "the signature did not hold, and was thrown away");
  return out;
}

}  // namespace cityloop::participation
