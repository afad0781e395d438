// How well a rule does, from how its cases ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "flow/change.h"

namespace cityloop::learn {

struct Score {
  std::string rule;
  std::uint64_t confirmed{0};  // cases that ended as what the rule said
  std::uint64_t false_alarm{0};
  std::uint64_t open{0};  // cases that have not ended
  flow::Instant updated_at{flow::kNever};

  std::uint64_t ended() const { return confirmed + false_alarm; }
  // Share of the ended cases that were confirmed; nothing while none has ended.
  std::optional<double> precision() const;
};

// The precisions that the counts leave likely, 95 of 100 (Wilson's score interval: sound for few cases and near 0 and
// 1).
struct Interval {
  double low{};
  double high{};
};
std::optional<Interval> likely(const Score&);

// As the entity urn:ngsi-ld:RuleScore:RULE.
flow::Write to_write(const Score&);

}  // namespace cityloop::learn
