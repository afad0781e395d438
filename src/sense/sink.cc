#include "sense/sink.h"

#include "twin/twin.h"

namespace cityloop::sense {

void TwinSink::submit(twin::Commit commit, std::function<void(const twin::CommitResult&)> done) {
  twin_.submit(std::move(commit), [done = std::move(done)](const twin::CommitResult& result) { done(result); });
}

twin::CommitResult TwinSink::commit(twin::Commit commit) {
  return twin_.commit(std::move(commit));
}

base::Result<std::optional<std::string>> TwinSink::load(std::string_view key) const {
  return twin_.store().get(store::Table::feed, key);
}

}  // namespace cityloop::sense
