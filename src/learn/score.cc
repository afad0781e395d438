#include "learn/score.h"

#include <algorithm>
#include <cmath>

#include "flow/noun.h"

namespace cityloop::learn {

std::optional<double> Score::precision() const {
  if (ended() == 0) return std::nullopt;
  return double(confirmed) / double(ended());
}

std::optional<Interval> likely(const Score& score) {
  const auto p = score.precision();
  if (!p) return std::nullopt;
  constexpr double kZ = 1.959963984540054;  // two-sided 95 %
  const auto n = double(score.ended());
  const double centre = (*p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double reach = kZ / (1 + kZ * kZ / n) * std::sqrt(*p * (1 - *p) / n + kZ * kZ / (4 * n * n));
  return Interval{std::max(0.0, centre - reach), std::min(1.0, centre + reach)};
}

flow::Write to_write(const Score& score) {
  flow::NounWriter out(flow::EntityId("urn:ngsi-ld:RuleScore:" + score.rule), "RuleScore", flow::WriteMode::replace);
  out.text("rule", score.rule).number("confirmed", double(score.confirmed));
  out.number("falseAlarm", double(score.false_alarm)).number("open", double(score.open));
  if (const auto precision = score.precision()) out.number("precision", *precision);
  if (const auto interval = likely(score)) out.number("low", interval->low).number("high", interval->high);
  return out.time("updatedAt", score.updated_at).take();
}

}  // namespace cityloop::learn
