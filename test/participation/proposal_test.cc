// A citizen's proposal on its whole way, as others see it; persons; discussion.
#include <algorithm>
#include <fstream>

#include "forum_city.h"

namespace cityloop::participation {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class ProposalTest : public ForumCity {
 protected:
  std::string support_path(const std::string& code) { return "/public/v1/proposals/" + code + "/support"; }
  JsonValue support(const Somebody& who, const std::string& code, int status = 200) {
    return json(Method::put, support_path(code), "", who.how(), status);
  }
  // All bytes that lie in the store and in the tables.
  std::string disk(std::string_view ending = "") {
    std::string out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file() || !entry.path().string().ends_with(ending)) continue;
      out += base::read_file(entry.path()).value();
    }
    return out;
  }
};

TEST_F(ProposalTest, GoesItsWholeWayFromWordsToAThingThatStands) {
  const Somebody author = somebody("li@example.com", "Li"), one = somebody("a@example.com"),
                 two = somebody("b@example.com");
  const std::string code = propose(author, "A bench at the pier", R"(,"estimate":300)");
  EXPECT_EQ(status(code, author), "received");
  EXPECT_EQ(ask(Method::get, "/public/v1/proposals/" + code).status, 404) << "nobody has read it yet";
  staff(code, "publish");
  EXPECT_EQ(status(code), "gathering");
  EXPECT_EQ(seen(code).number_or("cost", 0), 300);
  EXPECT_FALSE(seen(code).boolean_or("costExamined", true));
  EXPECT_EQ(support(one, code).number_or("supporters", 0), 1);
  EXPECT_EQ(support(one, code).number_or("supporters", 0), 1) << "once a person";
  support(two, code);
  settle();
  EXPECT_EQ(status(code), "examining") << "two is the threshold here";
  EXPECT_EQ(ask(Method::del, support_path(code), "", one.how()).status, 409) << "it counted";
  staff(code, "send", R"({"department":"lighting"})");
  staff(code, "admit", R"({"round":"spring","cost":400,"legal":"The pier is ours"})", "fine by us");
  const JsonValue admitted = seen(code);
  EXPECT_EQ(admitted.text_or("status", ""), "admitted");
  EXPECT_EQ(admitted.text_or("round", ""), "spring");
  EXPECT_EQ(admitted.number_or("cost", 0), 400);
  EXPECT_EQ(admitted.find("examination")->text_or("legal", ""), "The pier is ours");
  time_is("2026-06-01T00:00:01Z");
  EXPECT_EQ(status(code), "voting");
  time_is("2026-06-08T00:00:01Z");
  EXPECT_EQ(status(code), "not_elected") << "nobody voted";
  EXPECT_THAT(seen(code).text_or("reason", ""), HasSubstr("nobody voted for it"));
  const JsonValue whole = seen(code);
  const auto& way = *whole.find("steps")->array();
  EXPECT_EQ(way[2].find("with")->text_or("en", ""), "Environment") << "whose subject it is, by the table";
  EXPECT_EQ(way[3].find("with")->text_or("en", ""), "Street lighting") << "to whom it was sent then";
  const auto steps = texts_of(whole, "steps", "status");
  EXPECT_THAT(steps,
              ElementsAre("received", "gathering", "examining", "examining", "admitted", "voting", "not_elected"));
}

TEST_F(ProposalTest, ThatTooFewSupportInTimeEndsAndSaysSo) {
  const Somebody author = somebody("li@example.com");
  const std::string code = propose(author, "A fountain");
  staff(code, "publish");
  EXPECT_FALSE(seen(code).text_or("supportUntil", "").empty());
  support(somebody("a@example.com"), code);
  clock_.advance_to(clock_.now() + std::chrono::hours(24 * 61));
  for (int i = 0; i < 200 && status(code) != "not_supported"; ++i) {
    twin::Commit tick;
    tick.tick = true;
    tick.origin = flow::Name("test");
    ASSERT_TRUE(twin_->commit(std::move(tick)).status);
    settle();
  }
  EXPECT_EQ(status(code), "not_supported");
  EXPECT_EQ(ask(Method::put, support_path(code), "", somebody("b@example.com").how()).status, 409);
  EXPECT_THAT(texts_of(json(Method::get, "/public/v1/proposals?state=ended"), "proposals", "code"), ElementsAre(code));
  EXPECT_THAT(texts_of(json(Method::get, "/public/v1/proposals"), "proposals", "code"), IsEmpty());
}

