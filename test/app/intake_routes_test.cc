// What comes in by HTTP: reports of every channel, what is sent twice, other authorities' warnings; and who may.
#include <gmock/gmock.h>

#include "flow/own_types.h"
#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

using base::JsonValue;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kIntakeToml = R"(
[intake]
kind = "other"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
verify_hold = "0s"
auto_dispatch = false
[[cap]]
event = "*rain*"
kind = "flooding"
)";

class IntakeRoutes : public HouseTest {
 protected:
  IntakeRoutes() {
    write("city/casework/intake.toml", kIntakeToml);
    restart();
  }
  void restart() {
    close();
    open();
  }
  static JsonValue json(const net::Response& response) {
    const auto parsed = JsonValue::parse(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed.value_or(JsonValue{});
  }
  std::size_t cases() {
    std::size_t count = 0;
    machine_->twin().each(flow::kCaseType, [&](const flow::EntityPtr&) { return ++count, true; });
    return count;
  }
};

const HouseTest::Headers kKey{{"idempotency-key", "3f0c2a52-0a51-4b6c-9f6e-000000000001"}};
const HouseTest::Headers kOtherKey{{"idempotency-key", "3f0c2a52-0a51-4b6c-9f6e-000000000002"}};

TEST_F(IntakeRoutes, TheClerkOfTheHotlineWritesDownACallersWords) {
  const std::string clerk = token("operator");
  const auto answer = ask(Method::post, "/api/v1/cases", clerk,
                          R"({"channel":"hotline","description":"楼下  积水\u0007很深\u202e","address":"柳荫路 3 号",
                              "location":{"type":"Point","coordinates":[120.15,30.25]},"phone":"13800000000"})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  const JsonValue one = json(answer);
  EXPECT_EQ(one.text_or("channel", ""), "hotline");
  EXPECT_EQ(one.text_or("state", ""), "received");
  EXPECT_EQ(one.text_or("kind", ""), "other");
  EXPECT_EQ(one.text_or("description", ""), "楼下  积水很深");
  EXPECT_EQ(one.text_or("address", ""), "柳荫路 3 号");
  EXPECT_EQ(one.text_or("code", "").size(), 9u);
  EXPECT_EQ(one.number_or("count", 0), 1);
  EXPECT_THAT(answer.body, Not(HasSubstr("13800000000"))) << "a caller's number is none of the log's business";
  for (const char* type : {"Case", "Action"}) {
    machine_->twin().each(flow::Name(type), [&](const flow::EntityPtr& entity) {
      for (const flow::Attribute& attribute : entity->attributes) {
        const auto* made = std::get_if<flow::Json>(&attribute.value);
        if (made) EXPECT_THAT(made->text.str(), Not(HasSubstr("13800000000")));
      }
      return true;
    });
  }
  // By its number it is found as well.
  const auto found = ask(Method::get, "/api/v1/cases/" + one.text_or("code", ""), clerk);
  EXPECT_EQ(json(found).text_or("id", "-"), one.text_or("id", ""));
  // And taken up with what it is.
  const auto taken = ask(Method::post, "/api/v1/cases/" + one.text_or("id", "") + "/actions", clerk,
                         R"({"verb":"take_up","fields":{"kind":"flooding"}})");
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(json(taken).text_or("department", ""), "water");
}

