#include "index/composite/stages.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

constexpr double kLogOffset = 0.01;  // of the range, so that the least number has a logarithm

void measure(std::span<const double> column, double& skewness, double& kurtosis) {
  skewness = skewness_of(column), kurtosis = excess_kurtosis_of(column);
}

bool beyond(const Treatment& how, double skewness, double kurtosis) {
  return std::abs(skewness) > how.skewness_max && kurtosis > how.kurtosis_max;
}

// One step: the outermost numbers, and those moved before them, take the value of the next one inwards.
void winsorise_once(std::span<double> column, bool high, std::vector<bool>& moved) {
  const auto outer = [&](double a, double b) { return high ? a > b : a < b; };
  double edge = kMissing, next = kMissing;
  for (const double value : column) {
    if (!missing(value) && (missing(edge) || outer(value, edge))) edge = value;
  }
  for (std::size_t u = 0; u < column.size(); ++u) {
    if (column[u] == edge) moved[u] = true;
  }
  for (std::size_t u = 0; u < column.size(); ++u) {
    if (!missing(column[u]) && !moved[u] && (missing(next) || outer(column[u], next))) next = column[u];
  }
  if (missing(next)) return;
  for (std::size_t u = 0; u < column.size(); ++u) {
    if (moved[u]) column[u] = next;
  }
}

void winsorise(std::span<double> column, const Treatment& how, Treated& told) {
  std::vector<bool> high(column.size()), low(column.size());
  for (std::size_t step = 0; step < how.winsorised_max; ++step) {
    if (!beyond(how, told.skewness, told.kurtosis)) break;
    winsorise_once(column, told.skewness > 0, told.skewness > 0 ? high : low);
    measure(column, told.skewness, told.kurtosis);
  }
  told.winsorised_high = std::size_t(std::count(high.begin(), high.end(), true));
  told.winsorised_low = std::size_t(std::count(low.begin(), low.end(), true));
}

void take_log(std::span<const double> original, std::span<double> column, Treated& told) {
  told.logged = true;
  told.winsorised_low = told.winsorised_high = 0;
  for (std::size_t u = 0; u < column.size(); ++u) column[u] = told.of(original[u]);
  measure(column, told.skewness, told.kurtosis);
}

void treat_column(std::span<const double> original, std::span<double> column, const Treatment& how, Treated& told) {
  const bool wanted = beyond(how, told.skewness_before, told.kurtosis_before);
  const bool steps = how.method == TreatMethod::winsorise || how.method == TreatMethod::winsorise_or_log;
  if (!wanted) return;
  if (steps) winsorise(column, how, told);
  const bool still = beyond(how, told.skewness, told.kurtosis);
  if (how.method == TreatMethod::log || (how.method == TreatMethod::winsorise_or_log && still)) {
    take_log(original, column, told);
  } else {
    const Range range = range_of(column);
    if (told.winsorised_low) told.low = range.low;
    if (told.winsorised_high) told.high = range.high;
  }
}

// Where the line of an indicator begins and ends, the worse end first.
struct Ends {
  double worst, best;
};

Ends ends_of(const Indicator& indicator, std::span<const double> column, const Treated& treated,
             NormaliseMethod method) {
  Range range = range_of(column);
  if (method == NormaliseMethod::min_max && indicator.low) range = {*indicator.low, *indicator.high};
  const bool more = indicator.direction == Direction::more;
  Ends out{more ? range.low : range.high, more ? range.high : range.low};
  if (method == NormaliseMethod::target) out.best = treated.of_target(indicator.target.value_or(kMissing));
  return out;
}

Normalised line_of(const Indicator& indicator, std::span<const double> column, const Treated& treated,
                   const Normalisation& how) {
  Normalised out;
  out.linear = true;
  if (how.method == NormaliseMethod::z_score) {
    const double sign = indicator.direction == Direction::more ? 1 : -1;
    out.slope = sign * how.deviation / deviation_of(column);
    out.base = how.mean - out.slope * mean_of(column);
    return out;
  }
  const Ends ends = ends_of(indicator, column, treated, how.method);
  out.slope = (how.high - how.low) / (ends.best - ends.worst);
  out.base = how.low - out.slope * ends.worst;
  if (how.method == NormaliseMethod::target || indicator.low) out.high = how.high;
  if (how.method == NormaliseMethod::min_max && indicator.low) out.low = how.low;
  return out;
}

// As line_of says, by the formula itself: so a published index comes out to the last digit.
void normalise_line(const Indicator& indicator, std::span<const double> in, std::span<double> out,
                    const Treated& treated, const Normalisation& how, const Normalised& line) {
  const Ends ends = ends_of(indicator, in, treated, how.method);
  const double mean = mean_of(in), deviation = deviation_of(in);
  const double sign = indicator.direction == Direction::more ? 1 : -1;
  for (std::size_t u = 0; u < in.size(); ++u) {
    const double value = how.method == NormaliseMethod::z_score
                             ? how.mean + how.deviation * (sign * (in[u] - mean) / deviation)
                             : how.low + (in[u] - ends.worst) / (ends.best - ends.worst) * (how.high - how.low);
    out[u] = missing(value) ? kMissing : value;
    if (value > line.high) out[u] = line.high;
    if (value < line.low) out[u] = line.low;
  }
}

