// What people change of rosters: leave, sickness, swaps, stand-ins, overtime; asked for, agreed to, granted or denied.
//
//   people ─ Action ─▶ [DutyLoop] ─ DutyChange ─▶ log ══▶ RosterKeeper (planner, serve)
//                      [DutyLoop] ─ Action(done | refused) ─▶ serve
//   app ─ DutyRules ─▶ [DutyLoop]
//
//   duty_ask       a change of one's own duty; for somebody else only by who plans for the department. Fields: kind,
//                  person, from, until, other, otherFrom, crew. Sickness holds at once; all else waits.
//   duty_agree     by the other person of a swap or stand-in; whoever asks for their own part has agreed
//   duty_grant     by who plans for the department (trust/grants.h: handle_case), never by whoever asked or gains by it
//   duty_deny      likewise, with a note: the reason
//   duty_withdraw  by whoever asked or whose duty it is, while it waits; of leave and sickness also later: back again
//
// What would book somebody twice, for too many hours in a week or with too little rest is refused with the reason, when
// it is asked for and again when it is granted. State follows from the log alone; time is LogRecord::at.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/json_value.h"
#include "duty/roster_keeper.h"
#include "flow/action.h"
#include "twin/loop.h"

namespace cityloop::duty {

inline constexpr std::string_view kDutyLoop = "loop:duty";

// Whether this verb is one of duty's.
bool is_duty_verb(std::string_view);

// Who asks, as far as duty cares.
struct DutyActor {
  std::string id;
  std::vector<std::string> roles;
  std::string department;
};
// Whether they plan for a department: may grant, deny, and ask for others.
bool plans_for(const DutyActor&, std::string_view department);
// What they may do with a change now, of agree, grant, deny, withdraw.
std::vector<std::string_view> allowed_verbs(const DutyChange&, const DutyActor&, Instant now);

class DutyLoop final : public twin::Loop {
 public:
  std::string_view name() const override { return "duty"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;

  struct Stats {
    std::uint64_t asked, granted, denied, withdrawn, refused, malformed;
  };
  Stats stats() const;  // any thread

 private:
  void on_action(const flow::Change&, twin::Outbox&);
  base::Status do_action(flow::Action&, twin::Outbox&);
  base::Result<DutyChange> ask(const flow::Action&, const base::JsonValue& given) const;
  base::Status complete(DutyChange&, const base::JsonValue& given) const;
  base::Status complete_absence(DutyChange&) const;
  base::Status complete_overtime(DutyChange&) const;
  base::Status complete_exchange(DutyChange&, const base::JsonValue& given) const;
  base::Status check(const DutyChange&) const;
  base::Status decide(DutyChange&, const flow::Action&) const;

  RosterKeeper keeper_;
  Instant now_{flow::kNever};
  Instant swept_at_{flow::kNever};
  std::atomic<std::uint64_t> asked_{0}, granted_{0}, denied_{0}, withdrawn_{0}, refused_{0}, malformed_{0};
};

}  // namespace cityloop::duty
