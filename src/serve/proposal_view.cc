#include "serve/proposal_view.h"

#include <algorithm>

#include "flow/case.h"
#include "flow/noun.h"
#include "flow/proposal_parts.h"
#include "serve/city.h"

namespace cityloop::serve {
namespace {

using base::JsonWriter;
using flow::Name;

constexpr std::size_t kMistakesShown = 20;

void write_time(JsonWriter& out, std::string_view key, base::Instant at) {
  if (at == flow::kNever) out.key(key).null();
  else out.field(key, base::format_time(at));
}

void write_position(JsonWriter& out, std::string_view key, geo::Position at) {
  out.key(key).array().number(at.lon_deg).number(at.lat_deg).end();
}

void write_because(JsonWriter& out, const flow::Because& one) {
  write(out.object().field("code", one.code).key("text"), one.text);
  out.end();
}

void write_becauses(JsonWriter& out, std::string_view key, const std::vector<flow::Because>& all) {
  out.key(key).array();
  for (const flow::Because& one : all) write_because(out, one);
  out.end();
}

void write_appointment(JsonWriter& out, const std::optional<flow::Appointment>& was) {
  out.key("was");
  if (!was) {
    out.null();
    return;
  }
  out.object().field("crew", was->crew);
  write_time(out, "plannedAt", was->planned_at);
  out.field("turn", was->turn).end();
}

// What people know a case by; only its id where it is gone.
void write_case(JsonWriter& out, flow::EntityId id, const twin::Twin& twin, bool words = false) {
  out.field("case", id.text());
  const flow::EntityPtr entity = twin.get(id);
  const auto c = entity ? flow::case_from(*entity) : base::fail(base::Errc::not_found, "it is gone");
  if (!c) return;
  write(out.field("code", c->code).key("title"), c->title);
  out.field("severity", to_string(c->severity)).field("state", c->state).field("address", c->address);
  const auto shape = geo::Shape::from_geojson(c->location);
  if (!c->location.empty() && shape) write_position(out, "position", shape->anchor());
  else out.key("position").null();
  write_time(out, "dueAt", c->due_at);
  out.field("overdue", c->overdue).field("supervised", c->supervised);
  if (words) out.field("description", c->description);
}

flow::Bilingual name_of(const duty::RosterPtr& roster, const std::string& crew) {
  const duty::Crew* const found = roster ? roster->find(crew) : nullptr;
  return found ? found->name : flow::Bilingual{crew, crew};
}

void write_stop(JsonWriter& out, const flow::ProposalStop& stop, const twin::Twin& twin,
                const duty::RosterPtr& roster) {
  out.object();
  write_case(out, stop.task, twin);
  out.field("turn", stop.turn);
  write_time(out, "arriveAt", stop.arrive_at);
  write_time(out, "beginAt", stop.begin_at);
  write_time(out, "departAt", stop.depart_at);
  out.field("travelS", stop.travel_s).field("travelM", stop.travel_m).key("slackS");
  if (stop.slack_s < 0) out.null();
  else out.number(stop.slack_s);
  out.field("detourM", stop.detour_m)
      .field("lateS", stop.late_s)
      .field("begun", stop.begun)
      .field("pinned", stop.pinned);
  write_becauses(out, "why", stop.why);
  out.key("instead");
  if (stop.instead.empty()) {
    out.null();
  } else {
    write(out.object().field("crew", stop.instead).key("name"), name_of(roster, stop.instead));
    out.field("extraM", stop.instead_m).end();
  }
  write_appointment(out, stop.was);
  out.field("change", to_string(stop.change)).key("appointed");
  if (stop.appointed == flow::Appointed::no) out.null();
  else out.text(to_string(stop.appointed));
  if (!stop.refusal.empty()) out.field("refusal", stop.refusal);
  out.end();
}

void write_route(JsonWriter& out, const flow::ProposalRoute& route, const twin::Twin& twin,
                 const duty::RosterPtr& roster) {
  write(out.object().field("crew", route.crew).key("name"), name_of(roster, route.crew));
  if (const duty::Crew* const crew = roster ? roster->find(route.crew) : nullptr) {
    out.key("members").array();
    for (const std::string& member : crew->members) out.text(member);
    out.end();
  }
  write_time(out, "from", route.from);
  write_time(out, "until", route.until);
  write_position(out, "start", {route.start_lon_deg, route.start_lat_deg});
  write_time(out, "departAt", route.depart_at);
  write_time(out, "endAt", route.end_at);
  out.field("distanceM", route.distance_m).field("travelS", route.travel_s).field("workS", route.work_s);
  out.field("status", to_string(route.status)).field("by", route.by).field("note", route.note);
  write_time(out, "at", route.at);
  out.key("stops").array();
  for (const flow::ProposalStop& stop : route.stops) write_stop(out, stop, twin, roster);
  out.end().end();
}

void write_overrule(JsonWriter& out, const flow::Overrule& one) {
  out.object().field("number", one.number).field("kind", to_string(one.kind));
  if (!one.task.empty()) out.field("case", one.task.text());
  if (!one.crew.empty()) out.field("crew", one.crew);
  if (!one.tasks.empty()) {
    out.key("cases").array();
    for (const flow::EntityId id : one.tasks) out.text(id.text());
    out.end();
  }
  out.field("by", one.by).field("note", one.note).field("obeyed", one.obeyed);
  write_time(out, "at", one.at);
  write_time(out, "until", one.until);
  if (!one.reason.code.empty()) out.key("reason"), write_because(out, one.reason);
  out.end();
}

void write_facts(JsonWriter& out, const flow::Entity& entity) {
  const auto number = [&](const char* name) { return std::int64_t(entity.number(Name(name)).value_or(0)); };
  out.field("id", entity.id.text()).field("number", number("number"));
  out.field("department", entity.text(Name("department"))).field("status", entity.text(Name("status")));
  write_time(out, "madeAt", flow::time_field(entity, "madeAt"));
  out.field("state", number("state")).field("trigger", entity.text(Name("trigger")));
  out.field("by", entity.text(Name("by"))).field("decidedBy", entity.text(Name("decidedBy")));
  write_time(out, "decidedAt", flow::time_field(entity, "decidedAt"));
  out.field("note", entity.text(Name("note")));
  const std::string figures = flow::json_field(entity, "figures");
  out.key("figures").raw(figures.empty() ? flow::figures_json({}) : figures);
}

}  // namespace

void write_proposal_summary(JsonWriter& out, const flow::Entity& entity) {
  out.object();
  write_facts(out, entity);
  out.end();
}

void write_proposal(JsonWriter& out, const flow::Proposal& one, const twin::Twin& twin, const duty::Planner& planner) {
  const duty::RosterPtr roster = planner.roster();
  out.object();
  write_facts(out, flow::entity_of(flow::to_write(one)));
  out.key("routes").array();
  for (const flow::ProposalRoute& route : one.routes) write_route(out, route, twin, roster);
  out.end().key("undone").array();
  for (const flow::ProposalUndone& undone : one.undone) {
    out.object();
    write_case(out, undone.task, twin);
    out.key("reason");
    write_because(out, undone.reason);
    write_appointment(out, undone.was);
    out.end();
  }
  out.end().key("idle").array();
  for (const std::string& crew : one.idle) {
    write(out.object().field("crew", crew).key("name"), name_of(roster, crew));
    out.end();
  }
  out.end().key("overruled").array();
  for (const flow::Overrule& rule : one.overruled) write_overrule(out, rule);
  out.end();
  write_becauses(out, "notes", one.notes);
  for (const duty::DepartmentPlanning& its : planner.state()) {
    if (its.department == one.department && its.proposal == one.id.text()) out.field("changedSince", its.changed);
  }
  out.end();
}

void write_planning(JsonWriter& out, const duty::Planner& planner, const std::vector<duty::DepartmentPlanning>& shown) {
  const duty::PlanningStreets& streets = planner.streets();
  out.object().field("automatic", planner.settings().automatic).key("streets").object();
  out.field("known", streets.weights != nullptr).field("file", planner.settings().streets);
  if (streets.weights) {
    const geo::StreetGraph& graph = streets.weights->graph();
    out.field("places", graph.nodes()).field("pieces", graph.pieces()).field("lengthKm", graph.length_m() / 1000);
    out.field("islands", graph.islands(streets.weights->mode()).size());
    out.field("mistakeCount", streets.report.mistake_count()).key("mistakes").array();
    const auto lines = streets.report.lines();
    for (std::size_t i = 0; i < std::min(lines.size(), kMistakesShown); ++i) out.text(lines[i]);
    out.end();
  }
  out.end().key("departments").array();
  for (const duty::DepartmentPlanning& one : shown) {
    out.object().field("department", one.department).field("planning", one.planning).field("changed", one.changed);
    out.key("proposal");
    if (one.proposal.empty()) out.null();
    else out.text(one.proposal);
    out.key("status");
    if (one.status.empty()) out.null();
    else out.text(one.status);
    if (!one.trouble.empty()) out.field("trouble", one.trouble);
    out.end();
  }
  out.end().end();
}

namespace {

void write_line(JsonWriter& out, const std::vector<geo::Position>& line) {
  out.object().field("type", "LineString").key("coordinates").array();
  for (const geo::Position at : line) out.array().number(at.lon_deg).number(at.lat_deg).end();
  out.end().end();
}

}  // namespace

void write_lines(JsonWriter& out, const std::vector<duty::Planner::Line>& lines) {
  out.object().field("type", "FeatureCollection").key("features").array();
  for (const duty::Planner::Line& line : lines) {
    out.object().field("type", "Feature").key("geometry");
    write_line(out, line.line);
    out.key("properties").object().field("crew", line.crew).field("straight", line.straight).end().end();
  }
  out.end().end();
}

void write_crew_day(JsonWriter& out, const duty::CrewDay& day, const twin::Twin& twin) {
  write(out.object().field("crew", day.crew.id).key("name"), day.crew.name);
  out.field("department", day.crew.department);
  write_time(out, "now", day.now);
  write_time(out, "from", day.duty ? day.duty->from : flow::kNever);
  write_time(out, "until", day.duty ? day.duty->until : flow::kNever);
  out.key("members").array();
  for (const std::string& member : day.duty ? day.duty->members : day.crew.members) out.text(member);
  out.end();
  write_position(out, "start", day.start);
  double distance_m = 0, travel_s = 0;
  for (const auto& stop : day.stops) distance_m += stop.travel_m, travel_s += stop.travel_s;
  out.field("distanceM", distance_m).field("travelS", travel_s).field("straight", day.straight).key("line");
  if (day.line.size() < 2) out.null();
  else write_line(out, day.line);
  out.key("stops").array();
  std::uint32_t turn = 0;
  for (const duty::CrewDay::Stop& stop : day.stops) {
    out.object();
    write_case(out, stop.work.id, twin, true);
    out.field("turn", ++turn).field("begun", stop.work.is_begun());
    write_time(out, "plannedAt", stop.work.appointed ? stop.work.appointed->planned_at : flow::kNever);
    write_time(out, "arriveAt", stop.arrive_at);
    write_time(out, "departAt", stop.depart_at);
    out.field("travelS", stop.travel_s).field("travelM", stop.travel_m);
    const bool late = stop.work.due_at != flow::kNever && stop.depart_at != flow::kNever;
    out.field("lateS", late ? std::max(0.0, double((stop.depart_at - stop.work.due_at).count()) / 1e6) : 0.0);
    out.end();
  }
  out.end().end();
}

}  // namespace cityloop::serve
