#include "domain/traffic/guidance/segment_forecast.h"

#include <algorithm>

#include "base/json_value.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr auto kNear = std::chrono::minutes(10);
constexpr auto kPast = std::chrono::hours(1);

template <class Id>
std::vector<Id> in_order(std::vector<Id> ids) {
  std::ranges::sort(ids, [](Id a, Id b) { return a.text() < b.text(); });
  return ids;
}

}  // namespace

void SegmentForecasts::put(flow::EntityId about, base::Instant valid_at, ForecastBand band) {
  bands_[about][valid_at] = band;
}

flow::EntityId SegmentForecasts::about(flow::EntityId forecast) const {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Forecast:";
  std::string_view tail = forecast.text();
  if (!tail.starts_with(kPrefix)) return {};
  tail.remove_prefix(kPrefix.size());
  if (!tail.starts_with(attribute_.text())) return {};
  tail.remove_prefix(attribute_.text().size());
  return tail.starts_with(':') ? flow::EntityId(tail.substr(1)) : flow::EntityId{};
}

void SegmentForecasts::take_steps(flow::EntityId about, const flow::Attribute& steps) {
  const auto* const json = std::get_if<flow::Json>(&steps.value);
  const auto list = json ? base::JsonValue::parse(json->text) : base::Result<base::JsonValue>{};
  if (!json || !list || !list->array()) {
    ++unread_;
    return;
  }
  for (const base::JsonValue& one : *list->array()) {
    const auto valid_at = base::parse_time(one.text_or("validAt", ""));
    const double middle = one.number_or("middle", -1);
    if (!valid_at || middle < 0) ++unread_;
    else put(about, *valid_at, {one.number_or("low", middle), middle, one.number_or("high", middle)});
  }
}

void SegmentForecasts::forget_before(flow::EntityId about, base::Instant at) {
  const auto known = bands_.find(about);
  if (known == bands_.end()) return;
  known->second.erase(known->second.begin(), known->second.lower_bound(at));
  if (known->second.empty()) bands_.erase(known);
}

bool SegmentForecasts::see(const flow::Change& change, base::Instant now) {
  if (!change.is_a("Forecast"_name) || change.kind == flow::ChangeKind::erased) return false;
  const flow::EntityId whom = about(change.entity);
  if (whom.empty()) return false;
  for (const flow::AttributeChange& what : change.attributes) {
    if (what.now.name == "steps"_name && !what.removed) take_steps(whom, what.now);
  }
  forget_before(whom, now - kPast);
  return true;
}

void SegmentForecasts::see(const flow::Entity& entity) {
  const flow::EntityId whom = entity.is_a("Forecast"_name) ? about(entity.id) : flow::EntityId{};
  const flow::Attribute* const steps = whom.empty() ? nullptr : entity.find("steps"_name);
  if (steps) take_steps(whom, *steps);
}

std::optional<ForecastBand> SegmentForecasts::at(flow::EntityId about, base::Instant wanted) const {
  const auto known = bands_.find(about);
  if (known == bands_.end() || known->second.empty()) return std::nullopt;
  const auto after = known->second.lower_bound(wanted);
  if (after == known->second.end()) {
    const auto last = std::prev(after);
    return wanted - last->first <= kNear ? std::optional(last->second) : std::nullopt;
  }
  if (after == known->second.begin() || after->first == wanted)
    return after->first - wanted <= kNear ? std::optional(after->second) : std::nullopt;
  const auto before = std::prev(after);
  // Farther apart than horizons lie: nobody has said anything of the time between.
  if (after->first - before->first > std::chrono::minutes(35)) {
    if (wanted - before->first <= kNear) return before->second;
    return after->first - wanted <= kNear ? std::optional(after->second) : std::nullopt;
  }
  const double share = double((wanted - before->first).count()) / double((after->first - before->first).count());
  const auto mix = [&](double a, double b) { return a + share * (b - a); };
  return ForecastBand{mix(before->second.low, after->second.low), mix(before->second.middle, after->second.middle),
                      mix(before->second.high, after->second.high)};
}

void SegmentForecasts::save(base::ByteWriter& out) const {
  std::vector<flow::EntityId> ids;
  for (const auto& [id, bands] : bands_) ids.push_back(id);
  out.varint(ids.size());
  for (const flow::EntityId id : in_order(ids)) {
    out.text(id.text());
    const auto& bands = bands_.at(id);
    out.varint(bands.size());
    for (const auto& [at, band] : bands) {
      out.svarint(base::to_us(at));
      for (const double v : {band.low, band.middle, band.high}) out.f64(v);
    }
  }
}

base::Status SegmentForecasts::load(base::ByteReader& in) {
  bands_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    auto& bands = bands_[flow::EntityId(in.text())];
    for (std::uint64_t more = in.varint(); more > 0 && in.ok(); --more) {
      auto& band = bands[base::from_us(in.svarint())];
      for (double* const v : {&band.low, &band.middle, &band.high}) *v = in.f64();
    }
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the forecasts of a checkpoint end too early");
  return {};
}

}  // namespace cityloop::traffic
