// Notices that the folder of case rules has changed and reads it again (base/folder_watcher.h).
//
//   casework/*.toml, *.csv, *.geojson ─▶ [RulesWatcher] ─ CaseRules ─▶ app ─▶ log
#pragma once

#include <string>
#include <utility>

#include "base/folder_watcher.h"
#include "casework/case_rules.h"

namespace cityloop::casework {

class RulesWatcher : public base::FolderWatcher<CaseRulesPtr, flow::RuleFiles> {
 public:
  RulesWatcher(const std::string& folder, flow::CityFacts facts)
      : FolderWatcher([folder] { return CaseRules::read_folder(folder); },
                      [folder, facts = std::move(facts)](flow::RuleFiles files) {
                        return CaseRules::parse(std::move(files), facts, folder);
                      }) {}
};

}  // namespace cityloop::casework
