#include "award_city.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using testing::HasSubstr;

class Entry : public AwardCity {
 protected:
  std::vector<std::string> lacking(const Applicant& who, const std::string& id) {
    std::vector<std::string> out;
    for (const Lack& one : desk_->lacks(who, seen(id)).value())
      out.push_back(fmt::format("{} {}{}{}", one.code, one.where, one.language.empty() ? "" : ":", one.language));
    return out;
  }
  static std::string with_position(const std::string& instead) {
    const std::string given = R"("position":"31.2304,121.4737")";
    std::string out = answers("x");
    return out.replace(out.find(given), given.size(), instead);
  }
};

TEST_F(Entry, ADraftIsKeptAsItIsAndSaysWhatIsMissing) {
  const Applicant li = applicant("li");
  Proposal one = desk_->make(li, "test-2026", "", now()).value();
  EXPECT_THAT(lacking(li, one.id),
              testing::UnorderedElementsAre("empty category", "empty title:zh", "empty unit", "empty status",
                                            "empty summary", "empty mail", "empty true"));
  one = saved(
      li, one,
      R"({"title":{"en":"only English"},"summary":"一二三四五六七八九十一二三四五六七八九十零","mail":"nobody","people":0})");
  const JsonValue category = JsonValue::parse(answers("桥", "planned")).value();
  EXPECT_THAT(lacking(li, one.id), testing::IsSupersetOf({"empty title:zh", "too_long summary", "not_an_email mail",
                                                          "out_of_range people"}));
  one = desk_->save(li, one.id, one.revision, "city", &category, now()).value();
  EXPECT_THAT(lacking(li, one.id), testing::ElementsAre("status_not_allowed status"))
      << "outside Innovation only what is in progress or done";
  one = desk_->save(li, one.id, one.revision, "innovation", nullptr, now()).value();
  EXPECT_THAT(lacking(li, one.id), testing::ElementsAre("too_few_files case"));
  EXPECT_EQ(one.title, "桥");
}

TEST_F(Entry, APlaceIsAPositionOnEarth) {
  EXPECT_EQ(place_from("31.2304,121.4737")->lat_deg, 31.2304);
  EXPECT_EQ(place_from("-90,-180.00000")->lon_deg, -180);
  EXPECT_TRUE(place_from("0,.5"));
  for (const char* none : {"", ",", "31.2", "31.2,", "90.1,0", "0,180.1", "31.230401,121", "31.2;121.4", "31.2, 121.4",
                           "1e1,2", "nan,0", "+1,2", "1,2,3", "1.,2", "--1,2", "121.4737,31.2304"})
    EXPECT_FALSE(place_from(none)) << none;
  const Applicant li = applicant("li");
  Proposal one = draft(li, "x");
  one = saved(li, one, with_position(R"("position":"121.4737,31.2304")"));
  EXPECT_THAT(lacking(li, one.id), testing::Contains("not_a_place position")) << "kept, and told";
  one = saved(li, one, with_position(R"("position":"")"));
  EXPECT_THAT(lacking(li, one.id), testing::Not(testing::Contains(testing::HasSubstr("position")))) << "not required";
}

TEST_F(Entry, ACycleTellsItsSizeOfWhatWasReceived) {
  const std::vector<std::string> slots{"case"};
  const auto said = [&] {
    std::vector<std::string> out;
    for (const Book::Size& one : book_->sizes("test-2026", slots).value())
      out.push_back(fmt::format("{}: {} {} {}", one.category, one.proposals, one.applicants, one.cases));
    return out;
  };
  EXPECT_THAT(said(), testing::ElementsAre(": 0 0 0"));
  const Applicant li = applicant("li"), wu = applicant("wu");
  const Proposal first = submitted(li, "a");
  submitted(wu, "b");
  draft(li, "a draft", "innovation");
  Proposal second = draft(li, "c", "innovation");
  const auto put = [&](const Proposal& of, std::string id, std::string slot) {
    StoredFile file{std::move(id), of.id, std::move(slot), "submission", "a.pdf", "application/pdf"};
    ASSERT_TRUE(book_->put_file(file));
  };
  put(second, "f1", "case"), put(second, "f2", "case"), put(first, "f3", "letter"), put(first, "f4", "case");
  ASSERT_TRUE(desk_->submit(li, second.id, now()));
  EXPECT_THAT(said(), testing::ElementsAre(": 3 2 3", "city: 2 2 1", "innovation: 1 1 2"));
  ASSERT_TRUE(book_->retire_file("f2"));
  EXPECT_THAT(said(), testing::Contains("innovation: 1 1 1")) << "a file that was replaced counts no more";
}

