#include "base/folder_watcher.h"

namespace cityloop::base {

void Lookout::start(Duration every, std::function<void()> look) {
  stop();
  stopping_ = false;
  thread_ = std::thread([this, every, look = std::move(look)] {
    for (;;) {
      look();
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, every, [this] { return stopping_; })) return;
    }
  });
}

void Lookout::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

}  // namespace cityloop::base
