#include "domain/traffic/forecast/boosted_row.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::array<std::size_t, 8> kLags{1, 2, 3, 4, 5, 6, 8, 11};

// Writes a row from left to right.
class Row {
 public:
  explicit Row(float* out) : out_(out) {}
  void put(float value) { *out_++ = value; }

 private:
  float* out_;
};

float known(float value) {
  return value > 0 ? value : kNan;
}

void write_course(const SegmentModel& model, float last, Row& row) {
  for (const std::size_t lag : kLags) row.put(model.recent(lag) - last);
  float sum = 0, count = 0, least = kNan, most = kNan;
  for (std::size_t back = 0; back < SegmentModel::kWindow; ++back) {
    if (const float value = model.recent(back); !std::isnan(value)) {
      sum += value;
      count += 1;
      least = std::isnan(least) ? value : std::min(least, value);
      most = std::isnan(most) ? value : std::max(most, value);
    }
    if (back == 2 || back == 5 || back + 1 == SegmentModel::kWindow) {
      row.put(count > 0 ? sum / count - last : kNan);
      row.put(count);
    }
  }
  row.put(least - last);
  row.put(most - last);
}

}  // namespace

const std::vector<std::string>& row_columns() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names{"minutes ahead", "value", "newest value", "steps silent"};
    for (const std::size_t lag : kLags) names.push_back(fmt::format("change since {}", lag));
    for (const char* const name : {"mean of 3", "measured of 3", "mean of 6", "measured of 6", "mean of window",
                                   "measured of window", "least", "most"})
      names.emplace_back(name);
    for (const char* const name : {"usual now", "usual then less newest", "usual change", "departure",
                                   "smoothed departure", "spread", "mean", "newest less mean", "values"})
      names.emplace_back(name);
    for (const char* const name : {"fading less newest", "linear less newest", "linear less usual then"})
      names.emplace_back(name);
    for (const char* const name : {"near departure", "near count", "departure of all", "change of all"})
      names.emplace_back(name);
    for (const char* const name : {"free flow", "newest by free flow", "usual then by free flow", "vehicles",
                                   "usual vehicles", "slot then", "weekend then"})
      names.emplace_back(name);
    return names;
  }();
  return kNames;
}

void write_row(const SegmentModel& model, const RowMoment& moment, const RowSegment& segment,
               const SegmentModel::Said& light, float* out) {
  Row row(out);
  const float last = model.fresh() ? model.last() : kNan;
  const float usual_then = light.value[1];
  const float usual_now = model.usual().at(moment.now.weekend, moment.now.slot);
  row.put(float(kHorizonSteps[moment.horizon_at] * 5));
  row.put(model.recent(0));
  row.put(last);
  row.put(float(std::min(model.silent_steps(), 100U)));
  write_course(model, last, row);
  row.put(usual_now);
  row.put(usual_then - last);
  row.put(usual_then - usual_now);
  row.put(light.departure[0]);
  row.put(light.departure[1]);
  row.put(model.spread());
  row.put(model.mean());
  row.put(last - model.mean());
  row.put(float(model.values()));
  row.put(light.value[2] - last);
  row.put(light.value[kLinear] - last);
  row.put(light.value[kLinear] - usual_then);
  row.put(segment.near);
  row.put(segment.near_count);
  row.put(moment.whole);
  row.put(moment.whole - moment.whole_before);
  const float free_flow = known(segment.free_flow_kmh);
  row.put(free_flow);
  row.put(last / free_flow);
  row.put(usual_then / free_flow);
  row.put(known(model.vehicles()));
  row.put(known(model.usual_vehicles()));
  row.put(float(moment.then.slot));
  row.put(moment.then.weekend ? 1.0F : 0.0F);
}

const std::vector<std::string>& call_columns() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names = row_columns();
    for (const char* const name : {"limit",
                                   "newest by limit",
                                   "1 before by limit",
                                   "2 before by limit",
                                   "least of 3 by limit",
                                   "mean of 3 by limit",
                                   "linear by limit",
                                   "linear above limit by spread",
                                   "slow of window",
                                   "steps slow",
                                   "steps since jam",
                                   "jams of hour",
                                   "jams of two hours",
                                   "jams yesterday",
                                   "usual jams",
                                   "usual jams any day",
                                   "mean jams",
                                   "near slow",
                                   "near jams",
                                   "slow of all",
                                   "change of slow of all"})
      names.emplace_back(name);
    return names;
  }();
  return kNames;
}

void write_call_row(const SegmentModel& model, const SegmentJams& jams, const RowMoment& moment,
                    const RowSegment& segment, const SegmentModel::Said& light, float* out) {
  write_row(model, moment, segment, light, out);
  Row row(out + row_columns().size());
  const float limit = known(segment.limit_kmh);
  row.put(limit);
  float least = kNan, sum = 0, count = 0, slow = 0;
  for (std::size_t back = 0; back < SegmentModel::kWindow; ++back) {
    const float value = model.recent(back);
    if (back < 3) row.put(value / limit);
    if (std::isnan(value)) continue;
    slow += value < limit ? 1.0F : 0.0F;
    if (back >= 3) continue;
    least = std::isnan(least) ? value : std::min(least, value);
    sum += value;
    count += 1;
  }
  row.put(least / limit);
  row.put(count > 0 ? sum / count / limit : kNan);
  row.put(light.value[kLinear] / limit);
  row.put((light.value[kLinear] - limit) / std::max(model.spread(), 0.5F));
  row.put(slow);
  row.put(jams.slow_for());
  row.put(jams.since_jam());
  row.put(jams.jams_of(12));
  row.put(jams.jams_of(24));
  row.put(jams.jams_yesterday(kHorizonSteps[moment.horizon_at]));
  row.put(jams.usual_then(moment.then));
  row.put(jams.any_day_then(moment.then.slot));
  row.put(jams.mean());
  row.put(segment.near_slow);
  row.put(segment.near_jams);
  row.put(moment.slow);
  row.put(moment.slow - moment.slow_before);
}

}  // namespace cityloop::traffic
