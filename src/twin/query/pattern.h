// A regular expression that anyone may send us: RE2's syntax, matched in time linear in the text, whatever it says.
//
// Found anywhere in the text; ^ and $ tie it to the ends.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace cityloop::twin {

class Pattern {
 public:
  // Refuses what RE2 does not know (look-around, back-references), and patterns that need too much memory.
  static base::Result<Pattern> compile(std::string_view);

  bool found_in(std::string_view) const;
  const std::string& text() const;
  // What every text in which it is found begins with; empty when that cannot be said.
  std::string literal_prefix() const;

 private:
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace cityloop::twin
