// This room put together: proposals, rounds and inspections of one city, on top of what citizens meet already.
//
//   Civic, settings ─▶ [Participation] ─ /public/v1/{participation,people,proposals,rounds}, /api/v1/{participation,
//                                        rounds,inspections,inspectors}
//
// Its data: DATA/participation.db (people.h, discussion.h), DATA/participation.key (person_keys.h), DATA/roll.db
// (roll.h), DATA/ballots.db (ballot_box.h) and DATA/ballots/ (the published files).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "civic/civic.h"
#include "participation/settings.h"

namespace cityloop::participation {

struct ParticipationHouse {
  const ParticipationSettings& settings;
  const civic::Civic& civic;  // outlives this room
  std::string data_folder;
  std::function<std::string(std::string_view geojson)> area_of;
  bool links_at_hand{false};  // forum.h
};

std::string roll_file(const std::string& data_folder);

class Participation {
 public:
  static base::Result<std::unique_ptr<Participation>> open(const ParticipationHouse&);
  ~Participation();

  void add_to(net::Router&) const;
  base::Status start();
  void stop();
  void settle() const;  // for tests (keeper.h)
  std::vector<std::pair<std::string, double>> counters() const;

 private:
  struct Inside;
  explicit Participation(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::participation