TEST_F(ProposalTest, ARefusalSaysWhyAndShowsNobodysNumber) {
  const std::string code = propose(somebody("li@example.com"), "A tower");
  staff(code, "publish");
  staff(code, "refuse", "", "Not ours: ask 13812345678");
  EXPECT_EQ(status(code), "refused");
  EXPECT_THAT(seen(code).text_or("reason", ""), HasSubstr("Not ours"));
  EXPECT_THAT(seen(code).text_or("reason", ""), Not(HasSubstr("13812345678")));
}

TEST_F(ProposalTest, AModeratorsWordsStandInPlaceOfTheAuthorsAndHidePhotos) {
  const std::string code = propose(somebody("li@example.com"), "Call me 13812345678");
  staff(code, "publish");
  EXPECT_THAT(seen(code).text_or("title", ""), Not(HasSubstr("13812345678")))
      << "blacked out until somebody rewords it";
  staff(code, "reword", R"({"title":"A quieter street","text":"Slower cars"})", "clearer");
  EXPECT_EQ(seen(code).text_or("title", ""), "A quieter street");
  EXPECT_EQ(seen(code).text_or("text", ""), "Slower cars");
}

TEST_F(ProposalTest, MergedOnesKeepTheirSupportersEachOnce) {
  const Somebody author = somebody("li@example.com"), one = somebody("a@example.com");
  const std::string main = propose(author, "Trees"), other = propose(somebody("wu@example.com"), "More trees");
  staff(main, "publish");
  staff(other, "publish");
  support(one, main);
  support(one, other);
  EXPECT_EQ(status(main), "gathering");
  staff(other, "merge", fmt::format(R"({{"into":"{}"}})", case_of(main)));
  EXPECT_EQ(status(other), "merged");
  EXPECT_EQ(seen(other).text_or("mergedInto", ""), main);
  EXPECT_EQ(seen(main).number_or("supporters", 0), 1) << "the same person";
  EXPECT_THAT(texts_of(seen(main), "merged", ""), ElementsAre(other));
  EXPECT_TRUE(seen(main, one).find("mine")->boolean_or("supported", false));
  json(Method::del, support_path(main), "", one.how());
  EXPECT_EQ(seen(main).number_or("supporters", -1), 0) << "withdrawn from both";
  support(one, main);
  staff(other, "unmerge");
  EXPECT_EQ(status(other), "gathering");
  EXPECT_EQ(seen(other).number_or("supporters", -1), 0);
}

TEST_F(ProposalTest, OnlyItsAuthorTakesItBackAndOnlyBeforeItIsExamined) {
  const Somebody author = somebody("li@example.com"), other = somebody("a@example.com");
  const std::string code = propose(author, "Trees");
  staff(code, "publish");
  const std::string path = "/public/v1/proposals/" + code + "/withdrawal";
  EXPECT_EQ(ask(Method::post, path, R"({"note":"no"})", other.how()).status, 403);
  EXPECT_EQ(ask(Method::post, path, R"({"note":"no"})").status, 401);
  EXPECT_EQ(json(Method::post, path, R"({"note":"a better one comes"})", author.how()).text_or("status", ""),
            "withdrawn");
  const std::string late = examined("Late");
  EXPECT_EQ(ask(Method::post, "/public/v1/proposals/" + late + "/withdrawal", R"({"note":"no"})",
                somebody("0@example.com").how())
                .status,
            409)
      << "that person is its author";
}

