#include "domain/traffic/transit/gtfs_import.h"

#include <algorithm>
#include <cmath>

#include "domain/traffic/transit/gtfs_importer.h"
#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using Weight = GtfsReport::Weight;

constexpr std::string_view kWeekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

std::optional<std::int32_t> degrees_e7(std::string_view text, double limit) {
  const auto value = decimal(text);
  if (!value || std::fabs(*value) > limit) return std::nullopt;
  return std::int32_t(std::lround(*value * 1e7));
}

// 0,0 is where positions lie that somebody forgot to fill in.
Spot spot_of(std::string_view lon, std::string_view lat) {
  const auto x = degrees_e7(lon, 180), y = degrees_e7(lat, 90);
  if (!x || !y || (*x == 0 && *y == 0)) return {};
  return {*x, *y};
}

// Names as "Asia" are folders of the machine's zone files, which do not read as a file.
Result<base::TimeZone> zone_of(std::string_view name) {
  try {
    return base::TimeZone::load(name);
  } catch (const std::exception& error) {
    return fail(Errc::not_found, "'{}' is no time zone: {}", name, error.what());
  }
}

bool is_color(std::string_view text) {
  return text.size() == 6 && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

}  // namespace

std::optional<double> decimal(std::string_view text) {
  double out{};
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && std::isfinite(out);
  return whole ? std::optional(out) : std::nullopt;
}

std::string_view GtfsImporter::bytes_of(std::string_view file) const {
  const auto found = files_.content.find(std::string(file));
  return found == files_.content.end() ? std::string_view{} : std::string_view(found->second);
}

Status GtfsImporter::check_tables() const {
  for (const std::string_view needed : {"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"}) {
    if (!files_.content.contains(std::string(needed))) return fail(Errc::invalid, "the feed has no {}", needed);
  }
  if (!files_.content.contains("calendar.txt") && !files_.content.contains("calendar_dates.txt"))
    return fail(Errc::invalid,
                "the feed has neither calendar.txt nor "
                "calendar_dates.txt: no trip would ever run");
  return {};
}

bool GtfsImporter::take_id(GtfsTable& table, IdMap& known, std::string_view id, std::size_t number) {
  if (id.empty()) return table.refuse("no id", "the row has no id"), false;
  if (known.try_emplace(id, std::uint32_t(number)).second) return true;
  return table.refuse("id twice", fmt::format("the id '{}' stands in an earlier row", id)), false;
}

Status GtfsImporter::read_agencies() {
  Status zone = fail(Errc::invalid, "agency.txt names no time zone, without which no time can be told");
  read("agency.txt", {"agency_name", "agency_timezone"}, [&](GtfsTable& t) {
    return [&, id = t.column("agency_id"), name = t.column("agency_name"), tz = t.column("agency_timezone"),
            url = t.column("agency_url"), lang = t.column("agency_lang"), phone = t.column("agency_phone"),
            mail = t.column("agency_email")] {
      // A feed of one agency may leave its id out.
      if (!agencies_.try_emplace(t.cell(id), std::uint32_t(out_.agencies.size())).second)
        return t.refuse("id twice", fmt::format("the agency '{}' stands in an earlier row", t.cell(id)));
      TextPool& pool = out_.texts;
      out_.agencies.push_back({pool.add(t.cell(id)), pool.add(t.cell(name)), pool.add(t.cell(url)),
                               pool.add(t.cell(tz)), pool.add(t.cell(lang)), pool.add(t.cell(phone)),
                               pool.add(t.cell(mail))});
      if (t.cell(name).empty()) t.warn("no name", "the agency has no name");
      auto loaded = zone_of(t.cell(tz));
      if (!loaded) return t.warn("time zone", fmt::format("'{}' is no time zone that is known", t.cell(tz)));
      if (zone && loaded->name() != out_.zone.name())
        return t.warn("time zones differ", fmt::format("'{}': all agencies of a feed share one zone; {} is used",
                                                       t.cell(tz), out_.zone.name()));
      out_.zone = std::move(*loaded);
      zone = {};
    };
  });
  return zone;
}

