#include "domain/awards/panel/duplicates.h"

#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/rng.h"

namespace cityloop::awards::panel {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string han(base::Rng& rng, std::size_t letters) {
  std::string out;
  for (std::size_t k = 0; k < letters; ++k) {
    const auto c = char32_t(0x4e00 + rng.below(2'000));
    out += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
  }
  return out;
}

TEST(Duplicates, ACopiedPassageIsShownWhereItStands) {
  base::Rng rng(1);
  const std::string copied = "平台汇聚公交地铁与网约车的实时数据，预测半小时内的客流并给出调度建议";
  const std::vector<std::string> texts{han(rng, 40) + "。" + copied + "。" + han(rng, 30), han(rng, 100),
                                       "前言。" + copied + "！" + han(rng, 20)};
  const auto found = near_duplicates(texts);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].a, 0u);
  EXPECT_EQ(found[0].b, 2u);
  EXPECT_GT(found[0].containment, 0.4);
  ASSERT_THAT(found[0].passages, SizeIs(1));
  const Passage& passage = found[0].passages[0];
  EXPECT_EQ(texts[0].substr(passage.a_begin, passage.a_end - passage.a_begin), copied);
  EXPECT_EQ(texts[2].substr(passage.b_begin, passage.b_end - passage.b_begin), copied);
}

TEST(Duplicates, AnotherKeyboardIsNoOtherText) {
  const auto found = near_duplicates(std::vector<std::string>{
      "The platform gathers live data of buses, trains and shared bikes, and forecasts demand for half an hour ahead.",
      "ＴＨＥ platform gathers “live” data of buses trains and shared bikes\nand forecasts demand for half an hour "
      "AHEAD",
      "平臺匯聚公交與地鐵的實時數據，預測半小時內的客流", "平台汇聚公交与地铁的实时数据 预测半小时内的客流！"});
  ASSERT_THAT(found, SizeIs(2));
  for (const Duplicate& pair : found) {
    EXPECT_EQ(pair.jaccard, 1);
    EXPECT_EQ(pair.containment, 1);
  }
}

TEST(Duplicates, AShortTextWithinALongOneIsContained) {
  base::Rng rng(2);
  const std::string small = han(rng, 120);
  const auto found = near_duplicates(std::vector<std::string>{han(rng, 3'000) + small + han(rng, 3'000), small});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].containment, 1);
  EXPECT_LT(found[0].jaccard, 0.05);
}

TEST(Duplicates, WhatTheFormItselfSaysDoesNotCount) {
  base::Rng rng(3);
  const std::string form = "请说明项目的创新点、实施范围、投入产出以及可复制可推广的经验做法";
  std::vector<std::string> texts;
  for (int i = 0; i < 20; ++i) texts.push_back(form + "。" + han(rng, 60));
  EXPECT_THAT(near_duplicates(texts), IsEmpty());
  EXPECT_THAT(near_duplicates(std::vector<std::string>{"", "短", "", "短"}), IsEmpty());
}

// By every pair of shingles, without a sketch.
TEST(Duplicates, NothingThatIsAlikeIsMissed) {
  base::Rng rng(4);
  std::vector<std::string> parts, texts;
  for (int i = 0; i < 60; ++i) parts.push_back(han(rng, 20 + rng.below(30)));
  for (int t = 0; t < 60; ++t) {
    std::string& text = texts.emplace_back();
    for (int k = 0; k < 3; ++k) text += rng.uniform() < 0.2 ? parts[rng.below(parts.size())] : han(rng, 40);
  }
  DuplicateRules rules;
  rules.common_share = 1;
  std::set<std::pair<std::uint32_t, std::uint32_t>> found, wanted;
  for (const Duplicate& pair : near_duplicates(texts, rules)) found.emplace(pair.a, pair.b);
  const auto shingles = [&](const std::string& text) {
    std::set<std::string> out;
    for (std::size_t i = 0; i + 24 <= text.size(); i += 3) out.insert(text.substr(i, 24));
    return out;
  };
  for (std::uint32_t a = 0; a < texts.size(); ++a) {
    const auto x = shingles(texts[a]);
    for (std::uint32_t b = a + 1; b < texts.size(); ++b) {
      const auto y = shingles(texts[b]);
      std::size_t both = 0;
      for (const auto& one : x) both += y.contains(one);
      if (double(both) >= rules.containment_from * double(std::min(x.size(), y.size()))) wanted.emplace(a, b);
    }
  }
  EXPECT_GT(wanted.size(), 5u);
  EXPECT_EQ(found, wanted);
}

}  // namespace
}  // namespace cityloop::awards::panel
