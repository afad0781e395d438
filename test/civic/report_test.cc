// Citizens report, follow, rate and contest; and what others see of it.
#include "civic_city.h"

#include "civic/book.h"
#include "photos.h"
#include "store/store.h"

namespace cityloop::civic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "6f1a2b3c-0000-4000-8000-000000000001";

std::vector<std::string> texts(const JsonValue* list, std::string_view member = "") {
  std::vector<std::string> out;
  if (!list || !list->array()) return out;
  for (const JsonValue& one : *list->array()) out.push_back(member.empty() ? *one.text() : one.text_or(member, ""));
  return out;
}

class ReportTest : public CivicCity {};

TEST_F(ReportTest, AReportIsFiledAndFollowedByItsLink) {
  const JsonValue posted = post("light", "灯不亮", R"("attributes":{"what":"out"},"address":"中山路 1 号")");
  const std::string token = posted.text_or("token", "");
  EXPECT_EQ(token.size(), 56U);
  const auto all = cases();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].channel, "citizen");
  EXPECT_EQ(all[0].description, "灯不亮\n怎么了 What: 不亮 Out");
  EXPECT_EQ(all[0].address, "中山路 1 号");
  EXPECT_EQ(posted.text_or("code", ""), all[0].code);
  const JsonValue now = followed(token);
  EXPECT_EQ(now.text_or("status", ""), "received");
  EXPECT_EQ(now.find("mine")->text_or("address", ""), "中山路 1 号");
  EXPECT_TRUE(now.boolean_or("public", false));
}

// From finding to rating: each step in words, with whoever has it.
TEST_F(ReportTest, EachStepIsToldInWordsWithWhoeverHasIt) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  const std::string id = only_case();
  act(id, "take_up", {"operator"});
  act(id, "accept", {"worker"}, "lighting");
  JsonValue now = followed(token);
  EXPECT_EQ(now.text_or("status", ""), "in_work");
  EXPECT_EQ(now.find("with")->text_or("en", ""), "Street lighting");
  EXPECT_EQ(now.find("statusText")->text_or("zh", ""), "照明所正在处理");
  act(id, "report", {"worker"}, "lighting", "", "换了灯泡");
  act(id, "verify", {"operator"}, "", R"({"result":"pass"})");
  now = followed(token);
  EXPECT_THAT(texts(now.find("steps"), "status"),
              ElementsAre("received", "taken_up", "sent", "in_work", "checking", "fixed"));
  EXPECT_THAT(texts(now.find("may")), testing::Contains("rate"));
  EXPECT_THAT(now.dump(), Not(HasSubstr("user:")));
  EXPECT_THAT(now.dump(), Not(HasSubstr("换了灯泡")));

  const JsonValue rated =
      json(Method::post, "/public/v1/follow/" + token + "/rating", R"({"rating":4})", {.key = kKey});
  EXPECT_EQ(rated.number_or("rating", 0), 4);
  json(Method::post, "/public/v1/follow/" + token + "/rating", R"({"rating":6})", {}, 400);
  const std::size_t steps = cases()[0].timeline.size();
  json(Method::post, "/public/v1/follow/" + token + "/rating", R"({"rating":4})", {.key = kKey});
  EXPECT_EQ(cases()[0].timeline.size(), steps);  // sent again, done once
  const JsonValue contested = json(Method::post, "/public/v1/follow/" + token + "/contest", R"({"note":"还是不亮"})");
  EXPECT_EQ(cases()[0].requests.size(), 1U);
  EXPECT_EQ(cases()[0].requests[0].kind, "reopen");
  json(Method::post, "/public/v1/follow/" + token + "/contest", R"({"note":""})", {}, 400);
}

TEST_F(ReportTest, ClosedButNotFixedCarriesItsReasonWithoutPersonalData) {
  const JsonValue posted = post("light", "灯不亮");
  act(only_case(), "refuse", {"operator"}, "", "", "属于小区物业，请致电 13800138000");
  const JsonValue now = followed(posted.text_or("token", ""));
  EXPECT_EQ(now.text_or("status", ""), "not_taken_up");
  EXPECT_EQ(now.text_or("reason", ""), "属于小区物业，请致电 ***");
  const JsonValue shown = json(Method::get, "/public/v1/reports/" + posted.text_or("code", ""));
  EXPECT_EQ(shown.text_or("reason", ""), "属于小区物业，请致电 ***");
  EXPECT_FALSE(shown.boolean_or("open", true));
}

