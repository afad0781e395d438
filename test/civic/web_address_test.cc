// An address that somebody gives leads out of the house or nowhere.
#include "civic/web_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <gtest/gtest.h>

namespace cityloop::civic {
namespace {

bool is_public(const char* text) {
  sockaddr_storage storage{};
  auto& narrow = reinterpret_cast<sockaddr_in&>(storage);
  auto& wide = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, text, &narrow.sin_addr) == 1) narrow.sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &wide.sin6_addr) == 1) wide.sin6_family = AF_INET6;
  else ADD_FAILURE() << text;
  return is_public_ip(reinterpret_cast<const sockaddr&>(storage));
}

TEST(WebAddress, OnlyWhatTheInternetAtLargeHasIsPublic) {
  for (const char* yes : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
                          "191.255.1.1", "192.167.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1",
                          "2001:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
    EXPECT_TRUE(is_public(yes)) << yes;
  for (const char* no : {"0.0.0.0",
                         "10.1.2.3",
                         "100.64.0.1",
                         "127.0.0.1",
                         "127.255.255.254",
                         "169.254.169.254",
                         "172.16.0.1",
                         "172.31.255.255",
                         "192.0.0.1",
                         "192.0.2.1",
                         "192.168.1.1",
                         "198.18.0.1",
                         "198.51.100.1",
                         "203.0.113.1",
                         "224.0.0.1",
                         "239.1.1.1",
                         "240.0.0.1",
                         "255.255.255.255",
                         "::",
                         "::1",
                         "fe80::1",
                         "fc00::1",
                         "fd12:3456::1",
                         "ff02::1",
                         "::ffff:127.0.0.1",
                         "::ffff:10.0.0.1",
                         "64:ff9b::a00:1",
                         "2002:a00:1::1",
                         "2002:7f00:1::",
                         "2001::1",
                         "2001:db8::1",
                         "3fff::1",
                         "4000::1",
                         "::10.0.0.1"})
    EXPECT_FALSE(is_public(no)) << no;
}

TEST(WebAddress, APushServiceIsHttpsOnItsUsualPortByANameFromOutside) {
  for (const char* yes : {"https://fcm.googleapis.com/fcm/send/abc:def", "https://push.example:443/x?y=z",
                          "https://1.1.1.1/x", "https://[2606:4700::1111]/x", "https://PUSH.Example"})
    EXPECT_TRUE(check_web_address(yes, false)) << yes;
  for (const char* no : {"",
                         "http://push.example/x",
                         "ftp://push.example",
                         "//push.example",
                         "https://",
                         "https:///x",
                         "https://push.example:8443/x",
                         "https://push.example:/x",
                         "https://push.example:44a/x",
                         "https://localhost/x",
                         "https://push/x",
                         "https://db.internal/x",
                         "https://printer.local/x",
                         "https://a.localhost/x",
                         "https://127.0.0.1/x",
                         "https://127.1/x",
                         "https://0x7f.0.0.1/x",
                         "https://2130706433/x",
                         "https://017700000001/x",
                         "https://10.0.0.1/x",
                         "https://169.254.169.254/latest",
                         "https://[::1]/x",
                         "https://[fd00::1]/x",
                         "https://[::ffff:127.0.0.1]/x",
                         "https://[push.example]/x",
                         "https://[::1/x",
                         "https://user@push.example/x",
                         "https://push.example@127.0.0.1/x",
                         "https://push.example\\@127.0.0.1/x",
                         "https://push.example#@127.0.0.1",
                         "https://push.example/\r\nX: y",
                         "https://push .example/x",
                         "https://-push.example/x",
                         "https://push..example/x",
                         "https://push.example./x",
                         "https://推送.example/x"})
    EXPECT_FALSE(check_web_address(no, false)) << no;
  EXPECT_FALSE(check_web_address("https://push.example/" + std::string(3000, 'x'), false));
  EXPECT_EQ(check_web_address("https://PUSH.example:443/x", false)->origin(), "https://push.example");
}

TEST(WebAddress, ThisMachineOnlyWhereTheSettingSaysSo) {
  EXPECT_TRUE(check_web_address("http://127.0.0.1:8123/x", true));
  EXPECT_EQ(check_web_address("http://127.0.0.1:8123/x", true)->origin(), "http://127.0.0.1:8123");
  for (const char* no :
       {"http://push.example/x", "http://localhost:80/x", "http://10.0.0.1/x", "http://127.0.0.2:80/x"})
    EXPECT_FALSE(check_web_address(no, true)) << no;
}

TEST(WebAddress, HostsByNameOrByWhatTheyLieBelow) {
  const std::vector<std::string> some{"fcm.googleapis.com", "*.push.apple.com"};
  EXPECT_TRUE(fits_host("anything.example", {}));
  EXPECT_TRUE(fits_host("fcm.googleapis.com", some));
  EXPECT_TRUE(fits_host("web.push.apple.com", some));
  for (const char* no :
       {"push.apple.com", "evilpush.apple.com", "fcm.googleapis.com.evil.example", "x.fcm.googleapis.com"})
    EXPECT_FALSE(fits_host(no, some)) << no;
}

TEST(WebAddress, AnOriginIsWhatABrowserSends) {
  for (const char* yes : {"https://app.example", "http://localhost:5173", "https://app.example:8443"})
    EXPECT_TRUE(is_origin(yes)) << yes;
  for (const char* no : {"", "*", "null", "app.example", "https://app.example/", "https://App.example", "https://a b",
                         "https://*.example", "file:///x"})
    EXPECT_FALSE(is_origin(no)) << no;
}

}  // namespace
}  // namespace cityloop::civic
