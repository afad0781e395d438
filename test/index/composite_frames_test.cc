// The frames that are shipped, each from its file and a table to what people read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json_value.h"
#include "base/rng.h"
#include "index/composite/maturity.h"
#include "index/composite/run.h"
#include "index/composite/survey.h"

namespace cityloop::index {
namespace {

using testing::HasSubstr;

std::string shipped(const std::string& name) {
  return base::read_file("src/index/frames/" + name + ".toml").value();
}

const OutputFile& file_called(const RunResult& result, std::string_view name) {
  for (const OutputFile& file : result.files) {
    if (file.name == name) return file;
  }
  throw std::runtime_error(std::string(name));
}

// Cities of three kinds, by what `level` they have; every number goes the better way with it.
std::string cities(const Frame& frame, std::size_t n, std::uint64_t seed) {
  base::Rng rng(seed);
  std::string out = template_of({"f", shipped("super_smart_city")}).value();
  const auto columns = csv_rows(out)[0].cells;
  for (std::size_t u = 0; u < n; ++u) {
    const double level = u % 3 == 0 ? 0.9 : u % 3 == 1 ? 0.55 : 0.2;
    std::string row = fmt::format("c{},城{},City {},2025,{}", u, u, u, u % 2 ? "east" : "west");
    for (std::size_t c = 5; c < columns.size(); ++c) {
      const bool denominator = columns[c] == "population" || columns[c] == "gdp";
      row += denominator          ? ",100"
             : rng.below(40) == 0 ? ",NA"
                                  : fmt::format(",{:.4f}", 100 * level + rng.uniform(0, 15));
    }
    out += row + '\n';
  }
  EXPECT_EQ(columns.size(), 5 + frame.indicators.size() - 1 + frame.denominators.size());
  return out;
}

TEST(CompositeFrames, TheSuperSmartCityHasItsDimensionsIndicatorsAndTiers) {
  const auto frame = read_frame(shipped("super_smart_city"), "super_smart_city.toml");
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->nodes[frame->root].children.size(), 4U);
  const auto below = [&](const char* code) { return frame->nodes[frame->node(code)].children.size(); };
  EXPECT_EQ(below("strategy"), 5U);
  EXPECT_EQ(below("technology"), 5U);
  EXPECT_EQ(below("sustainability"), 3U);
  EXPECT_EQ(below("innovation"), 7U);
  for (const Node& node : frame->nodes) EXPECT_TRUE(!node.name.zh.empty() && !node.name.en.empty()) << node.code;
  ASSERT_EQ(frame->tiers.size(), 3U);
  EXPECT_EQ(frame->tiers[0].name.zh, "领军");
}

TEST(CompositeFrames, CitiesOfThreeKindsFallIntoTheThreeTiers) {
  const auto frame = read_frame(shipped("super_smart_city"), "f").value();
  const std::string data = cities(frame, 24, 4);
  RunOptions options;
  options.samples = 64, options.what_if = "c1", options.ranks = 2;
  const auto result = run_frame({"f", shipped("super_smart_city")}, {"cities.csv", data}, options);
  ASSERT_TRUE(result) << result.error().message;
  const auto reading = read_table(data, "cities.csv", frame.titles()).value();
  const auto report = compute(frame, reading.table).value();
  for (std::size_t u = 0; u < report.units.size(); ++u) EXPECT_EQ(report.tiers[u], u % 3) << report.units[u].code;
  EXPECT_GT(report.imputed_cells, 0U);
  const std::string& json = file_called(*result, "report.json").content;
  EXPECT_TRUE(base::JsonValue::parse(json));
  for (const char* part : {"\"radar\"", "\"ranking\"", "\"low\"", "\"tiers\"", "\"contributions\"", "\"scatter\"",
                           "\"sensitivity\"", "\"what_if\"", "\"consistency\""})
    EXPECT_THAT(json, HasSubstr(part));
  EXPECT_THAT(file_called(*result, "scores.csv").content, HasSubstr("super_smart_city"));
  EXPECT_THAT(result->summary, HasSubstr("confirmed by computing all anew"));
}

TEST(CompositeFrames, DamagedFramesAndTablesAreAnsweredWithAResultOrAReason) {
  const auto frame = read_frame(shipped("super_smart_city"), "f").value();
  const std::string good_frame = shipped("super_smart_city"), good_data = cities(frame, 6, 4);
  base::Rng rng(17);
  const auto damage = [&](std::string text) {
    for (std::uint64_t n = 1 + rng.below(4); n > 0; --n) {
      const std::size_t at = rng.below(text.size());
      if (rng.below(3) == 0) text.erase(at, 1 + rng.below(30));
      else if (rng.below(2) == 0) text.insert(at, std::string(1, "\",\n\r=[]-09e\0"[rng.below(12)]));
      else text[at] = char(rng.below(256));
    }
    return text;
  };
  RunOptions options;
  options.samples = 2;
  std::size_t answered = 0;
  for (int round = 0; round < 60; ++round) {
    const auto table = run_frame({"f", good_frame}, {"d.csv", damage(good_data)}, options);
    const auto other = run_frame({"f", damage(good_frame)}, {"d.csv", good_data}, options);
    answered += table ? 1 : 0;
    if (!table) EXPECT_FALSE(table.error().message.empty());
    if (!other) EXPECT_FALSE(other.error().message.empty());
    if (table) EXPECT_TRUE(base::JsonValue::parse(table->files.back().content));
  }
  EXPECT_GT(answered, 30U);
}

TEST(CompositeFrames, OpenFramesSayThatTheirWeightsAreOpen) {
  for (const char* name : {"gbt_33356_2022", "iso_37120_2018"}) {
    const auto frame = read_frame(shipped(name), name);
    ASSERT_TRUE(frame) << frame.error().message;
    EXPECT_EQ(frame->nodes[frame->root].children.size(), std::string_view(name).starts_with("gbt") ? 9U : 19U);
    std::string data = template_of({name, shipped(name)}).value();
    const std::size_t columns = csv_rows(data)[0].cells.size();
    for (std::size_t u = 0; u < 5; ++u) {
      data += fmt::format("c{},城,City,2025", u);
      for (std::size_t c = 4; c < columns; ++c) data += fmt::format(",{}", (u * 7 + c * 3) % 11);
      data += '\n';
    }
    const auto refused = run_frame({name, shipped(name)}, {"d.csv", data});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("weights of"));
    RunOptions options;
    options.weights = "equal";
    EXPECT_TRUE(run_frame({name, shipped(name)}, {"d.csv", data}, options));
  }
}

