// Reads a context source registration as clause 5.2.9 has it, member by member. Inside of registration.cc.
#pragma once

#include <string_view>

#include "broker/source/registration.h"

namespace cityloop::broker::registration_reader {

base::Result<Registration> read(const base::JsonValue& body, const twin::Context&);

// A fragment with its names as they are kept; what is malformed in it stays as it is.
base::JsonValue canonical(const base::JsonValue& fragment, const twin::Context&);

// A member that the standard gives a meaning; anything else is a property of the source, by its canonical name.
bool is_member(std::string_view key);

// "PT15M", "P1DT12H": a year counts 365 days, a month 30.
base::Result<base::Duration> iso_duration(std::string_view);

}  // namespace cityloop::broker::registration_reader