TEST_F(ReportTest, WhatWasHandedToABodyOutsideSaysWhereItIs) {
  const JsonValue posted = post("light", "灯不亮");
  act(only_case(), "forward", {"operator"}, "", R"({"body":"省电力公司"})", "杆是他们的");
  for (const JsonValue& seen :
       {followed(posted.text_or("token", "")), json(Method::get, "/public/v1/reports/" + posted.text_or("code", ""))}) {
    EXPECT_EQ(seen.find("with")->text_or("zh", ""), "省电力公司");
    EXPECT_THAT(seen.find("statusText")->text_or("en", ""), HasSubstr("省电力公司"));
    EXPECT_TRUE(seen.boolean_or("open", false));
  }
}

TEST_F(ReportTest, AQuestionIsForTheReporterAloneAndANoteAnswersIt) {
  const JsonValue posted = post("light", "灯不亮");
  const std::string token = posted.text_or("token", "");
  act(only_case(), "ask_reporter", {"operator"}, "", "", "是哪一盏？");
  JsonValue now = followed(token);
  EXPECT_EQ(now.text_or("status", ""), "asked");
  EXPECT_EQ(now.text_or("question", ""), "是哪一盏？");
  EXPECT_THAT(ask(Method::get, "/public/v1/reports/" + posted.text_or("code", "")).body, Not(HasSubstr("是哪一盏")));
  now = json(Method::post, "/public/v1/follow/" + token + "/note", R"({"note":"路口那盏"})");
  EXPECT_EQ(now.text_or("status", ""), "received");
  EXPECT_EQ(cases()[0].timeline.back().note, "路口那盏");
}

TEST_F(ReportTest, WhatAPhoneSendsTwiceHappensOnce) {
  const JsonValue first = post("light", "灯不亮", "", {.key = kKey});
  const JsonValue again = post("light", "灯不亮", "", {.key = kKey});
  EXPECT_EQ(first.text_or("token", "a"), again.text_or("token", "b"));
  EXPECT_EQ(first.text_or("code", "a"), again.text_or("code", "b"));
  EXPECT_EQ(cases().size(), 1U);
  // The same key with another report is refused, and the first stands.
  const Response other = ask(Method::post, "/public/v1/reports", report_body("light", "另一件"), {.key = kKey});
  EXPECT_EQ(other.status, 422) << other.body;
  EXPECT_EQ(followed(first.text_or("token", "")).find("mine")->text_or("text", ""), "灯不亮");
  // A key that others could guess is none; without a key each is a report of its own.
  EXPECT_EQ(ask(Method::post, "/public/v1/reports", report_body("light", "x"), {.key = "1"}).status, 400);
  post("light", "灯不亮"), post("light", "灯不亮");
  EXPECT_EQ(cases().size(), 3U);
}

TEST_F(ReportTest, AReplayAfterARestartIsStillTheSameReport) {
  const JsonValue first = post("light", "灯不亮", R"("contact":{"email":"a@example.com"})", {.key = kKey});
  close();
  open();
  const JsonValue again = post("light", "灯不亮", R"("contact":{"email":"a@example.com"})", {.key = kKey});
  EXPECT_EQ(first.text_or("token", "a"), again.text_or("token", "b"));
  EXPECT_EQ(cases().size(), 1U);
  EXPECT_EQ(followed(first.text_or("token", "")).find("contact")->text_or("email", ""), "a@example.com");
}

