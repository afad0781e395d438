#include "base/cork.h"

#include <utility>
#include <vector>

namespace cityloop::base {
namespace {

thread_local int corks = 0;
thread_local std::vector<std::function<void()>> waiting;

}  // namespace

Cork::Cork() {
  ++corks;
}

Cork::~Cork() {
  if (--corks > 0) return;
  for (const auto& one : std::exchange(waiting, {})) one();
}

void Cork::later(std::function<void()> what) {
  if (corks > 0) waiting.push_back(std::move(what));
  else what();
}

}  // namespace cityloop::base
