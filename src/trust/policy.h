// May this principal do this here? One question, one place; every refusal is counted by action and role.
//
// Grants are a table (grants.h): role → actions, with the scope in which it holds (anywhere, own department, own
// areas). What no grant allows is refused. A matrix test walks every role and every action.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trust/principal.h"

namespace cityloop::trust {

enum class Permission : std::uint8_t {
  read_city,       // entities, map, findings, history
  write_entities,  // NGSI-LD writes; devices and programs
  subscribe,       // NGSI-LD subscriptions
  read_cases,
  handle_case,  // dispatch, verify, close, cancel
  work_case,    // accept, report: in one's own department
  read_commands,
  request_command,
  approve_command,  // another person than the one who asked
  control_feeds,    // pause, resume, speed
  read_rules,
  test_rules,       // run a backtest
  read_operations,  // metrics, refusals, rejected rows
  inspect,          // go and look: one's own list of inspections
  hold_rounds,      // make and change budgeting rounds
  see_awards,       // which award cycles there are; all who have a part in one
  enter_awards,     // one's own proposals
  run_awards,       // the secretariat
  judge_awards,     // the proposals assigned to oneself, masked
  decide_awards,    // chair the panel
  audit_awards,     // what was received and sealed when, and that nothing was altered
  read_indices,     // composite indices, self-assessments with their evidence, surveys of feelings
  fill_indices,     // upload their tables, answer a self-assessment
};
inline constexpr std::size_t kPermissions = 23;
std::string_view to_string(Permission);

// What is asked about: empty members mean "not bound to one".
struct Scope {
  std::string_view department;
  std::string_view area;
};

class Policy {
 public:
  Policy();
  ~Policy();

  // Errc::unauthenticated for the anonymous, Errc::refused with the reason otherwise. Any thread.
  base::Status check(const Principal&, Permission, const Scope& = {}) const;
  // The same question where the answer is no refusal but a choice of what to show; not counted.
  bool allows(const Principal&, Permission, const Scope& = {}) const;
  // Counted refusals: "approve_command viewer" → 3. Of several roles the first that the table (grants.h) knows counts;
  // who has none counts by kind: "read_cases device", "read_city anonymous".
  std::map<std::string, std::uint64_t> refusals() const;
  // Every permission that some scope grants to the principal, for the console to know what to show.
  std::vector<Permission> granted(const Principal&) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::trust
