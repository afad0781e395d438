// A plan (预案): what a kind of case brings with it when it opens: a checklist, whom to call, which resources stand
// ready, and commands that run once somebody has approved them.
//
//   casework/plans.toml ─▶ [Plan] ─▶ CaseRules ─▶ CaseLoop
//
//   [[plan]]
//   id = "flood"
//   name = { zh = "积水应急预案", en = "Flood plan" }
//   kinds = ["flooding"]
//   severity = "severe"           # from this severity on; left out: any
//   [[plan.check]]
//   id = "barrier"
//   text = { zh = "…", en = "…" }
//   [[plan.call]]
//   name = { zh = "…", en = "…" }
//   phone = "12345"
//   [[plan.resource]]
//   name = { zh = "…", en = "…" }
//   amount = 2
//   place = { zh = "…", en = "…" }  # left out: none
//   [[plan.command]]              # waits as a request of the kind "plan_command", which the workflow must know
//   device = "urn:ngsi-ld:Device:sign-1"
//   name = "message"
//   value = "…"
//   why = { zh = "…", en = "…" }
#pragma once

#include <string>
#include <vector>

#include "base/config.h"
#include "flow/case.h"

namespace cityloop::casework {

struct Plan {
  struct Call {
    flow::Bilingual name;
    std::string phone;
  };
  struct Resource {
    flow::Bilingual name, place;
    double amount{1};
  };
  struct PlanCommand {
    std::string device, name, value;  // value: JSON
    flow::Bilingual why;
    std::string given() const;  // as a request carries it
  };
  std::string id;
  flow::Bilingual name;
  std::vector<std::string> kinds;
  flow::Severity severity{flow::Severity::minor};
  std::vector<flow::CheckItem> checks;
  std::vector<Call> calls;
  std::vector<Resource> resources;
  std::vector<PlanCommand> commands;
};

// The request by which a plan's commands are approved.
inline constexpr std::string_view kPlanCommand = "plan_command";

Plan read_plan(base::ConfigTable&);

}  // namespace cityloop::casework
