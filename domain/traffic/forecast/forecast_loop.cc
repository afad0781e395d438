#include "domain/traffic/forecast/forecast_loop.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "flow/forecast.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint64_t kScoreEvery = 12;  // steps: an hour
constexpr std::array<const char*, 4> kRoadNames{"slow", "middle", "fast", "unknown"};

std::uint64_t step_that_ends_after(flow::Instant at) {
  const std::int64_t step_us = ForecastLoop::kStep.count();
  return std::uint64_t((base::to_us(at) + step_us - 1) / step_us);
}

flow::Instant end_of(std::uint64_t step) {
  return base::from_us(std::int64_t(step) * ForecastLoop::kStep.count());
}

std::string group_name(std::size_t road, std::size_t horizon_at) {
  return fmt::format("{}-{}min", kRoadNames[road], kHorizonSteps[horizon_at] * 5);
}

// The places of the first and last point of a GeoJSON line, to some 10 m; empty for any other shape.
std::pair<std::string, std::string> ends_of(std::string_view geojson) {
  const auto shape = base::JsonValue::parse(geojson);
  const base::JsonValue* const line = shape ? shape->find("coordinates") : nullptr;
  if (!line || !line->array() || line->array()->size() < 2) return {};
  const auto place = [](const base::JsonValue& point) -> std::string {
    if (!point.array() || point.array()->size() < 2) return {};
    const double* const lon = (*point.array())[0].number();
    const double* const lat = (*point.array())[1].number();
    return lon && lat ? fmt::format("{:.4f} {:.4f}", *lon, *lat) : std::string{};
  };
  return {place(line->array()->front()), place(line->array()->back())};
}

}  // namespace

ForecastLoop::ForecastLoop(ForecastLoopOptions options)
    : options_(std::move(options)),
      type_(options_.type),
      attribute_(options_.attribute),
      free_flow_(options_.free_flow),
      values_{.event = {}, .light = kLightModels, .arena = Arena(kModels, options_.arena), .slots = {}, .refused = {}},
      calls_{.event = kCongestion, .light = 1, .arena = Arena(kCallers, options_.arena), .slots = {}, .refused = {}} {}

ForecastLoop::Road ForecastLoop::road_of(const Segment& segment) const {
  if (segment.free_flow_kmh <= 0) return Road::unknown;
  if (segment.free_flow_kmh < 45) return Road::slow;
  return segment.free_flow_kmh < 75 ? Road::middle : Road::fast;
}

float ForecastLoop::limit_kmh(const Segment& segment) const {
  return float(segment.free_flow_kmh * options_.congestion_share);
}

SegmentModel::Moment ForecastLoop::moment(std::uint64_t step) const {
  const base::Instant middle = options_.zone.to_local(end_of(step) - kStep / 2);
  const auto day = std::chrono::floor<std::chrono::days>(middle);
  const unsigned weekday = std::chrono::weekday(day).iso_encoding();  // Monday is 1
  return {.weekend = weekday >= 6, .slot = std::size_t((middle - day) / std::chrono::minutes(15))};
}

void ForecastLoop::touch(Segment& segment) {
  if (!segment.main_changed && !segment.gathered_changed && segment.blocks_changed == 0) changed_.push_back(&segment);
}

ForecastLoop::Segment* ForecastLoop::segment_of(flow::EntityId id) {
  if (const auto known = by_id_.find(id); known != by_id_.end()) return known->second;
  if (segments_.size() >= options_.segments_max) {
    ++counters_.too_many_segments;
    return nullptr;
  }
  Segment& made = segments_[id.text()];
  made.id = id;
  by_id_[id] = &made;
  touch(made);
  made.main_changed = true;
  return &made;
}

void ForecastLoop::forget(flow::EntityId id) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return;
  std::erase(changed_, known->second);
  forgotten_.emplace_back(id.text());
  segments_.erase(id.text());
  by_id_.erase(known);
  for (auto& [text, segment] : segments_) segment.links.clear();
  links_stale_ = true;
}

void ForecastLoop::take_speed(Segment& segment, double speed_kmh, double vehicles, flow::Instant observed_at) {
  const std::uint64_t step = step_that_ends_after(observed_at);
  if (step < step_ || step > step_ + 1) {
    ++counters_.late;
    return;
  }
  ++counters_.readings;
  Gathered& gathered = segment.gathered[std::size_t(step - step_)];
  gathered.sum += speed_kmh;
  gathered.vehicles += vehicles;
  ++gathered.count;
  touch(segment);
  segment.gathered_changed = true;
}

