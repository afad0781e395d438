// How attributes went over time: numeric samples per entity and attribute, compressed in chunks.
//
//   log ══▶ [HistoryLoop] ─▶ store table `series`       readers ◀─ History::samples
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "flow/change.h"
#include "twin/loop.h"

namespace cityloop::twin {

struct Sample {
  flow::Instant at;
  double value;
};

struct SeriesQuery {
  flow::EntityId entity;
  flow::Name attribute;
  flow::Instant from{flow::kNever};
  flow::Instant to{flow::Instant::max()};
  std::size_t points_max{2000};  // more are thinned: the lowest and highest of each equal stretch of time are kept
};

}  // namespace cityloop::twin
