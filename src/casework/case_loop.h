// The life of cases: takes up what decide found and people report, does what each case's workflow says, keeps its
// clocks, lets the twin verify the result, and closes it.
//
//   decide ─ Finding ─▶ [CaseLoop] ─ Case ─▶ people, learn
//   sense ─ Alert ─▶ [CaseLoop]
//   people ─ Action ─▶ [CaseLoop] ─ Action(done | refused) ─▶ serve
//                      [CaseLoop] ─ Command(requested) ─▶ act ─ Command(status) ─▶ [CaseLoop]
//                      [CaseLoop] ─ Notice ─▶ people
//   app ─ CaseRules ─▶ [CaseLoop]
//
// Which steps there are stands in the workflow (workflow.h), never here. The loop knows what can happen to a case, and
// asks the workflow what follows:
//
//   entered         it has come into a state
//   device_started  its command was sent
//   device_done     its command succeeded
//   device_failed   its command failed, timed out or was refused
//   finding_again   its finding is active again, or a new one of its rule and entity
//   held            its finding has stayed cleared for the hold time
//   tasks_done      the last assisting department has reported
//   missed ID       a deadline is over
//   storm           so many findings of its rule have come that one case stands for them all (case_storm.cc)
//
// Of an event's steps those that stay are all done, in the file's order, up to the first that moves the case.
//
// Each step by the loop carries a code that the console translates. Besides those of the workflow: finding unknown_kind
// command_asked command_waits command_done command_failed command_ended command_release command_without_device
// release_failed finding_again finding_cleared severity_raised request_lapsed task_opened merged_here unmerged_here
// storm storm_grew alert_updated alert_cancelled alert_expired responsible responsibility_gap responsibility_overlap
// (whose `given` says why), and of each clock ID: ID_warning ID_red ID_missed ID_escalated.
//
// A case that a finding opened is never confirmed while that finding is active (offer.h). A finding never opens two
// cases. Ids follow from the finding's id, so a replay writes the same. Deadlines and holds run by LogRecord::at; where
// very many fall due at once they are written in pieces (twin/loop.h: cut). Ended cases are kept as long as their state
// says (for ratings, reopening, and receipts that come late); then they go to the archive (case_archive.h) and their
// entities are erased, with those of their notices, actions, commands and cleared findings, all in one commit.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "casework/assignment.h"
#include "casework/case_book.h"
#include "casework/case_clocks.h"
#include "casework/neighbours.h"
#include "casework/storm.h"
#include "flow/action.h"
#include "flow/alert.h"
#include "twin/loop.h"

namespace cityloop::casework {

// Who the loop is where it did something by itself.
inline constexpr std::string_view kLoop = "loop:casework";

// The nth notice of a case.
EntityId notice_id(EntityId case_id, std::uint32_t number);

struct CaseLoopOptions {
  // The policy area that a GeoJSON geometry lies in; empty for none. Must be a function of its input alone.
  std::function<std::string(std::string_view geojson)> area_of;
  // A case's entity as it is in the twin, asked for only while the loop's rows are loaded: what a case's entity says,
  // its row need not say again. Without it rows are whole.
  std::function<flow::EntityPtr(EntityId)> entity_of{};
};

class CaseLoop final : public twin::Loop {
 public:
  explicit CaseLoop(CaseLoopOptions);

