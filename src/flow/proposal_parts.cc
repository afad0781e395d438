#include "flow/proposal_parts.h"

#include <array>

#include "base/json_value.h"
#include "flow/case_parts.h"

namespace cityloop::flow {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;

constexpr std::array<std::string_view, 4> kStatus{"open", "accepted", "rejected", "outdated"};
constexpr std::array<std::string_view, 6> kChange{"", "same", "new", "crew", "order", "time"};
constexpr std::array<std::string_view, 4> kAppointed{"", "waiting", "done", "refused"};
constexpr std::array<std::string_view, 4> kOverrule{"pin", "exclude_case", "exclude_crew", "order"};

template <class Enum, std::size_t N>
Result<Enum> word_from(const std::array<std::string_view, N>& words, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == text) return Enum(i);
  }
  return fail(Errc::invalid, "'{}' is no word of a proposal", text);
}

void put(JsonWriter& out, std::string_view key, Instant at) {
  if (at != kNever) out.field(key, base::format_time(at));
}
void put(JsonWriter& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.field(key, text);
}
void put(JsonWriter& out, std::string_view key, bool flag) {
  if (flag) out.field(key, true);
}
void put(JsonWriter& out, std::string_view key, double number) {
  if (number != 0) out.field(key, number);
}
void put(JsonWriter& out, const Because& one) {
  out.object().field("code", one.code).field("zh", one.text.zh).field("en", one.text.en).end();
}
void put(JsonWriter& out, std::string_view key, const std::optional<Appointment>& was) {
  if (!was) return;
  out.key(key).object().field("crew", was->crew);
  put(out, "at", was->planned_at);
  out.field("turn", was->turn).end();
}

Instant time_of(const JsonValue& in, std::string_view key) {
  const JsonValue* found = in.find(key);
  const auto at = found && found->text() ? base::parse_time(*found->text()) : Result<Instant>(kNever);
  return at.value_or(kNever);
}
std::uint32_t count_of(const JsonValue& in, std::string_view key) {
  return std::uint32_t(in.number_or(key, 0));
}
Because because_of(const JsonValue& in) {
  return {in.text_or("code", ""), {in.text_or("zh", ""), in.text_or("en", "")}};
}
std::optional<Appointment> appointment_of(const JsonValue& in, std::string_view key) {
  const JsonValue* found = in.find(key);
  if (!found) return std::nullopt;
  return Appointment{found->text_or("crew", ""), time_of(*found, "at"), count_of(*found, "turn")};
}

Result<JsonValue::Array> array_of(std::string_view json) {
  if (json.empty()) return JsonValue::Array{};
  const JsonValue value = TRY(JsonValue::parse(json));
  if (!value.array()) return fail(Errc::invalid, "a part of a proposal is no list");
  return *value.array();
}

std::vector<std::string> texts_of(const JsonValue& in, std::string_view key) {
  const JsonValue* found = in.find(key);
  return found ? texts_from(found->dump()).value_or(std::vector<std::string>{}) : std::vector<std::string>{};
}

void put_stop(JsonWriter& out, const ProposalStop& stop) {
  out.object().field("case", stop.task.text()).field("turn", stop.turn);
  put(out, "arriveAt", stop.arrive_at);
  put(out, "beginAt", stop.begin_at);
  put(out, "departAt", stop.depart_at);
  out.field("travelS", stop.travel_s).field("travelM", stop.travel_m);
  out.field("slackS", stop.slack_s).field("detourM", stop.detour_m);
  put(out, "lateS", stop.late_s);
  put(out, "begun", stop.begun);
  put(out, "pinned", stop.pinned);
  out.key("why").array();
  for (const Because& one : stop.why) put(out, one);
  out.end();
  put(out, "instead", stop.instead);
  put(out, "insteadM", stop.instead_m);
  put(out, "was", stop.was);
  put(out, "change", std::string(to_string(stop.change)));
  put(out, "appointed", std::string(to_string(stop.appointed)));
  put(out, "refusal", stop.refusal);
  out.end();
}

