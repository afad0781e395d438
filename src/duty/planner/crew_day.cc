// What a crew is to do today and by which way, and the ways of proposals.

#include <algorithm>
#include <tuple>

#include "duty/planner/planner_inside.h"

namespace cityloop::duty {
namespace {

struct Way {
  double time_s{}, distance_m{};
  bool straight{false};
};

// From place to place over the streets, straight where there are none; the line goes on where it ended.
Way add_way(const geo::StreetWeights* streets, const PlanningSettings& settings, double speed_mps, geo::Position from,
            geo::Position to, std::vector<geo::Position>& line) {
  if (line.empty()) line.push_back(from);
  if (streets) {
    const auto a = streets->graph().snap(from, streets->mode(), settings.snap_m),
               b = streets->graph().snap(to, streets->mode(), settings.snap_m);
    const auto way = a && b ? streets->way(*a, *b) : std::nullopt;
    const double straight_m = settings.detour * geo::distance_m(from, to);
    if (way && straight_m >= a->beside_m + b->beside_m) {
      line.insert(line.end(), way->line.begin(), way->line.end());
      line.push_back(to);
      return {way->time_s, way->distance_m, false};
    }
  }
  line.push_back(to);
  const double way_m = settings.detour * geo::distance_m(from, to);
  return {way_m / std::max(speed_mps, 0.1), way_m, true};
}

std::optional<DutySpan> duty_near(const Roster& roster, const std::string& crew, Instant now) {
  const Instant next = roster.next_duty(crew, now);
  if (next == flow::kNever) return std::nullopt;
  for (const DutySpan& span : roster.present(next, next + std::chrono::hours(24))) {
    if (span.crew == crew) return span;
  }
  return std::nullopt;
}

}  // namespace

base::Result<CrewDay> Planner::Inside::day_of(const std::string& id) {
  const RosterPtr now_on = duty.roster();
  const Crew* const crew = now_on->find(id);
  if (!crew) return base::fail(base::Errc::not_found, "there is no crew '{}'", id);
  CrewDay out;
  out.crew = *crew;
  out.now = options.twin.clock().now();
  out.duty = duty_near(*now_on, id, out.now);
  const auto& members = out.duty ? out.duty->members : crew->members;
  const bool here = out.duty && out.duty->from <= out.now;
  out.start = here ? place_of(members, *crew, last_seen()) : crew->base;
  for (const auto& [task, one] : work) {
    const bool begun = one.is_begun() && std::ranges::find(crew->members, one.worker) != crew->members.end();
    const bool mine = one.crew == id && one.standing != Standing::aside;
    if (begun || mine) out.stops.push_back({.work = one});
  }
  std::ranges::sort(out.stops, [](const CrewDay::Stop& a, const CrewDay::Stop& b) {
    const auto order = [](const Work& one) {
      const bool planned = one.appointed.has_value();
      const Instant due_at = one.due_at == flow::kNever ? Instant::max() : one.due_at;
      return std::tuple(!one.is_begun(), !planned, planned ? one.appointed->planned_at : due_at,
                        planned ? one.appointed->turn : 0, one.id.text());
    };
    return order(a.work) < order(b.work);
  });
  Instant at = here || !out.duty ? out.now : out.duty->from;
  geo::Position place = out.start;
  for (CrewDay::Stop& stop : out.stops) {
    stop.service = now_on->norm_for(stop.work.kind, stop.work.category).service;
    if (!stop.work.at) continue;
    // What is planned for a later duty waits for it; what comes sooner than planned goes on.
    const bool later = out.duty && stop.work.appointed && stop.work.appointed->planned_at >= out.duty->until;
    if (later) at = std::max(at, stop.work.appointed->planned_at);
    const Way way =
        stop.work.is_begun() && geo::distance_m(place, *stop.work.at) < 1
            ? Way{}
            : add_way(options.streets.weights.get(), options.settings, crew->speed_mps, place, *stop.work.at, out.line);
    out.straight |= way.straight;
    stop.travel_s = way.time_s, stop.travel_m = way.distance_m;
    stop.arrive_at =
        later && at == stop.work.appointed->planned_at ? at : at + base::Duration(std::int64_t(way.time_s * 1e6));
    stop.depart_at =
        std::max(stop.arrive_at, stop.work.is_begun() ? stop.work.begun_at : stop.arrive_at) + stop.service;
    at = stop.depart_at;
    place = *stop.work.at;
  }
  return out;
}

std::vector<Planner::Line> Planner::lines(const flow::Proposal& of, const std::string& only) const {
  std::vector<Line> out;
  const RosterPtr now_on = roster();
  for (const flow::ProposalRoute& route : of.routes) {
    if (!only.empty() && route.crew != only) continue;
    const Crew* const crew = now_on ? now_on->find(route.crew) : nullptr;
    Line line{route.crew, {}, false};
    geo::Position place{route.start_lon_deg, route.start_lat_deg};
    const auto go = [&](geo::Position to) {
      if (geo::distance_m(place, to) < 1) return;
      line.straight |=
          add_way(inside_->options.streets.weights.get(), settings(), crew ? crew->speed_mps : 8, place, to, line.line)
              .straight;
      place = to;
    };
    for (const flow::ProposalStop& stop : route.stops) {
      const flow::EntityPtr entity = inside_->options.twin.get(stop.task);
      const auto c = entity ? flow::case_from(*entity) : base::Result<flow::Case>(std::unexpected(base::Error{}));
      const auto shape =
          c ? geo::Shape::from_geojson(c->location) : base::Result<geo::Shape>(std::unexpected(base::Error{}));
      if (shape) go(shape->anchor());
    }
    if (crew) go(crew->base);
    if (line.line.size() >= 2) out.push_back(std::move(line));
  }
  return out;
}

}  // namespace cityloop::duty
