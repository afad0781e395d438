#include "duty/planner/work.h"

#include <algorithm>

namespace cityloop::duty {
namespace {

std::optional<geo::Position> position_of(const flow::Case& c) {
  if (c.location.empty()) return std::nullopt;
  const auto shape = geo::Shape::from_geojson(c.location);
  return shape ? std::optional(shape->anchor()) : std::nullopt;
}

}  // namespace

std::optional<Work> work_of(const flow::Case& c, Standing standing) {
  // Steps that somebody took themselves tell where they were; the newest counts.
  const auto step = std::find_if(c.timeline.rbegin(), c.timeline.rend(), [&](const flow::CaseStep& one) {
    return one.by == c.holder || (!c.worked_by.empty() && one.by == c.worked_by);
  });
  const bool worked = step != c.timeline.rend() && !step->by.empty();
  if (!c.is_open() && !(worked && !c.crew.empty())) return std::nullopt;
  Work out;
  out.id = c.id;
  out.department = c.department;
  out.kind = c.kind;
  out.category = c.category;
  out.area = c.area;
  out.cell = c.cell;
  out.severity = c.severity;
  out.at = position_of(c);
  out.due_at = c.due_at;
  out.overdue = c.overdue;
  out.supervised = c.supervised;
  out.standing = c.is_open() ? standing : Standing::aside;
  out.crew = c.crew;
  if (!c.crew.empty() && c.planned_at != flow::kNever) out.appointed = flow::Appointment{c.crew, c.planned_at, c.turn};
  if (out.is_begun()) {
    out.worker = c.holder;
    out.begun_at = worked ? step->at : c.opened_at;
  }
  if (worked) out.seen = step->by, out.seen_at = step->at;
  return out;
}

}  // namespace cityloop::duty
