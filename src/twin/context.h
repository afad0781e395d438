// A resolved JSON-LD @context: what the names of one caller mean, and how ours are shown to that caller
// (JSON-LD 1.1; ETSI GS CIM 009, clause 4.4 and 5.5.7).
//
//   "speed" ─ expand ─▶ Name ─ twin ─▶ Name ─ compact ─▶ "speed"
//
// Inside the house a name is *canonical*: the bare term where it belongs to the core context or to NGSI-LD's default
// vocabulary (https://uri.etsi.org/ngsi-ld/default-context/), the whole IRI for everything else. So a city that sends no
// @context pays nothing, and rules, feeds and the console speak of "speed" and not of an address.
//
// Immutable, shared by all requests that name the same @context.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "flow/names.h"

namespace cityloop::twin {

inline constexpr std::string_view kCoreContextUrl = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld";
inline constexpr std::string_view kDefaultVocabulary = "https://uri.etsi.org/ngsi-ld/default-context/";
inline constexpr std::string_view kNgsiLd = "https://uri.etsi.org/ngsi-ld/";

class Context;
using ContextPtr = std::shared_ptr<const Context>;

class Context {
 public:
  // The core context alone: expand and compact only shorten what is written out in full.
  static const ContextPtr& core();
  bool is_core() const { return terms_.empty() && prefixes_.empty() && vocabulary_.empty(); }

  // The canonical name of a term, a compact IRI ("sdm:Vehicle") or an IRI: of attributes, types and vocabulary words.
  flow::Name expand(std::string_view term) const;
  // The canonical name only if it has been seen before: for questions, which leave no trace. Empty otherwise.
  flow::Name lookup(std::string_view term) const;
  // How this caller writes a canonical name. `scratch` holds the text where it must be put together.
  std::string_view compact(flow::Name, std::string& scratch) const;

  // As canonical text: for words that are no Name yet.
  std::string expand_text(std::string_view term) const;

  // One definition, as a reader of @context puts it in: a term or a prefix, and its IRI. The last one counts.
  class Builder;

 private:
  friend class Builder;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> terms_;     // term → canonical text
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> prefixes_;  // prefix → IRI
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> inverse_;   // canonical text → term
  std::vector<std::pair<std::string, std::string>> shortest_;                     // IRI → prefix, longest IRI first
  std::string vocabulary_;                                                        // @vocab; empty: NGSI-LD's own
};

}  // namespace cityloop::twin