TEST_F(ProposalTest, IsFoundByWordsPlaceCategoryAndStatus) {
  const Somebody author = somebody("li@example.com");
  const std::string trees = propose(author, "Trees for the shore"), light = propose(author, "More LIGHT");
  staff(trees, "publish");
  staff(light, "publish");
  const auto found = [&](const std::string& query) {
    return texts_of(json(Method::get, "/public/v1/proposals" + query), "proposals", "code");
  };
  EXPECT_THAT(found("?q=light"), ElementsAre(light));
  EXPECT_THAT(found("?q=shore%20trees"), ElementsAre(trees));
  EXPECT_THAT(found("?q=boats"), IsEmpty());
  EXPECT_THAT(found("?bbox=120.1,30.2,120.2,30.3"), UnorderedElementsAre(trees, light));
  EXPECT_THAT(found("?bbox=121,31,122,32"), IsEmpty());
  EXPECT_THAT(found("?status=voting,project"), IsEmpty());
  EXPECT_THAT(found("?status=gathering&category=event-9001"), UnorderedElementsAre(trees, light));
  EXPECT_EQ(ask(Method::get, "/public/v1/proposals?status=nonsense").status, 400);
  EXPECT_EQ(ask(Method::get, "/public/v1/proposals?order=nonsense").status, 400);
  EXPECT_EQ(json(Method::get, "/public/v1/proposal-map").find("features")->array()->size(), 2U);
  support(somebody("a@example.com"), light);
  EXPECT_THAT(found("?order=support"), ElementsAre(light, trees));
}

TEST_F(ProposalTest, ADoublePostIsOneAndBadOnesAreRefused) {
  const Somebody author = somebody("li@example.com");
  const std::string key = "0123456789abcdef0123";
  const auto post = [&](const std::string& body, const Ask& how) {
    return ask(Method::post, "/public/v1/proposals", body, how);
  };
  const Response first = post(proposal_body("Trees"), author.how(key)),
                 again = post(proposal_body("Trees"), author.how(key));
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(cases().size(), 1U);
  EXPECT_EQ(post(proposal_body("Other trees"), author.how(key)).status, 422);
  EXPECT_EQ(post(proposal_body("Trees"), {}).status, 401);
  Somebody forged = author;
  forged.secret.back() = forged.secret.back() == '0' ? '1' : '0';
  EXPECT_EQ(post(proposal_body("Trees"), forged.how()).status, 401);
  EXPECT_EQ(post(R"({"title":"x","text":"y","category":"event-0101"})", author.how()).status, 400);
  EXPECT_EQ(post(R"({"title":"","text":"y","category":"event-9001"})", author.how()).status, 400);
  EXPECT_EQ(post(proposal_body("Far", R"(,"address":"x","media":["nothing"])"), author.how()).status, 400);
  EXPECT_EQ(
      post(R"({"title":"x","text":"y","category":"event-9001","location":{"lon":0,"lat":0}})", author.how()).status,
      400)
      << "outside of the city";
  EXPECT_EQ(post("{", author.how()).status, 400);
  EXPECT_EQ(cases().size(), 1U);
}

// persons

TEST_F(ProposalTest, OneMailboxIsOnePersonHoweverItIsWritten) {
  const Somebody a = somebody("Li@Example.com"), b = somebody("li+second@example.com");
  EXPECT_EQ(a.secret, b.secret);
  EXPECT_NE(a.secret, somebody("wu@example.com").secret);
  EXPECT_EQ(ask(Method::post, "/public/v1/people", R"({"email":"no address"})").status, 400);
  EXPECT_EQ(ask(Method::post, "/public/v1/people", R"({"email":"a@b.example\r\nBcc: x@y.example"})").status, 400);
}

TEST_F(ProposalTest, ALinkHoldsForItsTimeAndOnlyOurs) {
  const std::string link = link_for("li@example.com");
  const auto open = [&](const std::string& text) {
    return ask(Method::post, "/public/v1/people/confirm", fmt::format(R"({{"link":"{}"}})", text)).status;
  };
  std::string forged = link;
  forged[20] = forged[20] == '0' ? '1' : '0';
  EXPECT_EQ(open(forged), 404);
  EXPECT_EQ(open(""), 404);
  EXPECT_EQ(open(std::string(5000, 'a')), 404);
  EXPECT_EQ(open(link), 200);
  wall_.advance_to(wall_.now() + std::chrono::hours(49));
  EXPECT_EQ(open(link), 404) << "its time is over";
}