TEST_F(ReportTest, BadReportsAreRefusedAndLeaveNothing) {
  const std::pair<std::string, int> wrong[] = {
      {"{", 400},
      {"[]", 400},
      {R"({"service":"nothing","description":"x","location":{"lon":120.1,"lat":30.1}})", 400},
      {R"({"service":"light","description":"x"})", 400},
      {R"({"service":"light","description":"x","location":{"lon":"120","lat":30}})", 400},
      {R"({"service":"light","description":"x","location":{"lon":12.5,"lat":55.7}})", 400},
      {R"({"service":"light","description":"x","location":{"lon":1e999,"lat":30.1}})", 400},
      {report_body("light", ""), 400},
      {report_body("light", std::string(5000, 'x')), 400},
      {report_body("light", "x", R"("media":["nothing"])"), 400},
      {report_body("light", "x", R"("media":[")" + std::string(64, 'a') + R"("])"), 400},
      {report_body("light", "x", R"("attributes":{"what":"else"})"), 400},
      {report_body("light", "x", R"("contact":{"email":"no address"})"), 400},
      {report_body("light", "x", R"("contact":{"email":"a@b.example\r\nBcc: c@d.example"})"), 400},
      {report_body("seen", "x"), 400},
      {report_body("noise", "x", R"("media":[")" + std::string(64, 'a') + R"("])"), 400},
  };
  for (const auto& [body, status] : wrong) {
    const Response response = ask(Method::post, "/public/v1/reports", body, {.key = kKey});
    EXPECT_EQ(response.status, status) << body << "\n" << response.body;
    EXPECT_EQ(response.content_type, "application/problem+json");
  }
  EXPECT_TRUE(cases().empty());
  EXPECT_EQ(counter("civic_reports_refused"), double(std::size(wrong)));
  EXPECT_EQ(post("light", "now rightly", "", {.key = kKey}).find("report")->text_or("status", ""), "received");
}

TEST_F(ReportTest, AScriptInATextStaysText) {
  const std::string evil = "<script>alert(1)</script> & \"x\"";
  const JsonValue posted = post("light", evil);
  EXPECT_EQ(followed(posted.text_or("token", "")).find("mine")->text_or("text", ""), evil);
  const Response xml = ask(Method::get, "/open311/v2/requests.xml");
  EXPECT_THAT(xml.body, Not(HasSubstr("<script>")));
  EXPECT_THAT(xml.body, HasSubstr("&lt;script&gt;"));
}

TEST_F(ReportTest, AForgedForeignOrBrokenLinkIsNotFound) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  std::string forged = token;
  forged.back() = forged.back() == '0' ? '1' : '0';
  std::string body;
  for (const std::string& wrong : {forged, token.substr(1), token + "0", std::string("x"), std::string(56, '0')}) {
    for (const auto& [method, tail] :
         std::vector<std::pair<Method, std::string>>{{Method::get, ""},
                                                     {Method::post, "/rating"},
                                                     {Method::post, "/contest"},
                                                     {Method::post, "/note"},
                                                     {Method::put, "/contact"},
                                                     {Method::del, "/contact"},
                                                     {Method::get, "/media/" + std::string(64, 'a')}}) {
      const Response response = ask(method, "/public/v1/follow/" + wrong + tail, R"({"rating":5,"note":"x"})");
      EXPECT_EQ(response.status, 404) << wrong << tail;
      if (body.empty()) body = response.body;
      EXPECT_EQ(response.body, body);
    }
  }
}

TEST_F(ReportTest, AContactIsNowhereButInItsTableAndGoesWhenTheCitizenSaysSo) {
  const std::string contact =
      R"("contact":{"name":"Liesel Unmistakable","email":"unmistakable@example.com","phone":"13811112222","language":"en"})";
  const JsonValue posted = post("light", "灯不亮", contact);
  const std::string token = posted.text_or("token", ""), id = only_case();
  const auto traces = [&](const std::filesystem::path& under) {
    int found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(under)) {
      if (!entry.is_regular_file()) continue;
      const std::string bytes = base::read_file(entry.path()).value();
      for (const char* trace : {"unmistakable@example.com", "Liesel Unmistakable", "13811112222"})
        found += bytes.find(trace) == std::string::npos ? 0 : 1;
    }
    return found;
  };
  EXPECT_EQ(traces(folder_ / "store"), 0);
  EXPECT_GT(traces(folder_), 0);
  civic_->settle();
  for (const std::string& page : {std::string("/public/v1/reports"), "/public/v1/reports/" + posted.text_or("code", ""),
                                  std::string("/public/v1/map"), std::string("/open311/v2/requests.json")}) {
    const Response response = ask(Method::get, page);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, Not(HasSubstr("nmistakable")));
    EXPECT_THAT(response.body, Not(HasSubstr(token.substr(16))));
  }
  // Whoever handles the case may see it, and the reporter sees that somebody did.
  const std::string path = "/api/v1/cases/" + id + "/contact";
  EXPECT_EQ(json(Method::get, path, "", {.token = this->token("operator")}).text_or("email", ""),
            "unmistakable@example.com");
  EXPECT_EQ(followed(token).find("contactSeen")->array()->size(), 1U);
  EXPECT_EQ(ask(Method::del, "/public/v1/follow/" + token + "/contact").status, 204);
  EXPECT_EQ(ask(Method::get, path, "", {.token = this->token("operator")}).status, 404);
  EXPECT_EQ(traces(folder_), 0);
  EXPECT_EQ(followed(token).text_or("status", ""), "received");
  json(Method::put, "/public/v1/follow/" + token + "/contact", R"({"email":"new@example.com"})");
  EXPECT_EQ(followed(token).find("contact")->text_or("email", ""), "new@example.com");
  json(Method::put, "/public/v1/follow/" + token + "/contact", R"({"email":"new"})", {}, 400);
}

