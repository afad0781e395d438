// Lets time pass in a city of the wall clock: a tick each second in which nothing else was recorded, so that timers
// run.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "sense/sink.h"

namespace cityloop::sense {

class Ticker {
 public:
  // `last_at` gives the time of the newest record (Twin::last_at).
  Ticker(Sink&, const base::Clock& wall, std::function<base::Instant()> last_at);
  ~Ticker();  // stops

  void start();
  void stop();
  // Writes a tick if the second at hand has no record yet; true when it did and it is durable.
  bool beat();

 private:
  Sink& sink_;
  const base::Clock& wall_;
  const std::function<base::Instant()> last_at_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::sense
