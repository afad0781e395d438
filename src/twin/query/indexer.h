// Makes the value indexes that queries missed, while the city goes on: a thread that takes the twin's lock for a few
// hundred entities at a time, and rests in between for as long as that took.
//
//   query ─ missed keys ─▶ [Indexer] ─▶ IndexBook ─ found by the next query
#pragma once

#include <condition_variable>
#include <deque>
#include <thread>
#include <vector>

#include "twin/fair_mutex.h"
#include "twin/population.h"

namespace cityloop::twin {

class Indexer {
 public:
  // Both must outlive it.
  Indexer(FairMutex&, Population&);
  ~Indexer();

  // Asks for indexes; those that are there, under way or asked for already are passed over. Bounded: beyond 64 that
  // wait, a wish is dropped, and comes back with the next query that misses it. From any thread, without the lock.
  void want(const std::vector<IndexKey>&);
  void wait_until_idle();

 private:
  void run();
  void make(const IndexKey&);
  bool slice(const IndexKey&);  // whether there is more to do
  std::size_t bytes_max() const;

  FairMutex& population_mutex_;
  Population& population_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<IndexKey> wanted_;  // the first is being made
  bool stopping_{false};
  std::thread thread_;  // started by the first wish
};

}  // namespace cityloop::twin
