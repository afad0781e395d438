// What the secretariat, the auditor and the public meet: the dashboard, proposals, steps, masking, jurors, assignment,
// export; what happened; the library of what was chosen.
//
//   /api/v1/awards/{cycles/{cycle}/…,proposals,audit}, /public/v1/awards/… ─▶ [SecretaryRoutes] ─▶ Secretariat
#pragma once

#include "domain/awards/desk/masking_runs.h"
#include "domain/awards/desk/studies.h"
#include "domain/awards/entry/office.h"

namespace cityloop::awards {

struct SecretaryRoutes {
  const Office& office;
  Secretariat& secretariat;
  JuryDesk& jury;
  Studies& studies;
  MaskingRuns& masking;
  void add_to(net::Router&) const;
};

}  // namespace cityloop::awards
