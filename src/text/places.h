// Where a text says that something is: names of roads, estates, schools, districts, as they stand in it.
//
//   normal form ─ [places_in] ─▶ likeness (places weigh more), topics (where a topic lies)
//
// By the letters that Chinese place names end in (路 街 小区 村 镇 …), back to where the name begins: at punctuation,
// at the end of the place before, at a word that leads up to a place (在 位于 到 …). English names by their last words
// (Road, Street, Square …). No gazetteer: it also finds places that no list has, and now and then what is none.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cityloop::text {

struct Place {
  std::string_view name;  // into the text
  bool precise{};         // a road, an estate, a school; else a district, a town or larger
};

std::vector<Place> places_in(std::string_view normal);

// Who a text speaks of, as a group: 业主 居民 学生 …, in the order of first mention, each once.
std::vector<std::string_view> groups_in(std::string_view normal);

}  // namespace cityloop::text
