// Which version of some rules holds now, and what rules need to know of the city.
#pragma once

#include "flow/city_rules.h"
#include "serve/city.h"
#include "twin/twin.h"

namespace cityloop::serve {

flow::CityFacts facts_of(const City&);

// The entity of the rules of a type that came into force last; null before the first.
flow::EntityPtr rules_in_force(const twin::Twin&, flow::Name type);

}  // namespace cityloop::serve
