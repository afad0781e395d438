// What one Write does to one entity: the next version of it, and the Change to be told. And the way back: what a Change
// read from the log does to an entity, for recovery.
//
// Pure: no lock, no clock. Given the same entity, write and time, the outcome is the same.
#pragma once

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::twin {

struct Applied {
  flow::EntityPtr next;  // null when the entity is gone
  flow::Change change;
  bool created{false};
  std::vector<flow::Name> skipped;  // attributes that the mode leaves as they are
  // Nothing to record: a reading that was already there, or a merge of nothing.
  bool nothing() const { return !created && next && change.attributes.empty() && !frame_changed; }
  bool frame_changed{false};  // types, scopes or expiry
};

base::Result<Applied> apply(const flow::EntityPtr& current, flow::Write write, flow::Instant at);

// The entity after a recorded change. Applying a change twice gives the same as once.
flow::EntityPtr replay(const flow::EntityPtr& current, const flow::Change&, flow::Instant at);

}  // namespace cityloop::twin
