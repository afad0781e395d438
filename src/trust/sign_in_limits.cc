#include "trust/sign_in_limits.h"

#include <algorithm>

namespace cityloop::trust {

using base::Duration;
using base::Instant;

Duration WrongPasswords::wait_left(std::string_view name, Instant now) const {
  const auto found = names_.find(name);
  if (found == names_.end() || found->second.not_before <= now) return Duration::zero();
  return found->second.not_before - now;
}

void WrongPasswords::note(std::string_view name, Instant now) {
  if (names_.size() >= kNamesMax && !names_.contains(name)) {
    names_.erase(std::min_element(names_.begin(), names_.end(),
                                  [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
  }
  Count& count = names_[std::string(name)];
  count.last = now;
  if (++count.in_row < kFree) return;
  const int doublings = std::min(count.in_row - kFree, 6);
  count.not_before = now + std::min<Duration>(std::chrono::seconds(1 << doublings), std::chrono::minutes(1));
}

void WrongPasswords::forget(std::string_view name) {
  if (const auto found = names_.find(name); found != names_.end()) names_.erase(found);
}

HashGate::Pass HashGate::enter() {
  std::unique_lock lock(mutex_);
  if (running_ >= kAtOnce && waiting_ >= kWaitingMax) return Pass(nullptr);
  ++waiting_;
  free_.wait(lock, [this] { return running_ < kAtOnce; });
  --waiting_;
  ++running_;
  return Pass(this);
}

void HashGate::leave() {
  const std::lock_guard lock(mutex_);
  --running_;
  free_.notify_one();
}

}  // namespace cityloop::trust
