#include "domain/traffic/guidance/incident_loop.h"

#include <algorithm>

#include "base/json_writer.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;
using base::JsonWriter;

std::string id_of(const Segment& segment, base::Instant opened) {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:";
  std::string_view tail = segment.id.text();
  if (tail.starts_with(kPrefix)) tail.remove_prefix(kPrefix.size());
  return fmt::format("urn:ngsi-ld:Finding:{}:{}:{}", kIncidentRule, tail, base::to_ms(opened));
}

std::string speed_text(double kmh) {
  return fmt::format("{:.0f}", kmh);
}

double rounded(double v) {
  return std::round(v * 100) / 100;
}

flow::Severity severity_of(const Incident& incident) {
  const double share = incident.free_flow_kmh > 0 ? incident.speed_kmh / incident.free_flow_kmh : 1;
  return share < 0.15 ? flow::Severity::severe : share < 0.35 ? flow::Severity::moderate : flow::Severity::minor;
}

}  // namespace

IncidentLoop::IncidentLoop(IncidentLoopOptions options)
    : options_(std::move(options)), forecasts_("averageVehicleSpeed"_name), watch_(options_.watch) {}

void IncidentLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  for (const flow::Change& change : record.changes) {
    if (forecasts_.see(change, record.at)) continue;
    const auto seen = segments_.see(change);
    if (!seen) continue;
    if (segments_[seen->segment].gone) {
      watch_.forget(seen->segment);
      clear(seen->segment, record.at, R"({"reason":"erased"})", out);
    } else if (seen->reading) {
      take_reading(seen->segment, out);
    }
  }
  for (auto next = open_.begin(); next != open_.end();) {
    const std::uint32_t segment = (next++)->first;
    if (watch_.silent(segment, record.at)) clear(segment, record.at, R"({"reason":"silent"})", out);
  }
}

std::optional<IncidentLoop::Expected> IncidentLoop::expected_of(std::uint32_t segment, base::Instant at) const {
  if (const auto band = forecasts_.at(segments_[segment].id, at))
    // Between the quantiles of 10 and 90 lie 2.56 standard deviations, and 1.25 mean absolute ones are a standard one.
    return Expected{band->middle, std::max(0.0, band->high - band->low) / 2.56 / 1.25, "forecast"};
  const auto usual = usual_.usual(segment, hour_of_kind(options_.time_zone.to_local(at)), options_.learn_min);
  if (usual) return Expected{usual->speed_kmh, usual->spread_kmh, "usual"};
  return std::nullopt;
}

IncidentReading IncidentLoop::reading_of(std::uint32_t segment, const std::optional<Expected>& expected) const {
  const Segment& one = segments_[segment];
  IncidentReading out{.segment = segment,
                      .at = one.speed_at,
                      .speed_kmh = one.speed_kmh,
                      .expected_kmh = expected ? expected->speed_kmh : 0,
                      .spread_kmh = expected ? expected->spread_kmh : 0,
                      .free_flow_kmh = one.free_flow_kmh};
  if (!std::isnan(one.occupancy)) out.occupancy = one.occupancy;
  if (std::isnan(one.intensity)) return out;
  out.vehicles = one.intensity;
  const std::uint32_t hour = hour_of_kind(options_.time_zone.to_local(one.speed_at));
  if (const auto usual = usual_vehicles_.usual(segment, hour, options_.learn_min))
    out.expected_vehicles = usual->speed_kmh, out.spread_vehicles = usual->spread_kmh;
  return out;
}

// What is unusually slow teaches a quarter: incidents hardly, a street that has become slow in the end.
void IncidentLoop::learn(std::uint32_t segment) {
  if (watch_.is_open(segment) || watch_.signs(segment) % 4 != 0) return;
  const Segment& one = segments_[segment];
  const std::uint32_t hour = hour_of_kind(options_.time_zone.to_local(one.speed_at));
  usual_.learn(segment, hour, watch_.speed_kmh(segment));
  if (!std::isnan(one.intensity)) usual_vehicles_.learn(segment, hour, watch_.vehicles(segment));
}

void IncidentLoop::take_reading(std::uint32_t segment, twin::Outbox& out) {
  const Segment& one = segments_[segment];
  if (one.speed_at == base::kNever || one.free_flow_kmh <= 0) return;
  // Where nobody was measured the source may have made up a speed; a road that is taken and that nobody leaves is
  // another matter.
  if (one.intensity < 1 && !(one.occupancy > 0.01)) return;
  if (linked_ != segments_.shapes()) {
    watch_.link(downstream_of(segments_.all()));
    linked_ = segments_.shapes();
  }
  ++counters_.readings;
  const auto expected = expected_of(segment, one.speed_at);
  const auto outcome = watch_.see(reading_of(segment, expected));
  if (outcome.opened) open(*outcome.opened, *expected, out);
  if (outcome.cleared) {
    JsonWriter why;
    why.object().field("reason", "condition").field("speedKmh", rounded(outcome.cleared->speed_kmh));
    why.field("expectedKmh", rounded(outcome.cleared->expected_kmh))
        .field("hold", base::format_duration(options_.watch.clear_hold));
    clear(segment, outcome.cleared->at, why.end().take(), out);
  }
  learn(segment);
}

