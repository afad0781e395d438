#include "decide/rule/usual.h"

#include <algorithm>
#include <cmath>

namespace cityloop::decide {
namespace {

float middle(std::vector<float>& values) {
  const auto at = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  if (values.size() % 2 == 1) return *at;
  return (*at + *std::max_element(values.begin(), at)) / 2;
}

}  // namespace

LocalHour local_hour(const base::TimeZone& zone, Instant t) {
  const std::int64_t hours = std::chrono::floor<std::chrono::hours>(zone.to_local(t)).time_since_epoch().count();
  const std::int64_t since_monday = hours + 72;  // 1970-01-01 was a Thursday
  const std::int64_t week = since_monday >= 0 ? since_monday / 168 : (since_monday - 167) / 168;
  return {std::uint32_t(since_monday - week * 168), std::int32_t(week)};
}

Usual::Sight Usual::look(const Unusual&, LocalHour local) const {
  const Hour& hour = hours_[local.of_week];
  if (hour.values.empty()) return {};
  if (!hour.fresh) {
    std::vector<float> values = hour.values;
    hour.median = middle(values);
    for (float& value : values) value = std::fabs(value - hour.median);
    hour.mad = middle(values);
    hour.fresh = true;
  }
  const std::uint32_t weeks = hour.weeks - (hour.last_week == local.week ? 1 : 0);
  return {hour.values.size(), weeks, hour.median, hour.mad};
}

void Usual::learn(const Unusual& rule, LocalHour local, std::int64_t at_us, double value) {
  Hour& hour = hours_[local.of_week];
  if (!std::isfinite(float(value))) return;
  const std::int64_t spacing_us = 3'600'000'000 / rule.samples_per_hour;
  if (hour.last_us != INT64_MIN && at_us - hour.last_us < spacing_us) return;
  const std::size_t max = std::size_t(rule.samples_per_hour) * rule.weeks_kept;
  if (hour.values.size() < max) {
    hour.values.push_back(float(value));
  } else {
    hour.values[hour.next] = float(value);
    hour.next = std::uint32_t((hour.next + 1) % max);
  }
  if (hour.last_week != local.week) hour.weeks = std::min(hour.weeks + 1, rule.weeks_kept + 1);
  hour.last_week = local.week;
  hour.last_us = at_us;
  hour.fresh = false;
}

void Usual::save(base::ByteWriter& out) const {
  for (const Hour& hour : hours_) {
    out.varint(hour.values.size());
    if (hour.values.empty()) continue;
    for (const float value : hour.values) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      for (int shift = 0; shift < 32; shift += 8) out.u8(std::uint8_t(bits >> shift));
    }
    out.varint(hour.next);
    out.varint(hour.weeks);
    out.svarint(hour.last_week);
    out.svarint(hour.last_us);
  }
}

void Usual::load(base::ByteReader& in) {
  for (Hour& hour : hours_) {
    hour = {};
    const std::uint64_t count = in.varint();
    if (count == 0) continue;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
      std::uint32_t bits = 0;
      for (int shift = 0; shift < 32; shift += 8) bits |= std::uint32_t(in.u8()) << shift;
      hour.values.push_back(std::bit_cast<float>(bits));
    }
    hour.next = std::uint32_t(in.varint());
    hour.weeks = std::uint32_t(in.varint());
    hour.last_week = std::int32_t(in.svarint());
    hour.last_us = in.svarint();
  }
}

}  // namespace cityloop::decide
