// In which areas a thing counts: the whole city, every named area that its place lies in, its department.
//
// Looked up once when a thing moves; things with the same areas share one list. On the loop's thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/indicator/indicator_rules.h"

namespace cityloop::index {

class Places {
 public:
  explicit Places(const IndicatorRules&);

  // Of a thing without a place the named area counts, where there is one of that name.
  std::uint32_t of(const std::optional<geo::Position>&, std::string_view area, std::string_view department);
  // Places in rules.areas(), ascending; the city is always the first.
  const std::vector<std::uint16_t>& areas(std::uint32_t place) const { return lists_[place]; }
  AreaKind kind(std::uint16_t area) const {
    return area == 0 ? AreaKind::city : area < departments_ ? AreaKind::area : AreaKind::department;
  }

 private:
  const IndicatorRules& rules_;
  std::size_t departments_;
  std::map<std::string, std::uint16_t, std::less<>> area_of_, department_of_;
  std::vector<std::vector<std::uint16_t>> lists_;
  std::map<std::vector<std::uint16_t>, std::uint32_t> known_;
};

}  // namespace cityloop::index