Result<ProposalStop> stop_of(const JsonValue& in) {
  ProposalStop out;
  out.task = EntityId(in.text_or("case", ""));
  out.turn = count_of(in, "turn");
  out.arrive_at = time_of(in, "arriveAt");
  out.begin_at = time_of(in, "beginAt");
  out.depart_at = time_of(in, "departAt");
  out.travel_s = in.number_or("travelS", 0);
  out.travel_m = in.number_or("travelM", 0);
  out.slack_s = in.number_or("slackS", -1);
  out.detour_m = in.number_or("detourM", 0);
  out.late_s = in.number_or("lateS", 0);
  out.begun = in.boolean_or("begun", false);
  out.pinned = in.boolean_or("pinned", false);
  if (const JsonValue* why = in.find("why"); why && why->array()) {
    for (const JsonValue& one : *why->array()) out.why.push_back(because_of(one));
  }
  out.instead = in.text_or("instead", "");
  out.instead_m = in.number_or("insteadM", 0);
  out.was = appointment_of(in, "was");
  out.change = TRY(word_from<StopChange>(kChange, in.text_or("change", "")));
  out.appointed = TRY(word_from<Appointed>(kAppointed, in.text_or("appointed", "")));
  out.refusal = in.text_or("refusal", "");
  return out;
}

void put_route(JsonWriter& out, const ProposalRoute& route) {
  out.object().field("crew", route.crew);
  put(out, "from", route.from);
  put(out, "until", route.until);
  out.field("lon", route.start_lon_deg).field("lat", route.start_lat_deg);
  put(out, "departAt", route.depart_at);
  put(out, "endAt", route.end_at);
  out.field("distanceM", route.distance_m).field("travelS", route.travel_s).field("workS", route.work_s);
  out.field("status", to_string(route.status));
  put(out, "by", route.by);
  if (!route.roles.empty()) out.key("roles").raw(texts_json(route.roles));
  put(out, "department", route.department);
  put(out, "at", route.at);
  put(out, "note", route.note);
  out.key("stops").array();
  for (const ProposalStop& stop : route.stops) put_stop(out, stop);
  out.end().end();
}

Result<ProposalRoute> route_of(const JsonValue& in) {
  ProposalRoute out;
  out.crew = in.text_or("crew", "");
  out.from = time_of(in, "from");
  out.until = time_of(in, "until");
  out.start_lon_deg = in.number_or("lon", 0);
  out.start_lat_deg = in.number_or("lat", 0);
  out.depart_at = time_of(in, "departAt");
  out.end_at = time_of(in, "endAt");
  out.distance_m = in.number_or("distanceM", 0);
  out.travel_s = in.number_or("travelS", 0);
  out.work_s = in.number_or("workS", 0);
  out.status = TRY(proposal_status_from(in.text_or("status", "open")));
  out.by = in.text_or("by", "");
  out.roles = texts_of(in, "roles");
  out.department = in.text_or("department", "");
  out.at = time_of(in, "at");
  out.note = in.text_or("note", "");
  const JsonValue* stops = in.find("stops");
  if (!stops || !stops->array()) return fail(Errc::invalid, "a crew's part of a proposal has no stops");
  for (const JsonValue& stop : *stops->array()) out.stops.push_back(TRY(stop_of(stop)));
  return out;
}

void put_overrule(JsonWriter& out, const Overrule& one) {
  out.object().field("number", one.number).field("kind", to_string(one.kind));
  put(out, "case", std::string(one.task.text()));
  put(out, "crew", one.crew);
  if (!one.tasks.empty()) out.key("cases").raw(ids_json(one.tasks));
  out.field("by", one.by);
  put(out, "at", one.at);
  put(out, "until", one.until);
  put(out, "note", one.note);
  put(out, "obeyed", one.obeyed);
  if (!one.reason.code.empty()) out.key("reason"), put(out, one.reason);
  out.end();
}

Result<Overrule> overrule_of(const JsonValue& in) {
  Overrule out;
  out.number = count_of(in, "number");
  out.kind = TRY(word_from<OverruleKind>(kOverrule, in.text_or("kind", "")));
  out.task = EntityId(in.text_or("case", ""));
  out.crew = in.text_or("crew", "");
  for (const std::string& id : texts_of(in, "cases")) out.tasks.emplace_back(id);
  out.by = in.text_or("by", "");
  out.at = time_of(in, "at");
  out.until = time_of(in, "until");
  out.note = in.text_or("note", "");
  out.obeyed = in.boolean_or("obeyed", false);
  if (const JsonValue* reason = in.find("reason")) out.reason = because_of(*reason);
  return out;
}

template <class Item>
std::string list_json(const std::vector<Item>& items, void (*put_item)(JsonWriter&, const Item&)) {
  if (items.empty()) return {};
  JsonWriter out;
  out.array();
  for (const Item& item : items) put_item(out, item);
  return out.end().take();
}

