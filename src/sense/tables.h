// The static tables of a mapping: entities and attributes that do not change with time, written when a feed begins and
// again only when they have become others.
//
//   tables/*.csv ─ load_tables ─▶ StaticTables ─ write_tables ─▶ commit
#pragma once

#include <string>
#include <vector>

#include "flow/change.h"
#include "sense/feed_stats.h"
#include "sense/folders.h"
#include "sense/mapping.h"
#include "sense/row_mapper.h"
#include "sense/sink.h"

namespace cityloop::sense {

struct StaticTables {
  std::string feed;
  std::vector<flow::Write> writes;  // upserts, in the order of the files
  KnownIds known;
  std::vector<Reject> rejects;  // rows of tables that could not be used, and values that were left out
  FeedCounters counts;
  std::uint64_t fingerprint{};  // of the writes
};

// Fails where a table is missing, damaged, or lacks a column.
base::Result<StaticTables> load_tables(const Mapping&, const Folders&);

// Writes them unless the very same were written before; `at` is the city's time of it, kNever for the twin's clock.
base::Status write_tables(const StaticTables&, Sink&, base::Instant at);

}  // namespace cityloop::sense
