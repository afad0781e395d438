#include "domain/traffic/forecast/segment_jams.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cityloop::traffic {
namespace {

constexpr std::uint32_t kStepsMost = 28 * 288;  // by which the mean forgets
constexpr float kUsualRate = 0.01F;  // at which the usual follows once it has seen enough: congestion is rare
constexpr float kDoubt = 24;         // steps of the stretch's own mean that a share begins with

}  // namespace

std::size_t SegmentJams::settle(std::uint64_t step, float speed_kmh, float limit_kmh, bool congested,
                                const SegmentModel::Moment& now) {
  const std::uint64_t passed = step_ == 0 || step <= step_ ? 1 : std::min<std::uint64_t>(step - step_, kKept);
  if (passed > 1) slow_for_ = 0;  // after a silence nothing is known of now
  step_ = step;
  jams_ <<= std::size_t(passed);
  jams_[0] = congested;
  since_jam_ = congested ? 0 : std::uint32_t(std::min<std::uint64_t>(kDay, since_jam_ + passed));
  if (!std::isnan(speed_kmh)) slow_for_ = speed_kmh < limit_kmh ? std::min<std::uint32_t>(kDay, slow_for_ + 1) : 0;
  steps_ = std::min(steps_ + 1, kStepsMost);
  const float jam = congested ? 1 : 0;
  mean_ += (jam - mean_) / float(steps_);
  return usual_.learn(now.weekend, now.slot, jam, kUsualRate);
}

float SegmentJams::jams_of(std::size_t steps) const {
  std::size_t count = 0;
  for (std::size_t back = 0; back < std::min(steps, kKept); ++back) count += jams_[back] ? 1 : 0;
  return float(count);
}

float SegmentJams::jams_yesterday(std::size_t horizon_steps) const {
  std::size_t count = 0;
  for (std::size_t about = 0; about <= 2 * kAbout; ++about)
    count += jams_[kDay - horizon_steps + about - kAbout] ? 1 : 0;
  return float(count);
}

// The quarter itself and, counting half, the two on either side of it.
float SegmentJams::about(const SegmentModel::Moment& then, bool both_kinds) const {
  constexpr std::size_t kSlots = UsualDay::kSlots;
  float sum = kDoubt * mean_, all = kDoubt;
  for (const bool weekend : {then.weekend, !then.weekend}) {
    if (weekend != then.weekend && !both_kinds) continue;
    for (const std::size_t off : {std::size_t{0}, std::size_t{1}, kSlots - 1, std::size_t{2}, kSlots - 2}) {
      const UsualDay::Cell& cell = usual_.cell(weekend, (then.slot + off) % kSlots);
      const float weight = cell.weight * (off == 0 ? 1.0F : 0.5F);
      sum += weight * cell.mean;
      all += weight;
    }
  }
  return sum / all;
}

float SegmentJams::usual_then(const SegmentModel::Moment& then) const {
  return about(then, false);
}

float SegmentJams::any_day_then(std::size_t slot) const {
  return about({.weekend = false, .slot = slot}, true);
}

void SegmentJams::save(base::ByteWriter& out) const {
  out.varint(step_);
  out.varint(slow_for_);
  out.varint(since_jam_);
  out.varint(steps_);
  out.f64(double(mean_));
  std::array<char, (kKept + 7) / 8> bits{};
  for (std::size_t at = 0; at < kKept; ++at)
    if (jams_[at]) bits[at / 8] = char(std::uint8_t(bits[at / 8]) | 1U << at % 8);
  out.raw({bits.data(), bits.size()});
}

base::Status SegmentJams::load(base::ByteReader& in) {
  step_ = in.varint();
  slow_for_ = std::uint32_t(in.varint());
  since_jam_ = std::uint32_t(in.varint());
  steps_ = std::uint32_t(in.varint());
  mean_ = float(in.f64());
  for (std::size_t at = 0; at < kKept; at += 8) {
    const std::uint8_t byte = in.u8();
    for (std::size_t bit = 0; bit < 8 && at + bit < kKept; ++bit) jams_[at + bit] = (byte >> bit & 1) != 0;
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the row of a stretch's congestion is damaged");
  return {};
}

}  // namespace cityloop::traffic
