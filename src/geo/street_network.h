// Streets as files give them, before they are a graph: lines, who may use them in which direction, how fast.
//
//   GeoJSON, OpenStreetMap extract (.osm.pbf) ─▶ [StreetNetwork] ─▶ StreetGraph
//
// A street that cannot be read is left out, counted under its reason, and never hides the others; only a file that is
// none of these forms is refused whole. Positions are WGS 84; speeds are in km/h, as signs say them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "geo/shape.h"

namespace cityloop::geo {

enum class TravelMode : std::uint8_t { foot, bicycle, car };
inline constexpr std::size_t kTravelModes = 3;
std::string_view to_string(TravelMode);
base::Result<TravelMode> travel_mode_from(std::string_view);

// A set of modes, one bit each.
class ModeSet {
 public:
  constexpr ModeSet() = default;
  template <class... Modes>
  static constexpr ModeSet of(Modes... modes) {
    ModeSet out;
    (out.add(modes), ...);
    return out;
  }
  static constexpr ModeSet all() { return of(TravelMode::foot, TravelMode::bicycle, TravelMode::car); }
  constexpr bool has(TravelMode mode) const { return bits_ >> unsigned(mode) & 1; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr void add(TravelMode mode) { bits_ = std::uint8_t(bits_ | 1u << unsigned(mode)); }
  constexpr void remove(TravelMode mode) { bits_ = std::uint8_t(bits_ & ~(1u << unsigned(mode))); }
  constexpr void set(TravelMode mode, bool may) { may ? add(mode) : remove(mode); }
  friend constexpr ModeSet operator|(ModeSet a, ModeSet b) {
    a.bits_ = std::uint8_t(a.bits_ | b.bits_);
    return a;
  }
  friend constexpr bool operator==(ModeSet, ModeSet) = default;

 private:
  std::uint8_t bits_{0};
};

// OpenStreetMap's classes (key `highway`), the wider first; what is none of them is `other`.
enum class StreetClass : std::uint8_t {
  motorway,
  trunk,
  primary,
  secondary,
  tertiary,
  unclassified,
  residential,
  living_street,
  service,
  track,
  pedestrian,
  cycleway,
  footway,
  steps,
  other
};
std::string_view to_string(StreetClass);
StreetClass street_class_from(std::string_view);  // "motorway_link" is a motorway
ModeSet usual_modes(StreetClass);
double usual_speed_kmh(StreetClass);  // of cars

struct Street {
  std::string name;     // as written
  std::string name_en;  // where the source gives one
  StreetClass street_class{StreetClass::other};
  std::vector<Position> line;         // two positions or more
  std::vector<std::uint64_t> joints;  // by position: streets meet where these are the same
  double speed_kmh{};                 // of cars; 0: as is usual for its class
  ModeSet along, against;             // who may go in the order of the line, and who the other way
};

// What became of a file: how many streets, and what was left out or taken otherwise, with reasons.
struct StreetReport {
  std::string file;
  std::size_t streets{};
  std::size_t passed_over{};  // no streets at all: points, areas, buildings; not a mistake
  struct Mistake {
    std::size_t count{};
    std::string example;  // where it was first seen
  };
  std::map<std::string, Mistake> mistakes;  // by reason

  void count(const std::string& reason, std::string example);
  std::size_t mistake_count() const;
  std::vector<std::string> lines() const;  // "3 × speed_kmh is no number, first at feature 12"
};

struct StreetNetwork {
  std::vector<Street> streets;
  StreetReport report;
};

// By the ending of the name: .osm.pbf, or .geojson and .json.
base::Result<StreetNetwork> read_streets(const std::string& file);
// A FeatureCollection of LineStrings and MultiLineStrings. Properties: name, name_en (or name:en), class (or highway),
// oneway (true, "yes", "no", "-1"), speed_kmh, access (a list of modes or one text, "foot bicycle"; "no"). Streets meet
// where they share a position to the seventh decimal (a centimetre).
base::Result<StreetNetwork> streets_from_geojson(std::string_view json, std::string_view name);
// The bytes of an .osm.pbf file: the ways with `highway`, their nodes, and the tags that say who may go where.
base::Result<StreetNetwork> streets_from_osm(std::string_view bytes, std::string_view name);

// What OpenStreetMap's tags say of a way: nothing when it is no street. A speed that is not understood is counted.
std::optional<Street> street_from_tags(const std::map<std::string, std::string, std::less<>>& tags, StreetReport&,
                                       const std::string& where);

}  // namespace cityloop::geo
