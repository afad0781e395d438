// The rows of the forecasts' scores: n a series, p what a record said of one moment, r what a record measured, s a
// score, c the hour. Keys sort so that what others refer to by number is read before them.
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "learn/forecast_scores.h"

namespace cityloop::learn {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr char kSharedRow = 'c', kSeriesRow = 'n', kSaidRow = 'p', kMeasuredRow = 'r', kScoreRow = 's';

std::string numbered(char kind, std::uint64_t number) {
  return fmt::format("{}{:016x}", kind, number);
}

std::string said_key(flow::Instant valid_at, flow::Seq seq) {
  return fmt::format("{}{:016x}{:016x}", kSaidRow, std::uint64_t(base::to_us(valid_at)), seq);
}

std::uint64_t number_of(std::string_view hex) {
  std::uint64_t out = 0;
  for (const char c : hex) out = out << 4 | std::uint64_t(c >= 'a' ? c - 'a' + 10 : c - '0');
  return out;
}

}  // namespace

void ForecastScoreLoop::save_series(twin::StateRows& rows) {
  for (const std::uint32_t at : std::exchange(changed_series_, {})) {
    const Series& series = series_[at];
    base::ByteWriter out;
    out.u8(kVersion);
    out.text(series.about.text());
    out.text(series.attribute);
    out.text(flow::to_json(series.truth));
    out.u8(series.gone ? 1 : 0);
    rows.put(numbered(kSeriesRow, at), out.take());
  }
}

void ForecastScoreLoop::save_scores(twin::StateRows& rows) {
  for (std::size_t at = 0; at < scores_.size(); ++at) {
    Sums& sums = scores_[at];
    if (!std::exchange(sums.changed, false)) continue;
    base::ByteWriter out;
    out.u8(kVersion);
    for (const std::string* const text : {&sums.attribute, &sums.group, &sums.model, &sums.event}) out.text(*text);
    out.varint(std::uint64_t(sums.minutes));
    out.u8(sums.told ? 1 : 0);
    out.f64(sums.ever);
    for (const double* const value : sums.numbers()) out.f64(*value);
    rows.put(numbered(kScoreRow, at), out.take());
  }
}

void ForecastScoreLoop::save_changed(twin::StateRows& rows) {
  save_series(rows);
  save_scores(rows);
  for (const auto& [valid_at, seq] : std::exchange(new_said_, {})) {
    const auto at = waiting_.find(valid_at);
    if (at == waiting_.end()) continue;  // said and settled since
    for (const Batch& batch : at->second) {
      if (batch.seq != seq) continue;
      base::ByteWriter out;
      out.u8(kVersion);
      out.varint(batch.said.size());
      for (const Said& said : batch.said) {
        out.varint(said.series);
        out.varint(said.score);
        for (const double value : {said.low, said.middle, said.high, said.likelihood, said.persistence}) out.f64(value);
      }
      rows.put(said_key(valid_at, seq), out.take());
    }
  }
  for (const auto& [valid_at, seq] : std::exchange(settled_, {})) rows.erase(said_key(valid_at, seq));
  for (const flow::Seq seq : std::exchange(new_measured_, {})) {
    const auto batch = measured_.find(seq);
    if (batch == measured_.end()) continue;
    base::ByteWriter out;
    out.u8(kVersion);
    out.varint(batch->second.readings.size());
    for (const auto& [series, reading] : batch->second.readings) {
      out.varint(series);
      out.svarint(base::to_us(reading.at));
      out.f64(reading.value);
    }
    rows.put(numbered(kMeasuredRow, seq), out.take());
  }
  for (const flow::Seq seq : std::exchange(dropped_, {})) rows.erase(numbered(kMeasuredRow, seq));
  if (!std::exchange(hour_changed_, false)) return;
  base::ByteWriter out;
  out.u8(kVersion);
  out.svarint(hour_);
  rows.put(std::string(1, kSharedRow), out.take());
}

base::Status ForecastScoreLoop::load_row(std::string_view key, base::ByteReader& in) {
  if (const std::uint8_t version = in.u8(); version != kVersion)
    return base::fail(base::Errc::unsupported, "the forecasts' score '{}' has encoding {}, unknown here", key, version);
  const char kind = key.front();
  const auto damaged = [key] {
    return base::fail(base::Errc::corrupt, "the row '{}' of the forecasts' scores is damaged", key);
  };
  if (kind == kSharedRow) {
    hour_ = in.svarint();
  } else if (kind == kSeriesRow) {
    const std::uint64_t at = number_of(key.substr(1));
    if (at != series_.size()) return damaged();
    Series& series = series_.emplace_back();
    series.about = flow::EntityId(in.text());
    series.attribute = in.text();
    series.truth = TRY(flow::forecast_truth_from(in.text()));
    series.gone = in.u8() != 0;
    series.name = flow::Name(series.attribute);
    if (!series.truth.counted_by.empty()) series.counted_by = flow::Name(series.truth.counted_by);
    kept_ = std::max({kept_, series.truth.span + 2 * kGrace, series.truth.event_hold + 2 * kGrace});
    by_about_[series.about].push_back(std::uint32_t(at));
  } else if (kind == kSaidRow && key.size() == 33) {
    Batch batch{number_of(key.substr(17)), {}};
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      Said said{.series = std::uint32_t(in.varint()), .score = std::uint32_t(in.varint())};
      for (double* const value : {&said.low, &said.middle, &said.high, &said.likelihood, &said.persistence})
        *value = in.f64();
      if (said.series >= series_.size()) return damaged();
      batch.said.push_back(said);
    }
    waiting_[base::from_us(std::int64_t(number_of(key.substr(1, 16))))].push_back(std::move(batch));
  } else if (kind == kMeasuredRow) {
    Measured& batch = measured_[number_of(key.substr(1))];
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      const auto series = std::uint32_t(in.varint());
      const Reading reading{base::from_us(in.svarint()), in.f64()};
      if (series >= series_.size()) return damaged();
      batch.newest = std::max(batch.newest, reading.at);
      batch.readings.emplace_back(series, reading);
      add_reading(series, reading);
    }
  } else if (kind == kScoreRow) {
    if (number_of(key.substr(1)) != scores_.size()) return damaged();
    Sums& sums = scores_.emplace_back();
    for (std::string* const text : {&sums.attribute, &sums.group, &sums.model, &sums.event}) *text = in.text();
    sums.minutes = int(in.varint());
    sums.told = in.u8() != 0;
    sums.ever = in.f64();
    for (double* const value : sums.numbers()) *value = in.f64();
    score_by_key_[{sums.attribute, sums.group, sums.minutes, sums.model}] = std::uint32_t(scores_.size() - 1);
  } else {
    return damaged();
  }
  if (!in.ok()) return damaged();
  return {};
}

}  // namespace cityloop::learn
