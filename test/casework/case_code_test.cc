#include "casework/case_code.h"

#include <set>

#include <gtest/gtest.h>

namespace cityloop::casework {
namespace {

TEST(CaseCode, CountsAndIsReadAsPeopleWriteIt) {
  EXPECT_EQ(case_code(1).size(), 9u);
  std::set<std::string> seen;
  for (std::uint64_t number = 1; number <= 20'000; ++number) {
    const std::string code = case_code(number);
    EXPECT_TRUE(seen.insert(code).second) << code;
    EXPECT_EQ(read_case_code(code), code);
    EXPECT_EQ(case_number(code), number);
  }
  const std::string code = case_code(4213);
  EXPECT_EQ(read_case_code(code.substr(0, 4) + code.substr(5)), code) << "without the dash";
  EXPECT_EQ(read_case_code(" " + code.substr(0, 4) + " " + code.substr(5)), code);
  std::string wide;
  for (const char c : code) wide += c == '-' ? std::string("-") : std::string("\xef\xbc") + char(0x90 + (c - '0'));
  EXPECT_EQ(read_case_code(wide), code) << "full-width digits";
  EXPECT_EQ(case_code(123'456'789).size(), 11u) << "a large city's numbers are longer";
  for (const char* wrong : {"", "12", "urn:ngsi-ld:Case:1", "0004-213a", "00000-0000-0000-0000-0000"})
    EXPECT_FALSE(read_case_code(wrong)) << wrong;
}

// Of a number that was heard wrongly nobody must be shown another's case.
TEST(CaseCode, TellsAWrongDigitAndTwoThatWereSwapped) {
  for (const std::uint64_t number : {1u, 42u, 4213u, 987'654u}) {
    const std::string code = case_code(number);
    for (std::size_t i = 0; i < code.size(); ++i) {
      if (code[i] == '-') continue;
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string wrong = code;
        wrong[i] = digit;
        EXPECT_EQ(read_case_code(wrong).has_value(), digit == code[i]) << wrong;
      }
      std::size_t next = i + 1;
      if (next < code.size() && code[next] == '-') ++next;
      if (next >= code.size() || code[i] == code[next]) continue;
      std::string swapped = code;
      std::swap(swapped[i], swapped[next]);
      EXPECT_FALSE(read_case_code(swapped)) << swapped;
    }
  }
}

}  // namespace
}  // namespace cityloop::casework
