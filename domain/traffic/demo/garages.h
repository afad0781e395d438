// The town's garages: cars that end their way at a gate of the inner town are parked in its garage, those that begin
// there come out of it.
//
//   Streets, each second; network/garages.csv ─▶ [Garages] ─▶ traffic/garage/ID/state
//
// Whoever finds it full has gone elsewhere: a garage never holds more than its spaces, nor fewer than none.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

struct TownGarage {
  std::string id, name_zh, name_en, gate, edge;
  int spaces{}, taken{};
};
base::Result<std::vector<TownGarage>> read_garages(const std::filesystem::path& csv);

class Garages {
 public:
  explicit Garages(std::vector<TownGarage> garages) : garages_(std::move(garages)) {}
  // Once a second: the cars ("FROM.TO.NUMBER") that came onto the streets in it, and that ended their way.
  void look(const std::vector<std::string>& began, const std::vector<std::string>& ended);
  const std::vector<TownGarage>& all() const { return garages_; }

 private:
  std::vector<TownGarage> garages_;
};

}  // namespace cityloop::traffic