void ForecastLoop::on_change(const flow::Change& change, flow::Instant at) {
  if (change.kind == flow::ChangeKind::erased) return forget(change.entity);
  Segment* const segment = segment_of(change.entity);
  if (!segment) return;
  const flow::Attribute* speed = nullptr;
  double vehicles = -1;  // not told
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.removed || !told.now.dataset_id.empty()) continue;
    if (told.now.name == attribute_) {
      speed = &told.now;
    } else if (told.now.name == "intensity"_name) {
      const double* const counted = std::get_if<double>(&told.now.value);
      if (counted && *counted >= 0 && *counted < 1e6) vehicles = *counted;
    } else if (told.now.name == free_flow_) {
      const double* const value = std::get_if<double>(&told.now.value);
      touch(*segment);
      segment->free_flow_kmh = value && *value > 0 && *value < options_.value_most ? *value : 0;
      segment->main_changed = true;
    } else if (told.now.name == "location"_name) {
      const auto* const shape = std::get_if<flow::Json>(&told.now.value);
      touch(*segment);
      std::tie(segment->from, segment->to) = ends_of(shape ? shape->text.view() : std::string_view{});
      segment->main_changed = links_stale_ = true;
    }
  }
  const double* const value = speed ? std::get_if<double>(&speed->value) : nullptr;
  if (!value) return;
  const bool sound = *value > 0 || (options_.zero_is_measured && *value == 0);
  if (!sound || !(*value <= options_.value_most)) ++counters_.out_of_range;
  else if (vehicles == 0) ++counters_.without_vehicles;
  else
    take_speed(*segment, *value, std::max(vehicles, 0.0), speed->observed_at == flow::kNever ? at : speed->observed_at);
}

void ForecastLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  if (step_ == 0) {
    step_ = step_that_ends_after(record.at);
    shared_changed_ = true;
  }
  if (!std::exchange(mended_, true))
    for (Contest* const contest : {&values_, &calls_}) mend_slots(*contest, record.at, out);
  close_until(record.at, out);
  for (const flow::Change& change : record.changes) {
    if (change.is_a(type_)) on_change(change, record.at);
    else if (change.is_a(flow::kForecastModelType)) take_model(change, record.at, out);
  }
}

flow::Instant ForecastLoop::wakes_at() const {
  return step_ == 0 ? flow::kNever : end_of(step_) + options_.grace;
}

void ForecastLoop::close_until(flow::Instant at, twin::Outbox& out) {
  constexpr std::uint64_t kLongest = kHorizonSteps.back();
  for (std::uint64_t closed = 0; at >= wakes_at(); ++closed) {
    close(step_, out);
    ++step_;
    shared_changed_ = true;
    for (auto& [text, segment] : segments_) {
      segment.gathered = {segment.gathered[1], {}};
      touch(segment);
      segment.gathered_changed = true;
    }
    // After a long silence nothing that was said is left to settle: the rest of it is passed over.
    const std::uint64_t now = step_that_ends_after(at);
    if (closed > kLongest && now > step_ + 1) step_ = now - 1;
  }
}

void ForecastLoop::settle(Segment& segment, std::uint64_t step, const SegmentModel::Moment& now, LossTable& losses,
                          LossTable& call_losses) {
  const Gathered& gathered = segment.gathered[0];
  const float value = gathered.count > 0 ? float(gathered.sum / gathered.count) : kNan;
  const auto settled = segment.model.settle(step, value, float(gathered.vehicles), now);
  const float limit = limit_kmh(segment);
  const bool jam = segment.model.congested(limit);
  if (sink_) sink_->came(segment.id.text(), step, value, jam);
  touch(segment);
  if (limit > 0) segment.jam_blocks_changed |= 1U << segment.jams.settle(step, value, limit, jam, now);
  segment.main_changed = true;
  if (!std::isnan(value))
    segment.blocks_changed |= 1U << (((now.weekend ? UsualDay::kSlots : 0) + now.slot) / UsualDay::kBlock);
  const auto road = std::size_t(road_of(segment));
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const SegmentModel::Said& said = settled[h];
    if (!said.known) continue;
    if (limit > 0) {
      frequency_[said.bin].came += jam ? 1 : 0;
      frequency_[said.bin].all += 1;
      for (std::size_t caller = 0; caller < kCallers; ++caller)
        if (const double off = double(said.call[caller]) - (jam ? 1 : 0); !std::isnan(off))
          call_losses[road][h].add(caller, off * off);
    }
    if (std::isnan(value)) continue;
    for (std::size_t model = 0; model < kModels; ++model)
      if (!std::isnan(said.value[model]))
        losses[road][h].add(model, std::abs(double(value) - double(said.value[model])));
  }
}

