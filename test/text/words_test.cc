#include "text/words.h"

#include <gmock/gmock.h>

#include "text/normal.h"

namespace cityloop::text {
namespace {

using testing::ElementsAre;

Segmenter learned() {
  std::vector<std::string> texts;
  for (int i = 0; i < 5; ++i) {
    texts.push_back("小区 路灯 损坏 业主 投诉 物业 公司");
    texts.push_back("学校 教师 工资 拖欠 教育局 处理");
    texts.push_back("路灯 一直 不亮 市民 出行 不便");
  }
  return Segmenter::learn(texts);
}

std::vector<std::string> words_of(std::string_view text, const Segmenter& segmenter) {
  const std::string normal = normal_form(text);
  std::vector<std::string> out;
  for (const Word& word : content_words(normal, segmenter)) out.emplace_back(word.text);
  return out;
}

TEST(Segmenter, TellsTextsWithBlanksBetweenTheirWords) {
  EXPECT_TRUE(is_segmented("小区 路灯 损坏 业主 投诉"));
  EXPECT_FALSE(is_segmented("小区路灯损坏，业主投诉"));
  EXPECT_FALSE(is_segmented("尊敬的领导 您好，小区路灯损坏，业主投诉了很多次也没有人来修理"));
  EXPECT_FALSE(is_segmented("street light broken"));
  EXPECT_FALSE(is_segmented(""));
}

TEST(Segmenter, CutsRawTextIntoTheWordsThatItLearned) {
  const Segmenter segmenter = learned();
  EXPECT_THAT(words_of("小区路灯损坏", segmenter), ElementsAre("小区", "路灯", "损坏"));
  EXPECT_THAT(words_of("教育局拖欠教师工资", segmenter), ElementsAre("教育局", "拖欠", "教师", "工资"));
}

TEST(Segmenter, LeavesFunctionWordsOut) {
  EXPECT_THAT(words_of("我们小区的路灯已经损坏了，为什么没有处理", learned()),
              ElementsAre("小区", "路灯", "损坏", "处理"));
}

TEST(Segmenter, AnUnknownCharacterStandsAlone) {
  EXPECT_THAT(words_of("小区鑫路灯", learned()), ElementsAre("小区", "鑫", "路灯"));
}

TEST(Segmenter, RawAndSegmentedTextsGiveTheSameWords) {
  const Segmenter segmenter = learned();
  EXPECT_EQ(words_of("业主投诉了物业公司的路灯", segmenter), words_of("业主 投诉 物业 公司 路灯", segmenter));
}

TEST(Segmenter, TextsThatAreNotSegmentedTeachNothing) {
  const Segmenter nothing = Segmenter::learn({"小区路灯损坏", "street light"});
  const Segmenter empty = Segmenter::learn({});
  EXPECT_EQ(nothing.size(), empty.size()) << "the function words alone";
  EXPECT_FALSE(nothing.knows("路灯"));
  EXPECT_TRUE(nothing.is_function_word("我们"));
}

TEST(Segmenter, IsTheSameAfterSaving) {
  const Segmenter segmenter = learned();
  base::ByteWriter out;
  segmenter.save(out);
  base::ByteReader in(out.view());
  const auto back = Segmenter::load(in);
  ASSERT_TRUE(back);
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(words_of("我们小区路灯损坏了教师工资", *back), words_of("我们小区路灯损坏了教师工资", segmenter));
  for (std::size_t cut = 0; cut < out.view().size(); cut += 97) {
    base::ByteReader damaged(out.view().substr(0, cut));
    EXPECT_FALSE(Segmenter::load(damaged)) << cut;
  }
}

TEST(Words, FiguresCodesAndAlphabets) {
  EXPECT_THAT(words_of("A3区KTV噪音56.7分贝，50%的业主，在B座5楼", learned()),
              ElementsAre("a3", "区", "ktv", "噪", "音", "56.7", "分", "贝", "50%", "业主", "座", "楼"));
  EXPECT_THAT(words_of("The street lights were flooded.", learned()), ElementsAre("street", "light", "flood"));
}

TEST(Words, TellWhereTheyStand) {
  const std::string text = "业主noises";
  const auto words = content_words(text, learned());
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[1].text, "nois");
  EXPECT_EQ(text.substr(words[1].begin, words[1].end - words[1].begin), "noises");
}

TEST(Words, FormsOfOneEnglishWordHaveOneStem) {
  for (const char* form : {"flood", "floods", "flooded", "flooding"}) EXPECT_EQ(english_stem(form), "flood");
  for (const char* form : {"noise", "noises"}) EXPECT_EQ(english_stem(form), "nois");
  for (const char* form : {"party", "parties"}) EXPECT_EQ(english_stem(form), "part");
  for (const char* form : {"stop", "stops", "stopped", "stopping"}) EXPECT_EQ(english_stem(form), "stop");
  for (const char* whole : {"bus", "glass", "red", "sing", "gas"}) EXPECT_EQ(english_stem(whole), whole);
}

}  // namespace
}  // namespace cityloop::text
