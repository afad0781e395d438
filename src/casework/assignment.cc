#include "casework/assignment.h"

#include <utility>

namespace cityloop::casework {
namespace {

using base::JsonWriter;

void put(JsonWriter& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.field(key, text);
}

// What the rule asks for, in its own words.
void write_rule(JsonWriter& out, std::string_view code, const ResponsibilityRule& rule) {
  out.object().field("code", code).field("rule", rule.number).field("file", rule.file).field("line", rule.line);
  put(out, "cell", rule.cell);
  put(out, "area", rule.area);
  put(out, "category", rule.category);
  put(out, "kind", rule.kind);
  put(out, "calendar", rule.calendar);
}

std::string asked_zh(const ResponsibilityRule& rule) {
  std::string out;
  if (!rule.cell.empty()) out += fmt::format("，单元网格 {}", rule.cell);
  if (!rule.area.empty()) out += fmt::format("，片区 {}", rule.area);
  if (!rule.category.empty()) out += fmt::format("，类别 {}", rule.category);
  if (!rule.kind.empty()) out += fmt::format("，种类 {}", rule.kind);
  return out;
}

std::string asked_en(const ResponsibilityRule& rule) {
  std::string out;
  if (!rule.cell.empty()) out += fmt::format(", cell {}", rule.cell);
  if (!rule.area.empty()) out += fmt::format(", area {}", rule.area);
  if (!rule.category.empty()) out += fmt::format(", category {}", rule.category);
  if (!rule.kind.empty()) out += fmt::format(", kind {}", rule.kind);
  return out;
}

void write_decided(JsonWriter& out, const Assignment& one) {
  constexpr std::string_view kCodes[] = {"gap", "wish", "response", "rule", "category", "kind"};
  const std::string_view code = kCodes[std::size_t(one.by)];
  if (one.by == AssignedBy::rule) {
    write_rule(out, code, *one.who.by);
  } else {
    out.object().field("code", code);
    const bool gap = one.by == AssignedBy::nobody;
    if (gap) put(out, "cell", one.matter.cell), put(out, "area", one.matter.area);
    if (gap || one.by == AssignedBy::category) put(out, "category", one.matter.category);
    if (gap || one.by == AssignedBy::kind) put(out, "kind", one.matter.kind);
  }
  put(out, "department", one.who.department);
  out.end();
}

}  // namespace

Assignment assign(const CaseRules& rules, Matter matter, bool placed, const std::string& said, AssignedBy said_by) {
  const Responsibility& who = rules.responsibility();
  Assignment out{.matter = std::move(matter)};
  out.outside = placed && !who.cells().empty() && out.matter.cell.empty();
  if (said.empty()) {
    out.who = who.ask(out.matter, rules.calendars());
    if (out.who.by) return out.by = AssignedBy::rule, out;
  }
  const Category* category = rules.categories().find(out.matter.category);
  const CaseKind* kind = rules.find_kind(out.matter.kind);
  std::string department = said;
  if (!said.empty()) out.by = said_by;
  else if (category && !category->department.empty()) out.by = AssignedBy::category, department = category->department;
  else if (kind && !kind->department.empty()) out.by = AssignedBy::kind, department = kind->department;
  out.who = who.ask_people(out.matter, rules.calendars(), department);
  return out;
}

void write_why(JsonWriter& out, const Assignment& one) {
  out.array();
  write_decided(out, one);
  if (const ResponsibilityRule* rule = one.who.people_by) {
    write_rule(out, "rule_people", *rule);
    put(out, "department", one.who.department);
    put(out, "crew", one.who.crew);
    put(out, "holder", one.who.holder);
    out.end();
  }
  if (one.overlap()) {
    out.object().field("code", "overlap").key("others").array();
    for (const ResponsibilityRule* other : one.who.others) out.integer(other->number);
    out.end().end();
  }
  if (one.outside) out.object().field("code", "outside_cells").end();
  out.end();
}

flow::Bilingual why_text(const Assignment& one) {
  const std::string& department = one.who.department;
  flow::Bilingual out;
  switch (one.by) {
    case AssignedBy::nobody:
      out = {"没有规则、类别或种类指明责任部门", "no rule, category or kind says whose it is"};
      break;
    case AssignedBy::wish:
      out = {fmt::format("{}：由人指定", department), fmt::format("{}: as somebody said", department)};
      break;
    case AssignedBy::response:
      out = {fmt::format("{}：由发现规则指定", department),
             fmt::format("{}: as the rule that found it says", department)};
      break;
    case AssignedBy::rule:
      out = {fmt::format("{}：责任规则 {}{}", department, one.who.by->number, asked_zh(*one.who.by)),
             fmt::format("{}: by rule {}{}", department, one.who.by->number, asked_en(*one.who.by))};
      break;
    case AssignedBy::category:
      out = {fmt::format("{}：类别 {}", department, one.matter.category),
             fmt::format("{}: by category {}", department, one.matter.category)};
      break;
    case AssignedBy::kind:
      out = {fmt::format("{}：种类 {}", department, one.matter.kind),
             fmt::format("{}: by kind {}", department, one.matter.kind)};
      break;
  }
  if (!one.who.crew.empty()) {
    out.zh += fmt::format("，班组 {}（规则 {}）", one.who.crew, one.who.people_by->number);
    out.en += fmt::format(", crew {} (rule {})", one.who.crew, one.who.people_by->number);
  }
  if (one.overlap()) out.zh += "；另有同等规则结论不同", out.en += "; rules as precise say otherwise";
  return out;
}

}  // namespace cityloop::casework
