// An indicator as somebody declared it: what it counts, for which areas and periods, what is good, who answers for it.
//
//   CITY/indicators/*.toml, CITY/PACKAGE/indicators/*.toml ─ IndicatorRules ─▶ [Declaration] ─▶ IndicatorLoop, routes
//
// What each word of a declaration means is explained in doc/indicators.md. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "flow/finding.h"
#include "flow/names.h"
#include "index/indicator/formula.h"
#include "twin/query/q.h"

namespace cityloop::index {

// Where what is counted comes from.
enum class Over : std::uint8_t { twin, history, cases, formula };

enum class Measure : std::uint8_t {
  // Of entities as they are now.
  count,
  sum,
  mean,
  minimum,
  maximum,
  quantile,  // of the values; the relative error is kSketchError
  share,     // of those with a value: for how many a condition holds
  ratio,     // the sum of one attribute by the sum of another
  // Of entities over a period.
  time_mean,   // time-weighted
  time_share,  // of the measured time: past the limit
  hours,       // past the limit, all inputs together
  changes,     // how often the attribute took another value
  // Of cases over a period.
  opened,
  assigned,  // came to a department
  closed,
  on_time,   // of those closed: before their deadline
  duration,  // hours from one moment of a case's life to another, of those that reached the second
  reopened,  // taken up again, by those closed
  rating,    // mean of what people gave, 1 to 5
};
inline constexpr std::size_t kMeasures = 19;

enum class Better : std::uint8_t { higher, lower, band };  // which way is better
enum class Span : std::uint8_t { now, minute, hour, day, week, month, quarter, year };
enum class Level : std::uint8_t { good, watch, warn, alarm };
enum class AreaKind : std::uint8_t { city, area, department };

// Rolling: the last day, up to now. Calendar: today, from midnight in the city's zone; weeks begin on Monday.
struct Period {
  Span span{Span::now};
  bool calendar{false};
};

// Holds for values of `above` and more, of `below` and less, or between the two.
struct Threshold {
  Level level{Level::watch};
  std::optional<double> above{}, below{};
  flow::Bilingual meaning{};
  bool holds(double value) const { return (!above || value >= *above) && (!below || value <= *below); }
};

struct Declaration {
  std::string id;      // [a-z][a-z0-9_]*: an attribute of IndicatorValue entities
  std::string domain;  // "cases", "air", "traffic" …
  flow::Bilingual name, description, source;
  std::string unit;   // UN/CEFACT code; P1: shares are percent
  std::string owner;  // a department, or who else answers for it
  int decimals{-1};   // to which values are rounded; -1: four significant digits
  Better direction{Better::lower};
  std::optional<double> target{}, target_to{};  // of a band: from, to
  std::vector<Threshold> thresholds{};
  Period period{};
  bool areas[3]{true, true, false};  // by AreaKind
  std::string file{};
  int line{};

  Over over{Over::twin};
  Measure measure{Measure::count};
  flow::Name type{};
  std::optional<twin::Q> where{}, holds{};  // which entities; the condition of a share
  flow::Name attribute{}, by{};             // `by`: the divisor of a ratio
  double quantile{0.5};                     // of a quantile, and of a duration where it is asked
  bool by_quantile{false};                  // duration: the quantile instead of the mean
  double limit{};
  bool above{true};              // past the limit is above it
  base::Duration stale_after{};  // zero: never
  std::string from{}, to{};      // duration: "opened", a stage, "closed"
  Formula formula{};

  bool wants(AreaKind kind) const { return areas[std::size_t(kind)]; }
  bool is_percent() const { return unit == "P1"; }
  // Whether it lives by a window of time rather than by what is now.
  bool has_window() const { return measure >= Measure::time_mean && over != Over::formula; }
  // The worst of the levels that hold; nothing where none is declared.
  const Threshold* threshold_at(double value) const;
  // How far past its target, as a share of it (1 where the target is zero); 0 where it is met.
  std::optional<double> miss(double value) const;
};

std::string_view to_string(Measure);
std::string_view to_string(Over);
std::string_view to_string(Better);
std::string_view to_string(Span);
std::string_view to_string(Level);
std::string_view to_string(AreaKind);
// What a measure is reckoned from, in words.
flow::Bilingual words_of(const Declaration&);

// Nothing when the word is none of them.
std::optional<Measure> measure_from(std::string_view);
std::optional<Better> better_from(std::string_view);
std::optional<Span> span_from(std::string_view);
std::optional<Level> level_from(std::string_view);

// To `decimals`, or to four significant digits: what differs less is the same value.
double rounded(double value, int decimals);

}  // namespace cityloop::index
