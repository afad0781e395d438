// What a finder of identities says of a folded text, before findings are joined into spans.
#pragma once

#include <string>
#include <vector>

#include "domain/awards/blind/folded.h"
#include "domain/awards/blind/masker.h"

namespace cityloop::awards::blind {

struct Finding {
  std::size_t begin{}, end{};  // bytes of Folded::lower
  Kind kind{Kind::person};
  Found found{Found::known};
  std::string who;  // the same for all ways of naming one identity
  bool doubt{};     // to be shown, not masked
};

}  // namespace cityloop::awards::blind