TEST_F(ProposalTest, WhereALinkLeadsIsAlwaysOurs) {
  base::JsonWriter out;
  out.object().field("email", "li@example.com").field("next", "https://evil.example/c/").end();
  const std::string link = json(Method::post, "/public/v1/people", out.take(), {}, 202).text_or("link", "");
  EXPECT_THAT(link, testing::EndsWith("~/c/proposals"));
  const std::string mine = link.substr(link.find('#') + 1, link.find('~') - link.find('#') - 1);
  EXPECT_EQ(json(Method::post, "/public/v1/people/confirm", fmt::format(R"({{"link":"{}~//evil.example"}})", mine))
                .text_or("next", ""),
            "/c/proposals");
}

TEST_F(ProposalTest, ErasedIsErasedAlsoOnDiskAndFromTheCount) {
  const Somebody li = somebody("li.the.citizen@example.com", "Li Wonderful"), author = somebody("wu@example.com");
  const std::string code = propose(author, "Trees");
  staff(code, "publish");
  support(li, code);
  json(Method::post, "/public/v1/proposals/" + code + "/comments", R"({"text":"yes, trees"})", li.how(), 201);
  EXPECT_THAT(disk(), HasSubstr("li.the.citizen@example.com"));
  EXPECT_THAT(disk(), HasSubstr("Li Wonderful"));
  const JsonValue me = json(Method::get, "/public/v1/people/me", "", li.how());
  EXPECT_EQ(me.text_or("email", ""), "li.the.citizen@example.com");
  EXPECT_THAT(texts_of(me, "supports", ""), ElementsAre(code));
  EXPECT_EQ(ask(Method::del, "/public/v1/people/me", "", li.how()).status, 204);
  EXPECT_EQ(seen(code).number_or("supporters", -1), 0);
  EXPECT_EQ(ask(Method::get, "/public/v1/people/me", "", li.how()).status, 401) << "the secret is worth nothing now";
  const JsonValue list = json(Method::get, "/public/v1/proposals/" + code + "/comments");
  EXPECT_THAT(texts_of(list, "comments", "text"), ElementsAre("yes, trees"));
  EXPECT_THAT(texts_of(list, "comments", "by"), ElementsAre("")) << "nobody's";
  close_all();
  EXPECT_THAT(disk(), Not(HasSubstr("li.the.citizen@example.com")));
  EXPECT_THAT(disk(), Not(HasSubstr("Li Wonderful")));
  open_all();
  wall_.advance_to(wall_.now() + std::chrono::seconds(1));
  EXPECT_EQ(ask(Method::get, "/public/v1/people/me", "", somebody("li.the.citizen@example.com").how()).status, 200);
  EXPECT_EQ(ask(Method::get, "/public/v1/people/me", "", li.how()).status, 401)
      << "who comes again gets another secret, and the old one stays worth nothing";
}

TEST_F(ProposalTest, NothingOfAPersonStandsInTheLog) {
  const Somebody li = somebody("li.the.citizen@example.com", "Li Wonderful");
  const std::string code = propose(li, "Trees");
  staff(code, "publish");
  support(li, code);
  json(Method::post, "/public/v1/proposals/" + code + "/comments", R"({"text":"words of a discussion"})", li.how(),
       201);
  close_all();
  std::string log;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "store")) {
    if (entry.is_regular_file()) log += base::read_file(entry.path()).value();
  }
  EXPECT_THAT(log, HasSubstr("Trees"));
  for (const char* personal : {"li.the.citizen", "Li Wonderful", "words of a discussion"})
    EXPECT_THAT(log, Not(HasSubstr(personal)));
  open_all();
}

TEST_F(ProposalTest, WhoNeverOpenedTheLinkIsErasedAfterItsTime) {
  link_for("curious@example.com");
  EXPECT_THAT(disk(".db"), HasSubstr("curious@example.com"));
  wall_.advance_to(wall_.now() + std::chrono::hours(49));
  settle();
  EXPECT_THAT(disk(".db"), Not(HasSubstr("curious@example.com")));
}

