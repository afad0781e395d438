// What is better done once than many times: while a Cork stands on a thread, what is given to later() waits until the
// Cork goes.
//
//   committer ─ [Cork] ─ a group's answers ─▶ HTTP's outbox ─ later(wake) ─▶ one wake-up for all of them
//
// A thread that answers many callers puts a Cork before it begins; whoever would wake another thread for each answer
// says later() instead of doing it. Corks may stand inside each other: the outermost decides.
#pragma once

#include <functional>

namespace cityloop::base {

class Cork {
 public:
  Cork();
  ~Cork();
  Cork(const Cork&) = delete;
  Cork& operator=(const Cork&) = delete;

  // At once where no Cork stands on this thread.
  static void later(std::function<void()>);
};

}  // namespace cityloop::base