TEST_F(Entry, WhatCannotBeKeptIsRefusedAndNothingChanges) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x");
  const auto save = [&](const char* json) {
    const JsonValue given = JsonValue::parse(json).value();
    const auto out = desk_->save(li, one.id, one.revision, "", &given, now());
    return out ? std::string("kept") : out.error().message;
  };
  EXPECT_THAT(save(R"({"titel":"x","people":"many"})"),
              testing::AllOf(HasSubstr("no field 'titel'"), HasSubstr("'people' is a number")));
  EXPECT_THAT(save(R"({"title":{"de":"x"}})"), HasSubstr("not written in 'de'"));
  EXPECT_THAT(save(R"({"true":"yes"})"), HasSubstr("true or false"));
  EXPECT_EQ(seen(one.id).answers, one.answers);
  EXPECT_EQ(save(answers("y").c_str()), "kept");
  EXPECT_THAT(save(answers("z").c_str()), HasSubstr("changed meanwhile (revision 2)")) << "saved over another's change";
}

TEST_F(Entry, SubmittedIsReceivedWithAReceiptAndRunsAsACaseThatNamesNobody) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "秘密");
  const Submission receipt = desk_->submit(li, one.id, now()).value();
  EXPECT_EQ(receipt.version, 1u);
  EXPECT_THAT(receipt.receipt, HasSubstr("T26-0001/1"));
  EXPECT_THAT(log_.subjects, testing::ElementsAre("submission T26-0001/1"));
  EXPECT_THAT(receipt.text, HasSubstr("秘密"));
  const Proposal after = seen(one.id);
  EXPECT_EQ(after.stage, "submitted");
  EXPECT_EQ(stages_->stage_of(after.case_id).value(), "submitted");
  // All that the log has of it: nothing of who or what.
  std::string everything;
  for (const auto& record : twin_->read_log(0, 1000, {}).value())
    for (const flow::Change& change : record->changes) {
      if (change.is_a(flow::Name("CaseRules"))) continue;
      everything += change.entity.text();
      for (const auto& attribute : change.attributes) {
        if (const auto* text = std::get_if<flow::Text>(&attribute.now.value))
          everything += fmt::format(" {}", std::string(*text));
        if (const auto* json = std::get_if<flow::Json>(&attribute.now.value))
          everything += fmt::format(" {}", std::string(json->text));
      }
    }
  EXPECT_THAT(everything, HasSubstr("T26-0001"));
  for (const char* secret : {"秘密", "user:li", "City hall", "example.org", "& Co"})
    EXPECT_EQ(everything.find(secret), std::string::npos) << secret;
}

TEST_F(Entry, SubmittedAgainTheLastVersionCountsAndTheFirstStays) {
  const Applicant li = applicant("li");
  const Proposal one = submitted(li, "first");
  saved(li, seen(one.id), answers("second"));
  EXPECT_EQ(desk_->submit(li, one.id, now()).value().version, 2u);
  const auto versions = book_->submissions(one.id).value();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_THAT(versions[0].text, HasSubstr("first"));
  EXPECT_THAT(versions[1].text, HasSubstr("second"));
  EXPECT_EQ(seen(one.id).number, "T26-0001");
  EXPECT_EQ(submitted(applicant("wu"), "other").number, "T26-0002");
}

