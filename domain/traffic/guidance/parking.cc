#include "domain/traffic/guidance/parking.h"

#include <algorithm>

#include "base/json_value.h"
#include "domain/traffic/guidance/route_advice.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr double kTo90 = 1.2816;  // standard deviations from the middle to the quantile of 90 percent
constexpr double kSnap_m = 500;

std::uint32_t hour_at(const base::TimeZone& zone, base::Instant at) {
  return hour_of_kind(zone.to_local(at));
}

}  // namespace

std::uint32_t GarageTable::number(flow::EntityId id) {
  const auto [at, fresh] = numbers_.try_emplace(id, std::uint32_t(garages_.size()));
  if (fresh) garages_.emplace_back().id = id;
  return at->second;
}

// Whether it was how many cars are there now.
bool GarageTable::take(Garage& one, const flow::Attribute& attribute) {
  const double* const number = std::get_if<double>(&attribute.value);
  const auto* const json = std::get_if<flow::Json>(&attribute.value);
  if (attribute.name == "totalSpotNumber"_name && number) one.spaces = *number;
  if (attribute.name == "name"_name) {
    if (const auto* text = std::get_if<flow::Text>(&attribute.value)) one.name = {text->str(), text->str()};
    const auto map = json ? base::JsonValue::parse(json->text) : base::Result<base::JsonValue>{};
    if (json && map)
      one.name = {map->text_or("zh", map->text_or("en", "")), map->text_or("en", map->text_or("zh", ""))};
  }
  if (attribute.name == "location"_name && json) {
    if (const auto shape = geo::Shape::from_geojson(json->text)) one.at = shape->anchor();
  }
  if (attribute.name != "occupiedSpotNumber"_name || !number || *number < 0) return false;
  if (one.occupied_at != base::kNever && attribute.observed_at < one.occupied_at) return false;
  one.occupied = *number;
  one.occupied_at = attribute.observed_at;
  return one.occupied_at != base::kNever;
}

bool GarageTable::see(const flow::Change& change, const base::TimeZone& zone) {
  if (!change.is_a("OffStreetParking"_name)) return false;
  const std::uint32_t at = number(change.entity);
  Garage& one = garages_[at];
  one.gone = change.kind == flow::ChangeKind::erased;
  bool counted = false;
  for (const flow::AttributeChange& what : change.attributes) {
    if (!one.gone && !what.removed && !what.late) counted |= take(one, what.now);
  }
  if (counted && one.spaces > 0) usual_.learn(at, hour_at(zone, one.occupied_at), one.occupied / one.spaces);
  return true;
}

void GarageTable::see(const flow::Entity& entity) {
  if (!entity.is_a("OffStreetParking"_name)) return;
  Garage& one = garages_[number(entity.id)];
  one.gone = false;
  for (const flow::Attribute& attribute : entity.attributes) take(one, attribute);
}

void GarageTable::save(base::ByteWriter& out) const {
  out.varint(garages_.size());
  for (const Garage& one : garages_) {
    for (const std::string_view text : {one.id.text(), std::string_view(one.name.zh), std::string_view(one.name.en)})
      out.text(text);
    out.u8(std::uint8_t(one.gone | one.at.has_value() << 1));
    if (one.at) out.f64(one.at->lon_deg), out.f64(one.at->lat_deg);
    out.f64(one.spaces), out.f64(one.occupied);
    out.svarint(base::to_us(one.occupied_at));
  }
  usual_.save(out);
}

base::Status GarageTable::load(base::ByteReader& in) {
  *this = {};
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Garage& one = garages_[number(flow::EntityId(in.text()))];
    one.name.zh = in.text();
    one.name.en = in.text();
    const std::uint8_t is = in.u8();
    one.gone = is & 1;
    if (is & 2) {
      one.at.emplace();
      one.at->lon_deg = in.f64(), one.at->lat_deg = in.f64();
    }
    one.spaces = in.f64(), one.occupied = in.f64();
    one.occupied_at = base::from_us(in.svarint());
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the garages of a checkpoint end too early");
  return usual_.load(in);
}

