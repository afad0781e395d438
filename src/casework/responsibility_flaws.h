// Where responsibility has gaps and overlaps, before a case falls into one.
//
//   CaseRules, the city's policy areas ─▶ [flaws_of] ─▶ log at load, `cityloop duty check`, GET /api/v1/duty/coverage
//
// - cells_overlap  two grid cells share ground: a position there is of the smaller one
// - cells_hole     a part of a policy area lies in no cell (only where the city has cells at all)
// - no_rule        a category in use for which nobody is responsible in some cells, or at some hours: no rule holds,
// and
//                  neither the category nor its kind names a department
// - rules_collide  two rows of the same conditions say different things
// Ground that is narrower than geo::kSliver_m is inaccuracy of drawing. Hours are looked at in quarters for the eight
// days from `now`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case_rules.h"
#include "geo/shape.h"

namespace cityloop::casework {

enum class FlawKind : std::uint8_t { cells_overlap, cells_hole, no_rule, rules_collide };
std::string_view to_string(FlawKind);

struct Flaw {
  FlawKind kind{};
  flow::Bilingual text;
  std::vector<std::string> cells{};  // codes
  std::vector<std::uint32_t> rules{};
  std::vector<std::string> departments{};
  std::string area{}, category{};
  std::optional<geo::Shape> shape{};
  double area_m2{};
};

// In the order of the list above, each sort by size, code or row.
std::vector<Flaw> flaws_of(const CaseRules&, const std::vector<geo::Area>& policy_areas, Instant now);

}  // namespace cityloop::casework
