#include "text/likeness.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>

#include "base/rng.h"
#include "text/normal.h"
#include "text/places.h"
#include "text/topics.h"

namespace cityloop::text {
namespace {

std::string random_text(base::Rng& rng, std::size_t letters, std::uint64_t alphabet) {
  std::string out;
  for (std::size_t k = 0; k < letters; ++k) {
    const auto c = char32_t(0x4e00 + std::min(rng.below(alphabet), rng.below(alphabet)));
    out += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
  }
  return out;
}

TEST(Likeness, AlikeInMatterAndPlace) {
  LikenessIndex index;
  const std::map<std::uint64_t, const char*> kTexts{
      {1, "A市丽发新城小区附近搅拌站噪音扰民，晚上无法休息"},
      {2, "丽发新城小区旁边建搅拌站，噪音太大，影响睡觉"},
      {3, "万家丽路路灯坏了一个月没人修"},
      {4, "请问小学入学需要什么材料"},
      {5, "魅力之城小区一楼餐馆油烟噪音扰民"},
  };
  for (const auto& [id, text] : kTexts) index.add(id, normal_form(text));
  const auto found = index.nearest(normal_form("丽发新城小区搅拌站噪音扰民"), 0.1, 3);
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found[0].id, 1u);
  EXPECT_EQ(found[1].id, 2u);
  EXPECT_NEAR(index.likeness(1, 1), 1, 1e-6);
  EXPECT_GT(index.likeness(1, 2), index.likeness(1, 5)) << "the same place counts more than the same nuisance";
  EXPECT_EQ(index.likeness(1, 99), 0);
}

TEST(Likeness, EnglishByStems) {
  LikenessIndex index;
  index.add(1, "broken street light on main street");
  index.add(2, "school holidays and fees");
  index.add(3, "overflowing bins in the park");
  const auto found = index.nearest("street lights broken main street", 0.3, 5);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, 1u);
  EXPECT_GT(found[0].likeness, 0.8);
}

TEST(Likeness, WhatWasRemovedIsNotFound) {
  LikenessIndex index;
  base::Rng rng(1);
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < 500; ++i) {
    texts.push_back(random_text(rng, 40, 500));
    index.add(i, texts.back());
  }
  for (std::uint64_t i = 0; i < 500; i += 2) index.remove(i);
  index.remove(7777);
  EXPECT_EQ(index.size(), 250u);
  for (std::uint64_t i = 0; i < 500; ++i) {
    const auto found = index.nearest(texts[i], 0.95, 1);
    EXPECT_EQ(!found.empty(), i % 2 == 1) << i;
  }
}

TEST(Likeness, ATextAgainTakesThePlaceOfTheOneBefore) {
  LikenessIndex index;
  index.add(1, "路灯坏了");
  index.add(2, "学校收费");
  index.add(1, "幼儿园收费");
  EXPECT_EQ(index.size(), 2u);
  EXPECT_TRUE(index.nearest("路灯坏了", 0.3, 5).empty());
  EXPECT_EQ(index.nearest("幼儿园收费", 0.9, 5).size(), 1u);
}

// The index passes over most lists; measuring every pair finds the same.
TEST(Likeness, FindsAllThatMeasuringEveryPairFinds) {
  LikenessIndex index;
  base::Rng rng(2);
  constexpr std::uint64_t kTexts = 700;
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < kTexts; ++i) {
    // Some are older ones with changes.
    std::string text = i > 10 && rng.below(3) == 0 ? texts[rng.below(texts.size())] : random_text(rng, 60, 300);
    text += random_text(rng, rng.below(60), 300);
    texts.push_back(text);
    index.add(i, text);
  }
  for (const double least : {0.1, 0.3, 0.6, 0.9}) {
    for (std::uint64_t i = 0; i < kTexts; i += 35) {
      std::vector<std::uint64_t> expected, found;
      for (std::uint64_t other = 0; other < kTexts; ++other) {
        if (other != i && index.likeness(i, other) >= least) expected.push_back(other);
      }
      for (const Alike& alike : index.nearest_to(i, least, kTexts)) {
        found.push_back(alike.id);
        EXPECT_NEAR(alike.likeness, index.likeness(i, alike.id), 1e-6);
      }
      EXPECT_TRUE(std::ranges::is_permutation(expected, found)) << least << " " << i;
    }
  }
}

TEST(Likeness, IsWhatItWasAfterACheckpoint) {
  base::Rng rng(3);
  LikenessIndex whole;
  std::map<std::uint64_t, std::string> kept;
  const auto change = [&](LikenessIndex& index, std::uint64_t id, const std::string& text, bool add) {
    if (add) index.add(id, text);
    else index.remove(id);
  };
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t id = rng.below(150);
    const bool add = rng.below(3) > 0;
    const std::string text = random_text(rng, 30, 200);
    change(whole, id, text, add);
    if (add) kept[id] = text;
    else kept.erase(id);
  }
  base::ByteWriter out;
  whole.save_rarities(out);
  LikenessIndex again;
  base::ByteReader in(out.view());
  ASSERT_TRUE(again.load_rarities(in));
  for (auto it = kept.rbegin(); it != kept.rend(); ++it) again.put_back(it->first, it->second);
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t id = rng.below(150);
    const std::string text = random_text(rng, 30, 200);
    const bool add = rng.below(3) > 0;
    change(whole, id, text, add);
    change(again, id, text, add);
    const auto a = whole.nearest(text, 0.05, 10), b = again.nearest(text, 0.05, 10);
    ASSERT_EQ(a.size(), b.size()) << i;
    for (std::size_t k = 0; k < a.size(); ++k) {
      EXPECT_EQ(a[k].id, b[k].id);
      EXPECT_EQ(a[k].likeness, b[k].likeness);
    }
  }
  base::ByteReader cut(out.view().substr(0, out.view().size() / 2));
  EXPECT_FALSE(LikenessIndex().load_rarities(cut));
}

