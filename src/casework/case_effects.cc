// What a step does besides moving the case: who holds it, clocks, tasks, commands, notices.
#include <algorithm>
#include <charconv>
#include <utility>

#include "base/json_value.h"
#include "casework/case_loop.h"
#include "casework/toml_reading.h"
#include "flow/noun.h"

namespace cityloop::casework {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::CommandStatus;
using flow::TaskState;
using flow::operator""_name;
using What = Effect::What;

namespace {

constexpr std::size_t kTasksMax = 30;
constexpr double kHoursMax = 24.0 * 366;

bool names(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// A number that was given as one, or as text by a list to choose from.
double number_of(const JsonValue& given, std::string_view key) {
  const JsonValue* found = given.find(key);
  if (!found) return 0;
  if (found->number()) return *found->number();
  int out = 0;
  if (const std::string* text = found->text()) std::from_chars(text->data(), text->data() + text->size(), out);
  return out;
}

flow::CaseTask* task_of(std::vector<flow::CaseTask>& tasks, const JsonValue& given) {
  const double number = number_of(given, "task");
  const auto found = std::find_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task.number == number; });
  return found == tasks.end() ? nullptr : &*found;
}

std::vector<std::string> texts_of(const JsonValue& given, std::string_view key) {
  std::vector<std::string> out;
  const JsonValue* list = given.find(key);
  if (list && list->text() && !list->text()->empty()) out.push_back(*list->text());
  if (!list || !list->array()) return out;
  for (const JsonValue& one : *list->array()) {
    if (one.text() && !one.text()->empty() && !names(out, *one.text())) out.push_back(*one.text());
  }
  return out;
}

base::Status check_task(const flow::Case& one, What what, const std::string& department, const JsonValue& given) {
  auto tasks = one.tasks;
  const flow::CaseTask* task = task_of(tasks, given);
  if (!task) return fail(Errc::invalid, "'task' is the number of one of the case's tasks");
  if (task->state == TaskState::reported || task->state == TaskState::dropped)
    return fail(Errc::conflict, "the task {} is {} already", task->number, to_string(task->state));
  if (what == What::task_drop) return {};
  if (task->department != department) return fail(Errc::refused, "the task {} is another department's", task->number);
  if (task->state == TaskState::waiting)
    return fail(Errc::conflict, "the task {} waits for an earlier one", task->number);
  if (what == What::task_report && task->state != TaskState::working)
    return fail(Errc::conflict, "nobody has accepted the task {} yet", task->number);
  return {};
}

base::Status check_assign(const Tracked& tracked, const Transition& step, const JsonValue& given) {
  const std::string to = given.text_or("department", "");
  if (to.empty()) return fail(Errc::invalid, "'{}' needs 'department'", step.verb);
  if (!tracked.rules->knows_department(to)) return fail(Errc::invalid, "the city has no department '{}'", to);
  const bool stays = step.to >= 0 && tracked.flow->states[std::size_t(step.to)].id == tracked.is.state;
  if (stays && tracked.is.department == to) return fail(Errc::conflict, "{} has it already", to);
  return {};
}

base::Status check_joint(const Tracked& tracked, const JsonValue& given) {
  const auto wanted = texts_of(given, "assisting");
  if (wanted.empty()) return fail(Errc::invalid, "'assisting' names the departments that help");
  if (tracked.is.tasks.size() + wanted.size() > kTasksMax)
    return fail(Errc::full, "a case has at most {} tasks", kTasksMax);
  for (const std::string& to : wanted) {
    if (!tracked.rules->knows_department(to)) return fail(Errc::invalid, "the city has no department '{}'", to);
    if (to == tracked.is.department) return fail(Errc::conflict, "{} leads: it cannot assist too", to);
  }
  return {};
}

base::Status check_item(const flow::Case& one, const JsonValue& given) {
  const std::string item = given.text_or("item", "");
  const auto found =
      std::find_if(one.checklist.begin(), one.checklist.end(), [&](const auto& check) { return check.id == item; });
  if (found == one.checklist.end()) return fail(Errc::invalid, "there is no item '{}' on the list", item);
  if (!found->done_by.empty()) return fail(Errc::conflict, "'{}' is done already", item);
  return {};
}

base::Status check_extension(const flow::Case& one, const std::string& id, const JsonValue& given) {
  const double hours = number_of(given, "hours");
  if (!(hours > 0 && hours <= kHoursMax))
    return fail(Errc::invalid, "'hours' must be more than nothing, and at most {}", kHoursMax);
  const bool runs = std::any_of(one.clocks.begin(), one.clocks.end(),
                                [&](const auto& clock) { return clock.id == id && is_active(clock); });
  if (!runs) return fail(Errc::conflict, "the deadline '{}' does not run", id);
  return {};
}

base::Status check_rating(const JsonValue& given) {
  const double rating = number_of(given, "rating");
  if (rating < 1 || rating > 5 || rating != double(int(rating))) return fail(Errc::invalid, "'rating' is from 1 to 5");
  return {};
}

base::Status check_command(const JsonValue& given) {
  const bool whole =
      given.text_or("device", "").starts_with("urn:") && !given.text_or("name", "").empty() && given.find("value");
  if (!whole) return fail(Errc::invalid, "a command names 'device', 'name' and 'value'");
  return {};
}

base::Status check_forward(const JsonValue& given) {
  if (given.text_or("body", "").empty()) return fail(Errc::invalid, "'body' names whoever has it from now on");
  return {};
}

}  // namespace

