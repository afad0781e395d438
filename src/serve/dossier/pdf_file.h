// What cairo does not say in a PDF, said behind it; and how large a JPEG is. Pure functions over bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cityloop::serve {

// The same document with its language (BCP 47), and its title shown in place of the file's name: what whoever reads
// aloud needs. An incremental update as PDF has it, behind the bytes that are there; those stay as they are. What is no
// PDF with a table of references comes back unchanged.
std::string with_language(std::string pdf, std::string_view language);

// Width and height of a JPEG; nothing when it is none.
std::optional<std::pair<int, int>> jpeg_size(std::string_view);

}  // namespace cityloop::serve