TEST_F(IntakeRoutes, EachChannelIsOpenToThoseItIsForAndToNobodyElse) {
  const auto wish = [](const char* channel) {
    return fmt::format(R"({{"channel":"{}","title":"x","kind":"other","externalId":"{}"}})", channel, channel);
  };
  const std::map<std::string, std::vector<std::string>> may = {{"operator", {"staff", "hotline", "patrol"}},
                                                               {"supervisor", {"staff", "hotline", "patrol"}},
                                                               {"admin", {"staff", "hotline", "patrol"}},
                                                               {"dispatcher", {"staff", "hotline", "patrol"}},
                                                               {"worker", {"patrol"}},
                                                               {"integrator", {"system"}},
                                                               {"viewer", {}},
                                                               {"planner", {}},
                                                               {"data_officer", {}}};
  for (const auto& [role, channels] : may) {
    const std::string shown = token(role, "water");
    for (const char* channel : {"sensor", "citizen", "open311", "hotline", "patrol", "cap", "system", "staff"}) {
      const bool allowed = std::find(channels.begin(), channels.end(), channel) != channels.end();
      const auto answer = ask(Method::post, "/api/v1/cases", shown, wish(channel));
      EXPECT_EQ(answer.status, allowed ? 201 : 403) << role << " by " << channel << ": " << answer.body;
      // What only reports may come by waits for somebody who looks at it.
      const bool report = role == "worker" || role == "integrator";
      if (allowed) EXPECT_EQ(json(answer).text_or("state", "") == "received", report) << role << " by " << channel;
    }
  }
  const std::size_t before = cases();
  EXPECT_EQ(ask(Method::post, "/api/v1/cases", "", wish("staff")).status, 401);
  EXPECT_EQ(cases(), before);
}

