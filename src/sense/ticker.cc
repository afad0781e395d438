#include "sense/ticker.h"

namespace cityloop::sense {

using std::chrono::milliseconds;
using std::chrono::seconds;

Ticker::Ticker(Sink& sink, const base::Clock& city, std::function<base::Instant()> last_at, double pace)
    : sink_(sink), city_(city), last_at_(std::move(last_at)), pace_(pace) {}

Ticker::~Ticker() {
  stop();
}

bool Ticker::beat() {
  const auto second = std::chrono::floor<seconds>(city_.now());
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
      const auto now = city_.now();
      const auto until = std::chrono::floor<seconds>(now) + milliseconds(950);
      const base::Duration left = until > now ? until - now : until + seconds(1) - now;
      const base::Duration ours(std::int64_t(double(left.count()) / pace_));
      const auto wait = pace_ > 1 ? std::max<base::Duration>(ours, milliseconds(100)) : ours;
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
