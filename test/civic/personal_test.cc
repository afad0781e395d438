// What is blacked out in a text, and what is not.
#include "civic/personal.h"

#include <gmock/gmock.h>

namespace cityloop::civic {
namespace {

TEST(Personal, WhatReachesOrNamesAPersonIsBlackedOut) {
  const std::pair<const char*, const char*> cases[] = {
      {"请联系13800138000，谢谢", "请联系***，谢谢"},
      {"电话 138-0013-8000", "***"},
      {"tel: +86 138 0013 8000.", "tel: ***."},
      {"call +45 12 34 56 78 now", "call *** now"},
      {"ring 12 34 56 78", "ring ***"},
      {"座机0571-87654321转8", "***转8"},
      {"（０５７１）８７６５４３２１", "（***"},
      {"热线 400-820-8820", "热线 ***"},
      {"写信给 li.wei@example.com。", "写信给 ***。"},
      {"Li.Wei+x@mail.example.co.uk!", "***!"},
      {"身份证330106199003071234", "身份证***"},
      {"身份证33010619900307123X", "身份证***"},
      {"车牌浙A12345乱停", "车牌***乱停"},
      {"浙A·D12345 新能源", "*** 新能源"},
      {"粤B 1234学 教练车", "*** 教练车"},
      {"the car AB 12 345 blocks it", "the car *** blocks it"},
      {"CPR 070390-1234", "CPR ***"},
      {"卡号6222 0212 3456 7894", "卡号***"},
      {"card 4111 1111 1111 1111", "card ***"},
      {"加我微信：li_wei2019", "加我***"},
      {"QQ 123456789", "***"},
      {"两个：13900139000和a@b.cn", "两个：***和***"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(mask_personal(text), expected) << text;
}

TEST(Personal, OrdinaryNumbersStay) {
  for (const char* text :
       {"2026-11-21 08:30 路灯不亮", "3 号楼 2 单元 501 室", "depth 0.35 m, 12 cm wide", "中山路 128 号", "20261121",
        "1999年到2026年", "灯杆编号 0012-3456", "公交 108 路 K215", "地铁2号线A口", "about 1000000 people",
        "https://city.example/r", "case 0004-2173", "京都风格", "A4纸 100 张"}) {
    EXPECT_EQ(mask_personal(text), text);
  }
}

TEST(Personal, FindsSayWhatTheyAreAndWhere) {
  const std::string text = "甲13800138000乙";
  const auto finds = find_personal(text);
  ASSERT_EQ(finds.size(), 1U);
  EXPECT_EQ(finds[0].what, Personal::phone);
  EXPECT_EQ(text.substr(finds[0].begin, finds[0].end - finds[0].begin), "13800138000");
}

TEST(Personal, TextThatIsNoUtf8IsNoHarm) {
  std::uint64_t seed = 3;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
      seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
      text += char(seed >> 33 & (round % 2 ? 0xff : 0x3f));
    }
    std::size_t before = 0;
    for (const PersonalFind& find : find_personal(text)) {
      EXPECT_GE(find.begin, before);
      EXPECT_GT(find.end, find.begin);
      EXPECT_LE(find.end, text.size());
      before = find.end;
    }
  }
}

}  // namespace
}  // namespace cityloop::civic
