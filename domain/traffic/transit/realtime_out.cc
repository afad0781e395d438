#include "domain/traffic/transit/realtime_out.h"

#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

std::int64_t unix_s(base::Instant at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

TripUpdate update_of(const Schedule& s, const Run& run) {
  TripUpdate out;
  out.trip = run.ref;
  out.trip.start_date = format_day(run.id.day);
  out.vehicle.id = run.vehicle;
  out.at_s = unix_s(run.at);
  if (run.relation == TripRelation::canceled || run.relation == TripRelation::deleted) return out;
  for (std::size_t i = run.next; i < run.calls.size(); ++i) {
    const CallEstimate& call = run.calls[i];
    if (!call.known && !call.skipped) continue;
    StopUpdate stop;
    stop.sequence = s.call(run.id.trip, i).sequence;
    stop.stop_id = s.text(s.stops[at(s.call(run.id.trip, i).stop)].id);
    if (call.skipped) {
      stop.relation = StopRelation::skipped;
    } else {
      stop.arrival = StopEvent{call.arrival_delay_s, unix_s(expected_arrival(s, run, i)), {}};
      stop.departure = StopEvent{call.departure_delay_s, unix_s(expected_departure(s, run, i)), {}};
    }
    out.stops.push_back(std::move(stop));
  }
  return out;
}

TripUpdate added_update(const Schedule& s, const Run& run) {
  TripUpdate out;
  out.trip = run.ref;
  out.vehicle.id = run.vehicle;
  out.at_s = unix_s(run.at);
  for (const AddedCall& call : run.added) {
    StopUpdate stop;
    stop.stop_id = s.text(s.stops[at(call.stop)].id);
    stop.arrival = StopEvent{{}, unix_s(call.arrival), {}};
    stop.departure = StopEvent{{}, unix_s(call.departure), {}};
    out.stops.push_back(std::move(stop));
  }
  return out;
}

}  // namespace

RealtimeFeed realtime_out(const LiveView& view, RealtimeKind kind, base::Instant now) {
  RealtimeFeed out;
  out.at_s = unix_s(now);
  const Schedule& s = *view.schedule;
  if (kind == RealtimeKind::trip_updates) {
    for (const auto& [id, run] : view.runs) {
      TripUpdate update = update_of(s, *run);
      const bool nothing = update.stops.empty() && update.trip.relation == TripRelation::scheduled;
      if (nothing) continue;
      update.id = fmt::format("{}:{}:{}", format_day(id.day), s.text(s.trips[at(id.trip)].id), id.start_s);
      out.trips.push_back(std::move(update));
    }
    for (const auto& [urn, run] : view.added) {
      out.trips.push_back(added_update(s, *run));
      out.trips.back().id = urn;
    }
  } else if (kind == RealtimeKind::vehicle_positions) {
    for (const auto& [urn, vehicle] : view.vehicles) {
      out.vehicles.push_back(*vehicle);
      out.vehicles.back().id = urn;
      out.vehicles.back().vehicle.plate.clear();
    }
  } else {
    for (const auto& [urn, alert] : view.alerts) {
      out.alerts.push_back(*alert);
      out.alerts.back().id = urn;
    }
  }
  return out;
}

}  // namespace cityloop::traffic
