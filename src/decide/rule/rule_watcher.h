// Notices that a folder of rules has changed and reads it again. A book with mistakes never takes the place of a good
// one: the old one stays, and the mistakes can be looked at until they are mended.
//
//   rules/*.toml ─▶ [RuleWatcher] ─ RuleBook ─▶ RuleEngine::set_rules
//
// Compares contents, not times: a file that is saved without a change makes no new book, and one that is changed twice
// in a second is not missed.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/folder_watcher.h"
#include "decide/rule/rule_book.h"

namespace cityloop::decide {

class RuleWatcher {
 public:
  explicit RuleWatcher(std::string folder) : folder_(std::move(folder)) {}

  // The new book when the folder has changed to one without mistakes; nothing otherwise. The first call reads it in
  // any case.
  RuleBookPtr poll();
  // What is wrong with the folder as it is now; empty when all is well.
  std::vector<base::ConfigMistake> mistakes() const;

  // Polls on a thread of its own, and hands over every new book there; on_mistakes is told each time the mistakes have
  // changed.
  void start(base::Duration every, std::function<void(RuleBookPtr)> on_book,
             std::function<void(const RuleBookLoad&)> on_mistakes = {});
  void stop() { lookout_.stop(); }

 private:
  std::string folder_;
  std::optional<std::string> seen_;  // all names and contents
  mutable std::mutex mutex_;         // guards mistakes_
  std::vector<base::ConfigMistake> mistakes_;
  base::Lookout lookout_;  // the last member: its thread uses the others
};

}  // namespace cityloop::decide
