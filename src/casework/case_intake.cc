// How cases come in that people and other systems send: what they say, and what they are called by.
#include <algorithm>
#include <utility>

#include "base/json_value.h"
#include "casework/case_code.h"
#include "casework/case_loop.h"
#include "flow/case_parts.h"
#include "flow/noun.h"

namespace cityloop::casework {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Action;

namespace {

constexpr std::string_view kCasePrefix = "urn:ngsi-ld:Case:";
constexpr std::string_view kActionPrefix = "urn:ngsi-ld:Action:";

// A title as one text, or as {"zh": …, "en": …}.
flow::Bilingual title_from(const JsonValue& fields) {
  const JsonValue* title = fields.find("title");
  if (!title) return {};
  if (const std::string* text = title->text()) return {*text, *text};
  return {title->text_or("zh", title->text_or("en", "")), title->text_or("en", title->text_or("zh", ""))};
}

std::vector<std::string> media_from(const JsonValue& fields) {
  std::vector<std::string> out;
  const JsonValue* list = fields.find("media");
  if (!list || !list->array()) return out;
  for (const JsonValue& one : *list->array()) {
    if (one.text()) out.push_back(*one.text());
  }
  return out;
}

void take_words(flow::Case& one, const JsonValue& given, bool report) {
  one.title = title_from(given);
  one.about = EntityId(given.text_or("about", ""));
  one.department = given.text_or("department", "");
  one.channel = given.text_or("channel", report ? "citizen" : "staff");
  one.description = given.text_or("description", "");
  one.address = given.text_or("address", "");
  one.media = media_from(given);
  one.external_id = given.text_or("externalId", "");
  if (const JsonValue* location = given.find("location"); location && location->object())
    one.location = location->dump();
}

}  // namespace

bool CaseLoop::is_opening(std::string_view verb) {
  return verb == "file" || verb == "open";
}

// Staff file a case; anybody else's report waits as such until somebody takes it up. "open" is always a report.
base::Status CaseLoop::file_by_hand(Action& action, const JsonValue& given) {
  if (!rules_) return fail(Errc::unavailable, "there are no case rules yet");
  const bool report = action.verb == "open" || given.boolean_or("report", false);
  const Category* category = rules_->categories().find(given.text_or("category", ""));
  if (!category && !given.text_or("category", "").empty())
    return fail(Errc::invalid, "there is no category '{}'", given.text_or("category", ""));
  std::string kind_id = given.text_or("kind", category ? category->kind : "");
  if (kind_id.empty() && report) kind_id = rules_->intake().kind;
  const CaseKind* kind = rules_->find_kind(kind_id);
  if (!kind) return fail(Errc::invalid, "there is no case kind '{}'", kind_id);
  const Workflow& flow = *rules_->find_workflow(kind->workflow);
  const std::string_view text = action.id.text();
  const std::string_view tail = text.starts_with(kActionPrefix) ? text.substr(kActionPrefix.size()) : text;
  Filing filing{.doer = {action.by}};
  flow::Case& one = filing.tracked.is;
  one.id = EntityId(fmt::format("{}{}:{}", kCasePrefix, kind_id, tail));
  if (book_.peek(one.id)) return fail(Errc::exists, "this case has been filed already");
  one.kind = kind_id;
  one.workflow = kind->workflow;
  one.opened_by = action.by;
  take_words(one, given, report);
  one.severity = TRY(flow::severity_from(given.text_or("severity", "moderate")));
  one.category = category ? category->code : kind->category;
  filing.doer.role = acting_as(flow.opens, one, {action.by, action.roles, action.department});
  if (!report && filing.doer.role.empty())
    return fail(Errc::refused, "it is not for {} to file a case; send it as a report", action.by);
  filing.state = flow.states[std::size_t(report ? flow.start_report : flow.start_staff)].id;
  filing.note = action.note.empty() ? given.text_or("note", "") : action.note;
  action.target = one.id;
  Tracked& placed = file(std::move(filing));
  bring_plan(placed);
  happen(placed, "entered");
  return {};
}

// What everybody calls the case by, and which open cases may be about the same.
void CaseLoop::introduce(Tracked& tracked) {
  flow::Case& one = tracked.is;
  one.code = case_code(++numbered_);
  if (one.channel.empty()) one.channel = one.finding.empty() ? "staff" : "sensor";
  tracked.own.finding = one.finding;
  tracked.own.severity = one.severity;
  const SimilarRules& rules = tracked.rules->intake().similar;
  neighbours_.forget_before(now_ - rules.within);
  neighbours_.add(numbered_, one);
  one.similar = neighbours_.similar_to(numbered_, rules);
}

// What follows from the cases in hand is made again when the first record is read.
void CaseLoop::make_indexes() {
  if (std::exchange(indexes_made_, true)) return;
  std::map<std::uint64_t, const Tracked*> by_number;
  book_.each([&](const Tracked& tracked) {
    if (tracked.storm) storms_[tracked.is.rule].insert(tracked.is.id.text());
    if (tracked.is.is_open()) by_number[case_number(tracked.is.code)] = &tracked;
  });
  for (const auto& [number, tracked] : by_number) {
    neighbours_.put_back(number, tracked->is);
    watch_again(*tracked);
  }
  neighbours_.loaded();
}

// What it is compared by has changed.
void CaseLoop::describe_anew(const Tracked& tracked) {
  if (tracked.is.is_open()) neighbours_.add(case_number(tracked.is.code), tracked.is);
}

base::Status CaseLoop::check_classify(const Tracked& tracked, const JsonValue& given) const {
  const std::string code = given.text_or("category", "");
  const Category* category = tracked.rules->categories().find(code);
  if (!category && !code.empty()) return fail(Errc::invalid, "there is no category '{}'", code);
  const std::string kind_id = given.text_or("kind", category ? category->kind : "");
  if (!kind_id.empty()) {
    const CaseKind* kind = tracked.rules->find_kind(kind_id);
    if (!kind) return fail(Errc::invalid, "there is no case kind '{}'", kind_id);
    if (kind->workflow != tracked.is.workflow)
      return fail(Errc::conflict, "'{}' runs by another workflow: file it anew, and refuse this one", kind_id);
  }
  const std::string department = given.text_or("department", "");
  if (!department.empty() && !tracked.rules->knows_department(department))
    return fail(Errc::invalid, "the city has no department '{}'", department);
  if (const std::string severity = given.text_or("severity", ""); !severity.empty()) TRY(flow::severity_from(severity));
  return check_place(given);
}

// Whose it is follows from what it is and where, unless the form says whose; where nothing has become another it stays.
void CaseLoop::classify(Tracked& tracked, const JsonValue& given) {
  flow::Case& one = tracked.is;
  const Category* category = tracked.rules->categories().find(given.text_or("category", ""));
  const std::string kind_id = given.text_or("kind", category ? category->kind : "");
  bool other_kind = false;
  if (const CaseKind* kind = tracked.rules->find_kind(kind_id)) {
    other_kind = kind->id != one.kind;
    one.kind = kind->id;
    tracked.kind = std::shared_ptr<const CaseKind>(tracked.rules, kind);
    if (!category) one.category = kind->category;
    if (tracked.own.finding.empty()) one.verify_hold = kind->verify_hold;
  }
  if (category) one.category = category->code;
  const JsonValue* location = given.find("location");
  if (location) one.location = location->dump(), locate(one, *tracked.rules);
  const std::string said = given.text_or("department", "");
  if (!said.empty() || category || other_kind || location) {
    Assignment whose = find_responsible(one, *tracked.rules, said);
    // A kind that stays does not take a case back from the department that has it.
    const bool stays = !other_kind && !one.department.empty() && (whose.gap() || whose.by == AssignedBy::kind);
    if (stays) whose = find_responsible(one, *tracked.rules, one.department);
    give_to(one, whose);
    assigned_ = std::move(whose);
  }
  describe_anew(tracked);
  if (const auto severity = flow::severity_from(given.text_or("severity", ""))) {
    tracked.own.severity = *severity;
    refresh(tracked);
  }
}

}  // namespace cityloop::casework
