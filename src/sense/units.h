// The units that feeds come in and entities are kept in: UN/CEFACT Recommendation 20 codes, and the symbols people
// write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::sense {

// From one unit to another of the same quantity: ((v + before) * times / divided_by) - after. Multiplying and dividing
// by whole numbers keeps 57 % at 0.57.
struct Conversion {
  double before{0}, times{1}, divided_by{1}, after{0};
  double operator()(double v) const;
  bool nothing() const { return before == 0 && after == 0 && times == divided_by; }
};

// The code of a unit given by its code or by a symbol ("km/h" → "KMH"); nothing when it is not known.
std::optional<std::string_view> unit_code(std::string_view name);

// Fails when a unit is not known, or when the two measure different things.
base::Result<Conversion> convert(std::string_view from, std::string_view to);

}  // namespace cityloop::sense
