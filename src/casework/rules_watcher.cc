#include "casework/rules_watcher.h"

namespace cityloop::casework {

CaseRulesPtr RulesWatcher::poll() {
  auto files = CaseRules::read_folder(folder_);
  if (files && seen_ == *files) return nullptr;
  CaseRulesPtr rules;
  std::string told;
  if (!files) {
    // A file that vanishes while it is read: the next look will tell.
    seen_.reset();
    told = files.error().message;
  } else {
    seen_ = *files;
    auto read = CaseRules::parse(std::move(*files), facts_, folder_);
    if (read) rules = std::move(*read);
    else told = read.error().message;
  }
  const std::lock_guard lock(mutex_);
  mistakes_ = std::move(told);
  return rules;
}

std::string RulesWatcher::mistakes() const {
  const std::lock_guard lock(mutex_);
  return mistakes_;
}

void RulesWatcher::start(base::Duration every, std::function<void(const CaseRulesPtr&)> on_rules,
                         std::function<void(const std::string&)> on_mistakes) {
  stop();
  stopping_ = false;
  thread_ = std::thread([this, every, on_rules = std::move(on_rules), on_mistakes = std::move(on_mistakes)] {
    std::string told;
    for (;;) {
      if (const CaseRulesPtr rules = poll()) on_rules(rules);
      const std::string now = mistakes();
      if (now != told) on_mistakes(now);
      told = now;
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, every, [this] { return stopping_; })) return;
    }
  });
}

void RulesWatcher::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

}  // namespace cityloop::casework