// What a step would do is looked at before any of it is done.
base::Status CaseLoop::can_run(const Tracked& tracked, const Transition& step, const Doer& doer, const CaseActor& actor,
                               const JsonValue& given) const {
  const flow::Case& one = tracked.is;
  for (const Effect& effect : step.run) {
    switch (effect.what) {
      case What::assign: TRY(check_assign(tracked, step, given)); break;
      case What::joint: TRY(check_joint(tracked, given)); break;
      case What::task_take:
      case What::task_report:
      case What::task_drop: TRY(check_task(one, effect.what, actor.department, given)); break;
      case What::check: TRY(check_item(one, given)); break;
      case What::extend: TRY(check_extension(one, effect.argument, given)); break;
      case What::rate: TRY(check_rating(given)); break;
      case What::command: TRY(check_command(given)); break;
      case What::absorb: TRY(check_absorb(tracked, actor, given)); break;
      case What::classify: TRY(check_classify(tracked, given)); break;
      case What::forward: TRY(check_forward(given)); break;
      case What::appoint: TRY(check_appoint(tracked, given)); break;
      default: break;
    }
  }
  return can_move(tracked, step, doer, given);
}

base::Status CaseLoop::can_move(const Tracked& tracked, const Transition& step, const Doer& doer,
                                const JsonValue& given) const {
  if (tracked.flow->merges(step)) return check_merge(tracked, given.text_or("into", ""));
  const flow::Case& one = tracked.is;
  if (step.to == kBack && tracked.flow->state(one.state).merged()) return check_unmerge(tracked);
  const bool opens_again = step.to >= 0 && !one.is_open() && !tracked.flow->states[std::size_t(step.to)].final;
  if (opens_again && !could_come_back(tracked))
    return fail(Errc::conflict, "another case of the same finding is open by now");
  if (step.to == kBack && tracked.flow->find_state(tracked.state_before) < 0)
    return fail(Errc::conflict, "there is no way back from here for {}", doer.id);
  return {};
}

void CaseLoop::run_before(Tracked& tracked, const Effect& effect, const Doer& doer, const std::string& note,
                          const JsonValue& given) {
  flow::Case& one = tracked.is;
  switch (effect.what) {
    case What::take: one.holder = doer.id, tracked.person_worked = true; return;
    case What::release: one.holder.clear(), drop_appointment(one); return;
    case What::unassign: one.department.clear(), one.holder.clear(), drop_appointment(one); return;
    case What::assign:
      one.holder.clear();
      assigned_ = find_responsible(one, *tracked.rules, given.text_or("department", one.department));
      return give_to(one, *assigned_);
    case What::appoint: return appoint(tracked, given);
    case What::worked:
      one.worked_by = doer.id;
      tracked.person_worked |= doer.id.starts_with("user:");
      return;
    case What::extend:
      return extend_clock(tracked, effect.argument, Duration(std::int64_t(number_of(given, "hours") * 3.6e9)));
    case What::restart: return restart_clock(tracked, effect.argument);
    case What::supervise: one.supervised = true; return;
    case What::classify: return classify(tracked, given);
    case What::forward: one.forwarded_to = given.text_or("body", ""); return;
    case What::recall: one.forwarded_to.clear(); return;
    case What::unsupervise: one.supervised = false; return;
    case What::rate: one.rating = std::uint32_t(number_of(given, "rating")); return;
    case What::check:
      for (flow::CheckItem& item : one.checklist) {
        if (item.id == given.text_or("item", "")) item.done_by = doer.id, item.done_at = now_;
      }
      return;
    case What::task_take:
      if (flow::CaseTask* task = task_of(one.tasks, given)) task->state = TaskState::working, task->holder = doer.id;
      return;
    case What::task_report:
    case What::task_drop:
      if (flow::CaseTask* task = task_of(one.tasks, given)) {
        task->state = effect.what == What::task_report ? TaskState::reported : TaskState::dropped;
        task->reported_at = now_;
        task->note = note;
        end_clock(tracked, fmt::format("task-{}", task->number));
      }
      return;
    case What::drop_tasks:
      for (flow::CaseTask& task : one.tasks) {
        if (task.state == TaskState::reported || task.state == TaskState::dropped) continue;
        task.state = TaskState::dropped;
        end_clock(tracked, fmt::format("task-{}", task.number));
      }
      return;
    default: return;
  }
}

