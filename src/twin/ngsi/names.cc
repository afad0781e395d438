// Which texts may be ids and names.
#include "twin/ngsi/names.h"

#include <algorithm>

#include "twin/ngsi/ngsi.h"

namespace cityloop::twin {

bool is_uri(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto colon = text.find(':');
  if (colon == text.npos || colon + 1 >= text.size() || !letter(text.front())) return false;
  for (const char c : text.substr(0, colon)) {
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return false;
  }
  static constexpr std::array<bool, 256> kRefused = [] {
    std::array<bool, 256> out{};
    for (std::size_t c = 0; c < 256; ++c) out[c] = c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f;
    return out;
  }();
  return std::ranges::none_of(text.substr(colon), [](char c) { return kRefused[std::uint8_t(c)]; });
}

namespace {

// Of ASCII; what lies beyond it is a letter of some script.
constexpr std::array<bool, 256> kStandsInTerm = [] {
  std::array<bool, 256> out{};
  for (int c = 0; c < 256; ++c) {
    out[std::size_t(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          c == '-' || c == '.' || c >= 0x80;
  }
  return out;
}();

bool may_stand_in_term(char c) {
  return kStandsInTerm[std::uint8_t(c)];
}

bool may_stand_in_iri(char c) {
  return std::uint8_t(c) > ' ' && c != 0x7f && std::string_view("<>\"'=;()").find(c) == std::string_view::npos;
}

}  // namespace

bool is_attribute_name(std::string_view name) {
  if (name.size() > ngsi::kNameMax) return false;
  // What the default vocabulary names is kept and shown as a term.
  if (name.starts_with(kDefaultVocabulary)) name.remove_prefix(kDefaultVocabulary.size());
  if (name.empty() || name.front() == '@') return false;
  const bool iri = name.find(':') != name.npos;
  return std::ranges::all_of(name, iri ? may_stand_in_iri : may_stand_in_term);
}

}  // namespace cityloop::twin
