// Media types and links in headers, as they come (RFC 9110, RFC 8288). Inside of the broker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::broker {

enum class Media : std::uint8_t { json, json_ld, geo_json };

// "application/json; charset=utf-8" without what follows the type, in lower case.
std::string media_type(std::string_view header);

// What an Accept header takes, the best first by its weights: JSON where it does not mind. Nothing when it takes none
// of ours.
std::optional<Media> accepted(std::string_view header, bool geo_json);

// The @context of a Link header; nothing when it names none. Errc::invalid when it names several or is no link.
base::Result<std::optional<std::string>> linked_context(std::string_view header);

std::string_view to_string(Media);

}  // namespace cityloop::broker
