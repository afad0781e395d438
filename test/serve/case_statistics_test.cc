// What is counted as what, and that a number and the cases behind it come from the same question.
#include "serve/case_statistics.h"

#include <gtest/gtest.h>

#include "base/json_value.h"

namespace cityloop::serve {
namespace {

using flow::Case;
using flow::Instant;

Instant at(int minute) {
  return Instant{std::chrono::minutes(minute)};
}

// A case of a department with the steps it took: minute, verb, state after it, who.
struct Step {
  int minute;
  const char* verb;
  const char* to;
  const char* by = "user:a";
  const char* given = "";
};

Case make_case(std::string department, std::vector<Step> steps) {
  Case out;
  out.department = std::move(department);
  out.kind = "flooding";
  out.area = "east";
  out.opened_at = at(steps.front().minute);
  for (const Step& step : steps)
    out.timeline.push_back({at(step.minute), step.by, step.verb, step.to, "", "", "", step.given});
  out.state = out.timeline.back().to;
  if (out.state == "closed" || out.state == "cancelled") {
    out.closed_at = out.timeline.back().at;
    out.outcome = out.state == "closed" ? flow::CaseOutcome::confirmed : flow::CaseOutcome::false_alarm;
  }
  return out;
}

StatisticsWish all_day() {
  StatisticsWish wish;
  wish.from = at(0);
  wish.to = at(24 * 60);
  return wish;
}

base::JsonValue written(const CaseStatistics& statistics) {
  base::JsonWriter out;
  out.object();
  statistics.write(out);
  out.end();
  return base::JsonValue::parse(out.str()).value();
}

double number(const base::JsonValue& group, std::string_view name) {
  const base::JsonValue* found = group.find(name);
  return found && found->number() ? *found->number() : -1;
}

TEST(CaseStatistics, CountsWhatStandsNowAndWhatHappenedInThePeriod) {
  CaseStatistics statistics(all_day());
  statistics.add(make_case("water", {{10, "file", "filed"}, {20, "dispatch", "dispatched"}}));
  Case late = make_case("water", {{10, "file", "filed"}, {90, "close", "closed"}});
  late.due_at = at(60);
  statistics.add(late);
  Case yesterday = make_case("traffic", {{-300, "file", "filed"}, {-200, "close", "closed"}});
  statistics.add(yesterday);
  Case overdue = make_case("traffic", {{-300, "file", "filed"}});
  overdue.overdue = overdue.supervised = true;
  overdue.requests.push_back({1, "extend", "user:a", at(-200), "", ""});
  statistics.add(overdue);
  const auto json = written(statistics);
  const auto& total = *json.find("total");
  EXPECT_EQ(number(total, "open"), 2);
  EXPECT_EQ(number(total, "overdue"), 1);
  EXPECT_EQ(number(total, "supervised"), 1);
  EXPECT_EQ(number(total, "waiting"), 1);
  EXPECT_EQ(number(total, "opened"), 2);
  EXPECT_EQ(number(total, "closed"), 1);
  EXPECT_EQ(number(total, "late"), 1);
  const auto& groups = *json.find("groups")->array();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].text_or("key", ""), "traffic");
  EXPECT_EQ(number(groups[0], "closed"), 0);
  EXPECT_EQ(number(groups[1], "closed"), 1);
}

TEST(CaseStatistics, ARequestToReturnIsNoReturnUntilTheCaseMoves) {
  const auto wish = all_day();
  const Case asked = make_case("water", {{1, "file", "filed"}, {2, "accept", "working"}, {3, "return", "working"}});
  EXPECT_FALSE(counts(asked, CaseMeasure::returned, wish));
  const Case granted = make_case("water", {{1, "file", "filed"},
                                           {2, "accept", "working"},
                                           {3, "return", "working"},
                                           {4, "grant", "working", "user:b"},
                                           {4, "return", "filed", "user:b"}});
  EXPECT_TRUE(counts(granted, CaseMeasure::returned, wish));
  EXPECT_FALSE(counts(granted, CaseMeasure::reworked, wish));
}

