// A workflow: the states that a case may be in, the steps from one to the next, who may take each and what it demands,
// what the loop does by itself, and the deadlines. Data only; workflow_reader.h reads it from TOML, which is explained
// in doc/casework.md.
//
//   casework/workflow*.toml ─▶ [Workflow] ─▶ CaseLoop (does it), serve (offers it)
//
// A step is taken by a person, who names its verb, or by the loop on an event (`on`); then `by` is the twin. Of several
// steps of the same verb or event the first counts whose state, conditions and form fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/form.h"
#include "casework/work_calendar.h"
#include "flow/case.h"

namespace cityloop::casework {

// Who, seen from one case.
struct Party {
  enum class What : std::uint8_t {
    role,             // "operator": whoever has the role
    role_department,  // "worker@department": with the role, and of the department that has the case
    role_assisting,   // "worker@assisting": with the role, and of a department that has an open task in it
    department,       // "department": anyone of the department that has the case
    holder,           // "holder": who has accepted it
    reporter,         // "reporter": who opened it
    crew,             // "crew": who works for the crew that it was appointed to
    twin,             // "twin": the loop
  } what{What::role};
  std::string role{};
  friend bool operator==(const Party&, const Party&) = default;
};

// A condition of a step, "!cleared"; all of a step's must hold.
struct Guard {
  enum class What : std::uint8_t {
    sensed,           // a finding opened it
    cleared,          // and that has cleared
    held,             // and has stayed so for the kind's verify_hold
    worked,           // a person accepted it or its device was at work
    taken,            // a person holds it
    department,       // it has a department
    device_at_work,   // a command is on its way or at its device
    device_reported,  // the last to report was the device
    device_asked,     // a command was made for it
    device_left,      // its device may be asked (again)
    tasks_open,       // a joint task is not reported yet
    checks_open,      // an item of the plan's list is not done yet
    forwarded,        // a body outside has it
    option,           // "cleared_early=ask", "auto_close": what the kind says
  } what{What::sensed};
  bool negated{false};
  std::string option{}, value{};
};

// What a step or a state does besides moving the case.
struct Effect {
  enum class What : std::uint8_t {
    take,            // whoever acts holds it from now on
    release,         // nobody holds it
    assign,          // to the department that the form names
    unassign,        // from its department
    worked,          // a person did the work
    ask_device,      // the response's command, if its device may be asked
    release_device,  // the kind's command_on_close; what was not sent yet is withdrawn
    escalate,        // tells the kind's escalate_to
    notice,          // "notice reporter": a Notice for that party, role or department
    extend,          // "extend close": the clock is given the form's `hours` more of working time
    restart,         // "restart close": the clock begins anew
    supervise,       // 督办 from now on
    unsupervise,
    rate,         // the form's `rating`
    joint,        // assisting departments' tasks, from the form's `assisting`, `sequence`, `what`
    task_take,    // the form's `task` is worked on by whoever acts
    task_report,  // … is done
    task_drop,    // … falls away
    drop_tasks,   // all that is open of them
    check,        // the form's `item` of the plan's list is done
    absorb,       // the form's `cases` are merged into this one
    classify,     // the form's `kind`, `category`, `severity` and `department`, as far as it says them
    forward,      // to the body outside that the form's `body` names (移交)
    recall,       // no body outside has it any more
    appoint,      // to the form's `crew` and `holder`, for `planned_at` and in its `turn` (派遣到班组)
    command,      // the command of the form: device, name, value
  } what{What::take};
  std::string argument{};
};

struct State {
  std::string id;
  flow::Bilingual name;
  flow::CaseStage stage{flow::CaseStage::filing};
  flow::CaseOutcome outcome{flow::CaseOutcome::open};  // of a final state
  bool final{false};
  bool merged() const { return outcome == flow::CaseOutcome::merged; }
  bool stands{false};       // every clock stands still here (挂账)
  Duration kept{};          // how long a case that has ended can still be acted on
  std::vector<Effect> run;  // on entry
  int line{};
};

inline constexpr int kStays = -1;  // as a step's `to`: the state does not change
// The state before this one; from a state that ends as merged: the one in which the case was merged, with all else as
// it was then.
inline constexpr int kBack = -2;

struct Transition {
  std::string verb;
  flow::Bilingual name;
  flow::Bilingual text;  // of the timeline, where the loop takes the step
  std::string event;     // empty: people take it
  std::string code;      // of the timeline
  std::vector<int> from;
  int to{kStays};
  std::vector<Party> by;
  bool not_by_worker{false};  // four eyes: not by whoever last reported the work
  std::vector<Guard> when;
  std::vector<Effect> run;
  Form form;
  bool note_required{false};
  unsigned photos_min{0};
  bool location_required{false};
  std::string request;  // asks for this request instead of doing it
  int line{};

  bool leaves(int state) const;
};

// Something that is asked for and granted by somebody else: its asking is a Transition of the same verb.
struct RequestKind {
  std::string id;
  flow::Bilingual name;
  std::vector<Party> approve;
  Transition granted;  // what happens then
  int line{};
};

struct Escalation {
  double at{1};    // share of the limit
  std::string to;  // role or department; "kind": the kind's escalate_to
};

struct Deadline {
  enum class Of : std::uint8_t { states, task, request };
  std::string id;
  flow::Bilingual name;
  Of of{Of::states};    // of an assisting department's task, of a request that waits for its decision: one each
  std::vector<int> in;  // runs while the case is in these states
  Limit limit{};        // the same for all kinds; none(): by limit_keys
  // Where to look, the first that says something holds: keys of the kind, as "close_within"; "category": its table's.
  std::vector<std::string> limit_keys;
  std::string calendar;  // "kind": the kind's
  bool main{false};      // by this one the case is due
  double yellow{0.8}, red{1.0};
  std::vector<Guard> when;  // is missed only while these hold
  std::vector<Escalation> escalations;
  int line{};
};

// What each kind may say in its own file, and what holds when it says nothing.
struct WorkflowOption {
  std::string id;
  std::vector<std::string> values;
  std::string otherwise;
};

struct Workflow {
  std::string id;
  flow::Bilingual name;
  std::vector<State> states;
  int start_finding{0}, start_staff{0}, start_report{0};
  std::vector<Transition> transitions;
  std::vector<RequestKind> requests;
  std::vector<Deadline> deadlines;
  std::vector<WorkflowOption> options;
  std::vector<Party> opens;  // who may file a case by hand
  int line{};

  bool merges(const Transition&) const;           // whether it leads into a state that ends as merged
  int find_state(std::string_view state) const;   // negative when there is none
  const State& state(std::string_view id) const;  // an assert that it is there
  const RequestKind* find_request(std::string_view id) const;
  const Deadline* find_deadline(std::string_view id) const;
  const Deadline* deadline_of(Deadline::Of) const;  // the first of that sort; null when there is none
  const WorkflowOption* find_option(std::string_view id) const;
};

}  // namespace cityloop::casework
