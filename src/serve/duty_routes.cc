#include "serve/duty_routes.h"

#include <algorithm>
#include <set>

#include "base/json_value.h"
#include "casework/assignment.h"
#include "casework/responsibility_flaws.h"
#include "duty/day_words.h"
#include "sense/clean_text.h"
#include "serve/duty_view.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::Instant;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using net::Reply;
using trust::Permission;
using trust::Principal;

constexpr int kDaysMax = 62;

Result<std::optional<double>> number_argument(const net::Request& request, std::string_view name) {
  const auto text = request.argument(name);
  if (!text || text->empty()) return std::nullopt;
  double out = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (problem == std::errc{} && end == text->data() + text->size()) return out;
  return fail(Errc::invalid, "'{}' is no number: '{}'", name, *text);
}

Result<int> days_argument(const net::Request& request, int otherwise) {
  const auto days = TRY(number_argument(request, "days"));
  if (!days) return otherwise;
  if (*days >= 1 && *days <= kDaysMax && *days == double(int(*days))) return int(*days);
  return fail(Errc::invalid, "'days' is from 1 to {}", kDaysMax);
}

Result<Instant> at_argument(const DutyRoutes& on, const net::Request& request) {
  const auto text = request.argument("at");
  return text && !text->empty() ? base::parse_time(*text) : Result<Instant>(on.duty.now());
}

// Which departments' duty this person may see, with that right; one that is asked for by name and is not theirs is
// refused.
Result<std::set<std::string>> departments_of(const DutyRoutes& on, const Call& call, const duty::Roster& roster,
                                             Permission permission) {
  std::set<std::string> out;
  if (const auto asked = call.request.argument("department"); asked && !asked->empty()) {
    TRY(on.guard.may(call.principal, permission, {*asked, {}}));
    out.emplace(*asked);
    return out;
  }
  for (const duty::Crew& crew : roster.crews()) {
    if (on.guard.policy().allows(call.principal, permission, {crew.department, {}})) out.insert(crew.department);
  }
  for (const City::Department& department : on.city.departments) {
    if (on.guard.policy().allows(call.principal, permission, {department.id, {}})) out.insert(department.id);
  }
  return out;
}

bool is_of(const duty::Roster& roster, const std::set<std::string>& departments, std::string_view crew) {
  const duty::Crew* known = roster.find(crew);
  return known && departments.contains(known->department);
}

void show_coverage(const DutyRoutes& on, const Call&, Reply reply) {
  const casework::CaseRulesPtr rules = on.rules.in_force();
  if (!rules) return reply(net::problem(fail(Errc::not_found, "there are no case rules").error()));
  auto shared = std::make_shared<Reply>(std::move(reply));
  // Of a city of ten thousand cells it takes its time.
  const bool taken = on.back_room.post([on, rules, shared] {
    const auto areas = policy_areas_of(on.city);
    const auto known = geo::Areas::make(areas).value_or(geo::Areas{});
    const ResponsibilityCounts counts = on.counts();
    JsonWriter out;
    out.object().field("version", rules->version()).key("cells");
    write_cells(out, *rules, *on.duty.roster(), known);
    write_flaws(out.key("flaws"), *on.flaws->of(*rules, areas, on.duty.now()));
    out.key("counters").object().field("casesInGap", counts.in_gap).field("casesInOverlap", counts.in_overlap);
    out.field("casesOutsideCells", counts.outside_cells).end().end();
    (*shared)(json_response(out));
  });
  if (!taken) (*shared)(net::problem(503, "busy", "others are being worked out: ask again in a moment"));
}