class CompositeMaturity : public testing::Test {
 protected:
  Maturity model_ = read_maturity(shipped("maturity"), "maturity.toml").value();
  // Every criterion of `capability` up to `stage` met with evidence.
  std::string answers(const std::string& capability, std::size_t stage) const {
    std::string out;
    for (const Capability& c : model_.capabilities) {
      for (const Criterion& criterion : c.criteria) {
        if (c.id == capability && criterion.stage <= stage) out += fmt::format("{},yes,doc.pdf\n", criterion.id);
      }
    }
    return out;
  }
};

TEST_F(CompositeMaturity, EightCapabilitiesInFourStagesEachWithCriteriaEvidenceAndSteps) {
  EXPECT_EQ(model_.stages.size(), 4U);
  ASSERT_EQ(model_.capabilities.size(), 8U);
  for (const Capability& capability : model_.capabilities) {
    EXPECT_EQ(capability.criteria.size(), 6U) << capability.id;
    EXPECT_EQ(capability.steps.size(), 6U) << capability.id;
    for (const Criterion& criterion : capability.criteria)
      EXPECT_TRUE(!criterion.text.zh.empty() && !criterion.text.en.empty() && !criterion.evidence.en.empty());
  }
}

TEST_F(CompositeMaturity, AStageIsReachedWithEvidenceAndIsNotSkipped) {
  const std::string data = "criterion,met,evidence\n" + answers("data", 2) + answers("strategy", 1) +
                           "security_plan_1,yes,\n" + "security_transform_1,yes,doc.pdf\n" +
                           "openness_plan_1,partly,x\n" + "openness_plan_2,sometimes,x\n" + "no_such,yes,x\n";
  const auto read = read_answers(model_, data, "answers.csv");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->flaws.size(), 2U);
  EXPECT_THAT(read->flaws[0].reason, HasSubstr("none of yes, partly, no"));
  const MaturityStanding told = assess(model_, *read);
  const auto of = [&](std::string_view id) {
    for (std::size_t c = 0; c < model_.capabilities.size(); ++c) {
      if (model_.capabilities[c].id == id) return told.capabilities[c];
    }
    return CapabilityStanding{};
  };
  EXPECT_EQ(of("data").stage, 2U);
  EXPECT_EQ(of("data").missing.size(), 2U);
  EXPECT_EQ(of("strategy").stage, 1U);
  EXPECT_EQ(of("strategy").steps.size(), 2U);
  EXPECT_EQ(of("security").stage, 0U);
  EXPECT_EQ(of("security").missing[0].why, Lack::no_evidence);
  EXPECT_EQ(of("security").missing[1].why, Lack::unanswered);
  EXPECT_EQ(of("security").ahead.size(), 1U);
  EXPECT_DOUBLE_EQ(of("openness").progress, 0.25);
  EXPECT_EQ(told.overall, 0U);
  EXPECT_EQ(model_.capabilities[told.first.front()].id, "openness");
}

