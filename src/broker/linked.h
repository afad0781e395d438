// The entities behind the relationships of others, also where only sources hold them (ETSI GS CIM 009, clauses 4.5.23,
// 5.12): gathered level by level before anything is written.
//
//   entities of an answer ─ gather_linked ─▶ twin, Federation::fetch ─▶ LinkedEntities ─▶ written (form.h)
//
// Each is asked for once, all of one level together, only those that the answer will show, and no more than
// FederationOptions::linked_max for one request: what lies beyond is left out, and a warning says so.
#pragma once

#include <functional>
#include <vector>

#include "broker/federation/federation.h"
#include "broker/form.h"

namespace cityloop::broker {

// Whether sources are to be asked before these can be written.
bool asks_for_linked(const Federation&, const Exchange&, const Form&);
// `done` gets them with the warnings for the answer, at once or on another thread. The exchange is a kept one.
void gather_linked(const Federation&, const Exchange&, const Form&, const std::vector<flow::EntityPtr>& from,
                   std::function<void(LinkedEntities, Headers)> done);

}  // namespace cityloop::broker
