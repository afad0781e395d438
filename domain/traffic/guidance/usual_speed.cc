#include "domain/traffic/guidance/usual_speed.h"

#include <algorithm>
#include <cmath>

namespace cityloop::traffic {
namespace {

constexpr std::uint32_t kReadingsMax = 200;

}  // namespace

std::uint32_t hour_of_kind(base::Instant local) {
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const unsigned weekday = std::chrono::weekday(day).iso_encoding();
  const auto hour = std::chrono::duration_cast<std::chrono::hours>(local - day).count();
  return std::uint32_t(hour) + (weekday >= 6 ? 24 : 0);
}

void UsualSpeeds::learn(std::uint32_t segment, std::uint32_t hour, double speed_kmh) {
  if (segment >= hours_.size()) hours_.resize(segment + 1);
  Hour& one = hours_[segment][hour];
  one.readings = std::min(one.readings + 1, kReadingsMax);
  const double share = 1.0 / one.readings;
  const double off = speed_kmh - double(one.mean_kmh);
  one.mean_kmh = float(double(one.mean_kmh) + share * off);
  if (one.readings > 1)
    one.spread_kmh = float(double(one.spread_kmh) + share * (std::abs(off) - double(one.spread_kmh)));
}

std::optional<UsualSpeeds::Usual> UsualSpeeds::usual(std::uint32_t segment, std::uint32_t hour, double least) const {
  if (segment >= hours_.size()) return std::nullopt;
  const Hour& one = hours_[segment][hour];
  if (one.readings >= least) return Usual{one.mean_kmh, one.spread_kmh, double(one.readings)};
  const auto* const first = hours_[segment].data() + std::size_t(hour / 24) * 24;
  double mean = 0, spread = 0, readings = 0;
  for (const Hour* at = first; at != first + 24; ++at) {
    mean += double(at->mean_kmh) * at->readings;
    spread += double(at->spread_kmh) * at->readings;
    readings += at->readings;
  }
  if (readings < std::max(least, 1.0)) return std::nullopt;
  return Usual{mean / readings, spread / readings, readings};
}

void UsualSpeeds::save(base::ByteWriter& out) const {
  out.varint(hours_.size());
  for (const auto& segment : hours_) {
    for (const Hour& one : segment) {
      out.varint(one.readings);
      if (one.readings > 0) out.f64(double(one.mean_kmh)), out.f64(double(one.spread_kmh));
    }
  }
}

base::Status UsualSpeeds::load(base::ByteReader& in) {
  hours_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    for (Hour& one : hours_.emplace_back()) {
      one.readings = std::uint32_t(in.varint());
      if (one.readings == 0) continue;
      one.mean_kmh = float(in.f64());
      one.spread_kmh = float(in.f64());
    }
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the usual speeds of a checkpoint end too early");
  return {};
}

}  // namespace cityloop::traffic
