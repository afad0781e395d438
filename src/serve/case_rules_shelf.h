// The rules by which cases run, as the log has them, read once each: those in force, and the older ones that a case
// still runs by.
//
//   twin (CaseRules entities) ─▶ [CaseRulesShelf] ─▶ routes
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "casework/case_rules.h"
#include "twin/twin.h"

namespace cityloop::serve {

class CaseRulesShelf {
 public:
  explicit CaseRulesShelf(const twin::Twin& twin) : twin_(twin) {}

  // Null when there are none, or they cannot be read any more. Any thread.
  casework::CaseRulesPtr in_force();
  casework::CaseRulesPtr find(const std::string& version);

 private:
  casework::CaseRulesPtr read(const flow::Entity&);

  const twin::Twin& twin_;
  std::mutex mutex_;
  std::map<flow::EntityId, casework::CaseRulesPtr> read_;  // guarded by mutex_
};

}  // namespace cityloop::serve
