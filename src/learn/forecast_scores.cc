#include "learn/forecast_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::learn {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kCalled = 0.5;
const double kHourly = std::exp2(-1 / 168.0);  // half of the weight goes in a week

double pinball(double level, double said, double truth) {
  return truth >= said ? level * (truth - said) : (1 - level) * (said - truth);
}

std::int64_t hour_of(flow::Instant at) {
  return std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count();
}

}  // namespace

std::vector<double*> ForecastScoreLoop::Sums::numbers() {
  std::vector<double*> out{&count, &unknown, &absolute, &squares, &error, &pinball, &inside, &under};
  out.insert(out.end(),
             {&persistence_absolute, &persistence_squares, &judged, &likelihood_squares, &came, &calls, &calls_right});
  for (Bin& bin : bins) out.insert(out.end(), {&bin.said, &bin.came, &bin.count});
  return out;
}

std::size_t ForecastScoreLoop::waiting() const {
  std::size_t out = 0;
  for (const auto& [at, batches] : waiting_)
    for (const Batch& batch : batches) out += batch.said.size();
  return out;
}

flow::Instant ForecastScoreLoop::wakes_at() const {
  return waiting_.empty() ? flow::kNever : waiting_.begin()->first + kGrace;
}

void ForecastScoreLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  settle_until(record.at);
  drop_readings(record.at);
  if (hour_of(record.at) > hour_) tell(record.at, out);
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kForecastType)) {
      if (change.kind != flow::ChangeKind::erased) take_forecast(change, record);
    } else if (!by_about_.empty()) {
      take_readings(change, record);
    }
  }
}

std::uint32_t ForecastScoreLoop::series_of(const flow::Forecast& forecast) {
  std::vector<std::uint32_t>& known = by_about_[forecast.about];
  const auto found =
      std::ranges::find_if(known, [&](std::uint32_t at) { return series_[at].attribute == forecast.attribute; });
  const std::uint32_t at = found == known.end() ? std::uint32_t(series_.size()) : *found;
  if (found == known.end()) {
    known.push_back(at);
    series_.push_back({.about = forecast.about,
                       .attribute = forecast.attribute,
                       .name = flow::Name(forecast.attribute),
                       .counted_by = {},
                       .truth = {},
                       .readings = {}});
  } else if (series_[at].truth == forecast.truth && !series_[at].gone) {
    return at;
  }
  Series& series = series_[at];
  series.gone = false;
  series.truth = forecast.truth;
  series.counted_by = series.truth.counted_by.empty() ? flow::Name{} : flow::Name(series.truth.counted_by);
  kept_ = std::max({kept_, series.truth.span + 2 * kGrace, series.truth.event_hold + 2 * kGrace});
  changed_series_.push_back(at);
  return at;
}

std::uint32_t ForecastScoreLoop::score_of(const flow::Forecast& forecast, const std::string& model, int minutes) {
  const auto [known, is_new] =
      score_by_key_.try_emplace({forecast.attribute, forecast.group, minutes, model}, std::uint32_t(scores_.size()));
  if (is_new) {
    Sums& made = scores_.emplace_back();
    std::tie(made.attribute, made.group, made.minutes, made.model) = known->first;
    made.changed = true;  // what waits refers to it by number
  }
  if (scores_[known->second].event.empty()) scores_[known->second].event = forecast.event;
  return known->second;
}

void ForecastScoreLoop::take_forecast(const flow::Change& change, const flow::LogRecord& record) {
  const auto read = flow::forecast_from(flow::entity_after({}, change));
  if (!read || read->about.empty() || read->attribute.empty() || read->issued_at == flow::kNever) {
    ++counters_.unreadable;
    return;
  }
  ++counters_.forecasts;
  const std::uint32_t series = series_of(*read);
  const double now = persistence(series_[series], read->issued_at);
  for (const flow::ForecastStep& step : read->steps) {
    if (step.valid_at <= read->issued_at) continue;  // nothing was foreseen
    const auto minutes = int(std::chrono::round<std::chrono::minutes>(step.valid_at - read->issued_at).count());
    std::vector<Batch>& batches = waiting_[step.valid_at];
    if (batches.empty() || batches.back().seq != record.seq) {
      batches.push_back({record.seq, {}});
      new_said_.emplace_back(step.valid_at, record.seq);
    }
    batches.back().said.push_back({.series = series,
                                   .score = score_of(*read, step.model, minutes),
                                   .low = step.low,
                                   .middle = step.middle,
                                   .high = step.high,
                                   .likelihood = step.likelihood.value_or(kNan),
                                   .persistence = now});
  }
}

