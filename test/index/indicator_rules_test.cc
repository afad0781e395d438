#include "indicator_city.h"

namespace cityloop::index {
namespace {

TEST(Formula, ReckonsAsOneReads) {
  const auto of = [](std::string_view text, std::vector<double> inputs = {}) {
    const auto formula = Formula::parse(text);
    EXPECT_TRUE(formula) << formula.error().message;
    return formula->evaluate([&](std::size_t at) { return inputs.at(at); });
  };
  EXPECT_DOUBLE_EQ(of("1 + 2 * 3 - 4 / 2"), 5);
  EXPECT_DOUBLE_EQ(of("-(1 + 2) * -2"), 6);
  EXPECT_DOUBLE_EQ(of("100 * a / (a + b)", {1, 3}), 25);
  EXPECT_DOUBLE_EQ(of("a - a@city", {1, 3}), -2) << "another input";
  EXPECT_DOUBLE_EQ(of("per_1000(a)", {8, 4000}), 2);
  EXPECT_DOUBLE_EQ(of("weighted(a, 2, b, 1)", {3, 9}), 5);
  EXPECT_DOUBLE_EQ(of("min(3, max(1, 2), 4)"), 2);
  EXPECT_TRUE(std::isnan(of("a / b", {1, 0}))) << "nothing is the same as nothing by nothing";
  EXPECT_TRUE(std::isnan(of("0 * a", {NAN}))) << "what is missing is not zero";
  EXPECT_TRUE(std::isnan(of("min(a, 1)", {NAN})));
}

TEST(Formula, SaysWhereItIsWrong) {
  for (const auto& [text, place] : std::vector<std::pair<std::string, std::string>>{{"1 +", "character 4"},
                                                                                    {"(1", "character 3"},
                                                                                    {"a b", "character 3"},
                                                                                    {"a@west", "character 7"},
                                                                                    {"1 ~ 2", "character 3"},
                                                                                    {"", "character 1"}}) {
    const auto formula = Formula::parse(text);
    ASSERT_FALSE(formula) << text;
    EXPECT_NE(formula.error().message.find(place), std::string::npos) << text << ": " << formula.error().message;
  }
  EXPECT_FALSE(Formula::parse("sin(1)"));
  EXPECT_FALSE(Formula::parse("weighted(1, 2, 3)"));
  EXPECT_FALSE(Formula::parse(std::string(80, '(') + "1" + std::string(80, ')')));
}

TEST(IndicatorRules, EveryMistakeIsToldWithItsLine) {
  const std::string toml =
      "domain = \"d\"\n"
      "[[indicator]]\n"                                // 2
      "id = \"Bad Id\"\n"                              // 3
      "name = { zh = \"名\", en = \"n\" }\n"           // 4
      "period = \"fortnight\"\n"                       // 5
      "twin = { measure = \"meen\", type = \"X\" }\n"  // 6
      "[[indicator]]\n"                                // 7
      "id = \"two\"\n"                                 // 8
      "name = \"n\"\n"                                 // 9
      "direction = \"band\"\n"                         // 10
      "target = [3, 1]\n"                              // 11
      "formula = \"a +\"\n"                            // 12
      "threshold = [{ level = \"dire\", above = 1, meaning = { zh = \"\", en = \"\" } }]\n"
      "[[indicator]]\n"  // 14
      "id = \"two\"\n"   // 15
      "name = { zh = \"名\", en = \"n\" }\n"
      "twin = { measure = \"share\", type = \"X\", holds = \"a>\" }\n"  // 17
      "colour = \"red\"\n";                                             // 18
  const auto rules = IndicatorRules::parse({{"a.toml", toml}}, three_areas(), "city");
  ASSERT_FALSE(rules);
  const std::string& told = rules.error().message;
  for (const char* const line :
       {":3: an id", ":5: 'fortnight'", ":6: 'meen'", ":9: 'name'", ":11: the target", ":12: at character",
        ":13: 'dire'", ":15: 'two' is declared already: city/indicators/a.toml:7", ":17: ", ":18: "})
    EXPECT_NE(told.find(std::string("city/indicators/a.toml") + line), std::string::npos) << line << "\n" << told;
}

TEST(IndicatorRules, FormulasComeAfterWhatTheyNeedAndNeverGoRound) {
  const auto rules = rules_of(declare("a", "formula = \"b + c\"") + declare("b", "formula = \"c * 2\"") +
                              declare("c", "twin = { measure = \"count\", type = \"X\" }"));
  const auto& order = rules->formula_order();
  ASSERT_EQ(order.size(), 2u);
  EXPECT_EQ(rules->indicators()[order[0]].id, "b");
  EXPECT_EQ(rules->indicators()[order[1]].id, "a");
  const auto round = IndicatorRules::parse(
      {{"a.toml", declare("a", "formula = \"b\"") + declare("b", "formula = \"c\"") + declare("c", "formula = \"a\"")}},
      three_areas());
  ASSERT_FALSE(round);
  EXPECT_NE(round.error().message.find("a → b → c → a"), std::string::npos) << round.error().message;
  const auto unknown = IndicatorRules::parse({{"a.toml", declare("a", "formula = \"nobody\"")}}, three_areas());
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("'nobody'"), std::string::npos);
}

TEST(IndicatorRules, TravelThroughTheLogAsOneVersion) {
  const std::string toml =
      declare("a",
              "twin = { measure = \"mean\", type = \"X\", attribute = \"v\" }\nthreshold = [{ level = "
              "\"alarm\", above = 3, meaning = { zh = \"高\", en = \"high\" } }]");
  const auto rules = rules_of(toml);
  const auto back = IndicatorRules::from_entity(flow::entity_of(rules->to_write(base::from_ms(1))));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ((*back)->version(), rules->version());
  EXPECT_EQ((*back)->areas().size(), 1 + 3 + 2u);
  EXPECT_EQ((*back)->areas()[1].key(), "area:west");
  EXPECT_NEAR((*back)->areas()[1].area_km2, 1.2364, 1e-3);
  EXPECT_EQ((*back)->find("a")->threshold_at(3)->meaning.zh, "高");
  EXPECT_EQ((*back)->find("a")->threshold_at(2.9), nullptr);
  base::ByteWriter out;
  rules->save(out);
  base::ByteReader in(out.view());
  EXPECT_EQ((*IndicatorRules::load(in))->version(), rules->version());
  EXPECT_NE(rules_of(toml + "\n")->version(), rules->version());
}

TEST(Declaration, SaysHowFarFromItsTarget) {
  Declaration one;
  EXPECT_FALSE(one.miss(3));
  one.target = 10;
  one.direction = Better::lower;
  EXPECT_DOUBLE_EQ(*one.miss(12), 0.2);
  EXPECT_DOUBLE_EQ(*one.miss(9), 0);
  one.direction = Better::higher;
  EXPECT_DOUBLE_EQ(*one.miss(8), 0.2);
  one.direction = Better::band;
  one.target_to = 20;
  EXPECT_DOUBLE_EQ(*one.miss(25), 0.25);
  EXPECT_DOUBLE_EQ(*one.miss(15), 0);
}

TEST(Declaration, RoundsToFourDigitsOrAsItSays) {
  EXPECT_EQ(rounded(123456, -1), 123500);
  EXPECT_EQ(rounded(0.00123456, -1), 0.001235);
  EXPECT_EQ(rounded(-2.34567, 1), -2.3);
  EXPECT_EQ(rounded(-0.01, 1), 0);
  EXPECT_TRUE(std::isnan(rounded(NAN, -1)));
}

TEST(Sketch, IsWithinItsErrorAndForgetsWithoutATrace) {
  Sketch whole, half, parts;
  std::vector<double> values;
  std::uint64_t state = 7;
  for (int i = 0; i < 2000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    values.push_back(std::exp(double(state >> 40) / double(1 << 22)) - 5);
  }
  for (std::size_t i = 0; i < values.size(); ++i) whole.add(values[i]), (i % 2 ? half : parts).add(values[i]);
  parts.merge(half);
  EXPECT_EQ(parts, whole) << "in whatever order";
  std::ranges::sort(values);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.99}) {
    const double exact = values[std::size_t(q * double(values.size() - 1))];
    EXPECT_NEAR(*whole.quantile(q), exact, std::abs(exact) * kSketchError * 1.0001) << q;
  }
  base::ByteWriter out;
  whole.save(out);
  base::ByteReader in(out.view());
  Sketch back;
  back.load(in);
  EXPECT_EQ(back, whole);
  for (const double value : values) back.remove(value);
  EXPECT_EQ(back, Sketch{});
  EXPECT_FALSE(back.quantile(0.5));
}

TEST(Period, CalendarsFollowTheCitysZone) {
  const auto zone = *base::TimeZone::load("Asia/Shanghai");
  const auto at = *base::parse_time("2026-03-01T17:30:00Z");  // the second of March, half past one, a Monday
  const auto of = [&](Span span) {
    const auto [from, to] = calendar_period(span, at, zone);
    return base::format_time(from) + " " + base::format_time(to);
  };
  EXPECT_EQ(of(Span::hour), "2026-03-01T17:00:00Z 2026-03-01T18:00:00Z");
  EXPECT_EQ(of(Span::day), "2026-03-01T16:00:00Z 2026-03-02T16:00:00Z");
  EXPECT_EQ(of(Span::week), "2026-03-01T16:00:00Z 2026-03-08T16:00:00Z");
  EXPECT_EQ(of(Span::month), "2026-02-28T16:00:00Z 2026-03-31T16:00:00Z");
  EXPECT_EQ(of(Span::quarter), "2025-12-31T16:00:00Z 2026-03-31T16:00:00Z");
  EXPECT_EQ(of(Span::year), "2025-12-31T16:00:00Z 2026-12-31T16:00:00Z");
}

}  // namespace
}  // namespace cityloop::index
