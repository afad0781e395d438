#include "base/config.h"

#include <gmock/gmock.h>

namespace cityloop::base {
namespace {

TEST(Config, TellsEveryMistakeWithItsLine) {
  auto config = Config::parse("name = 5\nlimit = \"high\"\nhold = \"soon\"\nlimt = 3\nid = \"\"\n", "rules/water.toml");
  ASSERT_TRUE(config);
  ConfigTable root = config->root();
  root.text("name");
  root.number("limit");
  root.duration("hold");
  root.text("missing");
  root.text("id");
  std::vector<std::string> told;
  for (const auto& mistake : config->mistakes()) told.push_back(fmt::format("{}: {}", mistake.line, mistake.reason));
  EXPECT_THAT(told, testing::UnorderedElementsAre("1: 'name' must be a text in quotes", "2: 'limit' must be a number",
                                                  testing::HasSubstr("3: 'hold': 'soon' is not a duration"),
                                                  "4: 'limt' is not known here", "1: 'missing' is missing",
                                                  "5: 'id' is empty"));
  EXPECT_THAT(config->check().error().message, testing::HasSubstr("rules/water.toml:4: 'limt' is not known here"));
}

TEST(Config, ReadsNestedTablesAndPassesValuesOn) {
  auto config = Config::parse("[[rule]]\nid = \"a\"\n[rule.response]\ncase = \"x\"\nvalue = [1, true, \"t\"]\n", "f");
  ASSERT_TRUE(config);
  auto rules = config->root().tables("rule");
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0].text("id"), "a");
  EXPECT_EQ(rules[0].json("response"), R"({"case":"x","value":[1,true,"t"]})");
  EXPECT_TRUE(config->check()) << config->check().error().message;
}

TEST(Config, ASyntaxErrorNamesItsLine) {
  const auto config = Config::parse("a = 1\nb = = 2\n", "city.toml");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, testing::StartsWith("city.toml:2:"));
}

}  // namespace
}  // namespace cityloop::base