void ForecastScoreLoop::take_readings(const flow::Change& change, const flow::LogRecord& record) {
  const auto known = by_about_.find(change.entity);
  if (known == by_about_.end()) return;
  if (change.kind == flow::ChangeKind::erased) {
    for (const std::uint32_t at : known->second) {
      series_[at].gone = true;
      changed_series_.push_back(at);
    }
    return;
  }
  const auto told_of = [&change](flow::Name name) -> const flow::Attribute* {
    for (const flow::AttributeChange& told : change.attributes)
      if (told.now.name == name && !told.removed && told.now.dataset_id.empty()) return &told.now;
    return nullptr;
  };
  for (const std::uint32_t at : known->second) {
    const Series& series = series_[at];
    const flow::Attribute* const told = told_of(series.name);
    const double* const value = told ? std::get_if<double>(&told->value) : nullptr;
    if (!value || !std::isfinite(*value)) continue;
    if (series.truth.above && *value <= *series.truth.above) continue;
    if (series.truth.most && *value > *series.truth.most) continue;
    const flow::Attribute* const counted = series.counted_by.empty() ? nullptr : told_of(series.counted_by);
    const double* const count = counted ? std::get_if<double>(&counted->value) : nullptr;
    if (count && *count == 0) continue;
    const Reading reading{told->observed_at == flow::kNever ? record.at : told->observed_at, *value};
    if (reading.at > record.at + std::chrono::hours(1) || reading.at < record.at - kept_) continue;
    add_reading(at, reading);
    const auto [batch, is_new] = measured_.try_emplace(record.seq);
    if (is_new) new_measured_.push_back(record.seq);
    batch->second.newest = std::max(batch->second.newest, reading.at);
    batch->second.readings.emplace_back(at, reading);
  }
}

void ForecastScoreLoop::add_reading(std::uint32_t at, Reading reading) {
  std::deque<Reading>& all = series_[at].readings;
  auto place = all.end();
  while (place != all.begin() && std::prev(place)->at > reading.at) --place;
  all.insert(place, reading);
}

double ForecastScoreLoop::mean_of(const Series& series, flow::Instant from, flow::Instant to) const {
  double sum = 0, count = 0;
  for (auto it = series.readings.rbegin(); it != series.readings.rend() && it->at > from; ++it) {
    if (it->at > to) continue;
    sum += it->value;
    count += 1;
  }
  return count > 0 ? sum / count : kNan;
}

double ForecastScoreLoop::persistence(const Series& series, flow::Instant at) const {
  const double mean = mean_of(series, at - series.truth.span, at);
  if (!std::isnan(mean)) return mean;
  for (auto it = series.readings.rbegin(); it != series.readings.rend(); ++it)
    if (it->at <= at) return it->at > at - kKept ? it->value : kNan;
  return kNan;
}

bool ForecastScoreLoop::event_came(const Series& series, flow::Instant valid_at) const {
  const flow::ForecastTruth& truth = series.truth;
  const auto spans = std::max<std::int64_t>(1, truth.event_hold / truth.span);
  std::int64_t measured = 0;
  for (std::int64_t back = 0; back < spans; ++back) {
    const flow::Instant to = valid_at - back * truth.span;
    const double mean = mean_of(series, to - truth.span, to);
    if (std::isnan(mean)) continue;
    if (mean >= *truth.event_below) return false;
    ++measured;
  }
  return 2 * measured >= spans && measured > 0;
}

