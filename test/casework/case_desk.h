// A loop of cases in a small city, and the hands of everybody who deals with it: sensors, devices, people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "casework/case_loop.h"
#include "flow/noun.h"
#include "test/casework/city_rules.h"
#include "test/casework/small_city.h"

namespace cityloop::test {

using casework::CaseLoop;
using flow::Action;
using flow::CommandStatus;
using flow::Finding;
using flow::FindingStatus;
using flow::kNever;

inline std::unique_ptr<CaseLoop> make_case_loop() {
  casework::CaseLoopOptions options;
  options.area_of = [](std::string_view geojson) { return geojson.find("120") != geojson.npos ? "north" : ""; };
  return std::make_unique<CaseLoop>(std::move(options));
}

class CaseDesk {
 public:
  explicit CaseDesk(const std::string& kinds, flow::RuleFiles more = {}) {
    city.write({city_rules(kinds, std::move(more))->to_write(kStart)}, "app");
  }

  SmallCity<CaseLoop> city{make_case_loop};
  int actions{0};

  Finding open_finding(std::string response, std::string about = "u1", std::string rule = "deep") {
    Finding finding;
    finding.id = EntityId(fmt::format("urn:ngsi-ld:Finding:{}:{}:{}", rule, about, base::to_ms(city.now())));
    finding.rule = rule;
    finding.about = EntityId("urn:ngsi-ld:WaterObserved:" + about);
    finding.title = {"水深", "deep"};
    finding.severity = flow::Severity::severe;
    finding.opened_at = city.now();
    finding.why = R"({"values":[]})";
    finding.location = R"({"type":"Point","coordinates":[120,30]})";
    finding.response = std::move(response);
    city.write({to_write(finding)}, "loop:rules");
    return finding;
  }
  void set_status(Finding& finding, FindingStatus status) {
    finding.status = status;
    finding.cleared_at = status == FindingStatus::cleared ? city.now() : kNever;
    city.write({to_write(finding)}, "loop:rules");
  }
  void clear(Finding& finding) { set_status(finding, FindingStatus::cleared); }

  Action act(EntityId target, std::string verb, std::string by, std::string note = "", std::string fields = "") {
    Action action;
    action.id = EntityId(fmt::format("urn:ngsi-ld:Action:{}", ++actions));
    action.target = target;
    action.verb = std::move(verb);
    action.by = by;
    action.note = std::move(note);
    action.fields = std::move(fields);
    action.at = city.now();
    dress(action, city.get(target));
    city.write({to_write(action)}, by);
    return flow::action_from(*city.get(action.id)).value();
  }
  void command_becomes(EntityId id, CommandStatus status, std::string reason = "") {
    flow::Command command = flow::command_from(*city.get(id)).value();
    command.status = status;
    command.reason = std::move(reason);
    city.write({to_write(command)}, "loop:act");
  }
  flow::Case only_case() {
    const auto cases = city.all("Case");
    EXPECT_EQ(cases.size(), 1u);
    return cases.empty() ? flow::Case{} : flow::case_from(*cases.front()).value();
  }
  flow::Case get_case(EntityId id) { return flow::case_from(*city.get(id)).value(); }
  std::vector<std::string> path() {
    std::vector<std::string> out;
    for (const flow::CaseStep& step : only_case().timeline) {
      if (step.verb != "note") out.push_back(fmt::format("{} {} {}", step.by, step.verb, step.to));
    }
    return out;
  }
  bool has_code(std::string_view code) {
    for (const flow::CaseStep& step : only_case().timeline) {
      if (step.code == code) return true;
    }
    return false;
  }
};

}  // namespace cityloop::test
