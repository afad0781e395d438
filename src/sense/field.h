// One value of a row as it came, whatever the row was: a column of CSV, a member of a JSON object, a part of a topic.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cityloop::sense {

struct Field {
  enum class Kind : std::uint8_t { absent, text, number, boolean, json };
  Kind kind{Kind::absent};
  bool flag{};
  double number{};
  std::string_view text{};  // also the JSON text of an object or a list; lives until the next row is read

  static Field of_text(std::string_view text) { return {.kind = Kind::text, .text = text}; }
  bool blank() const { return kind == Kind::absent || (kind == Kind::text && text.empty()); }
};

// As it would stand in an id or a text: 17, not 17.0.
void append_text(const Field&, std::string& to);
// The beginning of a text from outside, short enough to stand in a message.
std::string_view cut_text(std::string_view);

}  // namespace cityloop::sense
