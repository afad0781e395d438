#include "twin/series.h"

#include <cmath>

#include "base/bytes.h"

namespace cityloop::twin {
namespace {

constexpr std::uint8_t kRaw = 255;
constexpr double kScales[] = {1, 10, 100, 1000, 10000};

// The number of decimals with which every value is exactly a whole number of units, or kRaw.
std::uint8_t decimals_of(std::span<const Sample> samples) {
  for (std::size_t d = 0; d < std::size(kScales); ++d) {
    const bool exact = std::all_of(samples.begin(), samples.end(), [&](const Sample& s) {
      const double scaled = std::round(s.value * kScales[d]);
      return std::abs(scaled) < 1e15 && scaled / kScales[d] == s.value;
    });
    if (exact) return std::uint8_t(d);
  }
  return kRaw;
}

}  // namespace

std::string encode_samples(std::span<const Sample> samples) {
  base::ByteWriter out;
  const std::uint8_t decimals = decimals_of(samples);
  out.u8(decimals);
  out.varint(samples.size());
  std::int64_t time = 0, step = 0, value = 0;
  for (const Sample& sample : samples) {
    const std::int64_t now = base::to_ms(sample.at);
    out.svarint(now - time - step);
    step = now - time;
    time = now;
    if (decimals == kRaw) {
      out.f64(sample.value);
      continue;
    }
    const auto scaled = std::int64_t(std::round(sample.value * kScales[decimals]));
    out.svarint(scaled - value);
    value = scaled;
  }
  return out.take();
}

base::Result<std::vector<Sample>> decode_samples(std::string_view bytes) {
  base::ByteReader in(bytes);
  const std::uint8_t decimals = in.u8();
  const std::uint64_t count = in.varint();
  std::vector<Sample> samples;
  std::int64_t time = 0, step = 0, value = 0;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    step += in.svarint();
    time += step;
    if (decimals == kRaw) {
      samples.push_back({base::from_ms(time), in.f64()});
      continue;
    }
    value += in.svarint();
    samples.push_back({base::from_ms(time), double(value) / (decimals < std::size(kScales) ? kScales[decimals] : 1)});
  }
  if (!in.ok() || !in.at_end()) return base::fail(base::Errc::corrupt, "a run of samples is damaged");
  return samples;
}

}  // namespace cityloop::twin
