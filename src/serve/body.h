// Whether what somebody sent has the types that the contract says: a number where a text belongs is told, not passed
// over.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/json_value.h"
#include "base/result.h"

namespace cityloop::serve {

enum class JsonType : std::uint8_t { text, number, boolean, list, texts, object };

// Errc::invalid unless `body` is an object whose named members, as far as it has them and they are not null, have those
// types. Members that are not named are passed over.
base::Status check_types(const base::JsonValue& body,
                         std::initializer_list<std::pair<std::string_view, JsonType>> members);

}  // namespace cityloop::serve