Result<casework::Assignment> assignment_of(const DutyRoutes& on, const Call& call, const casework::CaseRules& rules) {
  const auto text = [&](std::string_view name) { return std::string(call.request.argument(name).value_or("")); };
  const auto lon = TRY(number_argument(call.request, "lon")), lat = TRY(number_argument(call.request, "lat"));
  if (lon.has_value() != lat.has_value()) return fail(Errc::invalid, "'lon' and 'lat' go together");
  casework::Matter matter{.category = text("category"), .kind = text("kind"), .at = TRY(at_argument(on, call.request))};
  const casework::Category* category = rules.categories().find(matter.category);
  if (!matter.category.empty() && !category) return fail(Errc::invalid, "there is no category '{}'", matter.category);
  if (!matter.kind.empty() && !rules.find_kind(matter.kind))
    return fail(Errc::invalid, "there is no case kind '{}'", matter.kind);
  if (matter.kind.empty() && category) matter.kind = category->kind;
  const std::string department = text("department");
  if (!department.empty() && !rules.knows_department(department))
    return fail(Errc::invalid, "the city has no department '{}'", department);
  if (lon) {
    const geo::Position at{*lon, *lat};
    TRY(geo::check(at));
    const auto areas = TRY(geo::Areas::make(policy_areas_of(on.city)));
    matter.area = areas.area_of(at);
    if (const casework::GridCell* cell = rules.responsibility().cell_at(at)) matter.cell = cell->code;
  }
  return casework::assign(rules, std::move(matter), lon.has_value(), department);
}

void show_responsible(const DutyRoutes& on, const Call& call, Reply reply) {
  const casework::CaseRulesPtr rules = on.rules.in_force();
  if (!rules) return reply(net::problem(fail(Errc::not_found, "there are no case rules").error()));
  const auto found = assignment_of(on, call, *rules);
  if (!found) return reply(net::problem(found.error()));
  JsonWriter out;
  write_responsible(out, *found, *rules, *on.duty.roster());
  reply(json_response(out));
}

void show_rules(const DutyRoutes& on, const Call&, Reply reply) {
  JsonWriter out;
  write_duty_rules(out, on.duty.roster()->rules(), on.rules_mistakes());
  reply(json_response(out));
}

void list_crews(const DutyRoutes& on, const Call& call, Reply reply) {
  const duty::RosterPtr roster = on.duty.roster();
  const auto departments = departments_of(on, call, *roster, Permission::read_cases);
  if (!departments) return reply(net::problem(departments.error()));
  const Instant now = on.duty.now();
  const auto presence = presence_from(*roster, now);
  JsonWriter out;
  out.object().key("crews").array();
  for (const duty::Crew& crew : roster->crews()) {
    if (departments->contains(crew.department)) write_crew(out, crew, *roster, presence, now);
  }
  out.end().end();
  reply(json_response(out));
}

void show_on_duty(const DutyRoutes& on, const Call& call, Reply reply) {
  const duty::RosterPtr roster = on.duty.roster();
  const auto departments = departments_of(on, call, *roster, Permission::read_cases);
  const auto at = at_argument(on, call.request);
  if (!departments) return reply(net::problem(departments.error()));
  if (!at) return reply(net::problem(at.error()));
  const auto presence = presence_from(*roster, *at);
  JsonWriter out;
  out.object().field("at", base::format_time(*at)).key("crews").array();
  for (const duty::Crew& crew : roster->crews()) {
    if (departments->contains(crew.department)) write_on_duty(out, crew, *roster, presence, *at);
  }
  out.end().end();
  reply(json_response(out));
}

struct Days {
  duty::Day first;
  int count;
};

Result<Days> days_of(const DutyRoutes& on, const net::Request& request, const duty::Roster& roster) {
  Days out{roster.rules().day_of(week_of(roster, on.duty.now()).first), TRY(days_argument(request, 7))};
  const auto from = request.argument("from");
  if (!from || from->empty()) return out;
  const auto day = duty::date_of(*from);
  if (!day) return fail(Errc::invalid, "'from' is '{}', and must be a date as \"2026-02-14\"", *from);
  out.first = *day;
  return out;
}

