// Inside of sense: reads one attribute's value out of a row.
#pragma once

#include <span>

#include "sense/field.h"
#include "sense/mapping.h"
#include "sense/reason.h"

namespace cityloop::sense {

enum class Got : std::uint8_t { value, absent, bad };

// On Got::bad `why` is filled.
Got read_value(const AttributeMap&, std::span<const Field>, flow::Value& out, Refusal& why);
// A number as it came, blanks around it allowed.
Got read_number(const Field&, double& out, Refusal& why);
// The template with its inputs; false when one of them is blank.
bool fill(const Template&, std::span<const Field>, std::string& out);

}  // namespace cityloop::sense
