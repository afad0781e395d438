// How reports of every channel come into the inbox, and what happens to them there.
#include <gmock/gmock.h>

#include "casework/case_code.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::Action;
using flow::ActionStatus;
using flow::CaseOutcome;
using flow::CaseStage;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kKinds = R"(
[intake]
kind = "other"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
close_within = "8h"
verify_hold = "0s"
escalate_to = "supervisor"
auto_dispatch = false
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
close_within = "2h"
verify_hold = "10s"
escalate_to = "supervisor"
)";
constexpr const char* kCategories =
    "code,type,class_zh,class_en,name_zh,name_en,condition,department,kind,standard_zh,standard_en,limit,calendar\n"
    "0107,event,市容,Street,道路破损,Damaged road,,roads,other,塌陷,Sunken,2h,always\n";

class CaseIntakeTest : public testing::Test, protected test::CaseDesk {
 protected:
  CaseIntakeTest() : CaseDesk(kKinds, {{"categories.csv", kCategories}}) {}
  flow::Case report(const std::string& by, const std::string& fields) {
    const Action filed = act({}, "open", by, "", fields);
    EXPECT_EQ(filed.status, ActionStatus::done) << filed.reason;
    return get_case(filed.target);
  }
};

TEST_F(CaseIntakeTest, AReportKeepsTheReportersWordsAndWaitsInTheInbox) {
  const std::string photo(64, 'a');
  const flow::Case one = report(
      "citizen:x",
      fmt::format(
          R"({{"channel":"open311","title":"坑","description":"路面塌陷\n很深","address":"柳荫路 3 号","media":["{}"],
                      "externalId":"A-17","location":{{"type":"Point","coordinates":[120,30]}}}})",
          photo));
  EXPECT_EQ(one.state, "received");
  EXPECT_EQ(one.stage, CaseStage::intake);
  EXPECT_EQ(one.kind, "other") << "nobody has said what it is";
  EXPECT_EQ(one.channel, "open311");
  EXPECT_EQ(one.description, "路面塌陷\n很深");
  EXPECT_EQ(one.address, "柳荫路 3 号");
  EXPECT_THAT(one.media, testing::ElementsAre(photo));
  EXPECT_EQ(one.external_id, "A-17");
  EXPECT_EQ(one.count, 1u);
  EXPECT_EQ(one.opened_by, "citizen:x");
  EXPECT_EQ(read_case_code(one.code), one.code);
}

