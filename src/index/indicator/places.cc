#include "index/indicator/places.h"

#include <algorithm>

namespace cityloop::index {

Places::Places(const IndicatorRules& rules) : rules_(rules), departments_(rules.department_begin()) {
  for (std::size_t i = 1; i < rules.areas().size(); ++i) {
    const AreaEntry& one = rules.areas()[i];
    (one.kind == AreaKind::area ? area_of_ : department_of_).emplace(one.id, std::uint16_t(i));
  }
}

std::uint32_t Places::of(const std::optional<geo::Position>& at, std::string_view area, std::string_view department) {
  std::vector<std::uint16_t> list{0};
  if (at) {
    for (const std::string_view name : rules_.shapes().areas_of(*at)) list.push_back(area_of_.find(name)->second);
  } else if (const auto named = area_of_.find(area); named != area_of_.end()) {
    list.push_back(named->second);
  }
  if (const auto own = department_of_.find(department); own != department_of_.end()) list.push_back(own->second);
  std::ranges::sort(list);
  const auto [known, fresh] = known_.try_emplace(std::move(list), std::uint32_t(lists_.size()));
  if (fresh) lists_.push_back(known->first);
  return known->second;
}

}  // namespace cityloop::index
