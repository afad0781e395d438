// Histories taken into the store of a snapshot (ETSI GS CIM 009 v1.9, clauses 4.3.7, 5.16.1, 5.16.2).
//
//   temporal query ─▶ HistoryReader, page by page ─▶ [freeze] ─ TemporalWrite ─▶ the snapshot's log ══▶ its History
//
// Each instance is there once, however many queries find it and whatever the snapshot's entities brought along. What an
// instance says is kept, with its observedAt; when it was created and changed is when it was copied. Deletions are not
// copied. Waits: to be called on a thread where that harms nobody.
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

// What a Query with a temporalQ finds, here and at sources; gives how many entities that were.
base::Result<std::size_t> freeze_histories(const Federation&, const Exchange& by, const base::JsonValue& query,
                                           Tenant& into);
// All of them.
base::Result<std::size_t> copy_histories(const Tenant& from, Tenant& into);

}  // namespace cityloop::broker
