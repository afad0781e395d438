// Surveys from the step that they follow to what staff see of them.
#include <set>

#include "browser.h"
#include "civic/survey_desk.h"
#include "civic_city.h"
#include "push_service.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSurvey = R"(
[push]
subject = "mailto:city@city.example"
local = true
[[survey]]
id = "done"
name = { zh = "办理满意度", en = "How it was handled" }
intro = { zh = "只需一分钟", en = "It takes a minute" }
after = ["fixed", "not_taken_up"]
services = ["light"]
delay = "1h"
open = "7d"
[[survey.question]]
id = "how"
type = "scale"
name = { zh = "总体是否满意", en = "How satisfied are you" }
low = { zh = "很不满意", en = "Not at all" }
high = { zh = "非常满意", en = "Very" }
required = true
[[survey.question]]
id = "why"
type = "choice"
several = true
name = { zh = "哪些方面可改进", en = "What could be better" }
[[survey.question.choice]]
key = "slow"
name = { zh = "太慢", en = "Too slow" }
[[survey.question.choice]]
key = "waiting"
name = { zh = "等待", en = "Waiting" }
[[survey.question]]
id = "say"
type = "text"
name = { zh = "还想说", en = "Anything else" }
)";

class SurveyTest : public CivicCity {
 protected:
  std::string toml() const override { return std::string(kCivicToml) + kSurvey; }

