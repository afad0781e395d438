// A case as planning sees it: where, what it asks for, by when, and who has it.
//
//   Case ─▶ [Work] ─▶ day plan
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duty/roster.h"
#include "flow/case.h"
#include "flow/proposal.h"

namespace cityloop::duty {

// What planning may do with a case, as its workflow and state have it.
enum class Standing : std::uint8_t {
  aside,  // nothing: it waits for somebody else, stands still, or has ended
  open,   // a crew can be appointed
  begun,  // somebody is at work on it
};

struct Work {
  flow::EntityId id;
  std::string department, kind, category, area, cell;
  flow::Severity severity{flow::Severity::moderate};
  std::optional<geo::Position> at;
  Instant due_at{flow::kNever};  // the work must have ended by then
  bool overdue{false}, supervised{false};
  Standing standing{};
  std::optional<flow::Appointment> appointed;
  std::string crew;  // also where no time is set
  // Of what has begun: who is at work on it, since when.
  std::string worker;
  Instant begun_at{flow::kNever};
  // Somebody of a crew was last seen there: who, when.
  std::string seen;
  Instant seen_at{flow::kNever};

  bool is_begun() const { return standing == Standing::begun; }
  friend bool operator==(const Work&, const Work&) = default;
};

// Nothing when the case has ended and says nothing of where anybody is.
std::optional<Work> work_of(const flow::Case&, Standing);

}  // namespace cityloop::duty
