#include "domain/traffic/transit/gtfs_export.h"

#include <cmath>
#include <iterator>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

// One table while it is written: titles first, then cell by cell.
class TableWriter {
 public:
  TableWriter(std::map<std::string, std::string>& tables, std::string name, std::string_view titles)
      : tables_(tables), name_(std::move(name)), out_(titles) {}
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;
  ~TableWriter() {
    if (rows_ > 0) tables_.insert_or_assign(name_, std::move(out_) + "\n");
  }

  TableWriter& row() {
    ++rows_;
    out_ += '\n';
    first_ = true;
    return *this;
  }
  TableWriter& text(std::string_view cell) {
    separate();
    const bool quotes = cell.find_first_of(",\"\r\n") != cell.npos || cell.starts_with(' ') || cell.ends_with(' ');
    if (!quotes) return out_ += cell, *this;
    out_ += '"';
    for (const char c : cell) {
      if (c == '"') out_ += '"';
      out_ += c;
    }
    out_ += '"';
    return *this;
  }
  TableWriter& number(std::int64_t value) {
    separate();
    fmt::format_to(std::back_inserter(out_), FMT_COMPILE("{}"), value);
    return *this;
  }
  TableWriter& decimal(float value) {
    separate();
    if (!std::isnan(value)) fmt::format_to(std::back_inserter(out_), FMT_COMPILE("{}"), value);
    return *this;
  }
  TableWriter& degrees(std::int32_t e7) {
    separate();
    if (e7 == Spot::kNowhere) return *this;
    const std::int64_t size = std::abs(std::int64_t(e7));
    fmt::format_to(std::back_inserter(out_), FMT_COMPILE("{}{}.{:07}"), e7 < 0 ? "-" : "", size / 10'000'000,
                   size % 10'000'000);
    return *this;
  }
  TableWriter& clock(std::int32_t s) {
    separate();
    fmt::format_to(std::back_inserter(out_), FMT_COMPILE("{:02}:{:02}:{:02}"), s / 3600, s / 60 % 60, s % 60);
    return *this;
  }
  TableWriter& nothing() { return separate(), *this; }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::map<std::string, std::string>& tables_;
  std::string name_, out_;
  std::size_t rows_{0};
  bool first_{true};
};

using Tables = std::map<std::string, std::string>;

void write_agencies(const Schedule& s, Tables& tables) {
  TableWriter out(tables, "agency.txt",
                  "agency_id,agency_name,agency_url,agency_timezone,agency_"
                  "lang,agency_phone,agency_email");
  for (const Agency& one : s.agencies) {
    out.row();
    for (const TextNo cell : {one.id, one.name, one.url, one.time_zone, one.lang, one.phone, one.email})
      out.text(s.text(cell));
  }
}

void write_stops(const Schedule& s, Tables& tables) {
  TableWriter out(tables, "stops.txt",
                  "stop_id,stop_code,stop_name,stop_desc,stop_lat,stop_lon,"
                  "zone_id,location_type,parent_station,"
                  "stop_timezone,wheelchair_boarding,platform_code");
  for (const Stop& one : s.stops) {
    out.row().text(s.text(one.id)).text(s.text(one.code)).text(s.text(one.name)).text(s.text(one.description));
    out.degrees(one.spot.lat_e7).degrees(one.spot.lon_e7).text(s.text(one.zone)).number(one.location_type);
    out.text(one.parent == kNo<StopNo> ? std::string_view{} : s.text(s.stops[at(one.parent)].id));
    out.text(s.text(one.time_zone)).number(one.wheelchair).text(s.text(one.platform_code));
  }
}

void write_routes(const Schedule& s, Tables& tables) {
  TableWriter out(tables, "routes.txt",
                  "route_id,agency_id,route_short_name,route_long_name,route_"
                  "desc,route_type,route_url,route_color,"
                  "route_text_color,route_sort_order");
  for (const Route& one : s.routes) {
    out.row().text(s.text(one.id)).text(s.text(s.agencies[one.agency].id)).text(s.text(one.short_name));
    out.text(s.text(one.long_name)).text(s.text(one.description)).number(one.type).text(s.text(one.url));
    out.text(s.text(one.color)).text(s.text(one.text_color)).number(one.sort_order);
  }
}

void write_trips(const Schedule& s, Tables& tables) {
  TableWriter out(tables, "trips.txt",
                  "route_id,service_id,trip_id,trip_headsign,trip_short_name,"
                  "direction_id,block_id,shape_id,"
                  "wheelchair_accessible,bikes_allowed");
  for (const Trip& one : s.trips) {
    out.row().text(s.text(s.routes[at(one.route)].id)).text(s.text(s.services[at(one.service)].id));
    out.text(s.text(one.id)).text(s.text(one.headsign)).text(s.text(one.short_name)).number(one.direction);
    out.text(s.text(one.block));
    out.text(one.shape == kNo<ShapeNo> ? std::string_view{} : s.text(s.shape_ids[at(one.shape)]));
    out.number(one.wheelchair).number(one.bikes);
  }
}

