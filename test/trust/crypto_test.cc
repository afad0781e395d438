// Known answers of the standards, and what must not open.
#include "trust/crypto.h"

#include <gmock/gmock.h>

#include "base/text_of_bytes.h"
#include "trust/key_pair.h"

namespace cityloop::trust {
namespace {

std::string raw(std::string_view hex) {
  return base::from_hex(hex).value();
}

TEST(Crypto, HashesAsFips180Does) {
  EXPECT_EQ(base::to_hex(as_bytes(sha256({}))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(base::to_hex(as_bytes(sha256({"a", "", "bc"}))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 5869, A.1 and A.2.
TEST(Crypto, DerivesKeysAsRfc5869Does) {
  const std::string prk = hkdf_extract(raw("000102030405060708090a0b0c"), std::string(22, '\x0b'));
  EXPECT_EQ(base::to_hex(prk), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(base::to_hex(hkdf_expand(prk, raw("f0f1f2f3f4f5f6f7f8f9"), 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  std::string salt, secret, info;
  for (int i = 0; i < 80; ++i) {
    secret += char(i);
    salt += char(0x60 + i);
    info += char(0xb0 + i);
  }
  EXPECT_EQ(base::to_hex(hkdf_expand(hkdf_extract(salt, secret), info, 82)),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c"
            "2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(Crypto, WhatIsSealedOpensOnlyAsItWas) {
  for (const std::size_t bytes : {16, 32}) {
    const std::string key = random_bytes(bytes), nonce = random_bytes(kGcmNonceBytes);
    const std::string sealed = seal_gcm(key, nonce, "eight points", "sheet 7");
    EXPECT_EQ(open_gcm(key, nonce, sealed, "sheet 7"), "eight points");
    EXPECT_FALSE(open_gcm(key, nonce, sealed, "sheet 8"));
    EXPECT_FALSE(open_gcm(key, nonce, sealed));
    EXPECT_FALSE(open_gcm(random_bytes(bytes), nonce, sealed, "sheet 7"));
    EXPECT_FALSE(open_gcm(key, nonce, sealed.substr(1), "sheet 7"));
    EXPECT_FALSE(open_gcm(key, nonce, "short", "sheet 7"));
    for (std::size_t at = 0; at < sealed.size(); ++at) {
      std::string altered = sealed;
      altered[at] = char(altered[at] ^ 1);
      EXPECT_FALSE(open_gcm(key, nonce, altered, "sheet 7")) << at;
    }
  }
  EXPECT_EQ(
      open_gcm(std::string(16, 'k'), std::string(12, 'n'), seal_gcm(std::string(16, 'k'), std::string(12, 'n'), "")),
      "");
}

// RFC 8032, 7.1, test 2.
TEST(KeyPair, SignsAsRfc8032Does) {
  const std::string open = raw("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::string signature =
      raw("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
          "2aeeb00d291612bb0c00");
  EXPECT_TRUE(is_signed_by(open, "\x72", signature));
  EXPECT_FALSE(is_signed_by(open, "\x73", signature));
  EXPECT_FALSE(is_signed_by(open, "\x72", signature.substr(1)));
  EXPECT_FALSE(is_signed_by("short", "\x72", signature));
  EXPECT_FALSE(is_signed_by(SigningPair::make().public_key(), "\x72", signature));
}

TEST(KeyPair, IsTheSameAfterItsPem) {
  const SigningPair pair = SigningPair::make();
  const SigningPair again = SigningPair::from_pem(pair.pem()).value();
  EXPECT_EQ(again.public_key(), pair.public_key());
  EXPECT_TRUE(is_signed_by(pair.public_key(), "head", again.sign("head")));
  EXPECT_EQ(signing_key_from_pem(signing_key_pem(pair.public_key())).value(), pair.public_key());
  EXPECT_FALSE(SigningPair::from_pem("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"));
  EXPECT_FALSE(signing_key_from_pem(pair.pem())) << "a private key is not published by mistake";
}

// RFC 9180, A.1.1.
TEST(KeyPair, SealsAsRfc9180Does) {
  const auto receiver =
      SealingPair::from_private(raw("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")).value();
  EXPECT_EQ(base::to_hex(receiver.public_key()), "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
  const auto once =
      SealingPair::from_private(raw("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736")).value();
  const std::string purpose = raw("4f6465206f6e2061204772656369616e2055726e"), beside = "Count-0";
  const std::string plain = "Beauty is truth, truth beauty";
  const auto sealed =
      hpke_seal_with(once, receiver.public_key(), purpose, beside, plain, HpkeCipher::aes_128_gcm).value();
  EXPECT_EQ(base::to_hex(sealed),
            "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a");
  EXPECT_EQ(receiver.open(sealed, purpose, beside, HpkeCipher::aes_128_gcm), plain);
}

TEST(KeyPair, OnlyTheReceiverOpensAndOnlyWhatWasSealed) {
  const SealingPair chair = SealingPair::make(), other = SealingPair::make();
  const std::string sealed = hpke_seal(chair.public_key(), "round 1", "sheet 7", "a share").value();
  EXPECT_EQ(sealed.size(), 7 + kHpkeMoreBytes);
  EXPECT_EQ(chair.open(sealed, "round 1", "sheet 7"), "a share");
  EXPECT_FALSE(other.open(sealed, "round 1", "sheet 7"));
  EXPECT_FALSE(chair.open(sealed, "round 2", "sheet 7"));
  EXPECT_FALSE(chair.open(sealed, "round 1", "sheet 8"));
  EXPECT_FALSE(chair.open(sealed.substr(0, kHpkeMoreBytes - 1), "round 1", "sheet 7"));
  EXPECT_NE(hpke_seal(chair.public_key(), "round 1", "sheet 7", "a share").value(), sealed);
  EXPECT_FALSE(hpke_seal("short", "round 1", "sheet 7", "a share"));
  EXPECT_FALSE(hpke_seal(std::string(kKeyBytes, '\0'), "round 1", "sheet 7", "a share")) << "agrees with everybody";
}

}  // namespace
}  // namespace cityloop::trust
