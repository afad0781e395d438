#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/composite/frame.h"

namespace cityloop::index {
namespace {

using testing::HasSubstr;

constexpr std::string_view kHead = R"(id = "green"
name = { zh = "绿", en = "Green" }
)";

std::string with(std::string_view rest) {
  return std::string(kHead) + std::string(rest);
}

std::string mistakes_of(std::string_view rest) {
  const auto frame = read_frame(with(rest), "green.toml");
  return frame ? "" : frame.error().message;
}

TEST(CompositeFrame, ATreeOfAnyDepthIsOrderedFromBelow) {
  const auto frame = read_frame(with(R"([[group]]
code = "all"
name = { zh = "总", en = "All" }
[[group]]
code = "air"
parent = "all"
name = { zh = "气", en = "Air" }
[[group]]
code = "dust"
parent = "air"
weight = 2
name = { zh = "尘", en = "Dust" }
[[indicator]]
code = "pm10"
parent = "dust"
direction = "less"
name = { zh = "PM10", en = "PM10" }
[[indicator]]
code = "trees"
parent = "all"
name = { zh = "树", en = "Trees" }
)"),
                                "green.toml");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->nodes[frame->root].code, "all");
  EXPECT_EQ(frame->nodes[frame->root].level, 4);
  EXPECT_EQ(frame->nodes[frame->groups_up.front()].code, "dust");
  EXPECT_EQ(frame->nodes[frame->groups_up.back()].code, "all");
  EXPECT_EQ(frame->indicators[0].direction, Direction::less);
  EXPECT_EQ(frame->nodes[frame->node("dust")].weight, 2);
}

TEST(CompositeFrame, EveryMistakeIsToldWithFileLineAndReason) {
  const std::string told = mistakes_of(R"([normalisation]
method = "minmax"
[[group]]
code = "all"
name = { zh = "总", en = "All" }
[[indicator]]
code = "pm10"
parent = "air"
wieght = 2
weight = -1
denominator = "people"
name = { zh = "PM10", en = "PM10" }
[[indicator]]
code = "pm10"
parent = "all"
name = { zh = "PM10", en = "PM10" }
)");
  EXPECT_THAT(told, HasSubstr("green.toml:4: 'method' is 'minmax', and must be one of min_max, z_score"));
  EXPECT_THAT(told, HasSubstr("green.toml:10: there is no [[group]] 'air'"));
  EXPECT_THAT(told, HasSubstr("green.toml:11: 'wieght' is not known here"));
  EXPECT_THAT(told, HasSubstr("green.toml:12: a weight is a number from 0 up, not -1"));
  EXPECT_THAT(told, HasSubstr("green.toml:13: there is no [[denominator]] 'people'"));
  EXPECT_THAT(told, HasSubstr("'pm10' is there already, in line 8"));
}

constexpr std::string_view kTwo = R"([[group]]
code = "all"
name = { zh = "总", en = "All" }
[[indicator]]
code = "a"
parent = "all"
name = { zh = "甲", en = "A" }
[[indicator]]
code = "b"
parent = "all"
name = { zh = "乙", en = "B" }
)";

TEST(CompositeFrame, ChoicesThatDoNotGoTogetherAreRefused) {
  const auto refused = [](std::string_view more) { return mistakes_of(std::string(kTwo) + std::string(more)); };
  EXPECT_EQ(refused(""), "");
  EXPECT_THAT(refused("[aggregation]\nmethod = \"geometric\"\n"), HasSubstr("positive numbers"));
  EXPECT_EQ(refused("[aggregation]\nmethod = \"geometric\"\n[normalisation]\nlow = 1\n"), "");
  EXPECT_THAT(refused("[normalisation]\nmethod = \"target\"\n"), HasSubstr("'target' is missing"));
  EXPECT_THAT(refused("[weights]\nmethod = \"budget\"\n"), HasSubstr("at least one [[reviewer]]"));
  EXPECT_THAT(refused("[[reviewer]]\nname = \"r\"\npoints = { a = 10 }\n"), HasSubstr("all or none"));
  EXPECT_THAT(refused("[tiers]\nmethod = \"jenks\"\n"), HasSubstr("two [[tier]] at least"));
  EXPECT_THAT(refused("[uncertainty]\nnormalisation = [\"target\"]\n"), HasSubstr("not every indicator"));
}

TEST(CompositeFrame, ACircleAndASecondRootAreRefused) {
  const std::string told = mistakes_of(R"([[group]]
code = "x"
parent = "y"
name = { zh = "x", en = "x" }
[[group]]
code = "y"
parent = "x"
name = { zh = "y", en = "y" }
[[group]]
code = "r"
name = { zh = "r", en = "r" }
[[group]]
code = "s"
name = { zh = "s", en = "s" }
[[indicator]]
code = "a"
parent = "r"
name = { zh = "a", en = "a" }
)");
  EXPECT_THAT(told, HasSubstr("'x' is its own ancestor"));
  EXPECT_THAT(told, HasSubstr("only one group is without a parent"));
  EXPECT_THAT(told, HasSubstr("nothing has 's' as its parent"));
}

}  // namespace
}  // namespace cityloop::index