template <class Item>
Result<std::vector<Item>> list_from(std::string_view json, Result<Item> (*item_of)(const JsonValue&)) {
  std::vector<Item> out;
  for (const JsonValue& item : TRY(array_of(json))) out.push_back(TRY(item_of(item)));
  return out;
}

Result<ProposalUndone> undone_of(const JsonValue& in) {
  const JsonValue* reason = in.find("reason");
  return ProposalUndone{EntityId(in.text_or("case", "")), reason ? because_of(*reason) : Because{},
                        appointment_of(in, "was")};
}

void put_undone(JsonWriter& out, const ProposalUndone& one) {
  out.object().field("case", one.task.text()).key("reason");
  put(out, one.reason);
  put(out, "was", one.was);
  out.end();
}

}  // namespace

std::string_view to_string(ProposalStatus status) {
  return kStatus[std::size_t(status)];
}

std::string_view to_string(StopChange change) {
  return kChange[std::size_t(change)];
}

std::string_view to_string(Appointed appointed) {
  return kAppointed[std::size_t(appointed)];
}

std::string_view to_string(OverruleKind kind) {
  return kOverrule[std::size_t(kind)];
}

Result<ProposalStatus> proposal_status_from(std::string_view text) {
  return word_from<ProposalStatus>(kStatus, text);
}

std::string routes_json(const std::vector<ProposalRoute>& routes) {
  return list_json(routes, put_route);
}

Result<std::vector<ProposalRoute>> routes_from(std::string_view json) {
  return list_from(json, route_of);
}

std::string undone_json(const std::vector<ProposalUndone>& undone) {
  return list_json(undone, put_undone);
}

Result<std::vector<ProposalUndone>> undone_from(std::string_view json) {
  return list_from(json, undone_of);
}

std::string overrules_json(const std::vector<Overrule>& overrules) {
  return list_json(overrules, put_overrule);
}

Result<std::vector<Overrule>> overrules_from(std::string_view json) {
  return list_from(json, overrule_of);
}

std::string becauses_json(const std::vector<Because>& all) {
  return list_json<Because>(all, put);
}

Result<std::vector<Because>> becauses_from(std::string_view json) {
  return list_from<Because>(json, [](const JsonValue& in) -> Result<Because> { return because_of(in); });
}

std::string figures_json(const ProposalFigures& f) {
  JsonWriter out;
  out.object().field("cases", f.cases).field("planned", f.planned).field("undone", f.undone);
  out.field("crews", f.crews).field("crewsUsed", f.crews_used).field("distanceM", f.distance_m);
  out.field("travelS", f.travel_s).field("workS", f.work_s).field("late", f.late).field("inTime", f.in_time);
  out.field("overdueAvoided", f.overdue_avoided).field("distanceBeforeM", f.distance_before_m);
  out.key("changes").object().field("new", f.changed_new).field("crew", f.changed_crew);
  out.field("order", f.changed_order).field("time", f.changed_time).field("dropped", f.dropped).end();
  out.field("straight", f.straight).field("tableS", f.table_s).field("solveS", f.solve_s);
  return out.field("iterations", f.iterations).end().take();
}

Result<ProposalFigures> figures_from(std::string_view json) {
  ProposalFigures f;
  if (json.empty()) return f;
  const JsonValue in = TRY(JsonValue::parse(json));
  f.cases = count_of(in, "cases"), f.planned = count_of(in, "planned"), f.undone = count_of(in, "undone");
  f.crews = count_of(in, "crews"), f.crews_used = count_of(in, "crewsUsed");
  f.distance_m = in.number_or("distanceM", 0), f.travel_s = in.number_or("travelS", 0);
  f.work_s = in.number_or("workS", 0);
  f.late = count_of(in, "late"), f.in_time = count_of(in, "inTime");
  f.overdue_avoided = std::int32_t(in.number_or("overdueAvoided", 0));
  f.distance_before_m = in.number_or("distanceBeforeM", 0);
  if (const JsonValue* changes = in.find("changes")) {
    f.changed_new = count_of(*changes, "new"), f.changed_crew = count_of(*changes, "crew");
    f.changed_order = count_of(*changes, "order"), f.changed_time = count_of(*changes, "time");
    f.dropped = count_of(*changes, "dropped");
  }
  f.straight = count_of(in, "straight");
  f.table_s = in.number_or("tableS", 0), f.solve_s = in.number_or("solveS", 0);
  f.iterations = std::uint64_t(in.number_or("iterations", 0));
  return f;
}

}  // namespace cityloop::flow
