#include "domain/traffic/guidance/segment.h"

#include "base/json_value.h"
#include "base/json_writer.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::Name;
using flow::operator""_name;

flow::Bilingual bilingual_of(const flow::Attribute& attribute) {
  if (const auto* text = std::get_if<flow::Text>(&attribute.value)) return {text->str(), text->str()};
  const auto* json = std::get_if<flow::Json>(&attribute.value);
  const auto map = json ? base::JsonValue::parse(json->text) : base::Result<base::JsonValue>{};
  if (!json || !map) return {};
  flow::Bilingual out{map->text_or("zh", ""), map->text_or("en", "")};
  if (out.zh.empty()) out.zh = out.en;
  if (out.en.empty()) out.en = out.zh;
  return out;
}

// The first line of a shape; a point or an area has none.
std::vector<geo::Position> line_of(const flow::Attribute& attribute) {
  const auto* json = std::get_if<flow::Json>(&attribute.value);
  if (!json) return {};
  auto shape = geo::Shape::from_geojson(json->text);
  const bool is_line = shape && (shape->kind == geo::ShapeKind::line || shape->kind == geo::ShapeKind::multi_line);
  return is_line ? std::move(shape->parts.front()) : std::vector<geo::Position>{};
}

double number_in(const flow::Attribute& attribute, double otherwise) {
  const double* const value = std::get_if<double>(&attribute.value);
  return value && std::isfinite(*value) && *value >= 0 ? *value : otherwise;
}

void save_texts(base::ByteWriter& out, const Segment& one) {
  out.text(one.id.text());
  out.text(one.name.zh);
  out.text(one.name.en);
}

}  // namespace

std::string_view to_string(SegmentState state) {
  static constexpr std::string_view kNames[] = {"unknown", "free", "slow", "congested"};
  return kNames[std::size_t(state)];
}

bool is_segment(const flow::NameList& types) {
  return types.contains("TrafficFlowObserved"_name);
}

SegmentState Segment::state(flow::Instant now, base::Duration stale_after) const {
  if (gone || free_flow_kmh <= 0 || !is_fresh(now, stale_after)) return SegmentState::unknown;
  const double ratio = speed_kmh / free_flow_kmh;
  return ratio < 0.5 ? SegmentState::congested : ratio < 0.75 ? SegmentState::slow : SegmentState::free;
}

std::string Segment::location() const {
  if (line.size() < 2) return {};
  base::JsonWriter out;
  out.object().field("type", "LineString").key("coordinates").array();
  for (const geo::Position at : line) out.array().number(at.lon_deg).number(at.lat_deg).end();
  return out.end().end().take();
}

std::optional<std::uint32_t> SegmentTable::find(flow::EntityId id) const {
  const auto known = numbers_.find(id);
  return known == numbers_.end() ? std::nullopt : std::optional(known->second);
}

std::uint32_t SegmentTable::number(flow::EntityId id) {
  const auto [at, fresh] = numbers_.try_emplace(id, std::uint32_t(segments_.size()));
  if (fresh) {
    segments_.emplace_back().id = id;
    ++shapes_;
  }
  return at->second;
}

// Whether it was a speed of now.
bool SegmentTable::take(Segment& one, const flow::Attribute& attribute) {
  const Name name = attribute.name;
  if (name == "averageVehicleSpeed"_name) {
    if (attribute.observed_at != flow::kNever && one.speed_at != flow::kNever && attribute.observed_at < one.speed_at)
      return false;
    one.speed_kmh = number_in(attribute, kUnknown);
    one.speed_at = attribute.observed_at;
    return !std::isnan(one.speed_kmh);
  }
  if (name == "intensity"_name) one.intensity = number_in(attribute, kUnknown);
  if (name == "occupancy"_name) one.occupancy = std::min(1.0, number_in(attribute, kUnknown));
  if (name == "freeFlowSpeed"_name) one.free_flow_kmh = number_in(attribute, 0);
  if (name == "segmentLength"_name) one.length_m = number_in(attribute, 0);
  if (name == "name"_name) one.name = bilingual_of(attribute);
  if (name == "location"_name) {
    auto line = line_of(attribute);
    if (line != one.line) ++shapes_;
    one.line = std::move(line);
  }
  return false;
}

std::optional<SegmentTable::Seen> SegmentTable::see(const flow::Change& change) {
  if (!is_segment(change.types)) return std::nullopt;
  Seen out{number(change.entity), false};
  Segment& one = segments_[out.segment];
  const bool gone = change.kind == flow::ChangeKind::erased;
  if (gone != one.gone) ++shapes_;
  one.gone = gone;
  if (gone) {
    one.speed_kmh = one.intensity = one.occupancy = kUnknown;
    return out;
  }
  for (const flow::AttributeChange& what : change.attributes) {
    if (what.removed && what.now.name == "averageVehicleSpeed"_name) one.speed_kmh = kUnknown;
    if (!what.removed && !what.late) out.reading |= take(one, what.now);
  }
  return out;
}

void SegmentTable::see(const flow::Entity& entity) {
  if (!is_segment(entity.types)) return;
  Segment& one = segments_[number(entity.id)];
  one.gone = false;
  for (const flow::Attribute& attribute : entity.attributes) take(one, attribute);
}

void SegmentTable::save(base::ByteWriter& out) const {
  out.varint(segments_.size());
  for (const Segment& one : segments_) {
    save_texts(out, one);
    out.varint(one.line.size());
    for (const geo::Position at : one.line) out.f64(at.lon_deg), out.f64(at.lat_deg);
    for (const double v : {one.length_m, one.free_flow_kmh, one.speed_kmh, one.intensity, one.occupancy}) out.f64(v);
    out.svarint(base::to_us(one.speed_at));
    out.u8(one.gone);
  }
}

base::Status SegmentTable::load(base::ByteReader& in) {
  *this = {};
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Segment& one = segments_[number(flow::EntityId(in.text()))];
    one.name.zh = in.text();
    one.name.en = in.text();
    for (std::uint64_t points = in.varint(); points > 0 && in.ok(); --points) {
      const double lon_deg = in.f64();
      one.line.push_back({lon_deg, in.f64()});
    }
    for (double* const v : {&one.length_m, &one.free_flow_kmh, &one.speed_kmh, &one.intensity, &one.occupancy})
      *v = in.f64();
    one.speed_at = base::from_us(in.svarint());
    one.gone = in.u8() != 0;
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the segments of a checkpoint end too early");
  return {};
}

}  // namespace cityloop::traffic
