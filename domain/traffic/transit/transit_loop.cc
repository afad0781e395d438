#include "domain/traffic/transit/transit_loop.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "domain/traffic/transit/realtime_json.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using base::Instant;
using base::JsonWriter;
using flow::EntityId;
using namespace std::chrono_literals;

constexpr std::uint8_t kFormat = 1;
constexpr base::Duration kSweepEvery = 30s, kOpenMax = 6h, kEstimateStep = 15s;

const std::string_view kRule[] = {"transit-bunching", "transit-gap"};

std::string_view tail_of(std::string_view urn) {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:";
  return urn.starts_with(kPrefix) ? urn.substr(kPrefix.size()) : urn;
}

std::string in_minutes(double s) {
  return fmt::format("{:.0f}", std::max(1.0, std::round(s / 60)));
}

void write_finding(base::ByteWriter& out, const flow::Finding& one) {
  for (const std::string_view text :
       {one.id.text(), std::string_view(one.rule), one.about.text(), std::string_view(one.title.zh),
        std::string_view(one.title.en), std::string_view(one.why), std::string_view(one.location),
        std::string_view(one.response)})
    out.text(text);
  out.u8(std::uint8_t(one.severity));
  out.svarint(base::to_us(one.opened_at));
  out.varint(one.related.size());
  for (const EntityId id : one.related) out.text(id.text());
}

flow::Finding read_finding(base::ByteReader& in) {
  flow::Finding out;
  out.id = EntityId(in.text());
  out.rule = in.text();
  out.about = EntityId(in.text());
  out.title.zh = in.text();
  out.title.en = in.text();
  out.why = in.text();
  out.location = in.text();
  out.response = in.text();
  out.severity = flow::Severity(std::min<std::uint8_t>(in.u8(), 3));
  out.opened_at = base::from_us(in.svarint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) out.related.emplace_back(in.text());
  return out;
}

}  // namespace

TransitLoop::TransitLoop(std::shared_ptr<const Schedule> schedule, const TransitSettings& settings)
    : schedule_(std::move(schedule)),
      settings_(settings),
      book_(schedule_, settings.predict),
      watch_(*schedule_, settings.headway),
      view_(std::make_shared<const LiveView>(book_.view())) {}

std::shared_ptr<const LiveView> TransitLoop::view() const {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

void TransitLoop::publish(Instant at) {
  book_.set_time(at);
  auto fresh = std::make_shared<LiveView>(book_.view());
  fresh->headways = watch_.newest();
  published_ = at;
  changed_ = false;
  const std::lock_guard lock(view_mutex_);
  view_ = std::move(fresh);
}

void TransitLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  std::vector<RunId> touched;
  for (const flow::Change& change : record.changes) take(change, touched);
  const auto by_text = [&](const RunId& a, const RunId& b) {
    const std::string_view left = schedule_->text(schedule_->trips[at(a.trip)].id);
    const std::string_view right = schedule_->text(schedule_->trips[at(b.trip)].id);
    return std::tie(left, a.day, a.start_s) < std::tie(right, b.day, b.start_s);
  };
  std::sort(touched.begin(), touched.end(), by_text);
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (const RunId& id : touched) follow(id, out);
  if (swept_ == base::kNever || record.at - swept_ >= kSweepEvery) on_time(record.at, out);
  counters_.unmatched = book_.unmatched();
  if (changed_ && (published_ == base::kNever || record.at - published_ >= 1s)) publish(record.at);
}

void TransitLoop::take(const flow::Change& change, std::vector<RunId>& touched) {
  const bool vehicle = change.is_a(kVehicleType), update = change.is_a(kTripUpdateType),
             alert = change.is_a(kAlertType);
  if (!vehicle && !update && !alert) return;
  const std::string urn(change.entity.text());
  std::optional<RunId> about;
  if (change.kind == flow::ChangeKind::erased) {
    changed_ = true;
    if ((about = book_.erase(urn))) touched.push_back(*about);
    return;
  }
  for (const flow::AttributeChange& one : change.attributes) {
    if (one.now.name != kRealtimeName || one.removed || one.late) continue;
    const auto* const json = std::get_if<flow::Json>(&one.now.value);
    if (!json) continue;
    changed_ = true;
    ++counters_.told;
    const auto put = [&](auto read) {
      if (!read) ++counters_.unreadable;
      else if constexpr (std::is_void_v<decltype(book_.put(urn, std::move(*read)))>) book_.put(urn, std::move(*read));
      else about = book_.put(urn, std::move(*read));
    };
    if (vehicle) put(vehicle_from(json->text));
    else if (update) put(trip_update_from(json->text));
    else put(alert_from(json->text));
  }
  if (about) touched.push_back(*about);
}

