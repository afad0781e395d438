#include "domain/traffic/signal/detector_health.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cityloop::traffic {
namespace {

using Sign = std::optional<std::pair<Lie, double>>;

constexpr double kSlice_s = 60;
constexpr double kFull = 0.99, kFree = 0.01;
constexpr double kFirst_s = 300;  // a first reading may tell of as long
constexpr int kFlipsMax = 5;
constexpr double kDoubled = 1.5, kDeviations = 4;

bool same(const Reading& a, const Reading& b) {
  return a.passed == b.passed && a.occupancy == b.occupancy && a.on_lane == b.on_lane && a.queue == b.queue &&
         a.speed_mps == b.speed_mps && a.left == b.left;
}

// Whether anything is said that would change from one reading to the next where there is traffic.
bool telling(const Reading& reading) {
  const bool partly = reading.occupancy && *reading.occupancy > kFree && *reading.occupancy < kFull;
  return partly || reading.passed.value_or(0) > 0 || reading.speed_mps.value_or(0) > 0 ||
         reading.on_lane.value_or(0) > 0 || reading.queue.value_or(0) > 0;
}

void put(base::ByteWriter& out, const std::optional<double>& value) {
  out.u8(value.has_value());
  out.f64(value.value_or(0));
}

std::optional<double> get(base::ByteReader& in) {
  const bool has = in.u8() != 0;
  const double value = in.f64();
  return has ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string_view to_string(Lie lie) {
  constexpr std::array<std::string_view, 6> kTexts{"none", "negative", "jumping", "stuck", "doubled", "silent"};
  return kTexts[std::size_t(lie)];
}

void DetectorHealth::take(const Reading& reading, std::optional<double> others_passed) {
  if (last_ && reading.at_s <= last_->at_s) return;
  if (!begun_s_) begun_s_ = reading.at_s;
  if (!last_ || reading.at_s - last_->at_s >= limits_.silent_s) {
    same_since_s_ = full_since_s_ = none_since_s_ = reading.at_s;
    others_meanwhile_ = 0;
    flips_ = 0;
  }
  Sign sign = impossible(reading);
  if (!sign) {
    // All are asked, for each keeps its own count.
    const Sign signs[] = {jumped(reading), stuck(reading, others_passed), doubled(reading, others_passed)};
    for (const Sign& one : signs) {
      if (!sign) sign = one;
    }
  }
  last_ = reading;
  if (sign) judge(sign->first, sign->second, reading.at_s);
  else pass(reading.at_s);
}

void DetectorHealth::pass(double now_s) {
  if (!begun_s_) begun_s_ = now_s;
  const double quiet_s = now_s - (last_ ? last_->at_s : *begun_s_);
  if (quiet_s >= limits_.silent_s) return judge(Lie::silent, quiet_s, now_s);
  if (verdict_.lie != Lie::none && now_s - sign_s_ >= limits_.clean_s) verdict_ = {};
}

void DetectorHealth::judge(Lie lie, double figure, double now_s) {
  if (verdict_.lie != lie) verdict_ = {lie, now_s, figure};
  verdict_.figure = figure;
  sign_s_ = now_s;
}

Sign DetectorHealth::impossible(const Reading& reading) const {
  for (const auto& value :
       {reading.passed, reading.occupancy, reading.on_lane, reading.queue, reading.speed_mps, reading.left}) {
    if (value && !(*value >= 0 && *value < 1e9)) return {{Lie::negative, *value}};
  }
  if (reading.occupancy && *reading.occupancy > 1.001) return {{Lie::negative, *reading.occupancy}};
  return {};
}

Sign DetectorHealth::jumped(const Reading& reading) {
  if (reading.speed_mps && *reading.speed_mps > limits_.speed_max_mps) return {{Lie::jumping, *reading.speed_mps}};
  const double since_s = last_ ? reading.at_s - last_->at_s : kFirst_s;
  const double most = limits_.lane_per_s * since_s + limits_.slack;
  if (reading.passed && *reading.passed > most) return {{Lie::jumping, *reading.passed}};
  if (!last_) return {};
  for (const auto member : {&Reading::on_lane, &Reading::queue}) {
    // A queue stands still at once where those that drove already were on the lane; they are never more than that.
    const double known = member == &Reading::queue ? last_->on_lane.value_or(0) : 0;
    const std::optional<double>&now = reading.*member, &before = last_.value().*member;
    if (now && before && *now - std::max(*before, known) > most) return {{Lie::jumping, *now - *before}};
  }
  const auto full = [](const Reading& one) { return one.occupancy && *one.occupancy > kFull; };
  const auto free = [](const Reading& one) { return one.occupancy && *one.occupancy < kFree; };
  const bool other = (full(reading) && free(*last_)) || (free(reading) && full(*last_));
  const bool nobody = reading.passed.value_or(0) + reading.left.value_or(0) + reading.on_lane.value_or(0) == 0;
  const bool flipped = other && nobody;
  flips_ = flipped ? flips_ + 1 : 0;
  if (flips_ >= kFlipsMax) return {{Lie::jumping, double(flips_)}};
  return {};
}

Sign DetectorHealth::stuck(const Reading& reading, std::optional<double> others_passed) {
  if (last_ && !(same(reading, *last_) && telling(reading))) same_since_s_ = reading.at_s;
  const bool moves = reading.passed.value_or(0) > 0 || reading.left.value_or(0) > 0 ||
                     (last_ && (reading.on_lane != last_->on_lane || reading.queue != last_->queue));
  if (!reading.occupancy || *reading.occupancy < kFull || moves) full_since_s_ = reading.at_s;
  const bool anybody =
      reading.passed.value_or(0) > 0 || reading.on_lane.value_or(0) > 0 || reading.occupancy.value_or(0) > kFree;
  if (anybody || !reading.passed) {
    none_since_s_ = reading.at_s;
    others_meanwhile_ = 0;
  } else {
    others_meanwhile_ += others_passed.value_or(0);
  }
  for (const double since_s : {same_since_s_, full_since_s_}) {
    if (reading.at_s - since_s >= limits_.stuck_s) return {{Lie::stuck, reading.at_s - since_s}};
  }
  if (reading.at_s - none_since_s_ >= limits_.stuck_s && others_meanwhile_ >= limits_.unlikely_zero)
    return {{Lie::stuck, reading.at_s - none_since_s_}};
  return {};
}

Sign DetectorHealth::doubled(const Reading& reading, std::optional<double> others_passed) {
  if (reading.repeats >= kDoubled) return {{Lie::doubled, reading.repeats}};
  if (!reading.passed || !others_passed) return {};
  if (slices_.empty() || reading.at_s - slices_.back().from_s >= kSlice_s) slices_.push_back({.from_s = reading.at_s});
  slices_.back().passed += *reading.passed;
  slices_.back().others += *others_passed;
  while (reading.at_s - slices_.front().from_s > limits_.window_s) slices_.pop_front();
  double own = 0, others = 0;
  for (const Slice& slice : slices_) own += slice.passed, others += slice.others;
  // The other detectors are not reached by the same vehicles at the same moment: some of them are still between.
  if (own <= kDoubled * (others + limits_.slack)) return {};
  if ((own - others) / std::sqrt(own + others) < kDeviations) return {};
  return {{Lie::doubled, own / std::max(others, 1.0)}};
}

void DetectorHealth::save(base::ByteWriter& out) const {
  out.u8(std::uint8_t(verdict_.lie));
  for (const double v :
       {verdict_.since_s, verdict_.figure, sign_s_, same_since_s_, full_since_s_, none_since_s_, others_meanwhile_}) {
    out.f64(v);
  }
  out.varint(std::uint64_t(flips_));
  put(out, begun_s_);
  out.u8(last_.has_value());
  const Reading last = last_.value_or(Reading{});
  out.f64(last.at_s);
  for (const auto& value : {last.passed, last.occupancy, last.on_lane, last.queue, last.speed_mps, last.left})
    put(out, value);
  out.varint(slices_.size());
  for (const Slice& slice : slices_) {
    for (const double v : {slice.from_s, slice.passed, slice.others}) out.f64(v);
  }
}

base::Status DetectorHealth::load(base::ByteReader& in) {
  verdict_.lie = Lie(std::min<std::uint8_t>(in.u8(), std::uint8_t(Lie::silent)));
  for (double* v : {&verdict_.since_s, &verdict_.figure, &sign_s_, &same_since_s_, &full_since_s_, &none_since_s_,
                    &others_meanwhile_}) {
    *v = in.f64();
  }
  flips_ = int(in.varint());
  begun_s_ = get(in);
  const bool has_last = in.u8() != 0;
  Reading last{.at_s = in.f64()};
  for (auto* value : {&last.passed, &last.occupancy, &last.on_lane, &last.queue, &last.speed_mps, &last.left})
    *value = get(in);
  if (has_last) last_ = last;
  else last_.reset();
  slices_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Slice slice;
    for (double* v : {&slice.from_s, &slice.passed, &slice.others}) *v = in.f64();
    slices_.push_back(slice);
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "what was kept of a detector is cut short");
  return {};
}

flow::Bilingual explain(const DetectorHealth::Verdict& verdict) {
  const double f = verdict.figure;
  switch (verdict.lie) {
    case Lie::none: return {"可信", "believed"};
    case Lie::negative: return {fmt::format("报出不可能的数值 {:g}", f), fmt::format("tells what cannot be: {:g}", f)};
    case Lie::jumping:
      return {fmt::format("数值跳变:{:g},车道不可能如此之快", f),
              fmt::format("jumps by {:g}, more than a lane can carry", f)};
    case Lie::stuck:
      return {fmt::format("数值 {:.0f} 秒不变(卡死)", f), fmt::format("stuck: has not changed for {:.0f} s", f)};
    case Lie::doubled:
      return {fmt::format("计数为相邻检测器的 {:.2f} 倍", f),
              fmt::format("counts {:.2f} times what its neighbours see", f)};
    case Lie::silent: return {fmt::format("已 {:.0f} 秒没有数据", f), fmt::format("silent for {:.0f} s", f)};
  }
  return {};
}

}  // namespace cityloop::traffic
