// What each role may do: the whole table, to be read and changed here and nowhere else.
//
//   role → permissions that hold anywhere, and permissions that hold in one's own department only
//
// The details, and why:
// - "Own department" holds where the thing asked about names a department and it is the principal's. A thing that
//   belongs to no department yet (a case just filed) is nobody's own: an operator or a supervisor gives it to one.
// - Several roles add up. A role that is not in the table grants nothing.
// - Areas cut across every role: a principal with areas is refused where the thing lies in another. What lies in no
//   area, and what is asked of the city as a whole, is not cut.
// - Work is kept apart from command: nobody but a worker accepts and reports work, not even an admin, so the record
//   of who stood at the place is true. Who also works is given the role worker as well.
// - A dispatcher sees the whole city and acts for one department: its cases, and the commands of its cases. The feeds
//   belong to no department, so a dispatcher does not control them.
// - Approval is kept apart from request: an operator asks and a supervisor approves. A supervisor therefore cannot ask;
//   an admin can do either, but the command's own rule (another person than the one who asked) still holds.
// - A program has the roles of its account. A device may write entities and nothing else, whatever its roles say.
// - A program with the role open311 may report as citizens do, who need no right for it: the role gives none within.
// - An inspector is a citizen with an account: sees the inspections asked of them and answers those, nothing else. Not
//   even an admin answers for one, so the record of who looked is true.
// - Who has a part in an award cycle has no other: an applicant and a juror come from outside and see nothing of the
//   city, and no role holds two of the five rights, so that whoever runs a cycle neither scores nor decides, and
//   whoever audits it does none of that. Not even an admin does.
// - Evidence of a self-assessment is for those who answer for the city's work: a viewer, a worker and an integrator see
//   the city's indicators and no index. Who fills one in also reads it.
// - participation and awards are who the loop of proposals and rounds, and the keeper of award cycles, are in a
//   workflow. They give no right to anybody.
// - Some roles people may come to by themselves, by an address that answers (trust/enrolment.h): those that give no
//   right beyond what is one's own.
// - The anonymous may do nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "trust/policy.h"

namespace cityloop::trust {

class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  template <class... Each>
  static constexpr PermissionSet of(Each... each) {
    PermissionSet out;
    out.bits_ = (0u | ... | (1u << unsigned(each)));
    return out;
  }
  template <class... Each>
  static constexpr PermissionSet all_but(Each... each) {
    PermissionSet out;
    out.bits_ = ((1u << kPermissions) - 1) & ~of(each...).bits_;
    return out;
  }
  constexpr bool has(Permission one) const { return bits_ >> unsigned(one) & 1; }

 private:
  std::uint32_t bits_{0};
};

struct RoleGrants {
  std::string_view role;
  PermissionSet anywhere;
  PermissionSet own_department;
};

namespace grants {
using enum Permission;
using Set = PermissionSet;

inline constexpr RoleGrants kTable[] = {
    {"viewer", Set::of(read_city), {}},
    {"operator",
     Set::of(read_city, read_cases, handle_case, read_commands, request_command, read_rules, test_rules,
             read_operations, control_feeds, read_indices),
     {}},
    {"dispatcher", Set::of(read_city, read_cases, read_commands, read_rules, test_rules, read_operations, read_indices),
     Set::of(handle_case, request_command)},
    {"worker", Set::of(read_city), Set::of(read_cases, work_case, read_commands)},
    {"supervisor",
     Set::of(read_city, read_cases, read_commands, read_rules, test_rules, read_operations, handle_case,
             approve_command, hold_rounds, read_indices, fill_indices),
     {}},
    {"integrator",
     Set::of(read_city, write_entities, subscribe, read_rules, test_rules, control_feeds, read_operations),
     {}},
    {"data_officer", Set::of(read_city, read_operations, read_indices, fill_indices), {}},
    {"planner", Set::of(read_city, read_rules, test_rules, read_indices, fill_indices), {}},
    {"open311", {}, {}},
    {"inspector", Set::of(inspect), {}},
    {"participation", {}, {}},
    {"applicant", Set::of(see_awards, enter_awards), {}},
    {"secretary", Set::of(read_city, see_awards, run_awards), {}},
    {"juror", Set::of(see_awards, judge_awards), {}},
    {"chair", Set::of(read_city, see_awards, decide_awards), {}},
    {"awards", {}, {}},
    {"auditor", Set::of(read_city, see_awards, audit_awards), {}},
    {"admin",
     Set::all_but(work_case, inspect, see_awards, enter_awards, run_awards, judge_awards, decide_awards, audit_awards),
     {}},
};

inline constexpr PermissionSet kDevice = Set::of(write_entities);

inline constexpr std::string_view kEnrolled[] = {"applicant"};

}  // namespace grants

// Null for a role that the table does not know.
const RoleGrants* grants_of(std::string_view role);

}  // namespace cityloop::trust
