// The shipped workflow with kinds of the test's own, and people with roles by their names.
#pragma once

#include <gtest/gtest.h>

#include "base/file.h"
#include "casework/case_rules.h"
#include "flow/action.h"

namespace cityloop::test {

inline std::string shipped_workflow() {
  return base::read_file("demo/district/casework/workflow.toml").value();
}

inline casework::CaseRulesPtr city_rules(const std::string& kinds, flow::RuleFiles more = {}) {
  flow::RuleFiles files{{"cases.toml", kinds}, {"workflow.toml", shipped_workflow()}};
  for (auto& file : more) files.push_back(std::move(file));
  auto rules = casework::CaseRules::parse(std::move(files), {});
  EXPECT_TRUE(rules) << rules.error().message;
  return rules ? *rules : nullptr;
}

// user:op… operates, user:boss… supervises, user:worker… works in the department that has the case, user:WORKER@DEPT in
// that one; anybody else is a citizen.
inline void dress(flow::Action& action, const flow::EntityPtr& target) {
  const std::string_view by = action.by;
  const std::size_t at = by.find('@');
  if (by.starts_with("user:op")) action.roles = {"operator"};
  else if (by.starts_with("user:boss")) action.roles = {"supervisor"};
  else if (by.starts_with("user:worker")) action.roles = {"worker"};
  if (at != by.npos) action.department = by.substr(at + 1);
  else if (by.starts_with("user:worker") && target) action.department = target->text(flow::Name("department"));
}

}  // namespace cityloop::test
