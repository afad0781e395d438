// Lets time pass in a city of the wall clock, or of one that goes faster: a tick each second of it in which nothing
// else was recorded, so that timers run; at most ten in a second of ours.
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
  // `last_at` gives the time of the newest record (Twin::last_at); `pace` how many seconds of the city are one of ours.
  Ticker(Sink&, const base::Clock& city, std::function<base::Instant()> last_at, double pace = 1);
  ~Ticker();  // stops

  void start();
  void stop();
  // Writes a tick if the second at hand has no record yet; true when it did and it is durable.
  bool beat();

 private:
  Sink& sink_;
  const base::Clock& city_;
  const std::function<base::Instant()> last_at_;
  const double pace_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::sense
