#include "domain/traffic/forecast/segment_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <Eigen/Dense>

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kForget = 0.9995F;      // of the sums, a step: half after five days
constexpr float kStiffness = 40;        // steps that a stretch's own shares are drawn to the common one by
constexpr float kSmoothRate = 0.3F;     // by which the smoothed departure follows, a value
constexpr float kQuantileRate = 0.05F;  // of the spread, a step
constexpr std::array<float, kHorizons> kCommonShare{0.55F, 0.4F, 0.25F};

// Whole: sums need all their digits.
void put(base::ByteWriter& out, float value) {
  out.raw({reinterpret_cast<const char*>(&value), sizeof value});
}
float get(base::ByteReader& in) {
  std::uint32_t bits = 0;
  for (int byte = 0; byte < 4; ++byte) bits |= std::uint32_t(in.u8()) << (8 * byte);
  return std::bit_cast<float>(bits);
}

}  // namespace

float UsualDay::at(bool weekend, std::size_t slot) const {
  for (const bool kind : {weekend, !weekend})
    for (const std::size_t off : {std::size_t{0}, kSlots - 1, std::size_t{1}, kSlots - 2, std::size_t{2}})
      if (const Cell& cell = cells_[(kind ? kSlots : 0) + (slot + off) % kSlots]; cell.weight > 0) return cell.mean;
  return kNan;
}

std::size_t UsualDay::learn(bool weekend, std::size_t slot, float value, float rate) {
  const std::size_t at = (weekend ? kSlots : 0) + slot;
  Cell& cell = cells_[at];
  cell.weight = std::min(cell.weight + 1, 1000.0F);
  cell.mean += (value - cell.mean) * std::max(1 / cell.weight, rate);
  return at / kBlock;
}

void UsualDay::save(std::size_t block, base::ByteWriter& out) const {
  for (std::size_t at = block * kBlock; at < (block + 1) * kBlock; ++at) {
    put(out, cells_[at].mean);
    put(out, cells_[at].weight);
  }
}

void UsualDay::load(std::size_t block, base::ByteReader& in) {
  for (std::size_t at = block * kBlock; at < (block + 1) * kBlock; ++at) {
    cells_[at].mean = get(in);
    cells_[at].weight = get(in);
  }
}

bool UsualDay::empty(std::size_t block) const {
  return std::all_of(&cells_[block * kBlock], &cells_[block * kBlock] + kBlock,
                     [](const Cell& cell) { return cell.weight == 0; });
}

std::array<float, SegmentModel::kWindow> SegmentModel::not_measured() {
  std::array<float, kWindow> out{};
  out.fill(kNan);
  return out;
}

std::size_t SegmentModel::place(std::uint64_t step, std::size_t horizon_at) {
  std::size_t before = 0;
  for (std::size_t h = 0; h < horizon_at; ++h) before += kHorizonSteps[h];
  return before + std::size_t(step % kHorizonSteps[horizon_at]);
}

void SegmentModel::learn(std::size_t horizon_at, const Said& said, float then) {
  Sums& sums = sums_[horizon_at];
  for (std::size_t row = 0, at = 0; row < 3; ++row) {
    for (std::size_t column = 0; column <= row; ++column, ++at)
      sums.products[at] = kForget * sums.products[at] + said.departure[row] * said.departure[column];
    sums.then[row] = kForget * sums.then[row] + said.departure[row] * then;
  }
}

float SegmentModel::fading_share(std::size_t horizon_at) const {
  const Sums& sums = sums_[horizon_at];
  const float pull = kStiffness * std::max(spread_ * spread_, 0.01F);
  return std::clamp((sums.then[0] + pull * kCommonShare[horizon_at]) / (sums.products[0] + pull), 0.0F, 1.0F);
}

