#include <algorithm>
#include <cmath>
#include <set>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/rng.h"
#include "domain/traffic/demo/describe.h"
#include "domain/traffic/signal/settings.h"

namespace cityloop::traffic {
namespace {

namespace fs = std::filesystem;

base::Status write(const fs::path& path, std::string_view text) {
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  return base::write_file_atomic(path, text);
}

std::string edge_of(const std::string& lane) {
  return lane.substr(0, lane.rfind('_'));
}

// "a-b" leads from a to b.
std::pair<std::string, std::string> ends_of(const std::string& edge) {
  const std::size_t dash = edge.find('-');
  return {edge.substr(0, dash), edge.substr(dash + 1)};
}

base::Status write_lights(const Description& of, const fs::path& city) {
  const std::string signals = signals_toml(of.streets, of.junctions);
  TRY(SignalSettings::parse(signals, "town.toml"));
  TRY(write(city / "traffic/signals/town.toml", signals));
  const std::vector<SegmentPlace> segments = of.streets.segments();
  std::string signal_rows = "id,name_zh,name_en,lon,lat\n";
  std::string lane_rows = "id,name_zh,name_en,lon,lat,edge,length_m,free_kmh\n";
  std::set<std::string> told;
  for (const Junction& junction : of.junctions) {
    const flow::Bilingual name = name_of(junction, segments);
    const LonLat at = of.streets.junction_place(junction.id);
    signal_rows += fmt::format("{},{},{},{:.6f},{:.6f}\n", junction.id, name.zh, name.en, at.lon_deg, at.lat_deg);
    for (const Lane& lane : junction.lanes) {
      const auto segment = std::ranges::find(segments, edge_of(lane.id), &SegmentPlace::id);
      if (segment == segments.end() || !told.insert(lane.id).second) continue;
      // Where a lane's detector stands on the map: near its end, beside the others of its edge.
      const LonLat end = segment->line.back(), before = segment->line[segment->line.size() - 2];
      lane_rows += fmt::format("{0},{1} {0},{2} {0},{3:.6f},{4:.6f},{5},{6:.1f},{7:.1f}\n", lane.id, segment->name_zh,
                               segment->name_en, end.lon_deg + (before.lon_deg - end.lon_deg) * 0.1,
                               end.lat_deg + (before.lat_deg - end.lat_deg) * 0.1, segment->id, lane.length_m,
                               lane.speed_mps * 3.6);
    }
  }
  TRY(write(city / "tables/signals.csv", signal_rows));
  return write(city / "tables/lanes.csv", lane_rows);
}

// The stretches that are measured, and the streets on which ways are looked for: these from junction to junction.
base::Status write_streets(const Description& of, const fs::path& city) {
  std::string rows = "id,name_zh,name_en,length_m,limit_kmh,free_kmh,lanes,geometry\n";
  base::JsonWriter streets;
  streets.object().field("type", "FeatureCollection").key("features").array();
  for (const SegmentPlace& one : of.streets.segments()) {
    const auto [from, to] = ends_of(one.id);
    const bool lights = std::ranges::find(of.junctions, to, &Junction::id) != of.junctions.end();
    std::string line;
    for (const LonLat& at : one.line)
      line += fmt::format("{}{:.6f} {:.6f}", line.empty() ? "" : ", ", at.lon_deg, at.lat_deg);
    rows += fmt::format("{0},{1} {0},{2} {0},{3:.1f},{4:.1f},{5:.1f},{6},\"LINESTRING ({7})\"\n", one.id, one.name_zh,
                        one.name_en, one.length_m, one.limit_mps * 3.6,
                        free_flow_mps(one.length_m, one.limit_mps, lights) * 3.6, one.lanes, line);
    streets.object().field("type", "Feature").key("properties").object();
    streets.field("id", one.id).field("name", one.name_zh).field("name_en", one.name_en).field("oneway", true);
    streets.field("class", one.limit_mps > 12 ? "primary" : one.limit_mps > 9 ? "tertiary" : "residential");
    streets.field("speed_kmh", std::round(one.limit_mps * 3.6)).end();
    streets.key("geometry").object().field("type", "LineString").key("coordinates").array();
    const auto put = [&](LonLat at) {
      streets.array().number(std::round(at.lon_deg * 1e7) / 1e7).number(std::round(at.lat_deg * 1e7) / 1e7).end();
    };
    put(of.streets.junction_place(from));
    for (std::size_t i = 1; i + 1 < one.line.size(); ++i) put(one.line[i]);
    put(of.streets.junction_place(to));
    streets.end().end().end();
  }
  streets.end().end();
  TRY(write(city / "tables/segments.csv", rows));
  return write(city / "streets.geojson", streets.take());
}

// Degrees from north in which drivers go on that edge there.
double heading_deg(const Streets& streets, const std::string& edge, double at_m) {
  const LonLat here = streets.place_on(edge, at_m), ahead = streets.place_on(edge, at_m + 20);
  const double east = (ahead.lon_deg - here.lon_deg) * std::cos(here.lat_deg * M_PI / 180);
  const double degrees = std::atan2(east, ahead.lat_deg - here.lat_deg) * 180 / M_PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

base::Status write_signs(const Description& of, const fs::path& city) {
  std::string rows = "id,name_zh,name_en,lon,lat\n";
  std::string toml =
      "# Made of the streets by traffic_simulator --describe: made anew at each start of the demo. Times are short, so "
      "that\n"
      "# one sees within minutes what a detour does.\n"
      "evaluate_every = \"30s\"\nmin_interval = \"2m\"\nworth = \"45s\"\nmeasure_for = \"5m\"\n";
  for (const TownSign& sign : of.parts.signs) {
    const LonLat at = of.streets.place_on(sign.edge, sign.at_m), to = of.streets.junction_place(sign.to);
    rows += fmt::format("{},{},{},{:.6f},{:.6f}\n", sign.id, sign.name_zh, sign.name_en, at.lon_deg, at.lat_deg);
    toml += fmt::format(
        "\n[[sign]]\ndevice = \"urn:ngsi-ld:Device:{}\"\nlon = {:.6f}\nlat = {:.6f}\nheading_deg = {:.0f}\nrows = 4\n"
        "columns = 20\n[[sign.destination]]\nname = {{ zh = \"{}\", en = \"{}\" }}\nlon = {:.6f}\nlat = {:.6f}\n",
        sign.id, at.lon_deg, at.lat_deg, heading_deg(of.streets, sign.edge, sign.at_m), sign.to_zh, sign.to_en,
        to.lon_deg, to.lat_deg);
  }
  TRY(write(city / "tables/signs.csv", rows));
  return write(city / "traffic/signs.toml", toml);
}

base::Status write_garages(const Description& of, const fs::path& city) {
  std::string rows = "id,name_zh,name_en,lon,lat,spaces\n";
  for (const TownGarage& one : of.parts.garages) {
    const LonLat at = of.streets.place_on(one.edge, of.streets.length_m(one.edge) / 2);
    rows += fmt::format("{},{},{},{:.6f},{:.6f},{}\n", one.id, one.name_zh, one.name_en, at.lon_deg + 0.0003,
                        at.lat_deg, one.spaces);
  }
  return write(city / "tables/garages.csv", rows);
}

// Fourteen nights of rides home: from the inner town to the gates and along the ring, most of them before two.
base::Status write_night(const Description& of, const fs::path& city) {
  constexpr std::string_view kFrom[] = {"c1", "c2", "c2", "c3", "c4", "c5", "c6"};
  constexpr std::string_view kTo[] = {"r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "c1", "c3", "c5"};
  constexpr int kNights = 14, kRides = 1600;
  base::Rng rng(of.seed * 7919 + 5);
  std::string rows = "at,from_lon,from_lat,to_lon,to_lat\n";
  const auto near = [&](std::string_view junction) {
    const LonLat at = of.streets.junction_place(std::string(junction));
    return fmt::format("{:.6f},{:.6f}", at.lon_deg + rng.normal() * 0.0012, at.lat_deg + rng.normal() * 0.0007);
  };
  const auto any_of = [&](const auto& all) { return all[std::size_t(rng.uniform() * double(std::size(all)))]; };
  for (int ride = 0; ride < kRides; ++ride) {
    const int minute = int(23 * 60 + 360 * rng.uniform() * rng.uniform()) % 1440;
    const std::string from = near(any_of(kFrom)), to = near(any_of(kTo));
    rows += fmt::format("2026-05-{:02}T{:02}:{:02},{},{}\n", 1 + ride % kNights, minute / 60, minute % 60, from, to);
  }
  TRY(write(city / "traffic/demand/night.csv", rows));
  return write(city / "traffic/demand/night.toml",
               fmt::format("# Rides home at night, made up by traffic_simulator --describe.\n[trips]\n"
                           "origin_lon = \"from_lon\"\norigin_lat = \"from_lat\"\ndestination_lon = \"to_lon\"\n"
                           "destination_lat = \"to_lat\"\ntime = \"at\"\nnights = {}\n[hours]\nfrom = \"22:30\"\n"
                           "to = \"05:00\"\n[privacy]\ncell_m = 120\nfewest_trips = 5\n",
                           kNights));
}

}  // namespace

base::Status describe(const Description& of, const fs::path& city) {
  TRY(write_lights(of, city));
  TRY(write_streets(of, city));
  TRY(write_signs(of, city));
  TRY(write_garages(of, city));
  TRY(write_night(of, city));
  for (const auto& [name, rows] : bus_timetable(of.streets, of.parts.lines, of.parts.begins, of.parts.zone, of.hours))
    TRY(write(city / "traffic/timetable" / name, rows));
  return {};
}

}  // namespace cityloop::traffic
