// The rules of the demo cities are right, and each kind of case that they ask for exists.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/config.h"
#include "decide/rule/explain.h"
#include "decide/rule/rule_book.h"

namespace cityloop::decide {
namespace {

std::set<std::string> case_kinds(const std::string& folder) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    auto file = base::Config::load(entry.path().string());
    if (!file) continue;
    for (base::ConfigTable& one : file->root().tables("case")) out.insert(one.text("id"));
  }
  return out;
}

TEST(DemoRules, LoadWithoutMistakesAndNameCasesThatExist) {
  for (const std::string city : {"aarhus", "district"}) {
    const RuleBookLoad load = RuleBook::load("demo/" + city + "/rules");
    ASSERT_TRUE(load.book) << load.message();
    EXPECT_GE(load.book->rules().size(), 8u);
    const auto cases = case_kinds("demo/" + city + "/casework");
    for (const Rule& rule : load.book->rules()) {
      if (rule.response) EXPECT_TRUE(cases.contains(rule.response->kind)) << city << " " << rule.id;
      EXPECT_FALSE(explain(rule).zh.empty());
      EXPECT_FALSE(explain(rule).en.empty());
    }
  }
}

}  // namespace
}  // namespace cityloop::decide
