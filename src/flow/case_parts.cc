#include "flow/case_parts.h"

#include "base/json_value.h"

namespace cityloop::flow {
namespace {

using base::JsonValue;
using base::JsonWriter;
using base::Result;

void put(JsonWriter& out, std::string_view key, Instant at) {
  if (at != kNever) out.field(key, base::format_time(at));
}
void put(JsonWriter& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.field(key, text);
}
// Whole microseconds, so that what is read back is what was written.
void put(JsonWriter& out, std::string_view key, Duration span) {
  if (span != Duration::zero()) out.field(key, span.count());
}
void put(JsonWriter& out, std::string_view key, const Bilingual& both) {
  out.key(key).object().field("zh", both.zh).field("en", both.en).end();
}

Result<Instant> time_of(const JsonValue& in, std::string_view key) {
  const JsonValue* found = in.find(key);
  if (!found || !found->text()) return kNever;
  return base::parse_time(*found->text());
}
Duration span_of(const JsonValue& in, std::string_view key) {
  return Duration(std::int64_t(in.number_or(key, 0)));
}
Bilingual both_of(const JsonValue& in, std::string_view key) {
  const JsonValue* found = in.find(key);
  if (!found) return {};
  return {found->text_or("zh", ""), found->text_or("en", "")};
}
std::string json_of(const JsonValue& in, std::string_view key) {
  const JsonValue* found = in.find(key);
  return found ? found->dump() : std::string{};
}

template <class Item, class Put>
std::string list_json(const std::vector<Item>& items, Put&& put_item) {
  if (items.empty()) return {};
  JsonWriter out;
  out.array();
  for (const Item& item : items) {
    out.object();
    put_item(out, item);
    out.end();
  }
  return out.end().take();
}

template <class Item, class Get>
Result<std::vector<Item>> list_from(std::string_view json, Get&& get_item) {
  std::vector<Item> out;
  if (json.empty()) return out;
  const JsonValue list = TRY(JsonValue::parse(json));
  if (!list.array()) return base::fail(base::Errc::invalid, "what a case carries is a list");
  for (const JsonValue& item : *list.array()) TRY(get_item(item, out.emplace_back()));
  return out;
}

}  // namespace

std::string timeline_json(const std::vector<CaseStep>& steps) {
  if (steps.empty()) return "[]";
  return list_json(steps, [](JsonWriter& out, const CaseStep& step) {
    out.field("at", base::format_time(step.at)).field("by", step.by).field("verb", step.verb).field("to", step.to);
    put(out, "note", step.note);
    put(out, "code", step.code);
    put(out, "role", step.role);
    if (!step.given.empty()) out.key("given").raw(step.given);
  });
}

Result<std::vector<CaseStep>> timeline_from(std::string_view json) {
  return list_from<CaseStep>(json, [](const JsonValue& in, CaseStep& step) -> base::Status {
    step.at = TRY(base::parse_time(in.text_or("at", "")));
    step.by = in.text_or("by", "");
    step.verb = in.text_or("verb", "");
    step.to = in.text_or("to", "");
    step.note = in.text_or("note", "");
    step.code = in.text_or("code", "");
    step.role = in.text_or("role", "");
    step.given = json_of(in, "given");
    return {};
  });
}

std::string ids_json(const std::vector<EntityId>& ids) {
  if (ids.empty()) return {};
  JsonWriter out;
  out.array();
  for (const EntityId id : ids) out.text(id.text());
  return out.end().take();
}

Result<std::vector<EntityId>> ids_from(std::string_view json) {
  std::vector<EntityId> out;
  for (const std::string& urn : TRY(texts_from(json))) out.emplace_back(urn);
  return out;
}

std::string texts_json(const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  JsonWriter out;
  out.array();
  for (const std::string& text : texts) out.text(text);
  return out.end().take();
}

Result<std::vector<std::string>> texts_from(std::string_view json) {
  std::vector<std::string> out;
  if (json.empty()) return out;
  const JsonValue list = TRY(JsonValue::parse(json));
  if (!list.array()) return base::fail(base::Errc::invalid, "what a case names is a list of texts");
  for (const JsonValue& item : *list.array()) {
    if (const std::string* text = item.text()) out.push_back(*text);
  }
  return out;
}

std::string similar_json(const std::vector<SimilarCase>& similar) {
  return list_json(similar, [](JsonWriter& out, const SimilarCase& one) {
    out.field("case", one.id.text()).field("score", one.score);
    if (one.distance_m >= 0) out.field("distanceM", one.distance_m);
    out.field("earlierUs", one.earlier.count()).field("sameKind", one.same_kind);
    if (one.text >= 0) out.field("text", one.text);
  });
}

Result<std::vector<SimilarCase>> similar_from(std::string_view json) {
  return list_from<SimilarCase>(json, [](const JsonValue& in, SimilarCase& one) -> base::Status {
    one.id = EntityId(in.text_or("case", ""));
    one.score = in.number_or("score", 0);
    one.distance_m = in.number_or("distanceM", -1);
    one.earlier = span_of(in, "earlierUs");
    one.same_kind = in.boolean_or("sameKind", false);
    one.text = in.number_or("text", -1);
    return {};
  });
}

std::string clocks_json(const std::vector<CaseClock>& clocks) {
  return list_json(clocks, [](JsonWriter& out, const CaseClock& clock) {
    out.field("id", clock.id).field("calendar", clock.calendar);
    put(out, "startedAt", clock.started_at);
    put(out, "limitUs", clock.limit);
    put(out, "extendedUs", clock.extended);
    put(out, "usedUs", clock.used);
    put(out, "runningSince", clock.running_since);
    put(out, "dueAt", clock.due_at);
    put(out, "standsSince", clock.stands_since);
    put(out, "stoodUs", clock.stood);
    put(out, "endedAt", clock.ended_at);
    if (clock.yellow) out.field("yellow", true);
    if (clock.red) out.field("red", true);
    if (clock.escalated) out.field("escalated", clock.escalated);
    if (clock.missed) out.field("missed", true);
  });
}

Result<std::vector<CaseClock>> clocks_from(std::string_view json) {
  return list_from<CaseClock>(json, [](const JsonValue& in, CaseClock& clock) -> base::Status {
    clock.id = in.text_or("id", "");
    clock.calendar = in.text_or("calendar", "");
    clock.started_at = TRY(time_of(in, "startedAt"));
    clock.limit = span_of(in, "limitUs");
    clock.extended = span_of(in, "extendedUs");
    clock.used = span_of(in, "usedUs");
    clock.running_since = TRY(time_of(in, "runningSince"));
    clock.due_at = TRY(time_of(in, "dueAt"));
    clock.stands_since = TRY(time_of(in, "standsSince"));
    clock.stood = span_of(in, "stoodUs");
    clock.ended_at = TRY(time_of(in, "endedAt"));
    clock.yellow = in.boolean_or("yellow", false);
    clock.red = in.boolean_or("red", false);
    clock.escalated = std::uint32_t(in.number_or("escalated", 0));
    clock.missed = in.boolean_or("missed", false);
    return {};
  });
}

std::string requests_json(const std::vector<CaseRequest>& requests) {
  return list_json(requests, [](JsonWriter& out, const CaseRequest& request) {
    out.field("number", request.number).field("kind", request.kind).field("by", request.by);
    put(out, "at", request.at);
    put(out, "note", request.note);
    if (!request.given.empty()) out.key("given").raw(request.given);
  });
}

Result<std::vector<CaseRequest>> requests_from(std::string_view json) {
  return list_from<CaseRequest>(json, [](const JsonValue& in, CaseRequest& request) -> base::Status {
    request.number = std::uint32_t(in.number_or("number", 0));
    request.kind = in.text_or("kind", "");
    request.by = in.text_or("by", "");
    request.at = TRY(time_of(in, "at"));
    request.note = in.text_or("note", "");
    request.given = json_of(in, "given");
    return {};
  });
}

std::string tasks_json(const std::vector<CaseTask>& tasks) {
  return list_json(tasks, [](JsonWriter& out, const CaseTask& task) {
    out.field("number", task.number).field("department", task.department);
    put(out, "name", task.name);
    out.field("turn", task.turn).field("state", to_string(task.state));
    put(out, "holder", task.holder);
    put(out, "note", task.note);
    put(out, "openedAt", task.opened_at);
    put(out, "reportedAt", task.reported_at);
  });
}

Result<std::vector<CaseTask>> tasks_from(std::string_view json) {
  return list_from<CaseTask>(json, [](const JsonValue& in, CaseTask& task) -> base::Status {
    task.number = std::uint32_t(in.number_or("number", 0));
    task.department = in.text_or("department", "");
    task.name = both_of(in, "name");
    task.turn = std::uint32_t(in.number_or("turn", 0));
    const std::string state = in.text_or("state", "");
    for (auto s = TaskState::waiting; s <= TaskState::dropped; s = TaskState(int(s) + 1)) {
      if (to_string(s) == state) task.state = s;
    }
    task.holder = in.text_or("holder", "");
    task.note = in.text_or("note", "");
    task.opened_at = TRY(time_of(in, "openedAt"));
    task.reported_at = TRY(time_of(in, "reportedAt"));
    return {};
  });
}

std::string checklist_json(const std::vector<CheckItem>& items) {
  return list_json(items, [](JsonWriter& out, const CheckItem& item) {
    out.field("id", item.id);
    put(out, "text", item.text);
    put(out, "doneBy", item.done_by);
    put(out, "doneAt", item.done_at);
  });
}

Result<std::vector<CheckItem>> checklist_from(std::string_view json) {
  return list_from<CheckItem>(json, [](const JsonValue& in, CheckItem& item) -> base::Status {
    item.id = in.text_or("id", "");
    item.text = both_of(in, "text");
    item.done_by = in.text_or("doneBy", "");
    item.done_at = TRY(time_of(in, "doneAt"));
    return {};
  });
}

}  // namespace cityloop::flow
