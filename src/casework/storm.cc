#include "casework/storm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "flow/own_types.h"

namespace cityloop::casework {

using base::Duration;
using base::Errc;
using base::fail;
using base::Instant;
using flow::EntityId;
using geo::Position;

namespace {

constexpr double kMetresPerDegree = geo::kEarthRadius_m * 3.14159265358979323846 / 180;

base::Status check(const StormSpec& spec) {
  if (spec.from < 2 || spec.from > 10'000) return fail(Errc::invalid, "a storm's 'from' is from 2 to 10000 findings");
  if (spec.within <= Duration::zero() || spec.within > std::chrono::days(7))
    return fail(Errc::invalid, "a storm's 'within' is a time of at most 7 days");
  if (!(spec.radius_m >= 0 && spec.radius_m <= 200'000))
    return fail(Errc::invalid, "a storm's 'radius_m' is at most 200000; 0 or none: the whole city");
  if (!(spec.clear_share > 0 && spec.clear_share <= 1))
    return fail(Errc::invalid, "a storm's 'clear_share' is above 0 and at most 1");
  return {};
}

double metres_east(double lon_deg, double row_lat_deg) {
  return lon_deg * kMetresPerDegree * std::cos(row_lat_deg * 3.14159265358979323846 / 180);
}

}  // namespace

StormSpec StormSpec::read(base::ConfigTable& kind) {
  StormSpec spec;
  auto table = kind.table("storm");
  if (!table) return spec;
  spec.from = std::uint32_t(std::clamp(table->number("from"), 0.0, 1e6));
  spec.within = table->duration("within");
  spec.radius_m = table->number_or("radius_m", 0);
  spec.clear_share = table->number_or("clear_share", 1);
  if (const auto sound = check(spec); !sound) {
    table->mistake("from", sound.error().message);
    return {};
  }
  return spec;
}

base::Result<StormSpec> StormSpec::from_response(const base::JsonValue& response) {
  const base::JsonValue* storm = response.find("storm");
  if (!storm) return StormSpec{};
  if (!storm->object()) return fail(Errc::invalid, "a response's 'storm' is {{ from, within, radius_m, clear_share }}");
  StormSpec spec;
  spec.from = std::uint32_t(std::clamp(storm->number_or("from", 0), 0.0, 1e6));
  spec.within = TRY(base::parse_duration(storm->text_or("within", "")));
  spec.radius_m = storm->number_or("radius_m", 0);
  spec.clear_share = storm->number_or("clear_share", 1);
  TRY(check(spec));
  return spec;
}

// What has no place is near to what has none either.
bool StormState::holds(const std::optional<Position>& at) const {
  if (spec.radius_m == 0) return true;
  if (!at || !middle) return at.has_value() == middle.has_value();
  return geo::distance_m(*at, *middle) <= spec.radius_m;
}

std::optional<Position> place_of(const std::string& geojson) {
  if (geojson.empty()) return std::nullopt;
  const auto shape = geo::Shape::from_geojson(geojson);
  if (!shape) return std::nullopt;
  return shape->anchor();
}

StormWatch::Cell StormWatch::cell_of(const StormSpec& spec, const std::optional<Position>& at) {
  if (spec.radius_m == 0) return {};
  if (!at) return {std::numeric_limits<std::int64_t>::min(), 0};
  const double row = std::floor(at->lat_deg * kMetresPerDegree / spec.radius_m);
  const double middle_deg = (row + 0.5) * spec.radius_m / kMetresPerDegree;
  return {std::int64_t(row), std::int64_t(std::floor(metres_east(at->lon_deg, middle_deg) / spec.radius_m))};
}

// All cells that may hold something within the radius. Rows are cut into columns by their own width, so a neighbouring
// row's columns are asked by a little more than a cell to each side.
std::vector<StormWatch::Cell> StormWatch::around(const StormSpec& spec, const std::optional<Position>& at) {
  const Cell own = cell_of(spec, at);
  if (spec.radius_m == 0 || !at) return {own};
  std::vector<Cell> out;
  for (std::int64_t row = own.row - 1; row <= own.row + 1; ++row) {
    const double middle_deg = (double(row) + 0.5) * spec.radius_m / kMetresPerDegree;
    const double column = metres_east(at->lon_deg, middle_deg) / spec.radius_m;
    const auto last = std::int64_t(std::floor(column + 1.02));
    for (auto c = std::int64_t(std::floor(column - 1.02)); c <= last; ++c) out.push_back({row, c});
  }
  return out;
}

void StormWatch::expire(Field& field, Instant before) {
  while (!field.by_time.empty() && field.by_time.begin()->first.first < before) {
    const auto& [order, cell] = *field.by_time.begin();
    const auto found = field.cells.find(cell);
    found->second.erase(order);
    if (found->second.empty()) field.cells.erase(found);
    field.by_time.erase(field.by_time.begin());
  }
}

std::vector<StormWatch::Single> StormWatch::add(std::string_view rule, const StormSpec& spec, const Single& one,
                                                const std::function<bool(EntityId)>& stands) {
  // Cells of another size are another field: a rule may be changed while the city runs.
  Field& field = fields_[fmt::format("{}\n{}", rule, spec.radius_m)];
  expire(field, one.at - spec.within);
  const Order order{one.at, one.id.text()};
  const Cell own = cell_of(spec, one.place);
  field.cells[own].emplace(order, one.place);
  field.by_time.emplace(order, own);
  std::vector<std::pair<Order, std::optional<Position>>> near;
  for (const Cell& cell : around(spec, one.place)) {
    const auto found = field.cells.find(cell);
    if (found == field.cells.end()) continue;
    std::erase_if(found->second, [&](const auto& entry) {
      if (stands(EntityId(entry.first.second))) return false;
      field.by_time.erase({entry.first, cell});
      return true;
    });
    for (const auto& entry : found->second) {
      const bool close = spec.radius_m == 0 || !one.place || !entry.second ||
                         geo::distance_m(*one.place, *entry.second) <= spec.radius_m;
      if (close) near.emplace_back(entry);
    }
    if (found->second.empty()) field.cells.erase(found);
  }
  if (near.size() < spec.from) return {};
  std::sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Single> out;
  for (const auto& [when, at] : near) out.push_back({EntityId(when.second), when.first, at});
  return out;
}

StormBook::Covered* StormBook::find(EntityId finding) {
  const auto found = covered_.find(finding);
  if (found == covered_.end()) return nullptr;
  changed_.insert(finding.text());
  return &found->second;
}

void StormBook::put(EntityId finding, Covered covered) {
  covered_.insert_or_assign(finding, covered);
  changed_.insert(finding.text());
}

void StormBook::erase_of(EntityId case_id) {
  std::erase_if(covered_, [&](const auto& entry) {
    if (entry.second.in_case != case_id) return false;
    changed_.insert(entry.first.text());
    return true;
  });
}

namespace {

std::string row_of(const StormBook::Covered& covered) {
  base::ByteWriter out;
  out.text(covered.in_case.text());
  out.u8(covered.active);
  return out.take();
}

std::string key_of(std::string_view finding) {
  return StormBook::kRow + std::string(finding);
}

}  // namespace

void StormBook::save_changed(twin::StateRows& rows) {
  for (const std::string_view id : changed_) {
    const auto found = covered_.find(EntityId(id));
    if (found != covered_.end()) rows.put(key_of(id), row_of(found->second));
    else rows.erase(key_of(id));
  }
  changed_.clear();
}

void StormBook::save_all(twin::StateRows& rows) const {
  for (const auto& [finding, covered] : covered_) rows.put(key_of(finding.text()), row_of(covered));
}

void StormBook::load_row(std::string_view key, base::ByteReader& in) {
  Covered covered;
  covered.in_case = EntityId(in.text());
  covered.active = in.u8() != 0;
  covered_.insert_or_assign(EntityId(key.substr(1)), covered);
}

void StormBook::mark_all_changed() {
  for (const auto& [finding, covered] : covered_) changed_.insert(finding.text());
}

EntityId cover_id(EntityId case_id, std::uint32_t number) {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Case:";
  return EntityId(fmt::format("urn:ngsi-ld:CaseCover:{}:{}", case_id.text().substr(kPrefix.size()), number));
}

flow::Attribute cover_attribute(std::uint32_t place, EntityId finding) {
  return flow::relationship(flow::Name(fmt::format("f{}", place)), finding);
}

std::vector<EntityId> covered_by(const flow::Entity& cover) {
  std::vector<EntityId> out;
  for (std::uint32_t i = 0; i < kCoverSize; ++i) {
    const std::string_view finding = cover.text(flow::Name(fmt::format("f{}", i)));
    if (finding.empty()) break;
    out.emplace_back(finding);
  }
  return out;
}

}  // namespace cityloop::casework
