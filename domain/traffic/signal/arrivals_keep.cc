// What an arrival forecast keeps over a restart.
#include <algorithm>
#include <cstddef>

#include "domain/traffic/signal/arrivals.h"

namespace cityloop::traffic {
namespace {

void save_weights(base::ByteWriter& out, const std::vector<float>& weights) {
  out.varint(weights.size());
  for (const float weight : weights) out.f64(weight);
}

// Of another size it is of another junction: the settings have changed.
bool load_weights(base::ByteReader& in, std::vector<float>& weights) {
  if (in.varint() != weights.size()) return false;
  for (float& weight : weights) weight = static_cast<float>(in.f64());
  return in.ok();
}

}  // namespace

void ArrivalForecast::save(base::ByteWriter& out) const {
  out.f64(last_s_);
  out.varint(cells_.size());
  for (const std::vector<float>& weights : cells_) save_weights(out, weights);
  for (const std::vector<float>& weights : turns_) save_weights(out, weights);
  save_weights(out, rate_);
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, track] : tracks_) numbers.push_back(number);
  std::ranges::sort(numbers);
  out.varint(numbers.size());
  for (const std::uint64_t number : numbers) {
    const Track& track = tracks_.at(number);
    out.varint(number);
    out.svarint(track.approach);
    out.f64(track.seen_s);
    out.f64(track.to_end_m);
    out.f64(track.speed_mps);
    out.varint(track.cells.size());
    for (const int cell : track.cells) out.varint(static_cast<std::uint64_t>(cell));
  }
}

base::Status ArrivalForecast::load(base::ByteReader& in) {
  const auto other = [] { return base::fail(base::Errc::malformed, "the saved forecast is of another junction"); };
  last_s_ = in.f64();
  if (in.varint() != cells_.size()) return other();
  for (std::vector<float>& weights : cells_) {
    if (!load_weights(in, weights)) return other();
  }
  for (std::vector<float>& weights : turns_) {
    if (!load_weights(in, weights)) return other();
  }
  if (!load_weights(in, rate_)) return other();
  tracks_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Track& track = tracks_[in.varint()];
    track.approach = static_cast<int>(in.svarint());
    track.seen_s = in.f64();
    track.to_end_m = in.f64();
    track.speed_mps = in.f64();
    for (std::uint64_t cells = in.varint(); cells > 0 && in.ok(); --cells) {
      const std::uint64_t cell = in.varint();
      if (cell >= cells_.size()) return other();
      track.cells.push_back(static_cast<int>(cell));
    }
    if (track.approach < -1 || track.approach >= static_cast<int>(approaches_.size())) return other();
  }
  return in.ok() ? base::Status{} : other();
}

}  // namespace cityloop::traffic
