// Entities as they were right after a change, told from what they are now and from what the log says came later.
//
//   twin ─ entity now ─┐
//   log ─ changes since ┴▶ [Versions] ─ entity at the change ─▶ wants(), rendering
//
// A loop that keeps up finds the twin's own version. One that lags takes back what came later, as far as it looks
// ahead (kAheadMax records): values exactly, of metadata what has not changed. What lies further ahead stays as it is
// now; the attributes that the change itself tells are always its own. Lives on one thread.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "flow/change.h"
#include "twin/twin.h"

namespace cityloop::notify {

class Versions {
 public:
  static constexpr std::size_t kAheadMax = 4096;

  explicit Versions(const twin::Twin& twin) : twin_(twin) {}

  // Null when the change erased the entity. To be asked in the order of the log; `index` is that of the change.
  flow::EntityPtr after(const flow::LogRecordPtr&, std::size_t index);

 private:
  struct Told {
    flow::LogRecordPtr record;
    std::size_t index;
    const flow::Change& change() const { return record->changes[index]; }
  };
  void look_ahead(const flow::LogRecordPtr&);
  void add(const flow::LogRecordPtr&);
  void forget_until(flow::Seq);
  std::vector<Told> later(const flow::LogRecord&, std::size_t index) const;
  static flow::EntityPtr taken_back(const flow::EntityPtr& now, const std::vector<Told>& later);

  const twin::Twin& twin_;
  std::deque<flow::LogRecordPtr> ahead_;  // without a gap, in order
  std::unordered_map<flow::EntityId, std::deque<Told>> of_entity_;
};

}  // namespace cityloop::notify
