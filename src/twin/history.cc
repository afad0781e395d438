#include "twin/history.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Instant;
using flow::Name;
using store::Table;

constexpr std::size_t kRunSamples = 240;
constexpr base::Duration kRunSpan = std::chrono::hours(24);
constexpr std::size_t kWaitingMax = 200'000;  // samples in memory only, before all runs are written

// URN, attribute, then the run's first time; big-endian with the sign turned, so that keys sort as times do.
std::string key_prefix(EntityId entity, Name attribute) {
  std::string key(entity.text());
  key += '\0';
  key += attribute.text();
  key += '\0';
  return key;
}

std::string run_key(std::string prefix, Instant at, std::uint8_t kind) {
  auto ms = std::uint64_t(base::to_ms(at)) ^ (1ull << 63);
  for (int shift = 56; shift >= 0; shift -= 8) prefix += char(ms >> shift & 0xff);
  prefix += char(kind);
  return prefix;
}

constexpr std::uint8_t kInOrder = 0, kLate = 1;

std::optional<double> number_of(const flow::Value& value) {
  if (const double* number = std::get_if<double>(&value)) return *number;
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? 1.0 : 0.0;
  return std::nullopt;
}

}  // namespace

History::History(const store::Store& store) : store_(store) {}

void History::on_record(const flow::LogRecord& record, Outbox& outbox) {
  const std::lock_guard lock(mutex_);
  for (const flow::Change& change : record.changes) {
    for (const flow::AttributeChange& told : change.attributes) {
      if (told.removed || told.now.observed_at == flow::kNever) continue;
      const auto value = number_of(told.now.value);
      if (value && std::isfinite(*value)) add(change.entity, told.now.name, {told.now.observed_at, *value}, outbox);
    }
  }
  if (waiting_ >= kWaitingMax) write_all(outbox);
}

void History::add(EntityId entity, Name attribute, Sample sample, Outbox& outbox) {
  sample.at = base::from_ms(base::to_ms(sample.at));
  Series& series = series_[key(entity, attribute)];
  Run& open = series.open;
  if (open.samples.size() == open.written && series.late.empty()) unwritten_.push_back(key(entity, attribute));
  ++waiting_;
  if (!open.samples.empty() && sample.at <= open.samples.back().at) {
    series.late.push_back(sample);
    return;
  }
  const bool full =
      open.samples.size() >= kRunSamples || (!open.samples.empty() && sample.at - open.samples.front().at >= kRunSpan);
  if (full) {
    write_run(entity, attribute, open, outbox);
    open = {};
  }
  open.samples.push_back(sample);
}

void History::write_run(EntityId entity, Name attribute, Run& run, Outbox& outbox) {
  if (run.written == run.samples.size()) return;
  waiting_ -= run.samples.size() - run.written;
  outbox.puts.push_back({Table::series, run_key(key_prefix(entity, attribute), run.samples.front().at, kInOrder),
                         encode_samples(run.samples)});
  run.written = run.samples.size();
}

void History::write_all(Outbox& outbox) {
  for (const std::uint64_t which : unwritten_) {
    Series& series = series_[which];
    const auto entity = EntityId::from_number(std::uint32_t(which >> 32));
    const Name attribute = Name::from_number(std::uint32_t(which));
    write_run(entity, attribute, series.open, outbox);
    // A late run's key must not meet another's: runs of one sample, so that the same moment is simply corrected.
    for (const Sample& sample : series.late) {
      outbox.puts.push_back(
          {Table::series, run_key(key_prefix(entity, attribute), sample.at, kLate), encode_samples({&sample, 1})});
    }
    waiting_ -= series.late.size();
    series.late.clear();
  }
  unwritten_.clear();
}

void History::before_checkpoint(Outbox& outbox) {
  const std::lock_guard lock(mutex_);
  write_all(outbox);
}

base::Result<std::vector<Sample>> History::samples(const SeriesQuery& query) const {
  std::map<Instant, double> merged;
  const auto take = [&](const Sample& sample) {
    if (sample.at >= query.from && sample.at < query.to) merged[sample.at] = sample.value;
  };
  const std::string prefix = key_prefix(query.entity, query.attribute);
  const Instant first = query.from == flow::kNever ? flow::kNever : query.from - kRunSpan;
  const std::string from = first == flow::kNever ? prefix : run_key(prefix, first, kInOrder);
  std::string to = prefix;
  to.back() = '\1';
  if (query.to != Instant::max()) to = run_key(prefix, query.to, kLate + 1);
  base::Status damaged;
  std::vector<Sample> late;
  TRY(store_.scan(Table::series, from, to, [&](std::string_view key, std::string_view value) {
    auto run = decode_samples(value);
    if (!run) {
      damaged = base::fail(base::Errc::corrupt, "history of '{}' {}: {}", query.entity.text(), query.attribute.text(),
                           run.error().message);
      return false;
    }
    if (std::uint8_t(key.back()) == kLate) late.insert(late.end(), run->begin(), run->end());
    else std::for_each(run->begin(), run->end(), take);
    return true;
  }));
  TRY(damaged);
  std::for_each(late.begin(), late.end(), take);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = series_.find(key(query.entity, query.attribute)); found != series_.end()) {
      std::for_each(found->second.open.samples.begin(), found->second.open.samples.end(), take);
      std::for_each(found->second.late.begin(), found->second.late.end(), take);
    }
  }
  std::vector<Sample> out;
  out.reserve(merged.size());
  for (const auto& [at, value] : merged) out.push_back({at, value});
  return thin(std::move(out), query.points_max);
}

std::vector<Sample> thin(std::vector<Sample> samples, std::size_t points_max) {
  if (points_max < 2 || samples.size() <= points_max) return samples;
  const std::size_t stretches = points_max / 2;
  const double span = double((samples.back().at - samples.front().at).count()) + 1;
  std::vector<Sample> out;
  const Instant begin = samples.front().at;
  for (std::size_t i = 0; i < samples.size();) {
    const auto stretch = [&](const Sample& s) {
      return std::size_t(double((s.at - begin).count()) / span * double(stretches));
    };
    const std::size_t mine = stretch(samples[i]);
    std::size_t low = i, high = i;
    for (; i < samples.size() && stretch(samples[i]) == mine; ++i) {
      if (samples[i].value < samples[low].value) low = i;
      if (samples[i].value > samples[high].value) high = i;
    }
    out.push_back(samples[std::min(low, high)]);
    if (low != high) out.push_back(samples[std::max(low, high)]);
  }
  return out;
}

}  // namespace cityloop::twin