TEST_F(CompositeMaturity, TheFormThatIsGivenOutCanBeHandedInAndIsUnanswered) {
  const auto form = template_of({"m", shipped("maturity")});
  ASSERT_TRUE(form);
  const auto result = run_frame({"m", shipped("maturity")}, {"answers.csv", *form});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->flaws.empty());
  const std::string& json = file_called(*result, "report.json").content;
  EXPECT_THAT(json, HasSubstr("unanswered"));
  EXPECT_TRUE(base::JsonValue::parse(json));
}

// People of four kinds; happiness is made of belonging and connection, and of nothing else.
std::string answers_of(const Survey& survey, std::size_t people, std::uint64_t seed) {
  base::Rng rng(seed);
  std::string out = template_of({"s", shipped("people_feelings")}).value();
  for (std::size_t p = 0; p < people; ++p) {
    std::vector<double> feelings;
    for (std::size_t f = 0; f < 6; ++f)
      feelings.push_back((p % 4 == 0 || p % 4 == 1 + f / 2 ? 4.2 : 2) + 0.4 * rng.normal());
    feelings.push_back(0.7 * feelings[2] + 0.3 * feelings[1] + 0.1 * rng.normal());
    out += fmt::format("p{},{},adult,local", p, p < 3 ? "small" : p % 2 ? "north" : "south");
    for (const Question& question : survey.questions) {
      const double answer = std::clamp(std::round(feelings[question.feeling] + 0.3 * rng.normal()), 1.0, 5.0);
      out += fmt::format(",{}", question.reversed ? 6 - answer : answer);
    }
    out += '\n';
  }
  return out;
}

TEST(CompositeSurvey, SixFeelingsFourPersonasAndWhatGoesWithHappiness) {
  const auto survey = read_survey(shipped("people_feelings"), "people_feelings.toml");
  ASSERT_TRUE(survey) << survey.error().message;
  ASSERT_EQ(survey->feelings.size(), 6U);
  std::string data = answers_of(*survey, 400, 6);
  data += "odd,north,adult,local,9" + std::string(19, ',') + "\n";
  const auto reading = read_table(data, "answers.csv", survey->titles()).value();
  const auto report = evaluate(*survey, reading.table);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->people, 401U);
  ASSERT_EQ(report->flaws.size(), 1U);
  EXPECT_THAT(report->flaws[0].reason, HasSubstr("off the scale"));
  ASSERT_EQ(report->personas.size(), 4U);
  for (const Persona& persona : report->personas) EXPECT_NEAR(double(persona.people), 100, 3);
  ASSERT_TRUE(report->relation);
  EXPECT_GT(report->relation->of[2].low, 0.4);
  EXPECT_GT(report->relation->of[1].low, 0);
  for (const std::size_t none : {0U, 3U, 4U, 5U}) EXPECT_LT(std::abs(report->relation->of[none].standardised), 0.15);
  EXPECT_GT(report->relation->r_squared, 0.8);
  for (const FeelingResult& told : report->results) EXPECT_GT(told.alpha, 0.7);
  for (const GroupResult& group : report->groups) {
    if (group.value == "small") EXPECT_TRUE(group.feelings.empty());
    if (group.value == "north") EXPECT_EQ(group.feelings.size(), 6U);
  }
}

// Four points, by hand.
TEST(CompositeRegression, AsByHand) {
  const std::vector<double> x{0, 1, 2, 3}, y{1, 3.5, 4.5, 7};
  const auto told = regress({std::span<const double>(x)}, y);
  ASSERT_TRUE(told);
  EXPECT_NEAR(told->of[0].value, 1.9, 1e-12);
  EXPECT_NEAR(told->intercept.value, 1.15, 1e-12);
  EXPECT_NEAR(told->of[0].standard_error, std::sqrt(0.45 / 2 / 5), 1e-12);
  EXPECT_NEAR(told->of[0].inflation, 1, 1e-9);
  const std::vector<double> same{0, 2, 4, 6};
  EXPECT_FALSE(regress({std::span<const double>(x), std::span<const double>(same)}, y));
  EXPECT_FALSE(regress({std::span<const double>(x)}, std::vector<double>{1, 2, kMissing, kMissing}));
}

}  // namespace
}  // namespace cityloop::index