  struct Reporter {
    std::string token, id;
    TestBrowser browser;
    std::string endpoint;
  };
  // Somebody who reports and can be pushed to.
  Reporter report(std::string_view service = "light", const std::string& phone = "") {
    Reporter out;
    const JsonValue posted = post(service, "灯不亮");
    out.token = posted.text_or("token", "");
    for (const flow::Case& one : cases()) {
      if (one.code == posted.text_or("code", "")) out.id = one.id.text();
    }
    civic_->settle();
    out.endpoint = phone.empty() ? out.token.substr(0, 8) : phone;
    json(Method::put, "/public/v1/follow/" + out.token + "/push",
         out.browser.subscription(service_.endpoint(out.endpoint)));
    return out;
  }
  void refuse(const Reporter& one) { act(one.id, "refuse", {"operator"}, "", "", "no"); }
  void hours(int count) { clock_.advance_to(clock_.now() + std::chrono::hours(count)); }
  // The link by which somebody was asked; empty when they were not.
  std::string asked(const Reporter& one) {
    for (int i = 0; i < 3000; ++i) {
      for (const auto& push : service_.pushes()) {
        const auto plain = push.to == one.endpoint ? one.browser.read(push.body) : std::nullopt;
        const auto message = plain ? JsonValue::parse(*plain) : base::fail(base::Errc::invalid, "not this one");
        if (!message || message->text_or("status", "") != "survey") continue;
        const std::string url = message->text_or("url", "");
        return url.substr(url.rfind('/') + 1);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "nobody asked";
    return {};
  }
  static std::string path(const std::string& token) { return "/public/v1/survey/" + token; }
  JsonValue answer(const std::string& token, const std::string& answers, int status = 200) {
    return json(Method::put, path(token), R"({"answers":)" + answers + "}", {}, status);
  }
  JsonValue results(const std::string& query = "", const std::string& role = "operator") {
    return json(Method::get, "/api/v1/surveys/done" + query, "", {.token = token(role)});
  }
  // So many who were asked, each with a link.
  std::vector<std::pair<Reporter, std::string>> many(int count) {
    std::vector<std::pair<Reporter, std::string>> out;
    for (int i = 0; i < count; ++i) {
      out.emplace_back(report(), "");
      refuse(out.back().first);
    }
    hours(1);
    for (auto& [one, link] : out) link = asked(one);
    return out;
  }

  PushService service_;
};

TEST_F(SurveyTest, WhoReportedIsAskedAfterTheStepAndItsDelayAndAnswersWithoutAnAccount) {
  const Reporter one = report();
  refuse(one);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(counter("civic_surveys_asked"), 0);  // its time has not come
  hours(1);
  const std::string link = asked(one);
  ASSERT_EQ(link.size(), 56U);
  EXPECT_NE(link.substr(16), one.token.substr(16));
  const JsonValue shown = json(Method::get, path(link));
  EXPECT_EQ(shown.find("name")->text_or("en", ""), "How it was handled");
  EXPECT_EQ(shown.find("about")->find("serviceName")->text_or("zh", ""), "路灯");
  EXPECT_EQ(shown.find("about")->text_or("code", ""), followed(one.token).text_or("code", "-"));
  ASSERT_EQ(shown.find("questions")->array()->size(), 3U);
  EXPECT_TRUE(shown.boolean_or("open", false));
  EXPECT_FALSE(shown.boolean_or("answered", true));

  JsonValue now = answer(link, R"({"how":2,"why":["waiting","slow"],"say":"太慢了"})");
  EXPECT_EQ(now.find("answers")->dump(), R"({"how":2,"why":["slow","waiting"],"say":"太慢了"})");
  now = answer(link, R"({"how":4})");  // changed, whole
  EXPECT_EQ(now.find("answers")->dump(), R"({"how":4})");
  EXPECT_EQ(header(ask(Method::get, path(link)), "Cache-Control"), "no-store");
  // When it has closed it stays as it is; and may still be taken back.
  hours(24 * 7);
  EXPECT_EQ(ask(Method::put, path(link), R"({"answers":{"how":5}})").status, 409);
  EXPECT_FALSE(json(Method::get, path(link)).boolean_or("open", true));
  EXPECT_EQ(json(Method::get, path(link)).find("answers")->dump(), R"({"how":4})");
  EXPECT_EQ(ask(Method::del, path(link)).status, 204);
  EXPECT_FALSE(json(Method::get, path(link)).boolean_or("answered", true));
  EXPECT_EQ(results().find("total")->number_or("answered", 9), 0);
}

TEST_F(SurveyTest, TheNoticeAsksByTheChannelsOfTheOthersOnceAlsoAcrossARestart) {
  const Reporter one = report();
  refuse(one);
  hours(1);
  asked(one);
  await("civic_outbox_push_delivered", 2);  // that it was not taken up, and the question
  close();
  open();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(service_.pushes().size(), 2U);
  EXPECT_EQ(results().find("total")->number_or("asked", 0), 1);
  EXPECT_EQ(results().find("total")->number_or("reached", 0), 1);
}

TEST_F(SurveyTest, WhatIsNoAnswerIsRefusedAndLeavesTheOneBefore) {
  const Reporter one = report();
  refuse(one);
  hours(1);
  const std::string link = asked(one);
  answer(link, R"({"how":3})");
  const std::string wrong[] = {"{",
                               "[]",
                               "{}",
                               R"({"answers":[]})",
                               R"({"answers":{}})",
                               R"({"answers":{"why":["slow"]}})",
                               R"({"answers":{"how":0}})",
                               R"({"answers":{"how":6}})",
                               R"({"answers":{"how":2.5}})",
                               R"({"answers":{"how":"5"}})",
                               R"({"answers":{"how":1e300}})",
                               R"({"answers":{"how":5,"why":"nothing"}})",
                               R"({"answers":{"how":5,"why":[1]}})",
                               R"({"answers":{"how":5,"say":7}})",
                               R"({"answers":{"how":5,"other":1}})",
                               R"({"answers":{"how":5,"say":")" + std::string(2001, 'x') + "\"}}"};
  for (const std::string& body : wrong) {
    const Response response = ask(Method::put, path(link), body);
    EXPECT_EQ(response.status, 400) << body << "\n" << response.body;
  }
  EXPECT_EQ(json(Method::get, path(link)).find("answers")->dump(), R"({"how":3})");
  EXPECT_EQ(counter("civic_answers_refused"), double(std::size(wrong)));
}

TEST_F(SurveyTest, AForgedLinkIsNotFoundLikeAnyOtherAndNoFollowLinkIsOne) {
  const Reporter one = report();
  refuse(one);
  hours(1);
  const std::string link = asked(one);
  std::string forged = link;
  forged.back() = forged.back() == '0' ? '1' : '0';
  std::string body;
  for (const std::string& wrong :
       {forged, one.token, link + "0", link.substr(1), std::string("x"), std::string(56, '0')}) {
    for (const Method method : {Method::get, Method::put, Method::del}) {
      const Response response = ask(method, path(wrong), R"({"answers":{"how":5}})");
      EXPECT_EQ(response.status, 404) << wrong;
      if (body.empty()) body = response.body;
      EXPECT_EQ(response.body, body);
    }
  }
  EXPECT_EQ(ask(Method::get, "/public/v1/follow/" + link).status, 404);
}

TEST_F(SurveyTest, NobodyIsAskedTwiceWithinTheTimeUnreachableOrWhenTheCaseWentOn) {
  const Reporter first = report("light", "phone"), again = report("light", "phone");  // the same browser
  const Reporter silent = report();
  EXPECT_EQ(ask(Method::del, "/public/v1/follow/" + silent.token + "/contact").status, 204);
  const Reporter other = report("other");  // another service
  refuse(first), refuse(silent), refuse(other);
  hours(1);
  asked(first);
  refuse(again);
  hours(2);
  await("civic_surveys_left_out", 2);
  const JsonValue total = *results().find("total");
  EXPECT_EQ(total.number_or("asked", 0), 1);
  EXPECT_EQ(total.number_or("eligible", 0), 3);
  EXPECT_EQ(total.find("notAsked")->number_or("unreachable", 0), 1);
  EXPECT_EQ(total.find("notAsked")->number_or("askedLately", 0), 1);
  // After its time the same person may be asked again.
  hours(24 * 91);
  const Reporter later = report("light", "phone");
  refuse(later);
  hours(1);
  asked(later);
}

TEST_F(SurveyTest, ACaseThatIsOpenAgainIsNotAskedAboutAsIfItWereClosed) {
  const Reporter one = report();
  act(one.id, "take_up", {"operator"});
  act(one.id, "accept", {"worker"}, "lighting");
  act(one.id, "report", {"worker"}, "lighting", "", "done");
  act(one.id, "verify", {"operator"}, "", R"({"result":"pass"})");
  act(one.id, "reopen", {"operator"}, "", "", "it is out again");
  act(one.id, "grant", {"supervisor"}, "", R"({"request":1})");
  hours(1);
  await("civic_surveys_left_out", 1);
  EXPECT_EQ(results().find("total")->find("notAsked")->number_or("overtaken", 0), 1);
}

TEST_F(SurveyTest, StepsFromBeforeTheSurveyAreNotAskedAbout) {
  close();
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
  read_settings(std::string(kCivicToml) + "[push]\nsubject = \"mailto:a@b.example\"\nlocal = true\n");
  open();
  const Reporter before = report();
  refuse(before);
  close();
  hours(1);
  read_settings(toml());
  open();
  const Reporter after = report();
  refuse(after);
  hours(1);
  asked(after);
  EXPECT_EQ(results().find("total")->number_or("eligible", 0), 1);
}

TEST_F(SurveyTest, TheDrawFollowsFromTheSeedAndTakesItsShare) {
  Survey survey;
  survey.id = "x";
  survey.share = 0.3;
  int drawn = 0, same = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string report = fmt::format("{:016x}", i);
    const bool is = is_drawn(survey, report, "a:1");
    EXPECT_EQ(is, is_drawn(survey, report, "a:1"));
    drawn += is ? 1 : 0;
    Survey other = survey;
    other.seed = 2;
    same += is == is_drawn(other, report, "a:1") ? 1 : 0;
  }
  EXPECT_NEAR(drawn, 3000, 150);  // more than three standard deviations
  EXPECT_NEAR(same, 5800, 200);
  survey.share = 1;
  EXPECT_TRUE(is_drawn(survey, "0", "0"));
}

