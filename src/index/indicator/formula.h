// A formula over other indicators: 100 * overdue / open, per_1000(opened), weighted(air, 2, noise, 1).
//
// Names are indicators' ids, of the same area; `name@city` is the whole city's value; `inhabitants` and `area_km2` are
// the area's own. Operators + - * / and brackets; functions min, max, per_1000 (of inhabitants), per_km2, weighted
// (values and weights in turn). What is missing makes the whole missing, and so does a division by zero: nothing is
// ever taken for zero.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::index {

class Formula {
 public:
  struct Input {
    std::string name;  // an indicator's id, "inhabitants" or "area_km2"
    bool of_city{false};
    friend bool operator==(const Input&, const Input&) = default;
  };

  // Refuses with the position (from 1) and what was expected there. At most 2,000 characters, 64 brackets deep.
  static base::Result<Formula> parse(std::string_view);

  const std::string& text() const { return text_; }
  bool empty() const { return code_.empty(); }
  const std::vector<Input>& inputs() const { return inputs_; }  // each once, in order of first use
  // Gives a value by the input's place; NaN: missing. NaN when the outcome is missing.
  template <class Give>
  double evaluate(const Give& give) const {
    return run([](const void* context, std::size_t place) { return (*static_cast<const Give*>(context))(place); },
               &give);
  }

 private:
  enum class Op : std::uint8_t { number, input, add, subtract, multiply, divide, negate, least, most, weighted };
  struct Step {
    Op op;
    std::uint32_t count{};  // of operands, or the input's place
    double number{};
  };
  friend class FormulaReader;
  double run(double (*give)(const void*, std::size_t), const void* context) const;

  std::string text_;
  std::vector<Input> inputs_;
  std::vector<Step> code_;
};

inline constexpr std::string_view kInhabitants = "inhabitants", kAreaKm2 = "area_km2";

}  // namespace cityloop::index
