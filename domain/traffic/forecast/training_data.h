// Where the histories come from that boosted trees are trained on: the city's own, or a table of readings.
//
//   twin, history │ readings.csv[.gz], segments.csv ─▶ [read_…] ─▶ TrainingData ─▶ trainer
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/forecast/trainer.h"
#include "twin/history/history.h"
#include "twin/twin.h"

namespace cityloop::traffic {

// Of all entities of the loop's type: what was measured in [from, to).
base::Result<TrainingData> read_training_history(const twin::Twin&, const twin::History&, const ForecastLoopOptions&,
                                                 base::Instant from, base::Instant to, const TrainingProgress&);

// A table with a line of titles and a reading a row; times are ISO 8601, without an offset in UTC. A row that cannot be
// read is counted and told, and the others are taken.
struct TrainingTable {
  std::string file;
  std::string time{"time"}, segment{"segment"}, value{"value"};
  std::string vehicles;  // title of its column; empty: there is none
  // What is known of the segments, if anything: a table with the same column of names; empty titles: not told.
  std::string segments_file;
  std::string segments_segment{"segment"}, free_flow, lon_1, lat_1, lon_2, lat_2;
};
struct ReadTable {
  TrainingData data;
  std::uint64_t rows{0}, bad{0};
  std::vector<std::string> reasons;  // the first few
};
base::Result<ReadTable> read_training_table(const TrainingTable&, const ForecastLoopOptions&, const TrainingProgress&);

}  // namespace cityloop::traffic
