#include "decide/rule/sample_window.h"

#include <algorithm>
#include <cmath>

namespace cityloop::decide {

bool SampleWindow::insert(std::int64_t at_us, double value, std::size_t max) {
  auto place = samples_.end();
  while (place != samples_.begin() + std::ptrdiff_t(head_) && (place - 1)->at_us > at_us) --place;
  if (place != samples_.begin() + std::ptrdiff_t(head_) && (place - 1)->at_us == at_us) {
    const double before = std::exchange((place - 1)->value, value);
    if (sorted_) remove_sorted(before);
    if (sorted_) place_sorted(value);
    sum_anew();
    return false;
  }
  samples_.insert(place, {at_us, value});
  sum_ += value;
  if (sorted_) place_sorted(value);
  if (size() <= max) return false;
  drop_oldest();
  return true;
}

void SampleWindow::drop_until(std::int64_t at_us) {
  while (!empty() && oldest().at_us <= at_us) drop_oldest();
}

void SampleWindow::drop_oldest() {
  const double value = oldest().value;
  ++head_;
  if (empty()) {
    samples_.clear();
    head_ = 0;
  } else if (head_ > samples_.size() / 2) {
    samples_.erase(samples_.begin(), samples_.begin() + std::ptrdiff_t(head_));
    head_ = 0;
  }
  if (sorted_) remove_sorted(value);
  sum_ -= value;
  if (++taken_out_ > size()) sum_anew();
}

void SampleWindow::place_sorted(double value) {
  values_.insert(std::upper_bound(values_.begin(), values_.end(), value), value);
}

void SampleWindow::remove_sorted(double value) {
  values_.erase(std::lower_bound(values_.begin(), values_.end(), value));
}

void SampleWindow::sum_anew() {
  sum_ = 0;
  for (std::size_t i = head_; i < samples_.size(); ++i) sum_ += samples_[i].value;
  taken_out_ = 0;
}

double SampleWindow::aggregate(Aggregate what, double percentile) const {
  if (what == Aggregate::count) return double(size());
  if (what == Aggregate::sum) return sum_;
  if (empty()) return std::nan("");
  switch (what) {
    case Aggregate::avg: return sum_ / double(size());
    case Aggregate::min: return values_.front();
    case Aggregate::max: return values_.back();
    default: break;
  }
  const double place = percentile / 100 * double(values_.size() - 1);
  const auto below = std::size_t(place);
  const std::size_t above = std::min(below + 1, values_.size() - 1);
  return values_[below] + (place - double(below)) * (values_[above] - values_[below]);
}

void SampleWindow::save(base::ByteWriter& out) const {
  out.varint(size());
  std::int64_t before = 0;
  for (std::size_t i = head_; i < samples_.size(); ++i) {
    out.svarint(samples_[i].at_us - before);
    out.f64(samples_[i].value);
    before = samples_[i].at_us;
  }
  out.f64(sum_);  // with its rounding: what comes after must be the same to the last bit
  out.varint(taken_out_);
}

void SampleWindow::load(base::ByteReader& in) {
  samples_.clear();
  values_.clear();
  head_ = 0;
  std::int64_t at = 0;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    at += in.svarint();
    samples_.push_back({at, in.f64()});
  }
  if (sorted_) {
    for (const Sample& sample : samples_) values_.push_back(sample.value);
    std::sort(values_.begin(), values_.end());
  }
  sum_ = in.f64();
  taken_out_ = in.varint();
}

}  // namespace cityloop::decide