void normalise_places(const Indicator& indicator, std::span<double> column, const Normalisation& how) {
  std::vector<double> towards(column.begin(), column.end());
  if (indicator.direction == Direction::less) {
    for (double& value : towards) value = -value;
  }
  const std::vector<double> places = places_of(towards);
  const auto n = double(count_present(column));
  for (std::size_t u = 0; u < column.size(); ++u) {
    column[u] =
        how.method == NormaliseMethod::rank ? places[u] : how.low + (how.high - how.low) * (places[u] - 0.5) / n;
  }
}

bool tells_apart(const Indicator& indicator, std::span<const double> column, const Treated& treated,
                 const Normalisation& how) {
  if (count_present(column) == 0) return false;
  const Range range = range_of(column);
  if (how.method == NormaliseMethod::min_max && indicator.low) return true;
  if (how.method == NormaliseMethod::target) {
    const Ends ends = ends_of(indicator, column, treated, how.method);
    return indicator.direction == Direction::more ? ends.best > ends.worst : ends.best < ends.worst;
  }
  return range.low < range.high;
}

}  // namespace

Matrix denominate(const Frame& frame, const Table& table, std::vector<Note>& notes) {
  const std::size_t n = frame.indicators.size();
  Matrix out(table.units.size(), n);
  for (std::size_t c = 0; c < n; ++c) {
    const std::size_t by = frame.indicators[c].denominator;
    for (std::size_t u = 0; u < out.rows(); ++u) {
      const double value = table.cells.at(u, c);
      if (by == kNone || missing(value)) {
        out.at(u, c) = value;
        continue;
      }
      const double denominator = table.cells.at(u, n + by);
      if (!missing(denominator) && denominator != 0) out.at(u, c) = value / denominator;
      else
        notes.push_back({u,
                         c,
                         {fmt::format("分母“{}”缺失或为零", frame.denominators[by].name.zh),
                          fmt::format("its denominator {} is missing or 0", frame.denominators[by].name.en)}});
    }
  }
  return out;
}

double Treated::of(double value) const {
  if (missing(value)) return kMissing;
  if (!logged) {
    if (value > high) return high;
    return value < low ? low : value;
  }
  const double offset = kLogOffset * (greatest - least);
  const double within = std::clamp(value, least, greatest);
  return skewness_before < 0 ? -std::log(greatest - within + offset) : std::log(within - least + offset);
}

double Treated::of_target(double value) const {
  if (!logged) return value;
  const double offset = kLogOffset * (greatest - least);
  const double away = skewness_before < 0 ? greatest - value : value - least;
  return (skewness_before < 0 ? -1 : 1) * std::log(std::max(away, 0.0) + offset);
}

Matrix treat(const Frame& frame, const Matrix& in, const Treatment& how, std::vector<Treated>& treated,
             std::vector<Note>& notes) {
  Matrix out = in;
  treated.assign(in.columns(), {});
  for (std::size_t c = 0; c < in.columns(); ++c) {
    Treated& told = treated[c];
    const Range range = range_of(in.column(c));
    told.least = range.low, told.greatest = range.high;
    measure(in.column(c), told.skewness_before, told.kurtosis_before);
    told.skewness = told.skewness_before, told.kurtosis = told.kurtosis_before;
    if (how.method == TreatMethod::none || !frame.indicators[c].treated || frame.indicators[c].low) continue;
    treat_column(in.column(c), out.column(c), how, told);
    told.within_limits = !beyond(how, told.skewness, told.kurtosis);
    if (!told.within_limits)
      notes.push_back({kNone,
                       c,
                       {fmt::format("处理后偏度 {:.2f}、峰度 {:.2f} 仍超限", told.skewness, told.kurtosis),
                        fmt::format("skewness {:.2f} and kurtosis {:.2f} stay beyond their limits", told.skewness,
                                    told.kurtosis)}});
  }
  return out;
}

double Normalised::of(double value) const {
  const double out = base + slope * value;
  if (out > high) return high;
  return out < low ? low : out;
}

Matrix normalise(const Frame& frame, const Matrix& in, const std::vector<Treated>& treated, const Normalisation& how,
                 std::vector<Normalised>& lines, std::vector<Note>& notes) {
  Matrix out = in;
  lines.assign(in.columns(), {});
  for (std::size_t c = 0; c < in.columns(); ++c) {
    const Indicator& indicator = frame.indicators[c];
    if (!tells_apart(indicator, in.column(c), treated[c], how)) {
      std::ranges::fill(out.column(c), kMissing);
      if (count_present(in.column(c)) > 0)
        notes.push_back({kNone,
                         c,
                         {"各单位无差异或均已达标，无法比较，不计入",
                          "it does not tell units apart (all alike, or a target that all have passed): it does "
                          "not count"}});
      continue;
    }
    if (how.method == NormaliseMethod::rank || how.method == NormaliseMethod::percentile) {
      normalise_places(indicator, out.column(c), how);
    } else {
      lines[c] = line_of(indicator, in.column(c), treated[c], how);
      normalise_line(indicator, in.column(c), out.column(c), treated[c], how, lines[c]);
    }
  }
  return out;
}

}  // namespace cityloop::index
