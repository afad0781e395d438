// What is usual for one attribute of one entity, by hour and weekday: for each of the 168 hours of a week a bounded
// sample of the values seen in that hour over the last weeks.
//
// A value is kept at most samples_per_hour times an hour, evenly spaced, and the oldest goes first: so the sample
// speaks of weeks_kept weeks whatever the rate of readings. Memory: 8 KiB and at most 168 × samples_per_hour ×
// weeks_kept × 4 bytes (24 KiB as rules are by default).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "decide/rule/rule.h"

namespace cityloop::decide {

struct LocalHour {
  std::uint32_t of_week;  // 0: Monday from midnight to one
  std::int32_t week;      // since 1970
};
LocalHour local_hour(const base::TimeZone&, Instant);

class Usual {
 public:
  struct Sight {
    std::size_t samples{};
    std::uint32_t weeks{};
    double median{};
    double mad{};  // median absolute deviation
  };
  // What is known of that hour, this week's own readings not counted as a week.
  Sight look(const Unusual&, LocalHour) const;
  void learn(const Unusual&, LocalHour, std::int64_t at_us, double value);

  void save(base::ByteWriter&) const;
  void load(base::ByteReader&);

 private:
  struct Hour {
    std::vector<float> values;  // a ring once it is full
    std::uint32_t next{0};
    std::uint32_t weeks{0};  // different weeks it has learned from
    std::int32_t last_week{INT32_MIN};
    std::int64_t last_us{INT64_MIN};
    mutable float median{0}, mad{0};
    mutable bool fresh{false};  // median and mad are those of the values
  };

  std::array<Hour, 168> hours_;
};

}  // namespace cityloop::decide