TEST_F(ProposalTest, WithoutAMailServerNobodyIsSentALink) {
  close_all();
  links_at_hand_ = false;
  open_all();
  EXPECT_EQ(ask(Method::post, "/public/v1/people", R"({"email":"li@example.com"})").status, 503);
  EXPECT_FALSE(json(Method::get, "/public/v1/participation").boolean_or("mail", true));
}

// discussion

class DiscussionTest : public ProposalTest {
 protected:
  void SetUp() override {
    ProposalTest::SetUp();
    li_ = somebody("li@example.com", "Li");
    wu_ = somebody("wu@example.com");
    code_ = propose(li_, "Trees");
    staff(code_, "publish");
    path_ = "/public/v1/proposals/" + code_ + "/comments";
  }
  std::string say(const Somebody& who, std::string_view text, std::string_view reply_to = "") {
    base::JsonWriter out;
    out.object().field("text", text).field("replyTo", reply_to).end();
    const JsonValue list = json(Method::post, path_, out.take(), who.how(), 201);
    return texts_of(list, "comments", "id").back();
  }
  Somebody li_, wu_;
  std::string code_, path_;
};

TEST_F(DiscussionTest, ThreadsNamesAndOfficialAnswers) {
  clock_.advance_to(clock_.now() + std::chrono::seconds(1));
  const std::string first = say(wu_, "Where to?");
  clock_.advance_to(clock_.now() + std::chrono::seconds(1));
  say(li_, "Along the shore", first);
  clock_.advance_to(clock_.now() + std::chrono::seconds(1));
  const Ask staff_how{.token = token("supervisor", "lighting")};
  const JsonValue list =
      json(Method::post, "/api/v1/participation/proposals/" + code_ + "/answers",
           fmt::format(R"({{"text":"We have looked: 40 trees fit","replyTo":"{}"}})", first), staff_how, 201);
  ASSERT_EQ(list.find("comments")->array()->size(), 3U);
  const JsonValue& reply = (*list.find("comments")->array())[1];
  const JsonValue& official = (*list.find("comments")->array())[2];
  EXPECT_EQ(reply.text_or("by", ""), "Li");
  EXPECT_TRUE(reply.boolean_or("author", false));
  EXPECT_EQ(reply.text_or("replyTo", ""), first);
  EXPECT_TRUE(official.boolean_or("official", false));
  EXPECT_EQ(official.find("with")->text_or("en", ""), "Street lighting");
  EXPECT_EQ(seen(code_).number_or("comments", 0), 3);
  EXPECT_EQ(ask(Method::post, path_, R"({"text":"x","replyTo":"0000000000000000"})", wu_.how()).status, 400);
}

TEST_F(DiscussionTest, WhatLooksPersonalIsBlackedOutUntilAModeratorDecides) {
  const std::string id = say(wu_, "Call 13812345678 for seedlings");
  const auto text = [&](const Somebody& who) {
    return texts_of(json(Method::get, path_, "", who.secret.empty() ? Ask{} : who.how()), "comments", "text").front();
  };
  EXPECT_THAT(text({}), Not(HasSubstr("13812345678")));
  EXPECT_THAT(text(wu_), HasSubstr("13812345678")) << "to who wrote it";
  const Ask supervisor{.token = token("supervisor")};
  const JsonValue waiting = json(Method::get, "/api/v1/participation/comments", "", supervisor);
  EXPECT_THAT(texts_of(waiting, "items", "id"), ElementsAre(id));
  const std::string ruling = "/api/v1/participation/comments/" + id;
  EXPECT_EQ(ask(Method::put, ruling, R"({"shown":false})", supervisor).status, 400) << "hidden needs a reason";
  json(Method::put, ruling, R"({"shown":true,"text":"Call the nursery for seedlings"})", supervisor);
  EXPECT_EQ(text({}), "Call the nursery for seedlings");
  EXPECT_EQ(json(Method::get, "/api/v1/participation/comments", "", supervisor).number_or("total", -1), 0);
  json(Method::put, ruling, R"({"shown":false,"reason":"an advertisement"})", supervisor);
  const JsonValue list = json(Method::get, path_);
  EXPECT_EQ(texts_of(list, "comments", "state").front(), "hidden");
  EXPECT_EQ(texts_of(list, "comments", "reason").front(), "an advertisement");
  EXPECT_EQ(texts_of(list, "comments", "text").front(), "");
  std::size_t rulings = 0;
  twin_->each(flow::kCommentRulingType, [&](const flow::EntityPtr& entity) {
    EXPECT_EQ(entity->text(flow::Name("by")), "program:supervisor");
    return ++rulings;
  });
  EXPECT_EQ(rulings, 1U) << "who decided stands in the log";
}