TEST_F(SurveyTest, StaffSeeTheSpreadAndEachNumberOpensItsCases) {
  auto people = many(8);
  for (int i = 0; i < 7; ++i)
    answer(people[std::size_t(i)].second, fmt::format(R"({{"how":{},"why":["slow"]}})", i < 5 ? 2 : 5));
  const JsonValue is = results("?by=kind");
  EXPECT_EQ(is.number_or("groupMin", 0), 5);
  const JsonValue& total = *is.find("total");
  EXPECT_EQ(total.number_or("asked", 0), 8);
  EXPECT_EQ(total.number_or("answered", 0), 7);
  ASSERT_EQ(is.find("groups")->array()->size(), 1U);
  const JsonValue& group = is.find("groups")->array()->front();
  EXPECT_EQ(group.text_or("key", ""), "lighting");
  EXPECT_EQ(group.find("name")->text_or("en", ""), "Street light");
  const JsonValue& how = group.find("questions")->array()->front();
  EXPECT_NEAR(how.find("mean")->number_or("value", 0), 20 / 7.0, 1e-9);
  EXPECT_EQ(how.find("values")->array()->at(1).number_or("count", 0), 5);

  const auto behind = [&](const std::string& query, const std::string& role = "operator", int status = 200) {
    return json(Method::get, "/api/v1/surveys/done/cases?" + query, "", {.token = token(role)}, status);
  };
  EXPECT_EQ(behind("measure=asked").number_or("total", 0), 8);
  EXPECT_EQ(behind("measure=asked&limit=3").find("cases")->array()->size(), 3U);
  EXPECT_EQ(behind("measure=answered&by=kind&key=lighting").number_or("total", 0), 7);
  EXPECT_EQ(behind("question=how&value=2").number_or("total", 0), 5);
  // What two people said, or that one was silent, is nobody's to see.
  behind("question=how&value=5", "operator", 409);
  behind("measure=unanswered", "operator", 409);
  behind("question=say&value=x", "operator", 400);
  behind("measure=nothing", "operator", 400);
  // The answers name nobody.
  for (const auto& [one, link] : people) {
    EXPECT_THAT(is.dump(), Not(HasSubstr(one.token.substr(0, 16))));
    EXPECT_THAT(is.dump(), Not(HasSubstr(link.substr(0, 16))));
  }
  const JsonValue list = json(Method::get, "/api/v1/surveys", "", {.token = token("operator")});
  ASSERT_EQ(list.find("surveys")->array()->size(), 1U);
  EXPECT_EQ(list.find("surveys")->array()->front().number_or("answered", 0), 7);
  EXPECT_TRUE(list.find("surveys")->array()->front().boolean_or("inForce", false));
}

