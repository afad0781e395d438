#include "index/indicator/sketch.h"

#include <algorithm>
#include <cmath>

namespace cityloop::index {
namespace {

constexpr double kGamma = (1 + kSketchError) / (1 - kSketchError);
constexpr double kLeast = 1e-9;
// Keys of positive values are above zero, those of negative ones below.
constexpr std::int32_t kShift = 100'000;

}  // namespace

std::int32_t Sketch::bin_of(double value) {
  static const double scale = 1 / std::log(kGamma);
  const double size = std::abs(value);
  if (!(size >= kLeast)) return 0;
  const auto bin = std::int32_t(std::ceil(std::log(size) * scale)) + kShift;
  return value > 0 ? bin : -bin;
}

double Sketch::value_of(std::int32_t key) {
  if (key == 0) return 0;
  const double size = 2 * std::pow(kGamma, std::abs(key) - kShift) / (kGamma + 1);
  return key > 0 ? size : -size;
}

void Sketch::put(std::int32_t key, std::int32_t times) {
  const auto at = std::ranges::lower_bound(bins_, key, {}, &Bin::key);
  count_ = std::uint64_t(std::int64_t(count_) + times);
  if (at == bins_.end() || at->key != key) bins_.insert(at, {key, times});
  else if ((at->count += times) == 0) bins_.erase(at);
}

void Sketch::merge(const Sketch& other) {
  if (bins_.empty()) {
    *this = other;
    return;
  }
  for (const Bin& bin : other.bins_) put(bin.key, bin.count);
}

std::optional<double> Sketch::quantile(double q) const {
  if (count_ == 0) return std::nullopt;
  const auto rank = std::uint64_t(q * double(count_ - 1));
  std::uint64_t below = 0;
  for (const Bin& bin : bins_) {
    below += std::uint64_t(bin.count);
    if (below > rank) return value_of(bin.key);
  }
  return value_of(bins_.back().key);
}

void Sketch::save(base::ByteWriter& out) const {
  out.varint(bins_.size());
  for (const Bin& bin : bins_) out.svarint(bin.key), out.svarint(bin.count);
}

void Sketch::load(base::ByteReader& in) {
  bins_.clear();
  count_ = 0;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const auto key = std::int32_t(in.svarint());
    put(key, std::int32_t(in.svarint()));
  }
}

}  // namespace cityloop::index
