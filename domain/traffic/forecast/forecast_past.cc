#include "domain/traffic/forecast/forecast_past.h"

#include <algorithm>
#include <utility>

#include "flow/forecast.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr std::string_view kChampionsRow = "champions";  // no entity is called so: theirs are URIs
constexpr std::size_t kChangesMost = 50;

// The horizon that is meant; whatever is not one of ours is shown nowhere.
std::optional<std::size_t> horizon_of(base::Duration ahead) {
  for (std::size_t i = 0; i < kShownMinutes.size(); ++i)
    if (ahead == std::chrono::minutes(kShownMinutes[i])) return i;
  return std::nullopt;
}

}  // namespace

void ForecastPast::on_record(const flow::LogRecord& record, twin::Outbox&) {
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kForecastContestType) && change.kind != flow::ChangeKind::erased)
      take_contest(flow::entity_after({}, change), record.at);
    if (!change.is_a(flow::kForecastType) || change.kind == flow::ChangeKind::erased) continue;
    const auto forecast = flow::forecast_from(flow::entity_after({}, change));
    if (!forecast || forecast->attribute != attribute_) continue;
    const std::lock_guard lock(mutex_);
    Horizons& held = segments_[forecast->about];
    for (const flow::ForecastStep& step : forecast->steps) {
      const auto horizon = horizon_of(step.valid_at - forecast->issued_at);
      if (!horizon) continue;
      std::vector<PastForecast>& all = held[*horizon];
      std::erase_if(all, [&](const PastForecast& one) {
        return one.valid_at >= step.valid_at ||
               step.valid_at - one.valid_at > kKept + base::Duration(std::chrono::hours(1));
      });
      all.push_back({step.valid_at, float(step.low), float(step.middle), float(step.high)});
    }
    changed_.insert(forecast->about.text());
  }
}

void ForecastPast::take_contest(const flow::Entity& contest, flow::Instant at) {
  const std::string champion(contest.text("champion"_name));
  if (champion.empty()) return;
  const std::lock_guard lock(mutex_);
  std::string& held = champions_[std::string(contest.id.text())];
  if (held == champion) return;
  if (!held.empty()) {
    changes_.push_back({.at = at,
                        .attribute = std::string(contest.text("attribute"_name)),
                        .event = std::string(contest.text("event"_name)),
                        .group = std::string(contest.text("group"_name)),
                        .former = held,
                        .champion = champion});
    if (changes_.size() > kChangesMost) changes_.pop_front();
  }
  held = champion;
  champions_changed_ = true;
}

std::vector<ChampionChange> ForecastPast::changes() const {
  const std::lock_guard lock(mutex_);
  return {changes_.rbegin(), changes_.rend()};
}

base::Status ForecastPast::load_champions(base::ByteReader& in) {
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string contest(in.text());
    champions_[contest] = in.text();
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    ChampionChange one{.at = base::from_us(in.svarint())};
    for (std::string* text : {&one.attribute, &one.group, &one.former, &one.champion}) *text = in.text();
    changes_.push_back(std::move(one));
  }
  // Rows from before events were called end here.
  if (!in.at_end())
    for (ChampionChange& one : changes_) one.event = in.text();
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the champions among the forecasts are cut short");
  return {};
}

void ForecastPast::save_changed(twin::StateRows& rows) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(champions_changed_, false)) {
    base::ByteWriter out;
    out.varint(champions_.size());
    for (const auto& [contest, champion] : champions_) out.text(contest), out.text(champion);
    out.varint(changes_.size());
    for (const ChampionChange& one : changes_) {
      out.svarint(base::to_us(one.at));
      for (const std::string* text : {&one.attribute, &one.group, &one.former, &one.champion}) out.text(*text);
    }
    for (const ChampionChange& one : changes_) out.text(one.event);
    rows.put(kChampionsRow, out.take());
  }
  for (const std::string_view id : changed_) {
    base::ByteWriter out;
    for (const std::vector<PastForecast>& all : segments_.at(flow::EntityId(id))) {
      out.varint(all.size());
      for (const PastForecast& one : all) {
        out.svarint(base::to_us(one.valid_at));
        for (const float value : {one.low, one.middle, one.high}) out.f64(value);
      }
    }
    rows.put(id, out.take());
  }
  changed_.clear();
}

base::Status ForecastPast::load_row(std::string_view key, base::ByteReader& in) {
  const std::lock_guard lock(mutex_);
  if (key == kChampionsRow) return load_champions(in);
  for (std::vector<PastForecast>& all : segments_[flow::EntityId(key)]) {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      PastForecast one{base::from_us(in.svarint())};
      for (float* value : {&one.low, &one.middle, &one.high}) *value = float(in.f64());
      all.push_back(one);
    }
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the past forecasts of {} are cut short", key);
  return {};
}

std::vector<PastForecast> ForecastPast::of(flow::EntityId segment, std::size_t horizon) const {
  const std::lock_guard lock(mutex_);
  const auto found = segments_.find(segment);
  return found == segments_.end() ? std::vector<PastForecast>{} : found->second[horizon];
}

}  // namespace cityloop::traffic
