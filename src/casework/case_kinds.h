// What each kind of case is: by which workflow it runs, who handles it, in what time, and what its workflow asks about
// it.
//
//   casework/*.toml ─▶ [CaseKind] ─▶ CaseRules ─▶ CaseLoop
//
//   [[case]]
//   id = "flooding"
//   name = { zh = "积水", en = "Flooding" }
//   workflow = "city"             # left out: the only one there is
//   department = "water"          # may be overruled by the rule's response
//   calendar = "office"           # in which deadlines count; left out: "always", day and night
//   category = "0102"             # of categories.csv; left out: none
//   verify_hold = "10m"           # how long the finding must stay cleared
//   escalate_to = "supervisor"    # role or department told when a deadline is missed or a device fails
//   commands_max = 3              # how often a case may ask its device, first time included
//   command_on_close = false      # the value that the device is asked to take when the case ends; left out: none
//   on_open = { zh = "…", en = "…" }   # note on the first line of the timeline
//   storm = { from = 20, within = "10m", radius_m = 2000, clear_share = 0.9 }   # so many findings of one rule, in such
//                                 # a time and place, are one case; left out: never. Without radius_m in the whole city
//   accept_within = "5m"          # and every other key that the workflow's deadlines name ("4h", or "5wd": working
//                                 # days); left out: no such deadline
//   auto_dispatch = true          # and every [[option]] of the workflow
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "casework/storm.h"
#include "casework/workflow.h"

namespace cityloop::casework {

struct CaseKind {
  std::string id;
  flow::Bilingual name;
  std::string workflow;
  std::string department;
  std::string calendar{WorkCalendar::kAlways};
  std::string category;
  Duration verify_hold{};
  std::string escalate_to;
  std::uint32_t commands_max{3};
  std::string command_on_close;  // JSON; empty for none
  flow::Bilingual on_open;
  StormSpec storm;  // from when on many findings of one rule are one case; a rule's response may say otherwise
  std::map<std::string, Limit> limits;         // by key: "close_within"
  std::map<std::string, std::string> options;  // what it says; otherwise the workflow's default holds

  const std::string& option(const Workflow&, const std::string& id) const;
};

// The places of a city that a kind may name; empty lists are not checked.
struct KindContext {
  const std::vector<Workflow>& workflows;
  const WorkCalendars& calendars;
  const std::vector<std::string>& departments;
};

CaseKind read_kind(base::ConfigTable&, const KindContext&);

// For a finding that names a kind nobody declared: taken up all the same, and left to people.
CaseKind unknown_kind(const std::string& id, const Workflow&);

}  // namespace cityloop::casework