TEST_F(DiscussionTest, FlagsBringADecidedOneBackAndCountAPersonOnce) {
  const std::string id = say(wu_, "Nonsense");
  const Ask supervisor{.token = token("supervisor")};
  json(Method::put, "/api/v1/participation/comments/" + id, R"({"shown":true})", supervisor);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(Method::post, path_ + "/" + id + "/flag", "", li_.how()).status, 204);
  EXPECT_EQ(ask(Method::post, path_ + "/" + id + "/flag", "").status, 401);
  const JsonValue waiting = json(Method::get, "/api/v1/participation/comments", "", supervisor);
  ASSERT_EQ(waiting.number_or("total", 0), 1);
  EXPECT_EQ(waiting.find("items")->array()->front().number_or("flags", 0), 1);
}

TEST_F(DiscussionTest, WhatIsFlaggedComesFirstAndAllOfADiscussionIsInView) {
  const auto later = [&] { clock_.advance_to(clock_.now() + std::chrono::seconds(1)); };
  const std::string oldest = say(wu_, "Call 13812345678");
  later();
  const std::string reply = say(li_, "Which trees?", oldest);
  later();
  const std::string flagged = say(wu_, "Nonsense");
  const Ask supervisor{.token = token("supervisor")};
  json(Method::put, "/api/v1/participation/comments/" + flagged, R"({"shown":true})", supervisor);
  EXPECT_EQ(ask(Method::post, path_ + "/" + flagged + "/flag", "", li_.how()).status, 204);
  const JsonValue queue = json(Method::get, "/api/v1/participation/comments", "", supervisor);
  EXPECT_THAT(texts_of(queue, "items", "id"), ElementsAre(flagged, oldest, reply));
  const JsonValue all = json(Method::get, "/api/v1/participation/comments?state=all", "", supervisor);
  EXPECT_THAT(texts_of(all, "items", "id"), ElementsAre(flagged, oldest, reply)) << "each once";

  json(Method::put, "/api/v1/participation/comments/" + reply, R"({"shown":false,"reason":"rude"})", supervisor);
  for (const std::string& name : {code_, case_of(code_)}) {
    const JsonValue thread = json(Method::get, "/api/v1/participation/proposals/" + name + "/comments", "", supervisor);
    EXPECT_THAT(texts_of(thread, "comments", "text"), ElementsAre("Call 13812345678", "Which trees?", "Nonsense"));
    EXPECT_THAT(texts_of(thread, "comments", "state"), ElementsAre("waiting", "hidden", "shown"));
    EXPECT_THAT(texts_of(thread, "comments", "replyTo"), ElementsAre("", oldest, ""));
    EXPECT_THAT(texts_of(thread, "comments", "name"), ElementsAre("", "Li", ""));
  }
}