void show_roster(const DutyRoutes& on, const Call& call, Reply reply) {
  const duty::RosterPtr roster = on.duty.roster();
  const duty::DutyRules& rules = roster->rules();
  const auto departments = departments_of(on, call, *roster, Permission::read_cases);
  const auto days = days_of(on, call.request, *roster);
  if (!departments) return reply(net::problem(departments.error()));
  if (!days) return reply(net::problem(days.error()));
  const Instant from = rules.at(days->first, 0), until = rules.at(days->first + std::chrono::days(days->count), 0);
  JsonWriter out;
  out.object().field("from", base::format_time(from)).field("until", base::format_time(until));
  out.field("timeZone", rules.zone().name());
  write_days(out, rules, days->first, days->count);
  out.key("shifts").array();
  for (const duty::Shift& shift : roster->shifts(from, until)) {
    if (is_of(*roster, *departments, shift.crew)) write_shift(out, shift, *roster);
  }
  out.end();
  const auto changes = on.duty.changes();
  const auto list = [&](std::string_view key, auto&& wanted) {
    out.key(key).array();
    for (const duty::DutyChange& change : changes) {
      const bool touches = change.from < until && change.until > from;
      if (touches && departments->contains(change.department) && wanted(change))
        write_change(out, change, *roster, call.principal, on.duty.now());
    }
    out.end();
  };
  list("absences", [](const duty::DutyChange& c) { return c.is_absence() && c.status == duty::ChangeStatus::granted; });
  list("requested", [](const duty::DutyChange& c) { return c.status == duty::ChangeStatus::requested; });
  out.end();
  reply(json_response(out));
}

void list_gaps(const DutyRoutes& on, const Call& call, Reply reply) {
  const duty::RosterPtr roster = on.duty.roster();
  const auto departments = departments_of(on, call, *roster, Permission::handle_case);
  const auto days = days_argument(call.request, 14);
  if (!departments) return reply(net::problem(departments.error()));
  if (!days) return reply(net::problem(days.error()));
  const casework::CaseRulesPtr rules = on.rules.in_force();
  const Instant from = on.duty.now(), until = from + std::chrono::hours(24) * *days;
  JsonWriter out;
  out.object().field("from", base::format_time(from)).field("until", base::format_time(until)).key("gaps").array();
  for (const duty::RosterGap& gap :
       gaps_of(*roster, rules ? holdings_of(*rules) : std::vector<duty::Holding>{}, from, until)) {
    if (gap.department.empty() || departments->contains(gap.department)) write_gap(out, gap);
  }
  out.end().end();
  reply(json_response(out));
}

bool is_among(std::optional<std::string_view> list, std::string_view one) {
  if (!list || list->empty()) return true;
  for (std::string_view rest = *list;;) {
    const std::size_t comma = rest.find(',');
    if (rest.substr(0, comma) == one) return true;
    if (comma == rest.npos) return false;
    rest.remove_prefix(comma + 1);
  }
}

// One's own are shown whatever one may read.
bool may_see(const Principal& reader, const std::set<std::string>& departments, const duty::DutyChange& change) {
  return departments.contains(change.department) || reader.id == change.person || reader.id == change.other ||
         reader.id == change.asked_by;
}

void list_changes(const DutyRoutes& on, const Call& call, Reply reply) {
  const duty::RosterPtr roster = on.duty.roster();
  const auto departments = departments_of(on, call, *roster, Permission::read_cases);
  if (!departments) return reply(net::problem(departments.error()));
  auto person = call.request.argument("person");
  if (person == "me") person = call.principal.id;
  auto changes = on.duty.changes();
  std::ranges::sort(changes, [](const auto& a, const auto& b) {
    return a.asked_at != b.asked_at ? a.asked_at > b.asked_at : a.id.text() > b.id.text();
  });
  const bool by_department = !call.request.argument("department").value_or("").empty();
  JsonWriter out;
  out.object().key("changes").array();
  for (const duty::DutyChange& change : changes) {
    const bool wanted = is_among(call.request.argument("status"), to_string(change.status)) &&
                        (!person || person->empty() || change.person == *person || change.other == *person);
    const bool here =
        by_department ? departments->contains(change.department) : may_see(call.principal, *departments, change);
    if (wanted && here) write_change(out, change, *roster, call.principal, on.duty.now());
  }
  out.end().end();
  reply(json_response(out));
}