std::optional<ForecastBand> PlainOutlook::occupied(const Garage& garage, base::Instant at) const {
  if (const auto band = forecasts_.at(garage.id, at)) return band;
  if (std::isnan(garage.occupied) || garage.spaces <= 0) return std::nullopt;
  const auto& all = garages_.all();
  const auto number = std::uint32_t(std::ranges::find(all, garage.id, &Garage::id) - all.begin());
  const double ahead_h =
      std::max(0.0, std::chrono::duration<double, std::ratio<3600>>(at - garage.occupied_at).count());
  const auto now = garages_.usual().usual(number, hour_at(zone_, garage.occupied_at));
  const auto then = garages_.usual().usual(number, hour_at(zone_, at));
  const double kept = std::pow(kKept, ahead_h);
  const double share = garage.occupied / garage.spaces;
  const double middle = now && then ? then->speed_kmh + kept * (share - now->speed_kmh) : share;
  // Nothing is known of the spread before it was seen: a tenth of the spaces in an hour, growing like a random walk.
  const double spread = then ? 1.25 * then->spread_kmh * std::sqrt(1 - kept * kept) : 0.1 * std::sqrt(ahead_h);
  const double half = kTo90 * std::max(spread, 0.01) * garage.spaces;
  const double cars = std::max(0.0, middle * garage.spaces);
  return ForecastBand{std::max(0.0, cars - half), cars, cars + half};
}

double chance_of_space(const ForecastBand& occupied, double spaces) {
  const double room = spaces - 1 - occupied.middle;
  const double half = room >= 0 ? occupied.high - occupied.middle : occupied.middle - occupied.low;
  const double deviation = std::max(half / kTo90, 0.5);
  return 0.5 * std::erfc(-room / deviation / std::sqrt(2.0));
}

namespace {

std::optional<double> drive_s(const RouteFinder* finder, RouteWorkspace& space, const ParkingWish& wish,
                              geo::Position to) {
  if (!wish.from) return 0;
  if (!finder) return std::nullopt;
  const geo::StreetGraph& graph = finder->times().net().graph();
  const auto from = graph.snap(*wish.from, geo::TravelMode::car, kSnap_m),
             there = graph.snap(to, geo::TravelMode::car, kSnap_m);
  if (!from || !there) return std::nullopt;
  const double depart_s = std::max(0.0, std::chrono::duration<double>(wish.depart - finder->times().at()).count());
  const auto route = finder->find({.from = *from, .to = *there, .depart_s = depart_s}, space);
  return route ? std::optional(route->time_s) : std::nullopt;
}

flow::Bilingual why_of(const GarageChoice& one) {
  const std::string chance = fmt::format("{:.0f}", 100 * one.chance);
  const std::string walk = minutes_text(one.walk_s), drive = minutes_text(one.drive_s);
  flow::Bilingual out{fmt::format("到达时有空位的可能 {}%,步行 {} 分钟", chance, walk),
                      fmt::format("{} % chance of a space on arrival, {} min on foot", chance, walk)};
  if (one.drive_s > 0) {
    out.zh = fmt::format("车程 {} 分钟,", drive) + out.zh;
    out.en = fmt::format("{} min by car, ", drive) + out.en;
  }
  return out;
}

}  // namespace

std::vector<GarageChoice> rank_garages(const std::vector<Garage>& garages, const ParkingOutlook& outlook,
                                       const RouteFinder* finder, RouteWorkspace& space, const ParkingWish& wish,
                                       const ParkingOptions& options) {
  std::vector<GarageChoice> out;
  for (const Garage& garage : garages) {
    if (garage.gone || !garage.at || garage.spaces <= 0 || std::isnan(garage.occupied)) continue;
    if (garage.occupied_at != base::kNever && wish.depart - garage.occupied_at > options.stale_after) continue;
    GarageChoice one;
    one.walk_m = options.walk_detour * geo::distance_m(*garage.at, wish.to);
    if (one.walk_m > wish.walk_max_m) continue;
    const auto by_car_s = drive_s(finder, space, wish, *garage.at);
    if (!by_car_s) continue;
    one.garage = garage;
    one.drive_s = *by_car_s;
    one.walk_s = one.walk_m * 3.6 / options.walk_kmh;
    one.arrive = wish.depart + base::Duration(std::int64_t(one.drive_s * 1e6));
    one.occupied = outlook.occupied(garage, one.arrive);
    if (!one.occupied) continue;
    one.chance = chance_of_space(*one.occupied, garage.spaces);
    one.cost_s = one.drive_s + one.walk_s + (1 - one.chance) * options.turned_away_s;
    one.why = why_of(one);
    out.push_back(std::move(one));
  }
  std::ranges::sort(out, [](const GarageChoice& a, const GarageChoice& b) {
    return a.cost_s != b.cost_s ? a.cost_s < b.cost_s : a.garage.id.text() < b.garage.id.text();
  });
  if (out.size() > options.most) out.resize(options.most);
  return out;
}

}  // namespace cityloop::traffic
