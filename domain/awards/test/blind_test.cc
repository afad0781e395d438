#include "domain/awards/blind/masker.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "domain/awards/test/planted.h"

namespace cityloop::awards::blind {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<Identity> applicant() {
  return {{Kind::person, {"张晓明"}},
          {Kind::person, {"单志远"}},
          {Kind::person, {"John A. Smith"}},
          {Kind::organisation, {"深圳市迅联数据技术有限公司", "Shenzhen Xunlian Data Technology Co., Ltd."}},
          {Kind::organisation, {"深圳市交通运输局", "Shenzhen Municipal Transport Bureau", "深交局"}},
          {Kind::project, {"鹏城智慧交通一体化平台", "Pengcheng Smart Mobility Platform"}},
          {Kind::place, {"深圳市", "Shenzhen"}}};
}

std::string masked(const std::string& text) {
  return blind_texts(applicant(), std::vector{text})[0].text;
}

// Ways of writing a name by which an applicant is recognised, by accident or not.
std::vector<std::string> ways_of_writing() {
  return {"张晓明",
          "张 晓 明",
          "張曉明",
          "张\n晓明",
          "张　晓明",
          "张·晓明",
          "张局长",
          "张总",
          "张工",
          "晓明同志",
          "老张主任",
          "Zhang Xiaoming",
          "ZHANG XIAOMING",
          "Ｚｈａｎｇ Ｘｉａｏｍｉｎｇ",
          "Xiaoming Zhang",
          "Zhang Xiao-ming",
          "Zhang, Xiaoming",
          "zhang_xiaoming",
          "X.M. Zhang",
          "X. Zhang",
          "Zhang X.M.",
          "XM Zhang",
          "Mr. Zhang",
          "Director Zhang",
          "zhangxiaoming2020",
          "单局长",
          "Shan Zhiyuan",
          "Zhiyuan SHAN",
          "John Smith",
          "Smith, John",
          "J. A. Smith",
          "J. Smith",
          "Mr Smith",
          "John A. Smith",
          "JOHN SMITH",
          "Smith",
          "深圳市迅联数据技术有限公司",
          "深圳迅联数据技术",
          "迅联数据",
          "迅联",
          "迅聯",
          "迅 联 数 据",
          "Xunlian",
          "XUNLIAN",
          "Shenzhen Xunlian Data Technology",
          "Xunlian Data",
          "SXDT",
          "深圳市交通运输局",
          "深圳交通运输局",
          "深圳市交通運輸局",
          "深交局",
          "SMTB",
          "Shenzhen Municipal Transport\nBureau",
          "鹏城智慧交通一体化平台",
          "鹏城智慧交通一体化",
          "Pengcheng Smart Mobility",
          "深圳",
          "Shen Zhen",
          "SHENZHEN",
          "深 圳"};
}

TEST(Blind, KnownNamesHoweverTheyAreWritten) {
  const std::vector<std::string> names = ways_of_writing();
  for (const auto& [before, after] :
       {std::pair{"经过半年，", "完成了测试。"}, std::pair{"After half a year, ", " finished the tests."}}) {
    std::vector<std::string> texts;
    for (const std::string& name : names) texts.push_back(before + name + after);
    const auto out = blind_texts(applicant(), texts);
    for (std::size_t i = 0; i < names.size(); ++i) {
      EXPECT_TRUE(out[i].text.starts_with(before) && out[i].text.ends_with(after)) << names[i] << ": " << out[i].text;
      EXPECT_THAT(out[i].text, Not(HasSubstr(names[i])));
      EXPECT_EQ(out[i].spans.size(), 1u) << names[i] << ": " << out[i].text;
    }
  }
}

TEST(Blind, WhatIdentifiesByItsForm) {
  const std::map<Kind, std::vector<std::string>> kinds{
      {Kind::email, {"li.qiang@bj-tu.edu.cn", "li ＠ 163.com", "li(at)163.com", "li [at] 163 [dot] com", "li#163.com"}},
      {Kind::phone,
       {"13800138000", "138-0013-8000", "138 0013 8000", "+86 138 0013 8000", "(+86)13800138000", "0755-83456789",
        "（0755）83456789转802", "010 6554 1234", "400-820-1234", "+45 20 30 40 50", "+1 (212) 555-0199",
        "00442079460000", "一三八〇〇一三八〇〇〇"}},
      {Kind::id_number, {"440301198001011234", "44030119800101123X", "440301 19800101 123x"}},
      {Kind::credit_code, {"91440300MA5DA12345", "91440300 MA5DA123 45"}},
      {Kind::url, {"https://a.example/x?y=1", "www.sz.gov.cn", "sub.example.com/path", "深圳交通.中国"}},
      {Kind::address, {"南山区科技园南路18号迅达大厦12楼1203室", "中山路3号", "No. 18 Keyuan Road"}},
      {Kind::document, {"府办〔2022〕15号", "政发[2021]3号"}}};
  for (const auto& [kind, all] : kinds) {
    for (const std::string& one : all) {
      const auto out = blind_texts({}, std::vector{"资料：" + one + "，完毕"});
      ASSERT_EQ(out[0].spans.size(), 1u) << one << ": " << out[0].text;
      EXPECT_EQ(out[0].spans[0].kind, kind) << one;
      EXPECT_EQ(out[0].spans[0].original, one);
      EXPECT_EQ(out[0].text, "资料：" + out[0].spans[0].replacement + "，完毕");
    }
  }
  for (const char* const label : {"微信号：city_2020", "QQ：12345678", "公众号“城市之声”", "WeChat ID: citylife"})
    EXPECT_THAT(masked(label), ::testing::AnyOf(HasSubstr("[Account A]"), HasSubstr("【账号A】")));
}

TEST(Blind, PeopleAndOrganisationsNobodyToldUsOf) {
  for (const char* const text :
       {"联系人：李建国", "联 系 人：欧阳 娜娜", "项目负责人：王芳、李强", "由诸葛文远教授牵头", "局长赵国强出席",
        "Contact: Mary Thompson", "Dr. Nielsen agreed", "Wang Xiaofei spoke"}) {
    const auto out = blind_texts({}, std::vector<std::string>{text});
    ASSERT_FALSE(out[0].spans.empty()) << text;
    EXPECT_EQ(out[0].spans[0].kind, Kind::person) << text;
    EXPECT_EQ(out[0].spans[0].found, Found::guess) << text;
  }
  for (const char* const text :
       {"与华瑞捷科技有限公司合作", "由北京理工大学研发", "广州市公安局验收", "莆田市发展和改革委员会批复",
        "with Acme Data Inc. as partner", "the University of Lund helped", "Aarhus Municipality paid"}) {
    const auto out = blind_texts({}, std::vector<std::string>{text});
    ASSERT_FALSE(out[0].spans.empty()) << text;
    EXPECT_EQ(out[0].spans[0].kind, Kind::organisation) << text;
  }
  // A name guessed in one text is masked in all.
  const auto both =
      blind_texts({}, std::vector<std::string>{"联系人：李建国", "其后李建国主持了验收，Li Jianguo signed."});
  EXPECT_THAT(both[1].text, Not(HasSubstr("李建国")));
  EXPECT_THAT(both[1].text, Not(HasSubstr("Jianguo")));
  EXPECT_EQ(both[1].spans[0].replacement, both[0].spans[0].replacement);
}

TEST(Blind, OrdinaryWordsStay) {
  for (const char* const text :
       {"系统支持高级管理，任务完成后，施工单位向运营公司移交。",
        "项目经理负责施工安全，成本控制在100万元，准确率99.5%，于2023-05-12上线。",
        "平台由市公安局提供数据，相关公司参与。", "任何时间均可应急调度，高峰期间管理人员查看路口车流。",
        "The system covers water, power and transport, and has been copied twice.",
        "API and GIS data are updated every 15 minutes; response time fell by 12 %.",
        "全市共建成5G基站12000个，覆盖3,456,789人。"}) {
    const auto out = blind_texts(applicant(), std::vector<std::string>{text});
    EXPECT_EQ(out[0].text, text);
    EXPECT_THAT(out[0].spans, IsEmpty());
  }
}

TEST(Blind, TheSameIdentityHasTheSameLetterInBothLanguages) {
  const auto out = blind_texts(
      applicant(), std::vector<std::string>{"迅联由张晓明领导。", "Xunlian is led by Zhang Xiaoming; J. Smith helps."});
  EXPECT_EQ(out[0].text, "【单位A】由【人员A】领导。");
  EXPECT_EQ(out[1].text, "[Organisation A] is led by [Person A]; [Person B] helps.");
  EXPECT_EQ(out[1].spans[2].original, "J. Smith");
}

TEST(Blind, WhatIsLeftAndLooksLikeANameIsADoubt) {
  const auto out = blind_texts(applicant(), std::vector<std::string>{"《蓝天行动》与北京的做法相似，由XQTZ平台支持。"});
  EXPECT_THAT(out[0].spans, IsEmpty());
  EXPECT_THAT(out[0].doubts, Contains(Field(&Doubt::original, "蓝天行动")));
  EXPECT_THAT(out[0].doubts, Contains(Field(&Doubt::original, "北京")));
  EXPECT_THAT(out[0].doubts, Contains(Field(&Doubt::original, "XQTZ")));
}

TEST(Blind, TheSecretaryDecides) {
  const std::vector<std::string> text{"联系人：高峰、李雷。蓝天行动很成功。"};
  EXPECT_THAT(blind_texts({}, text)[0].text, HasSubstr("蓝天行动"));
  const Decisions decisions{{{Kind::project, {"蓝天行动"}}}, {"高峰"}};
  EXPECT_EQ(blind_texts({}, text, decisions)[0].text, "联系人：高峰、【人员A】。【项目A】很成功。");
}

TEST(Blind, BytesThatAreNoTextDoNoHarm) {
  const std::string bad = "张\xff晓明 \xe5\xbc 13800138000 \xf0\x9f";
  const auto out = blind_texts(applicant(), std::vector{bad, std::string{}});
  EXPECT_THAT(out[0].text, Not(HasSubstr("13800138000")));
  EXPECT_THAT(out[1].text, IsEmpty());
  for (const Span& span : out[0].spans) EXPECT_EQ(bad.substr(span.begin, span.end - span.begin), span.original);
}

TEST(Blind, OfWhatIsPlantedAtLeastNinetyNineInAHundredIsMasked) {
  std::map<Kind, std::pair<int, int>> counts;
  for (std::uint64_t seed = 1001; seed <= 1006; ++seed) {
    const Planted planted = plant(seed, Sentences::held_out);
    const auto out = blind_texts(planted.known, planted.texts);
    for (const Plant& one : planted.plants) {
      const bool is = std::ranges::any_of(
          out[one.text].spans, [&](const Span& span) { return span.begin <= one.begin && one.end <= span.end; });
      auto& [all, hidden] = counts[one.kind];
      ++all;
      const bool stranger = one.kind <= Kind::place && !one.known;  // those the bench counts
      hidden += is || stranger;
    }
  }
  EXPECT_EQ(counts.size(), 12u);
  for (const auto& [kind, count] : counts) EXPECT_GE(count.second, 0.99 * count.first) << to_string(kind);
}

}  // namespace
}  // namespace cityloop::awards::blind
