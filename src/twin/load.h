// The twin's way back: the entities of the snapshot, and over them what the log's tail did since.
//
//   store: table entity ═▶ decode ═▶ ┐
//   store: log since the snapshot ═▶ decode ═▶ [load] ═▶ Population
//
// The table may hold some entities that are newer than the snapshot's sequence. That does no harm: a change applied
// twice is the same as once, and the tail brings every entity to the same end. Decoding takes all processors.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "store/store.h"
#include "twin/query/aged_index.h"

namespace cityloop::twin {

// How far a start has come; entities_expected is 0 where it is not known.
struct LoadProgress {
  std::uint64_t entities{0}, entities_expected{0};
  std::uint64_t records{0}, records_expected{0};
  double seconds{0};
  std::string text() const;  // for people: "800000 of 1000000 entities, 0 of 35000 log records after 1.2 s"
};

struct Loaded {
  std::vector<std::pair<flow::EntityPtr, Age>> entities;  // in no order
  std::vector<flow::EntityId> dirty;                      // changed since the snapshot
  std::vector<Age> dead;                                  // rows of the table that stand for nothing any more
  flow::Seq snapshot{0};
  flow::Instant last_at{flow::kNever};
};

// The age of an entity is the place in the log where it came to be, so that a replay gives the same: 2^20 changes in
// one record.
constexpr Age age_of(flow::Seq seq, std::size_t change) {
  return seq << 20 | std::min<std::size_t>(change, (1u << 20) - 1);
}

// Keys and values of the table of entities, and of what is known about it.
std::string entity_key(Age);
Age age_from_key(std::string_view);
inline constexpr std::string_view kSnapshotKey = "snapshot_seq";  // varints: sequence, entities
std::string snapshot_mark(flow::Seq, std::uint64_t entities);

base::Result<Loaded> load_entities(const store::Store&, const std::function<void(const LoadProgress&)>&);

}  // namespace cityloop::twin
