// Asking for entities, by GET or by a Query in a body, here and at sources (clause 5.7.2).
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"
#include "broker/form.h"

namespace cityloop::broker {

// Answers with one page of entities, its count and links to the pages beside it.
void answer_query(const Federation&, const Exchange&, Operation, twin::EntityFilter, Form, net::Reply);

void query_entities(const Federation&, const Exchange&, net::Reply);  // GET /entities
void query_by_body(const Federation&, const Exchange&, net::Reply);   // POST /entityOperations/query
// The filter of a Query in a body, which may ask of linked entities so far.
base::Result<twin::EntityFilter> filter_of(const Exchange&, const BodyQuery&, int link_depth = 0);

}  // namespace cityloop::broker
