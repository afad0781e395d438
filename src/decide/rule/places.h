// Which entities of a rule lie near which: positions by thing, neighbours remembered until something moves.
#pragma once

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "decide/rule/board.h"
#include "geo/index.h"

namespace cityloop::decide {

class Places {
 public:
  // Nothing for a thing without a location, or one that is gone.
  void put(Thing thing, std::optional<geo::Position> at) {
    near_.clear();
    if (positions_.size() <= thing) positions_.resize(thing + 1);
    positions_[thing] = at;
    if (at) index_.put(thing, geo::Shape::point(*at));
    else index_.erase(thing);
  }

  // Those within the distance, ascending, without the thing itself.
  const std::vector<Thing>& near(Thing thing, double distance_m) {
    static const std::vector<Thing> nobody;
    if (thing >= positions_.size() || !positions_[thing]) return nobody;
    const auto [found, is_new] = near_.try_emplace(thing);
    if (!is_new) return found->second;
    const geo::Position here = *positions_[thing];
    for (const Thing other : index_.near(geo::Shape::point(here), distance_m)) {
      if (other != thing && geo::distance_m(here, *positions_[other]) <= distance_m) found->second.push_back(other);
    }
    std::sort(found->second.begin(), found->second.end());
    return found->second;
  }

 private:
  geo::SpatialIndex index_;
  std::vector<std::optional<geo::Position>> positions_;
  std::unordered_map<Thing, std::vector<Thing>> near_;
};

}  // namespace cityloop::decide
