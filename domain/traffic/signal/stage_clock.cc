#include "domain/traffic/signal/stage_clock.h"

#include <cstddef>

namespace cityloop::traffic {

StageClock::StageClock(const Junction& junction, double now_s)
    : junction_(junction),
      now_s_(now_s),
      change_since_s_(now_s),
      green_since_s_(now_s),
      red_s_(junction.movements.size(), 0.0) {}

void StageClock::advance(double now_s) {
  const double step_s = now_s - now_s_;
  now_s_ = now_s;
  for (std::size_t m = 0; m < red_s_.size(); ++m) {
    const bool was = is_green(junction_.stages[static_cast<std::size_t>(before_)].aspects[m]);
    const bool will = is_green(junction_.stages[static_cast<std::size_t>(stage_)].aspects[m]);
    const bool green = changing() ? was && will : will;
    red_s_[m] = green ? 0 : red_s_[m] + step_s;
  }
}

bool StageClock::want(int stage) {
  const bool may_end = green_s() >= junction_.stages[static_cast<std::size_t>(stage_)].min_green_s;
  if (stage == stage_ || changing() || !may_end) return false;
  before_ = stage_;
  stage_ = stage;
  change_since_s_ = now_s_;
  green_since_s_ = now_s_ + junction_.change_s(before_, stage_);
  return true;
}

std::string StageClock::lights() const {
  if (!changing()) return junction_.state(stage_);
  const bool yellow = now_s_ - change_since_s_ < junction_.yellow_s;
  return yellow ? junction_.yellow_state(before_, stage_) : junction_.all_red_state(before_, stage_);
}

void StageClock::describe(JunctionView& view) const {
  view.now_s = now_s_;
  view.stage = stage_;
  view.green_s = green_s();
  view.red_s = red_s_;
}

}  // namespace cityloop::traffic
