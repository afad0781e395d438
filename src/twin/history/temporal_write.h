// What is written to history alone (ETSI GS CIM 009, clauses 5.6.11 to 5.6.16), as it travels through the log.
//
//   broker ─ TemporalWrite ─ to_writes ─▶ twin ══ LogRecord ══▶ History (temporal_write_from)
//
// Why through the log, and not into the tables beside it: History is derived from the log, run by run, by one loop. A
// second writer of its tables would race with that loop, and would be lost where the loop replays. As a record a write
// to history has its place among the readings before and after it; it is on disk when it is acknowledged, by the same
// flush as all others; and a replay gives the same history again.
//
// The record makes an entity of a type of our own and erases it in the same step, so that the city never holds it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::twin {

enum class TemporalOperation : std::uint8_t {
  add,               // instances; the entity is made known where it is not
  erase_entity,      // its whole evolution
  erase_attribute,   // of one datasetId, or of all
  replace_instance,  // by the one given, which keeps the id
  erase_instance,
};

struct TemporalWrite {
  TemporalOperation operation{TemporalOperation::add};
  flow::EntityId entity;
  std::vector<flow::Name> types, scopes;   // of add; empty where the entity is known
  std::vector<flow::Attribute> instances;  // of add and replace_instance
  flow::Name attribute, dataset;           // of the others
  bool every_dataset{false};
  std::string instance_id;
};

// For one Commit, in which they stand or fall together.
std::vector<flow::Write> to_writes(const TemporalWrite&);
// Whether a change brings one. The erasure that follows it does not.
bool is_temporal_write(const flow::Change&);
base::Result<TemporalWrite> temporal_write_from(const flow::Change&);

}  // namespace cityloop::twin
