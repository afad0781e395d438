#include "sense/ticker.h"

namespace cityloop::sense {

using std::chrono::milliseconds;
using std::chrono::seconds;

Ticker::Ticker(Sink& sink, const base::Clock& wall, std::function<base::Instant()> last_at)
    : sink_(sink), wall_(wall), last_at_(std::move(last_at)) {}

Ticker::~Ticker() {
  stop();
}

bool Ticker::beat() {
  const auto second = std::chrono::floor<seconds>(wall_.now());
  const base::Instant last = last_at_();
  if (last != base::kNever && last >= second) return false;
  twin::Commit commit;
  commit.at = second;
  commit.tick = true;
  commit.origin = flow::Name("feed:clock");
  return sink_.commit(std::move(commit)).status.has_value();
}

void Ticker::start() {
  stopping_ = false;
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      // Late in a second rather than early: what else was recorded in it makes the tick unneeded.
      const auto now = wall_.now();
      const auto until = std::chrono::floor<seconds>(now) + milliseconds(950);
      const auto wait = until > now ? until - now : until + seconds(1) - now;
      if (stopped_.wait_for(lock, wait, [&] { return stopping_; })) break;
      lock.unlock();
      beat();
      lock.lock();
    }
  });
}

void Ticker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace cityloop::sense
