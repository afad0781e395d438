#include "text/normal.h"

#include <gtest/gtest.h>

namespace cityloop::text {
namespace {

TEST(NormalForm, FullWidthAndHalfWidthAreOne) {
  EXPECT_EQ(normal_form("Ａ３区ｗｉｆｉ１２３％"), "a3区wifi123%");
  EXPECT_EQ(normal_form("ﾃｽﾄ"), "テスト");
  EXPECT_EQ(normal_form("①㎡"), "1m2");
}

TEST(NormalForm, TraditionalBecomesSimplified) {
  EXPECT_EQ(normal_form("環境保護與醫療衛生"), "环境保护与医疗卫生");
  EXPECT_EQ(normal_form("路燈壞了，請維修"), "路灯坏了,请维修");
}

TEST(NormalForm, CaseAndBlanksAndInvisibleCharacters) {
  EXPECT_EQ(normal_form("  Street\tLIGHT\r\n\xE3\x80\x80 broken  "), "street light broken");
  EXPECT_EQ(normal_form("垃\xE2\x80\x8B圾\xEF\xBB\xBF桶"), "垃圾桶") << "zero-width characters join";
  EXPECT_EQ(normal_form("第一段_x000D_\n第二段"), "第一段 第二段");
  EXPECT_EQ(normal_form(""), "");
  EXPECT_EQ(normal_form(" \n "), "");
}

TEST(NormalForm, RowsOfOneCharacterAreShortened) {
  EXPECT_EQ(normal_form("救命！！！！！！"), "救命!!!");
  EXPECT_EQ(normal_form("哈哈哈哈哈哈"), "哈哈哈");
  EXPECT_EQ(normal_form("12000000"), "12000000") << "figures say amounts";
}

TEST(NormalForm, BytesThatAreNoUtf8DoNotHideTheRest) {
  EXPECT_EQ(normal_form("路灯\xff\xfe坏了"), "路灯 坏了");
  EXPECT_EQ(normal_form("\xe8\xb7"), "");
}

TEST(NormalForm, IsItsOwnNormalForm) {
  for (const char* text : {"Ａ３區 路燈！！！！壞了 Straße", "１２３ ㍿ ﬁne", "a\u0301\u0327 é"}) {
    const std::string once = normal_form(text);
    EXPECT_EQ(normal_form(once), once);
  }
}

TEST(ToUtf8, ReadsGb18030WhenItIsNoUtf8) {
  EXPECT_EQ(*to_utf8("\xc2\xb7\xb5\xc6\xbb\xb5\xc1\xcb"), "路灯坏了");
  EXPECT_EQ(*to_utf8("路灯坏了"), "路灯坏了");
  EXPECT_EQ(*to_utf8("\x81\x30\x84\x36"), "¥") << "four bytes of GB18030";
  EXPECT_EQ(*to_utf8(""), "");
  const auto neither = to_utf8("\xff\xff\xff");
  ASSERT_FALSE(neither);
  EXPECT_EQ(neither.error().code, base::Errc::malformed);
}

}  // namespace
}  // namespace cityloop::text
