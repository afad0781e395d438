// A request brought down to what one registration covers: its types, ids and attributes (ETSI GS CIM 009, clauses
// 4.3.6.2, 5.12). Nobody is asked further than he has said that he knows. Inside of federation_*.cc.
#pragma once

#include <string_view>
#include <vector>

#include "broker/federation/inside.h"

namespace cityloop::broker {

// Those asked for that the source knows; empty: all of either. Nothing in common never gets here.
std::vector<flow::Name> attributes_for(const std::vector<flow::Name>& wanted, const RegistrationInfo&);
bool is_wanted(const std::vector<flow::Name>& wanted, const RegistrationInfo&);

// The types asked for that a registration has; its own where none are asked for.
std::vector<flow::Name> types_for(const Interest&, const EntityInfo*);
// Ids and pattern as query parameters.
void add_ids(const Interest&, const EntityInfo*, Outgoing&);

// The members `entities` and `attrs` of a Query.
void write_query_entities(const Interest&, const Registration::Match&, const twin::Context&, base::JsonWriter&);
void write_query_attributes(const std::vector<flow::Name>& wanted, const Registration::Match&, const twin::Context&,
                            base::JsonWriter&);

// A parameter with a list of names, as it came, without those that are not in `to`; all of `to` where it did not come.
void narrow(Outgoing&, std::string_view parameter, const std::vector<flow::Name>& to, const twin::Context& asked_in,
            const twin::Context& told_in);

}  // namespace cityloop::broker
