// The newest records of the log, in memory, for loops that keep up; older ones come from the store.
//
// Bounded by the number of records and by what is in them: a record may hold a thousand entities.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "store/store.h"

namespace cityloop::twin {

class Tail {
 public:
  Tail(const store::Store& store, std::size_t records_max) : store_(store), records_max_(records_max) {}

  void start(flow::Seq head);
  void push(const std::vector<flow::LogRecordPtr>&);
  flow::Seq head() const { return head_.load(std::memory_order_acquire); }
  // Records after `after`, at most `max`, waiting up to `wait` for the first. A damaged record is an error that names
  // it.
  base::Result<std::vector<flow::LogRecordPtr>> read(flow::Seq after, std::size_t max, base::Duration wait) const;
  void wake();  // whoever waits in read returns now

 private:
  static constexpr std::size_t kWeightMax = 400'000;  // some 40 MB: what values hold is shared with the entities
  static std::size_t weight_of(const flow::LogRecord&);
  base::Result<std::vector<flow::LogRecordPtr>> from_store(flow::Seq after, std::size_t max) const;

  const store::Store& store_;
  const std::size_t records_max_;
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::deque<flow::LogRecordPtr> records_;
  std::size_t weight_{0};  // entities and attributes in records_
  std::atomic<flow::Seq> head_{0};
  std::uint64_t wakes_{0};
};

}  // namespace cityloop::twin
