// How each rule fares, for the console. Counted on the engine's thread, read on any.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "flow/finding.h"

namespace cityloop::decide {

struct Tally {
  std::atomic<std::uint64_t> opened{0};
  std::atomic<std::uint64_t> active{0};
  std::atomic<std::uint64_t> late{0};         // readings that came after a newer one
  std::atomic<std::uint64_t> too_late{0};     // of those, the ones older than anything the rule still holds
  std::atomic<std::uint64_t> crowded_out{0};  // samples that a full window had no room for
};

struct RuleStatus {
  std::string id, kind, file, condition, source;
  int line{};
  flow::Bilingual name, explanation;
  flow::Severity severity{};
  std::vector<std::string> types;
  std::uint64_t findings_total{}, findings_active{}, late{}, too_late{}, crowded_out{};
};

struct EngineStatus {
  std::vector<RuleStatus> rules;  // as in the book
  std::uint64_t readings{};       // attribute values looked at
  std::uint64_t bad_time{};       // observed before 2000 or more than 10 minutes ahead: passed over
  std::uint64_t entities{};       // on the board
  std::uint64_t timers{};
};

}  // namespace cityloop::decide
