// Community inspectors: errands of a schedule, going to see whether something is fixed, and what comes of it.
#include "casework/case_archive.h"
#include "forum_city.h"
#include "test/civic/photos.h"

namespace cityloop::participation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kHere = R"("location":{"lon":120.15,"lat":30.25})";

class InspectionTest : public ForumCity {
 protected:
  void SetUp() override {
    ForumCity::SetUp();
    session_ = inspector("user:ins");
    settle();
  }
  JsonValue mine(const std::string& state = "open") {
    return json(Method::get, "/api/v1/inspections?state=" + state, "", as(session_));
  }
  Response answer(const std::string& id, const std::string& body, const std::string& key = "") {
    return ask(Method::post, "/api/v1/inspections/" + id + "/answer", body, as(session_, key));
  }
  JsonValue shown(const std::string& id) { return json(Method::get, "/api/v1/inspections/" + id, "", as(session_)); }
  JsonValue record() {
    return json(Method::get, "/api/v1/inspectors", "", as(session_)).find("inspectors")->array()->front();
  }
  // A case that somebody has reported as done.
  std::string reported_case() {
    flow::Action action;
    action.verb = "file";
    action.by = "user:op";
    action.roles = {"operator"};
    action.fields = R"({"kind":"lighting","title":"A lamp","location":{"type":"Point","coordinates":[120.15,30.25]}})";
    std::mutex mutex;
    std::condition_variable done;
    std::string id;
    desk_->submit(std::move(action), [&](base::Result<flow::Action> acted) {
      const std::lock_guard lock(mutex);
      id = acted.value().target.text();
      done.notify_one();
    });
    {
      std::unique_lock lock(mutex);
      done.wait(lock, [&] { return !id.empty(); });
    }
    act(id, "accept", {"worker"}, "lighting");
    act(id, "report", {"worker"}, "lighting");
    return id;
  }
  flow::Case case_at(const std::string& id) { return casework::find_case(*twin_, id).value(); }
  std::string asked_about(const std::string& case_id, std::string_view who = "user:ins") {
    return json(Method::post, "/api/v1/inspections",
                fmt::format(R"({{"inspector":"{}","case":"{}","ask":"Does it shine?"}})", who, case_id),
                {.token = token("operator")}, 201)
        .text_or("id", "");
  }

  std::string session_;
};

TEST_F(InspectionTest, ASchedulesErrandsComeInTheirTimeAndWhatIsMissedIsMissed) {
  EXPECT_THAT(texts_of(mine(), "inspections", "id"), UnorderedElementsAre("shore-0-1", "shore-0-2"));
  EXPECT_EQ(mine().find("inspections")->array()->front().find("title")->text_or("en", ""), "Shore: Pier");
  EXPECT_EQ(answer("shore-0-1", fmt::format(R"({{"result":"fine",{}}})", kHere)).status, 200);
  time_is("2026-05-04T00:00:00Z");
  EXPECT_THAT(texts_of(mine(), "inspections", "id"), IsEmpty());
  EXPECT_THAT(texts_of(mine("missed"), "inspections", "id"), ElementsAre("shore-0-2"));
  EXPECT_EQ(answer("shore-0-2", fmt::format(R"({{"result":"fine",{}}})", kHere)).status, 200)
      << "who comes late was there";
  EXPECT_FALSE(shown("shore-0-2").find("answer")->boolean_or("inTime", true));
  time_is("2026-05-22T00:00:01Z");
  EXPECT_THAT(texts_of(mine(), "inspections", "id"), UnorderedElementsAre("shore-3-1", "shore-3-2"))
      << "of this week; those of the weeks between are not asked for afterwards";
  close_all();
  open_all();
  session_ = accounts_->sign_in("user:ins", "a long password").value();
  settle();
  EXPECT_EQ(mine().number_or("total", 0), 2) << "and not twice";
  EXPECT_EQ(record().number_or("asked", 0), 4);
  EXPECT_EQ(record().number_or("answered", 0), 2);
  EXPECT_EQ(record().number_or("inTime", 0), 1);
}

