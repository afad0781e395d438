// Community inspectors: what they are asked, what they answer, and their record: /api/v1/inspections,
// /api/v1/inspectors.
#pragma once

#include "participation/forum.h"
#include "participation/inspection_keeper.h"

namespace cityloop::participation {

struct InspectionRoutes {
  const Forum& on;
  InspectionKeeper& keeper;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::participation