void submit(const DutyRoutes& on, const Call& call, flow::Action action, int status, Reply reply) {
  const auto key = once_key_of(call.request);
  if (!key) return reply(net::problem(key.error()));
  action.by = call.principal.id;
  action.roles = call.principal.roles;
  action.department = call.principal.department;
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.desk.submit(std::move(action), *key, [on, shared, status, reader = call.principal](Result<flow::Action> done) {
    if (!done) return (*shared)(desk_problem(done.error()));
    if (done->status == flow::ActionStatus::refused) return (*shared)(net::problem(409, "refused", done->reason));
    const auto change = on.duty.find(done->target);
    if (!change) return (*shared)(net::problem(fail(Errc::not_found, "the change is gone").error()));
    JsonWriter out;
    write_change(out, *change, *on.duty.roster(), reader, on.duty.now());
    (*shared)(json_response(out, status));
  });
}

// What the loop would refuse to this person is refused here, before it is in the log; the loop looks again.
Status may_ask(const DutyRoutes& on, const Principal& principal, const JsonValue& body) {
  const auto named = [&](std::string_view key) {
    const std::string id = body.text_or(key, "");
    return id == "me" ? principal.id : id;
  };
  const duty::RosterPtr roster = on.duty.roster();
  const std::string id = named("person");
  const duty::Person* person = roster->person(id);
  const bool own = principal.id == id || principal.id == named("other");
  const duty::Crew* crew = person ? roster->find(person->crew) : nullptr;
  if (own && person) return {};
  const std::string_view department =
      crew ? std::string_view(crew->department) : std::string_view(principal.department);
  TRY(on.guard.may(principal, Permission::handle_case, {department, {}}));
  if (!person) return fail(Errc::invalid, "there is no person '{}' in the rosters", id);
  return {};
}

void ask_change(const DutyRoutes& on, const Call& call, Reply reply) {
  const auto body = JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  if (const auto of = duty::change_of_from(body->text_or("kind", "")); !of) return reply(net::problem(of.error()));
  for (const std::string_view key : {"from", "until"}) {
    const auto at = base::parse_time(body->text_or(key, ""));
    if (!at) return reply(net::problem(fail(Errc::invalid, "'{}' is a time: {}", key, at.error().message).error()));
  }
  const auto note = sense::checked_text("note", body->text_or("note", ""), {1000, false});
  if (!note) return reply(net::problem(note.error()));
  if (const auto may = may_ask(on, call.principal, *body); !may) return reply(net::problem(may.error()));
  flow::Action action;
  action.verb = "duty_ask";
  action.note = *note;
  JsonWriter fields;
  fields.object();
  for (const std::string_view key : {"kind", "person", "from", "until", "other", "otherFrom", "crew"}) {
    if (const std::string text = body->text_or(key, ""); !text.empty()) fields.field(key, text);
  }
  action.fields = fields.end().take();
  submit(on, call, std::move(action), 201, std::move(reply));
}

void act_on_change(const DutyRoutes& on, const Call& call, Reply reply) {
  const std::string_view id = path_part(call, "id");
  const auto change = on.duty.find(flow::EntityId::lookup(id));
  const duty::RosterPtr roster = on.duty.roster();
  const auto departments = departments_of(on, call, *roster, Permission::read_cases);
  if (!departments) return reply(net::problem(departments.error()));
  if (!change || !may_see(call.principal, *departments, *change))
    return reply(net::problem(fail(Errc::not_found, "there is no such change of duty").error()));
  const auto body = JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  const std::string verb = body->text_or("verb", "");
  if (!duty::is_duty_verb("duty_" + verb) || verb == "ask")
    return reply(net::problem(fail(Errc::invalid, "'{}' is none of agree, grant, deny, withdraw", verb).error()));
  const auto note = sense::checked_text("note", body->text_or("note", ""), {1000, false});
  if (!note) return reply(net::problem(note.error()));
  const bool theirs = call.principal.id == change->person || call.principal.id == change->other ||
                      call.principal.id == change->asked_by;
  if (!theirs || verb == "grant") {
    const auto may = on.guard.may(call.principal, Permission::handle_case, {change->department, {}});
    if (!may) return reply(net::problem(may.error()));
  }
  flow::Action action;
  action.target = change->id;
  action.verb = "duty_" + verb;
  action.note = *note;
  submit(on, call, std::move(action), 200, std::move(reply));
}

}  // namespace