void GtfsImporter::read_stops() {
  std::vector<std::pair<std::string_view, int>> parents;
  read("stops.txt", {"stop_id"}, [&](GtfsTable& t) {
    return [&, id = t.column("stop_id"), name = t.column("stop_name"), lat = t.column("stop_lat"),
            lon = t.column("stop_lon"), code = t.column("stop_code"), text = t.column("stop_desc"),
            platform = t.column("platform_code"), zone = t.column("zone_id"), tz = t.column("stop_timezone"),
            type = t.column("location_type"), parent = t.column("parent_station"),
            wheelchair = t.column("wheelchair_boarding")] {
      Stop stop;
      const auto kind = whole_number<unsigned>(t.cell(type).empty() ? "0" : t.cell(type));
      if (!kind || *kind > 4)
        return t.refuse("location_type", fmt::format("'{}' is no location_type (0 to 4)", t.cell(type)));
      stop.spot = spot_of(t.cell(lon), t.cell(lat));
      if (!stop.spot.known() && *kind <= 2)
        return t.refuse("position", fmt::format("'{}', '{}' is no position on the earth", t.cell(lat), t.cell(lon)));
      if (!take_id(t, stops_, t.cell(id), out_.stops.size())) return;
      if (t.cell(name).empty() && *kind <= 2) t.warn("no name", fmt::format("the stop '{}' has no name", t.cell(id)));
      TextPool& pool = out_.texts;
      stop.id = pool.add(t.cell(id));
      stop.name = pool.add(t.cell(name));
      stop.code = pool.add(t.cell(code));
      stop.description = pool.add(t.cell(text));
      stop.platform_code = pool.add(t.cell(platform));
      stop.zone = pool.add(t.cell(zone));
      stop.time_zone = pool.add(t.cell(tz));
      stop.location_type = std::uint8_t(*kind);
      stop.wheelchair = std::uint8_t(std::min(2u, whole_number<unsigned>(t.cell(wheelchair)).value_or(0)));
      out_.stops.push_back(stop);
      parents.emplace_back(t.cell(parent), t.line());
    };
  });
  read_parents(parents);
}

void GtfsImporter::read_parents(const std::vector<std::pair<std::string_view, int>>& parents) {
  const auto warn = [&](int line, std::string reason) {
    report_.add("stops.txt", line, Weight::warned, "parent_station", std::move(reason));
  };
  for (std::size_t i = 0; i < parents.size(); ++i) {
    const auto& [id, line] = parents[i];
    if (id.empty()) {
      if (out_.stops[i].location_type >= 2)
        warn(line,
             "an entrance, node or boarding area belongs to a station; "
             "none is given");
      continue;
    }
    const auto found = stops_.find(id);
    const unsigned wanted = out_.stops[i].location_type == 4 ? 0 : 1;  // a boarding area stands on a platform
    if (found == stops_.end()) warn(line, fmt::format("there is no station '{}'", id));
    else if (out_.stops[i].location_type == 1) warn(line, "a station has no parent");
    else if (out_.stops[found->second].location_type != wanted) warn(line, fmt::format("'{}' is no station", id));
    else out_.stops[i].parent = StopNo(found->second);
  }
}

