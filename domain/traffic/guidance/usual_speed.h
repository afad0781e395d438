// What is usual on a segment at this hour: a running mean of its speeds for each hour of a working day and of a weekend
// day, in the city's local time, and how far speeds usually lie from it.
//
//   readings ─▶ [UsualSpeeds] ─▶ incidents (against what is usual), advice (what a way usually takes)
//
// The newest 200 readings of an hour count about equally, older ones fade: with a reading every five minutes that is
// some three weeks of working days. 48 hours of two floats and a count: some 500 bytes a segment. Deterministic.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace cityloop::traffic {

// The hour of a day of its kind, 0 … 47: a weekend's come after a working day's.
std::uint32_t hour_of_kind(base::Instant local);

class UsualSpeeds {
 public:
  struct Usual {
    double speed_kmh{};
    double spread_kmh{};  // mean absolute deviation
    double readings{};    // that it rests on, at most 200
  };
  void learn(std::uint32_t segment, std::uint32_t hour, double speed_kmh);
  // Of that hour, or where it has seen fewer than `least` readings of it, of the whole kind of day; nothing before
  // that.
  std::optional<Usual> usual(std::uint32_t segment, std::uint32_t hour, double least = 4) const;

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Hour {
    float mean_kmh{}, spread_kmh{};
    std::uint32_t readings{};
  };
  std::vector<std::array<Hour, 48>> hours_;  // by segment
};

}  // namespace cityloop::traffic