TEST_F(InspectionTest, AProblemBecomesACaseOfTheChannelPatrol) {
  const std::string photo =
      json(Method::post, "/api/v1/inspections/media", civic::jpeg_of(64, 48), as(session_), 201).text_or("id", "");
  EXPECT_EQ(answer("shore-0-1", fmt::format(R"({{"result":"problem",{}}})", kHere)).status, 400) << "in which words";
  const std::string body =
      fmt::format(R"({{"result":"problem","note":"The railing is loose","photos":["{}"],{}}})", photo, kHere);
  const std::string key = "0123456789abcdef0123";
  EXPECT_EQ(answer("shore-0-1", body, key).status, 200);
  EXPECT_EQ(answer("shore-0-1", body, key).status, 200) << "the same again";
  EXPECT_EQ(answer("shore-0-1", body, "another-key-0123456789").status, 409);
  settle();
  const auto all = cases();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().channel, "patrol");
  EXPECT_EQ(all.front().opened_by, "user:ins");
  EXPECT_THAT(all.front().media, ElementsAre(photo));
  EXPECT_EQ(shown("shore-0-1").text_or("made", ""), all.front().id.text());
  EXPECT_EQ(shown("shore-0-1").text_or("done", ""), "filed");
  EXPECT_EQ(record().number_or("found", 0), 1);
  act(std::string(all.front().id.text()), "refuse", {"operator"}, "", "", "nothing there");
  EXPECT_EQ(record().number_or("wrong", 0), 1);
}

TEST_F(InspectionTest, WhetherItIsFixedIsSeenBySomebodyElseThanWhoDidIt) {
  const std::string fixed = reported_case(), not_fixed = reported_case();
  const std::string good = asked_about(fixed), bad = asked_about(not_fixed);
  EXPECT_EQ(shown(good).text_or("task", ""), "verify");
  EXPECT_EQ(answer(good, fmt::format(R"({{"result":"fine","note":"It shines",{}}})", kHere)).status, 200);
  EXPECT_EQ(answer(bad, fmt::format(R"({{"result":"problem","note":"Still dark",{}}})", kHere)).status, 200);
  settle();
  EXPECT_EQ(case_at(fixed).state, "closed");
  EXPECT_EQ(case_at(fixed).timeline.back().by, "user:ins");
  EXPECT_EQ(case_at(fixed).timeline.back().role, "inspector");
  EXPECT_EQ(case_at(not_fixed).state, "working");
  EXPECT_EQ(shown(good).text_or("done", ""), "verified");
  EXPECT_EQ(shown(bad).text_or("done", ""), "reworked");
  EXPECT_TRUE(shown(good).boolean_or("right", false));
  EXPECT_EQ(shown(bad).find("right")->boolean(), nullptr) << "nobody can tell yet";
  act(not_fixed, "report", {"worker"}, "lighting");
  EXPECT_TRUE(shown(bad).boolean_or("right", false)) << "it was worked on again";
}

TEST_F(InspectionTest, NobodyVerifiesTheirOwnWork) {
  const std::string id = reported_case();
  inspector("user:workerlighting");
  const Response refused =
      ask(Method::post, "/api/v1/inspections", fmt::format(R"({{"inspector":"user:workerlighting","case":"{}"}})", id),
          {.token = token("operator")});
  EXPECT_EQ(refused.status, 409) << refused.body;
}

TEST_F(InspectionTest, EverybodySeesTheirOwnAndNobodyElses) {
  const std::string other = inspector("user:other");
  inspector("user:south", {"south"});
  EXPECT_EQ(json(Method::get, "/api/v1/inspections", "", as(other)).number_or("total", -1), 0);
  EXPECT_EQ(ask(Method::get, "/api/v1/inspections/shore-0-1", "", as(other)).status, 404);
  EXPECT_EQ(ask(Method::post, "/api/v1/inspections/shore-0-1/answer", fmt::format(R"({{"result":"fine",{}}})", kHere),
                as(other))
                .status,
            404);
  EXPECT_EQ(json(Method::get, "/api/v1/inspectors", "", as(other)).find("inspectors")->array()->size(), 1U);
  EXPECT_EQ(
      json(Method::get, "/api/v1/inspectors", "", {.token = token("supervisor")}).find("inspectors")->array()->size(),
      3U);
  EXPECT_EQ(json(Method::get, "/api/v1/inspections", "", {.token = token("operator")}).number_or("total", -1), 2);
  EXPECT_EQ(json(Method::get, "/api/v1/inspections", "", {.token = token("supervisor", "", {"south"})})
                .number_or("total", -1),
            0);
  const std::string wish =
      R"({"inspector":"user:south","title":{"zh":"看","en":"Look"},"location":{"lon":120.15,"lat":30.25}})";
  EXPECT_EQ(ask(Method::post, "/api/v1/inspections", wish, {.token = token("operator")}).status, 409)
      << "the place lies in the north";
  for (const char* role : {"viewer", "worker", "integrator", "planner", "participation", "open311"}) {
    const Ask how{.token = token(role)};
    EXPECT_EQ(ask(Method::get, "/api/v1/inspections", "", how).status, 403) << role;
    EXPECT_EQ(ask(Method::post, "/api/v1/inspections", wish, how).status, 403) << role;
    EXPECT_EQ(ask(Method::get, "/api/v1/inspectors", "", how).status, 403) << role;
    EXPECT_EQ(ask(Method::post, "/api/v1/inspections/media", "x", how).status, 403) << role;
  }
  for (const char* role : {"operator", "supervisor", "admin"})
    EXPECT_EQ(ask(Method::post, "/api/v1/inspections/shore-0-1/answer", "{}", {.token = token(role)}).status, 403)
        << "who looked is true: " << role;
  EXPECT_EQ(ask(Method::get, "/api/v1/inspections").status, 401);
  EXPECT_EQ(ask(Method::post, "/api/v1/inspections", wish, as(session_)).status, 403);
}

