#include "casework/workflow_reader.h"

#include <algorithm>

#include "base/json_value.h"
#include "casework/toml_reading.h"
#include "casework/workflow_words.h"

namespace cityloop::casework {
namespace {

using base::ConfigTable;

// Verbs that every case understands: decisions about requests.
constexpr std::string_view kOwnVerbs[] = {"grant", "deny", "withdraw", "file", "escalate", "command"};

class Reader {
 public:
  Reader(ConfigTable& root, const WorkCalendars& calendars, const std::vector<std::string>& departments)
      : root_(root), calendars_(calendars), departments_(departments) {}

  Workflow read() {
    auto head = root_.table("workflow");
    out_.line = head->line();
    out_.id = read_id(*head);
    out_.name = read_name(*head);
    read_options();
    for (ConfigTable& table : root_.tables("state")) read_state(table);
    for (ConfigTable& table : root_.tables("deadline")) read_deadline(table);
    read_start(*head);
    out_.opens = parties(*head, "opens");
    for (ConfigTable& table : root_.tables("transition")) read_transition(table);
    for (ConfigTable& table : root_.tables("request")) read_request(table);
    check_deadlines();
    return std::move(out_);
  }

 private:
  void read_options() {
    for (ConfigTable& table : root_.tables("option")) {
      WorkflowOption option{read_id(table), table.texts("values"), table.text("default")};
      if (option.values.empty()) option.values = {"true", "false"};
      if (std::find(option.values.begin(), option.values.end(), option.otherwise) == option.values.end())
        table.mistake("default", fmt::format("'{}' is none of the option's values", option.otherwise));
      if (out_.find_option(option.id)) table.mistake("id", fmt::format("there is an option '{}' already", option.id));
      out_.options.push_back(std::move(option));
    }
  }

  void read_state(ConfigTable& table) {
    State state;
    state.id = read_id(table);
    state.name = read_name(table);
    state.line = table.line();
    using S = flow::CaseStage;
    const std::string stage = table.text("stage");
    if (auto read = flow::stage_from(stage)) state.stage = *read;
    else if (!stage.empty())
      table.mistake("stage", fmt::format("'{}' is none of the seven steps: intake, filing, dispatch, work, feedback, "
                                         "verification, rating",
                                         stage));
    static_assert(int(S::rating) == 6);
    if (table.has("ends")) {
      state.final = true;
      const std::string ends = table.text("ends");
      const auto outcome = flow::outcome_from(ends);
      if (outcome && *outcome != flow::CaseOutcome::open) state.outcome = *outcome;
      else table.mistake("ends", fmt::format("'{}' is none of confirmed, false_alarm, refused, merged", ends));
    }
    state.stands = table.boolean_or("clocks_stand", false);
    if (state.stands && state.final) table.mistake("clocks_stand", "a case that has ended has no clocks");
    state.kept = table.duration_or("kept", std::chrono::hours(24));
    state.run = effects(table, "run");
    if (!state.id.empty() && out_.find_state(state.id) >= 0)
      table.mistake("id", fmt::format("there is a state '{}' already", state.id));
    out_.states.push_back(std::move(state));
  }

  int state_named(ConfigTable& table, std::string_view key, const std::string& name) {
    const int found = out_.find_state(name);
    if (found < 0 && !name.empty()) table.mistake(key, fmt::format("there is no state '{}'", name));
    return found;
  }