TEST_F(IntakeRoutes, WhoReportedMaySeeItAndOtherWorkersMayNot) {
  const std::string patrol = token("worker", "water"), other = token("worker", "traffic");
  const auto answer = ask(Method::post, "/api/v1/cases", patrol, R"({"title":"cover missing"})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  const std::string path = "/api/v1/cases/" + json(answer).text_or("id", "");
  EXPECT_EQ(ask(Method::get, path, patrol).status, 200);
  EXPECT_EQ(ask(Method::get, path, other).status, 403);
  EXPECT_EQ(ask(Method::get, path + "/findings", other).status, 403);
}

TEST_F(IntakeRoutes, BadInputIsRefusedWithItsReason) {
  const std::string clerk = token("operator");
  const auto reason = [&](const std::string& body) {
    const auto answer = ask(Method::post, "/api/v1/cases", clerk, body);
    EXPECT_EQ(answer.status, 400) << body << answer.body;
    return json(answer).text_or("detail", "");
  };
  EXPECT_THAT(reason("{}"), HasSubstr("says something"));
  EXPECT_THAT(reason("[]"), HasSubstr("object"));
  reason("{");
  EXPECT_THAT(reason(R"({"kind":"other"})"), HasSubstr("title"));
  EXPECT_THAT(reason(R"({"title":7,"kind":"other"})"), HasSubstr("'title'"));
  EXPECT_THAT(reason(fmt::format(R"({{"title":"{}"}})", std::string(201, 'x'))), HasSubstr("200 characters"));
  EXPECT_THAT(reason(fmt::format(R"({{"description":"{}"}})", std::string(4001, 'x'))), HasSubstr("4000"));
  EXPECT_THAT(reason(R"({"title":"x","location":{"type":"Point","coordinates":[10,50]}})"), HasSubstr("outside"));
  EXPECT_THAT(reason(R"({"title":"x","location":{"type":"Point","coordinates":[190,50]}})"), HasSubstr("ongitude"));
  EXPECT_THAT(reason(R"({"title":"x","location":"here"})"), Not(HasSubstr("outside")));
  EXPECT_THAT(reason(R"({"title":"x","media":["../../etc/passwd"]})"), HasSubstr("photos"));
  EXPECT_THAT(reason(R"({"title":"x","media":"a"})"), HasSubstr("photos"));
  EXPECT_THAT(reason(R"({"title":"x","kind":"other","severity":"bad"})"), HasSubstr("severity"));
  EXPECT_THAT(reason(R"({"title":"x","channel":"pigeon"})"), HasSubstr("pigeon"));
  EXPECT_THAT(reason(R"({"title":"x","kind":"a b"})"), HasSubstr("'kind'"));
  EXPECT_EQ(ask(Method::post, "/api/v1/cases", clerk, R"({"title":"x","kind":"none"})").status, 409);
  EXPECT_EQ(cases(), 0u);
  EXPECT_EQ(ask(Method::post, "/api/v1/cases", clerk, R"({"title":"x"})", {{"idempotency-key", "short"}}).status, 400);
}

TEST_F(IntakeRoutes, WhatIsSentTwiceUnderOneKeyHappensOnce) {
  const std::string clerk = token("operator"), other = token("supervisor");
  const std::string body = R"({"title":"cover missing","kind":"other"})";
  const auto first = ask(Method::post, "/api/v1/cases", clerk, body, kKey);
  ASSERT_EQ(first.status, 201) << first.body;
  const std::string id = json(first).text_or("id", "");
  const auto again = ask(Method::post, "/api/v1/cases", clerk, body, kKey);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(json(again).text_or("id", "-"), id);
  EXPECT_EQ(cases(), 1u);
  // Another content under the same key is a mistake of the sender.
  const auto mixed = ask(Method::post, "/api/v1/cases", clerk, R"({"title":"something else","kind":"other"})", kKey);
  EXPECT_EQ(mixed.status, 422) << mixed.body;
  // Another person's key is another key.
  EXPECT_NE(json(ask(Method::post, "/api/v1/cases", other, body, kKey)).text_or("id", ""), id);
  EXPECT_NE(json(ask(Method::post, "/api/v1/cases", clerk, body, kOtherKey)).text_or("id", ""), id);
  EXPECT_EQ(cases(), 3u);

  // A step likewise, though it is not possible a second time.
  const std::string step = R"({"verb":"dispatch","fields":{"department":"water"}})";
  const HouseTest::Headers key{{"idempotency-key", "\"step-of-a-phone-0001\""}};
  EXPECT_EQ(ask(Method::post, "/api/v1/cases/" + id + "/actions", clerk, step, key).status, 200);
  const std::string accept = R"({"verb":"accept"})";
  const std::string worker = token("worker", "water");
  for (int i = 0; i < 3; ++i) {
    const auto answer = ask(Method::post, "/api/v1/cases/" + id + "/actions", worker, accept, kKey);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json(answer).text_or("state", ""), "working");
  }
  EXPECT_EQ(ask(Method::post, "/api/v1/cases/" + id + "/actions", worker, accept).status, 409) << "without a key";
  EXPECT_EQ(ask(Method::post, "/api/v1/cases/" + id + "/actions", clerk, step, key).status, 200)
      << "answered, not dispatched again";
  std::size_t accepted = 0;
  const JsonValue now = json(ask(Method::get, "/api/v1/cases/" + id, clerk));
  for (const JsonValue& line : *now.find("timeline")->array()) accepted += line.text_or("verb", "") == "accept";
  EXPECT_EQ(accepted, 1u);
  EXPECT_EQ(now.text_or("state", ""), "working");

  restart();
  EXPECT_EQ(json(ask(Method::post, "/api/v1/cases", clerk, body, kKey)).text_or("id", "-"), id) << "after a restart";
  EXPECT_EQ(ask(Method::post, "/api/v1/cases/" + id + "/actions", worker, accept, kKey).status, 200);
  EXPECT_EQ(ask(Method::post, "/api/v1/cases", clerk, R"({"title":"z","kind":"other"})", kKey).status, 422);
  EXPECT_EQ(cases(), 3u);
}

