#include "twin/tail.h"

#include "store/record.h"

namespace cityloop::twin {

using flow::LogRecordPtr;
using flow::Seq;

void Tail::start(Seq head) {
  head_.store(head, std::memory_order_release);
}

std::size_t Tail::weight_of(const flow::LogRecord& record) {
  std::size_t out = 1;
  for (const flow::Change& change : record.changes) out += 1 + change.attributes.size();
  return out;
}

void Tail::push(const std::vector<LogRecordPtr>& fresh) {
  std::vector<LogRecordPtr> former;  // let go of without the lock
  {
    const std::lock_guard lock(mutex_);
    for (const LogRecordPtr& record : fresh) {
      records_.push_back(record);
      weight_ += weight_of(*record);
    }
    while (records_.size() > records_max_ || (weight_ > kWeightMax && records_.size() > 1)) {
      weight_ -= weight_of(*records_.front());
      former.push_back(std::move(records_.front()));
      records_.pop_front();
    }
    if (!records_.empty()) head_.store(records_.back()->seq, std::memory_order_release);
  }
  arrived_.notify_all();
}

void Tail::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  arrived_.notify_all();
}

base::Result<std::vector<LogRecordPtr>> Tail::read(Seq after, std::size_t max, base::Duration wait) const {
  {
    std::unique_lock lock(mutex_);
    const std::uint64_t wakes = wakes_;
    arrived_.wait_for(lock, wait, [&] { return head_.load(std::memory_order_relaxed) > after || wakes_ != wakes; });
    if (head_.load(std::memory_order_relaxed) <= after) return std::vector<LogRecordPtr>{};
    if (!records_.empty() && records_.front()->seq <= after + 1) {
      const std::size_t skip = std::size_t(after + 1 - records_.front()->seq);
      const std::size_t count = std::min(max, records_.size() - skip);
      const auto begin = records_.begin() + std::ptrdiff_t(skip);
      return std::vector<LogRecordPtr>(begin, begin + std::ptrdiff_t(count));
    }
  }
  return from_store(after, max);
}

base::Result<std::vector<LogRecordPtr>> Tail::from_store(Seq after, std::size_t max) const {
  std::vector<LogRecordPtr> out;
  base::Status damaged;
  const Seq head = this->head();
  if (const Seq first = store_.first_seq(); after + 1 < first) {
    return base::fail(base::Errc::not_found, "the log begins at record {}: {} to {} were trimmed", first, after + 1,
                      first - 1);
  }
  const auto read = store_.read_log(after + 1, [&](Seq seq, std::string_view bytes) {
    if (seq > head) return false;  // durable, but not yet visible
    auto record = store::decode_record(seq, bytes);
    if (!record) {
      damaged = std::unexpected(record.error());
      return false;
    }
    out.push_back(std::make_shared<const flow::LogRecord>(std::move(*record)));
    return out.size() < max;
  });
  if (!read) return std::unexpected(read.error());
  if (!damaged && out.empty()) return std::unexpected(damaged.error());
  return out;
}

}  // namespace cityloop::twin