void ForecastLoop::judge(Contest& contest, const LossTable& losses) {
  const std::size_t models = contest.light + kSlots;
  for (std::size_t road = 0; road < kRoads; ++road)
    for (std::size_t h = 0; h < kHorizons; ++h) {
      const Losses& loss = losses[road][h];
      if (loss.count[0] == 0) continue;
      std::array<double, kModels> mean{};
      // Who spoke of some stretches only is not compared: they may be the easy ones.
      for (std::size_t model = 0; model < models; ++model)
        mean[model] = loss.count[model] == loss.count[0] ? loss.sum[model] / loss.count[model] : double(kNan);
      if (contest.arena.judge(group_name(road, h), std::span(mean).first(models))) ++counters_.champions_changed;
    }
}

void ForecastLoop::link() {
  if (!links_stale_) return;
  std::map<std::string_view, std::vector<const Segment*>> begins, ends;
  for (const auto& [text, segment] : segments_) {
    if (segment.from.empty() || segment.to.empty()) continue;
    begins[segment.from].push_back(&segment);
    ends[segment.to].push_back(&segment);
  }
  for (auto& [text, segment] : segments_) {
    segment.links.clear();
    if (segment.from.empty() || segment.to.empty()) continue;
    for (const Segment* const next : begins[segment.to])
      if (next->to != segment.from) segment.links.push_back(next);
    for (const Segment* const before : ends[segment.from])
      if (before->from != segment.to) segment.links.push_back(before);
  }
  links_stale_ = false;
}

void ForecastLoop::close(std::uint64_t step, twin::Outbox& out) {
  link();
  Moments moments{moment(step)};
  for (std::size_t h = 0; h < kHorizons; ++h) moments[h + 1] = moment(step + kHorizonSteps[h]);
  LossTable losses{}, call_losses{};
  for (auto& [text, segment] : segments_) settle(segment, step, moments[0], losses, call_losses);
  judge(values_, losses);
  judge(calls_, call_losses);
  std::vector<Telling> tellings = light_words(moments);
  ask_trees(values_, step, moments, tellings);
  for (Telling& telling : tellings) choose(telling);
  ask_trees(calls_, step, moments, tellings);
  for (Telling& telling : tellings) tell(telling, step, out);
  if (step % kScoreEvery == 0)
    for (const Contest* const contest : {&values_, &calls_}) tell_contests(*contest, step, out);
}

std::vector<ForecastLoop::Telling> ForecastLoop::light_words(const Moments& moments) {
  std::vector<Telling> out;
  out.reserve(segments_.size());
  double whole = 0, fresh = 0, limited = 0, slow = 0;
  for (auto& [text, segment] : segments_) {
    Telling& telling = out.emplace_back();
    telling.segment = &segment;
    telling.row.free_flow_kmh = float(segment.free_flow_kmh);
    telling.row.limit_kmh = limit_kmh(segment);
    if (telling.row.limit_kmh > 0) limited += 1, slow += segment.jams.slow() ? 1 : 0;
    float near_limited = 0, near_slow = 0, near_jams = 0;
    for (const Segment* const other : segment.links) {
      if (limit_kmh(*other) > 0) {
        near_limited += 1;
        near_slow += other->jams.slow() ? 1.0F : 0.0F;
        near_jams += other->jams.congested() ? 1.0F : 0.0F;
      }
      if (!other->model.fresh()) continue;
      telling.row.near += other->model.departure(moments[0]);
      telling.row.near_count += 1;
    }
    if (telling.row.near_count > 0) telling.row.near /= telling.row.near_count;
    telling.row.near_slow = near_limited > 0 ? near_slow / near_limited : kNan;
    telling.row.near_jams = near_limited > 0 ? near_jams / near_limited : kNan;
    for (std::size_t h = 0; h < kHorizons; ++h)
      telling.said[h] = segment.model.say(h, moments[0], moments[h + 1], telling.row.near);
    if (!segment.model.fresh()) continue;
    whole += double(segment.model.departure(moments[0]));
    fresh += 1;
  }
  std::shift_right(whole_.begin(), whole_.end(), 1);
  whole_[0] = fresh > 0 ? float(whole / fresh) : 0;
  std::shift_right(slow_.begin(), slow_.end(), 1);
  slow_[0] = limited > 0 ? float(slow / limited) : 0;
  return out;
}