void TransitLoop::follow(const RunId& id, twin::Outbox& out) {
  const Run* const run = book_.run(id);
  if (!run || run->relation == TripRelation::canceled || run->relation == TripRelation::deleted) {
    if (!run) tracks_.erase(id);
    return;
  }
  const auto [found, fresh] = tracks_.try_emplace(id);
  const Track before = found->second;
  Track& track = found->second;
  const std::uint32_t calls = std::uint32_t(run->calls.size());
  const bool arrived =
      run->next + 1 == calls && run->along_m && *run->along_m >= book_.predictor().path(id.trip).call_m.back() - 1;
  track.at = run->at;
  if (run->along_m) track.along_m = run->along_m;
  track.next = std::max(before.next, run->next);
  track.done = before.done || arrived;
  if (!fresh) {
    for (std::uint32_t call = before.next; call < track.next; ++call)
      pass(*run, call, passed_at(*run, before, call), out);
    if (arrived && !before.done) pass(*run, calls - 1, run->at, out);
  }
  learn(*run, track);
  if (settings_.estimations && !track.done) estimate(*run, track, out);
}

// By what the producer says of this call, else by the two places between which the bus passed it.
Instant TransitLoop::passed_at(const Run& run, const Track& before, std::uint32_t call) {
  const std::uint32_t sequence = schedule_->call(run.id.trip, call).sequence;
  if (const TripUpdate* const update = book_.update_of(run.id)) {
    const bool told = std::ranges::any_of(update->stops, [&](const StopUpdate& s) {
      return s.sequence == sequence && (s.arrival || s.departure) && s.relation == StopRelation::scheduled;
    });
    if (told || !run.along_m) return std::min(run.at, expected_departure(*schedule_, run, call));
  }
  if (!run.along_m || !before.along_m || *run.along_m <= *before.along_m) return run.at;
  const double share =
      (book_.predictor().path(run.id.trip).call_m[call] - *before.along_m) / (*run.along_m - *before.along_m);
  const auto way = std::chrono::duration<double>(run.at - before.at) * std::clamp(share, 0.0, 1.0);
  return before.at + std::chrono::round<base::Duration>(way);
}

// From calls in the past of which the producer has told both times, where the call before was told too. A bus that was
// held at a timepoint until it was due shows nothing of how long it needed there.
void TransitLoop::learn(const Run& run, Track& track) {
  const TripUpdate* const update = book_.update_of(run.id);
  if (!update) return;
  for (const StopUpdate& stop : update->stops) {
    if (!stop.arrival || !stop.departure || stop.relation != StopRelation::scheduled || !stop.sequence) continue;
    std::uint32_t call = track.told_call ? *track.told_call + 1 : 0;
    while (call < run.calls.size() && schedule_->call(run.id.trip, call).sequence < *stop.sequence) ++call;
    if (call >= run.calls.size() || schedule_->call(run.id.trip, call).sequence != *stop.sequence) continue;
    if (expected_departure(*schedule_, run, call) > run.at) return;  // a forecast
    const CallEstimate& told = run.calls[call];
    PaceBook& pace = book_.predictor().pace();
    if (track.told_call && call == *track.told_call + 1)
      pace.learn(*schedule_, run.id.trip, call, false, told.arrival_delay_s - track.told_delay_s);
    const bool held = schedule_->call(run.id.trip, call).flags.timepoint && told.departure_delay_s <= 0;
    if (call > 0 && !held)
      pace.learn(*schedule_, run.id.trip, call, true, told.departure_delay_s - told.arrival_delay_s);
    track.told_call = call;
    track.told_delay_s = told.departure_delay_s;
  }
}

void TransitLoop::pass(const Run& run, std::uint32_t call, Instant when, twin::Outbox& out) {
  ++counters_.passages;
  const Passage passage{run.id, call, when, book_.urn_of(run.id)};
  for (const HeadwayEvent& event : watch_.on_passage(passage, [&] { return behind_s(run, call, when); }))
    tell(event, out);
}

std::optional<double> TransitLoop::behind_s(const Run& run, std::uint32_t call, Instant when) const {
  const Trip& trip = schedule_->trips[at(run.id.trip)];
  const StopNo stop = schedule_->call(run.id.trip, call).stop;
  std::optional<double> best;
  for (const auto& [id, other] : book_.view().runs) {
    const Trip& one = schedule_->trips[at(id.trip)];
    if (id == run.id || one.route != trip.route || one.direction != trip.direction) continue;
    for (std::size_t i = other->next; i < other->calls.size(); ++i) {
      if (schedule_->call(id.trip, i).stop != stop || !other->calls[i].known) continue;
      const double after = std::chrono::duration<double>(expected_departure(*schedule_, *other, i) - when).count();
      if (after > 0 && (!best || after < *best)) best = after;
      break;
    }
  }
  return best;
}