TEST(Likeness, EmptyTextsAreLikeNothing) {
  LikenessIndex index;
  index.add(1, "");
  index.add(2, "？！");
  EXPECT_TRUE(index.nearest("", 0.1, 5).empty());
  EXPECT_TRUE(index.nearest("路灯", 0.1, 5).empty());
  EXPECT_TRUE(index.nearest_to(1, 0.1, 5).empty());
}

std::vector<std::string> place_names(std::string_view text) {
  const std::string normal = normal_form(text);
  std::vector<std::string> out;
  for (const Place& place : places_in(normal)) out.emplace_back(place.name);
  return out;
}

TEST(Places, NamesEndAsPlacesDo) {
  EXPECT_THAT(place_names("位于A市A3区西湖街道茶场村五组"), testing::IsSupersetOf({"a市", "a3区"}));
  EXPECT_THAT(place_names("我们在丽发新城小区旁边"), testing::Contains("丽发新城小区"));
  EXPECT_THAT(place_names("反映劳动东路魅力之城小区的油烟"), testing::IsSupersetOf({"劳动东路", "魅力之城小区"}));
  EXPECT_TRUE(place_names("希望政府修路，不要再走路").empty());
  EXPECT_THAT(place_names("light broken on Main Street, please"), testing::ElementsAre("main street"));
}

TEST(Places, GroupsOfPeople) {
  const std::string text = normal_form("业主和学生家长");
  EXPECT_THAT(groups_in(text), testing::ElementsAre("业主", "学生", "家长"));
}

Message message(std::string id, std::string author, std::string subject, std::string text, int day) {
  Message out;
  out.id = std::move(id);
  out.author = std::move(author);
  out.subject = std::move(subject);
  out.text = std::move(text);
  out.at = base::from_ms(1'560'000'000'000 + std::int64_t(day) * 86'400'000);
  return out;
}

std::vector<Message> a_month() {
  return {
      message("1", "u1", "丽发新城小区搅拌站噪音扰民", "丽发新城小区附近的搅拌站日夜施工，噪音扰民，业主无法休息", 1),
      message("2", "u2", "丽发新城小区旁边搅拌站灰尘大", "搅拌站就在丽发新城小区旁边，灰尘大噪音大，业主不敢开窗", 2),
      message("3", "u3", "投诉丽发新城搅拌站", "丽发新城小区的搅拌站污染严重，噪音扰民，请查处", 4),
      message("4", "u4", "小学入学咨询", "请问外地户口小学入学需要什么材料", 3),
      message("5", "u5", "地铁六号线何时开通", "请问地铁六号线什么时候通车", 3),
      message("6", "u6", "经济学院强制学生实习", "经济学院强制学生去工厂实习，不去不给毕业证", 10),
      message("7", "u6", "经济学院强制实习", "经济学院强制学生去工厂实习，不实习不给毕业证", 80),
      message("8", "u6", "经济学院组织学生实习", "经济学院组织学生去工厂实习，强制参加，不给毕业证", 190),
      message("9", "u7", "路灯不亮", "人民路路灯晚上不亮", 5),
  };
}

TEST(Topics, MessagesOfOneMatterComeTogetherTheHottestFirst) {
  auto messages = a_month();
  messages[1].votes_for = 12;
  messages[2].votes_against = 1;
  const auto topics = find_topics(messages);
  ASSERT_EQ(topics.size(), 2u);
  EXPECT_THAT(topics[0].messages, testing::ElementsAre(0u, 1u, 2u));
  EXPECT_EQ(topics[0].authors, 3u);
  EXPECT_EQ(topics[0].votes_for, 12u);
  EXPECT_EQ(topics[0].votes_against, 1u);
  EXPECT_THAT(topics[0].places, testing::Contains("丽发新城小区"));
  EXPECT_THAT(topics[0].groups, testing::Contains("业主"));
  EXPECT_EQ(topics[0].last - topics[0].first, std::chrono::days(3));
  EXPECT_THAT(topics[1].messages, testing::ElementsAre(5u, 6u, 7u));
  EXPECT_EQ(topics[1].authors, 1u) << "one person three times";
  EXPECT_GT(topics[0].heat, topics[1].heat);
}

TEST(Topics, HeatFadesWithTheTimeThatATopicTakes) {
  Topic quick, slow;
  quick.authors = slow.authors = 10;
  quick.first = slow.first = base::from_ms(0);
  quick.last = base::from_ms(0);
  slow.last = slow.first + std::chrono::days(30);
  EXPECT_DOUBLE_EQ(heat_of(quick), 2 * heat_of(slow));
  slow.votes_for = 1000;
  EXPECT_GT(heat_of(slow), 0.5 * heat_of(quick));
}

TEST(Topics, NothingToFind) {
  EXPECT_TRUE(find_topics({}).empty());
  const auto all = a_month();
  EXPECT_TRUE(find_topics({all[3], all[4], all[8]}).empty());
}

}  // namespace
}  // namespace cityloop::text