TEST_F(Entry, AMillisecondLateIsLateByTheServersClockInTheCyclesZone) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x"), other = draft(li, "y");
  time_is("2026-06-15T15:59:59.999Z");  // 23:59:59.999 in Beijing
  EXPECT_TRUE(desk_->submit(li, one.id, now()));
  time_is("2026-06-15T16:00:00.001Z");
  const auto late = desk_->submit(li, other.id, now());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::conflict);
  EXPECT_THAT(late.error().message,
              testing::AllOf(HasSubstr("closed at 2026-06-16 00:00:00 (Asia/Shanghai)"), HasSubstr("0.001 s too late"),
                             HasSubstr("2026-06-16 00:00:00.001 (Asia/Shanghai)")));
  EXPECT_EQ(seen(other.id).stage, "draft");
  const JsonValue given = JsonValue::parse(answers("late")).value();
  EXPECT_FALSE(desk_->save(li, one.id, seen(one.id).revision, "", &given, now())) << "nor changed any more";
  EXPECT_FALSE(desk_->make(li, "test-2026", "city", now()));
  EXPECT_FALSE(desk_->begin_upload(li, one.id, {"case", "a.pdf", "", 10}, now()));
}

TEST_F(Entry, BeforeTheWindowOpensNothingIsTaken) {
  const Applicant li = applicant("li");
  const auto early = desk_->make(li, "test-2026", "city", at("2026-03-09T15:59:59.999Z"));
  ASSERT_FALSE(early);
  EXPECT_THAT(early.error().message, HasSubstr("2026-03-10 00:00:00 (Asia/Shanghai)"));
  EXPECT_TRUE(desk_->make(li, "test-2026", "city", at("2026-03-09T16:00:00Z")));
}

TEST_F(Entry, AUnitEntersNoMoreThanItMayUnderWhateverAccount) {
  const Applicant li = applicant("li", "Water Works"), wu = applicant("wu", "ＷＡＴＥＲ  works");
  submitted(li, "one");
  const Proposal two = submitted(wu, "two");
  const Proposal three = draft(li, "three");
  EXPECT_THAT(lacking(li, three.id), testing::ElementsAre("too_many_of_unit applicant"));
  EXPECT_FALSE(desk_->submit(li, three.id, now()));
  ASSERT_TRUE(desk_->withdraw(wu, two.id, now()));
  EXPECT_TRUE(desk_->submit(li, three.id, now()));
}

TEST_F(Entry, SomebodyElsesProposalIsNotThere) {
  const Applicant li = applicant("li"), wu = applicant("wu");
  const Proposal one = submitted(li, "x");
  const JsonValue none = JsonValue::parse("{}").value();
  const std::string missing = desk_->own(wu, "000000000000000000000000").error().message;
  const auto denied = [&](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::not_found);
    EXPECT_EQ(result.error().message, missing) << "no word of difference between absent and another's";
  };
  denied(desk_->own(wu, one.id));
  denied(desk_->save(wu, one.id, 1, "", nullptr, now()));
  denied(desk_->submit(wu, one.id, now()));
  denied(desk_->answer(wu, one.id, none, now()));
  denied(desk_->withdraw(wu, one.id, now()));
  denied(desk_->confirm(wu, one.id, now()));
  denied(desk_->set_publication(wu, one.id, none, now()));
  denied(desk_->reply_to_transfer(wu, one.id, true, "", now()));
  denied(desk_->begin_upload(wu, one.id, {"case", "a.pdf", "", 10}, now()));
  denied(desk_->drop(wu, one.id));
  EXPECT_EQ(seen(one.id).stage, "submitted");
}

TEST_F(Entry, ScreeningAsksAndTheApplicantSendsWhatWasMissing) {
  const Applicant li = applicant("li");
  const Proposal one = submitted(li, "x");
  step(one.id, "ask_information", "secretary");
  const std::int64_t number = book_->ask({0, one.id, "Where is it?", "user:secretary", "", now()}).value();
  time_is("2026-06-20T00:00:00Z");  // the window of entries is over: what is asked may be sent
  saved(li, seen(one.id), answers("clearer"));
  EXPECT_FALSE(desk_->answer(li, one.id, JsonValue::parse("{}").value(), now())) << "every question has an answer";
  const JsonValue body = JsonValue::parse(fmt::format(R"({{"{}":"In the east"}})", number)).value();
  const Submission receipt = desk_->answer(li, one.id, body, now()).value();
  EXPECT_EQ(receipt.version, 2u);
  EXPECT_EQ(seen(one.id).stage, "submitted");
  EXPECT_EQ(book_->questions(one.id).value().front().answer, "In the east");
  EXPECT_THAT(receipt.text, HasSubstr("clearer"));
}