TEST_F(SurveyTest, EverybodySeesOnlyTheirOwnCasesInIt) {
  auto people = many(5);
  for (auto& [one, link] : people) answer(link, R"({"how":4})");
  // A worker reads the cases of the own department alone; these have none yet.
  const Ask worker{.token = token("worker", "lighting")};
  const JsonValue is = json(Method::get, "/api/v1/surveys/done", "", worker);
  EXPECT_EQ(is.find("total")->number_or("asked", 9), cases().front().department == "lighting" ? 5 : 0);
  const Ask elsewhere{.token = token("operator", "", {"south"})};  // the cases lie in no area, or in the north
  const JsonValue south = json(Method::get, "/api/v1/surveys/done", "", elsewhere);
  EXPECT_EQ(south.find("total")->number_or("asked", 9), cases().front().area.empty() ? 5 : 0);
  for (const char* route :
       {"/api/v1/surveys", "/api/v1/surveys/done", "/api/v1/surveys/done/cases", "/api/v1/surveys/done/texts"}) {
    EXPECT_EQ(ask(Method::get, route).status, 401) << route;
    EXPECT_EQ(ask(Method::get, route, "", {.token = token("integrator")}).status, 403) << route;
  }
  EXPECT_EQ(ask(Method::put, "/api/v1/surveys/done/texts/x.say", R"({"shown":true})").status, 401);
  EXPECT_EQ(
      ask(Method::put, "/api/v1/surveys/done/texts/x.say", R"({"shown":true})", {.token = token("worker", "lighting")})
          .status,
      403);
  json(Method::get, "/api/v1/surveys/nothing", "", {.token = token("operator")}, 404);
  json(Method::get, "/api/v1/surveys/done?version=nothing", "", {.token = token("operator")}, 404);
  json(Method::get, "/api/v1/surveys/done?by=person", "", {.token = token("operator")}, 400);
}