TEST_F(IntakeRoutes, ManyAtOnceUnderOneKeyAreOneCase) {
  const std::string clerk = token("operator");
  std::vector<std::thread> senders;
  std::mutex mutex;
  std::set<std::string> ids;
  for (int i = 0; i < 8; ++i) {
    senders.emplace_back([&] {
      const auto answer = ask(Method::post, "/api/v1/cases", clerk, R"({"title":"a","kind":"other"})", kKey);
      const std::lock_guard lock(mutex);
      ids.insert(json(answer).text_or("id", answer.body));
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(cases(), 1u);
}

TEST_F(IntakeRoutes, AnotherSystemsNumberIsOneCaseHoweverOftenItSendsIt) {
  const std::string program = token("integrator");
  const auto send = [&](std::string_view external, std::string_view text) {
    return ask(Method::post, "/api/v1/cases", program,
               fmt::format(R"({{"externalId":"{}","description":"{}"}})", external, text));
  };
  const auto first = send("12345-1", "积水");
  ASSERT_EQ(first.status, 201) << first.body;
  const std::string id = json(first).text_or("id", "");
  EXPECT_EQ(json(first).text_or("externalId", ""), "12345-1");
  EXPECT_EQ(json(send("12345-1", "积水，已更深")).text_or("id", "-"), id);
  EXPECT_NE(json(send("12345-2", "积水")).text_or("id", "-"), id);
  EXPECT_EQ(ask(Method::post, "/api/v1/cases", program, R"({"description":"x"})").status, 400) << "without a number";
  ask(Method::post, "/api/v1/cases/" + id + "/actions", token("operator"), R"({"verb":"refuse","note":"no"})");
  restart();
  const auto later = send("12345-1", "积水");
  EXPECT_EQ(json(later).text_or("id", "-"), id);
  EXPECT_EQ(json(later).text_or("state", ""), "refused") << "the sender sees how it stands";
  EXPECT_EQ(cases(), 2u);
}

TEST_F(IntakeRoutes, DuplicatesAreShownWithTheirReasonsMergedAndUndone) {
  const std::string clerk = token("operator");
  const auto report = [&](std::string_view text, double lon) {
    return json(ask(Method::post, "/api/v1/cases", clerk,
                    fmt::format(R"({{"channel":"hotline","description":"{}",
                                     "location":{{"type":"Point","coordinates":[{},30.25]}}}})",
                                text, lon)));
  };
  const JsonValue first = report("路面塌陷一个大坑", 120.15), second = report("路面有大坑塌陷了", 120.1503);
  const JsonValue* similar = second.find("similar");
  ASSERT_TRUE(similar && similar->array() && similar->array()->size() == 1) << second.dump();
  const JsonValue& reason = similar->array()->front();
  EXPECT_EQ(reason.find("case")->text_or("id", ""), first.text_or("id", "-"));
  EXPECT_EQ(reason.find("case")->text_or("code", ""), first.text_or("code", "-"));
  EXPECT_NEAR(reason.number_or("distanceM", 0), 29, 2);
  EXPECT_TRUE(reason.boolean_or("sameKind", false));
  EXPECT_GT(reason.number_or("textLikeness", 0), 0.05);
  const std::string path = "/api/v1/cases/" + second.text_or("id", "") + "/actions";
  const std::string merge = fmt::format(R"({{"verb":"merge","fields":{{"into":"{}"}}}})", first.text_or("code", ""));
  EXPECT_EQ(ask(Method::post, path, token("worker", "water"), merge).status, 403);
  EXPECT_EQ(ask(Method::post, path, token("viewer"), merge).status, 403);
  const auto merged = ask(Method::post, path, clerk, merge);
  ASSERT_EQ(merged.status, 200) << merged.body;
  EXPECT_EQ(json(merged).text_or("outcome", ""), "merged");
  EXPECT_EQ(json(merged).text_or("mergedInto", ""), first.text_or("id", "-"));
  const JsonValue main = json(ask(Method::get, "/api/v1/cases/" + first.text_or("id", ""), clerk));
  EXPECT_EQ(main.number_or("count", 0), 2);
  EXPECT_EQ(main.find("merged")->array()->front().text_or("code", ""), second.text_or("code", "-"));
  const auto undone = ask(Method::post, path, clerk, R"({"verb":"unmerge"})");
  EXPECT_EQ(json(undone).text_or("state", ""), "received") << undone.body;
  EXPECT_EQ(ask(Method::post, path, clerk, R"({"verb":"merge","fields":{"into":"0000-0001"}})").status, 404)
      << "a number heard wrongly is nobody's";
  EXPECT_EQ(ask(Method::post, path, clerk, R"({"verb":"merge","fields":{}})").status, 400);
}

