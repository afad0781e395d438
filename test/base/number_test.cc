#include "base/number.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/json_value.h"
#include "base/rng.h"

namespace cityloop::base {
namespace {

TEST(Number, StandsInTheOrderOfWholeNumbers) {
  Rng rng(53);
  std::vector<std::int64_t> all{0, 1, -1, kWholeMax, -kWholeMax, INT64_MAX, INT64_MIN};
  for (int i = 0; i < 3000; ++i) {
    const auto any = std::int64_t(rng.next() >> rng.below(12));
    for (const std::int64_t one : {any, -any}) {
      all.push_back(one);
      if (one < INT64_MAX) all.push_back(one + 1);
    }
  }
  std::ranges::sort(all);
  std::size_t beyond = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_EQ(Number::of(all[i - 1]) <=> Number::of(all[i]), std::partial_ordering(all[i - 1] <=> all[i])) << all[i];
    EXPECT_EQ(Number::of_digits(std::to_string(all[i])), Number::of(all[i]));
    beyond += !Number::of(all[i]).is_double();
  }
  EXPECT_GT(beyond, 1000u);
}

TEST(Number, KnowsUnsignedOnesAndTheirDistanceToTheNearestDouble) {
  const std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(Number::of(top).near, 18446744073709551616.0);
  EXPECT_EQ(Number::of(top).rest, -1);
  EXPECT_EQ(Number::of(top - 1024).rest, 1023);
  EXPECT_EQ(Number::of(std::int64_t{9007199254740993}).rest, 1);
  EXPECT_EQ(Number::of(INT64_MAX).rest, -1);
  EXPECT_LT(Number::of(INT64_MAX), Number(9223372036854775808.0));
  EXPECT_LT(Number(9007199254740992.0), Number::of(std::int64_t{9007199254740993}));
  EXPECT_LT(Number::of(std::int64_t{9007199254740993}), Number(9007199254740994.0));
  for (const char* none : {"", "-", "1.0", "1e3", "0x10", " 1", "1 ", "18446744073709551616", "-9223372036854775809"}) {
    EXPECT_FALSE(Number::of_digits(none)) << none;
  }
}

TEST(Number, JsonKeepsTheDigitsOfWholeNumbers) {
  const char* const same = R"({"a":[9007199254740993,-9223372036854775807,18446744073709551615],"b":1000000000000000})";
  const auto value = JsonValue::parse(same);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->dump(), same);
  EXPECT_EQ(*value->find("a")->array()->front().number(), 9007199254740992.0);
  EXPECT_EQ(value->find("a")->array()->front().exact_number(), Number::of(std::int64_t{9007199254740993}));
  EXPECT_TRUE(value->find("b")->exact_number()->is_double());
}

// More than 64 bits: as near as a double is, wherever they stand; what looks like one inside a text is none.
TEST(Number, JsonTakesLongerNumbersAsDoubles) {
  const auto value =
      JsonValue::parse(R"({"a":123456789012345678901234567890,"b":[-99999999999999999999,9007199254740993,1.5e300],)"
                       R"("c":"\"123456789012345678901234567890"})");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->number_or("a", 0), 123456789012345678901234567890.0);
  EXPECT_EQ(value->text_or("c", ""), "\"123456789012345678901234567890");
  const auto& list = *value->find("b")->array();
  EXPECT_EQ(*list[0].number(), -1e20);
  EXPECT_EQ(list[1].dump(), "9007199254740993");
  EXPECT_EQ(*list[2].number(), 1.5e300);
  EXPECT_FALSE(JsonValue::parse(R"({"a":0123456789012345678901234567890})"));
  EXPECT_FALSE(JsonValue::parse(R"({"a":123456789012345678901234567890x})"));
}

}  // namespace
}  // namespace cityloop::base
