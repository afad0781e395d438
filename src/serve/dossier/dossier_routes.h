// A case to be printed and with its evidence: /api/v1/cases/{id}/dossier.pdf and dossier.zip, for whoever may read the
// case.
//
//   Call ─▶ [DossierRoutes] ─ DossierDesk's own thread ─▶ gather ─▶ PDF | ZIP
//                                        └─ CaseExport (who, when, which case, the file's SHA-256) ─▶ twin
//
// The answer leaves when the log says who was given it. Making one takes a fraction of a second, on a thread of its own
// so that neither requests nor counts wait; one at a time for each person (429), few waiting (503).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "serve/back_room.h"
#include "serve/case_rules_shelf.h"
#include "serve/cases/case_index.h"
#include "serve/city.h"
#include "serve/dossier/dossier.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

class DossierDesk {
 public:
  enum class Taken : std::uint8_t { taken, others_own, full };
  // others_own: another one of this person is being made. Otherwise the answer goes to `reply`, which may be given
  // where it is not taken too.
  Taken post(const std::string& person, std::function<net::Response()> work, const std::shared_ptr<net::Reply>& reply);
  bool stopping() const { return room_.stopping(); }
  std::uint64_t next_number() { return ++made_; }

 private:
  std::mutex mutex_;
  std::set<std::string> at_work_;  // persons
  std::atomic<std::uint64_t> made_{0};
  BackRoom room_{8};  // the last member: its thread uses the others
};

struct DossierRoutes {
  const Guard& guard;
  twin::Twin& twin;
  const City& city;
  const twin::History& history;
  CaseRulesShelf& shelf;
  const CaseIndex& index;
  DossierDesk& desk;
  base::TimeZone zone;
  decltype(DossierSources::photo) photo;
  decltype(DossierSources::mask) mask;
  decltype(DossierSources::trail_done) trail_done;
  std::string font_config{};  // sheet.h

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
