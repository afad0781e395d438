#include "domain/traffic/transit/live.h"

#include "domain/traffic/transit/realtime_json.h"

namespace cityloop::traffic {
namespace {

constexpr std::uint8_t kFormat = 1;

base::Instant from_unix(std::int64_t s) {
  return base::Instant(std::chrono::seconds(s));
}

bool off_timetable(const TripRef& trip) {
  return trip.relation == TripRelation::added || trip.relation == TripRelation::unscheduled ||
         trip.relation == TripRelation::duplicated;
}

}  // namespace

std::optional<RunId> LiveBook::forget(const std::string& urn, std::string Told::* slot) {
  const auto found = run_of_.find(urn);
  if (found == run_of_.end()) return std::nullopt;
  const RunId id = found->second;
  run_of_.erase(found);
  if (const auto told = told_.find(id); told != told_.end() && told->second.*slot == urn) (told->second.*slot).clear();
  return id;
}

// Ties the entity to its run, and leaves the one to which it was tied before.
std::optional<RunId> LiveBook::about(const std::string& urn, const TripRef& trip, std::int64_t at_s,
                                     std::string Told::* slot) {
  const auto before = forget(urn, slot);
  const auto id = predictor_.resolve(trip, from_unix(at_s));
  if (id) {
    run_of_[urn] = *id;
    std::string& told = told_[*id].*slot;
    // Of two that claim one run the newer is believed, whichever came first.
    if (told.empty() || std::pair(told_at(told), std::string_view(told)) <= std::pair(at_s, std::string_view(urn)))
      told = urn;
  } else {
    ++unmatched_;
  }
  if (before && (!id || *before != *id)) estimate(*before);
  if (!id) return std::nullopt;
  estimate(*id);
  return *id;
}

std::int64_t LiveBook::told_at(const std::string& urn) const {
  if (const auto update = updates_.find(urn); update != updates_.end()) return update->second.at_s;
  const auto vehicle = view_.vehicles.find(urn);
  return vehicle == view_.vehicles.end() ? 0 : vehicle->second->at_s;
}

void LiveBook::estimate(const RunId& id) {
  const auto told = told_.find(id);
  if (told == told_.end()) return;
  const auto update = updates_.find(told->second.update);
  const auto vehicle = view_.vehicles.find(told->second.vehicle);
  const TripUpdate* const said = update == updates_.end() ? nullptr : &update->second;
  const VehiclePosition* const seen = vehicle == view_.vehicles.end() ? nullptr : vehicle->second.get();
  if (!said && !seen) {
    told_.erase(told);
    view_.runs.erase(id);
    return;
  }
  if (auto run = predictor_.estimate(said, seen)) view_.runs[id] = std::make_shared<const Run>(std::move(*run));
}

std::optional<RunId> LiveBook::put(const std::string& urn, TripUpdate update) {
  const TripRef trip = update.trip;
  const std::int64_t at_s = update.at_s;
  TripUpdate& kept = updates_[urn] = std::move(update);
  if (!off_timetable(trip)) return about(urn, trip, at_s, &Told::update);
  if (auto run = predictor_.estimate(&kept, nullptr)) view_.added[urn] = std::make_shared<const Run>(std::move(*run));
  else ++unmatched_;
  return std::nullopt;
}

std::optional<RunId> LiveBook::put(const std::string& urn, VehiclePosition position) {
  const auto kept = std::make_shared<const VehiclePosition>(std::move(position));
  view_.vehicles[urn] = kept;
  if (kept->trip.trip_id.empty() || off_timetable(kept->trip)) {
    if (const auto before = forget(urn, &Told::vehicle)) estimate(*before);
    return std::nullopt;
  }
  return about(urn, kept->trip, kept->at_s, &Told::vehicle);
}

void LiveBook::put(const std::string& urn, ServiceAlert alert) {
  view_.alerts[urn] = std::make_shared<const ServiceAlert>(std::move(alert));
}

std::optional<RunId> LiveBook::erase(const std::string& urn) {
  view_.alerts.erase(urn);
  view_.added.erase(urn);
  const bool update = updates_.erase(urn) > 0;
  view_.vehicles.erase(urn);
  const auto id = forget(urn, update ? &Told::update : &Told::vehicle);
  if (id) estimate(*id);
  return id;
}

const Run* LiveBook::run(const RunId& id) const {
  const auto found = view_.runs.find(id);
  return found == view_.runs.end() ? nullptr : found->second.get();
}

std::string LiveBook::urn_of(const RunId& id) const {
  const auto found = told_.find(id);
  if (found == told_.end()) return {};
  return found->second.vehicle.empty() ? found->second.update : found->second.vehicle;
}

const TripUpdate* LiveBook::update_of(const RunId& id) const {
  const auto found = told_.find(id);
  const auto update = found == told_.end() ? updates_.end() : updates_.find(found->second.update);
  return update == updates_.end() ? nullptr : &update->second;
}

void LiveBook::settle_pace() {
  predictor_.pace().settle();
  std::vector<RunId> all;
  for (const auto& [id, run] : view_.runs) all.push_back(id);
  for (const RunId& id : all) estimate(id);
}

void LiveBook::save(base::ByteWriter& out) const {
  out.u8(kFormat);
  out.varint(unmatched_);
  predictor_.pace().save(out, *schedule_);
  out.varint(updates_.size());
  for (const auto& [urn, one] : updates_) out.text(urn), out.text(to_json(one));
  out.varint(view_.vehicles.size());
  for (const auto& [urn, one] : view_.vehicles) out.text(urn), out.text(to_json(*one));
  out.varint(view_.alerts.size());
  for (const auto& [urn, one] : view_.alerts) out.text(urn), out.text(to_json(*one));
}

base::Status LiveBook::load(base::ByteReader& in) {
  if (in.u8() != kFormat)
    return base::fail(base::Errc::corrupt, "what public transport had been told is of another form");
  const std::uint64_t unmatched = in.varint();
  TRY(predictor_.pace().load(in, *schedule_));
  const auto each = [&](auto read) -> base::Status {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      const std::string urn(in.text());
      put(urn, TRY(read(in.text())));
    }
    return {};
  };
  TRY(each(trip_update_from));
  TRY(each(vehicle_from));
  TRY(each(alert_from));
  unmatched_ = unmatched;
  if (!in.ok()) return base::fail(base::Errc::corrupt, "what public transport had been told is cut off");
  return {};
}

}  // namespace cityloop::traffic