TEST_F(InspectionTest, BadAnswersAreRefusedAndChangeNothing) {
  for (const std::string& bad :
       {std::string("{"), std::string(R"({"result":"fine"})"), fmt::format(R"({{"result":"perhaps",{}}})", kHere),
        std::string(R"({"result":"fine","location":{"lon":0,"lat":0}})"),
        fmt::format(R"({{"result":"fine","photos":["nothing"],{}}})", kHere),
        fmt::format(R"({{"result":"problem","note":"x","kind":"no such kind",{}}})", kHere),
        fmt::format(R"({{"result":"fine","note":"{}",{}}})", std::string(3000, 'a'), kHere)})
    EXPECT_EQ(answer("shore-0-1", bad).status, 400) << bad.substr(0, 80);
  EXPECT_EQ(shown("shore-0-1").text_or("state", ""), "open");
  EXPECT_EQ(answer("no-such", fmt::format(R"({{"result":"fine",{}}})", kHere)).status, 404);
}

TEST_F(InspectionTest, IsAskedForOnceAndTakenBack) {
  const Ask operator_{.token = token("operator"), .key = "0123456789abcdef0123"};
  const std::string wish =
      R"({"inspector":"user:ins","title":{"zh":"看","en":"Look"},"location":{"lon":120.15,"lat":30.25}})";
  const std::string id = json(Method::post, "/api/v1/inspections", wish, operator_, 201).text_or("id", "");
  EXPECT_EQ(json(Method::post, "/api/v1/inspections", wish, operator_, 201).text_or("id", ""), id);
  EXPECT_EQ(mine().number_or("total", 0), 3);
  const std::string path = "/api/v1/inspections/" + id + "/withdrawal";
  EXPECT_EQ(ask(Method::post, path, "{}", operator_).status, 400);
  EXPECT_EQ(ask(Method::post, path, R"({"reason":"x"})", as(session_)).status, 403);
  EXPECT_EQ(json(Method::post, path, R"({"reason":"no need"})", operator_).text_or("state", ""), "withdrawn");
  EXPECT_EQ(answer(id, fmt::format(R"({{"result":"fine",{}}})", kHere)).status, 409);
  EXPECT_EQ(ask(Method::post, "/api/v1/inspections",
                R"({"inspector":"user:nobody","title":{"zh":"看","en":"L"},"location":{"lon":120.15,"lat":30.25}})",
                operator_)
                .status,
            400);
  EXPECT_EQ(ask(Method::post, "/api/v1/inspections", R"({"inspector":"user:ins"})", operator_).status, 400);
}

// The answer is on disk before anything follows from it: what was interrupted in between is taken up again.
TEST_F(InspectionTest, WhatWasInterruptedIsTakenUpAgain) {
  const std::string fixed = reported_case();
  const std::string id = asked_about(fixed);
  runner_->stop();  // nobody does what is asked for
  EXPECT_EQ(answer(id, fmt::format(R"({{"result":"fine",{}}})", kHere)).status, 200);
  close_all();
  open_all();
  session_ = accounts_->sign_in("user:ins", "a long password").value();
  settle();
  EXPECT_EQ(case_at(fixed).state, "closed");
  for (int i = 0; i < 300 && shown(id).text_or("done", "") != "verified"; ++i) settle();
  EXPECT_EQ(shown(id).text_or("done", ""), "verified");
}

}  // namespace
}  // namespace cityloop::participation
