#include "serve/dossier/teller.h"

#include <algorithm>
#include <chrono>
#include <span>

namespace cityloop::serve {
namespace {

using base::JsonValue;
using flow::Bilingual;

struct Word {
  std::string_view key, zh, en;
};

const Word* find_word(std::span<const Word> words, std::string_view key) {
  const auto found = std::ranges::find_if(words, [&](const Word& one) { return one.key == key; });
  return found == words.end() ? nullptr : &*found;
}

constexpr Word kChannels[] = {{"sensor", "传感发现", "A sensor's finding"},
                              {"citizen", "市民上报", "A citizen's report"},
                              {"open311", "Open311 应用", "An Open311 app"},
                              {"hotline", "热线", "Hotline"},
                              {"patrol", "巡查", "Patrol"},
                              {"cap", "外部预警（CAP）", "Another authority's warning (CAP)"},
                              {"system", "其他系统", "Another system"},
                              {"staff", "坐席登记", "Staff"}};

// Steps that the loop writes by itself, or that have no name in the workflow.
constexpr Word kSteps[] = {{"file", "登记", "Filed"},
                           {"note", "备注", "Note"},
                           {"command", "设备指令", "Command"},
                           {"escalate", "升级", "Escalated"},
                           {"remind", "催办", "Reminder"},
                           {"close", "结案", "Closed"},
                           {"report", "反馈", "Reported"},
                           {"verify", "核查", "Verification"},
                           {"merge", "合并", "Merged"},
                           {"cancel", "作废", "Cancelled"},
                           {"accept", "接单", "Accepted"},
                           {"dispatch", "派遣", "Dispatched"},
                           {"grant", "同意申请", "Request granted"},
                           {"deny", "驳回申请", "Request denied"},
                           {"withdraw", "撤回申请", "Request withdrawn"}};

constexpr Word kRoles[] = {{"operator", "值班员", "operator"},
                           {"dispatcher", "部门调度", "dispatcher"},
                           {"worker", "处置人员", "field worker"},
                           {"supervisor", "督查", "supervisor"},
                           {"admin", "管理员", "administrator"},
                           {"integrator", "系统集成", "integrator"},
                           {"viewer", "访客", "viewer"},
                           {"holder", "承办人", "holder"},
                           {"reporter", "上报人", "reporter"},
                           {"department", "承办部门", "department"},
                           {"inspector", "社区巡查员", "community inspector"},
                           {"applicant", "申报方", "applicant"},
                           {"secretary", "秘书处", "secretariat"},
                           {"chair", "评审组长", "chair"}};

constexpr Word kCodes[] = {
    {"finding", "由规则的发现立案", "opened by a rule's finding"},
    {"unknown_kind", "没有配置这一类案件，按默认方式办理", "a kind that is not declared: by defaults"},
    {"command_asked", "已请设备执行", "the device was asked"},
    {"command_waits", "指令等待审批", "the command waits for approval"},
    {"command_failed", "设备未能执行", "the device did not do it"},
    {"command_ended", "指令已结束", "the command has ended"},
    {"command_release", "已请设备恢复原状", "the device was asked to go back"},
    {"command_without_device", "规则指定的设备不存在", "the response names no known device"},
    {"report_void", "设备的回执已不成立", "the device's report does not hold"},
    {"release_failed", "设备未能恢复原状", "the device did not go back"},
    {"finding_again", "发现再次出现", "the finding is back"},
    {"finding_cleared", "发现已消除", "the finding has cleared"},
    {"severity_raised", "级别已提高", "severity raised"},
    {"accept_warning", "承接时限将到", "time to accept is running out"},
    {"accept_missed", "超过承接时限", "time to accept is over"},
    {"close_warning", "办结时限将到", "time to close is running out"},
    {"close_missed", "超过办结时限", "time to close is over"},
    {"close_escalated", "超过办结时限，再次升级", "time to close is long over"},
    {"task_opened", "协办任务已下达", "a task was given to a department"},
    {"tasks_done", "协办部门均已反馈", "all assisting departments have reported"},
    {"request_lapsed", "申请因案件状态变化而失效", "a request lapsed: the case has moved on"},
    {"plan", "已启用预案", "a plan applies"},
    {"command_approved", "预案指令已获批准", "a plan's command was approved"}};

constexpr Word kUnits[] = {{"MTR", "m", "m"},     {"CEL", "°C", "°C"},     {"GQ", "µg/m³", "µg/m³"},
                           {"2N", "dB", "dB"},    {"KMH", "km/h", "km/h"}, {"H67", "mm/h", "mm/h"},
                           {"P1", "%", "%"},      {"MMT", "mm", "mm"},     {"WTT", "W", "W"},
                           {"MTS", "m/s", "m/s"}, {"LUX", "lx", "lx"},     {"C62", "", ""},
                           {"59", "ppm", "ppm"},  {"A97", "hPa", "hPa"}};

std::string two(std::string_view a, std::string_view b, std::string_view between) {
  return b.empty() ? std::string(a) : fmt::format("{}{}{}", a, between, b);
}

// "4h" and "5wd" as the rules have them are times by now; what is left is a span.
constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

}  // namespace

std::string Teller::say(const Bilingual& text) const {
  const std::string& mine = zh() ? text.zh : text.en;
  return mine.empty() ? (zh() ? text.en : text.zh) : mine;
}

std::string Teller::clock(base::Instant at) const {
  if (at == flow::kNever) return "–";
  std::string text = base::format_time(std::chrono::floor<std::chrono::seconds>(on_.zone.to_local(at)));
  std::ranges::replace(text, 'T', ' ');
  return text.substr(0, 19);
}

std::string Teller::time(base::Instant at) const {
  return at == flow::kNever ? clock(at) : clock(at).substr(0, 16);
}

std::string Teller::span(base::Duration length) const {
  const std::int64_t seconds = std::max<std::int64_t>(0, std::chrono::round<std::chrono::seconds>(length).count());
  const auto part = [&](std::int64_t count, std::string_view zh_unit, std::string_view en_unit) {
    return count == 0 ? std::string{} : fmt::format("{} {}", count, say(zh_unit, en_unit));
  };
  if (seconds < kMinute) return fmt::format("{} {}", seconds, say("秒", "s"));
  if (seconds < kHour) return two(part(seconds / kMinute, "分钟", "min"), part(seconds % kMinute, "秒", "s"), " ");
  if (seconds < kDay)
    return two(part(seconds / kHour, "小时", "h"), part(seconds % kHour / kMinute, "分钟", "min"), " ");
  return two(part(seconds / kDay, "天", "d"), part(seconds % kDay / kHour, "小时", "h"), " ");
}

std::string Teller::department(std::string_view id) const {
  if (id.empty()) return "–";
  for (const City::Department& one : on_.city.departments) {
    if (one.id == id) return say(one.name);
  }
  return std::string(id);
}

std::string Teller::area(std::string_view id) const {
  if (id.empty()) return "–";
  for (const City::Area& one : on_.city.areas) {
    if (one.id == id) return say(one.name);
  }
  return std::string(id);
}

std::string Teller::category(std::string_view code) const {
  if (code.empty()) return "–";
  const casework::Category* const row = dossier_.one.rules->categories().find(code);
  if (!row) return std::string(code);
  const std::string name = fmt::format("{} · {}", say(row->large), say(row->name));
  return zh() ? fmt::format("{}（{}）", name, code) : fmt::format("{} ({})", name, code);
}

std::string Teller::kind() const {
  const std::string name = say(dossier_.one.kind->name);
  return name.empty() ? dossier_.one.is.kind : name;
}

std::string Teller::state(std::string_view id) const {
  const int at = dossier_.one.flow->find_state(id);
  return at < 0 ? std::string(id) : say(dossier_.one.flow->states[std::size_t(at)].name);
}

std::string Teller::severity(flow::Severity severity) const {
  constexpr Word kNames[] = {{"minor", "轻微", "Minor"},
                             {"moderate", "一般", "Moderate"},
                             {"severe", "严重", "Severe"},
                             {"extreme", "特别严重", "Extreme"}};
  return say(kNames[std::size_t(severity)].zh, kNames[std::size_t(severity)].en);
}

std::string Teller::channel(std::string_view id) const {
  const Word* const word = find_word(kChannels, id);
  return word ? say(word->zh, word->en) : std::string(id);
}

std::string Teller::role(std::string_view party) const {
  const std::string_view plain_role = party.substr(0, party.find('@'));
  const Word* const word = find_word(kRoles, plain_role);
  return word ? say(word->zh, word->en) : std::string(plain_role);
}

// Of a citizen nothing is said but that it was one.
std::string Teller::who(std::string_view by) const {
  if (by.empty()) return "–";
  if (by.starts_with("citizen")) return say("市民", "A citizen");
  if (by.starts_with("loop:")) return say("城市孪生（自动）", "The city twin, by itself");
  if (by.starts_with("rule:")) return say("规则 ", "Rule ") + std::string(by.substr(5));
  if (by.starts_with("urn:")) return thing(flow::EntityId::lookup(by));
  std::string name = say(on_.person(by));
  const std::string_view bare = by.substr(by.find(':') + 1);
  if (by.starts_with("program:")) return say("系统 ", "System ") + (name.empty() ? std::string(bare) : name);
  if (!name.empty()) return name;
  if (const Word* const known = find_word(kRoles, by)) return say(known->zh, known->en);
  if (const std::string as = department(by); as != by) return as;
  return std::string(bare);
}

std::string Teller::thing(flow::EntityId id) const {
  return id.empty() ? "–" : Names{on_.twin, language_}.of(id);
}

std::string Teller::step(std::string_view verb) const {
  for (const casework::Transition& one : dossier_.one.flow->transitions) {
    if (one.verb == verb && !one.name.en.empty()) return say(one.name);
  }
  if (const casework::RequestKind* const request = dossier_.one.flow->find_request(verb)) return say(request->name);
  const Word* const word = find_word(kSteps, verb);
  return word ? say(word->zh, word->en) : std::string(verb);
}

// The workflow's own words for what the loop did, where all that they leave open is known here.
std::string Teller::filled(std::string text) const {
  const auto fill = [&](std::string_view name, const std::string& value) {
    for (std::size_t at; (at = text.find(name)) != std::string::npos;) text.replace(at, name.size(), value);
  };
  fill("{hold}", span(dossier_.one.is.verify_hold));
  fill("{department}", department(dossier_.one.is.department));
  return text.find('{') == std::string::npos ? text : std::string{};
}

std::string Teller::step_note(const flow::CaseStep& step) const {
  if (step.code.empty()) return step.note;
  if (!zh() && !step.note.empty()) return step.note;
  for (const casework::Transition& one : dossier_.one.flow->transitions) {
    if (one.code != step.code || one.text.zh.empty()) continue;
    if (const std::string words = filled(say(one.text)); !words.empty()) return words;
  }
  const Word* const word = find_word(kCodes, step.code);
  if (!word) return step.note;
  // What the loop notes by itself is in English: beside the Chinese words only what it names is of use.
  const bool english = std::ranges::all_of(step.note, [](char c) { return static_cast<signed char>(c) >= 0; });
  return step.note.empty() || (zh() && english) ? say(word->zh, word->en)
                                                : fmt::format("{}（{}）", word->zh, step.note);
}

std::string Teller::value_of(std::string_view field, const JsonValue& value) const {
  std::string text = value.text() ? *value.text() : value.dump();
  if (field == "department") return department(text);
  if (field == "category") return category(text);
  if (field == "result") return text == "pass" ? say("通过", "Pass") : text == "fail" ? say("不通过", "Fail") : text;
  if (value.boolean()) return *value.boolean() ? say("是", "yes") : say("否", "no");
  if (!value.array()) return text;
  std::string out;
  for (const JsonValue& one : *value.array()) {
    const std::string word = one.text() ? (field == "assisting" ? department(*one.text()) : *one.text()) : one.dump();
    out += out.empty() ? word : say("、", ", ") + word;
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Teller::given(const flow::CaseStep& step) const {
  std::vector<std::pair<std::string, std::string>> out;
  const auto parsed = step.given.empty() ? JsonValue{} : JsonValue::parse(step.given).value_or(JsonValue{});
  if (!parsed.object()) return out;
  const auto label = [&](const std::string& field) {
    for (const casework::Transition& one : dossier_.one.flow->transitions) {
      if (one.verb != step.verb) continue;
      for (const casework::FieldSpec& known : one.form.fields()) {
        if (known.name == field && !known.label.en.empty()) return say(known.label);
      }
    }
    return field;
  };
  for (const auto& [key, value] : *parsed.object()) {
    if (key == "photos" && value.array()) {
      out.emplace_back(say("照片", "Photos"), std::to_string(value.array()->size()));
    } else if (key == "location") {
      out.emplace_back(say("位置", "Location"), say("已附坐标", "with coordinates"));
    } else {
      out.emplace_back(label(key), value_of(key, value));
    }
  }
  return out;
}

const casework::Deadline* Teller::deadline_of(const flow::CaseClock& clock) const {
  using Of = casework::Deadline::Of;
  if (clock.id.starts_with("task-")) return dossier_.one.flow->deadline_of(Of::task);
  if (clock.id.starts_with("request-")) return dossier_.one.flow->deadline_of(Of::request);
  return dossier_.one.flow->find_deadline(clock.id);
}

std::string Teller::clock_name(const flow::CaseClock& clock) const {
  const casework::Deadline* const known = deadline_of(clock);
  return known ? say(known->name) : clock.id;
}

std::pair<std::string, std::string> Teller::clock_words(const flow::CaseClock& one) const {
  const base::Instant now = dossier_.made_at;
  const casework::WorkCalendar& calendar = dossier_.one.rules->calendars().get(one.calendar);
  std::string head;
  if (one.ended_at != flow::kNever) {
    head = one.missed ? say("已超期，后于 ", "missed; over since ") + time(one.ended_at) + say(" 结束", "")
                      : say("按时完成于 ", "met on ") + time(one.ended_at);
  } else if (one.due_at == flow::kNever) {
    head = say("计时暂停，自 ", "stands still since ") + time(one.stands_since);
  } else if (one.due_at < now) {
    head = fmt::format("{}{}{}", say("已超期 ", "over by "), span(now - one.due_at), say("（应于 ", " (due "));
    head += time(one.due_at) + say("）", ")");
  } else {
    head = fmt::format("{}{}{}", say("还有 ", "due in "), span(one.due_at - now), say("（至 ", " ("));
    head += time(one.due_at) + say("）", ")");
  }
  const bool always = one.calendar == casework::WorkCalendar::kAlways;
  const std::string name = say(calendar.name());
  std::string why = always ? fmt::format("{}{}", span(one.limit), say("，昼夜连续计时", ", day and night"))
                           : fmt::format("{}{}{}", span(one.limit), say("工作时间", " of working time"),
                                         name.empty() ? ""
                                         : zh()       ? fmt::format("（{}）", name)
                                                      : fmt::format(" ({})", name));
  if (one.started_at != flow::kNever) why += say("，自 ", ", from ") + time(one.started_at) + say(" 起", "");
  if (one.extended.count() > 0) why += say("；其中批准延期 ", "; of these granted later ") + span(one.extended);
  const base::Duration used = casework::used_by(one, calendar, now);
  if (one.ended_at == flow::kNever && used.count() > 0) why += say("；已用 ", "; used ") + span(used);
  if (one.stood.count() > 0) why += say("；暂停计时 ", "; stood still for ") + span(one.stood);
  return {head, why};
}

std::string Teller::number_with_unit(double value, std::string_view code) const {
  std::string number = fmt::format("{:.3f}", value);
  while (number.ends_with('0')) number.pop_back();
  if (number.ends_with('.')) number.pop_back();
  const Word* const unit = find_word(kUnits, code);
  const std::string sign = unit ? std::string(unit->zh) : std::string(code);
  return sign.empty() ? number : number + (sign == "%" || sign == "°C" ? "" : " ") + sign;
}

}  // namespace cityloop::serve
