// What an applicant meets: cycles, the own unit, drafts, submissions, files, answers, confirmation, publication.
//
//   /api/v1/awards/{cycles,profile,entries,uploads} ─▶ [EntryRoutes] ─▶ EntryDesk
#pragma once

#include "domain/awards/entry/office.h"

namespace cityloop::awards {

struct EntryRoutes {
  const Office& office;  // outlives the router
  void add_to(net::Router&) const;
};

}  // namespace cityloop::awards
