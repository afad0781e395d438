// The terms that the objects of an @context define, one object after the other, each seeing those before it
// (JSON-LD 1.1 API, clause 4.2). Inside of context_reader.
//
// Stricter than needed nowhere: what JSON-LD would call wrong and yet has one plain meaning is taken (a definition
// without "@id" where there is no @vocab, a term that is a compact IRI and stands for another one).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include <simdjson.h>

#include "base/result.h"
#include "twin/context/context.h"

namespace cityloop::twin {

class TermDefinitions {
 public:
  // Takes in one object; of one that is imported, what `importing` says itself goes first. Errc::invalid with the
  // reason, after which all is lost.
  base::Status add(const simdjson::dom::object&, const simdjson::dom::object* importing = nullptr);
  void clear();
  ContextPtr build() const;

 private:
  struct Definition {
    std::string iri;
    bool prefix{false};  // compact IRIs may begin with it
    bool locked{false};  // "@protected"
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  class Object;  // one of them being read

  std::unordered_map<std::string, Definition, Hash, std::equal_to<>> terms_;
  std::string vocabulary_;
  std::size_t bytes_{0};
};

}  // namespace cityloop::twin
