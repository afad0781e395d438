// Which step of a case is possible when, for whom, and with what: one table for the loop that does it and for the
// server that offers it.
//
//   verb      from                            to          right   demands
//   dispatch  filed dispatched working        dispatched  handle  department, another than now holds it
//   accept    dispatched                      working     work
//   report    working                         reported    work    (opened by a finding: goes on to verifying)
//   verify    reported verifying              closed      handle  result = pass: finding cleared; not by the reporter
//                                             working     handle  result = fail; not by the reporter
//   close     any open                        closed      handle  opened by a finding, and that has cleared
//   close     reported verifying              closed      handle  opened by a person; not by the reporter
//   return    dispatched working              filed       work    note: "not ours, because …"
//   return    reported verifying              working     handle  note: what is still to be done
//   cancel    any open                        cancelled   handle  note: why it was a false alarm
//   note      any                             as it was   either  note
//
// What the loop does by itself stands in case_loop.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/case.h"

namespace cityloop::casework {

// handle: triage, dispatch, verify; work: do the work in one's own department (trust's handle_case and work_case).
enum class Right : std::uint8_t { handle, work, either };

struct FieldSpec {
  std::string_view name;  // "note" is the action's own note
  bool required{false};
  std::vector<std::string_view> options{};  // closed choice; empty for free text
};

struct Transition {
  std::string_view verb;
  std::uint8_t from;  // bit 1 << state
  flow::CaseState to;
  Right right;
  enum class Origin : std::uint8_t { any, finding, person } origin{Origin::any};
  bool stays{false};            // `to` does not count
  bool not_by_reporter{false};  // four eyes
  bool needs_cleared{false};    // its finding must have cleared
  std::vector<FieldSpec> fields{};
};

std::span<const Transition> transitions();

bool is_open(flow::CaseState);
// Who last said that the work is done; empty when nobody has.
std::string_view reporter_of(const flow::Case&);

// The row by which `by` may take this step now, or why not (Errc::conflict, or Errc::invalid for an unknown verb).
// Rights are the server's to check, before it writes the Action.
base::Result<const Transition*> permitted(const flow::Case&, std::string_view verb, std::string_view by);

// Who asks, as far as a case cares.
struct CaseActor {
  std::string id;
  bool may_handle{false};
  bool may_work{false};
};

struct AvailableAction {
  std::string_view verb;
  std::vector<FieldSpec> fields;
};

// What this person may do now, in the table's order, each verb once.
std::vector<AvailableAction> available_actions(const flow::Case&, const CaseActor&);

}  // namespace cityloop::casework