void IncidentLoop::open(const Incident& incident, const Expected& expected, twin::Outbox& out) {
  const Segment& segment = segments_[incident.segment];
  flow::Finding finding;
  finding.rule = kIncidentRule;
  finding.about = segment.id;
  finding.opened_at = incident.at;
  finding.id = flow::EntityId(id_of(segment, incident.at));
  finding.severity = severity_of(incident);
  const auto named = [&](const std::string& name) { return name.empty() ? std::string(segment.id.text()) : name; };
  finding.title = {fmt::format("{} 疑似交通事件:车速 {} km/h(应为 {})", named(segment.name.zh),
                               speed_text(incident.speed_kmh), speed_text(incident.expected_kmh)),
                   fmt::format("{}: probable incident, {} km/h where {} was to be expected", named(segment.name.en),
                               speed_text(incident.speed_kmh), speed_text(incident.expected_kmh))};
  for (const std::uint32_t queued : incident.queue) finding.related.push_back(segments_[queued].id);
  std::ranges::sort(finding.related, {}, [](flow::EntityId id) { return id.text(); });
  finding.location = segment.location();
  JsonWriter why;
  why.object().field("rule", kIncidentRule).field("kind", "incident").field("since", base::format_time(incident.since));
  why.field("speedKmh", rounded(incident.speed_kmh))
      .field("expectedKmh", rounded(incident.expected_kmh))
      .field("expectedBy", expected.by);
  why.field("usualSpreadKmh", rounded(expected.spread_kmh)).field("freeFlowKmh", rounded(incident.free_flow_kmh));
  why.field("readings", incident.signs)
      .field("runningSum", rounded(incident.sum))
      .field("limit", rounded(incident.needed));
  why.field("slowDeviations", rounded(incident.slow)).field("lackDeviations", rounded(incident.lack));
  if (incident.beyond_ratio) why.field("beyondRatio", rounded(*incident.beyond_ratio));
  why.key("values").array().object().field("entity", segment.id.text()).field("attribute", "averageVehicleSpeed");
  why.field("value", incident.speed_kmh)
      .field("unitCode", "KMH")
      .field("observedAt", base::format_time(incident.at))
      .end()
      .end();
  finding.why = why.end().take();
  if (!options_.case_kind.empty()) {
    JsonWriter response;
    response.object().field("case", options_.case_kind);
    if (!options_.department.empty()) response.field("department", options_.department);
    finding.response = response.end().take();
  }
  out.writes.push_back(flow::to_write(finding));
  open_[incident.segment] = std::move(finding);
  ++counters_.opened;
}

void IncidentLoop::clear(std::uint32_t segment, base::Instant at, std::string why, twin::Outbox& out) {
  const auto known = open_.find(segment);
  if (known == open_.end()) return;
  flow::Finding& finding = known->second;
  finding.status = flow::FindingStatus::cleared;
  finding.cleared_at = std::max(at, finding.opened_at);
  finding.cleared_why = std::move(why);
  out.writes.push_back(flow::to_write(finding));
  open_.erase(known);
  ++counters_.cleared;
}

void IncidentLoop::save(base::ByteWriter& out) const {
  out.u8(2);
  segments_.save(out);
  forecasts_.save(out);
  usual_.save(out);
  usual_vehicles_.save(out);
  watch_.save(out);
  out.varint(open_.size());
  for (const auto& [segment, finding] : open_) {
    out.varint(segment);
    for (const std::string_view text :
         {finding.id.text(), std::string_view(finding.title.zh), std::string_view(finding.title.en),
          std::string_view(finding.why), std::string_view(finding.location), std::string_view(finding.response)})
      out.text(text);
    out.u8(std::uint8_t(finding.severity));
    out.svarint(base::to_us(finding.opened_at));
    out.varint(finding.related.size());
    for (const flow::EntityId id : finding.related) out.text(id.text());
  }
}

base::Status IncidentLoop::load(base::ByteReader& in) {
  if (in.u8() != 2) return base::fail(base::Errc::unsupported, "a checkpoint of incidents of another form");
  TRY(segments_.load(in));
  TRY(forecasts_.load(in));
  TRY(usual_.load(in));
  TRY(usual_vehicles_.load(in));
  TRY(watch_.load(in));
  open_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const auto segment = std::uint32_t(in.varint());
    if (segment >= segments_.size())
      return base::fail(base::Errc::corrupt, "an incident on a segment that is not known");
    flow::Finding& finding = open_[segment];
    finding.rule = kIncidentRule;
    finding.about = segments_[segment].id;
    finding.id = flow::EntityId(in.text());
    for (std::string* const text :
         {&finding.title.zh, &finding.title.en, &finding.why, &finding.location, &finding.response})
      *text = in.text();
    finding.severity = flow::Severity(std::min<std::uint8_t>(in.u8(), 3));
    finding.opened_at = base::from_us(in.svarint());
    for (std::uint64_t more = in.varint(); more > 0 && in.ok(); --more) finding.related.emplace_back(in.text());
  }
  linked_ = ~std::uint64_t{0};
  if (!in.ok()) return base::fail(base::Errc::corrupt, "a checkpoint of incidents ends too early");
  return {};
}

}  // namespace cityloop::traffic
