// What a juror and the chair meet: the own sheets, the panel's standings after the round has closed, decisions, prizes.
//
//   /api/v1/awards/{sheets,nominations}, /api/v1/awards/cycles/{cycle}/ranking, …/decisions ─▶ [JurorRoutes] ─▶
//   JuryDesk
#pragma once

#include "domain/awards/desk/jury_desk.h"
#include "domain/awards/desk/studies.h"
#include "domain/awards/entry/office.h"

namespace cityloop::awards {

struct JurorRoutes {
  const Office& office;
  JuryDesk& jury;
  Studies& studies;
  void add_to(net::Router&) const;
};

}  // namespace cityloop::awards
