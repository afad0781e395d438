// What an indicator came to and how it goes, out of the twin and its history, for the routes and for the check-up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "index/indicator/indicator_rules.h"
#include "index/indicator/indicator_value.h"
#include "serve/guard.h"
#include "twin/history/history.h"
#include "twin/twin.h"

namespace cityloop::serve {

// How a value went over the last period: what it was then, and whether that was better.
struct ValueTrend {
  base::Instant since{base::kNever};
  std::optional<double> before, change;
  enum class Way : std::uint8_t { unknown, same, better, worse } way{Way::unknown};
};
std::string_view to_string(ValueTrend::Way);
// From one value to another, as the declaration judges it.
ValueTrend::Way way_of(const index::Declaration&, double before, double now);

class IndicatorView {
 public:
  IndicatorView(const twin::Twin& twin, const twin::History& history, index::IndicatorRulesPtr rules)
      : twin_(twin), history_(history), rules_(std::move(rules)) {}

  const index::IndicatorRules& rules() const { return *rules_; }
  std::optional<index::ShownValue> value(const index::Declaration&, const index::AreaEntry&) const;
  // Up to when the log has been counted; kNever before the first time.
  base::Instant as_of() const;
  base::Duration age() const;  // of every value: how long that is ago
  // In order; of the moments before the first there is nothing.
  base::Result<std::vector<twin::Sample>> samples(const index::Declaration&, const index::AreaEntry&,
                                                  base::Instant from, base::Instant to,
                                                  std::size_t points_max = 2000) const;
  // The value that held at a moment; nothing where none is known to have.
  std::optional<double> value_at(const index::Declaration&, const index::AreaEntry&, base::Instant) const;
  // Over the indicator's own period; of what is as it is now, over a day.
  ValueTrend trend(const index::Declaration&, const index::AreaEntry&) const;

  // {value, level, meaning, since, ageSeconds, inputs{expected, present, stale}, miss}
  void write_value(base::JsonWriter&, const index::Declaration&, const index::AreaEntry&) const;
  void write_declaration(base::JsonWriter&, const index::Declaration&) const;  // members of an open object
  static void write_area(base::JsonWriter&, const index::AreaEntry&);          // likewise
  static void write_trend(base::JsonWriter&, const ValueTrend&);

 private:
  const twin::Twin& twin_;
  const twin::History& history_;
  index::IndicatorRulesPtr rules_;
};

// Whether somebody may see what is counted there: areas cut across every role.
base::Status may_see(const Guard&, const trust::Principal&, const index::AreaEntry&);

}  // namespace cityloop::serve
