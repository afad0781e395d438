// Bytes as text: base64url without padding (RFC 4648, 5), which fits into a link and a JSON, and hex in small letters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cityloop::base {

std::string to_base64url(std::string_view bytes);
// Nothing where it is none: another character, or bits behind the end.
std::optional<std::string> from_base64url(std::string_view text);

std::string to_hex(std::string_view bytes);
// Nothing where it is none; capital letters are none, so that bytes have one text.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace cityloop::base