TEST(CaseStatistics, WorkThatDidNotHoldIsReworkWhoeverSawIt) {
  const auto wish = all_day();
  const Case by_person =
      make_case("water", {{1, "report", "reported"}, {2, "verify", "working", "user:b", R"({"result":"fail"})"}});
  const Case by_twin = make_case("water", {{1, "report", "verifying"}, {2, "return", "working", "loop:casework"}});
  const Case passed =
      make_case("water", {{1, "report", "reported"}, {2, "verify", "closed", "user:b", R"({"result":"pass"})"}});
  EXPECT_TRUE(counts(by_person, CaseMeasure::reworked, wish));
  EXPECT_TRUE(counts(by_twin, CaseMeasure::reworked, wish));
  EXPECT_FALSE(counts(by_twin, CaseMeasure::returned, wish));
  EXPECT_FALSE(counts(passed, CaseMeasure::reworked, wish));
}

TEST(CaseStatistics, TimesEachStateFromEnteringToLeavingIt) {
  CaseStatistics statistics(all_day());
  // Notes and requests do not move a case and so end no step.
  statistics.add(make_case(
      "water",
      {{0, "file", "filed"}, {5, "note", "filed"}, {10, "dispatch", "dispatched"}, {40, "accept", "working"}}));
  statistics.add(make_case("water", {{0, "file", "filed"}, {20, "dispatch", "dispatched"}}));
  statistics.add(make_case("water", {{0, "file", "filed"}, {30, "dispatch", "dispatched"}}));
  const auto json = written(statistics);
  const auto& steps = *json.find("total")->find("steps")->array();
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].text_or("state", ""), "dispatched");
  EXPECT_EQ(number(steps[0], "count"), 1);
  EXPECT_EQ(number(steps[0], "medianS"), 30 * 60);
  EXPECT_EQ(number(steps[1], "count"), 3);
  EXPECT_EQ(number(steps[1], "medianS"), 20 * 60);
  EXPECT_EQ(number(steps[1], "p90S"), 30 * 60);
}

TEST(CaseStatistics, EachNumberIsAsLargeAsTheListBehindIt) {
  const auto wish = all_day();
  std::vector<Case> cases;
  for (int i = 0; i < 60; ++i) {
    cases.push_back(
        make_case(i % 3 ? "water" : "",
                  {{i, "file", "filed"}, {i + 9, i % 2 ? "close" : "cancel", i % 2 ? "closed" : "cancelled"}}));
    cases.back().overdue = i % 5 == 0;
  }
  CaseStatistics statistics(wish);
  for (const Case& one : cases) statistics.add(one);
  const auto json = written(statistics);
  for (std::size_t i = 0; i < kCaseMeasures; ++i) {
    const auto measure = CaseMeasure(i);
    const auto behind =
        std::count_if(cases.begin(), cases.end(), [&](const Case& c) { return counts(c, measure, wish); });
    EXPECT_EQ(number(*json.find("total"), to_string(measure)), double(behind)) << to_string(measure);
  }
  EXPECT_EQ(json.find("groups")->array()->front().text_or("key", "none"), "");
}

TEST(CaseStatistics, NarrowsByWhatIsAskedAndGroupsByIt) {
  StatisticsWish wish = all_day();
  wish.by = "kind";
  wish.department = "water";
  CaseStatistics statistics(wish);
  statistics.add(make_case("water", {{1, "file", "filed"}}));
  statistics.add(make_case("traffic", {{1, "file", "filed"}}));
  const auto json = written(statistics);
  EXPECT_EQ(number(*json.find("total"), "open"), 1);
  EXPECT_EQ(json.find("groups")->array()->front().text_or("key", ""), "flooding");
  EXPECT_FALSE(is_grouping("colour"));
  EXPECT_FALSE(case_measure_from("happiness"));
  EXPECT_EQ(case_measure_from("falseAlarm"), CaseMeasure::false_alarm);
}

}  // namespace
}  // namespace cityloop::serve