std::array<float, 3> SegmentModel::linear_shares(std::size_t horizon_at) const {
  const Sums& sums = sums_[horizon_at];
  const float pull = kStiffness * std::max(spread_ * spread_, 0.01F);
  Eigen::Matrix3f products;
  Eigen::Vector3f then;
  for (std::size_t row = 0, at = 0; row < 3; ++row) {
    for (std::size_t column = 0; column <= row; ++column, ++at) {
      products(Eigen::Index(row), Eigen::Index(column)) = sums.products[at];
      products(Eigen::Index(column), Eigen::Index(row)) = sums.products[at];
    }
    products(Eigen::Index(row), Eigen::Index(row)) += pull;
    then(Eigen::Index(row)) = sums.then[row];
  }
  // Young stretches: half of the common share by the newest departure, half by the smoothed one.
  then(0) += pull * kCommonShare[horizon_at] / 2;
  then(1) += pull * kCommonShare[horizon_at] / 2;
  const Eigen::Vector3f shares = products.llt().solve(then);
  return {std::clamp(shares(0), -1.0F, 1.0F), std::clamp(shares(1), -1.0F, 1.0F), std::clamp(shares(2), -1.0F, 1.0F)};
}

std::array<SegmentModel::Said, kHorizons> SegmentModel::settle(std::uint64_t step, float value, float vehicles,
                                                               const Moment& now) {
  std::array<Said, kHorizons> out{};
  const float usual = usual_.at(now.weekend, now.slot);
  const float quantile_rate = std::max(kQuantileRate, 4 / float(values_ + 8));
  for (std::size_t h = 0; h < kHorizons; ++h) {
    Said& said = pending_[place(step, h)];
    out[h] = std::exchange(said, {});
    if (!out[h].known || std::isnan(value)) continue;
    if (!std::isnan(usual)) learn(h, out[h], value - usual);
    const float champion = out[h].value[out[h].champion];
    if (std::isnan(champion)) continue;
    for (std::size_t level = 0; level < kLevels.size(); ++level) {
      const float pressed = float(kLevels[level]) - (value < champion + offset_[h][level] ? 1.0F : 0.0F);
      offset_[h][level] += quantile_rate * std::max(spread_, 0.5F) * pressed;
    }
  }
  std::shift_right(recent_.begin(), recent_.end(), 1);
  recent_[0] = value;
  vehicles_ = vehicles;
  ++silent_steps_;
  if (!fresh()) smooth_ = 0;
  if (std::isnan(value)) return out;
  if (!std::isnan(usual)) {
    spread_ += std::max(0.01F, 1 / float(values_ + 1)) * (std::abs(value - usual) - spread_);
    smooth_ += kSmoothRate * (value - usual - smooth_);
  }
  last_ = value;
  mean_ += std::max(0.002F, 1 / float(values_ + 1)) * (value - mean_);
  usual_vehicles_ += std::max(0.02F, 1 / float(values_ + 1)) * (vehicles - usual_vehicles_);
  silent_steps_ = 0;
  values_ = std::min(values_ + 1, 1000U);
  usual_.learn(now.weekend, now.slot, value);
  return out;
}

float SegmentModel::departure(const Moment& now) const {
  const float usual = usual_.at(now.weekend, now.slot);
  return fresh() && !std::isnan(usual) ? last_ - usual : 0;
}

SegmentModel::Said SegmentModel::say(std::size_t horizon_at, const Moment& now, const Moment& then,
                                     float near_departure) const {
  Said said;
  said.value.fill(kNan);
  said.call.fill(kNan);
  float usual = usual_.at(then.weekend, then.slot);
  if (std::isnan(usual)) {
    if (!fresh()) return said;
    usual = last_;
  }
  said.known = true;
  said.departure = {departure(now), fresh() ? smooth_ : 0, near_departure};
  const auto linear = linear_shares(horizon_at);
  said.value[0] = fresh() ? last_ : usual;
  said.value[1] = usual;
  said.value[2] = usual + fading_share(horizon_at) * said.departure[0];
  said.value[kLinear] = usual;
  for (std::size_t at = 0; at < linear.size(); ++at) said.value[kLinear] += linear[at] * said.departure[at];
  return said;
}

