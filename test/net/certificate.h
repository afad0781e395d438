// A self-signed certificate for 127.0.0.1 and localhost with its key, as PEM files that live as long as the object.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>

#include <fmt/format.h>

namespace cityloop::net {

class Certificate {
 public:
  explicit Certificate(const char* names = "IP:127.0.0.1,DNS:localhost") {
    static std::atomic<int> count{0};
    const auto folder = std::filesystem::temp_directory_path();
    const std::string stem = fmt::format("cityloop-tls-{}-{}", ::getpid(), ++count);
    certificate_ = folder / (stem + ".crt");
    key_ = folder / (stem + ".key");
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* made = sign(key, names);
    write(key_, [key](FILE* out) { PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
    write(certificate_, [made](FILE* out) { PEM_write_X509(out, made); });
    X509_free(made);
    EVP_PKEY_free(key);
  }
  ~Certificate() {
    std::filesystem::remove(certificate_);
    std::filesystem::remove(key_);
  }
  Certificate(const Certificate&) = delete;

  std::string certificate_file() const { return certificate_.string(); }
  std::string key_file() const { return key_.string(); }

 private:
  static X509* sign(EVP_PKEY* key, const char* names) {
    X509* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    X509_set_pubkey(made, key);
    X509_NAME* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("cityloop test"), -1,
                               -1, 0);
    X509_set_issuer_name(made, subject);
    extend(made, NID_basic_constraints, "critical,CA:TRUE");
    extend(made, NID_subject_alt_name, names);
    X509_sign(made, key, EVP_sha256());
    return made;
  }
  static void extend(X509* made, int what, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, made, made, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <class Write>
  static void write(const std::filesystem::path& path, Write write_to) {
    FILE* out = std::fopen(path.c_str(), "w");
    write_to(out);
    std::fclose(out);
  }

  std::filesystem::path certificate_, key_;
};

}  // namespace cityloop::net
