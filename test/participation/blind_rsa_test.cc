// RFC 9474: its own vectors, and what must not be possible.
#include "participation/blind_rsa.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/json_value.h"
#include "voter.h"

namespace cityloop::participation {
namespace {

struct Vector {
  base::JsonValue json = base::JsonValue::parse(base::read_file("web/test/unit/rfc9474.json").value()).value();
  std::string at(std::string_view key) const { return unhex(json.text_or(key, "")); }
};

// The key of the vectors, from its primes.
std::string pem_of(const std::string& p, const std::string& q) {
  BN_CTX* const context = BN_CTX_new();
  const TestNumber prime_p = number_of(p), prime_q = number_of(q), n(BN_new()), phi(BN_new()), e(BN_new()), d(BN_new()),
                   p1(BN_dup(prime_p.get())), q1(BN_dup(prime_q.get()));
  BN_mul(n.get(), prime_p.get(), prime_q.get(), context);
  BN_sub_word(p1.get(), 1);
  BN_sub_word(q1.get(), 1);
  BN_mul(phi.get(), p1.get(), q1.get(), context);
  BN_set_word(e.get(), 65537);
  BN_mod_inverse(d.get(), e.get(), phi.get(), context);
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e.get());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_D, d.get());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_FACTOR1, prime_p.get());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_FACTOR2, prime_q.get());
  const TestNumber dp(BN_new()), dq(BN_new()), inverse(BN_new());
  BN_mod(dp.get(), d.get(), p1.get(), context);
  BN_mod(dq.get(), d.get(), q1.get(), context);
  BN_mod_inverse(inverse.get(), prime_q.get(), prime_p.get(), context);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_EXPONENT1, dp.get());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_EXPONENT2, dq.get());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse.get());
  OSSL_PARAM* const params = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* const making = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(making);
  EVP_PKEY_fromdata(making, &key, EVP_PKEY_KEYPAIR, params);
  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  std::string out(text, std::size_t(size));
  BIO_free(memory);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(making);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  BN_CTX_free(context);
  return out;
}

TEST(BlindRsa, TheVectorsOfTheStandardHold) {
  const Vector vector;
  const auto key = SigningKey::load(pem_of(vector.at("p"), vector.at("q")));
  ASSERT_TRUE(key) << key.error().message;
  const VerifyingKey& verifying = key->verifying();
  EXPECT_EQ(verifying.n(), vector.at("n"));
  const std::string prepared = vector.at("prefix") + vector.at("msg");
  const Blinded blinded = blind(verifying, prepared, vector.at("salt"), vector.at("inv"));
  EXPECT_EQ(blinded.message, vector.at("blinded_msg"));
  const auto signature = key->blind_sign(vector.at("blinded_msg"));
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(*signature, vector.at("blind_sig"));
  EXPECT_EQ(unblind(verifying, *signature, blinded.inverse), vector.at("sig"));
  EXPECT_TRUE(verifying.verify(vector.at("prefix"), vector.at("msg"), vector.at("sig")));
  EXPECT_FALSE(verifying.verify(vector.at("prefix"), vector.at("msg") + "x", vector.at("sig")));
  EXPECT_FALSE(verifying.verify(vector.at("salt"), vector.at("msg"), vector.at("sig")));
}

TEST(BlindRsa, WhatWasBlindedIsSignedAndNothingElseIs) {
  const SigningKey key = SigningKey::make(2048).value(), other = SigningKey::make(2048).value();
  Voter voter;
  const std::string blinded = from_base64url(voter.ask(key.verifying())).value();
  const std::string signature = key.blind_sign(blinded).value();
  EXPECT_EQ(key.blind_sign(blinded).value(), signature) << "the same is answered the same way, so that it may be lost";
  const BallotPaper paper = voter.paper(key.verifying(), signature, {});
  EXPECT_TRUE(check_signed(key.verifying(), paper));
  EXPECT_EQ(*check_signed(key.verifying(), paper), paper.id);
  EXPECT_FALSE(check_signed(other.verifying(), paper)) << "a token of one round is none of another";
  BallotPaper forged = paper;
  forged.token = to_base64url(random_bytes(kTokenBytes));
  EXPECT_EQ(check_signed(key.verifying(), forged).error().code, base::Errc::refused);
  forged = paper;
  forged.signature = to_base64url(signature);  // the blind one, as the server saw it
  EXPECT_EQ(check_signed(key.verifying(), forged).error().code, base::Errc::refused);
  forged.signature = "no base64!";
  EXPECT_EQ(check_signed(key.verifying(), forged).error().code, base::Errc::invalid);
}

TEST(BlindRsa, WhatIsNoBlindedTokenIsRefused) {
  const SigningKey key = SigningKey::make(2048).value();
  EXPECT_FALSE(key.blind_sign(""));
  EXPECT_FALSE(key.blind_sign(std::string(255, 'a')));
  EXPECT_FALSE(key.blind_sign(std::string(257, '\0')));
  EXPECT_FALSE(key.blind_sign(std::string(256, '\xff'))) << "not less than the modulus";
  EXPECT_FALSE(key.blind_sign(key.verifying().n()));
}

TEST(BlindRsa, AKeyIsKeptAndReadAgain) {
  const SigningKey key = SigningKey::make(2048).value();
  const SigningKey again = SigningKey::load(key.pem().value()).value();
  EXPECT_EQ(again.verifying().fingerprint(), key.verifying().fingerprint());
  EXPECT_EQ(key.verifying().fingerprint().size(), 64U);
  EXPECT_FALSE(SigningKey::load("no key"));
  EXPECT_FALSE(VerifyingKey::make("short", "e"));
}

// Two tokens, the same signatures swapped: nothing in what the server saw tells which ballot was whose.
TEST(BlindRsa, WhatTheServerSawFitsEveryBallot) {
  const SigningKey key = SigningKey::make(2048).value();
  const VerifyingKey& verifying = key.verifying();
  Voter one, two;
  const std::string seen = from_base64url(one.ask(verifying)).value();
  const std::string paper_two = encode_pss(two.prefix + two.token, random_bytes(48), verifying.bytes());
  // There is a blinding factor by which what `one` sent would be two's: (seen / encoded)^d. Whoever holds the key finds
  // one for each ballot, so the factor that was used cannot be told from the others.
  BN_CTX* const context = BN_CTX_new();
  const TestNumber n = number_of(verifying.n()), encoded = number_of(paper_two), inverse(BN_new()), quotient(BN_new());
  BN_mod_inverse(inverse.get(), encoded.get(), n.get(), context);
  BN_mod_mul(quotient.get(), number_of(seen).get(), inverse.get(), n.get(), context);
  const std::string factor = key.blind_sign(bytes_of(quotient, verifying.bytes())).value();
  const TestNumber power(BN_new()), product(BN_new()), e = number_of(verifying.e());
  BN_mod_exp(power.get(), number_of(factor).get(), e.get(), n.get(), context);
  BN_mod_mul(product.get(), encoded.get(), power.get(), n.get(), context);
  EXPECT_EQ(bytes_of(product, verifying.bytes()), seen);
  BN_CTX_free(context);
}

}  // namespace
}  // namespace cityloop::participation
