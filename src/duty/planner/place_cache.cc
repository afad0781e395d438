#include "duty/planner/place_cache.h"

#include <algorithm>
#include <bit>
#include <thread>

namespace cityloop::duty {
namespace {

// Departments are planned in turn, so a place may be asked for again after all others had theirs.
constexpr std::uint64_t kRoundsKept = 64;
constexpr std::size_t kPlacesMax = 50'000;

}  // namespace

std::size_t PlaceCache::Hash::operator()(const Key& key) const {
  const auto bits = std::bit_cast<std::uint64_t>(key.lon_deg) * 0x9e3779b97f4a7c15;
  return std::size_t((bits ^ bits >> 29) + std::bit_cast<std::uint64_t>(key.lat_deg) * 0xbf58476d1ce4e5b9);
}

std::vector<geo::StreetEndsPtr> PlaceCache::get(std::span<const geo::Position> places, unsigned threads) {
  ++round_;
  std::vector<Kept*> all;
  std::vector<std::pair<geo::Position, Kept*>> missing;
  for (const geo::Position at : places) {
    const auto [found, is_new] = kept_.try_emplace(Key{at.lon_deg, at.lat_deg});
    if (is_new) missing.emplace_back(at, &found->second);
    found->second.round = round_;
    all.push_back(&found->second);
  }
  const auto make = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const auto spot = streets_->graph().snap(missing[i].first, streets_->mode(), snap_m_);
      if (spot) missing[i].second->ends = streets_->prepare(*spot);
    }
  };
  {
    const std::size_t shares = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(missing.size() / 16, 1));
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < shares; ++i)
      others.emplace_back([&, i] { make(missing.size() * i / shares, missing.size() * (i + 1) / shares); });
    make(0, missing.size() / shares);
  }
  std::vector<geo::StreetEndsPtr> out;
  for (const Kept* one : all) out.push_back(one->ends);
  forget_old();
  return out;
}

void PlaceCache::forget_old() {
  const bool many = kept_.size() > kPlacesMax;
  std::erase_if(kept_, [&](const auto& entry) {
    const std::uint64_t age = round_ - entry.second.round;
    return age > kRoundsKept || (many && age > 0);
  });
}

}  // namespace cityloop::duty
