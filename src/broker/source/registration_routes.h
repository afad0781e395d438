// Context source registrations: /ngsi-ld/v1/csourceRegistrations (ETSI GS CIM 009, clauses 5.9, 5.10, 6.8, 6.9).
//
//   POST, PATCH, DELETE ─▶ twin        GET ◀─ RegistrationBook
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct RegistrationRoutes {
  const Desk& desk;
  Federation& federation;

  void add_to(net::Router&) const;
};

// A page of a list, as JSON texts, with count and links to the pages beside it (clauses 5.5.9, 6.3.10, 6.3.13).
net::Response list_answer(const Exchange&, const std::vector<std::string>& all);

// A PATCH (clause 5.5.8): members given take the place of those kept, null removes. Both are objects.
base::JsonValue patched(const base::JsonValue& kept, const base::JsonValue& fragment);

// "urn:ngsi-ld:WORD:…", for what is created without an id.
std::string fresh_id(std::string_view word);

}  // namespace cityloop::broker
