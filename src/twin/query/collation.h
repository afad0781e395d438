// The order of texts as people read them (ETSI GS CIM 009, clause 4.23; RFC 6067): Unicode's root order, in which
// "apple" comes before "Banana", or a language's own.
//
//   "de-u-co-phonebk" ─ parse ─▶ [Collation] ─ key(text) ─▶ bytes, which sort as the texts do
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::twin {

// Immutable, shared by copies; any thread.
class Collation {
 public:
  Collation();  // Unicode's root order, "und-x-icu"
  // A language tag with or without settings of RFC 6067; refused when it is none.
  static base::Result<Collation> parse(std::string_view tag);

  std::string key(std::string_view text) const;

 private:
  struct Rules;
  explicit Collation(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Rules> rules_;
};

}  // namespace cityloop::twin