TEST_F(SurveyTest, TextsAreShownWhenAModeratorHasReadThemAndGoWhenTheyAreTakenBack) {
  const Reporter one = report();
  refuse(one);
  hours(1);
  const std::string link = asked(one);
  const std::string evil = "<script>alert(1)</script> 找我 13800138000";
  base::JsonWriter body;
  body.object().field("how", 1).field("say", evil).end();
  answer(link, body.str());
  const Ask staff{.token = token("operator")}, worker{.token = token("worker", "lighting")};
  const auto texts = [&](const std::string& query, const Ask& how) {
    return json(Method::get, "/api/v1/surveys/done/texts" + query, "", how);
  };
  EXPECT_EQ(texts("", staff).number_or("total", 9), 0);
  const JsonValue waiting = texts("?state=waiting", staff);
  ASSERT_EQ(waiting.number_or("total", 0), 1);
  const JsonValue& item = waiting.find("items")->array()->front();
  EXPECT_EQ(item.text_or("text", ""), evil);
  EXPECT_EQ(item.text_or("masked", ""), "<script>alert(1)</script> 找我 ***");
  EXPECT_EQ(texts("?state=waiting", worker).number_or("total", 9), 0);  // not for who may not decide
  const std::string id = item.text_or("id", "");
  EXPECT_THAT(id, Not(HasSubstr(link.substr(16))));
  json(Method::put, "/api/v1/surveys/done/texts/" + id, R"({"shown":"yes"})", staff, 400);
  json(Method::put, "/api/v1/surveys/done/texts/nothing.say", R"({"shown":true})", staff, 404);
  json(Method::put, "/api/v1/surveys/other/texts/" + id, R"({"shown":true})", staff, 404);
  const JsonValue decided = json(Method::put, "/api/v1/surveys/done/texts/" + id, R"({"shown":true})", staff);
  EXPECT_EQ(decided.text_or("shownText", ""), "<script>alert(1)</script> 找我 ***");
  EXPECT_EQ(texts("", staff).number_or("total", 0), 1);
  // Changed words wait anew; the same ones do not.
  answer(link, body.str());
  EXPECT_EQ(texts("", staff).number_or("total", 0), 1);
  answer(link, R"({"how":1,"say":"别的"})");
  EXPECT_EQ(texts("", staff).number_or("total", 9), 0);
  EXPECT_EQ(texts("?state=waiting", staff).number_or("total", 0), 1);
  const auto traces = [&] {
    int found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file())
        found += base::read_file(entry.path()).value().find("别的") == std::string::npos ? 0 : 1;
    }
    return found;
  };
  EXPECT_EQ(traces(), 1);  // in its table and nowhere else, the log included
  EXPECT_EQ(ask(Method::del, path(link)).status, 204);
  EXPECT_EQ(traces(), 0);
}

TEST_F(SurveyTest, AsksAndAnswersGoWhenTheyMayBeKeptNoLonger) {
  const Reporter one = report();
  refuse(one);
  hours(1);
  const std::string link = asked(one);
  answer(link, R"({"how":1})");
  clock_.advance_to(clock_.now() + std::chrono::hours(24 * 731));
  sweep();
  EXPECT_EQ(ask(Method::get, path(link)).status, 404);
  EXPECT_EQ(results().find("total")->number_or("eligible", 9), 0);
  EXPECT_EQ(counter("civic_surveys_erased"), 1);
}

TEST_F(SurveyTest, OtherQuestionsAreAnotherVersionAndTheOldAnswersStayWithTheirs) {
  const Reporter one = report();
  refuse(one);
  hours(1);
  const std::string link = asked(one);
  answer(link, R"({"how":1})");
  const std::string old = results().text_or("version", "");
  close();
  std::string text = toml();
  text.replace(text.find("How satisfied are you"), 3, "Are");
  read_settings(text);
  open();
  const JsonValue now = results();
  EXPECT_NE(now.text_or("version", ""), old);
  EXPECT_EQ(now.find("total")->number_or("answered", 9), 0);
  EXPECT_EQ(results("?version=" + old).find("total")->number_or("answered", 0), 1);
  EXPECT_EQ(now.find("survey")->find("versions")->array()->size(), 2U);
  // Who was asked the old ones answers the old ones.
  EXPECT_EQ(json(Method::get, path(link)).find("questions")->array()->front().find("name")->text_or("en", ""),
            "How satisfied are you");
}

class StepSurveyTest : public SurveyTest {
 protected:
  std::string toml() const override {
    return std::string(kCivicToml) + R"(
[push]
subject = "mailto:city@city.example"
local = true
[surveys]
group_min = 6
[[survey]]
id = "done"
name = { zh = "受理", en = "Taken up" }
steps = ["take_up"]
kinds = ["lighting"]
delay = "0s"
[[survey.question]]
id = "how"
type = "scale"
name = { zh = "满意吗", en = "Satisfied" }
)";
  }
};

TEST_F(StepSurveyTest, AStepOfTheWorkflowIsAskedAboutWhateverComesNext) {
  const Reporter one = report(), other = report("other");
  act(one.id, "take_up", {"operator"});
  act(one.id, "accept", {"worker"}, "lighting");
  act(other.id, "take_up", {"operator"}, "", R"({"kind":"other"})");
  EXPECT_EQ(asked(one).size(), 56U);
  hours(1);
  civic_->settle();
  const JsonValue is = results("?by=week");
  EXPECT_EQ(is.find("total")->number_or("eligible", 0), 1);
  EXPECT_EQ(is.number_or("groupMin", 0), 6);
  EXPECT_EQ(is.find("hidden")->number_or("asked", 0), 1);
}

}  // namespace
}  // namespace cityloop::civic
