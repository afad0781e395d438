#include "serve/duty_view.h"

#include <algorithm>

#include "duty/day_words.h"
#include "geo/overlay.h"
#include "serve/city.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::Instant;
using base::JsonWriter;
using duty::Crew;
using duty::DutyChange;
using duty::Roster;

constexpr std::string_view kCrew = "crew:";

void write_rings(JsonWriter& out, const std::vector<std::vector<geo::Position>>& rings) {
  out.array();
  for (const auto& ring : rings) {
    out.array();
    for (const geo::Position at : ring) out.array().number(at.lon_deg).number(at.lat_deg).end();
    out.end();
  }
  out.end();
}

void write_texts(JsonWriter& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).array();
  for (const std::string& text : texts) out.text(text);
  out.end();
}

void write_if(JsonWriter& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.field(key, text);
}

void write_name(JsonWriter& out, std::string_view key, const Roster& roster, std::string_view id) {
  if (const duty::Person* person = roster.person(id)) write(out.key(key), person->name);
}

// The crew's people at a moment, and how long that stays so.
struct Present {
  std::vector<std::string> members, skills;
  Instant until{base::kNever};
};

Present present_at(const std::vector<duty::DutySpan>& presence, std::string_view crew, Instant at) {
  for (const duty::DutySpan& span : presence) {
    if (span.crew == crew && span.from <= at) return {span.members, span.skills, span.until};
  }
  return {};
}

void write_presence(JsonWriter& out, const Crew& crew, const Roster& roster, const Present& now, Instant at) {
  out.field("ready", now.members.size() >= crew.least);
  write_time(out, "until", now.until);
  write_time(out, "nextDuty", roster.next_duty(crew.id, now.members.empty() ? at : now.until));
}

}  // namespace

void write_shape(JsonWriter& out, const geo::Shape& shape) {
  if (shape.kind == geo::ShapeKind::polygon) {
    write_rings(out.object().field("type", "Polygon").key("coordinates"), shape.parts);
    out.end();
    return;
  }
  // Which ring is a hole of which is told by cutting it up.
  out.object().field("type", "MultiPolygon").key("coordinates").array();
  for (const geo::Piece& piece : geo::uncovered(shape, {}, 0)) write_rings(out, piece.shape.parts);
  out.end().end();
}

void write_person(JsonWriter& out, const Roster& roster, std::string_view id) {
  out.object().field("id", id);
  if (id.starts_with(kCrew)) {
    if (const Crew* crew = roster.find(id.substr(kCrew.size()))) write(out.key("name"), crew->name);
  } else {
    write_name(out, "name", roster, id);
  }
  out.end();
}

void write_cells(JsonWriter& out, const casework::CaseRules& rules, const Roster& roster, const geo::Areas& areas) {
  out.object().field("type", "FeatureCollection").key("features").array();
  for (const casework::GridCell& cell : rules.responsibility().cells()) {
    const geo::Shape* shape = rules.responsibility().shape_of(cell);
    if (!shape) continue;
    out.object().field("type", "Feature").key("geometry");
    write_shape(out, *shape);
    write(out.key("properties").object().field("code", cell.code).key("name"), cell.name);
    out.key("holders").array();
    for (const std::string& holder : cell.holders) write_person(out, roster, holder);
    out.end().field("area", areas.area_of(*shape)).field("areaM2", std::round(geo::area_m2(*shape))).end().end();
  }
  out.end().end();
}

void write_flaws(JsonWriter& out, const std::vector<casework::Flaw>& flaws) {
  out.object().field("type", "FeatureCollection").key("features").array();
  for (const casework::Flaw& flaw : flaws) {
    out.object().field("type", "Feature").key("geometry");
    if (flaw.shape) write_shape(out, *flaw.shape);
    else out.null();
    write(out.key("properties").object().field("kind", to_string(flaw.kind)).key("text"), flaw.text);
    write_texts(out, "cells", flaw.cells);
    out.key("rules").array();
    for (const std::uint32_t number : flaw.rules) out.integer(number);
    out.end();
    write_texts(out, "departments", flaw.departments);
    write_if(out, "area", flaw.area);
    write_if(out, "category", flaw.category);
    if (flaw.shape) out.field("areaM2", std::round(flaw.area_m2));
    out.end().end();
  }
  out.end().end();
}

void write_responsible(JsonWriter& out, const casework::Assignment& one, const casework::CaseRules& rules,
                       const Roster& roster) {
  const casework::GridCell* cell = rules.responsibility().find_cell(one.matter.cell);
  out.object().key("cell");
  if (cell) out.text(cell->code);
  else out.null();
  if (cell) write(out.key("cellName"), cell->name);
  out.key("holders").array();
  if (cell) {
    for (const std::string& holder : cell->holders) write_person(out, roster, holder);
  }
  out.end().field("area", one.matter.area).field("department", one.who.department).field("crew", one.who.crew);
  out.field("holder", one.who.holder).key("why");
  write_why(out, one);
  if (one.gap()) out.field("flaw", to_string(casework::FlawKind::no_rule));
  else if (one.overlap()) out.field("flaw", to_string(casework::FlawKind::rules_collide));
  out.end();
}

std::vector<duty::DutySpan> presence_from(const Roster& roster, Instant at) {
  return roster.present(at, at + std::chrono::hours(24));
}

