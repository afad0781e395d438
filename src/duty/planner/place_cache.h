// Places of plans, made ready for tables of ways and kept: from one plan to the next most are the same.
//
//   positions ─▶ [PlaceCache] ─ StreetEnds ─▶ tables
//
// Places that several plans in a row did not ask for are let go. Owned by the thread that plans.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "geo/street_weights.h"

namespace cityloop::duty {

class PlaceCache {
 public:
  PlaceCache(geo::StreetWeightsPtr streets, double snap_m) : streets_(std::move(streets)), snap_m_(snap_m) {}

  // By position: ready, or null where no street is near.
  std::vector<geo::StreetEndsPtr> get(std::span<const geo::Position>, unsigned threads);
  std::size_t size() const { return kept_.size(); }

 private:
  struct Key {
    double lon_deg, lat_deg;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key&) const;
  };
  struct Kept {
    geo::StreetEndsPtr ends;
    std::uint64_t round{};  // in which it was last asked for
  };
  void forget_old();

  const geo::StreetWeightsPtr streets_;
  const double snap_m_;
  std::unordered_map<Key, Kept, Hash> kept_;
  std::uint64_t round_{0};
};

}  // namespace cityloop::duty