void TransitLoop::estimate(const Run& run, Track& track, twin::Outbox& out) {
  if (!run.calls[run.next].known) return;
  const Instant expected = expected_arrival(*schedule_, run, run.next);
  if (track.written != base::kNever && track.written_next == run.next &&
      std::chrono::abs(expected - track.written) < kEstimateStep)
    return;
  track.written = expected;
  track.written_next = run.next;
  out.writes.push_back(arrival_write(*schedule_, run));
}

flow::Bilingual TransitLoop::title(const HeadwayEvent& e) const {
  const Route& route = schedule_->routes[at(schedule_->trips[at(e.run.trip)].route)];
  const std::string_view line = schedule_->text(route.short_name == TextNo{} ? route.long_name : route.short_name);
  const Stop& stop = schedule_->stops[at(e.stop)];
  const flow::Bilingual name = bilingual(*schedule_, "stops", "stop_name", stop.id, stop.name);
  const std::string planned = in_minutes(e.planned_s);
  flow::Bilingual out;
  if (e.fault == HeadwayFault::bunching) {
    out = {fmt::format("{}路：两车在“{}”仅隔{:.0f}秒，计划{}分钟", line, name.zh, e.headway_s, planned),
           fmt::format("Line {}: two buses {:.0f} s apart at {}, {} min planned", line, e.headway_s, name.en, planned)};
  } else {
    out = {fmt::format("{}路：“{}”隔了{}分钟才来车，计划{}分钟", line, name.zh, in_minutes(e.headway_s), planned),
           fmt::format("Line {}: {} min between buses at {}, {} min planned", line, in_minutes(e.headway_s), name.en,
                       planned)};
  }
  if (e.hold_s > 0) {
    const std::string_view which_zh = e.fault == HeadwayFault::bunching ? "建议后车停站" : "建议前车停站";
    const std::string_view which_en = e.fault == HeadwayFault::bunching ? "the one behind" : "the one in front";
    out.zh += fmt::format("；{}{}秒", which_zh, e.hold_s);
    out.en += fmt::format("; hold {} for {} s", which_en, e.hold_s);
  }
  return out;
}

std::string TransitLoop::why(const HeadwayEvent& e) const {
  const bool bunching = e.fault == HeadwayFault::bunching;
  JsonWriter out;
  out.object().field("rule", kRule[std::size_t(e.fault)]).field("kind", "headway");
  out.field("condition", bunching ? "headway < limit × planned" : "headway > limit × planned");
  out.field("limit", bunching ? settings_.headway.bunching : settings_.headway.gap);
  if (bunching) out.field("holdStops", settings_.headway.hold_stops);
  out.field("trip", run_key(*schedule_, e.run)).field("stop", stop_urn(*schedule_, e.stop));
  out.field("headway_s", std::round(e.headway_s)).field("planned_s", std::round(e.planned_s));
  out.field("ratio", std::round(e.headway_s / e.planned_s * 1000) / 1000);
  if (e.hold_s > 0) {
    out.key("advice").object().field("hold", e.hold_urn).field("hold_s", e.hold_s);
    out.field("rule", "half of what separates the headway behind and the one in front").end();
  }
  out.key("values").array().object().field("entity", e.urn).field("attribute", "headway");
  out.field("value", std::round(e.headway_s)).field("unitCode", "SEC").field("observedAt", base::format_time(e.at));
  return out.end().end().end().take();
}

void TransitLoop::open(const HeadwayEvent& e, const std::string& key, twin::Outbox& out) {
  flow::Finding one;
  one.rule = kRule[std::size_t(e.fault)];
  one.about = EntityId(e.urn);
  one.id = EntityId(fmt::format("urn:ngsi-ld:Finding:{}:{}:{}", one.rule, tail_of(e.urn), base::to_ms(e.at)));
  std::vector<std::string> related{e.front_urn, stop_urn(*schedule_, e.stop),
                                   route_urn(*schedule_, schedule_->trips[at(e.run.trip)].route)};
  std::sort(related.begin(), related.end());
  for (const std::string& urn : related) {
    if (!urn.empty() && urn != e.urn) one.related.emplace_back(urn);
  }
  one.severity = flow::Severity::minor;
  one.title = title(e);
  one.opened_at = e.at;
  one.why = why(e);
  const Spot spot = schedule_->stops[at(e.stop)].spot;
  if (spot.known())
    one.location = fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", spot.lon_e7 * 1e-7, spot.lat_e7 * 1e-7);
  if (!settings_.case_kind.empty()) {
    JsonWriter response;
    response.object().field("case", settings_.case_kind);
    if (!settings_.department.empty()) response.field("department", settings_.department);
    one.response = response.end().take();
  }
  out.writes.push_back(to_write(one));
  open_.insert_or_assign(key, std::move(one));
  ++counters_.opened;
}