TEST_F(DiscussionTest, ADecisionIsTakenBackWithTheFlagsThatItSettled) {
  const std::string id = say(wu_, "Nonsense");
  const std::string ruling = "/api/v1/participation/comments/" + id;
  const Ask supervisor{.token = token("supervisor")};
  EXPECT_EQ(ask(Method::del, ruling + "/ruling", "", supervisor).status, 409) << "there is none yet";
  EXPECT_EQ(ask(Method::post, path_ + "/" + id + "/flag", "", li_.how()).status, 204);
  const auto of = [&](std::string_view state) {
    const JsonValue found =
        json(Method::get, fmt::format("/api/v1/participation/comments?state={}", state), "", supervisor);
    return texts_of(found, "items", "id");
  };
  json(Method::put, ruling, R"({"shown":true})", supervisor);
  json(Method::put, ruling, R"({"shown":false,"reason":"rude"})", supervisor);
  EXPECT_THAT(of("waiting"), testing::IsEmpty());
  JsonValue back = json(Method::del, ruling + "/ruling", "", supervisor);
  EXPECT_EQ(back.text_or("state", ""), "waiting");
  EXPECT_EQ(back.number_or("flags", -1), 0) << "they were settled by the decision before";
  EXPECT_THAT(of("decided"), testing::IsEmpty());
  EXPECT_THAT(of("waiting"), ElementsAre(id));
  EXPECT_EQ(texts_of(json(Method::get, path_), "comments", "text").front(), "Nonsense");

  EXPECT_EQ(ask(Method::post, path_ + "/" + id + "/flag", "", li_.how()).status, 204);
  json(Method::put, ruling, R"({"shown":true})", supervisor);
  back = json(Method::del, ruling + "/ruling", "", supervisor);
  EXPECT_EQ(back.number_or("flags", -1), 1);
  twin_->each(flow::kCommentRulingType, [&](const flow::EntityPtr& entity) {
    EXPECT_TRUE(entity->flag(flow::Name("takenBack"))) << "the log says so too";
    return true;
  });
}

TEST_F(ProposalTest, WaitsToBeReadOldestFirstWithWhatLooksPersonalFound) {
  const Somebody li = somebody("li@example.com"), wu = somebody("wu@example.com");
  const std::string first = propose(li, "Trees, call 13812345678");
  clock_.advance_to(clock_.now() + std::chrono::seconds(1));
  const std::string second = propose(wu, "Benches");
  settle();
  const Ask supervisor{.token = token("supervisor")};
  const auto list = [&](std::string_view state) {
    return json(Method::get, fmt::format("/api/v1/participation/proposals?state={}", state), "", supervisor);
  };
  const JsonValue waiting = list("waiting");
  ASSERT_THAT(texts_of(waiting, "items", "code"), ElementsAre(first, second));
  const JsonValue& item = waiting.find("items")->array()->front();
  EXPECT_EQ(item.text_or("title", ""), "Trees, call 13812345678");
  EXPECT_THAT(item.text_or("maskedTitle", ""), Not(HasSubstr("13812345678")));
  EXPECT_THAT(texts_of(item, "found", "text"), ElementsAre("13812345678"));
  EXPECT_THAT(list("decided").find("items")->array()->size(), 0U);

  staff(first, "publish", R"({"title":"Trees"})");
  staff(second, "refuse", "", "they stand there");
  const JsonValue decided = list("decided");
  EXPECT_EQ(list("waiting").number_or("total", -1), 0);
  EXPECT_THAT(texts_of(decided, "items", "code"), testing::UnorderedElementsAre(first, second));
  EXPECT_THAT(texts_of(decided, "items", "state"), testing::UnorderedElementsAre("shown", "hidden"));
  EXPECT_THAT(texts_of(decided, "items", "publicTitle"), testing::UnorderedElementsAre("Trees", ""));
  EXPECT_THAT(texts_of(decided, "items", "reason"), testing::UnorderedElementsAre("", "they stand there"));
  EXPECT_EQ(ask(Method::get, "/api/v1/participation/proposals?state=x", "", supervisor).status, 400);
}

TEST_F(DiscussionTest, WhoWroteItErasesItAndNobodyElse) {
  const std::string id = say(wu_, "words that shall go");
  say(li_, "why?", id);
  EXPECT_EQ(ask(Method::del, path_ + "/" + id, "", li_.how()).status, 403);
  json(Method::del, path_ + "/" + id, "", wu_.how());
  const JsonValue list = json(Method::get, path_);
  EXPECT_THAT(texts_of(list, "comments", "state"), UnorderedElementsAre("erased", "waiting")) << "its place stays";
  close_all();
  EXPECT_THAT(disk(), Not(HasSubstr("words that shall go")));
  open_all();
}

