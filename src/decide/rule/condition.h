// A query made ready to be asked about a row of the board. Comparisons of numbers joined by `;` are asked without
// leaving the row; anything else goes through the query language itself.
#pragma once

#include <limits>
#include <vector>

#include "decide/rule/board.h"
#include "twin/query/q.h"

namespace cityloop::decide {

inline constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

class Condition {
 public:
  Condition() = default;  // never holds
  // Claims what it asks about for the rule whose claim is current. `derived`: the name that is no attribute.
  Condition(const twin::Q&, flow::Name derived, Layout&);

  // `derived`: NaN while it is not known; a comparison with it is then false.
  bool holds(const Row& row, double derived = kNotKnown) const {
    if (q_) return holds_slowly(row, derived);
    for (const Part& part : parts_) {
      if (part.attribute == kNoOrdinal) {
        if (std::isnan(derived) || !part.comparison.holds(derived)) return false;
        continue;
      }
      const Reading* const reading = row.reading(part.attribute);
      if (!reading || !reading->known() || !part.comparison.holds(reading->number)) return false;
    }
    return !parts_.empty();
  }
  // The attributes asked about, without the derived one.
  const std::vector<Ordinal>& attributes() const { return attributes_; }

 private:
  struct Part {
    Ordinal attribute{kNoOrdinal};  // kNoOrdinal: the derived value
    twin::SimpleComparison comparison;
  };
  bool holds_slowly(const Row&, double derived) const;

  std::vector<Part> parts_;
  std::optional<twin::Q> q_;  // when parts_ cannot say it
  flow::Name derived_;
  std::vector<Ordinal> attributes_;
  std::vector<std::pair<flow::Name, Ordinal>> names_;
};

}  // namespace cityloop::decide