void CaseLoop::run_after(Tracked& tracked, const Effect& effect, const Transition* step, const Doer& doer,
                         const JsonValue& given) {
  switch (effect.what) {
    case What::ask_device:
      if (can_ask_device(tracked)) ask_device(tracked, tracked.wanted.value, "command_asked");
      return;
    case What::release_device: return release_device(tracked);
    case What::escalate:
      return escalate(tracked, tracked.kind->escalate_to, step ? in_both(text_of(tracked, *step)) : std::string{},
                      step ? std::string_view(step->code) : std::string_view{});
    case What::notice: {
      flow::Bilingual what = step ? text_of(tracked, *step) : flow::Bilingual{};
      if (what.zh.empty())
        what = step && !step->name.zh.empty() ? step->name : tracked.flow->state(tracked.is.state).name;
      return tell(
          tracked, effect.argument,
          {fmt::format("{}：{}", what.zh, tracked.is.title.zh), fmt::format("{}: {}", what.en, tracked.is.title.en)});
    }
    case What::assign:
    case What::classify:
      if (const auto found = std::exchange(assigned_, std::nullopt)) tell_responsible(tracked, *found);
      return;
    case What::joint: return open_tasks(tracked, given);
    case What::task_report:
    case What::task_drop:
      open_next_tasks(tracked);
      if (!has_open_tasks(tracked.is)) happen(tracked, "tasks_done");
      return;
    case What::command: {
      const JsonValue* value = given.find("value");
      const WantedCommand wanted{EntityId(given.text_or("device", "")), given.text_or("name", ""),
                                 value ? value->dump() : ""};
      return order(tracked, wanted, doer.id, "command_approved");
    }
    default: return;
  }
}

void CaseLoop::escalate(Tracked& tracked, const std::string& to, std::string_view why, std::string_view code) {
  ++stats_.escalated;
  write_step(tracked, {std::string(kLoop)}, "escalate",
             to.empty() ? std::string(why) : fmt::format("to {}: {}", to, why), code);
  if (!to.empty())
    tell(tracked, to,
         {fmt::format("升级：{}", tracked.is.title.zh), fmt::format("Escalated: {}", tracked.is.title.en)});
}

EntityId notice_id(EntityId case_id, std::uint32_t number) {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Case:";
  return EntityId(fmt::format("urn:ngsi-ld:Notice:{}:{}", case_id.text().substr(kPrefix.size()), number));
}

// A party of the case by whom it is now: the holder's and the reporter's ids, the department that has it.
void CaseLoop::tell(Tracked& tracked, const std::string& to, const flow::Bilingual& text) {
  const flow::Case& one = tracked.is;
  if (to == "reporter" && !one.merged.empty()) {
    for (const std::string& reporter : reporters_of(tracked)) tell(tracked, reporter, text);
    return;
  }
  const std::string whom = to == "holder"       ? one.holder
                           : to == "reporter"   ? one.opened_by
                           : to == "department" ? one.department
                           : to == "crew"       ? one.crew.empty() ? std::string{} : "crew:" + one.crew
                           : to == "kind"       ? tracked.kind->escalate_to
                                                : to;
  if (whom.empty()) return;
  const EntityId id = notice_id(one.id, ++tracked.notices_made);
  touched_.insert(one.id.text());
  out_->writes.push_back(flow::NounWriter(id, "Notice"_name, flow::WriteMode::upsert)
                             .link("about"_name, one.id)
                             .text("to"_name, whom)
                             .text("department"_name, one.department)
                             .text("area"_name, one.area)
                             .language("text"_name, text)
                             .time("at"_name, now_)
                             .take());
}

