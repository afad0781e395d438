// What people change of a roster, each by request and approval: leave 请假, sickness 病假, a swap 换班, a stand-in
// 替班, overtime 加班.
//
//   people ─ Action ─▶ DutyLoop ─ DutyChange ─▶ log ══▶ Roster, serve
//
// Only the loop of duty writes them. Times are instants; a shift is named by who works it and when it begins.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::duty {

using flow::EntityId;
using flow::Instant;
using flow::kNever;

enum class ChangeOf : std::uint8_t { leave, sickness, swap, stand_in, overtime };
enum class ChangeStatus : std::uint8_t { requested, granted, denied, withdrawn };

struct DutyChange {
  EntityId id;  // urn:ngsi-ld:DutyChange:…
  ChangeOf of{};
  std::string person;            // whose duty changes
  std::string crew, department;  // of the shift; of leave and sickness the person's own
  Instant from{kNever};          // the time away, the shift, or the overtime
  Instant until{kNever};
  std::string other;           // who stands in or swaps; empty for the rest
  Instant other_from{kNever};  // the other's shift of a swap
  Instant other_until{kNever};
  ChangeStatus status{ChangeStatus::requested};
  bool agreed{true};  // the other person has; true where there is none
  std::string note;
  std::string asked_by;
  Instant asked_at{kNever};
  std::string decided_by;
  Instant decided_at{kNever};
  std::string reason;  // why it was denied

  bool is_absence() const { return of == ChangeOf::leave || of == ChangeOf::sickness; }
};

std::string_view to_string(ChangeOf);
std::string_view to_string(ChangeStatus);
base::Result<ChangeOf> change_of_from(std::string_view);
base::Result<ChangeStatus> change_status_from(std::string_view);
flow::Write to_write(const DutyChange&);
base::Result<DutyChange> change_from(const flow::Entity&);

}  // namespace cityloop::duty
