#include "index/indicator/cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cityloop::index {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kMillion = 1e6;
constexpr double kHour_us = 3.6e9;

double ratio(Wide sum, Wide of) {
  return of == 0 ? kMissing : double(sum) / double(of);
}

}  // namespace

std::int64_t millionths(double value) {
  constexpr double kMost = 9e12;
  return std::llround(std::clamp(value, -kMost, kMost) * kMillion);
}

bool Reading::same(const Reading& other) const {
  const bool value_same = value == other.value || (missing() && other.missing());
  return value_same && expected == other.expected && present == other.present && stale == other.stale;
}

Cells::Cells(const Declaration& indicator, std::size_t areas) : indicator_(&indicator), cells_(areas) {
  if (indicator.measure == Measure::minimum || indicator.measure == Measure::maximum) extremes_.resize(areas);
  if (indicator.measure == Measure::quantile) sketches_.resize(areas);
  if (indicator.has_window()) windows_.resize(areas);
  // A number of what is known is never missing: where nothing is, it is zero.
  const Measure m = indicator.measure;
  if (m == Measure::count || m == Measure::opened || m == Measure::assigned || m == Measure::closed) touch_all();
}

void Cells::soil(std::size_t area) {
  Cell& cell = cells_[area];
  cell.touched = true;
  if (cell.dirty) return;
  cell.dirty = true;
  dirty_.push_back(std::uint32_t(area));
}

void Cells::touch_all() {
  for (std::size_t area = 0; area < cells_.size(); ++area) soil(area);
}

void Cells::add(std::size_t area, const Share& share, int sign, base::Instant now, const PeriodClock& clock) {
  if (!share.expected) return;
  if (by_time()) {
    accrue(area, now, clock);
    mark(area, clock.bucket());
  }
  soil(area);
  Cell& cell = cells_[area];
  cell.expected += std::uint32_t(sign);
  if (share.stale) cell.stale += std::uint32_t(sign);
  if (!share.present) return;
  cell.present += std::uint32_t(sign);
  if (share.holds) cell.holds += std::uint32_t(sign);
  cell.sum += Wide(share.value) * sign;
  cell.by += Wide(share.by) * sign;
  if (!sketches_.empty()) sketches_[area].add(double(share.value) / kMillion, sign);
  if (extremes_.empty()) return;
  auto& values = extremes_[area];
  if (sign > 0) ++values[share.value];
  else if (const auto found = values.find(share.value); --found->second == 0) values.erase(found);
}

Bucket& Cells::bucket(Window& window, std::int64_t number) {
  auto& all = window.buckets;
  if (all.empty() || all.back().number < number) return all.emplace_back(Bucket{number});
  const auto at = std::ranges::lower_bound(all, number, {}, &Bucket::number);
  return at->number == number ? *at : *all.insert(at, Bucket{number});
}

void Cells::expire(Window& window, const PeriodClock& clock) {
  auto& all = window.buckets;
  std::size_t gone = 0;
  while (gone < all.size() && all[gone].number < clock.first_live()) {
    window.sum -= all[gone].sum;
    window.of -= all[gone].of;
    window.gone.push_back(all[gone++].number);
  }
  all.erase(all.begin(), all.begin() + std::ptrdiff_t(gone));
}

// The level since it was last looked at, bucket by bucket. In parts or at once it comes to the same.
void Cells::accrue(std::size_t area, base::Instant now, const PeriodClock& clock) {
  Window& window = windows_[area];
  const Cell& cell = cells_[area];
  const Wide level = indicator_->measure == Measure::time_mean ? cell.sum : Wide(cell.holds);
  base::Instant from = std::max(window.since, clock.live_from());
  if (window.since == base::kNever || cell.present == 0) from = now;
  while (from < now) {
    const std::int64_t number = clock.bucket_of(from);
    const base::Instant to = std::min(now, clock.end_of(number));
    const Wide us = (to - from).count();
    window.accrued_from = std::min(window.accrued_from, number);
    Bucket& into = bucket(window, number);
    into.sum += level * us, window.sum += level * us;
    into.of += us * cell.present, window.of += us * cell.present;
    from = to;
  }
  window.since = now;
}

void Cells::happen(std::size_t area, std::int64_t sum, std::int64_t of, const PeriodClock& clock) {
  Window& window = windows_[area];
  mark(area, clock.bucket());
  Bucket& into = bucket(window, clock.bucket());
  into.sum += sum, window.sum += sum;
  into.of += of, window.of += of;
  soil(area);
}

void Cells::happen_value(std::size_t area, std::int64_t value, const PeriodClock& clock) {
  happen(area, value, 1, clock);
  if (!indicator_->by_quantile) return;
  Bucket& into = bucket(windows_[area], clock.bucket());
  if (!into.values) into.values = std::make_unique<Sketch>();
  into.values->add(double(value) / kMillion);
}

