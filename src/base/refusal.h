// What a person is refused, said in Chinese and in English, so that whoever reads it is told in their own language.
//
//   refuse(code, zh, en, …) ─▶ Error ─ passed up by TRY ─▶ net::problem: `detail` in English, `text` in both
//
// An Error has one text: the English one, kParting, the Chinese one. Who prints it without parting it, a log or a
// command, prints both.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace cityloop::base {

inline constexpr std::string_view kParting = " ‖ ";

// Made already; each may say other things than the other.
inline std::unexpected<Error> refuse(Errc code, std::string_view zh, std::string_view en) {
  return std::unexpected(Error{code, fmt::format("{}{}{}", en, kParting, zh)});
}

// Both say the same things, the first of them `first`.
template <class First, class... Rest>
std::unexpected<Error> refuse(Errc code, fmt::format_string<const First&, const Rest&...> zh,
                              fmt::format_string<const First&, const Rest&...> en, const First& first,
                              const Rest&... rest) {
  return refuse(code, fmt::format(zh, first, rest...), fmt::format(en, first, rest...));
}

// All that is wrong with something, told together.
class Flaws {
 public:
  template <class... Args>
  void tell(fmt::format_string<const Args&...> zh, fmt::format_string<const Args&...> en, const Args&... args) {
    zh_ += fmt::format("{}{}", zh_.empty() ? "" : "；", fmt::format(zh, args...));
    en_ += fmt::format("{}{}", en_.empty() ? "" : "; ", fmt::format(en, args...));
  }
  Status none(Errc code) const {
    if (en_.empty()) return {};
    return refuse(code, zh_, en_);
  }

 private:
  std::string zh_, en_;
};

struct InBoth {
  std::string_view zh, en;  // of the message, which outlives it
};
// Nothing where it is said in one language alone.
inline std::optional<InBoth> in_both(std::string_view message) {
  const std::size_t at = message.find(kParting);
  if (at == message.npos) return std::nullopt;
  return InBoth{message.substr(at + kParting.size()), message.substr(0, at)};
}

}  // namespace cityloop::base