void CaseLoop::open_tasks(Tracked& tracked, const JsonValue& given) {
  std::vector<flow::CaseTask>& tasks = tracked.is.tasks;
  const JsonValue* said = given.find("sequence");
  const bool sequence = said && (said->boolean() ? *said->boolean() : said->text() && *said->text() == "true");
  std::uint32_t turn = tasks.empty() ? 0 : tasks.back().turn + 1;
  const std::string what = given.text_or("what", "");
  for (const std::string& department : texts_of(given, "assisting")) {
    flow::CaseTask& task = tasks.emplace_back();
    task.number = std::uint32_t(tasks.size());
    task.department = department;
    task.name = {what, what};
    task.turn = turn;
    if (sequence) ++turn;
  }
  open_next_tasks(tracked);
}

// Opens the tasks of the first turn that is not done; tasks of later turns wait.
void CaseLoop::open_next_tasks(Tracked& tracked) {
  flow::Case& one = tracked.is;
  std::optional<std::uint32_t> turn;
  for (const flow::CaseTask& task : one.tasks) {
    const bool done = task.state == TaskState::reported || task.state == TaskState::dropped;
    if (!done && (!turn || task.turn < *turn)) turn = task.turn;
  }
  for (flow::CaseTask& task : one.tasks) {
    if (!turn || task.turn != *turn || task.state != TaskState::waiting) continue;
    task.state = TaskState::open;
    task.opened_at = now_;
    if (const Deadline* deadline = tracked.flow->deadline_of(Deadline::Of::task))
      start_clock(tracked, *deadline, fmt::format("task-{}", task.number));
    note(tracked, fmt::format("task {} to {}", task.number, task.department), "task_opened");
    tell(tracked, task.department, {fmt::format("协办任务：{}", one.title.zh), fmt::format("Task: {}", one.title.en)});
  }
}

bool CaseLoop::can_ask_device(const Tracked& tracked) const {
  const bool idle = tracked.commands_made == 0 || flow::is_final(tracked.command_status);
  return !tracked.wanted.none() && tracked.kind->option(*tracked.flow, "command") != "never" && idle &&
         tracked.commands_made < tracked.kind->commands_max;
}

void CaseLoop::ask_device(Tracked& tracked, const std::string& value, std::string_view code) {
  order(tracked, {tracked.wanted.device, tracked.wanted.name, value}, std::string(kLoop), code);
  tracked.command = tracked.is.commands.back();
  tracked.command_status = CommandStatus::requested;
}

void CaseLoop::order(Tracked& tracked, const WantedCommand& wanted, const std::string& by, std::string_view code) {
  ++stats_.commands;
  flow::Case& one = tracked.is;
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Case:";
  flow::Command command;
  command.id =
      EntityId(fmt::format("urn:ngsi-ld:Command:{}:{}", one.id.text().substr(kPrefix.size()), ++tracked.commands_made));
  command.device = wanted.device;
  command.name = wanted.name;
  command.value = wanted.value;
  command.for_case = one.id;
  command.requested_by = by;
  command.requested_at = now_;
  out_->writes.push_back(to_write(command));
  one.commands.push_back(command.id);
  book_.put_command(command.id, one.id);
  write_step(tracked, {by}, "command",
             fmt::format("{} = {} asked of {}", command.name, command.value, command.device.text()), code);
}

// What the case set going must not run on without it.
void CaseLoop::release_device(Tracked& tracked) {
  const bool asked = !tracked.command.empty();
  if (asked && tracked.command_status <= CommandStatus::approved) withdraw_command(tracked);
  const std::string& value = tracked.kind->command_on_close;
  if (!tracked.device_worked || value.empty()) return;
  if (!book_.others_need_device_of(tracked)) ask_device(tracked, value, "command_release");
}

void CaseLoop::withdraw_command(Tracked& tracked) {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Command:";
  flow::Action action;
  action.id = EntityId(fmt::format("urn:ngsi-ld:Action:withdraw:{}", tracked.command.text().substr(kPrefix.size())));
  action.target = tracked.command;
  action.verb = "withdraw";
  action.by = kLoop;
  action.note = "its case has ended";
  action.at = now_;
  out_->writes.push_back(to_write(action));
  book_.put_action(tracked, action.id);
}

}  // namespace cityloop::casework