TEST_F(Entry, QuestionsToCandidatesAreAnsweredInTheirWindowWithASecondUpload) {
  const Applicant li = applicant("li");
  const Proposal one = submitted(li, "x");
  step(one.id, "accept_entry", "secretary");
  step(one.id, "ask_candidate", "secretary");
  const std::int64_t number = book_->ask({0, one.id, "How many?", "user:secretary", "", now()}).value();
  const JsonValue body = JsonValue::parse(fmt::format(R"({{"{}":"Ten"}})", number)).value();
  time_is("2026-06-15T15:59:59Z");
  EXPECT_FALSE(desk_->answer(li, one.id, body, now())) << "before 16 June in Beijing";
  time_is("2026-06-20T00:00:00Z");
  ASSERT_TRUE(send(li, one.id, "case", pdf_of(2))->file);
  EXPECT_FALSE(desk_->save(li, one.id, seen(one.id).revision, "", nullptr, now())) << "the form stands as received";
  EXPECT_THAT(desk_->answer(li, one.id, body, now()).value().text, HasSubstr(R"("round":"questions")"));
  EXPECT_EQ(seen(one.id).stage, "accepted");
}

TEST_F(Entry, APlaceThatIsNotConfirmedInTenDaysIsLost) {
  const Applicant li = applicant("li"), wu = applicant("wu");
  const Proposal one = shortlisted(li, "x"), other = shortlisted(wu, "y");
  clock_.advance_to(now() + std::chrono::days(10) - Duration(1));
  ASSERT_TRUE(desk_->look(now()));
  EXPECT_EQ(desk_->confirm(li, one.id, now()).value().stage, "confirmed");
  clock_.advance_to(now() + Duration(1));
  const auto late = desk_->confirm(wu, other.id, now());
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("too late"));
  ASSERT_TRUE(desk_->look(now()));
  EXPECT_EQ(seen(other.id).stage, "lost");
  EXPECT_EQ(seen(one.id).stage, "confirmed");
}

TEST_F(Entry, WhatAStopCameBetweenIsDoneAfterwards) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x");
  log_.failing = true;
  EXPECT_FALSE(desk_->submit(li, one.id, now())) << "no receipt, so it is not acknowledged";
  log_.failing = false;
  close_desk();
  open_desk();
  ASSERT_TRUE(desk_->look(now()));
  EXPECT_FALSE(seen(one.id).case_id.empty());
  EXPECT_THAT(book_->submissions(one.id).value().front().receipt, HasSubstr("T26-0001/1"));
}

TEST_F(Entry, ACityWithoutAWayForProposalsIsToldWhichFileItLacks) {
  EXPECT_TRUE(check_way(*rules_));
  const auto without = casework::CaseRules::parse({}, {});
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_THAT(check_way(**without).error().message, HasSubstr("workflow_award.toml"));
  std::string text = base::read_file("domain/awards/casework/workflow_award.toml").value();
  const std::size_t verb = text.find("verb = \"lose_place\"");
  text.replace(verb, 19, "verb = \"drop\"");
  const auto less = casework::CaseRules::parse({{"workflow_award.toml", text}}, {});
  ASSERT_TRUE(less) << less.error().message;
  EXPECT_THAT(check_way(**less).error().message, HasSubstr("lacks the steps: lose_place"));
}

TEST_F(Entry, TheWorkflowAllowsNoStepOutOfTurn) {
  const Applicant li = applicant("li");
  const Proposal one = submitted(li, "x");
  const auto refused = [&](std::string_view verb, std::string_view role) {
    return !desk_->take(seen(one.id), verb, fmt::format("user:{}", role), role, now());
  };
  EXPECT_TRUE(refused("shortlist", "chair")) << "not before the review";
  EXPECT_TRUE(refused("accept_entry", "juror"));
  EXPECT_TRUE(refused("accept_entry", "chair")) << "the roles are apart";
  EXPECT_TRUE(refused("withdraw_entry", "secretary"));
  EXPECT_FALSE(refused("accept_entry", "secretary"));
  EXPECT_FALSE(refused("begin_review", "secretary"));
  EXPECT_TRUE(refused("end_review", "secretary"));
  EXPECT_FALSE(refused("end_review", "chair"));
}

}  // namespace
}  // namespace cityloop::awards
