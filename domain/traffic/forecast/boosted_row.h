// What boosted trees are shown of a stretch of road in the running loop: a row a stretch and horizon.
//
//   SegmentModel, what is known of all ─ write_row ─▶ Booster
//
// Nothing in a row names the stretch: what is learned from some holds for all, also for those that appear later. Only
// the past is in it, for the model of the stretch has seen nothing else; so a model that is trained by replaying a
// history through the loop is shown the very rows that the running loop will show it. Those that foresee speeds learn
// what the linear model left over; those that call congestion are shown the same and, behind it, what congestion has
// been like (segment_jams.h). What is not known is NaN.
#pragma once

#include <string>
#include <vector>

#include "domain/traffic/forecast/segment_jams.h"
#include "domain/traffic/forecast/segment_model.h"

namespace cityloop::traffic {

// Of one step, and of the moment that is foreseen.
struct RowMoment {
  SegmentModel::Moment now, then;
  std::size_t horizon_at{};
  float whole{0};         // mean departure of all stretches that are fresh, km/h
  float whole_before{0};  // that of a quarter of an hour before
  float slow{0};          // share of all whose limit is known
  float slow_before{0};   // that of half an hour before
};

struct RowSegment {
  float free_flow_kmh{0};  // 0: not known
  float near{0};           // mean departure of the linked stretches, km/h
  float near_count{0};
  float limit_kmh{0};  // under which it is congested; 0: not known
  float near_slow{0};  // share of the linked stretches whose limit is known; NaN: none
  float near_jams{0};  // likewise those that are congested
};

// In the order of a row. A model that was trained on other columns is refused by this list.
const std::vector<std::string>& row_columns();
void write_row(const SegmentModel&, const RowMoment&, const RowSegment&, const SegmentModel::Said& light, float* out);
// Begins with row_columns().
const std::vector<std::string>& call_columns();
void write_call_row(const SegmentModel&, const SegmentJams&, const RowMoment&, const RowSegment&,
                    const SegmentModel::Said& light, float* out);

}  // namespace cityloop::traffic
