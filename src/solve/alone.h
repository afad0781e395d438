// What can be said of a task or a vehicle by itself, before any plan: where a vehicle is once its frozen tasks are
// done, and whether any vehicle could do a task if it were the only one.
//
//   Problem ─▶ [alone] ─▶ model (what is worth trying), schedule (reasons)
#pragma once

#include <optional>
#include <vector>

#include "solve/vrptw.h"

namespace cityloop::solve {

struct AfterFrozen {
  PlaceIndex place{};
  double ready_s{};  // kNoWay: it cannot even get there
  double load{};
};
std::vector<AfterFrozen> after_frozen(const Problem&);

// Why nobody could do the task even if nothing else were to be done; none: somebody could.
std::optional<Reason> why_never(const Problem&, const std::vector<AfterFrozen>&, TaskIndex);

}  // namespace cityloop::solve
