// OpenSSL's things as C++ owns them, and texts as OpenSSL takes them. For sources that call OpenSSL; headers of the
// house show nothing of it.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string>
#include <string_view>

namespace cityloop::trust {

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* it) const {
    Free(it);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, Freeing<EVP_CIPHER_CTX_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Freeing<BN_clear_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freeing<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Freeing<OSSL_PARAM_free>>;
using BioPtr = std::unique_ptr<BIO, Freeing<BIO_free_all>>;

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string&&) = delete;

}  // namespace cityloop::trust
