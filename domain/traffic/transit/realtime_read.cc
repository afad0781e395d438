#include <algorithm>
#include <cmath>
#include <protozero/pbf_reader.hpp>

#include "domain/traffic/transit/realtime.h"
#include "domain/traffic/transit/service_days.h"
#include "twin/utf8.h"

namespace cityloop::traffic {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_wire_type;

// A message while it is read. A field of another wire type than its own is passed over like one that is not known; what
// makes no sense is kept as the first reason to refuse the entity.
class Message {
 public:
  Message(data_view bytes, const RealtimeLimits& limits, std::string& wrong)
      : reader_(bytes), limits_(limits), wrong_(wrong) {}

  bool next() { return wrong_.empty() && reader_.next(); }
  std::uint32_t tag() const { return reader_.tag(); }
  void skip() { reader_.skip(); }
  bool is(pbf_wire_type wanted) {
    if (reader_.wire_type() == wanted) return true;
    reader_.skip();
    return false;
  }
  void text(std::string& out) {
    if (!is(pbf_wire_type::length_delimited)) return;
    const data_view view = reader_.get_view();
    const std::string_view given(view.data(), view.size());
    if (given.size() > limits_.text_max) return wrong("a text of {} bytes", given.size());
    if (twin::first_bad_utf8(given)) return wrong("a text that is no UTF-8");
    out = given;
  }
  template <class Out>
  void varint(Out& out) {
    if (is(pbf_wire_type::varint)) out = typename OptionalOf<Out>::type(reader_.get_int64());
  }
  void number(auto& out) {
    if (is(pbf_wire_type::fixed32)) out = reader_.get_float();
  }
  template <class E>
  void choice(E& out, std::initializer_list<std::uint32_t> known, std::string_view what) {
    std::uint32_t value = 0;
    if (!is(pbf_wire_type::varint)) return;
    value = std::uint32_t(reader_.get_int64());
    if (std::ranges::find(known, value) == known.end()) return wrong("'{}' is no {}", value, what);
    out = E(value);
  }
  template <class Read>
  void message(Read&& read) {
    if (!is(pbf_wire_type::length_delimited)) return;
    Message inner(reader_.get_view(), limits_, wrong_);
    read(inner);
  }
  template <class... Args>
  void wrong(fmt::format_string<Args...> format, Args&&... args) {
    if (wrong_.empty()) wrong_ = fmt::format(format, std::forward<Args>(args)...);
  }
  const RealtimeLimits& limits() const { return limits_; }

 private:
  template <class T>
  struct OptionalOf {
    using type = T;
  };
  template <class T>
  struct OptionalOf<std::optional<T>> {
    using type = T;
  };

  pbf_reader reader_;
  const RealtimeLimits& limits_;
  std::string& wrong_;
};

// Between 2000 and 2100; 0 is "not given".
void check_time(Message& m, std::int64_t at_s) {
  if (at_s != 0 && (at_s < 946'684'800 || at_s > 4'102'444'800)) m.wrong("'{}' is no time of these days", at_s);
}

void read_trip(Message& m, TripRef& out) {
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.text(out.trip_id); break;
      case 2: m.text(out.start_time); break;
      case 3: m.text(out.start_date); break;
      case 4: m.choice(out.relation, {0, 1, 2, 3, 5, 6, 7}, "relation of a trip to its timetable"); break;
      case 5: m.text(out.route_id); break;
      case 6: m.varint(out.direction); break;
      default: m.skip();
    }
  }
  if (!out.start_date.empty() && !parse_day(out.start_date)) m.wrong("'{}' is no start_date", out.start_date);
  if (!out.start_time.empty() && !parse_clock(out.start_time)) m.wrong("'{}' is no start_time", out.start_time);
  if (out.direction && *out.direction > 1) m.wrong("'{}' is no direction", *out.direction);
}

void read_vehicle_ref(Message& m, VehicleRef& out) {
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.text(out.id); break;
      case 2: m.text(out.label); break;
      case 3: m.text(out.plate); break;
      default: m.skip();
    }
  }
}

void read_event(Message& m, std::optional<StopEvent>& out) {
  StopEvent& event = out.emplace();
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.varint(event.delay_s); break;
      case 2: m.varint(event.time_s); break;
      case 3: m.varint(event.uncertainty_s); break;
      default: m.skip();
    }
  }
  check_time(m, event.time_s);
  if (event.delay_s && std::abs(std::int64_t(*event.delay_s)) > m.limits().delay_max_s)
    m.wrong("a delay of {} s", *event.delay_s);
  if (event == StopEvent{}) out.reset();  // it says nothing
}

