// The readings of one attribute over a sliding window, in order of observation however they came, with what is asked
// of them kept up to date.
//
// A sample stands from its own time until `span` later, that moment excluded: the window at t is (t - span, t].
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "decide/rule/rule.h"

namespace cityloop::decide {

struct Sample {
  std::int64_t at_us;
  double value;
};

class SampleWindow {
 public:
  // `sorted`: keeps the values in order too, for min, max and percentiles.
  explicit SampleWindow(bool sorted = false) : sorted_(sorted) {}

  // Inserts in order of time; a second reading of the same time takes the first one's place. With max samples there,
  // the oldest goes: true then.
  bool insert(std::int64_t at_us, double value, std::size_t max);
  // Drops what was observed at or before this time.
  void drop_until(std::int64_t at_us);

  std::size_t size() const { return samples_.size() - head_; }
  bool empty() const { return size() == 0; }
  const Sample& oldest() const { return samples_[head_]; }
  const Sample& newest() const { return samples_.back(); }

  // NaN when there is nothing to take it of; the sum and the count of nothing are 0.
  double aggregate(Aggregate, double percentile) const;

  void save(base::ByteWriter&) const;
  void load(base::ByteReader&);

 private:
  void drop_oldest();
  void place_sorted(double);
  void remove_sorted(double);
  void sum_anew();

  std::vector<Sample> samples_;  // from head_ on
  std::size_t head_{0};
  std::vector<double> values_;  // ascending, when sorted_
  double sum_{0};
  std::size_t taken_out_{0};  // since the sum was last taken anew: bounds how far rounding can carry it away
  bool sorted_;
};

}  // namespace cityloop::decide
