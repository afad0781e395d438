// What a city folder's city.toml says: names, places, departments, and how each type of entity is shown and judged.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "base/time.h"
#include "flow/finding.h"
#include "twin/history/history.h"
#include "twin/snapshot.h"

namespace cityloop::serve {

enum class EntityState : std::uint8_t { ok, warn, alarm, stale, unknown };
std::string_view to_string(EntityState);

struct TypeView {
  flow::Bilingual name;
  flow::Name main;               // the attribute that the map shows; empty for none
  std::string unit;              // UN/CEFACT code of it
  base::Duration stale_after{};  // zero: never
  std::optional<double> warn, alarm;
  bool low_is_bad{false};  // warn and alarm hold below their value instead of above

  EntityState judge(double value) const;
};

struct City {
  struct Department {
    std::string id;
    flow::Bilingual name;
  };
  struct Area {
    std::string id;
    flow::Bilingual name;
    std::string kind;                             // policy, water or green; the latter two are only drawn
    std::vector<std::pair<double, double>> ring;  // longitude, latitude
    std::vector<std::string> geocodes;            // by which other authorities' warnings name it
    std::string geojson() const;
  };
  struct DemoUser {
    std::string id;
    flow::Bilingual name;
    std::vector<std::string> roles;
    std::string department;
    std::vector<std::string> areas;
  };

  flow::Bilingual name;
  double center_lon_deg{}, center_lat_deg{}, zoom{12};
  std::vector<double> bounds;  // west, south, east, north; empty: about the centre
  std::string time_zone{"UTC"};
  bool feed_clock{false};  // the city's time is the replayed feeds'
  double speed{1};
  std::string mqtt_host;  // empty: none
  std::uint16_t mqtt_port{1883};
  twin::LogRetention keep_log;          // all of it, unless it says otherwise
  twin::HistoryRetention keep_history;  // likewise
  std::vector<Department> departments;
  std::vector<Area> areas;
  std::map<flow::Name, TypeView> types;
  std::vector<DemoUser> demo_users;

  static base::Result<City> load(const std::string& file);
  // West, south, east, north: its bounds, or some way around its centre where it has said none.
  std::array<double, 4> box() const;
  const TypeView* view(const flow::Entity&) const;  // of its first type that has one; null for none
};

void write(base::JsonWriter&, const flow::Bilingual&);

}  // namespace cityloop::serve