std::uint16_t ForecastLoop::bin_of(const Segment& segment, std::size_t horizon_at,
                                   const SegmentModel::Said& said) const {
  constexpr std::array<double, kRatios - 1> kEdges{0.6, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8};
  const auto limit = double(limit_kmh(segment));
  const double ratio = double(said.value[said.champion]) / limit;
  const auto at = std::size_t(std::upper_bound(kEdges.begin(), kEdges.end(), ratio) - kEdges.begin());
  const std::size_t jam = segment.model.congested(float(limit)) ? 1 : 0;
  return std::uint16_t((horizon_at * 2 + jam) * kRatios + at);
}

// Whose word is told, and what the frequencies say.
void ForecastLoop::choose(Telling& telling) {
  const Segment& segment = *telling.segment;
  const auto road = std::size_t(road_of(segment));
  for (std::size_t h = 0; h < kHorizons; ++h) {
    SegmentModel::Said& said = telling.said[h];
    if (!said.known) continue;
    segment.model.choose(said, h, values_.arena.champion(group_name(road, h)));
    if (telling.row.limit_kmh <= 0) continue;
    said.bin = bin_of(segment, h, said);
    const Frequency& seen = frequency_[said.bin];
    said.call[0] = float((seen.came + 0.05) / (seen.all + 1));
  }
}

void ForecastLoop::tell(Telling& telling, std::uint64_t step, twin::Outbox& out) {
  Segment& segment = *telling.segment;
  const auto road = std::size_t(road_of(segment));
  const double limit = segment.free_flow_kmh * options_.congestion_share;
  flow::Forecast forecast{.about = segment.id,
                          .attribute = options_.attribute,
                          .group = kRoadNames[road],
                          .event = limit > 0 ? std::string(kCongestion) : "",
                          .truth = {.span = kStep, .most = options_.value_most, .counted_by = "intensity"},
                          .issued_at = end_of(step)};
  if (!options_.zero_is_measured) forecast.truth.above = 0;
  if (limit > 0) forecast.truth.event_below = limit, forecast.truth.event_hold = 3 * kStep;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const SegmentModel::Said& said = telling.said[h];
    if (!said.known) continue;
    flow::ForecastStep told{.valid_at = end_of(step + kHorizonSteps[h]),
                            .low = double(said.quantile[0]),
                            .middle = double(said.quantile[1]),
                            .high = double(said.quantile[2]),
                            .model = kModelNames[said.champion]};
    if (limit > 0) {
      // A champion that says nothing is spoken for by the frequencies.
      const float call = said.call[calls_.arena.champion(group_name(road, h))];
      told.likelihood = double(std::isnan(call) ? said.call[0] : call);
    }
    segment.model.keep(step + kHorizonSteps[h], h, said);
    forecast.steps.push_back(std::move(told));
  }
  if (forecast.steps.empty()) return;
  ++counters_.forecasts;
  out.writes.push_back(flow::to_write(forecast));
}

flow::EntityId ForecastLoop::contest_id(const Contest& contest, std::string_view what) const {
  return flow::EntityId(fmt::format("urn:ngsi-ld:ForecastContest:{}:{}{}{}", options_.name, contest.event,
                                    contest.event.empty() ? "" : "-", what));
}

void ForecastLoop::tell_contests(const Contest& contest, std::uint64_t step, twin::Outbox& out) const {
  // Of values the mean absolute error; of calls the mean squared one, small where congestion is rare.
  const char* const measure = contest.event.empty() ? "meanAbsoluteError" : "brier";
  const double digits = contest.event.empty() ? 1e3 : 1e6;
  for (std::size_t road = 0; road < kRoads; ++road)
    for (std::size_t h = 0; h < kHorizons; ++h) {
      const std::string group = group_name(road, h);
      const auto standing = contest.arena.standing(group);
      if (!standing) continue;
      base::JsonWriter models;
      models.array();
      for (std::size_t model = 0; model < standing->mean_loss.size(); ++model) {
        if (std::isnan(standing->mean_loss[model])) continue;
        models.object().field("model", contest.name(model));
        if (model >= contest.light) models.field("file", contest.slots[model - contest.light].name);
        models.field("champion", model == standing->champion)
            .field(measure, std::round(standing->mean_loss[model] * digits) / digits)
            .field("better", std::round(standing->statistic[model] * 1000) / 1000)
            .end();
      }
      models.end();
      flow::NounWriter score(contest_id(contest, group), flow::kForecastContestType, flow::WriteMode::replace);
      score.text("attribute", options_.attribute).text("group", group);
      if (!contest.event.empty()) score.text("event", contest.event);
      score.text("champion", champion_name(contest, standing->champion)).number("moments", double(standing->moments));
      score.number("championsChanged", double(standing->changes));
      score.own_json("models"_name, models.str());
      out.writes.push_back(score.time("updatedAt", end_of(step)).take());
    }
}

}  // namespace cityloop::traffic