TEST_F(ReportTest, AContactGoesByItselfSomeTimeAfterTheEnd) {
  const JsonValue posted = post("light", "灯不亮", R"("contact":{"email":"a@example.com"})");
  const std::string token = posted.text_or("token", "");
  act(only_case(), "refuse", {"operator"}, "", "", "no");
  clock_.advance_to(clock_.now() + std::chrono::hours(24 * 29));
  sweep();
  EXPECT_NE(followed(token).find("contact")->object(), nullptr);
  clock_.advance_to(clock_.now() + std::chrono::hours(48));
  sweep();
  EXPECT_EQ(followed(token).find("contact")->object(), nullptr);
}

TEST_F(ReportTest, TheSameSeenFromFarWithoutTheLink) {
  post("light", "灯不亮，找李先生 13800138000，车牌浙A12345");
  post("noise", "邻居太吵");
  post("other", "路上有坑");
  civic_->settle();
  const JsonValue list = json(Method::get, "/public/v1/reports");
  EXPECT_EQ(list.number_or("total", 0), 2);  // a private one is on no list
  EXPECT_THAT(list.dump(), Not(HasSubstr("邻居")));
  const auto& rows = *list.find("reports")->array();
  EXPECT_EQ(rows[0].text_or("service", ""), "other");
  EXPECT_EQ(rows[1].text_or("text", ""), "灯不亮，找李先生 ***，车牌***");
  EXPECT_NEAR(rows[1].find("place")->number_or("lon", 0), 120.15, 1e-5);
  // Rounded where the service says so.
  EXPECT_NEAR(rows[0].find("place")->number_or("within_m", 0), 355, 1);
  EXPECT_GT(std::abs(rows[0].find("place")->number_or("lon", 0) - 120.15), 1e-4);
  EXPECT_EQ(json(Method::get, "/public/v1/reports?service=light").number_or("total", 0), 1);
  EXPECT_EQ(json(Method::get, "/public/v1/reports?bbox=120.1,30.2,120.14,30.3").number_or("total", 9), 0);
  EXPECT_EQ(json(Method::get, "/public/v1/reports?state=closed").number_or("total", 9), 0);
  json(Method::get, "/public/v1/reports?bbox=1,2,3", "", {}, 400);
  json(Method::get, "/public/v1/reports?limit=0", "", {}, 400);
  EXPECT_EQ(json(Method::get, "/public/v1/map").find("features")->array()->size(), 2U);
  const JsonValue near = json(Method::get, "/public/v1/nearby?lon=120.1501&lat=30.25&radius_m=100");
  ASSERT_EQ(near.find("reports")->array()->size(), 1U);
  EXPECT_NEAR(near.find("reports")->array()->front().number_or("distance_m", 0), 10, 1);
  json(Method::get, "/public/v1/nearby?lon=x&lat=30", "", {}, 400);
}

