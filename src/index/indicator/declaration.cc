#include "index/indicator/declaration.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cityloop::index {
namespace {

constexpr std::array<std::string_view, kMeasures> kMeasure{
    "count", "sum",     "mean",   "min",      "max",    "quantile", "share",    "ratio",    "time_mean", "time_share",
    "hours", "changes", "opened", "assigned", "closed", "on_time",  "duration", "reopened", "rating"};
constexpr std::array<std::string_view, 4> kOver{"twin", "history", "cases", "formula"};
constexpr std::array<std::string_view, 3> kBetter{"higher", "lower", "band"};
constexpr std::array<std::string_view, 8> kSpan{"now", "minute", "hour", "day", "week", "month", "quarter", "year"};
constexpr std::array<std::string_view, 4> kLevel{"good", "watch", "warn", "alarm"};
constexpr std::array<std::string_view, 3> kAreaKind{"city", "area", "department"};

template <class T, std::size_t N>
std::optional<T> from(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return T(found - words.begin());
}

std::string stage_zh(std::string_view stage) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"opened", "立案"},   {"intake", "受理"},       {"filing", "立案审核"}, {"dispatch", "派遣"}, {"work", "处置"},
      {"feedback", "反馈"}, {"verification", "核查"}, {"rating", "评价"},     {"closed", "结案"}};
  for (const auto& [word, zh] : kWords) {
    if (word == stage) return std::string(zh);
  }
  return std::string(stage);
}

}  // namespace

std::string_view to_string(Measure one) {
  return kMeasure[std::size_t(one)];
}
std::string_view to_string(Over one) {
  return kOver[std::size_t(one)];
}
std::string_view to_string(Better one) {
  return kBetter[std::size_t(one)];
}
std::string_view to_string(Span one) {
  return kSpan[std::size_t(one)];
}
std::string_view to_string(Level one) {
  return kLevel[std::size_t(one)];
}
std::string_view to_string(AreaKind one) {
  return kAreaKind[std::size_t(one)];
}
std::optional<Measure> measure_from(std::string_view word) {
  return from<Measure>(kMeasure, word);
}
std::optional<Better> better_from(std::string_view word) {
  return from<Better>(kBetter, word);
}
std::optional<Span> span_from(std::string_view word) {
  return from<Span>(kSpan, word);
}
std::optional<Level> level_from(std::string_view word) {
  return from<Level>(kLevel, word);
}

const Threshold* Declaration::threshold_at(double value) const {
  const Threshold* worst = nullptr;
  for (const Threshold& one : thresholds) {
    if (one.holds(value) && (!worst || one.level > worst->level)) worst = &one;
  }
  return worst;
}

std::optional<double> Declaration::miss(double value) const {
  if (!target) return std::nullopt;
  double by = 0, of = std::abs(*target);
  const bool too_low = direction != Better::lower && (direction == Better::higher || value < *target);
  if (too_low) by = *target - value;
  else if (direction == Better::lower) by = value - *target;
  else if (target_to && value > *target_to) by = value - *target_to, of = std::abs(*target_to);
  return by <= 0 ? 0 : of > 0 ? by / of : 1;
}

flow::Bilingual words_of(const Declaration& one) {
  const std::string attribute(one.attribute.text()), by(one.by.text());
  const auto is = [](std::string zh, std::string en) { return flow::Bilingual{std::move(zh), std::move(en)}; };
  if (one.over == Over::formula) return is(one.formula.text(), one.formula.text());
  const std::string limit = fmt::format("{} {}", one.above ? "≥" : "≤", one.limit);
  switch (one.measure) {
    case Measure::count: return is("符合条件的实体数", "number of entities that the condition holds for");
    case Measure::sum: return is(attribute + " 之和", "sum of " + attribute);
    case Measure::mean: return is(attribute + " 的平均值", "mean of " + attribute);
    case Measure::minimum: return is(attribute + " 的最小值", "least " + attribute);
    case Measure::maximum: return is(attribute + " 的最大值", "greatest " + attribute);
    case Measure::quantile:
      return is(fmt::format("{} 的 {} 分位数", attribute, one.quantile),
                fmt::format("{} quantile of {}", one.quantile, attribute));
    case Measure::share:
      return is(fmt::format("有读数者中满足 {} 的占比", one.holds->text()),
                fmt::format("of those with a reading, the share with {}", one.holds->text()));
    case Measure::ratio: return is(attribute + " 之和 ÷ " + by + " 之和", "sum of " + attribute + " / sum of " + by);
    case Measure::time_mean: return is(attribute + " 的时间加权平均", "time-weighted mean of " + attribute);
    case Measure::time_share:
      return is(fmt::format("{} {} 的时间占比", attribute, limit),
                fmt::format("share of the measured time with {} {}", attribute, limit));
    case Measure::hours:
      return is(fmt::format("{} {} 的小时数", attribute, limit), fmt::format("hours with {} {}", attribute, limit));
    case Measure::changes: return is(attribute + " 的变化次数", "number of changes of " + attribute);
    case Measure::opened: return is("新立案件数", "cases opened");
    case Measure::assigned: return is("派到部门的案件数", "cases that came to a department");
    case Measure::closed: return is("结案数", "cases closed");
    case Measure::on_time: return is("按期结案数 ÷ 结案数", "closed before their deadline / closed");
    case Measure::duration:
      return is(fmt::format("从{}到{}的{}(小时)", stage_zh(one.from), stage_zh(one.to),
                            one.by_quantile ? fmt::format(" {} 分位时长", one.quantile) : "平均时长"),
                fmt::format("{} hours from {} to {}",
                            one.by_quantile ? fmt::format("{} quantile of", one.quantile) : "mean", one.from, one.to));
    case Measure::reopened: return is("返工案件数 ÷ 结案数", "taken up again / closed");
    case Measure::rating: return is("评分的平均值(1–5)", "mean rating, 1 to 5");
  }
  return {};
}

double rounded(double value, int decimals) {
  if (value == 0 || !std::isfinite(value)) return value;
  constexpr int kSignificant = 4, kDecimalsMax = 12;
  if (decimals < 0) decimals = kSignificant - 1 - int(std::floor(std::log10(std::abs(value))));
  decimals = std::clamp(decimals, -kDecimalsMax, kDecimalsMax);
  const double scale = std::pow(10.0, std::abs(decimals));
  const double out = decimals >= 0 ? std::round(value * scale) / scale : std::round(value / scale) * scale;
  return out == 0 ? 0 : out;  // never minus zero
}

}  // namespace cityloop::index
