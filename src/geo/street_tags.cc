#include <array>
#include <cstdlib>
#include <optional>

#include "geo/street_network.h"

namespace cityloop::geo {
namespace {

using Tags = std::map<std::string, std::string, std::less<>>;

std::string_view tag(const Tags& tags, std::string_view key) {
  const auto found = tags.find(key);
  return found == tags.end() ? std::string_view{} : std::string_view(found->second);
}

bool is_no(std::string_view value) {
  return value == "no" || value == "private" || value == "agricultural" || value == "forestry" || value == "military" ||
         value == "use_sidepath";
}

bool is_yes(std::string_view value) {
  return value == "yes" || value == "designated" || value == "permissive" || value == "destination" ||
         value == "official" || value == "public" || value == "customers" || value == "delivery";
}

// The more precise key decides: access, then the kind of vehicle, then the very one.
void take_access(const Tags& tags, ModeSet& modes) {
  struct Key {
    std::string_view name;
    ModeSet of;
  };
  using enum TravelMode;
  constexpr std::array<Key, 6> kKeys{{{"access", ModeSet::all()},
                                      {"vehicle", ModeSet::of(bicycle, car)},
                                      {"motor_vehicle", ModeSet::of(car)},
                                      {"motorcar", ModeSet::of(car)},
                                      {"bicycle", ModeSet::of(bicycle)},
                                      {"foot", ModeSet::of(foot)}}};
  for (const Key& key : kKeys) {
    const std::string_view value = tag(tags, key.name);
    for (const TravelMode mode : {foot, bicycle, car}) {
      if (!key.of.has(mode)) continue;
      if (is_no(value)) modes.remove(mode);
      // Of `access=yes` on a footway no car is let in; who is named by name is.
      if (is_yes(value) && key.name != "access") modes.add(mode);
    }
  }
}

// A number of km/h, "30 mph", or a word; nothing when it says nothing that is understood.
std::optional<double> speed_of(std::string_view text) {
  if (text == "walk") return 6;
  if (text == "none") return 130;
  const std::string number(text);
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  std::string_view unit(end);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const double factor = unit.empty() || unit == "km/h" || unit == "kmh" ? 1 : unit == "mph" ? 1.609344 : 0;
  if (end == number.c_str() || factor == 0 || !(value >= 1 && value * factor <= 200)) return std::nullopt;
  return value * factor;
}

void turn_one_way(const Tags& tags, Street& street, StreetReport& report, const std::string& where) {
  std::string_view word = tag(tags, "oneway");
  const std::string_view junction = tag(tags, "junction");
  if (word.empty() && (junction == "roundabout" || junction == "circular")) word = "yes";
  if (word.empty() && street.street_class == StreetClass::motorway) word = "yes";
  if (word.empty() || word == "no" || word == "false" || word == "0") return;
  const bool back = word == "-1" || word == "reverse";
  // What changes with the hour is closed the other way only for cars that cannot know.
  const bool known =
      back || word == "yes" || word == "true" || word == "1" || word == "reversible" || word == "alternating";
  if (!known) return report.count("oneway is not understood", fmt::format("{}: {}", where, word));
  ModeSet& closed = back ? street.along : street.against;
  closed.remove(TravelMode::car);
  const std::string_view cycling = tag(tags, "oneway:bicycle");
  const bool both_for_cycles = cycling == "no" || tag(tags, "cycleway").starts_with("opposite");
  if (!both_for_cycles) closed.remove(TravelMode::bicycle);
}

}  // namespace

std::optional<Street> street_from_tags(const Tags& tags, StreetReport& report, const std::string& where) {
  const std::string_view highway = tag(tags, "highway");
  constexpr std::array<std::string_view, 8> kNone{"proposed", "construction", "raceway",   "platform",
                                                  "elevator", "bus_guideway", "rest_area", "services"};
  if (highway.empty() || tag(tags, "area") == "yes") return std::nullopt;
  for (const std::string_view none : kNone) {
    if (highway == none) return std::nullopt;
  }
  Street out;
  out.street_class = street_class_from(highway);
  if (out.street_class == StreetClass::other) return std::nullopt;
  out.name = tag(tags, "name");
  out.name_en = tag(tags, "name:en");
  ModeSet modes = usual_modes(out.street_class);
  take_access(tags, modes);
  out.along = out.against = modes;
  turn_one_way(tags, out, report, where);
  if (const std::string_view limit = tag(tags, "maxspeed"); !limit.empty()) {
    if (const auto kmh = speed_of(limit)) out.speed_kmh = *kmh;
    else report.count("maxspeed is not understood", fmt::format("{}: {}", where, limit));
  }
  return out;
}

}  // namespace cityloop::geo