TEST_F(ReportTest, WhatTheCityFoundByItselfIsPublicWhereItsServiceSaysSo) {
  for (const char* kind : {"lighting", "noise"}) {
    flow::Finding finding;
    finding.id = flow::EntityId(fmt::format("urn:ngsi-ld:Finding:{}", kind));
    finding.rule = kind;
    finding.about = flow::EntityId(fmt::format("urn:ngsi-ld:Thing:{}", kind));
    finding.title = {"题", "title"};
    finding.opened_at = clock_.now();
    finding.why = R"({"values":[]})";
    finding.location = R"({"type":"Point","coordinates":[120.2,30.2]})";
    finding.response = fmt::format(R"({{"case":"{}"}})", kind);
    twin::Commit commit;
    commit.origin = flow::Name("loop:rules");
    commit.writes.push_back(flow::to_write(finding));
    ASSERT_TRUE(twin_->commit(std::move(commit)).status);
  }
  for (int i = 0; i < 1000 && cases().size() < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  civic_->settle();
  const JsonValue list = json(Method::get, "/public/v1/reports");
  ASSERT_EQ(list.number_or("total", 0), 1);
  EXPECT_EQ(list.find("reports")->array()->front().text_or("service", ""), "light");
  EXPECT_EQ(json(Method::get, "/api/v1/moderation", "", {.token = token("operator")}).number_or("total", 9), 0);
}

TEST_F(ReportTest, WhatDidNotChangeIsNotSentAgain) {
  post("light", "灯不亮");
  civic_->settle();
  const Response first = ask(Method::get, "/public/v1/reports");
  const std::string tag = header(first, "ETag");
  EXPECT_FALSE(tag.empty());
  EXPECT_THAT(header(first, "Cache-Control"), HasSubstr("public"));
  const Response same = ask(Method::get, "/public/v1/reports", "", {.headers = {{"if-none-match", tag}}});
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  post("light", "又一盏");
  civic_->settle();
  EXPECT_EQ(ask(Method::get, "/public/v1/reports", "", {.headers = {{"if-none-match", tag}}}).status, 200);
  EXPECT_EQ(header(ask(Method::get, "/public/v1/follow/" + post("light", "x").text_or("token", "")), "Cache-Control"),
            "no-store");
}

TEST_F(ReportTest, EachStepMakesOneNoticeAlsoAcrossARestart) {
  const JsonValue posted = post("light", "灯不亮", R"("contact":{"email":"a@example.com"})");
  const std::string id = only_case();
  act(id, "take_up", {"operator"});
  act(id, "accept", {"worker"}, "lighting");
  const auto notices = [&] {
    civic_->settle();
    Sqlite db = Sqlite::open((folder_ / "civic.db").string()).value();
    Statement rows = db.prepare("SELECT status FROM outbox ORDER BY at, key").value();
    std::vector<std::string> out;
    while (rows.step().value()) out.push_back(rows.text(0));
    return out;
  };
  EXPECT_THAT(notices(), ElementsAre("received", "taken_up", "sent", "in_work"));
  close();
  open();
  EXPECT_EQ(notices().size(), 4U);
  act(id, "report", {"worker"}, "lighting", "", "done");
  EXPECT_THAT(notices(), ElementsAre("received", "taken_up", "sent", "in_work", "checking"));
}

TEST_F(ReportTest, AReportThatWasMergedFollowsTheOtherOne) {
  const JsonValue first = post("light", "灯不亮"), second = post("light", "同一盏灯");
  const auto all = cases();
  const auto of = [&](const JsonValue& posted) {
    for (const flow::Case& one : all) {
      if (one.code == posted.text_or("code", "")) return std::string(one.id.text());
    }
    return std::string();
  };
  act(of(second), "merge", {"operator"}, "", fmt::format(R"({{"into":"{}"}})", of(first)));
  JsonValue now = followed(second.text_or("token", ""));
  EXPECT_EQ(now.text_or("mergedInto", ""), first.text_or("code", "-"));
  EXPECT_EQ(now.text_or("status", ""), "merged");
  act(of(first), "take_up", {"operator"});
  act(of(first), "accept", {"worker"}, "lighting");
  now = followed(second.text_or("token", ""));
  EXPECT_EQ(now.text_or("status", ""), "in_work");
  EXPECT_TRUE(now.boolean_or("open", false));
}

}  // namespace
}  // namespace cityloop::civic