void read_stop_update(Message& m, StopUpdate& out) {
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.varint(out.sequence); break;
      case 2: m.message([&](Message& in) { read_event(in, out.arrival); }); break;
      case 3: m.message([&](Message& in) { read_event(in, out.departure); }); break;
      case 4: m.text(out.stop_id); break;
      case 5: m.choice(out.relation, {0, 1, 2, 3}, "relation of a stop to its timetable"); break;
      default: m.skip();
    }
  }
  if (!out.sequence && out.stop_id.empty()) m.wrong("an update of a stop that names none");
}

void read_trip_update(Message& m, TripUpdate& out) {
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.message([&](Message& in) { read_trip(in, out.trip); }); break;
      case 2:
        if (out.stops.size() == m.limits().stops_max) return m.wrong("more than {} stops", out.stops.size());
        m.message([&](Message& in) { read_stop_update(in, out.stops.emplace_back()); });
        break;
      case 3: m.message([&](Message& in) { read_vehicle_ref(in, out.vehicle); }); break;
      case 4: m.varint(out.at_s); break;
      case 5: m.varint(out.delay_s); break;
      default: m.skip();
    }
  }
  check_time(m, out.at_s);
  if (out.trip.trip_id.empty() && out.trip.route_id.empty()) m.wrong("a trip without an id or a route");
}

void read_position(Message& m, VehiclePosition& out) {
  out.lat_deg = out.lon_deg = std::nanf("");
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.number(out.lat_deg); break;
      case 2: m.number(out.lon_deg); break;
      case 3: m.number(out.bearing_deg); break;
      case 5: m.number(out.speed_mps); break;
      default: m.skip();
    }
  }
  if (!(std::fabs(out.lat_deg) <= 90 && std::fabs(out.lon_deg) <= 180) || (out.lat_deg == 0 && out.lon_deg == 0))
    m.wrong("{}, {} is no position on the earth", out.lat_deg, out.lon_deg);
  if (out.speed_mps && !(*out.speed_mps >= 0 && *out.speed_mps < 200)) out.speed_mps.reset();
  if (out.bearing_deg && !(*out.bearing_deg >= 0 && *out.bearing_deg <= 360)) out.bearing_deg.reset();
}

void read_vehicle(Message& m, VehiclePosition& out) {
  bool placed = false;
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.message([&](Message& in) { read_trip(in, out.trip); }); break;
      case 2: m.message([&](Message& in) { placed = true, read_position(in, out); }); break;
      case 3: m.varint(out.sequence); break;
      case 4: m.choice(out.status, {0, 1, 2}, "status at a stop"); break;
      case 5: m.varint(out.at_s); break;
      case 6: m.varint(out.congestion); break;
      case 7: m.text(out.stop_id); break;
      case 8: m.message([&](Message& in) { read_vehicle_ref(in, out.vehicle); }); break;
      case 9: m.varint(out.occupancy); break;
      case 10: m.varint(out.occupancy_percent); break;
      default: m.skip();
    }
  }
  check_time(m, out.at_s);
  if (!placed) m.wrong("a vehicle without a position");
  if (out.occupancy && *out.occupancy > 8) out.occupancy.reset();
  if (out.occupancy_percent && *out.occupancy_percent > 1000) out.occupancy_percent.reset();
  if (out.congestion && *out.congestion > 4) out.congestion.reset();
}

void read_translated(Message& m, Translated& out) {
  while (m.next()) {
    if (m.tag() != 1) {
      m.skip();
      continue;
    }
    m.message([&](Message& in) {
      std::string text, lang;
      while (in.next()) {
        if (in.tag() == 1) in.text(text);
        else if (in.tag() == 2) in.text(lang);
        else in.skip();
      }
      if (out.size() < 50) out.insert_or_assign(std::move(lang), std::move(text));
    });
  }
}

void read_informed(Message& m, Informed& out) {
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.text(out.agency_id); break;
      case 2: m.text(out.route_id); break;
      case 3: m.varint(out.route_type); break;
      case 4: m.message([&](Message& in) { read_trip(in, out.trip.emplace()); }); break;
      case 5: m.text(out.stop_id); break;
      case 6: m.varint(out.direction); break;
      default: m.skip();
    }
  }
  if (out.trip == TripRef{}) out.trip.reset();
}

void read_alert(Message& m, ServiceAlert& out) {
  const auto period = [&](Message& in) {
    std::pair<std::int64_t, std::int64_t> one{0, 0};
    while (in.next()) {
      if (in.tag() == 1) in.varint(one.first);
      else if (in.tag() == 2) in.varint(one.second);
      else in.skip();
    }
    check_time(in, one.first);
    out.active.push_back(one);
  };
  while (m.next()) {
    if (out.active.size() + out.informed.size() > m.limits().stops_max) return m.wrong("an alert about too much");
    switch (m.tag()) {
      case 1: m.message(period); break;
      case 5:
        m.message([&](Message& in) { read_informed(in, out.informed.emplace_back()); });
        if (!out.informed.empty() && out.informed.back() == Informed{}) out.informed.pop_back();
        break;
      case 6: m.varint(out.cause); break;
      case 7: m.varint(out.effect); break;
      case 8: m.message([&](Message& in) { read_translated(in, out.url); }); break;
      case 10: m.message([&](Message& in) { read_translated(in, out.header); }); break;
      case 11: m.message([&](Message& in) { read_translated(in, out.text); }); break;
      case 14: m.varint(out.severity); break;
      default: m.skip();
    }
  }
  if (out.informed.empty()) m.wrong("an alert that is about nothing");
  if (out.header.empty() && out.text.empty()) m.wrong("an alert without words");
}

