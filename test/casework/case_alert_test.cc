// Other authorities' warnings: taken up by the city's rows, followed through updates, cleared by cancellation or time.
#include <cmath>

#include <gmock/gmock.h>

#include "flow/alert.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::Alert;
using flow::AlertKind;
using flow::CaseOutcome;
using flow::Severity;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kKinds = R"(
[intake]
kind = "other"
[[cap]]
event = ["*rain*", "暴雨*"]
category = "Met"
least = "Moderate"
kind = "flooding"
department = "drains"
[[cap]]
code = "GB/T 35965=11B*"
kind = "other"
severity = "extreme"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
verify_hold = "0s"
auto_dispatch = false
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
verify_hold = "10s"
)";

class CaseAlertTest : public testing::Test, protected test::CaseDesk {
 protected:
  CaseAlertTest() : CaseDesk(kKinds) {}
  Alert alert(const std::string& identifier) {
    Alert out;
    out.sender = "met@example.org";
    out.identifier = identifier;
    out.id = flow::alert_id(out.sender, identifier);
    out.status = "Actual";
    out.category = "Met";
    out.event = "Heavy Rain Warning";
    out.urgency = "Expected";
    out.severity = "Severe";
    out.certainty = "Likely";
    out.headline = {"暴雨橙色预警", "Orange warning of heavy rain"};
    out.description = {"未来三小时", "in the next three hours"};
    out.area = "Lakeside";
    out.location = R"({"type":"Polygon","coordinates":[[[120,30],[120.1,30],[120.1,30.1],[120,30]]]})";
    out.sent_at = city.now();
    out.expires_at = city.now() + hours(3);
    return out;
  }
  void send(const Alert& one) { city.write({to_write(one)}, "program:met"); }
  Alert follow(const std::string& identifier, AlertKind kind, const Alert& of) {
    Alert out = alert(identifier);
    out.kind = kind;
    out.references = {of.id};
    return out;
  }
};

TEST_F(CaseAlertTest, AWarningBecomesACaseByItsRow) {
  send(alert("1"));
  const flow::Case one = only_case();
  EXPECT_EQ(one.kind, "flooding");
  EXPECT_EQ(one.department, "drains");
  EXPECT_EQ(one.channel, "cap");
  EXPECT_EQ(one.severity, Severity::severe);
  EXPECT_EQ(one.title.zh, "暴雨橙色预警");
  EXPECT_THAT(one.description, HasSubstr("in the next three hours"));
  EXPECT_EQ(one.address, "Lakeside");
  EXPECT_EQ(one.external_id, "1");
  EXPECT_EQ(one.finding, alert("1").id);
  EXPECT_EQ(one.area, "north");
  EXPECT_EQ(one.state, "dispatched");
  EXPECT_FALSE(one.code.empty());
}

TEST_F(CaseAlertTest, WhatNoRowAsksForAndWhatIsNotMeantOpensNothing) {
  for (const char* status : {"Exercise", "Test", "System", "Draft"}) {
    Alert drill = alert(fmt::format("drill-{}", status));
    drill.status = status;
    send(drill);
  }
  Alert wind = alert("wind");
  wind.event = "Wind";
  send(wind);
  Alert weak = alert("weak");
  weak.severity = "Minor";
  send(weak);
  Alert fire = alert("fire");
  fire.category = "Fire";
  send(fire);
  Alert old = alert("old");
  old.expires_at = city.now() - seconds(1);
  send(old);
  EXPECT_TRUE(city.all("Case").empty());
  wind.identifier = "coded";
  wind.id = flow::alert_id(wind.sender, wind.identifier);
  wind.codes = {"GB/T 35965=11B03"};
  send(wind);
  EXPECT_EQ(only_case().severity, Severity::extreme) << "as its row says";
  // An entity of that type from elsewhere is nothing to do with CAP.
  city.write({flow::NounWriter(EntityId("urn:ngsi-ld:Alert:x"), "Alert", flow::WriteMode::upsert)
                  .text("category", "traffic")
                  .take()});
  EXPECT_EQ(city.all("Case").size(), 1u);
}

TEST_F(CaseAlertTest, UpdatesGoToTheSameCaseAndCancelClears) {
  const Alert first = alert("1");
  send(first);
  city.pass(minutes(1));
  Alert second = follow("2", AlertKind::update, first);
  second.severity = "Extreme";
  second.headline = {"暴雨红色预警", "Red warning of heavy rain"};
  send(second);
  EXPECT_EQ(only_case().severity, Severity::extreme);
  EXPECT_EQ(only_case().title.en, "Red warning of heavy rain");
  // It names the update only, as many do.
  Alert third = follow("3", AlertKind::update, second);
  third.severity = "Moderate";
  send(third);
  EXPECT_EQ(only_case().severity, Severity::moderate) << "what holds now is less";
  EXPECT_FALSE(only_case().finding_cleared);
  send(follow("4", AlertKind::cancel, third));
  EXPECT_TRUE(only_case().finding_cleared);
  EXPECT_TRUE(has_code("alert_cancelled"));
  city.pass(seconds(11));
  EXPECT_EQ(only_case().outcome, CaseOutcome::confirmed);
  send(follow("5", AlertKind::cancel, third));
  EXPECT_EQ(city.all("Case").size(), 1u);
  // The same weather again, by an update after the end: a new matter.
  send(follow("6", AlertKind::update, third));
  EXPECT_EQ(city.all("Case").size(), 2u);
}

