// A case's whole journey as steps: the readings that began it, the finding, every step of the case, its commands, what
// the devices answered, what was seen to follow, and the verification that ended it.
#pragma once

#include <string>

#include "flow/case.h"
#include "twin/twin.h"

namespace cityloop::serve {

std::string trace_json(const twin::Twin&, const flow::Case&);

}  // namespace cityloop::serve
