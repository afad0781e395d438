// Trials of controllers on the same streets with the same seed, for the console: GET /api/v1/traffic/trials and …/{id}.
//
//   traffic_bench_signals --trial FILE ─▶ CITY/traffic/trials, DATA/traffic/trials ─▶ [TrialRoutes] ─▶ console
//
// A trial is a file of JSON in the contract's form (api/openapi.yaml, TrafficTrial); its name without ".json" is its
// id. Files are read when they are asked for, on the back room's thread; one that cannot be read hides no other, and
// the answer says which those are.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "serve/back_room.h"
#include "serve/guard.h"

namespace cityloop::traffic {

class TrialShelf {
 public:
  // Later folders win where two hold the same name; a folder that is not there holds nothing.
  explicit TrialShelf(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  std::string list_json() const;                                    // newest first, and `unreadable`: [{file, why}]
  base::Result<std::string> trial_json(std::string_view id) const;  // not_found for a name that is none

 private:
  std::vector<std::string> folders_;
};

struct TrialRoutes {
  const serve::Guard& guard;
  serve::BackRoom& back_room;
  TrialShelf shelf;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