TEST_F(CaseAlertTest, AWarningLapsesByItselfAndAnUpdateProlongsIt) {
  const Alert first = alert("1");
  send(first);
  city.jump(hours(2));
  Alert longer = follow("2", AlertKind::update, first);
  longer.expires_at = city.now() + hours(4);
  send(longer);
  city.jump(hours(3));
  EXPECT_FALSE(only_case().finding_cleared) << "it would have been over";
  city.jump(hours(1) + seconds(1));
  EXPECT_TRUE(has_code("alert_expired"));
  city.pass(seconds(10));
  EXPECT_EQ(only_case().outcome, CaseOutcome::confirmed);
}

TEST_F(CaseAlertTest, AnUpdateWhoseBeginningNeverCameIsTakenAsTheWarning) {
  const Alert first = alert("1");
  send(follow("2", AlertKind::update, first));
  EXPECT_EQ(city.all("Case").size(), 1u);
  send(first);  // late
  EXPECT_EQ(city.all("Case").size(), 1u);
  send(follow("3", AlertKind::cancel, first));
  EXPECT_TRUE(only_case().finding_cleared);
}

TEST_F(CaseAlertTest, APlaceOfVeryManyCornersIsABoxInTheCaseAndWholeInTheWarning) {
  Alert wide = alert("1");
  std::string ring;
  for (int i = 0; i <= 1000; ++i) {
    const double turn = i == 1000 ? 0 : 6.283185307179586 * i / 1000;
    ring += fmt::format("{}[{:.6f},{:.6f}]", i ? "," : "", 120 + 0.05 * std::cos(turn), 30 + 0.05 * std::sin(turn));
  }
  wide.location = fmt::format(R"({{"type":"Polygon","coordinates":[[{}]]}})", ring);
  send(wide);
  const flow::Case one = only_case();
  EXPECT_EQ(
      one.location,
      R"({"type":"Polygon","coordinates":[[[119.95,29.95],[120.05,29.95],[120.05,30.05],[119.95,30.05],[119.95,29.95]]]})");
  EXPECT_EQ(flow::alert_from(*city.get(wide.id))->location.size(), wide.location.size());
}

TEST_F(CaseAlertTest, ItIsTheSameThroughRestarts) {
  const auto run = [](bool reload) {
    test::SmallCity<CaseLoop> city(test::make_case_loop, reload);
    city.write({test::city_rules(kKinds)->to_write(test::kStart)}, "app");
    Alert one;
    one.sender = "s";
    one.identifier = "1";
    one.id = flow::alert_id("s", "1");
    one.status = "Actual";
    one.category = "Met";
    one.event = "rain";
    one.severity = "Severe";
    one.headline = {"雨", "rain"};
    one.sent_at = city.now();
    one.expires_at = city.now() + minutes(2);
    city.write({to_write(one)});
    city.jump(minutes(1));
    Alert two = one;
    two.identifier = "2";
    two.id = flow::alert_id("s", "2");
    two.kind = AlertKind::update;
    two.references = {one.id};
    two.expires_at = city.now() + minutes(3);
    city.write({to_write(two)});
    city.jump(minutes(2));
    city.jump(minutes(2));
    city.pass(seconds(11));
    return city.written();
  };
  EXPECT_THAT(run(false), HasSubstr("alert_expired"));
  EXPECT_EQ(run(true), run(false));
}

TEST(CapRows, SeverityFollowsFromWhatTheMessageSays) {
  const auto severity = [](const char* severity, const char* urgency, const char* certainty) {
    Alert alert;
    alert.severity = severity;
    alert.urgency = urgency;
    alert.certainty = certainty;
    return severity_of(alert);
  };
  EXPECT_EQ(severity("Extreme", "Immediate", "Observed"), Severity::extreme);
  EXPECT_EQ(severity("Severe", "Expected", "Likely"), Severity::severe);
  EXPECT_EQ(severity("Severe", "Future", "Likely"), Severity::moderate);
  EXPECT_EQ(severity("Severe", "Immediate", "Possible"), Severity::moderate);
  EXPECT_EQ(severity("Minor", "Future", "Unlikely"), Severity::minor);
  EXPECT_EQ(severity("Extreme", "Past", "Observed"), Severity::minor);
  EXPECT_EQ(severity("Unknown", "Unknown", "Unknown"), Severity::moderate);
}

TEST(CapRows, PatternsMatchAsPeopleExpect) {
  EXPECT_TRUE(matches("*rain*", "Heavy RAIN warning"));
  EXPECT_TRUE(matches("暴雨*", "暴雨橙色预警"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(matches("a*b*c", "a-c-b"));
  EXPECT_FALSE(matches("rain", "rainy"));
  EXPECT_FALSE(matches(std::string(30, '*') + "x", std::string(4000, 'a'))) << "and soon";
}

TEST(CapRows, MistakesAreToldWithTheirLine) {
  const auto mistake = [](const std::string& rows) {
    const auto rules =
        CaseRules::parse({{"cases.toml", kKinds}, {"intake.toml", rows}, {"workflow.toml", test::shipped_workflow()}},
                         {"UTC", {"water", "drains"}});
    return rules ? std::string{} : rules.error().message;
  };
  EXPECT_THAT(mistake("[[cap]]\nkind = \"nothing\"\n"), HasSubstr("intake.toml:2: there is no case kind 'nothing'"));
  EXPECT_THAT(mistake("[[cap]]\nkind = \"other\"\ncategory = \"Weather\"\n"), HasSubstr("no category of CAP"));
  EXPECT_THAT(mistake("[[cap]]\nkind = \"other\"\nleast = \"Bad\"\n"), HasSubstr("no severity of CAP"));
  EXPECT_THAT(mistake("[[cap]]\nkind = \"other\"\ndepartment = \"x\"\n"), HasSubstr("no department 'x'"));
  EXPECT_THAT(mistake("[intake]\nkind = \"other\"\n"), HasSubstr("already"));
  EXPECT_EQ(mistake("[[cap]]\nkind = \"other\"\n"), "");
}

}  // namespace
}  // namespace cityloop::casework
