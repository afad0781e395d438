// Lists of cases, how many there are of each kind, and where they are: GET /api/v1/cases and /api/v1/cases/map.
//
//   request ─ filters, order, cursor ─▶ CaseIndex ─▶ a page; squares or points of a map
#pragma once

#include "serve/cases/case_index.h"
#include "serve/guard.h"
#include "serve/views.h"

namespace cityloop::serve {

// What of the cases this person may see and count.
CaseSight sight_of(const trust::Policy&, const trust::Principal&);
// The same question of one case.
bool may_read_case(const trust::Policy&, const trust::Principal&, const flow::Case&);

// Filters of a request's query: state, stage, outcome, kind, rule, department, area, category, severity, channel,
// assisting, cell, crew, holder, reporter (several with commas; "-" is none; "me" as a holder or reporter is whoever
// asks), open, overdue, supervised, sensed, reopened, photos, requested, similar, storm (true or false), openedFrom/To,
// dueFrom/To, closedFrom/To, ratingMin/Max, bbox, and q, the text.
base::Result<CaseFilter> case_filter_of(const Call&);

struct CaseListRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const CaseIndex& index;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
