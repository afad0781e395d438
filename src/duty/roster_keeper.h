// Keeps a Roster current from the log: the rules in force and the changes that were granted.
//
//   log ═ DutyRules, DutyChange ═▶ [RosterKeeper] ─ RosterPtr ─▶ DutyLoop, planner, serve
//
// Owned by one thread; the rosters that it gives may go anywhere. Changes that were over for a year are let go.
#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "duty/duty_change.h"
#include "duty/duty_rules.h"
#include "flow/change.h"

namespace cityloop::duty {

class RosterKeeper {
 public:
  RosterKeeper();

  // Whether the change was of duty, and so the roster may be another.
  bool take(const flow::Change&);
  // The same from entities as they are; those of rules in any order.
  void take(const flow::Entity&);

  const RosterPtr& roster() const;                      // made anew when asked for after a change
  const DutyRulesPtr& rules() const { return rules_; }  // null before the first
  const DutyChange* find(flow::EntityId) const;
  // Of every status, by id.
  const std::map<std::string, DutyChange, std::less<>>& changes() const { return changes_; }
  void put(DutyChange);
  void forget_before(Instant);  // what was over by then
  std::uint64_t malformed() const { return malformed_; }

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  void take_rules(const flow::Entity&);

  // By the ids of their entities: a version that comes into force again is told only as such. Few, for people write
  // them.
  std::map<std::string, DutyRulesPtr, std::less<>> versions_;
  DutyRulesPtr rules_;
  Instant rules_since_{flow::kNever};
  std::map<std::string, DutyChange, std::less<>> changes_;
  std::uint64_t malformed_{0};
  mutable RosterPtr roster_;  // null: to be made
};

}  // namespace cityloop::duty
