// Notices that a city's declarations of indicators have changed and reads them again (base/folder_watcher.h).
//
//   CITY/indicators/*, CITY/PACKAGE/indicators/* ─▶ [IndicatorWatcher] ─ IndicatorRules ─▶ app ─▶ log
#pragma once

#include <string>
#include <utility>

#include "base/folder_watcher.h"
#include "index/indicator/indicator_rules.h"

namespace cityloop::index {

class IndicatorWatcher : public base::FolderWatcher<IndicatorRulesPtr, flow::RuleFiles> {
 public:
  IndicatorWatcher(const std::string& city_folder, IndicatorFacts facts)
      : FolderWatcher([city_folder] { return IndicatorRules::read_folder(city_folder); },
                      [city_folder, facts = std::move(facts)](flow::RuleFiles files) {
                        return IndicatorRules::parse(std::move(files), facts, city_folder);
                      }) {}
};

}  // namespace cityloop::index
