// Notices that the folder of case rules has changed and reads it again. Rules with mistakes never take the place of
// good ones: the mistakes can be looked at until they are mended.
//
//   casework/*.toml, *.csv ─▶ [RulesWatcher] ─ CaseRules ─▶ app ─▶ log
//
// Compares contents, not times.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "casework/case_rules.h"

namespace cityloop::casework {

class RulesWatcher {
 public:
  RulesWatcher(std::string folder, CityFacts facts) : folder_(std::move(folder)), facts_(std::move(facts)) {}
  ~RulesWatcher() { stop(); }

  // The new rules when the folder has changed to ones without mistakes; null otherwise. The first call reads them in
  // any case.
  CaseRulesPtr poll();
  // What is wrong with the folder as it is now, one a line; empty when all is well. Any thread.
  std::string mistakes() const;

  // Polls on a thread of its own and hands over there; on_mistakes is told each time they have changed.
  void start(base::Duration every, std::function<void(const CaseRulesPtr&)> on_rules,
             std::function<void(const std::string&)> on_mistakes);
  void stop();

 private:
  std::string folder_;
  CityFacts facts_;
  std::optional<std::vector<RulesFile>> seen_;
  mutable std::mutex mutex_;  // guards mistakes_ and stopping_
  std::string mistakes_;
  std::condition_variable wake_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::casework
