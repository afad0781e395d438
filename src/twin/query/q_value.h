// The values that a query compares with, read from text. Inside of q; nobody else needs it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "twin/query/q.h"

namespace cityloop::twin {

// A number, true, false, a date, a time, an instant or a URI, as it stands bare in a query; nothing when it is none.
std::optional<QValue> bare_value(std::string_view);
QValue text_value(std::string text);

// Microseconds since 1970 of a date or a date with time, only when the text has that shape.
std::optional<std::int64_t> instant_us(std::string_view);
std::optional<std::int64_t> time_of_day_us(std::string_view);  // hh:mm, hh:mm:ss or hh:mm:ss.ffffff, with or without Z

QMeta meta_of(std::string_view step);

}  // namespace cityloop::twin
