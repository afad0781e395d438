// The workflow of cases: takes up what decide found, sends it to a department or a device, keeps its deadlines, lets
// the twin verify the result, and closes it.
//
//   decide ─ Finding ─▶ [CaseLoop] ─ Case ─▶ people, learn
//   people ─ Action ─▶ [CaseLoop] ─ Action(done | refused) ─▶ serve
//                      [CaseLoop] ─ Command(requested) ─▶ act ─ Command(status) ─▶ [CaseLoop]
//
// What people may do stands in transitions.h. What the loop does by itself (clear: the finding has stayed cleared for
// verify_hold; nobody: no person holds the case):
//
//   from                 on                               to
//   -                    finding active, names a case     filed; auto_dispatch: dispatched, its device is asked
//   any open             its finding active again, or a   the same case; from reported, verifying: back to work
//                        new one of rule and entity
//   dispatched           its command was sent             working, by the loop
//   dispatched, working  its command succeeded            reported by the device, then verifying
//   working, verifying   its command failed, nobody       dispatched and escalated: a person must take it
//   reported             opened by a finding              verifying (opened by a person: waits for verify)
//   verifying            not cleared in verify_within     back to work
//   verifying            clear                            closed, confirmed
//   dispatched, working  clear, worked on, auto_close     reported, verifying, closed, confirmed
//   filed, dispatched    clear, never worked on           by cleared_early: confirmed, false alarm, or ask a person
//   any open             4/5 of a deadline is over        a note of warning
//   any open             a deadline is over               overdue and escalated
//   closed, cancelled    its device had been at work      asks for command_on_close, unless an open case needs it;
//                                                         a command not yet sent is withdrawn
//
// Back to work: the device is asked again, at most commands_max times in a case; else whoever holds it works on; else
// it is dispatched anew and escalated.
//
// Each step by the loop carries a code that the console translates: finding unknown_kind auto_dispatch command_asked
// command_waits command_working command_done command_failed command_ended command_release command_without_device
// report_void device_gave_up release_failed nobody_at_work finding_again finding_cleared severity_raised verifying
// held_clear hold_reached cleared_at_work cleared_early not_clear_in_time accept_warning accept_missed close_warning
// close_missed.
//
// A case that a finding opened never closes while that finding is active. A finding never opens two cases. Ids follow
// from the finding's id, so a replay writes the same. Deadlines and holds run by LogRecord::at. Ended cases are kept
// for keep_ended (for notes, and receipts that come late), then only the twin has them.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "casework/case_book.h"
#include "casework/case_kinds.h"
#include "flow/action.h"
#include "twin/loop.h"

namespace cityloop::base {
class JsonValue;
}

namespace cityloop::casework {

// Who the loop is where it did something by itself.
inline constexpr std::string_view kLoop = "loop:casework";

struct CaseLoopOptions {
  CaseKinds kinds;
  // The policy area that a GeoJSON geometry lies in; empty for none. Must be a function of its input alone.
  std::function<std::string(std::string_view geojson)> area_of;
  Duration keep_ended{std::chrono::hours(24)};
};

class CaseLoop final : public twin::Loop {
 public:
  explicit CaseLoop(CaseLoopOptions);

  std::string_view name() const override { return "casework"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;

  // Between two records (LoopRunner::run_inside). Open cases keep their own deadline and hold; what comes next follows
  // the new kinds.
  void set_kinds(CaseKinds);

  struct Stats {
    std::uint64_t opened, attached, closed, cancelled, returned, escalated, commands;
    std::uint64_t actions_done, actions_refused;
    std::uint64_t malformed;     // findings and responses that cannot be read
    std::uint64_t unknown_kind;  // taken up all the same, without deadlines, waiting as filed
    std::uint64_t open_now;
  };
  Stats stats() const;

 private:
  enum class Due : std::uint8_t {
    none,
    forget,
    hold,
    verify_limit,
    accept_warning,
    accept_missed,
    close_warning,
    close_missed
  };
  struct NextDue {
    Instant at{kNever};
    Due what{Due::none};
  };

  // case_loop.cc: findings and commands
  void on_finding(const flow::Change&);
  void on_new_finding(const flow::Finding&);
  void on_known_finding(KnownFinding&, flow::Finding);
  void open_case(const flow::Finding&, const base::JsonValue& response);
  void attach(Tracked&, const flow::Finding&, const base::JsonValue& response);
  void on_active_again(Tracked&, const flow::Finding&);
  void on_cleared(Tracked&, const flow::Finding&);
  void on_command(const flow::Change&);
  void on_foreign_command(const flow::Change&);
  void on_command_status(Tracked&, EntityId command, flow::CommandStatus, const std::string& reason);
  void on_command_failed(Tracked&, flow::CommandStatus, const std::string& reason);

  // case_steps.cc: how a case moves, and its timers
  void step(Tracked&, std::string_view by, std::string_view verb, flow::CaseState to, std::string note,
            std::string_view code = {});
  void note(Tracked&, std::string text, std::string_view code);
  void escalate(Tracked&, std::string_view why, std::string_view code);
  void dispatch(Tracked&, std::string_view by, std::string department, std::string note, std::string_view code);
  void start_verifying(Tracked&);
  void device_at_work(Tracked&);
  void back_to_work(Tracked&, std::string_view by, std::string_view verb, std::string note, std::string_view code);
  bool can_ask_device(const Tracked&) const;
  void ask_device(Tracked&, const std::string& value, std::string_view code);
  void close_held(Tracked&);
  void end_case(Tracked&, std::string_view by, std::string_view verb, flow::CaseState to, flow::CaseOutcome,
                std::string note, std::string_view code);
  void release_device(Tracked&);
  void withdraw_command(const Tracked&);
  NextDue next_due(const Tracked&) const;
  bool settle(Tracked&);  // does all that is due; false when the case was forgotten
  void fire(Tracked&, Due);
  void file(Tracked, std::string_view by, std::string note, std::string_view code);
  const CaseKind& kind_of(const Tracked&) const;

  // case_actions.cc: people
  void on_action(const flow::Change&);
  base::Status do_action(flow::Action&);
  base::Status file_by_hand(flow::Action&, const base::JsonValue& fields);
  base::Status do_step(Tracked&, const flow::Action&, const base::JsonValue& fields);
  base::Status do_verify(Tracked&, const flow::Action&, const std::string& result, const std::string& note);

  CaseKinds kinds_;
  CaseKind unknown_kind_;
  std::function<std::string(std::string_view)> area_of_;
  Duration keep_ended_;
  CaseBook book_;
  Instant now_{kNever};
  Stats stats_{};
  // While a record is being read:
  twin::Outbox* out_{};
  std::set<std::string_view> touched_;  // ids of cases to be written
};

}  // namespace cityloop::casework
