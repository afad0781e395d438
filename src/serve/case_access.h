// Who may read which case, and how one is found by whoever asks for it: the same answer on every route that shows one.
//
//   routes ─ principal, id or number ─▶ [CaseAccess] ─▶ Case, or why not
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "flow/case.h"
#include "serve/cases/case_index.h"
#include "serve/duty_shelf.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct CaseAccess {
  const Guard& guard;
  const twin::Twin& twin;
  const CaseIndex& index;
  const DutyShelf* duty{nullptr};  // null: nobody works for a crew

  // In one's own right, by a department that assists, for the crew it was appointed to, or because one reported it,
  // whosever it is by now.
  bool may_read(const trust::Principal&, const flow::Case&) const;
  // Whether the principal has this right by a department that assists in the case.
  bool holds_as_assistant(const trust::Principal&, const flow::Case&, trust::Permission) const;
  // Whether the principal has this right in their own department, and works for the crew that the case was appointed
  // to.
  bool holds_for_crew(const trust::Principal&, const flow::Case&, trust::Permission) const;
  // By its id, or by the number that people call it by; in the twin or in the archive. Errc::not_found, or why not.
  base::Result<flow::Case> readable(const trust::Principal&, std::string_view id) const;
  // One that another case names, without its timeline and clocks; nothing where it is not there, or not theirs to read.
  std::optional<flow::Case> find_readable(const trust::Principal&, flow::EntityId) const;
};

// What the case stands for: its own finding, all of a storm's in the order in which they came, and those of the cases
// merged into it; each once.
std::vector<flow::EntityId> findings_of(const twin::Twin&, const flow::Case&);

}  // namespace cityloop::serve