void write_crew(JsonWriter& out, const Crew& crew, const Roster& roster, const std::vector<duty::DutySpan>& presence,
                Instant now) {
  const Present present = present_at(presence, crew.id, now);
  write(out.object().field("id", crew.id).key("name"), crew.name);
  out.field("department", crew.department).key("members").array();
  for (const std::string& id : crew.members) {
    const duty::Person& person = *roster.person(id);
    write(out.object().field("id", id).key("name"), person.name);
    write_texts(out, "skills", person.skills);
    out.field("onDuty", std::ranges::find(present.members, id) != present.members.end()).end();
  }
  out.end();
  write_texts(out, "skills", crew.skills);
  write_texts(out, "areas", crew.areas);
  if (!crew.vehicle.zh.empty()) write(out.key("vehicle"), crew.vehicle);
  out.key("base").object().field("type", "Point").key("coordinates").array();
  out.number(crew.base.lon_deg).number(crew.base.lat_deg).end().end();
  out.field("speedKmh", std::round(crew.speed_mps * 36) / 10).key("capacity");
  if (crew.capacity < 1e9) out.number(crew.capacity);
  else out.null();
  out.field("least", crew.least);
  write_texts(out, "onDuty", present.members);
  write_presence(out, crew, roster, present, now);
  out.end();
}

void write_on_duty(JsonWriter& out, const Crew& crew, const Roster& roster, const std::vector<duty::DutySpan>& presence,
                   Instant at) {
  const Present present = present_at(presence, crew.id, at);
  write(out.object().field("crew", crew.id).key("name"), crew.name);
  out.field("department", crew.department).key("members").array();
  for (const std::string& id : present.members) write_person(out, roster, id);
  out.end();
  write_texts(out, "skills", present.skills);
  write_presence(out, crew, roster, present, at);
  out.end();
}

void write_shift(JsonWriter& out, const duty::Shift& shift, const Roster& roster) {
  out.object().field("person", shift.person);
  write_name(out, "personName", roster, shift.person);
  out.field("crew", shift.crew).field("shift", shift.shift);
  out.field("day", duty::format_date(roster.rules().day_of(shift.from)));
  out.field("from", base::format_time(shift.from)).field("until", base::format_time(shift.until));
  write_if(out, "insteadOf", shift.instead_of);
  write_if(out, "roster", shift.roster);
  out.end();
}

void write_gap(JsonWriter& out, const duty::RosterGap& gap) {
  out.object().field("kind", to_string(gap.of)).field("from", base::format_time(gap.from));
  out.field("until", base::format_time(gap.until));
  for (const auto& [key, text] :
       {std::pair{"department", &gap.department}, std::pair{"crew", &gap.crew}, std::pair{"person", &gap.person},
        std::pair{"skill", &gap.skill}, std::pair{"cell", &gap.cell}})
    write_if(out, key, *text);
  write(out.field("have", gap.have).field("need", gap.need).key("text"), gap.text);
  out.end();
}

duty::DutyActor actor_for_duty(const trust::Principal& principal) {
  return {principal.id, principal.roles, principal.department};
}

void write_change(JsonWriter& out, const DutyChange& change, const Roster& roster, const trust::Principal& reader,
                  Instant now) {
  const duty::DutyActor actor = actor_for_duty(reader);
  const bool theirs = reader.id == change.person || reader.id == change.other || reader.id == change.asked_by;
  const bool told = theirs || plans_for(actor, change.department);
  const bool hidden = !told && change.is_absence();
  out.object().field("id", change.id.text()).field("kind", hidden ? "away" : to_string(change.of));
  out.field("person", change.person);
  write_name(out, "personName", roster, change.person);
  out.field("crew", change.crew).field("department", change.department);
  out.field("from", base::format_time(change.from)).field("until", base::format_time(change.until));
  if (!change.other.empty()) {
    out.field("other", change.other);
    write_name(out, "otherName", roster, change.other);
    write_time(out, "otherFrom", change.other_from);
    write_time(out, "otherUntil", change.other_until);
  }
  out.field("status", to_string(change.status)).field("agreed", change.agreed);
  if (told) {
    write_if(out, "note", change.note);
    out.field("askedBy", change.asked_by).field("askedAt", base::format_time(change.asked_at));
    write_if(out, "decidedBy", change.decided_by);
    write_time(out, "decidedAt", change.decided_at);
    write_if(out, "reason", change.reason);
  }
  out.key("actions").array();
  for (const std::string_view verb : allowed_verbs(change, actor, now)) out.text(verb);
  out.end().end();
}

void write_duty_rules(JsonWriter& out, const duty::DutyRules& rules, const std::string& mistakes) {
  out.object().field("version", rules.version()).key("skills").array();
  for (const duty::Skill& skill : rules.skills()) {
    write(out.object().field("id", skill.id).key("name"), skill.name);
    out.end();
  }
  out.end().key("shifts").array();
  for (const duty::ShiftKind& shift : rules.shifts()) {
    write(out.object().field("id", shift.id).key("name"), shift.name);
    out.field("from", duty::format_minute(shift.from)).field("until", duty::format_minute(shift.until));
    out.field("nextDay", shift.until > duty::kDayMinutes).end();
  }
  out.end().key("norms").array();
  for (const duty::WorkNorm& norm : rules.norms()) {
    out.object().field("kind", norm.kind).field("category", norm.category);
    write_texts(out, "skills", norm.skills);
    out.field("serviceS", double(norm.service.count()) / 1e6).field("load", norm.load).end();
  }
  out.end().key("limits").object().field("weekHours", rules.limits().week_hours);
  out.field("restS", double(rules.limits().rest.count()) / 1e6).end().field("mistakes", mistakes).end();
}

void write_days(JsonWriter& out, const duty::DutyRules& rules, duty::Day from, int days) {
  out.key("days").array();
  for (duty::Day day = from; day < from + std::chrono::days(days); day += std::chrono::days(1)) {
    out.object().field("day", duty::format_date(day));
    if (const duty::Holiday* holiday = rules.holiday_on(day)) write(out.key("holiday"), holiday->name);
    out.field("makeup", rules.is_makeup(day)).end();
  }
  out.end();
}

}  // namespace cityloop::serve
