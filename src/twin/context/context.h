// A resolved JSON-LD @context: what the names of one caller mean, and how ours are shown to that caller
// (JSON-LD 1.1; ETSI GS CIM 009, clause 4.4 and 5.5.7).
//
//   "speed" ─ expand ─▶ Name ─ twin ─▶ Name ─ compact ─▶ "speed"
//
// Inside the house a name is *canonical*: the bare term where it belongs to the core context or to NGSI-LD's default
// vocabulary (https://uri.etsi.org/ngsi-ld/default-context/), the whole IRI for everything else. So a city that sends
// no
// @context pays nothing, and rules, feeds and the console speak of "speed" and not of an address.
//
// What compact gives, expand turns back into the same name, in whatever context. Terms and prefixes of the core context
// mean the same in every context; nobody can define them anew.
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

  // The same for words that are no Name yet: as canonical text, and as this caller writes it.
  std::string expand_text(std::string_view term) const;
  std::string compact_text(std::string_view canonical) const;

  // The whole IRI of a canonical name, and the canonical text of an IRI; the same in every context.
  static std::string iri_of(std::string_view canonical);
  static std::string canonical_of(std::string_view iri);

  std::size_t bytes() const { return bytes_; }  // that it takes in memory, about

  // Puts a context together: a term or a prefix, and its IRI. The last one counts.
  class Builder;

 private:
  friend class Builder;
  Context();

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Texts = std::unordered_map<std::string, std::string, Hash, std::equal_to<>>;

  std::string_view shortest_term(std::string_view canonical) const;
  std::string with_prefix(std::string_view iri, std::string_view canonical) const;

  Texts terms_;                              // term → canonical text
  Texts prefixes_;                           // prefix → IRI
  Texts inverse_;                            // canonical text → its best term
  Texts prefix_of_;                          // IRI → its best prefix
  std::vector<std::size_t> prefix_lengths_;  // of those IRIs, each once
  std::string vocabulary_;                   // @vocab; empty: NGSI-LD's own
  std::uint64_t serial_;                     // no two contexts of a process have the same
  std::size_t bytes_{0};
};

class Context::Builder {
 public:
  Builder();
  ~Builder();

  // What belongs to the core context is passed over. `prefix`: compact IRIs may begin with it.
  void define(std::string_view term, std::string_view iri, bool prefix);
  void vocabulary(std::string_view iri);
  // Context::core() itself when nothing was put in.
  ContextPtr build();

 private:
  struct Definition {
    std::string iri;
    bool prefix;
  };
  std::unordered_map<std::string, Definition> definitions_;
  std::string vocabulary_;
};

}  // namespace cityloop::twin
