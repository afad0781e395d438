// Bytes as text that fits into a link and a JSON: base64url without padding (RFC 4648, 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cityloop::participation {

std::string to_base64url(std::string_view bytes);
// Nothing where it is none: another character, or bits behind the end.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace cityloop::participation
