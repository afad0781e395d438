// Where one rule stands with one entity: quiet, holding, open, clearing.
//
// A hold is over when the condition has held for its whole length: the last value is taken to last until the next
// reading, but for no longer than gap_max. A reading at the very end of a hold still counts.
#pragma once

#include <cstdint>
#include <limits>

#include "base/time.h"

namespace cityloop::decide {

enum class Phase : std::uint8_t { quiet, holding, open, clearing };

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();
inline constexpr std::uint32_t kNone = 0xffffffff;

// Times in microseconds since 1970, as Instant counts them.
struct Track {
  std::int64_t since{kNoTime};      // start of the hold (holding) or of the clear hold (clearing)
  std::int64_t last{kNoTime};       // newest reading looked at
  std::int64_t due{kNoDeadline};    // when the timer wakes the rule; no earlier than what is needed
  std::int64_t opened_ms{kNoTime};  // of the newest finding, open or not: no two may share an id
  std::uint32_t memory{kNone};      // what else the rule keeps of the entity, by its own count
  std::uint32_t finding{kNone};     // the open finding
  Phase phase{Phase::quiet};

  bool operator==(const Track&) const = default;
  bool is_untouched() const { return *this == Track{}; }
  bool is_open() const { return phase == Phase::open || phase == Phase::clearing; }
};

struct Holding {
  std::int64_t hold_us{};
  std::int64_t clear_hold_us{};
  std::int64_t gap_max_us{};  // 0: none

  // When the hold that runs will be over if nothing else is heard; kNoDeadline when none runs or the value gets too
  // old before.
  std::int64_t deadline(const Track& track) const {
    if (track.phase != Phase::holding && track.phase != Phase::clearing) return kNoDeadline;
    const std::int64_t at = track.since + (track.phase == Phase::holding ? hold_us : clear_hold_us);
    return gap_max_us > 0 && at > track.last + gap_max_us ? kNoDeadline : at;
  }

  // A reading after too long a silence: what was being held starts anew.
  void bridge_gap(Track& track, std::int64_t t) const {
    if (gap_max_us == 0 || track.last == kNoTime || t - track.last <= gap_max_us) return;
    if (track.phase == Phase::holding) track.phase = Phase::quiet;
    if (track.phase == Phase::clearing) track.phase = Phase::open;
  }
};

}  // namespace cityloop::decide
