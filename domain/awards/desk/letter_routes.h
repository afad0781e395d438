// The secretary's letters to applicants: which there is an occasion for, how each reads and stands, and sending them.
//
//   /api/v1/awards/cycles/{cycle}/letters ─▶ [LetterRoutes] ─▶ LetterDesk
#pragma once

#include "domain/awards/desk/letter_desk.h"
#include "domain/awards/entry/office.h"

namespace cityloop::awards {

struct LetterRoutes {
  const Office& office;
  LetterDesk& letters;
  void add_to(net::Router&) const;
};

}  // namespace cityloop::awards