void GtfsImporter::read_routes() {
  read("routes.txt", {"route_id", "route_type"}, [&](GtfsTable& t) {
    return [&, id = t.column("route_id"), agency = t.column("agency_id"), name = t.column("route_short_name"),
            long_name = t.column("route_long_name"), text = t.column("route_desc"), type = t.column("route_type"),
            color = t.column("route_color"), text_color = t.column("route_text_color"), url = t.column("route_url"),
            order = t.column("route_sort_order")] {
      const auto kind = whole_number<std::uint16_t>(t.cell(type));
      if (!kind || *kind > 1799) return t.refuse("route_type", fmt::format("'{}' is no route_type", t.cell(type)));
      if (!take_id(t, routes_, t.cell(id), out_.routes.size())) return;
      if (t.cell(name).empty() && t.cell(long_name).empty()) t.warn("no name", "the route has no name, short or long");
      Route route;
      TextPool& pool = out_.texts;
      route.id = pool.add(t.cell(id));
      route.short_name = pool.add(t.cell(name));
      route.long_name = pool.add(t.cell(long_name));
      route.description = pool.add(t.cell(text));
      route.url = pool.add(t.cell(url));
      for (const auto& [column, into] : {std::pair(color, &route.color), std::pair(text_color, &route.text_color)}) {
        if (is_color(t.cell(column))) *into = pool.add(t.cell(column));
        else if (!t.cell(column).empty())
          t.warn("color", fmt::format("'{}' is no color (six hex digits)", t.cell(column)));
      }
      route.type = *kind;
      route.sort_order = whole_number<std::uint32_t>(t.cell(order)).value_or(0);
      if (const auto found = agencies_.find(t.cell(agency)); found != agencies_.end()) route.agency = found->second;
      else if (!t.cell(agency).empty() || out_.agencies.size() > 1)
        t.warn("agency", fmt::format("there is no agency '{}'; the first is taken", t.cell(agency)));
      out_.routes.push_back(route);
    };
  });
}

void GtfsImporter::read_calendar() {
  read("calendar.txt", {"service_id", "monday", "sunday", "start_date", "end_date"}, [&](GtfsTable& t) {
    std::array<int, 7> columns{};
    for (std::size_t d = 0; d < 7; ++d) columns[d] = t.column(kWeekdays[d]);
    return [&, columns, id = t.column("service_id"), start = t.column("start_date"), end = t.column("end_date")] {
      Service service;
      for (std::size_t d = 0; d < 7; ++d) {
        const std::string_view runs = t.cell(columns[d]);
        if (runs != "0" && runs != "1")
          return t.refuse("weekday", fmt::format("{} is '{}', neither 0 nor 1", kWeekdays[d], runs));
        if (runs == "1") service.weekdays |= std::uint8_t(1u << d);
      }
      const auto first = parse_day(t.cell(start)), last = parse_day(t.cell(end));
      if (!first || !last)
        return t.refuse("date", fmt::format("'{}' or '{}' is no date (YYYYMMDD)", t.cell(start), t.cell(end)));
      if (*last < *first) return t.refuse("date order", "the service ends before it begins");
      if (!take_id(t, services_, t.cell(id), out_.services.size())) return;
      service.id = out_.texts.add(t.cell(id));
      service.first = *first;
      service.last = *last;
      service.in_calendar = true;
      out_.services.push_back(std::move(service));
    };
  });
}

void GtfsImporter::read_calendar_dates() {
  read("calendar_dates.txt", {"service_id", "date", "exception_type"}, [&](GtfsTable& t) {
    return [&, id = t.column("service_id"), date = t.column("date"), type = t.column("exception_type")] {
      const auto day = parse_day(t.cell(date));
      if (!day) return t.refuse("date", fmt::format("'{}' is no date (YYYYMMDD)", t.cell(date)));
      if (t.cell(type) != "1" && t.cell(type) != "2")
        return t.refuse("exception_type", fmt::format("'{}' is no exception_type (1 or 2)", t.cell(type)));
      if (t.cell(id).empty()) return t.refuse("no id", "the row has no service_id");
      const auto [found, fresh] = services_.try_emplace(t.cell(id), std::uint32_t(out_.services.size()));
      if (fresh) {
        out_.services.emplace_back();
        out_.services.back().id = out_.texts.add(t.cell(id));
      }
      auto& exceptions = out_.services[found->second].exceptions;
      const auto place = std::lower_bound(exceptions.begin(), exceptions.end(), *day,
                                          [](const auto& e, auto wanted) { return e.date < wanted; });
      if (place != exceptions.end() && place->date == *day)
        return t.refuse("date twice", fmt::format("'{}' has {} twice", t.cell(id), t.cell(date)));
      exceptions.insert(place, {*day, t.cell(type) == "1"});
    };
  });
}

