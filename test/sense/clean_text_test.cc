#include "sense/clean_text.h"

#include <gtest/gtest.h>

namespace cityloop::sense {
namespace {

TEST(CleanText, LeavesWhatIsSeenAndTakesOutWhatActs) {
  const TextBounds free{100, false};
  EXPECT_EQ(clean_text("  路面 塌陷\r\n很深\t!\n ", free), "路面 塌陷\n很深\t!");
  EXPECT_EQ(clean_text(std::string_view("a\0b\x07"
                                        "c\x1b[31md\x7f",
                                        11),
                       free),
            "abc[31md");
  EXPECT_EQ(clean_text("safe\xe2\x80\xae"
                       "gpj.exe",
                       free),
            "safegpj.exe")
      << "turns the direction";
  EXPECT_EQ(clean_text("a\xe2\x80\x8b"
                       "b\xef\xbb\xbf"
                       "c\xe2\x81\xa6"
                       "d\xc2\x85"
                       "e",
                       free),
            "abcde");
  EXPECT_EQ(clean_text("<script>alert(1)</script>", free), "<script>alert(1)</script>")
      << "shown as text, kept as text";
  EXPECT_EQ(clean_text("👨‍👩‍👧 ok", free), "👨‍👩‍👧 ok") << "joined signs stay joined";
  EXPECT_EQ(clean_text("a\xff\xc3"
                       "b\xed\xa0\x80",
                       free),
            "ab")
      << "no UTF-8";
  EXPECT_EQ(clean_text("a\nb\tc\rd", {100, true}), "a b c d");
  EXPECT_EQ(clean_text(" \n\t ", free), "");
}

TEST(CleanText, BoundsAreInCharactersAndNeverCutOneInHalf) {
  EXPECT_EQ(clean_text("积水积水", {3, false}), "积水积");
  EXPECT_EQ(checked_text("note", "积水", {2, false}).value(), "积水");
  const auto refused = checked_text("note", "积水了", {2, false});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "'note' is longer than 2 characters ‖ “note”不能超过 2 个字符");
}

}  // namespace
}  // namespace cityloop::sense
