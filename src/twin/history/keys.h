// Where what stands in the table `series`. All of one entity stands together, so that one look finds it.
//
//   \0 done                                              → the last record whose outcome is in the table
//   \1 URN \0 h                                          → what is known of the entity: types, series (chunk.h)
//   \1 URN \0 c SEQ N                                    → a chunk: all that happened to it between two flushes
//   \1 URN \0 r ATTRIBUTE \0 DATASET \0 LANE TIME ARRIVAL → a run; time and arrival of its last instance
//   \2 TYPE \0 URN                                       → nothing: an entity that has been of this type ("" for any)
#pragma once

#include <string>
#include <string_view>

#include "flow/change.h"

namespace cityloop::twin::history {

enum class Lane : char { points = 'n', instances = 'v' };

std::string done_key();
std::string entity_prefix(std::string_view urn);
std::string head_key(std::string_view urn);
std::string chunks_prefix(std::string_view urn);
std::string chunk_key(std::string_view urn, flow::Seq, unsigned nth);
std::string lane_prefix(std::string_view urn, flow::Name attribute, flow::Name dataset, Lane);
std::string run_key(std::string lane_prefix, flow::Instant at, flow::Instant modified);
// The first key behind all that begin with the prefix.
std::string end_of(std::string prefix);
std::string type_prefix(flow::Name type);
std::string type_key(flow::Name type, std::string_view urn);

// What a run's key says of its last instance.
struct RunEnd {
  flow::Instant at, modified;
};
RunEnd end_of_run(std::string_view key);

}  // namespace cityloop::twin::history
