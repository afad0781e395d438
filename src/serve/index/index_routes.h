// Composite indices, self-assessments and surveys of feelings: /api/v1/indices/… (what there is, each one computed, its
// stages as files, what would lift a unit, and every table that was saved).
//
//   IndexShelf, IndexDesk ─▶ [IndexRoutes] ─▶ console          console ─ IndexSaving ─▶ twin
//
// To read needs read_indices, to save fill_indices. A report that is not ready answers 202 with how far it is; whoever
// wants it asks again. A survey's answers are not saved through the server: the log cannot forget, and a person's
// answers must be able to go; they are a file of the city's folder.
#pragma once

#include "serve/guard.h"
#include "serve/index/index_desk.h"
#include "serve/index/index_shelf.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct IndexRoutes {
  const Guard& guard;
  twin::Twin& twin;
  const IndexShelf& shelf;
  IndexDesk& desk;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
