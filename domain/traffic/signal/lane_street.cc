#include "domain/traffic/signal/lane_street.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr double kDegree_m = 111'320, kPastTheBend_m = 25;

struct Metres {
  double x, y;
  double length() const { return std::hypot(x, y); }
};

// East and north of `from`; exact enough around one junction.
Metres between(geo::Position from, geo::Position to) {
  const double narrow = std::cos(from.lat_deg * std::numbers::pi / 180);
  return {(to.lon_deg - from.lon_deg) * kDegree_m * narrow, (to.lat_deg - from.lat_deg) * kDegree_m};
}

flow::EntityPtr street_of(const Lane& lane, const twin::Twin& twin) {
  for (const std::string& detector : lane.detectors) {
    const flow::EntityPtr told = twin.get(flow::EntityId::lookup(detector));
    if (!told) continue;
    if (flow::EntityPtr street = twin.get(flow::EntityId::lookup(told->text("refRoadSegment"_name)))) return street;
  }
  return nullptr;
}

std::optional<double> bearing_of(const flow::Entity& street, geo::Position junction) {
  const flow::Attribute* const location = street.find("location"_name);
  const auto* const json = location ? std::get_if<flow::Json>(&location->value) : nullptr;
  const auto shape = json ? geo::Shape::from_geojson(json->text) : base::Result<geo::Shape>{};
  if (!shape || shape->kind != geo::ShapeKind::line) return std::nullopt;
  return bearing_outwards(shape->parts.front(), junction);
}

}  // namespace

std::optional<double> bearing_outwards(std::span<const geo::Position> street, geo::Position junction) {
  if (street.size() < 2) return std::nullopt;
  std::vector<geo::Position> line(street.begin(), street.end());
  if (between(junction, line.back()).length() < between(junction, line.front()).length()) std::ranges::reverse(line);
  Metres way{};
  for (std::size_t i = 1; i < line.size() && way.length() < kPastTheBend_m; ++i) way = between(line.front(), line[i]);
  if (way.length() < 1) return std::nullopt;
  const double bearing = std::atan2(way.x, way.y) * 180 / std::numbers::pi;
  return bearing < 0 ? bearing + 360 : bearing;
}

void share_arms(std::vector<LaneStreet>& lanes, const std::vector<std::optional<double>>& bearings_deg) {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!bearings_deg[i]) continue;
    const auto same =
        std::ranges::find_if(lanes.begin(), lanes.begin() + std::ptrdiff_t(i), [&](const LaneStreet& one) {
          return one.arm && std::abs(std::remainder(one.bearing_deg - *bearings_deg[i], 360)) <= kOneArm_deg;
        });
    const bool fresh = same == lanes.begin() + std::ptrdiff_t(i);
    lanes[i].arm = fresh ? int(i) : same->arm;
    lanes[i].bearing_deg = fresh ? *bearings_deg[i] : same->bearing_deg;
  }
}

std::vector<LaneStreet> lane_streets(const Junction& junction, geo::Position at, const serve::Names& names) {
  std::vector<LaneStreet> out;
  std::vector<std::optional<double>> bearings;
  for (const Lane& lane : junction.lanes) {
    const flow::EntityPtr street = street_of(lane, names.twin);
    out.push_back({street ? names.of(*street) : std::string(), {}, {}});
    bearings.push_back(street ? bearing_of(*street, at) : std::nullopt);
  }
  share_arms(out, bearings);
  return out;
}

}  // namespace cityloop::traffic