void ForecastScoreLoop::settle(const Said& said, flow::Instant valid_at) {
  const Series& series = series_[said.series];
  if (series.gone || said.score >= scores_.size()) return;
  Sums& sums = scores_[said.score];
  sums.changed = true;
  sums.told = false;
  if (!std::isnan(said.likelihood) && series.truth.event_below) {
    const double came = event_came(series, valid_at) ? 1 : 0;
    sums.judged += 1;
    sums.likelihood_squares += (said.likelihood - came) * (said.likelihood - came);
    sums.came += came;
    sums.calls += said.likelihood >= kCalled ? 1 : 0;
    sums.calls_right += said.likelihood >= kCalled ? came : 0;
    Bin& bin = sums.bins[std::size_t(std::clamp(said.likelihood * 10, 0.0, 9.0))];
    bin.said += said.likelihood;
    bin.came += came;
    bin.count += 1;
  }
  const double truth = mean_of(series, valid_at - series.truth.span, valid_at);
  if (std::isnan(truth) || std::isnan(said.persistence)) {
    ++counters_.unknown;
    sums.unknown += 1;
    return;
  }
  ++counters_.scored;
  sums.ever += 1;
  sums.count += 1;
  const double error = said.middle - truth, stayed = said.persistence - truth;
  sums.absolute += std::abs(error);
  sums.squares += error * error;
  sums.error += error;
  sums.pinball +=
      (pinball(0.1, said.low, truth) + pinball(0.5, said.middle, truth) + pinball(0.9, said.high, truth)) / 3;
  sums.inside += truth >= said.low && truth <= said.high ? 1 : 0;
  sums.under += truth < said.middle ? 1 : 0;
  sums.persistence_absolute += std::abs(stayed);
  sums.persistence_squares += stayed * stayed;
}

void ForecastScoreLoop::settle_until(flow::Instant at) {
  while (!waiting_.empty() && waiting_.begin()->first + kGrace <= at) {
    const auto& [valid_at, batches] = *waiting_.begin();
    for (const Batch& batch : batches) {
      for (const Said& said : batch.said) settle(said, valid_at);
      settled_.emplace_back(valid_at, batch.seq);
    }
    waiting_.erase(waiting_.begin());
  }
}

// Readings go with the record that brought them.
void ForecastScoreLoop::drop_readings(flow::Instant at) {
  while (!measured_.empty() && measured_.begin()->second.newest < at - kept_) {
    for (const auto& [series, reading] : measured_.begin()->second.readings) {
      std::deque<Reading>& all = series_[series].readings;
      const auto same = [&reading](const Reading& one) { return one.at == reading.at && one.value == reading.value; };
      if (const auto found = std::ranges::find_if(all, same); found != all.end()) all.erase(found);
    }
    dropped_.push_back(measured_.begin()->first);
    measured_.erase(measured_.begin());
  }
}

flow::ForecastScore ForecastScoreLoop::score_from(const Sums& sums, flow::Instant at) const {
  const double count = std::max(sums.count, 1e-9), judged = std::max(sums.judged, 1e-9);
  const double share = sums.came / judged;
  flow::ForecastScore out{.attribute = sums.attribute, .group = sums.group, .model = sums.model};
  out.minutes = sums.minutes;
  out.ever = sums.ever;
  out.count = sums.count;
  out.unknown = sums.unknown;
  out.mae = sums.absolute / count;
  out.rmse = std::sqrt(sums.squares / count);
  out.bias = sums.error / count;
  out.pinball = sums.pinball / count;
  out.coverage = sums.inside / count;
  out.under_middle = sums.under / count;
  out.persistence_mae = sums.persistence_absolute / count;
  out.persistence_rmse = std::sqrt(sums.persistence_squares / count);
  out.updated_at = at;
  if (sums.judged <= 0) return out;
  out.event = sums.event;
  out.judged = sums.judged;
  out.brier = sums.likelihood_squares / judged;
  out.climate_brier = share * (1 - share);
  out.calls = sums.calls;
  out.calls_right = sums.calls_right;
  out.came = sums.came;
  for (const Bin& bin : sums.bins)
    if (bin.count > 0) out.reliability.push_back({bin.said / bin.count, bin.came / bin.count, bin.count});
  return out;
}

void ForecastScoreLoop::tell(flow::Instant at, twin::Outbox& out) {
  const std::int64_t hours = hour_ == 0 ? 0 : std::min<std::int64_t>(hour_of(at) - hour_, std::int64_t{24} * 365);
  hour_ = hour_of(at);
  hour_changed_ = true;
  const double left = std::pow(kHourly, double(hours));
  for (const auto& [key, number] : score_by_key_) {
    Sums& sums = scores_[number];
    if (!sums.told) out.writes.push_back(flow::to_write(score_from(sums, at)));
    sums.told = true;
    for (double* const value : sums.numbers()) *value *= left;
    sums.changed = true;
  }
}

}  // namespace cityloop::learn
