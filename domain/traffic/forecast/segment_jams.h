// What congestion has been like on one stretch of road, as the running loop knows it.
//
//   a step's speed, congested or not ─ settle ─▶ [SegmentJams] ─ boosted_row.h ─▶ trees that call congestion
//
// How long it has been slow, how long since it was congested, which steps of the last day were, and how often it is
// about each quarter of an hour. Only the past is in it. Kept only where free flow is known: without it nothing is ever
// congested. Some two kilobytes a stretch. (congestion_past.h tells the same of a panel, for the offline models.)
#pragma once

#include <bitset>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/traffic/forecast/segment_model.h"

namespace cityloop::traffic {

class SegmentJams {
 public:
  static constexpr std::size_t kDay = 288;  // steps; longer ago is all the same

  // A step has ended with this speed (NaN: nobody was measured), under the limit slow. Returns the block of usual()
  // that changed.
  std::size_t settle(std::uint64_t step, float speed_kmh, float limit_kmh, bool congested,
                     const SegmentModel::Moment& now);

  // In steps. Slow where it was measured last, and until it is measured otherwise.
  float slow_for() const { return float(slow_for_); }
  float since_jam() const { return float(since_jam_); }  // 0: it is congested
  bool slow() const { return slow_for_ > 0; }
  bool congested() const { return since_jam_ == 0; }
  float jams_of(std::size_t steps) const;                    // of the last so many, at most a day
  float jams_yesterday(std::size_t horizon_steps) const;     // about the moment so many steps ahead, of seven steps
  float mean() const { return mean_; }                       // share of all steps
  float usual_then(const SegmentModel::Moment& then) const;  // share about that quarter on that kind of day
  float any_day_then(std::size_t slot) const;                // on all days

  UsualDay& usual() { return usual_; }
  const UsualDay& usual() const { return usual_; }
  void save(base::ByteWriter&) const;  // without usual()
  base::Status load(base::ByteReader&);

 private:
  static constexpr std::size_t kAbout = 3;  // steps to either side of a moment
  static constexpr std::size_t kKept = kDay + kAbout + 1;

  float about(const SegmentModel::Moment& then, bool both_kinds) const;

  UsualDay usual_;
  std::bitset<kKept> jams_;  // the newest first
  std::uint64_t step_{0};    // the last; 0: none yet
  std::uint32_t slow_for_{0}, since_jam_{kDay};
  std::uint32_t steps_{0};  // ever, up to kStepsMost
  float mean_{0};
};

}  // namespace cityloop::traffic