TEST_F(CaseIntakeTest, NumbersCountTheCasesAndSurviveARestart) {
  std::vector<std::string> codes;
  for (int i = 0; i < 5; ++i) {
    codes.push_back(report("citizen:x", R"({"title":"a"})").code);
    city.restart();
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(codes[std::size_t(i)], case_code(std::uint64_t(i) + 1));
}

TEST_F(CaseIntakeTest, WhoeverTakesItUpSaysWhatItIs) {
  const flow::Case one = report("citizen:x", R"({"title":"hole"})");
  EXPECT_EQ(act(one.id, "take_up", "citizen:x").status, ActionStatus::refused);
  EXPECT_EQ(act(one.id, "take_up", "user:op", "", R"({"category":"none"})").status, ActionStatus::refused);
  EXPECT_EQ(act(one.id, "take_up", "user:op", "", R"({"kind":"none"})").status, ActionStatus::refused);
  EXPECT_EQ(act(one.id, "take_up", "user:op", "", R"({"severity":"dreadful"})").status, ActionStatus::refused);
  EXPECT_EQ(get_case(one.id).state, "received");
  EXPECT_EQ(act(one.id, "take_up", "user:op", "", R"({"category":"event-0107","severity":"severe"})").status,
            ActionStatus::done);
  const flow::Case filed = get_case(one.id);
  EXPECT_EQ(filed.category, "event-0107");
  EXPECT_EQ(filed.department, "roads");
  EXPECT_EQ(filed.severity, flow::Severity::severe);
  EXPECT_EQ(filed.due_at, city.now() + hours(2)) << "by the category's limit";

  const flow::Case water = report("citizen:y", R"({"title":"water"})");
  EXPECT_EQ(act(water.id, "take_up", "user:op", "", R"({"kind":"flooding"})").status, ActionStatus::done);
  EXPECT_EQ(get_case(water.id).state, "dispatched") << "as that kind does";
  EXPECT_EQ(get_case(water.id).department, "water");
  city.restart();
  EXPECT_EQ(get_case(water.id).kind, "flooding");
}

TEST_F(CaseIntakeTest, RefusedWithTheReasonAndTheReporterHearsIt) {
  const flow::Case one = report("citizen:x", R"({"title":"hole"})");
  EXPECT_EQ(act(one.id, "refuse", "user:op").status, ActionStatus::refused) << "without a reason";
  EXPECT_EQ(act(one.id, "refuse", "user:op", "private ground").status, ActionStatus::done);
  EXPECT_EQ(get_case(one.id).outcome, CaseOutcome::refused);
  EXPECT_EQ(get_case(one.id).timeline.back().note, "private ground");
}

TEST_F(CaseIntakeTest, TheReporterIsAskedAndAnswersAndTheClockWaitsForThem) {
  const flow::Case one = report("citizen:x", R"({"title":"hole"})");
  EXPECT_EQ(act(one.id, "ask_reporter", "user:op", "which side of the road?").status, ActionStatus::done);
  EXPECT_EQ(get_case(one.id).state, "asked");
  bool told = false;
  for (const auto& notice : city.all("Notice")) told |= notice->text(flow::Name("to")) == "citizen:x";
  EXPECT_TRUE(told);
  EXPECT_EQ(act(one.id, "answer", "citizen:other", "left").status, ActionStatus::refused);
  city.jump(days(3) + minutes(1));
  EXPECT_TRUE(has_code("answer_missed")) << "somebody looks after it";
  EXPECT_EQ(act(one.id, "answer", "citizen:x", "the left one").status, ActionStatus::done);
  EXPECT_EQ(get_case(one.id).state, "received");
}

TEST_F(CaseIntakeTest, ForwardedToABodyOutsideItStillShowsWhereItIs) {
  const flow::Case one = report("citizen:x", R"({"title":"power line"})");
  EXPECT_EQ(act(one.id, "forward", "user:op", "theirs").status, ActionStatus::refused) << "to whom?";
  EXPECT_EQ(act(one.id, "forward", "user:op", "theirs", R"({"body":"电网公司","reference":"P-9"})").status,
            ActionStatus::done);
  flow::Case now = get_case(one.id);
  EXPECT_EQ(now.state, "forwarded");
  EXPECT_EQ(now.forwarded_to, "电网公司");
  EXPECT_TRUE(now.is_open());
  EXPECT_THAT(now.timeline.back().given, HasSubstr("P-9"));
  EXPECT_EQ(act(one.id, "recall", "user:op", "they say no").status, ActionStatus::done);
  EXPECT_EQ(get_case(one.id).forwarded_to, "");
  EXPECT_EQ(get_case(one.id).state, "filed");
  act(one.id, "forward", "user:op", "they do it", R"({"body":"电网公司"})");
  EXPECT_EQ(act(one.id, "outside_done", "user:op", "done by them").status, ActionStatus::done);
  EXPECT_EQ(act(one.id, "verify", "user:boss", "", R"({"result":"fail"})").status, ActionStatus::done);
  EXPECT_EQ(get_case(one.id).state, "forwarded") << "it is still theirs to do";
  act(one.id, "outside_done", "user:op", "again");
  EXPECT_EQ(act(one.id, "verify", "user:boss", "", R"({"result":"pass"})").status, ActionStatus::done);
  EXPECT_EQ(get_case(one.id).outcome, CaseOutcome::confirmed);
  EXPECT_EQ(get_case(one.id).forwarded_to, "电网公司") << "who did it";
}

TEST_F(CaseIntakeTest, WithoutAKindForReportsOneMustBeNamed) {
  test::SmallCity<CaseLoop> bare(test::make_case_loop);
  std::string kinds = kKinds;
  kinds.erase(0, kinds.find("[[case]]"));
  bare.write({test::city_rules(kinds)->to_write(test::kStart)}, "app");
  Action action;
  action.id = EntityId("urn:ngsi-ld:Action:x");
  action.verb = "open";
  action.by = "citizen:x";
  action.fields = R"({"title":"a"})";
  bare.write({to_write(action)}, action.by);
  EXPECT_EQ(flow::action_from(*bare.get(action.id))->status, ActionStatus::refused);
}

// What lies near and says the like is suggested, with what speaks for it.
TEST_F(CaseIntakeTest, TheLikeIsSuggestedWithItsReasons) {
  const auto at = [](double lon, std::string_view text) {
    return fmt::format(R"({{"title":"{}","location":{{"type":"Point","coordinates":[{},30]}}}})", text, lon);
  };
  // What the rest of the city writes, so that it is known which words are common.
  const char* const others[] = {"路灯不亮晚上很黑", "垃圾桶满溢没人清理", "工地夜间施工噪声", "下水道堵塞污水外溢",
                                "共享单车乱停放",   "井盖缺失有危险",     "树枝遮挡信号灯",   "占道经营油烟"};
  for (int i = 0; i < 40; ++i) report("citizen:z", at(121 + 0.1 * i, others[i % 8]));
  const flow::Case first = report("citizen:a", at(120, "路面塌陷一个大坑很危险"));
  const flow::Case far = report("citizen:b", at(120.1, "路面塌陷一个大坑很危险"));
  EXPECT_TRUE(far.similar.empty()) << "ten kilometres away";
  const flow::Case other = report("citizen:c", at(120.0002, "晚上烧烤摊油烟噪声扰民"));
  EXPECT_TRUE(other.similar.empty()) << "another matter in the same place";
  city.pass(hours(2));
  const flow::Case same = report("citizen:d", at(120.0004, "路面有大坑塌陷，危险"));
  ASSERT_EQ(same.similar.size(), 1u);
  const flow::SimilarCase& reason = same.similar.front();
  EXPECT_EQ(reason.id, first.id);
  EXPECT_NEAR(reason.distance_m, 39, 2);
  EXPECT_EQ(reason.earlier, hours(2));
  EXPECT_TRUE(reason.same_kind);
  EXPECT_GT(reason.text, 0.3);
  EXPECT_GT(reason.score, 0.8);
  // A caller who names no place is understood by the words.
  const flow::Case called = report("citizen:e", R"({"channel":"hotline","title":"路面塌陷一个大坑很危险"})");
  ASSERT_FALSE(called.similar.empty());
  EXPECT_LT(called.similar.front().distance_m, 0);
  // What has ended is no suggestion any more.
  act(first.id, "refuse", "user:op", "x");
  const flow::Case later = report("citizen:f", at(120.0004, "路面塌陷一个大坑很危险"));
  for (const flow::SimilarCase& one : later.similar) EXPECT_NE(one.id, first.id);
}

TEST_F(CaseIntakeTest, EnglishIsComparedAsWellAndAtMostFiveAreSuggested) {
  const auto fields = [](std::string_view text) {
    return fmt::format(R"({{"title":"{}","location":{{"type":"Point","coordinates":[120,30]}}}})", text);
  };
  report("citizen:x", fields("Barbecue smoke every night"));
  for (int i = 0; i < 8; ++i) report(fmt::format("citizen:{}", i), fields("Street lamp broken and dark"));
  const flow::Case one = report("citizen:y", fields("The street lamp is dark, it has broken"));
  EXPECT_EQ(one.similar.size(), flow::kSimilarMax);
  for (std::size_t i = 1; i < one.similar.size(); ++i) EXPECT_GE(one.similar[i - 1].score, one.similar[i].score);
  for (const flow::SimilarCase& other : one.similar) EXPECT_THAT(get_case(other.id).title.en, HasSubstr("lamp"));
}

TEST(Intake, IsTheSameThroughRestarts) {
  const auto run = [](bool reload) {
    test::SmallCity<CaseLoop> city(test::make_case_loop, reload);
    city.write({test::city_rules(kKinds)->to_write(test::kStart)}, "app");
    const char* const texts[] = {"路面塌陷一个大坑", "路灯不亮",       "street lamp dark",           "垃圾没人清运",
                                 "大坑塌陷路面",     "路灯坏了不亮了", "lamp in the street is dark", "噪声扰民"};
    for (int i = 0; i < 100; ++i) {
      Action action;
      action.id = EntityId(fmt::format("urn:ngsi-ld:Action:{}", i));
      action.verb = "open";
      action.by = "citizen:x";
      action.fields = fmt::format(R"({{"title":"{} {}","location":{{"type":"Point","coordinates":[{},30]}}}})",
                                  texts[i % 8], i / 16, 120 + 0.0001 * (i % 13));
      if (i % 9 == 5) action.fields = fmt::format(R"({{"title":"{}"}})", texts[i % 8]);
      action.at = city.now();
      city.write({to_write(action)}, action.by);
      if (i % 6 == 1) {
        const auto made = flow::action_from(*city.get(EntityId(fmt::format("urn:ngsi-ld:Action:{}", i))));
        Action up;
        up.id = EntityId(fmt::format("urn:ngsi-ld:Action:up-{}", i));
        up.target = made->target;
        up.verb = "take_up";
        up.by = "user:op";
        up.roles = {"operator"};
        up.fields = R"({"kind":"flooding"})";
        city.write({to_write(up)}, up.by);
      }
      if (i % 4 == 3) {
        const auto made = flow::action_from(*city.get(EntityId(fmt::format("urn:ngsi-ld:Action:{}", i / 2))));
        Action refuse;
        refuse.id = EntityId(fmt::format("urn:ngsi-ld:Action:refuse-{}", i));
        refuse.target = made->target;
        refuse.verb = "refuse";
        refuse.by = "user:op";
        refuse.roles = {"operator"};
        refuse.note = "x";
        city.write({to_write(refuse)}, refuse.by);
      }
      if (i % 3 == 0) city.pass(seconds(1));
    }
    return city.written();
  };
  const std::string once = run(false);
  EXPECT_THAT(once, HasSubstr("\"sameKind\""));
  EXPECT_EQ(run(true), once);
}

}  // namespace
}  // namespace cityloop::casework