void TransitLoop::tell(const HeadwayEvent& e, twin::Outbox& out) {
  const std::string key = fmt::format("{}|{}", run_key(*schedule_, e.run), kRule[std::size_t(e.fault)]);
  if (e.opened) return open(e, key, out);
  const auto found = open_.find(key);
  if (found == open_.end()) return;
  flow::Finding& one = found->second;
  one.status = flow::FindingStatus::cleared;
  one.cleared_at = std::max(e.at, one.opened_at);
  JsonWriter why;
  why.object().field("reason", e.reason);
  if (e.headway_s > 0) why.field("headway_s", std::round(e.headway_s));
  one.cleared_why = why.end().take();
  out.writes.push_back(to_write(one));
  open_.erase(found);
  ++counters_.cleared;
}

void TransitLoop::on_time(Instant now, twin::Outbox& out) {
  swept_ = now;
  for (const HeadwayEvent& event : watch_.on_time(now)) tell(event, out);
  // Of a run that a newer timetable does not have.
  for (auto it = open_.begin(); it != open_.end();) {
    if (now - it->second.opened_at <= kOpenMax) {
      ++it;
      continue;
    }
    it->second.status = flow::FindingStatus::cleared;
    it->second.cleared_at = now;
    it->second.cleared_why = R"({"reason":"silent"})";
    out.writes.push_back(to_write(it->second));
    it = open_.erase(it);
    ++counters_.cleared;
  }
  std::erase_if(tracks_, [&](const auto& one) { return now - one.second.at > kOpenMax; });
  if (regular_ != base::kNever && now - regular_ < settings_.regularity_every) return;
  regular_ = now;
  book_.settle_pace();
  changed_ |= !book_.view().runs.empty();
  for (const Regularity& one : watch_.regularity()) out.writes.push_back(regularity_write(*schedule_, one, now));
}

void TransitLoop::save(base::ByteWriter& out) const {
  out.u8(kFormat);
  book_.save(out);
  watch_.save(out);
  out.varint(tracks_.size());
  for (const auto& [run, track] : tracks_) {
    out.text(schedule_->text(schedule_->trips[at(run.trip)].id));
    out.svarint(run.day.time_since_epoch().count());
    out.svarint(run.start_s);
    out.f64(track.along_m.value_or(-1));
    for (const Instant at : {track.at, track.written}) out.svarint(base::to_us(at));
    out.varint(track.next);
    out.u8(track.done ? 1 : 0);
    out.varint(track.told_call ? *track.told_call + 1 : 0);
    out.svarint(track.told_delay_s);
    out.varint(track.written_next);
  }
  out.varint(open_.size());
  for (const auto& [key, one] : open_) {
    out.text(key);
    write_finding(out, one);
  }
  for (const Instant at : {swept_, regular_}) out.svarint(base::to_us(at));
}

base::Status TransitLoop::load(base::ByteReader& in) {
  if (in.u8() != kFormat)
    return base::fail(base::Errc::unsupported, "the state of public transport is of another form");
  tracks_.clear();
  open_.clear();
  TRY(book_.load(in));
  TRY(watch_.load(in));
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    RunId run;
    run.trip = schedule_->trip_of(in.text());
    run.day = std::chrono::sys_days(std::chrono::days(in.svarint()));
    run.start_s = std::int32_t(in.svarint());
    Track track;
    if (const double along = in.f64(); along >= 0) track.along_m = along;
    track.at = base::from_us(in.svarint());
    track.written = base::from_us(in.svarint());
    track.next = std::uint32_t(in.varint());
    track.done = in.u8() != 0;
    if (const std::uint64_t told = in.varint(); told > 0) track.told_call = std::uint32_t(told - 1);
    track.told_delay_s = std::int32_t(in.svarint());
    track.written_next = std::uint32_t(in.varint());
    const bool fits = run.trip != kNo<TripNo> && track.next < schedule_->calls_of(run.trip);
    if (fits) tracks_[run] = track;
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string key(in.text());
    open_[key] = read_finding(in);
  }
  swept_ = base::from_us(in.svarint());
  regular_ = base::from_us(in.svarint());
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the state of public transport is cut off");
  publish(swept_);
  return {};
}

}  // namespace cityloop::traffic
