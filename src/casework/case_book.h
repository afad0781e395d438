// The cases that a CaseLoop has in hand: found by id, by finding, by rule and entity, by command, and by the next
// moment at which something is due. Saved and loaded as one checkpoint.
//
// Order of output never hangs on the numbers of names: timers and checkpoints are ordered by text.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "casework/case_rules.h"
#include "casework/offer.h"
#include "flow/case.h"
#include "flow/command.h"
#include "flow/finding.h"

namespace cityloop::casework {

using flow::Duration;
using flow::EntityId;
using flow::Instant;
using flow::kNever;

// What the finding's response wants a device to do.
struct WantedCommand {
  EntityId device;
  std::string name;
  std::string value;  // JSON
  bool none() const { return device.empty(); }
};

struct Tracked {
  flow::Case is;
  // What it runs by, to its end. `rules` keeps the other two alive, except for a kind that nobody declared.
  CaseRulesPtr rules;
  const Workflow* flow{};
  std::shared_ptr<const CaseKind> kind;
  std::vector<EntityId> findings;  // first and attached ones, in order of coming
  WantedCommand wanted;
  std::uint32_t commands_made{0}, requests_made{0}, notices_made{0};
  EntityId command;  // the latest one made for the work; empty when none
  flow::CommandStatus command_status{flow::CommandStatus::requested};
  bool device_worked{false};  // some command of ours reached its device
  bool person_worked{false};  // somebody accepted
  bool hold_told{false};      // that the hold was reached has been acted upon
  std::string state_before;   // for the way back
  Instant ended_at{kNever};
  Instant due{kNever};  // the moment in the book's timers; kNever when none

  CaseView view(Instant now) const { return {is, *flow, *kind, now}; }
};

// A finding that has a case; kept while it is active or its case is open.
struct KnownFinding {
  flow::Finding is;
  EntityId in_case;
};

class CaseBook {
 public:
  Tracked* find(EntityId case_id);
  // An open case of the same rule about the same entity.
  Tracked* find_open(std::string_view rule, EntityId about);
  bool has_open(std::string_view rule, EntityId about) const { return open_.contains(key_of(rule, about)); }
  Tracked& add(Tracked);
  void erase(EntityId case_id);

  KnownFinding* find_finding(EntityId);
  void put_finding(KnownFinding);
  void erase_finding(EntityId finding) { findings_.erase(finding); }

  // Which case a command belongs to; empty when none here.
  EntityId case_of_command(EntityId command) const;
  void put_command(EntityId command, EntityId case_id) { commands_[command] = case_id; }

  // From now on nobody finds it by rule and entity.
  void end(Tracked&, Instant at);
  // It is found again. No other open case may be of its rule and entity.
  void reopen(Tracked&);
  void arm(Tracked&, Instant due);  // kNever disarms
  Tracked* due_by(Instant);         // one whose moment has come, earliest first; null when none

  template <class F>
  void each(F&& f) const {  // in no order
    for (const auto& [id, tracked] : cases_) f(static_cast<const Tracked&>(*tracked));
  }
  std::size_t size() const { return cases_.size(); }

  void save(base::ByteWriter&) const;
  // `bind` gives a case the rules that it names (Tracked::is.rules, .workflow, .kind).
  base::Status load(base::ByteReader&, const std::function<base::Status(Tracked&)>& bind);

 private:
  static std::string key_of(std::string_view rule, EntityId about);

  std::unordered_map<EntityId, std::unique_ptr<Tracked>> cases_;
  std::unordered_map<EntityId, KnownFinding> findings_;
  std::unordered_map<EntityId, EntityId> commands_;
  std::unordered_map<std::string, EntityId> open_;         // rule and entity → case
  std::set<std::pair<Instant, std::string_view>> timers_;  // texts of ids live as long as the process
};

}  // namespace cityloop::casework