void write_stop_times(const Schedule& s, Tables& tables) {
  TableWriter out(tables, "stop_times.txt",
                  "trip_id,arrival_time,departure_time,stop_id,stop_sequence,"
                  "stop_headsign,pickup_type,drop_off_type,"
                  "shape_dist_traveled,timepoint");
  for (const Trip& trip : s.trips) {
    for (std::size_t i = 0; i < s.calls_of(trip.pattern); ++i) {
      const Call& call = s.call(trip.pattern, i);
      out.row().text(s.text(trip.id));
      if (call.flags.interpolated) out.nothing().nothing();
      else out.clock(trip.start_s + call.arrival_s).clock(trip.start_s + call.departure_s);
      out.text(s.text(s.stops[at(call.stop)].id)).number(call.sequence).text(s.text(call.headsign));
      out.number(call.flags.pickup).number(call.flags.drop_off).decimal(call.shape_dist);
      out.number(call.flags.timepoint ? 1 : 0);
    }
  }
}

void write_calendar(const Schedule& s, Tables& tables) {
  TableWriter week(tables, "calendar.txt",
                   "service_id,monday,tuesday,wednesday,thursday,friday,"
                   "saturday,sunday,start_date,end_date");
  TableWriter dates(tables, "calendar_dates.txt", "service_id,date,exception_type");
  for (const Service& one : s.services) {
    if (one.in_calendar) {
      week.row().text(s.text(one.id));
      for (unsigned d = 0; d < 7; ++d) week.number(one.weekdays >> d & 1);
      week.text(format_day(one.first)).text(format_day(one.last));
    }
    for (const auto& e : one.exceptions)
      dates.row().text(s.text(one.id)).text(format_day(e.date)).number(e.added ? 1 : 2);
  }
}

void write_shapes(const Schedule& s, Tables& tables) {
  TableWriter out(tables, "shapes.txt",
                  "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence,shape_"
                  "dist_traveled");
  for (std::size_t shape = 0; shape < s.shape_ids.size(); ++shape) {
    for (std::uint32_t i = s.shape_begin[shape]; i < s.shape_begin[shape + 1]; ++i) {
      out.row().text(s.text(s.shape_ids[shape])).degrees(s.shape_points[i].lat_e7).degrees(s.shape_points[i].lon_e7);
      out.number(i - s.shape_begin[shape]);
      if (s.shape_dist.empty()) out.nothing();
      else out.decimal(s.shape_dist[i]);
    }
  }
}

void write_rest(const Schedule& s, Tables& tables) {
  TableWriter frequencies(tables, "frequencies.txt", "trip_id,start_time,end_time,headway_secs,exact_times");
  for (const Frequency& one : s.frequencies) {
    frequencies.row().text(s.text(s.trips[at(one.trip)].id)).clock(one.from_s).clock(one.until_s);
    frequencies.number(one.headway_s).number(one.exact ? 1 : 0);
  }
  TableWriter transfers(tables, "transfers.txt", "from_stop_id,to_stop_id,transfer_type,min_transfer_time");
  for (const Transfer& one : s.transfers) {
    transfers.row().text(s.text(s.stops[at(one.from)].id)).text(s.text(s.stops[at(one.to)].id)).number(one.type);
    if (one.time_s) transfers.number(*one.time_s);
    else transfers.nothing();
  }
  TableWriter translations(tables, "translations.txt",
                           "table_name,field_name,language,translation,record_"
                           "id,record_sub_id,field_value");
  for (const Translation& one : s.translations) {
    translations.row();
    for (const TextNo cell : {one.table, one.field, one.lang, one.text, one.record, one.sub_record, one.value})
      translations.text(s.text(cell));
  }
  if (!s.info) return;
  TableWriter info(tables, "feed_info.txt",
                   "feed_publisher_name,feed_publisher_url,feed_lang,default_"
                   "lang,feed_start_date,feed_end_date,"
                   "feed_version,feed_contact_email,feed_contact_url");
  const auto day = [](const auto& date) { return date ? format_day(*date) : std::string{}; };
  info.row().text(s.info->publisher).text(s.info->url).text(s.info->lang).text(s.info->default_lang);
  info.text(day(s.info->start)).text(day(s.info->end)).text(s.info->version).text(s.info->email);
  info.text(s.info->contact_url);
}

}  // namespace

std::map<std::string, std::string> export_gtfs(const Schedule& schedule) {
  Tables out;
  write_agencies(schedule, out);
  write_stops(schedule, out);
  write_routes(schedule, out);
  write_trips(schedule, out);
  write_stop_times(schedule, out);
  write_calendar(schedule, out);
  write_shapes(schedule, out);
  write_rest(schedule, out);
  return out;
}

}  // namespace cityloop::traffic
