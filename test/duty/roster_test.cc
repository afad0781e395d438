// Who is on duty when, after leave, swaps, stand-ins and overtime; and what the coming days lack.
#include "duty/roster.h"

#include <gmock/gmock.h>

#include "duty/duty_change.h"
#include "duty/roster_gaps.h"
#include "test/duty/duty_city.h"

namespace cityloop::duty {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::at;
using test::duty_rules;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string clock(Instant time) {
  return base::format_time(time).substr(8, 8);  // "02T08:00"
}

std::vector<std::string> told(const std::vector<DutySpan>& spans) {
  std::vector<std::string> out;
  for (const DutySpan& span : spans)
    out.push_back(
        fmt::format("{} {}-{} {}", span.crew, clock(span.from), clock(span.until), fmt::join(span.members, "+")));
  return out;
}

std::vector<std::string> told(const std::vector<RosterGap>& gaps) {
  std::vector<std::string> out;
  for (const RosterGap& gap : gaps) {
    EXPECT_FALSE(gap.text.zh.empty() || gap.text.en.empty());
    out.push_back(fmt::format("{} {}-{} {}{}{}{}", to_string(gap.of), clock(gap.from), clock(gap.until), gap.crew,
                              gap.person, gap.skill, gap.cell));
  }
  return out;
}

DutyChange change(ChangeOf of, const std::string& person, const char* from, const char* until,
                  const std::string& other = "", const char* other_from = nullptr, const char* other_until = nullptr) {
  static int number = 0;
  DutyChange out;
  out.id = EntityId(fmt::format("urn:ngsi-ld:DutyChange:{}", ++number));
  out.of = of;
  out.person = person;
  out.from = at(from);
  out.until = at(until);
  out.other = other;
  if (other_from) out.other_from = at(other_from), out.other_until = at(other_until);
  out.status = ChangeStatus::granted;
  out.decided_at = at("2026-03-01T00:00:00Z") + minutes(number);
  return out;
}

TEST(Roster, PatternsHolidaysAndMakeupDays) {
  const auto roster = Roster::make(duty_rules(), {});
  // Thursday the fifth is a feast, Saturday the seventh is worked as a Thursday; nights go on as usual.
  EXPECT_THAT(
      told(roster->on_duty(at("2026-03-04T12:00:00Z"), at("2026-03-09T00:00:00Z"))),
      ElementsAre("blue 04T12:00-04T16:00 user:ban+user:bin+user:bo",
                  "blue 06T08:00-06T16:00 user:ban+user:bin+user:bo",
                  "blue 07T08:00-07T16:00 user:ban+user:bin+user:bo", "green 04T12:00-04T16:00 user:gao",
                  "green 06T08:00-06T16:00 user:gao", "green 07T08:00-07T16:00 user:gao",
                  "red 04T22:00-05T06:00 user:ren", "red 05T22:00-06T06:00 user:ren", "red 06T22:00-07T06:00 user:rui",
                  "red 07T22:00-08T06:00 user:rui", "red 08T22:00-09T00:00 user:ren"));
  const auto span = roster->on_duty(at("2026-03-02T09:00:00Z"), at("2026-03-02T10:00:00Z")).front();
  EXPECT_THAT(span.skills, ElementsAre("pump", "winch")) << "of the people and of the vehicle";
}

TEST(Roster, ShiftsAreLocalAlsoWhenTheClocksChange) {
  const auto roster = Roster::make(duty_rules({}, "Europe/Copenhagen"), {});
  EXPECT_THAT(told(roster->on_duty(at("2026-03-27T00:00:00Z"), at("2026-03-28T00:00:00Z"))),
              Contains("green 27T07:00-27T15:00 user:gao"));
  EXPECT_THAT(told(roster->on_duty(at("2026-03-30T00:00:00Z"), at("2026-03-31T00:00:00Z"))),
              Contains("green 30T06:00-30T14:00 user:gao"));
}

TEST(Roster, ADatedRosterHoldsInsteadOfAllPatternsOfItsDay) {
  const auto roster = Roster::make(duty_rules({{"roster_may.csv",
                                                "date,crew,shift,people\n"
                                                "2026-03-03,blue,night,user:bo;user:bin\n"
                                                "2026-03-04,blue,-,\n"
                                                "2026-03-05,blue,day,\n"}}),
                                   {});
  std::vector<std::string> blue;
  for (const std::string& line : told(roster->on_duty(at("2026-03-03T00:00:00Z"), at("2026-03-06T00:00:00Z")))) {
    if (line.starts_with("blue")) blue.push_back(line);
  }
  EXPECT_THAT(
      blue, ElementsAre("blue 03T22:00-04T06:00 user:bin+user:bo", "blue 05T08:00-05T16:00 user:ban+user:bin+user:bo"));
  EXPECT_EQ(roster->shifts(at("2026-03-03T23:00:00Z"), at("2026-03-03T23:01:00Z")).front().roster, "roster_may.csv");
}

TEST(Roster, WhoIsAwayIsNotThereAndACrewWithTooFewDoesNotGoOut) {
  const auto roster = Roster::make(
      duty_rules(), {change(ChangeOf::leave, "user:ban", "2026-03-02T00:00:00Z", "2026-03-02T12:00:00Z"),
                     change(ChangeOf::sickness, "user:bo", "2026-03-02T10:00:00Z", "2026-03-03T00:00:00Z")});
  const Instant from = at("2026-03-02T06:00:00Z"), until = at("2026-03-02T20:00:00Z");
  EXPECT_THAT(told(roster->on_duty(from, until)),
              ElementsAre("blue 02T08:00-02T10:00 user:bin+user:bo", "blue 02T12:00-02T16:00 user:ban+user:bin",
                          "green 02T08:00-02T16:00 user:gao"));
  EXPECT_THAT(told(roster->present(from, until)), Contains("blue 02T10:00-02T12:00 user:bin"));
  EXPECT_TRUE(roster->is_away("user:bo", at("2026-03-02T11:00:00Z"), at("2026-03-02T11:01:00Z")));
  EXPECT_FALSE(roster->is_away("user:bo", at("2026-03-03T00:00:00Z"), at("2026-03-03T01:00:00Z")));
  EXPECT_EQ(roster->next_duty("blue", at("2026-03-02T17:00:00Z")), at("2026-03-03T08:00:00Z"));
  EXPECT_EQ(roster->next_duty("blue", at("2026-03-02T09:00:00Z")), at("2026-03-02T09:00:00Z"));
  EXPECT_EQ(roster->next_duty("none", at("2026-03-02T09:00:00Z")), base::kNever);
}

TEST(Roster, SwapsStandInsAndOvertime) {
  const auto roster = Roster::make(
      duty_rules(), {change(ChangeOf::swap, "user:rui", "2026-03-02T22:00:00Z", "2026-03-03T06:00:00Z", "user:ren",
                            "2026-03-04T22:00:00Z", "2026-03-05T06:00:00Z"),
                     [] {
                       auto instead = change(ChangeOf::stand_in, "user:gao", "2026-03-03T08:00:00Z",
                                             "2026-03-03T16:00:00Z", "user:rui");
                       instead.crew = "green";
                       return instead;
                     }(),
                     [] {
                       auto extra =
                           change(ChangeOf::overtime, "user:bo", "2026-03-02T16:00:00Z", "2026-03-02T18:00:00Z");
                       extra.crew = "blue";
                       return extra;
                     }(),
                     [] {
                       auto asked = change(ChangeOf::leave, "user:gao", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
                       asked.status = ChangeStatus::requested;
                       return asked;
                     }()});
  EXPECT_THAT(told(roster->present(at("2026-03-02T15:00:00Z"), at("2026-03-05T07:00:00Z"))),
              ElementsAre("blue 02T15:00-02T16:00 user:ban+user:bin+user:bo", "blue 02T16:00-02T18:00 user:bo",
                          "blue 03T08:00-03T16:00 user:ban+user:bin+user:bo",
                          "blue 04T08:00-04T16:00 user:ban+user:bin+user:bo", "green 02T15:00-02T16:00 user:gao",
                          "green 03T08:00-03T16:00 user:rui", "green 04T08:00-04T16:00 user:gao",
                          "red 02T22:00-03T06:00 user:ren", "red 03T22:00-04T06:00 user:rui",
                          "red 04T22:00-05T06:00 user:rui"));
  EXPECT_THAT(roster->crews_of("user:rui", at("2026-03-03T09:00:00Z")), ElementsAre("green", "red"));
  EXPECT_THAT(roster->crews_of("user:rui", at("2026-03-03T17:00:00Z")), ElementsAre("red"));
  EXPECT_THAT(roster->crews_of("user:nobody", at("2026-03-03T17:00:00Z")), IsEmpty());
  for (const Shift& shift : roster->shifts(at("2026-03-03T09:00:00Z"), at("2026-03-03T10:00:00Z"))) {
    if (shift.person == "user:rui") EXPECT_EQ(shift.instead_of, "user:gao");
  }
}

TEST(Roster, TheMostPreciseNormHolds) {
  const auto roster = Roster::make(duty_rules(), {});
  EXPECT_EQ(roster->norm_for("noise", "component-01").service, minutes(10));
  EXPECT_EQ(roster->norm_for("flooding", "component-01").service, minutes(20));
  EXPECT_EQ(roster->norm_for("flooding", "event-0109").service, minutes(30)) << "a category before a kind";
  EXPECT_EQ(roster->norm_for("other", "event-0102").service, minutes(40));
  EXPECT_DOUBLE_EQ(roster->norm_for("other", "event-0102").load, 2);
  EXPECT_EQ(roster->norm_for("flooding", "event-0102").service, minutes(30));
  EXPECT_EQ(Roster::make(nullptr, {})->norm_for("x", "y").service, minutes(30));
  EXPECT_THAT(Roster::make(nullptr, {})->on_duty(at("2026-03-02T00:00:00Z"), at("2026-03-09T00:00:00Z")), IsEmpty());
}

TEST(RosterGaps, AreToldAheadOfTime) {
  const std::vector<Holding> holdings{{"330199001001001", {"一格", "One"}, {"user:ban"}},
                                      {"330199001001002", {"二格", "Two"}, {"user:ban", "crew:red"}},
                                      {"330199001001003", {"三格", "Three"}, {"user:ban", "user:bo"}}};
  const auto roster = Roster::make(
      duty_rules(), {change(ChangeOf::leave, "user:ban", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"),
                     change(ChangeOf::sickness, "user:bin", "2026-03-03T00:00:00Z", "2026-03-03T12:00:00Z")});
  const auto gaps = told(gaps_of(*roster, holdings, at("2026-03-02T00:00:00Z"), at("2026-03-09T12:00:00Z")));
  // On Sunday night the eighth Ren is there, who cannot pump.
  EXPECT_THAT(gaps,
              ElementsAre("skill 02T00:00-02T06:00 pump", "holder_away 03T00:00-04T00:00 blueuser:ban330199001001001",
                          "crew_short 03T08:00-03T12:00 blue", "skill 08T20:00-09T06:00 pump"));
  EXPECT_THAT(
      told(gaps_of(*Roster::make(duty_rules(), {}), holdings, at("2026-03-15T00:00:00Z"), at("2026-03-16T12:00:00Z"))),
      ElementsAre("skill 15T20:00-15T22:00 pump"))
      << "Rui has the night of the fifteenth";
}

TEST(RosterGaps, DoubleBookingTooManyHoursAndTooLittleRest) {
  const auto rules = duty_rules({{"z.toml", R"([[pattern]]
id = "both"
name = { zh = "连", en = "Both" }
cycle = ["day", "night"]
begins = "2026-03-02"
[[shift]]
id = "long"
name = { zh = "长", en = "Long" }
from = "15:00"
until = "23:00"
)"},
                                 {"roster_z.csv",
                                  "date,crew,shift,people\n2026-03-02,green,long,user:gao\n2026-03-03,green,day,\n"
                                  "2026-03-07,green,day,\n2026-03-08,green,day,\n"}});
  const auto roster = Roster::make(
      rules, {change(ChangeOf::stand_in, "user:ban", "2026-03-04T08:00:00Z", "2026-03-04T16:00:00Z", "user:gao")});
  const auto gaps = told(gaps_of(*roster, {}, at("2026-03-02T00:00:00Z"), at("2026-03-08T12:00:00Z")));
  EXPECT_THAT(gaps, Contains("too_little_rest 02T23:00-03T08:00 greenuser:gao"));
  EXPECT_THAT(gaps, Contains("double_booked 04T08:00-04T16:00 greenuser:gao"));
  EXPECT_THAT(gaps, Contains("too_long 02T00:00-09T00:00 greenuser:gao"));
}

TEST(MayWork, RefusesWithTheReason) {
  const auto roster =
      Roster::make(duty_rules(), {change(ChangeOf::leave, "user:gao", "2026-03-06T00:00:00Z", "2026-03-07T00:00:00Z")});
  const auto why = [&](const char* person, const char* from, const char* until, std::vector<Instant> without = {}) {
    const auto may = may_work(*roster, person, {person, "blue", "", at(from), at(until)}, without);
    return may ? std::string("may") : may.error().message;
  };
  EXPECT_EQ(why("user:rui", "2026-03-04T08:00:00Z", "2026-03-04T16:00:00Z"),
            "Rui would rest 2 hours before or after the shift 2026-03-03 22:00 – 2026-03-04 06:00, and must rest 10");
  EXPECT_EQ(why("user:rui", "2026-03-05T08:00:00Z", "2026-03-05T16:00:00Z"), "may");
  EXPECT_THAT(why("user:gao", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"),
              HasSubstr("Gao has a shift of green then"));
  EXPECT_EQ(why("user:gao", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", {at("2026-03-02T08:00:00Z")}), "may");
  EXPECT_EQ(why("user:gao", "2026-03-06T10:00:00Z", "2026-03-06T11:00:00Z"), "Gao is away in that time");
  EXPECT_THAT(why("user:ban", "2026-03-08T08:00:00Z", "2026-03-08T16:00:00Z"),
              HasSubstr("Ban would work 48 hours in that week, and may work 40"));
  EXPECT_EQ(why("user:bin", "2026-03-08T08:00:00Z", "2026-03-08T16:00:00Z"), "may") << "whose week is longer";
  EXPECT_EQ(why("user:ban", "2026-03-02T16:00:00Z", "2026-03-02T17:00:00Z", {at("2026-03-07T08:00:00Z")}), "may")
      << "what follows at once is one longer shift";
  EXPECT_THAT(why("user:nobody", "2026-03-02T16:00:00Z", "2026-03-02T17:00:00Z"), HasSubstr("there is no person"));
}

}  // namespace
}  // namespace cityloop::duty