TEST_F(DiscussionTest, OnlyWhoHandlesProposalsModerates) {
  const std::string id = say(wu_, "Hello");
  for (const char* role : {"viewer", "worker", "inspector", "integrator", "data_officer", "participation"}) {
    const Ask how{.token = token(role)};
    EXPECT_EQ(ask(Method::get, "/api/v1/participation/comments", "", how).status, 403) << role;
    EXPECT_EQ(ask(Method::put, "/api/v1/participation/comments/" + id, R"({"shown":true})", how).status, 403) << role;
    EXPECT_EQ(ask(Method::del, "/api/v1/participation/comments/" + id + "/ruling", "", how).status, 403) << role;
    EXPECT_EQ(ask(Method::get, "/api/v1/participation/proposals", "", how).status, 403) << role;
    EXPECT_EQ(ask(Method::get, "/api/v1/participation/proposals/" + code_ + "/comments", "", how).status, 403) << role;
    EXPECT_EQ(ask(Method::post, "/api/v1/participation/proposals/" + code_ + "/answers", R"({"text":"x"})", how).status,
              403)
        << role;
  }
  EXPECT_EQ(ask(Method::get, "/api/v1/participation/comments").status, 401);
  const Ask elsewhere{.token = token("supervisor", "", {"south"})};
  EXPECT_EQ(json(Method::get, "/api/v1/participation/comments", "", elsewhere).number_or("total", -1), 0)
      << "the proposal lies in the north";
  EXPECT_EQ(json(Method::get, "/api/v1/participation/proposals?state=all", "", elsewhere).number_or("total", -1), 0);
  EXPECT_EQ(ask(Method::get, "/api/v1/participation/proposals/" + code_ + "/comments", "", elsewhere).status, 403);
  EXPECT_EQ(ask(Method::put, "/api/v1/participation/comments/" + id, R"({"shown":true})", elsewhere).status, 403);
  EXPECT_EQ(ask(Method::del, "/api/v1/participation/comments/" + id + "/ruling", "", elsewhere).status, 403);
}

TEST_F(DiscussionTest, AnEndedProposalIsDiscussedNoMore) {
  staff(code_, "refuse", "", "cannot be done");
  EXPECT_EQ(ask(Method::post, path_, R"({"text":"but why"})", wu_.how()).status, 409);
  EXPECT_FALSE(seen(code_).boolean_or("canComment", true));
}

// After a restart everything is as it was, and what was over the threshold meanwhile moves on.
TEST_F(DiscussionTest, ARestartLosesNothing) {
  say(wu_, "Hello");
  support(wu_, code_);
  const JsonValue before = seen(code_);
  close_all();
  open_all();
  settle();
  EXPECT_EQ(seen(code_).dump(), before.dump());
  close_all();
  take_part(std::string("[participation]\nthreshold = 1\nballot_key_bits = 2048\n"));
  open_all();
  settle();
  EXPECT_EQ(status(code_), "examining");
}

TEST_F(DiscussionTest, LimitsHoldForEachPerson) {
  close_all();
  take_part(
      std::string("[participation]\nthreshold = 5\nballot_key_bits = 2048\n[limits]\n"
                  "comments = { per_minute = 1, burst = 2 }\nproposals = { per_minute = 1, burst = 1 }\n"
                  "letters = { per_minute = 1, burst = 2 }\n"));
  open_all();
  settle();
  const auto say_status = [&](const Somebody& who) {
    return ask(Method::post, path_, R"({"text":"again"})", who.how()).status;
  };
  EXPECT_EQ(say_status(wu_), 201);
  EXPECT_EQ(say_status(wu_), 201);
  EXPECT_EQ(say_status(wu_), 429);
  EXPECT_EQ(say_status(li_), 201) << "everybody has their own";
  EXPECT_EQ(ask(Method::post, "/public/v1/proposals", proposal_body("One"), wu_.how()).status, 201);
  EXPECT_EQ(ask(Method::post, "/public/v1/proposals", proposal_body("Two"), wu_.how()).status, 429);
  link_for("new@example.com");
  link_for("new@example.com");
  EXPECT_EQ(ask(Method::post, "/public/v1/people", R"({"email":"new@example.com"})").status, 429);
}

}  // namespace
}  // namespace cityloop::participation
