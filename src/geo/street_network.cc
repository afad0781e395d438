#include "geo/street_network.h"

#include <array>

#include "base/file.h"

namespace cityloop::geo {
namespace {

using base::Errc;
using base::fail;
using enum TravelMode;

constexpr std::array<std::string_view, kTravelModes> kModeNames{"foot", "bicycle", "car"};

struct ClassFacts {
  std::string_view name;
  ModeSet modes;
  double speed_kmh;
};

constexpr ModeSet kNotOnFoot = ModeSet::of(car);
constexpr ModeSet kSoft = ModeSet::of(foot, bicycle);

// What is usual in towns; signs and tags say otherwise where it is otherwise.
constexpr std::array<ClassFacts, 15> kClasses{{{"motorway", kNotOnFoot, 90},
                                               {"trunk", kNotOnFoot, 70},
                                               {"primary", ModeSet::all(), 50},
                                               {"secondary", ModeSet::all(), 50},
                                               {"tertiary", ModeSet::all(), 40},
                                               {"unclassified", ModeSet::all(), 40},
                                               {"residential", ModeSet::all(), 30},
                                               {"living_street", ModeSet::all(), 10},
                                               {"service", ModeSet::all(), 15},
                                               {"track", ModeSet::all(), 15},
                                               {"pedestrian", kSoft, 5},
                                               {"cycleway", kSoft, 15},
                                               {"footway", ModeSet::of(foot), 5},
                                               {"steps", ModeSet::of(foot), 3},
                                               {"other", ModeSet::all(), 30}}};

}  // namespace

std::string_view to_string(TravelMode mode) {
  return kModeNames[std::size_t(mode)];
}

base::Result<TravelMode> travel_mode_from(std::string_view text) {
  for (std::size_t i = 0; i < kTravelModes; ++i) {
    if (kModeNames[i] == text) return TravelMode(i);
  }
  return fail(Errc::invalid, "'{}' is no way of travelling: foot, bicycle or car", text);
}

std::string_view to_string(StreetClass one) {
  return kClasses[std::size_t(one)].name;
}

StreetClass street_class_from(std::string_view text) {
  constexpr std::string_view kLink = "_link";
  if (text.ends_with(kLink)) text.remove_suffix(kLink.size());
  if (text == "path" || text == "corridor" || text == "bridleway") return StreetClass::footway;
  if (text == "road") return StreetClass::unclassified;
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    if (kClasses[i].name == text) return StreetClass(i);
  }
  return StreetClass::other;
}

ModeSet usual_modes(StreetClass one) {
  return kClasses[std::size_t(one)].modes;
}

double usual_speed_kmh(StreetClass one) {
  return kClasses[std::size_t(one)].speed_kmh;
}

void StreetReport::count(const std::string& reason, std::string example) {
  Mistake& mistake = mistakes[reason];
  if (mistake.count++ == 0) mistake.example = std::move(example);
}

std::size_t StreetReport::mistake_count() const {
  std::size_t sum = 0;
  for (const auto& [reason, mistake] : mistakes) sum += mistake.count;
  return sum;
}

std::vector<std::string> StreetReport::lines() const {
  std::vector<std::string> out;
  for (const auto& [reason, mistake] : mistakes) {
    out.push_back(fmt::format("{} × {}, first at {}", mistake.count, reason, mistake.example));
  }
  return out;
}

base::Result<StreetNetwork> read_streets(const std::string& file) {
  const std::string bytes = TRY(base::read_file(file));
  if (file.ends_with(".osm.pbf") || file.ends_with(".pbf")) return streets_from_osm(bytes, file);
  if (file.ends_with(".geojson") || file.ends_with(".json")) return streets_from_geojson(bytes, file);
  return fail(Errc::unsupported, "{}: streets are read from .geojson, .json and .osm.pbf files", file);
}

}  // namespace cityloop::geo
