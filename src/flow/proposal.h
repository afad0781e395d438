// What a planner proposes: which crew goes to which case, in which order and when, and why; and what people did to it.
//
//   duty's planner ─ Proposal ─▶ people (overrule, accept, reject) ─ Action(appoint) for each case ─▶ casework
//
// Written by the planner alone. A proposal is never changed into another plan: a new plan is a new proposal, and the
// one that was open before is outdated. What is accepted is accepted crew by crew, or all at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "flow/finding.h"

namespace cityloop::flow {

enum class ProposalStatus : std::uint8_t {
  open,
  accepted,  // no crew's part is open any more, and at least one was accepted
  rejected,
  outdated,  // a later plan has taken its place before anybody decided
};

// A stable word for programs, and the sentence for people.
struct Because {
  std::string code;
  Bilingual text;
  friend bool operator==(const Because&, const Because&) = default;
};

// What is appointed for a case: by an earlier proposal, or by hand.
struct Appointment {
  std::string crew;
  Instant planned_at{kNever};
  std::uint32_t turn{0};
  friend bool operator==(const Appointment&, const Appointment&) = default;
};

enum class StopChange : std::uint8_t { none, same, new_one, crew, order, time };  // against what is appointed
enum class Appointed : std::uint8_t { no, waiting, done, refused };

struct ProposalStop {
  EntityId task;  // the Case
  std::uint32_t turn{0};
  Instant arrive_at{kNever}, begin_at{kNever}, depart_at{kNever};
  double travel_s{}, travel_m{};  // from the stop before
  double slack_s{-1};             // how much later it could begin; negative: it does not matter
  double detour_m{};              // what way would be saved without it
  double late_s{};                // so long after its deadline it ends
  bool begun{false};              // the crew is at work on it
  bool pinned{false};
  std::vector<Because> why;
  std::string instead;  // the next best crew; empty: nobody else has room for it
  double instead_m{};   // and what the plan would cost more
  std::optional<Appointment> was;
  StopChange change{StopChange::none};
  Appointed appointed{Appointed::no};
  std::string refusal;  // why its workflow did not appoint
};

struct ProposalRoute {
  std::string crew;
  Instant from{kNever}, until{kNever};  // its duty
  double start_lon_deg{}, start_lat_deg{};
  Instant depart_at{kNever}, end_at{kNever};
  double distance_m{}, travel_s{}, work_s{};
  ProposalStatus status{ProposalStatus::open};
  // Who decided, with what the log says of them when they act by it.
  std::string by;
  std::vector<std::string> roles;
  std::string department;
  Instant at{kNever};
  std::string note;
  std::vector<ProposalStop> stops;
};

struct ProposalUndone {
  EntityId task;
  Because reason;
  std::optional<Appointment> was;
};

enum class OverruleKind : std::uint8_t { pin, exclude_case, exclude_crew, order };

// What a person has said that plans must keep to.
struct Overrule {
  std::uint32_t number{};  // counts in the department
  OverruleKind kind{};
  EntityId task;
  std::string crew;
  std::vector<EntityId> tasks;  // of an order
  std::string by;
  Instant at{kNever};
  Instant until{kNever};  // kNever: as long as there is something to keep to
  std::string note;
  bool obeyed{false};  // the plan that it stands in keeps to it
  Because reason;      // why not
};

struct ProposalFigures {
  std::uint32_t cases{}, planned{}, undone{}, crews{}, crews_used{};
  double distance_m{}, travel_s{}, work_s{};
  std::uint32_t late{}, in_time{};
  std::int32_t overdue_avoided{};  // deadlines kept more than by what is appointed
  double distance_before_m{};      // of what is appointed
  std::uint32_t changed_new{}, changed_crew{}, changed_order{}, changed_time{}, dropped{};
  std::uint32_t straight{};  // ways by the straight line
  double table_s{}, solve_s{};
  std::uint64_t iterations{};
};

struct Proposal {
  EntityId id;  // urn:ngsi-ld:Proposal:DEPARTMENT:NUMBER
  std::uint32_t number{};
  std::string department;
  ProposalStatus status{ProposalStatus::open};
  Instant made_at{kNever};
  Seq state{};          // the log up to which the city was looked at
  std::string trigger;  // person changes start shift
  std::string by;       // who asked for it; empty: nobody
  std::string decided_by;
  Instant decided_at{kNever};
  std::string note;  // why it was rejected
  std::vector<ProposalRoute> routes;
  std::vector<ProposalUndone> undone;
  std::vector<std::string> idle;  // crews on duty without work in it
  std::vector<Overrule> overruled;
  std::vector<Because> notes;
  ProposalFigures figures;

  // Whether each part that was accepted has been answered by casework.
  bool is_settled() const;
};

std::string_view to_string(ProposalStatus);
std::string_view to_string(StopChange);
std::string_view to_string(Appointed);  // "" for no
std::string_view to_string(OverruleKind);
EntityId proposal_id(std::string_view department, std::uint32_t number);
Write to_write(const Proposal&);
base::Result<Proposal> proposal_from(const Entity&);

}  // namespace cityloop::flow