double Cells::level_value(const Cell& cell, std::size_t area) const {
  const double of = cell.present;
  switch (indicator_->measure) {
    case Measure::count: return double(cell.expected);
    case Measure::sum: return cell.present ? double(cell.sum) / kMillion : kMissing;
    case Measure::mean: return cell.present ? double(cell.sum) / kMillion / of : kMissing;
    case Measure::share:
      return cell.present ? (indicator_->is_percent() ? 100 : 1) * double(cell.holds) / of : kMissing;
    case Measure::ratio: return (indicator_->is_percent() ? 100 : 1) * ratio(cell.sum, cell.by);
    case Measure::minimum:
      return extremes_[area].empty() ? kMissing : double(extremes_[area].begin()->first) / kMillion;
    case Measure::maximum:
      return extremes_[area].empty() ? kMissing : double(extremes_[area].rbegin()->first) / kMillion;
    case Measure::quantile: return sketches_[area].quantile(indicator_->quantile).value_or(kMissing);
    default: return kMissing;
  }
}

double Cells::window_value(std::size_t area) const {
  const Window& window = windows_[area];
  const double percent = indicator_->is_percent() ? 100 : 1;
  switch (indicator_->measure) {
    case Measure::time_mean: return ratio(window.sum, window.of) / kMillion;
    case Measure::time_share: return percent * ratio(window.sum, window.of);
    case Measure::hours: return window.of == 0 ? kMissing : double(window.sum) / kHour_us;
    case Measure::changes: return cells_[area].expected == 0 && window.of == 0 ? kMissing : double(window.sum);
    case Measure::opened:
    case Measure::assigned:
    case Measure::closed: return double(window.sum);
    case Measure::on_time:
    case Measure::reopened: return percent * ratio(window.sum, window.of);
    case Measure::rating: return ratio(window.sum, window.of) / kMillion;
    case Measure::duration: {
      if (!indicator_->by_quantile) return ratio(window.sum, window.of) / kMillion;
      Sketch all;
      for (const Bucket& one : window.buckets) {
        if (one.values) all.merge(*one.values);
      }
      return all.quantile(indicator_->quantile).value_or(kMissing);
    }
    default: return kMissing;
  }
}

Reading Cells::read(std::size_t area, base::Instant now, const PeriodClock& clock) {
  const Cell& cell = cells_[area];
  Reading out{kMissing, cell.expected, cell.present, cell.stale};
  if (windows_.empty()) {
    out.value = level_value(cell, area);
  } else {
    Window& window = windows_[area];
    if (by_time()) accrue(area, now, clock);
    expire(window, clock);
    // With the last row of a level that stands still its begin would go.
    if (!window.gone.empty()) mark(area, by_time() ? clock.bucket() : window.changed_from);
    out.value = window_value(area);
    if (indicator_->over == Over::cases) out.expected = out.present = std::uint32_t(window.of);
  }
  out.value = rounded(out.value, indicator_->decimals);
  return out;
}

void Cells::save_changed(const PutBucket& put) {
  for (const std::uint32_t area : changed_windows_) {
    Window& window = windows_[area];
    for (const std::int64_t number : window.gone) put(area, number, nullptr, window.since);
    const std::int64_t from =
        window.changed_from == INT64_MAX ? INT64_MAX : std::min(window.changed_from, window.accrued_from);
    for (const Bucket& one : window.buckets) {
      if (one.number >= from) put(area, one.number, &one, window.since);
    }
    window.gone.clear();
    window.changed_from = window.accrued_from = INT64_MAX;
    window.listed = false;
  }
  changed_windows_.clear();
}

void Cells::load_bucket(std::size_t area, Bucket one, base::Instant since) {
  Window& window = windows_[area];
  window.sum += one.sum;
  window.of += one.of;
  window.since = std::max(window.since, since);
  cells_[area].touched = true;
  Bucket& into = bucket(window, one.number);
  into = std::move(one);
}

void Cells::mark(std::size_t area, std::int64_t from) {
  Window& window = windows_[area];
  window.changed_from = std::min(window.changed_from, from);
  if (!std::exchange(window.listed, true)) changed_windows_.push_back(std::uint32_t(area));
}

void Cells::each_bucket(const std::function<void(std::size_t, std::int64_t)>& tell) const {
  for (std::size_t area = 0; area < windows_.size(); ++area) {
    for (const Bucket& one : windows_[area].buckets) tell(area, one.number);
    for (const std::int64_t gone : windows_[area].gone) tell(area, gone);
  }
}

void Cells::take_windows(Cells& old, const std::function<std::ptrdiff_t(std::size_t)>& place, base::Instant now,
                         const PeriodClock& old_clock) {
  for (std::size_t area = 0; area < old.windows_.size(); ++area) {
    const std::ptrdiff_t to = place(area);
    if (to < 0 || windows_.empty()) continue;
    if (by_time()) old.accrue(area, now, old_clock);
    windows_[std::size_t(to)] = std::move(old.windows_[area]);
    windows_[std::size_t(to)].listed = false;
    windows_[std::size_t(to)].gone.clear();
    if (old.cells_[area].touched) soil(std::size_t(to));
    if (!windows_[std::size_t(to)].buckets.empty()) mark(std::size_t(to), INT64_MIN);
  }
}

std::size_t Cells::bytes() const {
  std::size_t out = cells_.capacity() * sizeof(Cell) + windows_.capacity() * sizeof(Window);
  for (const Window& window : windows_) out += window.buckets.capacity() * sizeof(Bucket);
  return out;
}

}  // namespace cityloop::index
