// How long this process has worked, as a clock: for measuring a solver on a machine that has other work besides.
//
// The processor time of all threads, shared out among as many as are said to work at once. Stands still while nobody
// works.
#pragma once

#include <ctime>

#include "base/clock.h"

namespace cityloop::solve {

class ProcessorClock final : public base::Clock {
 public:
  explicit ProcessorClock(unsigned threads) : threads_(threads) {}
  base::Instant now() const override {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return base::from_us((std::int64_t(used.tv_sec) * 1'000'000 + used.tv_nsec / 1000) / threads_);
  }

 private:
  unsigned threads_;
};

}  // namespace cityloop::solve
