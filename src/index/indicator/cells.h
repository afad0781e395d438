// What one indicator adds up to in each area: sums of what entities contribute, and windows over time.
//
//   TypeTable ─ Share, added or taken away ─▶ [Cells] ─ Reading ─▶ IndicatorLoop
//
// All sums are whole numbers: a value counts in millionths (beyond ±9e12 as that), time in microseconds. So the order
// in which entities come and go leaves no trace, taking away undoes adding to the last bit, and what is added up again
// after a restart is the same. Time is given from outside and goes forward.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "index/indicator/declaration.h"
#include "index/indicator/period.h"
#include "index/indicator/sketch.h"

namespace cityloop::index {

using Wide = __int128;

std::int64_t millionths(double value);

// What one entity contributes to an indicator wherever it lies.
struct Share {
  bool expected{false};  // it is one of those that are meant
  bool present{false};   // and has a value that is no older than it may be
  bool stale{false};     // or had one
  bool holds{false};
  std::int64_t value{0}, by{0};  // millionths
  friend bool operator==(const Share&, const Share&) = default;
};

// A value as it is shown: how many inputs there should be, how many were there, how many were too old.
struct Reading {
  double value;  // NaN: missing
  std::uint32_t expected{0}, present{0}, stale{0};
  bool same(const Reading& other) const;
  bool missing() const { return value != value; }
};

struct Bucket {
  std::int64_t number{};
  Wide sum{0}, of{0};
  std::unique_ptr<Sketch> values{};
};

class Cells {
 public:
  Cells(const Declaration&, std::size_t areas);

  // Both before the sums change at `now`, which the clock has been moved to.
  void add(std::size_t area, const Share&, int sign, base::Instant now, const PeriodClock&);
  // Something happened: so much of so much, in the bucket that is now. A value for those that take quantiles.
  void happen(std::size_t area, std::int64_t sum, std::int64_t of, const PeriodClock&);
  void happen_value(std::size_t area, std::int64_t value, const PeriodClock&);

  Reading read(std::size_t area, base::Instant now, const PeriodClock&);
  // Areas whose reading may have changed since they were last asked about: those that something happened to, and, where
  // time itself changes values, all that have any.
  template <class Each>
  void each_dirty(Each&& each) {
    for (const std::uint32_t area : dirty_) cells_[area].dirty = false;
    std::vector<std::uint32_t> areas;
    areas.swap(dirty_);
    if (indicator_->has_window()) {
      areas.clear();
      for (std::uint32_t area = 0; area < windows_.size(); ++area) {
        if (cells_[area].touched) areas.push_back(area);
      }
    }
    for (const std::uint32_t area : areas) each(area);
  }
  void touch_all();
  const Declaration& indicator() const { return *indicator_; }
  std::size_t bytes() const;

  // Windows as rows: what has changed since it was last asked for. `put` with null: the bucket is gone.
  using PutBucket = std::function<void(std::size_t area, std::int64_t number, const Bucket*, base::Instant since)>;
  void save_changed(const PutBucket& put);
  void load_bucket(std::size_t area, Bucket, base::Instant since);
  // The windows of an older version of the same indicator; `place` gives an old area's place now, or -1.
  void take_windows(Cells& old, const std::function<std::ptrdiff_t(std::size_t)>& place, base::Instant now,
                    const PeriodClock& old_clock);
  void each_bucket(const std::function<void(std::size_t area, std::int64_t number)>&) const;

 private:
  struct Cell {
    Wide sum{0}, by{0};
    std::uint32_t expected{0}, present{0}, stale{0}, holds{0};
    bool dirty{false}, touched{false};
  };
  struct Window {
    std::vector<Bucket> buckets;  // by number
    Wide sum{0}, of{0};
    base::Instant since{base::kNever};  // up to when time has been added up
    // What is to be saved: buckets from `changed_from` on, and those gone. Time alone changes buckets from
    // `accrued_from` on; they follow from what was saved, and are saved when the level changes.
    std::int64_t changed_from{INT64_MAX}, accrued_from{INT64_MAX};
    std::vector<std::int64_t> gone;
    bool listed{false};
  };
  void soil(std::size_t area);
  void mark(std::size_t area, std::int64_t from);
  Bucket& bucket(Window&, std::int64_t number);
  void expire(Window&, const PeriodClock&);
  void accrue(std::size_t area, base::Instant now, const PeriodClock&);
  double level_value(const Cell&, std::size_t area) const;
  double window_value(std::size_t area) const;
  bool by_time() const {
    return indicator_->measure == Measure::time_mean || indicator_->measure == Measure::time_share ||
           indicator_->measure == Measure::hours;
  }

  const Declaration* indicator_;
  std::vector<Cell> cells_;
  std::vector<std::map<std::int64_t, std::uint32_t>> extremes_;  // of minimum and maximum: how often each value
  std::vector<Sketch> sketches_;                                 // of quantile
  std::vector<Window> windows_;
  std::vector<std::uint32_t> dirty_, changed_windows_;
};

}  // namespace cityloop::index
