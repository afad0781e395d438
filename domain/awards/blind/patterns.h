// What identifies by its form: addresses of e-mail, phones, numbers of people and companies, addresses, accounts.
//
//   Folded ─▶ [find_patterns] ─▶ findings ─▶ masker
#pragma once

#include "domain/awards/blind/finding.h"

namespace cityloop::awards::blind {

void find_patterns(const Folded&, std::vector<Finding>&);

}  // namespace cityloop::awards::blind
