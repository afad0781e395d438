// A request to a community inspector (市民观察员) to go and look, and what they saw: at a place of a schedule, at a
// case that is said to be fixed, at anything else. An entity, so that the log says who was asked, who looked, and what
// came of it; its words are those of people with an account.
//
//   staff, Patrol ─ Inspection ─▶ twin ─▶ the inspector's list ─ answer ─▶ casework (verify, or a new case)
//
// Only this room writes an Inspection.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/change.h"
#include "flow/finding.h"

namespace cityloop::participation {

using flow::Bilingual;
using flow::EntityId;
using flow::Instant;
using flow::kNever;

enum class InspectionTask : std::uint8_t { patrol, verify, look };
enum class InspectionState : std::uint8_t { open, answered, missed, withdrawn };
enum class InspectionResult : std::uint8_t { fine, problem, unreachable };
// What came of an answer. kept: the case could not take it any more, it stands here alone.
enum class InspectionOutcome : std::uint8_t { none, verified, reworked, noted, filed, kept };

std::string_view to_string(InspectionTask);
std::string_view to_string(InspectionState);
std::string_view to_string(InspectionResult);
std::string_view to_string(InspectionOutcome);
std::optional<InspectionResult> inspection_result_from(std::string_view);
std::optional<InspectionState> inspection_state_from(std::string_view);

struct Inspection {
  EntityId id;
  InspectionTask task{InspectionTask::look};
  Bilingual title;
  std::string ask;
  double lon_deg{}, lat_deg{};
  std::string area;    // policy area of the place
  std::string patrol;  // id of the schedule; empty when people asked
  EntityId about;      // the case; empty for none
  std::string inspector;
  std::string by;  // who asked
  Instant made_at{kNever}, due_at{kNever};
  InspectionState state{InspectionState::open};
  std::string reason;  // why withdrawn

  std::optional<InspectionResult> result;
  std::string note;
  std::vector<std::string> photos;
  double seen_lon_deg{}, seen_lat_deg{};
  double distance_m{};  // between where they stood and the place
  Instant seen_at{kNever}, answered_at{kNever};
  std::string kind;        // of a new case, as the inspector named it
  std::string answer_key;  // what made the answer the only one

  InspectionOutcome outcome{InspectionOutcome::none};
  EntityId made;  // the case that it became

  bool in_time() const { return answered_at != kNever && (due_at == kNever || answered_at <= due_at); }
};

// Part of an id: letters, digits, '-', '_' and ':' as the caller has them.
EntityId inspection_id(std::string_view tail);
EntityId find_inspection(std::string_view tail);
std::string_view tail_of(const Inspection&);
flow::Write to_write(const Inspection&, flow::WriteMode mode = flow::WriteMode::replace);
base::Result<Inspection> inspection_from(const flow::Entity&);

}  // namespace cityloop::participation
