// The roster as it is by now, for every route that asks who is on duty.
//
//   twin (DutyRules, DutyChange) ═▶ [DutyShelf] ─ RosterPtr ─▶ routes
//
// Made before the loops start. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "duty/roster_keeper.h"
#include "trust/principal.h"
#include "twin/twin.h"

namespace cityloop::serve {

class DutyShelf {
 public:
  explicit DutyShelf(twin::Twin&);

  duty::RosterPtr roster() const;
  std::vector<duty::DutyChange> changes() const;               // of every status, by id
  std::optional<duty::DutyChange> find(flow::EntityId) const;  // as the twin has it by now
  base::Instant now() const { return twin_.clock().now(); }

  // Crews that a person works for now.
  std::vector<std::string> crews_of(std::string_view person) const;
  // What notices to this person are sent to now, beside their own name: "crew:ID" of these crews, and
  // "on-duty:DEPARTMENT" of those with whom they are on duty.
  std::vector<std::string> addresses_of(std::string_view person) const;

 private:
  void look_at(const flow::LogRecord&);

  const twin::Twin& twin_;
  mutable std::mutex mutex_;
  duty::RosterKeeper keeper_;  // guarded by mutex_
};

}  // namespace cityloop::serve
