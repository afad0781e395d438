#include "flow/text.h"

#include <cassert>
#include <limits>
#include <new>

namespace cityloop::flow {

std::uint64_t Text::make_shared_block(std::string_view text) {
  assert(text.size() <= std::numeric_limits<std::uint32_t>::max());
  auto* const made = new (::operator new(sizeof(Block) + text.size())) Block{1, std::uint32_t(text.size())};
  std::memcpy(made->bytes(), text.data(), text.size());
  return reinterpret_cast<std::uint64_t>(made);
}

void Text::let_go(Block* shared) {
  // Alone with it nobody else can take a share: no need to count down.
  if (shared->holders.load(std::memory_order_acquire) != 1 &&
      shared->holders.fetch_sub(1, std::memory_order_acq_rel) != 1) {
    return;
  }
  ::operator delete(shared);
}

}  // namespace cityloop::flow
