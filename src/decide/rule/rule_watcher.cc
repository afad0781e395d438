#include "decide/rule/rule_watcher.h"

namespace cityloop::decide {

RuleBookPtr RuleWatcher::poll() {
  const auto files = RuleBook::read_files(folder_);
  if (!files) {
    // A file that vanishes while it is read: the next look will tell.
    const std::lock_guard lock(mutex_);
    mistakes_ = {{folder_, 1, files.error().message}};
    seen_.reset();
    return nullptr;
  }
  std::string content;
  for (const flow::RuleFile& file : *files)
    content += fmt::format("{}\n{}\n{}\n", file.name, file.text.size(), file.text);
  if (seen_ == content) return nullptr;
  seen_ = std::move(content);
  RuleBookLoad load = RuleBook::parse(*files);
  const std::lock_guard lock(mutex_);
  mistakes_ = std::move(load.mistakes);
  return load.book;
}

std::vector<base::ConfigMistake> RuleWatcher::mistakes() const {
  const std::lock_guard lock(mutex_);
  return mistakes_;
}

void RuleWatcher::start(base::Duration every, std::function<void(RuleBookPtr)> on_book,
                        std::function<void(const RuleBookLoad&)> on_mistakes) {
  lookout_.start(every, [this, on_book = std::move(on_book), on_mistakes = std::move(on_mistakes),
                         told = RuleBookLoad{nullptr, mistakes()}.message()]() mutable {
    if (RuleBookPtr book = poll()) on_book(std::move(book));
    const RuleBookLoad now{nullptr, mistakes()};
    if (on_mistakes && now.message() != told) on_mistakes(now);
    told = now.message();
  });
}

}  // namespace cityloop::decide