  // "*open": all that are not final; "*": all.
  std::vector<int> states_named(ConfigTable& table, std::string_view key) {
    std::vector<int> found;
    for (const std::string& name : table.texts(key)) {
      if (name == "*" || name == "*open") {
        for (int i = 0; i < int(out_.states.size()); ++i) {
          if (name == "*" || !out_.states[std::size_t(i)].final) found.push_back(i);
        }
      } else if (const int state = state_named(table, key, name); state >= 0) {
        found.push_back(state);
      }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  void read_start(ConfigTable& head) {
    auto start = head.table("start");
    if (!start) return head.mistake("start", "'start' is missing: { finding = \"…\", staff = \"…\", report = \"…\" }");
    out_.start_finding = std::max(0, state_named(*start, "finding", start->text("finding")));
    out_.start_staff = std::max(0, state_named(*start, "staff", start->text("staff")));
    out_.start_report = std::max(0, state_named(*start, "report", start->text("report")));
  }

  std::vector<Party> parties(ConfigTable& table, std::string_view key) {
    std::vector<Party> found;
    for (const std::string& text : table.texts(key)) {
      auto party = parse_party(text);
      if (party) found.push_back(std::move(*party));
      else table.mistake(key, party.error().message);
    }
    return found;
  }

  std::vector<Guard> guards(ConfigTable& table, std::string_view key) {
    std::vector<Guard> found;
    for (const std::string& text : table.texts(key)) {
      auto guard = parse_guard(text, out_.options);
      if (guard) found.push_back(std::move(*guard));
      else table.mistake(key, guard.error().message);
    }
    return found;
  }

  std::vector<Effect> effects(ConfigTable& table, std::string_view key) {
    std::vector<Effect> found;
    for (const std::string& text : table.texts(key)) {
      auto effect = parse_effect(text);
      if (!effect) table.mistake(key, effect.error().message);
      else if (const std::string wrong = wrong_argument(*effect); !wrong.empty()) table.mistake(key, wrong);
      else found.push_back(std::move(*effect));
    }
    return found;
  }

  std::string wrong_argument(const Effect& effect) {
    using E = Effect::What;
    if (effect.what == E::notice && !parse_party(effect.argument) && !is_department(effect.argument) &&
        effect.argument != "kind" && !is_on_duty(effect.argument))
      return fmt::format("'{}' is no role, no department and no party of a case", effect.argument);
    return {};  // clocks are looked up when all deadlines are read
  }

  bool is_department(std::string_view id) const {
    return departments_.empty() ? sound_id(id)
                                : std::find(departments_.begin(), departments_.end(), id) != departments_.end();
  }

  // "on-duty:water": who of the department's crews is on duty when they look.
  bool is_on_duty(std::string_view to) const {
    constexpr std::string_view kOnDuty = "on-duty:";
    return to.starts_with(kOnDuty) && is_department(to.substr(kOnDuty.size()));
  }

  bool is_told(std::string_view to) const {
    if (to == "kind" || is_role(to) || is_on_duty(to)) return true;
    return !departments_.empty() && is_department(to);
  }

  void read_form(ConfigTable& table, Transition& step) {
    step.note_required = table.boolean_or("note_required", false);
    step.photos_min = unsigned(std::clamp(table.number_or("photos_min", 0), 0.0, 20.0));
    step.location_required = table.boolean_or("location_required", false);
    std::string schema = table.json("form");
    if (schema.empty()) return;
    // A schema may stand as a table, or as a text of JSON.
    if (schema.starts_with('"')) {
      const auto text = base::JsonValue::parse(schema);
      if (text && text->text()) schema = *text->text();
    }
    auto form = Form::make(schema);
    if (form) step.form = std::move(*form);
    else table.mistake("form", form.error().message);
  }

  void read_target(ConfigTable& table, Transition& step) {
    if (!table.has("to")) return;
    const std::string to = table.text("to");
    step.to = to == "@back" ? kBack : state_named(table, "to", to);
    if (to != "@back" && step.to < 0) step.to = kStays;
  }

  void read_transition(ConfigTable& table) {
    Transition step;
    step.line = table.line();
    step.verb = read_id(table, "verb");
    step.event = table.text_or("on", "");
    step.code = table.text_or("code", "");
    step.text = read_bilingual(table, "text");
    step.name = step.event.empty() ? read_name(table) : read_bilingual(table, "name");
    if (step.event.empty() && std::find(std::begin(kOwnVerbs), std::end(kOwnVerbs), step.verb) != std::end(kOwnVerbs))
      table.mistake("verb", fmt::format("every case understands '{}' already", step.verb));
    step.from = states_named(table, "from");
    if (!table.has("from")) table.mistake("from", "'from' is missing: which states it is taken in");
    read_target(table, step);
    step.by = parties(table, "by");
    step.when = guards(table, "when");
    step.run = effects(table, "run");
    step.not_by_worker = table.boolean_or("not_by_worker", false);
    read_form(table, step);
    check_actor(table, step);
    check_merge(table, step);
    out_.transitions.push_back(std::move(step));
  }

  void check_actor(ConfigTable& table, const Transition& step) {
    const bool twin =
        std::any_of(step.by.begin(), step.by.end(), [](const Party& p) { return p.what == Party::What::twin; });
    if (!step.event.empty()) {
      if (const auto known = check_event(step.event); !known) table.mistake("on", known.error().message);
      if (!step.by.empty() && !(twin && step.by.size() == 1))
        table.mistake("by", "what happens on an event is done by the twin alone");
      if (!step.form.empty() || step.note_required || step.photos_min || step.location_required)
        table.mistake("form", "the twin fills in no forms");
      return;
    }
    if (twin) table.mistake("by", "the twin acts on events: say which with 'on'");
    if (step.by.empty() && !table.has("by")) table.mistake("by", "'by' is missing: who may take this step");
    const auto own =
        std::find_if(step.when.begin(), step.when.end(), [](const Guard& g) { return is_loops_own(g.what); });
    if (own != step.when.end()) table.mistake("when", "a person's step may not hang on what only the loop knows");
  }

  // Whoever merges a case says into which; by itself only a storm does.
  void check_merge(ConfigTable& table, const Transition& step) {
    if (!out_.merges(step)) return;
    const auto& fields = step.form.fields();
    const bool said = std::any_of(fields.begin(), fields.end(),
                                  [](const FieldSpec& field) { return field.name == "into" && field.required; });
    if (step.event.empty() && !said)
      table.mistake("form", "a step that merges needs a form with 'into', the case to go on in");
    if (!step.event.empty() && step.event != "storm")
      table.mistake("on", "by itself a case is merged on \"storm\" only");
  }

  void read_request(ConfigTable& table) {
    RequestKind request;
    request.line = table.line();
    Transition ask;
    ask.line = request.line;
    request.id = ask.verb = ask.request = read_id(table);
    request.name = ask.name = read_name(table);
    ask.from = states_named(table, "from");
    ask.by = parties(table, "by");
    ask.when = guards(table, "when");
    ask.run = effects(table, "run");
    read_form(table, ask);
    check_actor(table, ask);
    request.approve = parties(table, "approve");
    if (request.approve.empty()) table.mistake("approve", "'approve' is missing: who decides");
    Transition& granted = request.granted;
    granted.line = request.line;
    granted.verb = request.id;
    granted.name = request.name;
    granted.from = ask.from;
    if (auto then = table.table("granted")) {
      read_target(*then, granted);
      granted.run = effects(*then, "run");
      if (out_.merges(granted)) then->mistake("to", "a merge is no request: it is done and undone by steps");
    }
    const bool twice = out_.find_request(request.id) ||
                       std::any_of(out_.transitions.begin(), out_.transitions.end(),
                                   [&](const Transition& t) { return t.event.empty() && t.verb == request.id; });
    if (twice && !request.id.empty()) table.mistake("id", fmt::format("there is a step '{}' already", request.id));
    out_.transitions.push_back(std::move(ask));
    out_.requests.push_back(std::move(request));
  }

  void read_deadline(ConfigTable& table) {
    Deadline one;
    one.line = table.line();
    one.id = read_id(table);
    one.name = read_name(table);
    one.of = read_choice<Deadline::Of>(
        table, "of",
        {{"states", Deadline::Of::states}, {"task", Deadline::Of::task}, {"request", Deadline::Of::request}},
        Deadline::Of::states);
    one.in = states_named(table, "in");
    if (one.of == Deadline::Of::states && one.in.empty() && !table.has("in"))
      table.mistake("in", "'in' is missing: in which states it runs");
    for (const std::string& text : table.texts("within")) {
      const bool is_length = !text.empty() && text.front() >= '0' && text.front() <= '9';
      if (!is_length) {
        one.limit_keys.push_back(text);
        continue;
      }
      auto limit = parse_limit(text);
      if (limit) one.limit = *limit;
      else table.mistake("within", limit.error().message);
    }
    if (!table.has("within")) table.mistake("within", "'within' is missing: a length, or a key of the kinds");
    one.calendar = table.text_or("calendar", "kind");
    if (one.calendar != "kind" && !calendars_.find(one.calendar))
      table.mistake("calendar", fmt::format("there is no calendar '{}'", one.calendar));
    one.main = table.boolean_or("main", false);
    one.yellow = share(table, "yellow", 0.8);
    one.red = share(table, "red", 1.0);
    if (one.red < one.yellow) table.mistake("red", "red comes after yellow");
    one.when = guards(table, "when");
    read_escalations(table, one);
    if (!one.id.empty() && out_.find_deadline(one.id))
      table.mistake("id", fmt::format("there is a deadline '{}' already", one.id));
    out_.deadlines.push_back(std::move(one));
  }

  double share(ConfigTable& table, std::string_view key, double otherwise) {
    const double value = table.number_or(key, otherwise);
    if (value > 0 && value <= 1) return value;
    table.mistake(key, fmt::format("'{}' is a share of the deadline, above 0 and at most 1", key));
    return otherwise;
  }

  void read_escalations(ConfigTable& table, Deadline& one) {
    for (ConfigTable& step : table.tables("escalation")) {
      Escalation escalation{step.number_or("at", 1.0), step.text("to")};
      if (!escalation.to.empty() && !is_told(escalation.to))
        step.mistake("to", fmt::format("'{}' is no role and no department that the city knows", escalation.to));
      if (escalation.at < 1 || escalation.at > 100)
        step.mistake("at", "'at' is a share of the deadline from 1 (when it is missed) to 100");
      if (!one.escalations.empty() && escalation.at < one.escalations.back().at)
        step.mistake("at", "escalations stand in the order of their times");
      one.escalations.push_back(std::move(escalation));
    }
  }

  // A deadline that is missed without consequence is none; and clocks that are named must be there.
  void check_deadlines() {
    auto tables = root_.tables("deadline");
    for (std::size_t i = 0; i < out_.deadlines.size(); ++i) {
      const Deadline& one = out_.deadlines[i];
      const bool moves = std::any_of(out_.transitions.begin(), out_.transitions.end(),
                                     [&](const Transition& t) { return t.event == "missed " + one.id; });
      if (one.escalations.empty() && !moves)
        tables[i].mistake(
            "id", fmt::format("nothing follows when '{}' is missed: it needs an [[deadline.escalation]]", one.id));
    }
    const auto check = [&](const Transition& step, ConfigTable& table) {
      if (step.event.starts_with("missed ") && !out_.find_deadline(step.event.substr(7)))
        table.mistake("on", fmt::format("there is no deadline '{}'", step.event.substr(7)));
      for (const Effect& effect : step.run) {
        const bool clock = effect.what == Effect::What::extend || effect.what == Effect::What::restart;
        if (clock && !out_.find_deadline(effect.argument))
          table.mistake("run", fmt::format("there is no deadline '{}'", effect.argument));
      }
    };
    auto transitions = root_.tables("transition");
    for (std::size_t i = 0; i < transitions.size(); ++i) check(out_.transitions[i], transitions[i]);
    auto requests = root_.tables("request");
    for (std::size_t i = 0; i < requests.size(); ++i) check(out_.requests[i].granted, requests[i]);
  }

  ConfigTable& root_;
  const WorkCalendars& calendars_;
  const std::vector<std::string>& departments_;
  Workflow out_;
};

struct Edges {
  std::vector<std::vector<bool>> to;  // [from][to]
};

Edges edges_of(const Workflow& flow) {
  const std::size_t n = flow.states.size();
  Edges out{std::vector(n, std::vector<bool>(n))};
  const auto add = [&](const Transition& step) {
    for (const int from : step.from) {
      if (step.to >= 0) out.to[std::size_t(from)][std::size_t(step.to)] = true;
    }
  };
  for (const Transition& step : flow.transitions) add(step);
  for (const RequestKind& request : flow.requests) add(request.granted);
  // A way back leads to wherever this state can be entered from.
  const auto add_back = [&](const Transition& step) {
    if (step.to != kBack) return;
    for (const int from : step.from) {
      for (std::size_t before = 0; before < n; ++before) {
        if (out.to[before][std::size_t(from)]) out.to[std::size_t(from)][before] = true;
      }
    }
  };
  for (const Transition& step : flow.transitions) add_back(step);
  for (const RequestKind& request : flow.requests) add_back(request.granted);
  return out;
}

std::vector<bool> spread(std::vector<bool> from, const Edges& edges, bool backward) {
  for (bool more = true; more;) {
    more = false;
    for (std::size_t a = 0; a < from.size(); ++a) {
      for (std::size_t b = 0; b < from.size(); ++b) {
        const bool edge = backward ? edges.to[b][a] : edges.to[a][b];
        if (from[a] && edge && !from[b]) from[b] = more = true;
      }
    }
  }
  return from;
}

}  // namespace

Workflow read_workflow(base::ConfigTable& root, const WorkCalendars& calendars,
                       const std::vector<std::string>& departments) {
  Workflow flow = Reader(root, calendars, departments).read();
  check_paths(flow, root);
  return flow;
}

void check_paths(const Workflow& flow, base::ConfigTable& root) {
  const std::size_t n = flow.states.size();
  if (n == 0) return root.mistake("workflow", "a workflow has states: [[state]]");
  const Edges edges = edges_of(flow);
  std::vector<bool> starts(n), ends(n);
  for (const int start : {flow.start_finding, flow.start_staff, flow.start_report}) starts[std::size_t(start)] = true;
  for (std::size_t i = 0; i < n; ++i) ends[i] = flow.states[i].final;
  const auto reached = spread(starts, edges, false), leads_out = spread(ends, edges, true);
  auto tables = root.tables("state");
  for (std::size_t i = 0; i < n; ++i) {
    const State& state = flow.states[i];
    if (!reached[i]) tables[i].mistake("id", fmt::format("no step leads to the state '{}'", state.id));
    if (!leads_out[i])
      tables[i].mistake("id", fmt::format("the state '{}' is a dead end: no way leads from it to an end", state.id));
  }
}

}  // namespace cityloop::casework