void GtfsImporter::read_shapes() {
  read("shapes.txt", {"shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"}, [&](GtfsTable& t) {
    std::string_view last_id;
    std::uint32_t last = 0;
    return [&, last_id, last, id = t.column("shape_id"), lat = t.column("shape_pt_lat"), lon = t.column("shape_pt_lon"),
            order = t.column("shape_pt_sequence"), dist = t.column("shape_dist_traveled")]() mutable {
      const Spot spot = spot_of(t.cell(lon), t.cell(lat));
      if (!spot.known())
        return t.refuse("position", fmt::format("'{}', '{}' is no position on the earth", t.cell(lat), t.cell(lon)));
      const auto sequence = whole_number<std::uint32_t>(t.cell(order));
      if (!sequence) return t.refuse("sequence", fmt::format("'{}' is no sequence number", t.cell(order)));
      if (t.cell(id).empty()) return t.refuse("no id", "the row has no shape_id");
      if (t.cell(id) != last_id) {
        const auto [found, fresh] = shapes_.try_emplace(t.cell(id), std::uint32_t(out_.shape_ids.size()));
        if (fresh) out_.shape_ids.push_back(out_.texts.add(t.cell(id)));
        last_id = t.cell(id);
        last = found->second;
      }
      const auto way = decimal(t.cell(dist));
      const float none = std::numeric_limits<float>::quiet_NaN();
      shape_points_.push_back({last, *sequence, spot, way && *way >= 0 ? float(*way) : none, t.line()});
    };
  });
  settle_shapes();
}

void GtfsImporter::settle_shapes() {
  const auto before = [](const ShapePoint& a, const ShapePoint& b) {
    return a.shape != b.shape ? a.shape < b.shape : a.sequence < b.sequence;
  };
  if (!std::is_sorted(shape_points_.begin(), shape_points_.end(), before))
    std::stable_sort(shape_points_.begin(), shape_points_.end(), before);
  bool any_dist = false;
  for (const ShapePoint& p : shape_points_) any_dist |= !std::isnan(p.dist);
  out_.shape_begin.assign(1, 0);
  std::size_t i = 0;
  for (std::uint32_t shape = 0; shape < out_.shape_ids.size(); ++shape) {
    for (; i < shape_points_.size() && shape_points_[i].shape == shape; ++i) {
      const ShapePoint& p = shape_points_[i];
      if (i > 0 && shape_points_[i - 1].shape == shape && shape_points_[i - 1].sequence == p.sequence) {
        report_.add("shapes.txt", p.line, Weight::refused, "sequence twice",
                    fmt::format("the shape has the sequence {} twice", p.sequence));
        continue;
      }
      out_.shape_points.push_back(p.spot);
      if (any_dist) out_.shape_dist.push_back(p.dist);
    }
    out_.shape_begin.push_back(std::uint32_t(out_.shape_points.size()));
  }
  shape_points_ = {};
}