void SegmentModel::choose(Said& said, std::size_t horizon_at, std::size_t champion) const {
  said.champion = std::uint8_t(std::isnan(said.value[champion]) ? kLinear : champion);
  for (std::size_t level = 0; level < kLevels.size(); ++level)
    said.quantile[level] = std::max(0.0F, said.value[said.champion] + offset_[horizon_at][level]);
  std::sort(said.quantile.begin(), said.quantile.end());
}

void SegmentModel::forget_slot(std::size_t slot) {
  for (Said& said : pending_)
    if (said.known) said.value[kLightModels + slot] = kNan;
}

void SegmentModel::forget_caller(std::size_t slot) {
  for (Said& said : pending_)
    if (said.known) said.call[kCallers - kSlots + slot] = kNan;
}

void SegmentModel::keep(std::uint64_t step, std::size_t horizon_at, const Said& said) {
  pending_[place(step, horizon_at)] = said;
}

bool SegmentModel::congested(float limit) const {
  int measured = 0;
  for (const float speed : std::span(recent_).first(3)) {
    if (std::isnan(speed) || speed == 0) continue;
    if (speed >= limit) return false;
    ++measured;
  }
  return measured >= 2;
}

void SegmentModel::save(base::ByteWriter& out) const {
  for (const Sums& sums : sums_)
    for (std::size_t at = 0; at < 9; ++at) put(out, at < 6 ? sums.products[at] : sums.then[at - 6]);
  for (const auto& offsets : offset_)
    for (const float offset : offsets) put(out, offset);
  for (const float value : recent_) put(out, value);
  for (const float value : {mean_, vehicles_, usual_vehicles_}) put(out, value);
  put(out, last_);
  put(out, smooth_);
  put(out, spread_);
  out.varint(silent_steps_);
  out.varint(values_);
  for (const Said& said : pending_) {
    out.u8(said.known ? 1 : 0);
    if (!said.known) continue;
    for (const float departure : said.departure) put(out, departure);
    for (const float value : said.value) put(out, value);
    for (const float value : said.quantile) put(out, value);
    for (const float value : said.call) put(out, value);
    out.varint(said.bin);
    out.u8(said.champion);
  }
}

base::Status SegmentModel::load(base::ByteReader& in, std::uint8_t version) {
  for (Sums& sums : sums_)
    for (std::size_t at = 0; at < 9; ++at) (at < 6 ? sums.products[at] : sums.then[at - 6]) = get(in);
  for (auto& offsets : offset_)
    for (float& offset : offsets) offset = get(in);
  recent_ = not_measured();
  for (float& value : std::span(recent_).first(version == 1 ? 3 : kWindow)) value = get(in);
  if (version > 1)
    for (float* const value : {&mean_, &vehicles_, &usual_vehicles_}) *value = get(in);
  last_ = get(in);
  if (version == 1) mean_ = last_;
  smooth_ = get(in);
  spread_ = get(in);
  silent_steps_ = std::uint32_t(in.varint());
  values_ = std::uint32_t(in.varint());
  for (Said& said : pending_) {
    said = {};
    said.known = in.u8() != 0;
    if (!said.known) continue;
    for (float& departure : said.departure) departure = get(in);
    said.value.fill(kNan);
    for (float& value : std::span(said.value).first(version == 1 ? kLightModels : kModels)) value = get(in);
    for (float& value : said.quantile) value = get(in);
    said.call.fill(kNan);
    if (version > 2)
      for (float& value : said.call) value = get(in);
    said.bin = std::uint16_t(in.varint());
    said.champion = in.u8();
    if (said.champion >= kModels) return base::fail(base::Errc::corrupt, "a forecast by model {}", said.champion);
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the row of a stretch of road is damaged");
  return {};
}

}  // namespace cityloop::traffic