std::string cap(std::string_view identifier, std::string_view type, std::string_view references,
                std::string_view polygon = "30.2,120.1 30.2,120.2 30.3,120.2 30.2,120.1") {
  return fmt::format(
      R"(<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{}</identifier><sender>met</sender>
         <sent>2026-06-01T10:00:00+08:00</sent><status>Actual</status><msgType>{}</msgType><scope>Public</scope>
         <references>{}</references><info><category>Met</category><event>heavy rain</event>
         <urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>
         <area><areaDesc>Lakeside</areaDesc><polygon>{}</polygon></area></info></alert>)",
      identifier, type, references, polygon);
}

TEST_F(IntakeRoutes, AWarningByCapIsACaseIsUpdatedAndIsCleared) {
  const std::string program = token("integrator"), clerk = token("operator");
  const auto taken = ask(Method::post, "/api/v1/cap", program, cap("1", "Alert", ""));
  ASSERT_EQ(taken.status, 201) << taken.body;
  EXPECT_EQ(json(taken).text_or("id", ""), "urn:ngsi-ld:Alert:met:1");
  const std::string id = wait_for_case(clerk).text_or("id", "");
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, cap("1", "Alert", "")).status, 200) << "feeds repeat themselves";
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, cap("2", "Update", "met,1,2026-06-01T10:00:00+08:00")).status,
            201);
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, cap("3", "Cancel", "met,2,2026-06-01T10:00:00+08:00")).status,
            201);
  JsonValue now;
  for (int i = 0; i < 500 && !now.boolean_or("findingCleared", false); ++i) {
    machine_->twin().commit({.writes = {}, .origin = flow::Name("test"), .tick = true});
    now = json(ask(Method::get, "/api/v1/cases/" + id, clerk));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(now.boolean_or("findingCleared", false)) << now.dump();
  EXPECT_EQ(now.text_or("channel", ""), "cap");
  EXPECT_THAT(now.dump(), HasSubstr("alert_updated"));
  EXPECT_EQ(cases(), 1u);
}

TEST_F(IntakeRoutes, AWarningOfAnotherPlaceOrAWrongOneIsNotTaken) {
  const std::string program = token("integrator");
  const auto elsewhere =
      ask(Method::post, "/api/v1/cap", program, cap("1", "Alert", "", "50.2,10.1 50.2,10.2 50.3,10.2 50.2,10.1"));
  EXPECT_EQ(elsewhere.status, 200);
  EXPECT_FALSE(json(elsewhere).boolean_or("taken", true));
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, cap("1", "Ack", "met,1,2026-06-01T10:00:00+08:00")).status, 200);
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, "<!DOCTYPE a><alert/>").status, 400);
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, "").status, 400);
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, "<alert/>").status, 400);
  std::string closed = cap("9", "Alert", "");
  closed.replace(closed.find("Public"), 6, "Private");
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", program, closed).status, 422);
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", token("operator"), cap("1", "Alert", "")).status, 403);
  EXPECT_EQ(ask(Method::post, "/api/v1/cap", "", cap("1", "Alert", "")).status, 401);
  EXPECT_EQ(cases(), 0u);
}

TEST_F(IntakeRoutes, TheFindingsOfACaseAreListed) {
  const std::string program = token("integrator"), clerk = token("operator");
  EXPECT_EQ(ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", program, reading(0.5)).status, 201);
  const std::string id = wait_for_case(clerk).text_or("id", "");
  const JsonValue page = json(ask(Method::get, "/api/v1/cases/" + id + "/findings", clerk));
  ASSERT_EQ(page.number_or("total", 0), 1);
  EXPECT_EQ(page.find("findings")->array()->front().text_or("rule", ""), "underpass-flooding");
}

}  // namespace
}  // namespace cityloop::app
