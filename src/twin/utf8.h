// Text from outside, as UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cityloop::twin {

std::optional<std::size_t> first_bad_utf8(std::string_view);  // the place of the first byte that is no UTF-8
std::size_t utf8_length(std::string_view);                    // in characters
void append_utf8(std::string& out, std::uint32_t code);
// Its beginning, for a message: at most so many bytes, never half a character.
std::string_view clipped(std::string_view, std::size_t bytes_max = 60);

}  // namespace cityloop::twin
