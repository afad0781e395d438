// A notification that somebody else has made for a subscription: what a source of ours told, or what became of sources
// (ETSI GS CIM 009, clauses 5.8.6, 5.11.7).
//
//   broker ─ Posted ─ to_writes ─▶ twin ══ LogRecord ══▶ NotifyLoop (posted_from) ─▶ Deliverer
//
// Why through the log: it is on disk when it is acknowledged, has its place among the changes before and after it, and
// is retried, counted and told again after a restart like all others. The record makes an entity of a type of our own
// and erases it in the same step, so that the city never holds it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::notify {

struct Posted {
  std::string subscription;           // as the loop knows it: id_of_kept(…)
  std::vector<flow::EntityId> about;  // told in order, of each of these
  std::vector<std::string> data;      // rendered; about sources: the reason, as JSON, then the registrations
};

// For one Commit, in which they stand or fall together.
std::vector<flow::Write> to_writes(const Posted&);
// Whether a change brings one. The erasure that follows it does not.
bool is_posted(const flow::Change&);
base::Result<Posted> posted_from(const flow::Change&);

}  // namespace cityloop::notify
