#include "domain/traffic/signal/delay_meter.h"

namespace cityloop::traffic {
namespace {

constexpr double kMinute_s = 60;
constexpr double kVehiclesLeast = 20;

}  // namespace

void DelayMeter::add(double now_s, double queue, double lasted_s, double passed) {
  if (minutes_.empty() || now_s - minutes_.back().begin_s >= kMinute_s) minutes_.push_back({.begin_s = now_s});
  Minute& minute = minutes_.back();
  minute.queue_s += queue * lasted_s;
  minute.lasted_s += lasted_s;
  minute.passed += passed;
  while (now_s - minutes_.front().begin_s > window_s_) minutes_.pop_front();
}

void DelayMeter::turn() {
  if (const auto measured = now()) before_ = measured;
  minutes_.clear();
}

std::optional<double> DelayMeter::now() const {
  double queue_s = 0, passed = 0;
  for (const Minute& minute : minutes_) queue_s += minute.queue_s, passed += minute.passed;
  if (passed < kVehiclesLeast) return std::nullopt;
  return queue_s / passed;
}

double DelayMeter::measured_s() const {
  double total_s = 0;
  for (const Minute& minute : minutes_) total_s += minute.lasted_s;
  return total_s;
}

void DelayMeter::save(base::ByteWriter& out) const {
  out.u8(before_.has_value());
  out.f64(before_.value_or(0));
  out.varint(minutes_.size());
  for (const Minute& minute : minutes_) {
    for (const double v : {minute.begin_s, minute.queue_s, minute.lasted_s, minute.passed}) out.f64(v);
  }
}

void DelayMeter::load(base::ByteReader& in) {
  const bool has = in.u8() != 0;
  const double before = in.f64();
  before_ = has ? std::optional(before) : std::nullopt;
  minutes_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Minute minute;
    for (double* v : {&minute.begin_s, &minute.queue_s, &minute.lasted_s, &minute.passed}) *v = in.f64();
    minutes_.push_back(minute);
  }
}

}  // namespace cityloop::traffic
