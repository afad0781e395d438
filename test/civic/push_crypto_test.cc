// What is pushed is for one browser alone, and says who sends it.
#include "civic/push_crypto.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "browser.h"

namespace cityloop::civic {
namespace {

std::string raw(std::string_view text) {
  return from_base64url(text).value();
}

// RFC 8291, 5 and appendix A.
constexpr std::string_view
    kAuth = "BTBZMqHH6r4Tts7J_aSIgg",
    kSalt = "DGv6ra1nlYgDCS1FRnbzlw", kReceiver = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
    kReceiverPoint = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    kSender = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    kSenderPoint = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
    kShared = "kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs", kPlain = "When I grow up, I want to be a watermelon",
    kBody =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInm"
        "YWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQe"
        "xSgSxsj_Qulcy4a-fN";

TEST(PushCrypto, TheExampleOfTheRfcComesOutToTheByte) {
  const PushKey sender = PushKey::from_scalar(raw(kSender)).value();
  EXPECT_EQ(to_base64url(sender.public_point()), kSenderPoint);
  EXPECT_EQ(to_base64url(sender.shared_secret(raw(kReceiverPoint)).value()), kShared);
  const auto body = encrypt_push(kPlain, kReceiverPoint, kAuth, sender, raw(kSalt));
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(to_base64url(*body), kBody);
  const TestBrowser browser(raw(kReceiver), raw(kAuth));
  EXPECT_EQ(browser.p256dh(), kReceiverPoint);
  EXPECT_EQ(browser.read(raw(kBody)), kPlain);
}

TEST(PushCrypto, OnlyItsBrowserReadsItAndNoByteMayBeChanged) {
  const TestBrowser browser, other;
  const std::string body = encrypt_push("{\"title\":\"试验区\"}", browser.p256dh(), browser.auth()).value();
  EXPECT_EQ(browser.read(body), "{\"title\":\"试验区\"}");
  EXPECT_FALSE(other.read(body));
  for (std::size_t i = 0; i < body.size(); i += 7) {
    if (i >= 16 && i < 20) continue;  // the size of a record is not sealed
    std::string broken = body;
    broken[i] = char(broken[i] ^ 1);
    EXPECT_FALSE(browser.read(broken)) << i;
  }
  // A fresh key and salt each time; and the length tells little.
  EXPECT_NE(body, encrypt_push("{\"title\":\"试验区\"}", browser.p256dh(), browser.auth()).value());
  EXPECT_EQ(body.size(), encrypt_push("x", browser.p256dh(), browser.auth()).value().size());
}

TEST(PushCrypto, APushIsNeverLongerThanPushServicesMustTake) {
  const TestBrowser browser;
  const std::string most(kPushPayloadMax, 'x');
  const auto body = encrypt_push(most, browser.p256dh(), browser.auth());
  ASSERT_TRUE(body);
  EXPECT_LE(body->size(), 4096U);
  EXPECT_EQ(browser.read(*body), most);
  EXPECT_EQ(encrypt_push(most + "x", browser.p256dh(), browser.auth()).error().code, base::Errc::full);
}

TEST(PushCrypto, KeysThatAreNoneAreRefused) {
  const TestBrowser browser;
  EXPECT_TRUE(check_push_keys(browser.p256dh(), browser.auth()));
  EXPECT_TRUE(check_push_keys(browser.p256dh() + "=", browser.auth() + "=="));
  std::string off_curve = raw(browser.p256dh());
  off_curve.back() = char(off_curve.back() ^ 1);
  std::string compressed = raw(browser.p256dh()).substr(0, 33);
  compressed.front() = 2;
  for (const std::string& wrong :
       {std::string(), std::string("x"), std::string("not base64url!"), to_base64url(off_curve),
        to_base64url(compressed), to_base64url(std::string(65, '\0')), to_base64url('\x04' + std::string(64, '\0'))})
    EXPECT_FALSE(check_push_keys(wrong, browser.auth())) << wrong;
  for (const std::string& wrong : {std::string(), to_base64url("short"), to_base64url(std::string(17, 'a'))})
    EXPECT_FALSE(check_push_keys(browser.p256dh(), wrong)) << wrong;
}

TEST(PushCrypto, VapidSaysForWhomAndUntilWhenAndIsSigned) {
  const PushKey key = PushKey::make().value();
  const std::string header =
      vapid_header(key, "https://push.example", "mailto:a@b.example", base::from_us(1'777'622'400'000'000)).value();
  std::string shown;
  const auto claims = vapid_claims(header, &shown);
  ASSERT_TRUE(claims) << header;
  EXPECT_EQ(claims->text_or("aud", ""), "https://push.example");
  EXPECT_EQ(claims->text_or("sub", ""), "mailto:a@b.example");
  EXPECT_EQ(claims->number_or("exp", 0), 1'777'622'400);
  EXPECT_EQ(shown, to_base64url(key.public_point()));
  // Another's key does not fit.
  const std::string other = to_base64url(PushKey::make().value().public_point());
  EXPECT_FALSE(vapid_claims(header.substr(0, header.find(", k=") + 4) + other));
}

TEST(PushCrypto, TheCitysKeyIsMadeOnceForItsOwnerAlone) {
  const std::string file =
      (std::filesystem::temp_directory_path() / fmt::format("cityloop-push-{}", ::getpid())).string();
  std::filesystem::remove(file);
  const std::string point = open_push_key(file).value().public_point();
  struct stat about{};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  const PushKey again = open_push_key(file).value();
  EXPECT_EQ(again.public_point(), point);
  EXPECT_TRUE(again.sign_es256("x"));  // with its private half
  std::filesystem::resize_file(file, 20);
  EXPECT_EQ(open_push_key(file).error().code, base::Errc::corrupt);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace cityloop::civic