struct OneEntity {
  std::string id;
  bool deleted{false};
  std::optional<TripUpdate> trip;
  std::optional<VehiclePosition> vehicle;
  std::optional<ServiceAlert> alert;
};

void read_entity(Message& m, OneEntity& out) {
  while (m.next()) {
    switch (m.tag()) {
      case 1: m.text(out.id); break;
      case 2: m.varint(out.deleted); break;
      case 3: m.message([&](Message& in) { read_trip_update(in, out.trip.emplace()); }); break;
      case 4: m.message([&](Message& in) { read_vehicle(in, out.vehicle.emplace()); }); break;
      case 5: m.message([&](Message& in) { read_alert(in, out.alert.emplace()); }); break;
      default: m.skip();
    }
  }
  if (out.id.empty()) m.wrong("it has no id");
}

void take_entity(data_view bytes, const RealtimeLimits& limits, RealtimeReport& report, RealtimeFeed& out) {
  ++report.entities;
  OneEntity one;
  std::string wrong;
  try {
    Message m(bytes, limits, wrong);
    read_entity(m, one);
  } catch (const protozero::exception& error) {
    wrong = fmt::format("its bytes are broken ({})", error.what());
  }
  if (!wrong.empty()) return report.refuse(fmt::format("entity '{}': {}", twin::clipped(one.id), wrong));
  if (one.deleted) return out.deleted.push_back(std::move(one.id));
  if (!one.trip && !one.vehicle && !one.alert)
    return report.warn(fmt::format("entity '{}' says nothing that is known here", twin::clipped(one.id)));
  if (one.trip) one.trip->id = one.id, out.trips.push_back(std::move(*one.trip));
  if (one.vehicle) one.vehicle->id = one.id, out.vehicles.push_back(std::move(*one.vehicle));
  if (one.alert) one.alert->id = one.id, out.alerts.push_back(std::move(*one.alert));
}

// Of a header that breaks off nothing is kept.
void read_header(data_view bytes, const RealtimeLimits& limits, RealtimeFeed& out, std::string& wrong) {
  Message m(bytes, limits, wrong);
  std::uint32_t kind = 0;
  std::int64_t at_s = 0;
  std::string version = out.version;
  while (m.next()) {
    if (m.tag() == 1) m.text(version);
    else if (m.tag() == 2) m.varint(kind);
    else if (m.tag() == 3) m.varint(at_s);
    else m.skip();
  }
  check_time(m, at_s);
  out.version = std::move(version);
  out.at_s = at_s;
  out.differential = kind == 1;
}

}  // namespace

void RealtimeReport::refuse(std::string reason) {
  ++refused;
  if (problems.size() < kListed) problems.push_back(std::move(reason));
}

void RealtimeReport::warn(std::string reason) {
  ++warned;
  if (problems.size() < kListed) problems.push_back(std::move(reason));
}

Result<RealtimeFeed> read_realtime(std::string_view bytes, RealtimeReport& report, const RealtimeLimits& limits) {
  if (bytes.size() > limits.bytes_max)
    return fail(Errc::full, "a feed of {} bytes; {} are the most that is taken", bytes.size(), limits.bytes_max);
  RealtimeFeed out;
  bool headed = false;
  std::string wrong;
  try {
    pbf_reader reader{data_view(bytes.data(), bytes.size())};
    while (reader.next()) {
      const bool message = reader.wire_type() == pbf_wire_type::length_delimited;
      if (message && reader.tag() == 1) {
        read_header(reader.get_view(), limits, out, wrong);
        headed = true;
      } else if (message && reader.tag() == 2 && report.entities >= limits.entities_max) {
        report.refuse(fmt::format("more than {} entities: the rest is left out", limits.entities_max));
        break;
      } else if (message && reader.tag() == 2) {
        take_entity(reader.get_view(), limits, report, out);
      } else {
        reader.skip();
      }
    }
  } catch (const protozero::exception& error) {
    report.refuse(fmt::format("the feed breaks off behind {} entities ({})", report.entities, error.what()));
  }
  if (!headed) return fail(Errc::malformed, "this is no GTFS-Realtime feed: it has no header");
  if (!wrong.empty()) return fail(Errc::invalid, "the feed's header: {}", wrong);
  return out;
}

}  // namespace cityloop::traffic