  std::string_view name() const override { return "casework"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;
  Instant wakes_at() const override { return book_.next_due(); }

  struct Stats {
    std::uint64_t opened, attached, closed, cancelled, returned, escalated, commands;
    std::uint64_t actions_done, actions_refused;
    std::uint64_t malformed;      // findings, responses and rules that cannot be read
    std::uint64_t unknown_kind;   // taken up all the same, without deadlines, waiting as filed
    std::uint64_t without_rules;  // findings passed over because no rules were in force yet
    std::uint64_t archived;       // since ever
    std::uint64_t merged, unmerged, storms, covered;
    std::uint64_t in_gap, in_overlap,
        outside_cells;  // cases for which nobody or several were responsible (at each look)
    std::uint64_t open_now;
  };
  Stats stats() const;
  // What was put into the archive by an import, up to that number; the next case goes behind it.
  void continue_archive_at(std::uint64_t number) { archived_now_ = archived_ = std::max(archived_, number); }
  const CaseRulesPtr& rules() const { return rules_; }  // in force; null before the first record of them

 private:
  // Who takes a step, and in which role.
  struct Doer {
    std::string id;
    std::string role{};
  };
  struct Filing {
    Tracked tracked;
    std::string state, note, code;
    Doer doer;
  };

  // case_rows.cc: what is kept, row by row
  std::string head_row() const;
  std::set<std::string> needed_rules() const;

  // case_loop.cc: rules, findings, commands
  void settle_due();
  void write_touched();
  void write_case(Tracked&);
  void write_clocks(Tracked&);
  void on_rules(const flow::Change&);
  base::Status bind(Tracked&);
  void on_finding(const flow::Change&);
  void on_new_finding(const flow::Finding&);
  void become_active(Tracked&, EntityId finding, flow::Severity);
  void become_cleared(Tracked&, Instant at);
  void on_known_finding(KnownFinding&, flow::Finding);
  Tracked* open_case(const flow::Finding&, const base::JsonValue& response, Filing);
  void attach(Tracked&, const flow::Finding&, const base::JsonValue& response);
  void on_active_again(Tracked&, const flow::Finding&);
  void on_cleared(Tracked&, const flow::Finding&);
  void on_command(const flow::Change&);
  void on_foreign_command(const flow::Change&);
  void on_command_status(Tracked&, EntityId command, flow::CommandStatus, const std::string& reason);

  // case_intake.cc: what people and other systems send
  static bool is_opening(std::string_view verb);
  base::Status file_by_hand(flow::Action&, const base::JsonValue& given);
  void introduce(Tracked&);
  void make_indexes();
  void describe_anew(const Tracked&);
  base::Status check_classify(const Tracked&, const base::JsonValue& given) const;
  void classify(Tracked&, const base::JsonValue& given);

  // case_responsibility.cc: whose it is, and who of them is to do it
  void locate(flow::Case&, const CaseRules&) const;
  Assignment find_responsible(const flow::Case&, const CaseRules&, const std::string& said = {},
                              AssignedBy said_by = AssignedBy::wish) const;
  static void give_to(flow::Case&, const Assignment&);
  void tell_responsible(Tracked&, const Assignment&);
  static void drop_appointment(flow::Case&);
  static void keep_appointment(flow::Case&, const State& before, const State& now);
  static base::Status check_appoint(const Tracked&, const base::JsonValue& given);
  static void appoint(Tracked&, const base::JsonValue& given);
  static base::Status check_place(const base::JsonValue& given);

  // case_alert.cc: warnings of other authorities
  void on_alert(const flow::Change&);
  void open_alert(const flow::Alert&);
  void update_alert(Tracked&, const flow::Alert&);
  void cancel_alert(Tracked&, const flow::Alert&);
  void lapse_alert(Tracked&);
  void clear_alert(Tracked&);

  // case_merge.cc: two cases become one, and two again
  const Tracked* peek_root(const Tracked&) const;
  Tracked* root_of(Tracked&);
  std::vector<EntityId> tree_of(const Tracked& root) const;
  bool is_tree_cleared(const Tracked& root) const;
  std::uint32_t cleared_in(const Tracked& root) const;
  void refresh(Tracked& root);
  void grow(Tracked&, std::int64_t by);
  base::Status check_merge(const Tracked&, std::string_view into) const;
  base::Status check_unmerge(const Tracked&) const;
  base::Status check_absorb(const Tracked& main, const CaseActor&, const base::JsonValue& given) const;
  const Transition* merge_step_of(const Tracked&, const CaseActor&) const;
  void absorb(Tracked& main, const CaseActor&, const std::string& note, const base::JsonValue& given);
  void take_merge(Tracked&, const Transition&, const Doer&, std::string note, const base::JsonValue& given);
  void take_unmerge(Tracked&, const Transition&, const Doer&, std::string note, const base::JsonValue& given);
  void end_tree(const Tracked& root);
  void reopen_tree(const Tracked& root);
  bool could_come_back(const Tracked& root) const;
  std::vector<std::string> reporters_of(const Tracked& root) const;

  // case_storm.cc: many findings of one cause
  StormSpec storm_spec(const base::JsonValue& response, const CaseKind&);
  Tracked* storm_for(const flow::Finding&, const base::JsonValue& response);
  void watch(const Tracked&, const StormSpec&);
  void watch_again(const Tracked&);
  void begin_storm(const StormSpec&, const std::vector<StormWatch::Single>&);
  void join_storm(Tracked& single, const Tracked& storm);
  void cover(Tracked& storm, const flow::Finding&);
  void list_covered(const Tracked& storm, EntityId finding, std::uint32_t place);
  void on_covered(StormBook::Covered&, bool active);
  void storm_changed(Tracked& storm);
  void tell_storm(Tracked& storm);
  void forget_sources(const Tracked&);

  // case_steps.cc: how a case moves
  void write_step(Tracked&, const Doer&, std::string_view verb, std::string note, std::string_view code,
                  std::string given = {});
  void note(Tracked&, std::string text, std::string_view code);
  Tracked& file(Filing);
  void bring_plan(Tracked&);
  // Whether anything followed.
  bool happen(Tracked&, std::string_view event, std::string_view by = kLoop);
  bool fits(const Tracked&, const Transition&) const;
  bool holds_here(const Tracked&, const Guard&) const;
  void take(Tracked&, const Transition&, const Doer&, std::string note, const base::JsonValue& given);
  void enter(Tracked&, const State* before, const State& now);
  void end_or_reopen(Tracked&, const State* before, const State& now);
  void lapse_requests(Tracked&);
  flow::Bilingual text_of(const Tracked&, const Transition&) const;

  // case_effects.cc: what steps do besides
  base::Status can_run(const Tracked&, const Transition&, const Doer&, const CaseActor&,
                       const base::JsonValue& given) const;
  base::Status can_move(const Tracked&, const Transition&, const Doer&, const base::JsonValue& given) const;
  void run_before(Tracked&, const Effect&, const Doer&, const std::string& note, const base::JsonValue& given);
  void run_after(Tracked&, const Effect&, const Transition*, const Doer&, const base::JsonValue& given);
  void escalate(Tracked&, const std::string& to, std::string_view why, std::string_view code);
  void tell(Tracked&, const std::string& to, const flow::Bilingual& text);
  void open_tasks(Tracked&, const base::JsonValue& given);
  void open_next_tasks(Tracked&);
  bool can_ask_device(const Tracked&) const;
  void ask_device(Tracked&, const std::string& value, std::string_view code);
  void order(Tracked&, const WantedCommand&, const std::string& by, std::string_view code);
  void release_device(Tracked&);
  void withdraw_command(Tracked&);

  // case_due.cc: clocks and holds
  enum class Due : std::uint8_t { none, forget, hold, tell, lapse, yellow, red, missed, escalation };
  struct NextDue {
    Instant at{kNever};
    Due what{Due::none};
    std::size_t clock{0};
  };
  const Deadline* deadline_of(const Tracked&, const flow::CaseClock&) const;
  const WorkCalendar& calendar_of(const Tracked&, const flow::CaseClock&) const;
  void start_clock(Tracked&, const Deadline&, const std::string& id);
  void end_clock(Tracked&, std::string_view id);
  void restart_clock(Tracked&, const std::string& id);
  void extend_clock(Tracked&, const std::string& id, Duration more);
  void run_clocks(Tracked&, const State* before, const State& now);
  void show_clocks(Tracked&);
  NextDue next_due(const Tracked&) const;
  void next_of_clock(const Tracked&, std::size_t clock, const std::function<void(Instant, Due)>& consider) const;
  bool settle(Tracked&);  // does all that is due; false when the case was archived
  void archive(Tracked&);
  void erase_entity(EntityId);
  void fire(Tracked&, const NextDue&);

  // case_actions.cc: people
  void on_action(const flow::Change&);
  void keep_action(const flow::Action&);
  base::Status do_action(flow::Action&);
  base::Status do_step(Tracked&, const flow::Action&, const base::JsonValue& given);
  void ask(Tracked&, const Transition&, const Doer&, std::string note, const base::JsonValue& given);
  base::Status decide(Tracked&, const CaseActor&, const Wish&);

  std::function<std::string(std::string_view)> area_of_;
  CaseRulesPtr rules_;
  std::map<std::string, CaseRulesPtr> held_;  // by version: in force, or of a case in the book
  CaseBook book_;
  StormBook storms_covered_;
  StormWatch watch_;
  std::map<std::string, std::set<std::string_view>, std::less<>> storms_;  // by rule: ids of cases in the book
  Neighbours neighbours_;
  bool indexes_made_{false};
  std::uint64_t numbered_{0};  // cases since ever
  Instant now_{kNever};
  std::uint64_t archived_{0};            // cases in the archive
  std::set<std::string> rules_in_rows_;  // versions that have a row
  std::string rules_in_force_;           // as the head row says, while rows are loaded
  Stats stats_{};
  std::atomic<std::uint64_t> open_now_{0}, archived_now_{0};  // for who asks from another thread
  // While a record is being read:
  twin::Outbox* out_{};
  std::set<std::string_view> touched_;  // ids of cases to be written
  int depth_{0};                        // of steps that lead to steps
  bool only_clocks_{false};             // nothing of a case has changed but its clocks and timeline
  std::optional<Assignment> assigned_;  // what a step's effects have found, to be told behind its line
};

}  // namespace cityloop::casework
