#include "casework/transitions.h"

#include <algorithm>

namespace cityloop::casework {
namespace {

using flow::Case;
using flow::CaseState;
using Origin = Transition::Origin;

constexpr std::uint8_t bit(CaseState state) {
  return std::uint8_t(1u << unsigned(state));
}

constexpr std::uint8_t kFiled = bit(CaseState::filed), kDispatched = bit(CaseState::dispatched),
                       kWorking = bit(CaseState::working), kReported = bit(CaseState::reported),
                       kVerifying = bit(CaseState::verifying);
constexpr std::uint8_t kOpen = kFiled | kDispatched | kWorking | kReported | kVerifying;
constexpr std::uint8_t kAll = kOpen | bit(CaseState::closed) | bit(CaseState::cancelled);

const std::vector<Transition>& table() {
  static const FieldSpec note{"note", false}, reason{"note", true};
  static const FieldSpec department{"department", true}, result{"result", true, {"pass", "fail"}};
  static const std::vector<Transition> rows{
      {.verb = "dispatch",
       .from = kFiled | kDispatched | kWorking,
       .to = CaseState::dispatched,
       .right = Right::handle,
       .fields = {department, note}},
      {.verb = "accept", .from = kDispatched, .to = CaseState::working, .right = Right::work, .fields = {note}},
      {.verb = "report", .from = kWorking, .to = CaseState::reported, .right = Right::work, .fields = {note}},
      {.verb = "verify",
       .from = kReported | kVerifying,
       .to = CaseState::closed,
       .right = Right::handle,
       .not_by_reporter = true,
       .fields = {result, note}},
      {.verb = "close",
       .from = kOpen,
       .to = CaseState::closed,
       .right = Right::handle,
       .origin = Origin::finding,
       .needs_cleared = true,
       .fields = {note}},
      {.verb = "close",
       .from = kReported | kVerifying,
       .to = CaseState::closed,
       .right = Right::handle,
       .origin = Origin::person,
       .not_by_reporter = true,
       .fields = {note}},
      {.verb = "return",
       .from = kDispatched | kWorking,
       .to = CaseState::filed,
       .right = Right::work,
       .fields = {reason}},
      {.verb = "return",
       .from = kReported | kVerifying,
       .to = CaseState::working,
       .right = Right::handle,
       .fields = {reason}},
      {.verb = "cancel", .from = kOpen, .to = CaseState::cancelled, .right = Right::handle, .fields = {reason}},
      {.verb = "note", .from = kAll, .to = CaseState::filed, .right = Right::either, .stays = true, .fields = {reason}},
  };
  return rows;
}

bool origin_fits(const Transition& row, const Case& one) {
  return row.origin == Origin::any || (row.origin == Origin::finding) == !one.finding.empty();
}

base::Status check_demands(const Transition& row, const Case& one, std::string_view by) {
  if (row.needs_cleared && !one.finding_cleared)
    return base::fail(base::Errc::conflict,
                      "its finding is still active: the case can be closed once that has cleared");
  if (row.not_by_reporter && by == reporter_of(one))
    return base::fail(base::Errc::conflict, "whoever reported the work as done cannot verify it too");
  return {};
}

bool has_right(const CaseActor& actor, Right right) {
  switch (right) {
    case Right::handle: return actor.may_handle;
    case Right::work: return actor.may_work;
    case Right::either: return actor.may_handle || actor.may_work;
  }
  return false;
}

// A check that the twin itself contradicts cannot be passed.
void narrow_fields(const Case& one, AvailableAction& action) {
  if (action.verb != "verify" || one.finding.empty() || one.finding_cleared) return;
  for (FieldSpec& field : action.fields) {
    if (field.name == "result") field.options = {"fail"};
  }
}

}  // namespace

std::span<const Transition> transitions() {
  return table();
}

bool is_open(CaseState state) {
  return bit(state) & kOpen;
}

std::string_view reporter_of(const Case& one) {
  for (auto step = one.timeline.rbegin(); step != one.timeline.rend(); ++step) {
    if (step->verb == "report") return step->by;
  }
  return {};
}

base::Result<const Transition*> permitted(const Case& one, std::string_view verb, std::string_view by) {
  bool known = false;
  base::Status demands;
  for (const Transition& row : table()) {
    if (row.verb != verb) continue;
    known = true;
    if (!origin_fits(row, one) || !(row.from & bit(one.state))) continue;
    demands = check_demands(row, one, by);
    if (demands) return &row;
  }
  if (!known) return base::fail(base::Errc::invalid, "'{}' is not a step of a case", verb);
  if (!demands) return std::unexpected(demands.error());
  return base::fail(base::Errc::conflict, "'{}' is not possible while the case is {}", verb, to_string(one.state));
}

std::vector<AvailableAction> available_actions(const Case& one, const CaseActor& actor) {
  std::vector<AvailableAction> out;
  for (const Transition& row : table()) {
    const bool listed = std::any_of(out.begin(), out.end(), [&](const auto& a) { return a.verb == row.verb; });
    if (listed || !has_right(actor, row.right)) continue;
    if (!origin_fits(row, one) || !(row.from & bit(one.state)) || !check_demands(row, one, actor.id)) continue;
    narrow_fields(one, out.emplace_back(row.verb, row.fields));
  }
  return out;
}

}  // namespace cityloop::casework
