// Notices that the folder of duty has changed and reads it again (base/folder_watcher.h).
//
//   duty/*.toml, *.csv ─▶ [DutyWatcher] ─ DutyRules ─▶ app ─▶ log
#pragma once

#include <string>
#include <utility>

#include "base/folder_watcher.h"
#include "duty/duty_rules.h"

namespace cityloop::duty {

class DutyWatcher : public base::FolderWatcher<DutyRulesPtr, flow::RuleFiles> {
 public:
  DutyWatcher(const std::string& folder, flow::CityFacts facts)
      : FolderWatcher([folder] { return DutyRules::read_folder(folder); },
                      [folder, facts = std::move(facts)](flow::RuleFiles files) {
                        return DutyRules::parse(std::move(files), facts, folder);
                      }) {}
};

}  // namespace cityloop::duty