std::shared_ptr<const std::vector<casework::Flaw>> FlawShelf::of(const casework::CaseRules& rules,
                                                                 const std::vector<geo::Area>& areas, Instant now) {
  const std::lock_guard lock(mutex_);
  if (!flaws_ || version_ != rules.version() || now < at_ || now - at_ > std::chrono::hours(1)) {
    flaws_ = std::make_shared<const std::vector<casework::Flaw>>(casework::flaws_of(rules, areas, now));
    version_ = rules.version();
    at_ = now;
  }
  return flaws_;
}

std::vector<geo::Area> policy_areas_of(const City& city) {
  std::vector<geo::Area> out;
  for (const City::Area& area : city.areas) {
    auto shape = geo::Shape::from_geojson(area.geojson());
    if (area.kind == "policy" && shape) out.push_back({area.id, std::move(*shape)});
  }
  return out;
}

std::vector<duty::Holding> holdings_of(const casework::CaseRules& rules) {
  std::vector<duty::Holding> out;
  for (const casework::GridCell& cell : rules.responsibility().cells())
    out.push_back({cell.code, cell.name, cell.holders});
  return out;
}

std::vector<std::string> unknown_crews(const casework::CaseRules& rules, const duty::Roster& roster) {
  std::vector<std::string> out;
  for (const casework::ResponsibilityRule& rule : rules.responsibility().rules()) {
    const std::string& department = rule.department.empty() ? rule.of : rule.department;
    const duty::Crew* crew = roster.find(rule.crew);
    if (!rule.crew.empty() && !crew)
      out.push_back(fmt::format("{}:{}: there is no crew '{}'", rule.file, rule.line, rule.crew));
    else if (crew && crew->department != department)
      out.push_back(fmt::format("{}:{}: the crew '{}' is of {}, not of {}", rule.file, rule.line, rule.crew,
                                crew->department, department));
    if (!rule.holder.empty() && !roster.person(rule.holder))
      out.push_back(fmt::format("{}:{}: no roster has the person '{}'", rule.file, rule.line, rule.holder));
  }
  for (const casework::GridCell& cell : rules.responsibility().cells()) {
    for (const std::string& holder : cell.holders) {
      const bool known =
          holder.starts_with("crew:") ? roster.find(holder.substr(5)) != nullptr : roster.person(holder) != nullptr;
      if (!known) out.push_back(fmt::format("{}:{}: no roster has the holder '{}'", cell.file, cell.line, holder));
    }
  }
  return out;
}

void DutyRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/duty/coverage", bind(Permission::read_cases, show_coverage));
  router.add(Method::get, "/api/v1/duty/responsible", bind(Permission::read_cases, show_responsible));
  router.add(Method::get, "/api/v1/duty/rules", bind(Permission::read_cases, show_rules));
  router.add(Method::get, "/api/v1/duty/crews", bind(Permission::read_cases, list_crews));
  router.add(Method::get, "/api/v1/duty/roster", bind(Permission::read_cases, show_roster));
  router.add(Method::get, "/api/v1/duty/on-duty", bind(Permission::read_cases, show_on_duty));
  router.add(Method::get, "/api/v1/duty/gaps", bind(Permission::handle_case, list_gaps));
  router.add(Method::get, "/api/v1/duty/changes", bind(Permission::read_cases, list_changes));
  router.add(Method::post, "/api/v1/duty/changes", bind(Permission::read_cases, ask_change));
  router.add(Method::post, "/api/v1/duty/changes/{id}/actions", bind(Permission::read_cases, act_on_change));
}

}  // namespace cityloop::serve
