#include "serve/city.h"

#include "base/config.h"
#include "twin/context/context.h"

namespace cityloop::serve {
namespace {

using base::Config;
using base::ConfigTable;
using flow::Bilingual;

Bilingual read_name(ConfigTable& table, std::string_view key) {
  Bilingual out;
  if (auto name = table.table(key)) {
    out.zh = name->text("zh");
    out.en = name->text("en");
  } else {
    table.mistake(key, fmt::format("'{}' must be {{ zh = \"…\", en = \"…\" }}", key));
  }
  return out;
}

std::vector<std::pair<double, double>> read_ring(ConfigTable& table) {
  std::vector<std::pair<double, double>> ring;
  const std::string json = table.json("polygon");
  double pair[2];
  std::size_t have = 0;
  for (const char* at = json.data(); at < json.data() + json.size();) {
    if ((*at >= '0' && *at <= '9') || *at == '-') {
      at = std::from_chars(at, json.data() + json.size(), pair[have]).ptr;
      if (++have == 2) ring.emplace_back(pair[0], pair[1]), have = 0;
    } else {
      ++at;
    }
  }
  if (ring.size() < 3) table.mistake("polygon", "an area needs a 'polygon' of at least three [lon, lat] points");
  else if (ring.front() != ring.back()) ring.push_back(ring.front());
  return ring;
}

TypeView read_type(ConfigTable& table) {
  TypeView view;
  view.name = read_name(table, "name");
  view.main = flow::Name(table.text_or("main", ""));
  view.unit = table.text_or("unit", "");
  view.stale_after = table.duration_or("stale_after", {});
  view.warn = table.number_if("warn");
  view.alarm = table.number_if("alarm");
  for (const auto& [key, limit] : {std::pair{"warn_below", &view.warn}, std::pair{"alarm_below", &view.alarm}}) {
    if (!table.has(key)) continue;
    if (*limit) table.mistake(key, "a limit holds above or below, not both");
    *limit = table.number_if(key);
    view.low_is_bad = true;
  }
  return view;
}

// [log] keep = "90d", keep_gb = 50, max_gb = 200
twin::LogRetention read_log(ConfigTable& table) {
  constexpr double kGigabyte = 1u << 30;
  twin::LogRetention out;
  if (table.has("keep")) out.keep_for = table.duration("keep");
  const auto bytes = [&](std::string_view key) -> std::optional<std::uint64_t> {
    const auto gigabytes = table.number_if(key);
    if (!gigabytes) return std::nullopt;
    if (!(*gigabytes > 0)) table.mistake(key, fmt::format("'{}' must be above zero", key));
    return std::uint64_t(std::max(*gigabytes, 0.0) * kGigabyte);
  };
  out.keep_bytes = bytes("keep_gb");
  out.bytes_max = bytes("max_gb");
  if (out.bytes_max && out.keep_bytes && *out.bytes_max < *out.keep_bytes) {
    table.mistake("max_gb", "'max_gb' must not be less than 'keep_gb'");
  }
  return out;
}

void read_lists(ConfigTable& root, City& city) {
  for (ConfigTable& table : root.tables("department")) {
    city.departments.push_back({table.text("id"), read_name(table, "name")});
  }
  for (ConfigTable& table : root.tables("area")) {
    City::Area area{table.text("id"), read_name(table, "name"), table.text_or("kind", "policy"), {}, {}};
    area.geocodes = table.texts("geocodes");
    area.ring = read_ring(table);
    city.areas.push_back(std::move(area));
  }
  for (ConfigTable& table : root.tables("demo_user")) {
    city.demo_users.push_back({table.text("id"), read_name(table, "name"), table.texts("roles"),
                               table.text_or("department", ""), table.texts("areas")});
  }
  if (auto types = root.table("types")) {
    for (const std::string& key : types->keys()) {
      if (auto table = types->table(key)) city.types[flow::Name(key)] = read_type(*table);
    }
  }
}

// keep = "400d", and in [history.types] what holds for some types.
twin::HistoryRetention read_history(ConfigTable& table) {
  twin::HistoryRetention out;
  out.otherwise = table.duration_or("keep", base::Duration::zero());
  auto types = table.table("types");
  if (!types) return out;
  for (const std::string& type : types->keys()) out.types[twin::Context::canonical_of(type)] = types->duration(type);
  return out;
}

}  // namespace

std::string_view to_string(EntityState state) {
  constexpr std::string_view kNames[] = {"ok", "warn", "alarm", "stale", "unknown"};
  return kNames[std::size_t(state)];
}

EntityState TypeView::judge(double value) const {
  const auto past = [&](const std::optional<double>& limit) {
    return limit && (low_is_bad ? value <= *limit : value >= *limit);
  };
  return past(alarm) ? EntityState::alarm : past(warn) ? EntityState::warn : EntityState::ok;
}

std::string City::Area::geojson() const {
  base::JsonWriter out;
  out.object().field("type", "Polygon").key("coordinates").array().array();
  for (const auto& [lon, lat] : ring) out.array().number(lon).number(lat).end();
  out.end().end().end();
  return out.take();
}

base::Result<City> City::load(const std::string& file) {
  Config config = TRY(Config::load(file));
  ConfigTable root = config.root();
  City city;
  city.name = read_name(root, "name");
  const auto center = root.numbers("center");
  if (center.size() == 2) city.center_lon_deg = center[0], city.center_lat_deg = center[1];
  else root.mistake("center", "'center' must be [longitude, latitude]");
  city.zoom = root.number_or("zoom", 12);
  city.bounds = root.numbers("bounds");
  if (!city.bounds.empty() && city.bounds.size() != 4)
    root.mistake("bounds", "'bounds' must be [west, south, east, north]");
  city.time_zone = root.text_or("time_zone", "UTC");
  if (const auto zone = base::TimeZone::load(city.time_zone); !zone) root.mistake("time_zone", zone.error().message);
  const std::string clock = root.text_or("clock", "wall");
  if (clock != "wall" && clock != "feed") root.mistake("clock", "'clock' must be \"wall\" or \"feed\"");
  city.feed_clock = clock == "feed";
  city.speed = root.number_or("speed", 1);
  if (auto mqtt = root.table("mqtt")) {
    city.mqtt_host = mqtt->text_or("host", "127.0.0.1");
    city.mqtt_port = std::uint16_t(mqtt->number_or("port", 1883));
  }
  if (auto log = root.table("log")) city.keep_log = read_log(*log);
  if (auto history = root.table("history")) city.keep_history = read_history(*history);
  read_lists(root, city);
  TRY(config.check());
  return city;
}

std::array<double, 4> City::box() const {
  constexpr double kReachDeg = 0.05;
  if (bounds.size() == 4) return {bounds[0], bounds[1], bounds[2], bounds[3]};
  return {center_lon_deg - kReachDeg, center_lat_deg - kReachDeg, center_lon_deg + kReachDeg,
          center_lat_deg + kReachDeg};
}

const TypeView* City::view(const flow::Entity& entity) const {
  for (const flow::Name type : entity.types) {
    if (const auto found = types.find(type); found != types.end()) return &found->second;
  }
  return nullptr;
}

void write(base::JsonWriter& out, const Bilingual& text) {
  out.object().field("zh", text.zh).field("en", text.en).end();
}

}  // namespace cityloop::serve
