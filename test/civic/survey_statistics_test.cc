// What a survey's answers say: intervals against known values, distributions, and what is not shown.
#include "civic/survey_statistics.h"

#include <gmock/gmock.h>

namespace cityloop::civic {
namespace {

using base::JsonValue;
using testing::ElementsAre;

// Newcombe 1998 and R's binom.confint(method = "wilson").
TEST(SurveyStatistics, WilsonsIntervalAsInTheTables) {
  const auto near = [](ShareInterval is, double low, double high) {
    EXPECT_NEAR(is.low, low, 5e-5);
    EXPECT_NEAR(is.high, high, 5e-5);
  };
  near(wilson(81, 263), 0.2553, 0.3662);
  near(wilson(15, 148), 0.0624, 0.1605);
  near(wilson(0, 20), 0.0, 0.1611);
  near(wilson(1, 29), 0.0061, 0.1718);
  near(wilson(20, 20), 0.8389, 1.0);
}

TEST(SurveyStatistics, StudentsQuantileAsInTheTables) {
  const std::pair<std::size_t, double> known[] = {{1, 12.706}, {2, 4.303},  {3, 3.182},   {4, 2.776},   {5, 2.571},
                                                  {9, 2.262},  {30, 2.042}, {100, 1.984}, {9999, 1.960}};
  for (const auto& [degrees, value] : known) EXPECT_NEAR(student_quantile(degrees), value, 1.2e-3) << degrees;
}

TEST(SurveyStatistics, AMeanWithItsSpreadStaysWithinTheScale) {
  const MeanInterval is = mean_of({1, 0, 2, 3, 4});  // 1 3 3 4 4 4 5 5 5 5
  EXPECT_NEAR(is.mean, 3.9, 1e-12);
  EXPECT_NEAR(is.sd, 1.28668, 1e-5);
  EXPECT_NEAR(is.low, 3.9 - 2.26216 * 1.28668 / std::sqrt(10.0), 1e-3);
  EXPECT_NEAR(is.high, 3.9 + 2.26216 * 1.28668 / std::sqrt(10.0), 1e-3);
  const MeanInterval same = mean_of({0, 0, 0, 0, 9});
  EXPECT_EQ(same.sd, 0);
  EXPECT_EQ(same.high, 5);
  EXPECT_LE(mean_of({1, 0, 0, 0, 5}).high, 5);
}

TEST(SurveyStatistics, QuartilesAreAnswersThatWereGiven) {
  EXPECT_THAT(quartiles_of({1, 0, 2, 3, 4}), ElementsAre(3, 4, 5));
  EXPECT_THAT(quartiles_of({5, 0, 0, 0, 5}), ElementsAre(1, 1, 5));
  EXPECT_THAT(quartiles_of({0, 0, 1, 0, 0}), ElementsAre(3, 3, 3));
}

TEST(SurveyStatistics, WeeksAreThoseOfTheCity) {
  const auto zone = base::TimeZone::load("Asia/Shanghai").value();
  const auto week = [&](const char* text) { return week_of(base::parse_time(text).value(), zone); };
  EXPECT_EQ(week("2026-01-01T00:00:00Z"), "2026-W01");
  EXPECT_EQ(week("2027-01-01T12:00:00Z"), "2026-W53");
  EXPECT_EQ(week("2024-12-30T12:00:00Z"), "2025-W01");
  EXPECT_EQ(week("2026-11-22T15:59:00Z"), "2026-W47");
  EXPECT_EQ(week("2026-11-22T16:00:00Z"), "2026-W48");  // Monday there
  const auto begin = week_begin(base::parse_time("2026-11-21T08:00:00Z").value(), zone);
  EXPECT_EQ(base::format_time(begin), "2026-11-15T16:00:00Z");
  EXPECT_EQ(week_begin(begin, zone), begin);
  EXPECT_EQ(week_end(begin, zone), begin);
  EXPECT_EQ(base::format_time(week_end(begin + std::chrono::seconds(1), zone)), "2026-11-22T16:00:00Z");
}

std::vector<SurveyQuestion> questions() {
  SurveyQuestion scale, choice, text;
  scale.id = "how";
  choice.id = "why";
  choice.type = SurveyQuestion::Type::choice;
  choice.several = true;
  choice.choices = {{"slow", {"慢", "Slow"}}, {"rude", {"不礼貌", "Rude"}}};
  text.id = "say";
  text.type = SurveyQuestion::Type::text;
  return {scale, choice, text};
}

// People of one department who answered; 0: asked and silent.
std::vector<AnsweredAsk> people_of(const std::string& department, std::initializer_list<int> answers) {
  std::vector<AnsweredAsk> out;
  for (const int value : answers) {
    AnsweredAsk one;
    one.is.department = department;
    one.is.state = AskState::asked;
    one.is.asked_at = base::from_us(1'790'000'000'000'000);
    if (value > 0) {
      one.is.answered_at = one.is.asked_at;
      one.answers = {{"how", fmt::format("{}", value)}};
      if (value < 3) one.answers.push_back({"why", "slow"});
    }
    out.push_back(std::move(one));
  }
  return out;
}

JsonValue results(std::initializer_list<std::vector<AnsweredAsk>> groups, SurveyWish wish = {}) {
  static const auto asked = questions();
  static const auto zone = base::TimeZone::utc();
  SurveyStatistics statistics(asked, std::move(wish), zone, 5);
  for (const auto& group : groups) {
    for (const AnsweredAsk& one : group) statistics.add(one);
  }
  base::JsonWriter out;
  statistics.write(out.object(), [](base::JsonWriter&, const std::string&) {});
  return JsonValue::parse(out.end().str()).value();
}

const JsonValue* group(const JsonValue& results, std::string_view key) {
  for (const JsonValue& one : *results.find("groups")->array()) {
    if (one.text_or("key", "") == key) return &one;
  }
  return nullptr;
}

const JsonValue* question(const JsonValue& group, std::string_view id) {
  for (const JsonValue& one : *group.find("questions")->array()) {
    if (one.text_or("id", "") == id) return &one;
  }
  return nullptr;
}

TEST(SurveyStatistics, TheWholeDistributionWithTheSilentOnesTold) {
  const JsonValue is = results({people_of("light", {1, 3, 3, 4, 4, 4, 5, 5, 5, 5, 0, 0, 0, 0, 0})});
  const JsonValue& total = *is.find("total");
  EXPECT_EQ(total.number_or("asked", 0), 15);
  EXPECT_EQ(total.number_or("answered", 0), 10);
  EXPECT_EQ(total.number_or("unanswered", 0), 5);
  EXPECT_NEAR(total.find("responseRate")->number_or("share", 0), 0.6667, 1e-4);
  const JsonValue* how = question(total, "how");
  ASSERT_TRUE(how);
  const auto& values = *how->find("values")->array();
  ASSERT_EQ(values.size(), 5U);
  EXPECT_EQ(values[1].number_or("count", 9), 0);  // an answer that nobody gave is shown as such
  EXPECT_NEAR(values[4].number_or("share", 0), 0.4, 1e-12);
  EXPECT_NEAR(values[4].number_or("low", 0), 0.1682, 1e-4);
  EXPECT_NEAR(how->find("satisfied")->number_or("share", 0), 0.7, 1e-12);
  EXPECT_NEAR(how->find("mean")->number_or("value", 0), 3.9, 1e-9);
  EXPECT_EQ(how->find("quartiles")->array()->at(1).number()[0], 4);
  // Had the silent five all said 1, or 5.
  EXPECT_NEAR(how->find("ifAllAnswered")->number_or("low", 0), (39 + 5) / 15.0, 1e-9);
  EXPECT_NEAR(how->find("ifAllAnswered")->number_or("high", 0), (39 + 25) / 15.0, 1e-9);
}

TEST(SurveyStatistics, TheAnswersOfAFewAreNeverShown) {
  const JsonValue is = results({people_of("big", {1, 2, 3, 4, 5, 5, 5}), people_of("small", {1, 1, 2, 2, 0, 0})});
  ASSERT_TRUE(group(is, "big"));
  ASSERT_TRUE(group(is, "small"));
  EXPECT_FALSE(question(*group(is, "small"), "how"));
  EXPECT_FALSE(group(is, "small")->boolean_or("shown", true));
  EXPECT_EQ(group(is, "small")->number_or("asked", 0), 6);
  // What the total less the big one would tell: four people's answers. So the big one is not shown either.
  EXPECT_FALSE(question(*group(is, "big"), "how"));
  EXPECT_TRUE(question(*is.find("total"), "how"));
}

TEST(SurveyStatistics, WhereThoseNotShownAreManyTheOthersAre) {
  const JsonValue is = results({people_of("big", {1, 2, 3, 4, 5, 5, 5}), people_of("a", {1, 1, 2, 0, 0}),
                                people_of("b", {5, 5, 0, 0, 0}), people_of("few", {3})});
  EXPECT_TRUE(question(*group(is, "big"), "how"));
  EXPECT_FALSE(question(*group(is, "a"), "how"));
  EXPECT_FALSE(group(is, "few"));  // who was asked there is only summed up
  EXPECT_EQ(is.find("hidden")->number_or("groups", 0), 1);
  EXPECT_EQ(is.find("hidden")->number_or("asked", 0), 1);
}

TEST(SurveyStatistics, AQuestionThatFewAnsweredIsNotShownEvenWhereTheSurveyIs) {
  const JsonValue is = results({people_of("big", {1, 1, 3, 4, 5, 5, 5})});
  EXPECT_TRUE(question(*is.find("total"), "how"));
  EXPECT_FALSE(question(*is.find("total"), "why"));  // two of them said why
  EXPECT_FALSE(question(*group(is, "big"), "why"));
}

TEST(SurveyStatistics, TotalOfAFewSaysNothingButHowMany) {
  const JsonValue is = results({people_of("small", {1, 2, 3, 4})});
  EXPECT_EQ(is.find("total")->number_or("answered", 0), 4);
  EXPECT_TRUE(is.find("total")->find("questions")->array()->empty());
  EXPECT_TRUE(is.find("groups")->array()->empty());
}

TEST(SurveyStatistics, WhoWasNotAskedIsCountedByTheReason) {
  std::vector<AnsweredAsk> out;
  for (const AskState state : {AskState::not_drawn, AskState::not_drawn, AskState::unreachable, AskState::asked_lately,
                               AskState::overtaken, AskState::waiting}) {
    AnsweredAsk one;
    one.is.state = state;
    out.push_back(std::move(one));
  }
  const JsonValue is = results({std::move(out), people_of("", {0, 0})});
  const JsonValue& total = *is.find("total");
  EXPECT_EQ(total.number_or("eligible", 0), 8);
  EXPECT_EQ(total.number_or("asked", 0), 2);
  EXPECT_EQ(total.number_or("waiting", 0), 1);
  EXPECT_EQ(total.find("notAsked")->number_or("notDrawn", 0), 2);
  EXPECT_EQ(total.find("notAsked")->number_or("unreachable", 0), 1);
}

TEST(SurveyStatistics, OnlyWhatIsWishedForIsCounted) {
  SurveyWish wish;
  wish.department = "a";
  wish.by = "kind";
  const JsonValue is = results({people_of("a", {1, 2, 3, 4, 5}), people_of("b", {1, 2, 3, 4, 5})}, wish);
  EXPECT_EQ(is.find("total")->number_or("answered", 0), 5);
  wish.from = base::from_us(1'790'000'000'000'001);
  EXPECT_EQ(results({people_of("a", {1, 2, 3})}, wish).find("total")->number_or("asked", 9), 0);
}

}  // namespace
}  // namespace cityloop::civic
