// What each kind of case is: who handles it, in what time, what runs when it opens, and how it may end.
//
//   casework/*.toml ─▶ [CaseKinds] ─▶ CaseLoop
//
//   [[case]]
//   id = "flooding"
//   name = { zh = "积水", en = "Flooding" }
//   department = "water"          # may be overruled by the rule's response
//   accept_within = "5m"          # from dispatch; left out: no deadline
//   close_within = "2h"           # from filing; left out: no deadline
//   verify_hold = "10m"           # how long the finding must stay cleared
//   verify_within = "1h"          # reported as done, and not cleared after this: back to work; left out: waits
//   escalate_to = "supervisor"    # role or department told when a deadline is missed or a device fails
//   auto_dispatch = true          # false: waits as filed for a person to choose the department
//   auto_close = true             # false: somebody must have reported before the case closes by itself
//   cleared_early = "confirmed"   # cleared before anyone worked: confirmed | false_alarm | ask (a person closes it);
//                                 # left out: confirmed with auto_close, ask without
//   command = "automatic"         # the response's command: automatic | on_accept | never
//   commands_max = 3              # how often a case may ask its device, first time included
//   command_on_close = false      # the value that the device is asked to take when the case ends; left out: none
//   on_open = { zh = "…", en = "…" }   # note on the first line of the timeline
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "flow/finding.h"

namespace cityloop::casework {

enum class EarlyClear : std::uint8_t { confirmed, false_alarm, ask };
enum class CommandPolicy : std::uint8_t { automatic, on_accept, never };

struct CaseKind {
  std::string id;
  flow::Bilingual name;
  std::string department;
  base::Duration accept_within{};  // zero: no deadline
  base::Duration close_within{};   // zero: no deadline
  base::Duration verify_hold{};
  base::Duration verify_within{};  // zero: no limit
  std::string escalate_to;
  bool auto_dispatch{true};
  bool auto_close{true};
  EarlyClear cleared_early{EarlyClear::confirmed};
  CommandPolicy command{CommandPolicy::automatic};
  std::uint32_t commands_max{3};
  std::string command_on_close;  // JSON; empty for none
  flow::Bilingual on_open;
};

class CaseKinds {
 public:
  // Every mistake of every file at once, one a line as "file:line: reason".
  static base::Result<CaseKinds> load(const std::vector<std::string>& files);
  // All *.toml of a folder, in order of name; an absent folder holds no kinds.
  static base::Result<CaseKinds> load_folder(const std::string& folder);
  static base::Result<CaseKinds> parse(std::string_view content, std::string file_name);

  const CaseKind* find(std::string_view id) const;  // null when there is none
  const std::vector<CaseKind>& all() const { return kinds_; }

 private:
  std::vector<CaseKind> kinds_;
};

}  // namespace cityloop::casework