void GtfsImporter::read_transfers() {
  read("transfers.txt", {"from_stop_id", "to_stop_id"}, [&](GtfsTable& t) {
    return [&, from = t.column("from_stop_id"), to = t.column("to_stop_id"), type = t.column("transfer_type"),
            time = t.column("min_transfer_time")] {
      const auto a = stops_.find(t.cell(from)), b = stops_.find(t.cell(to));
      if (a == stops_.end() || b == stops_.end())
        return t.refuse("stop", fmt::format("there is no stop '{}' or no stop '{}'", t.cell(from), t.cell(to)));
      const auto kind = whole_number<unsigned>(t.cell(type).empty() ? "0" : t.cell(type));
      if (!kind || *kind > 5) return t.refuse("transfer_type", fmt::format("'{}' is no transfer_type", t.cell(type)));
      Transfer out{StopNo(a->second), StopNo(b->second), std::uint8_t(*kind), {}};
      if (!t.cell(time).empty()) {
        out.time_s = whole_number<std::int32_t>(t.cell(time));
        if (!out.time_s || *out.time_s < 0)
          return t.refuse("min_transfer_time", fmt::format("'{}' is no number of seconds", t.cell(time)));
      }
      out_.transfers.push_back(out);
    };
  });
}

void GtfsImporter::read_info() {
  read("feed_info.txt", {"feed_publisher_name"}, [&](GtfsTable& t) {
    return [&] {
      if (out_.info) return t.refuse("second row", "a feed tells of itself once");
      const auto text = [&](std::string_view title) { return std::string(t.cell(t.column(title))); };
      FeedInfo info{text("feed_publisher_name"),
                    text("feed_publisher_url"),
                    text("feed_lang"),
                    text("default_lang"),
                    text("feed_version"),
                    text("feed_contact_email"),
                    text("feed_contact_url"),
                    {},
                    {}};
      info.start = parse_day(text("feed_start_date"));
      info.end = parse_day(text("feed_end_date"));
      out_.info = std::move(info);
    };
  });
}

void GtfsImporter::read_translations() {
  read("translations.txt", {"table_name", "field_name", "language", "translation"}, [&](GtfsTable& t) {
    return [&, table = t.column("table_name"), field = t.column("field_name"), lang = t.column("language"),
            text = t.column("translation"), record = t.column("record_id"), sub = t.column("record_sub_id"),
            value = t.column("field_value")] {
      if (t.cell(table).empty() || t.cell(field).empty() || t.cell(lang).empty())
        return t.refuse("incomplete", "a translation names its table, field and language");
      if (t.cell(record).empty() == t.cell(value).empty() && t.cell(table) != "feed_info")
        return t.refuse("record", "a translation names either a record or a value");
      TextPool& pool = out_.texts;
      out_.translations.push_back({pool.add(t.cell(table)), pool.add(t.cell(field)), pool.add(t.cell(lang)),
                                   pool.add(t.cell(text)), pool.add(t.cell(record)), pool.add(t.cell(sub)),
                                   pool.add(t.cell(value))});
    };
  });
}

Result<GtfsImport> GtfsImporter::run() {
  TRY(check_tables());
  TRY(read_agencies());
  read_stops();
  read_routes();
  read_calendar();
  read_calendar_dates();
  read_shapes();
  read_trips();
  read_stop_times();
  settle_trips();
  read_frequencies();
  read_transfers();
  read_info();
  read_translations();
  static constexpr std::string_view kRead[] = {
      "agency.txt", "stops.txt",          "routes.txt",      "trips.txt",     "stop_times.txt", "calendar.txt",
      "shapes.txt", "calendar_dates.txt", "frequencies.txt", "transfers.txt", "feed_info.txt",  "translations.txt"};
  for (const auto& [name, bytes] : files_.content) {
    if (std::ranges::find(kRead, name) == std::end(kRead))
      report_.add(name, 0, Weight::warned, "passed over", "this table is not used here");
  }
  if (out_.trips.empty()) {
    std::string first;
    for (std::size_t i = 0; i < std::min<std::size_t>(5, report_.problems().size()); ++i)
      first += fmt::format("\n{}", report_.problems()[i].text());
    return fail(Errc::invalid, "no trip of the feed is sound{}", first);
  }
  out_.settle();
  return GtfsImport{std::make_shared<const Schedule>(std::move(out_)), std::move(report_)};
}

Result<GtfsImport> import_gtfs(const GtfsFiles& files) {
  return GtfsImporter(files).run();
}

}  // namespace cityloop::traffic
