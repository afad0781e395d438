// What a stage asks the twin to do in one step, and what came of it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "store/store.h"

namespace cityloop::twin {

// Whether all writes of a commit stand or fall together.
enum class Atomicity : std::uint8_t {
  each,  // a refused write leaves the others standing (a batch of independent entities)
  all,
};

enum class TableOp : std::uint8_t {
  put,
  erase,        // of the key; there need be none
  erase_range,  // [key, value)
};

struct TablePut {
  store::Table table;
  std::string key;
  std::string value;
  TableOp op{TableOp::put};
};

void add_to(store::Batch&, const TablePut&);

struct Commit {
  std::vector<flow::Write> writes;
  flow::Name origin;
  flow::Instant at{flow::kNever};  // the city's time of it; kNever takes the clock of the city at commit
  Atomicity atomicity{Atomicity::each};
  bool tick{false};  // makes a record even without changes
  // Stored in the same atomic step: a loop's cursor, a feed's position, series chunks, checkpoints.
  std::vector<TablePut> puts;
  // Commits that are only right in their order share one: once the disk has refused a commit of a chain it is true, and
  // those still waiting behind it are refused unread. The sender begins a new chain and sends them again.
  std::shared_ptr<std::atomic<bool>> chain;
};

struct CommitResult {
  base::Status status;               // of the commit as a whole: the disk's answer
  flow::Seq seq{};                   // of the record; 0 when nothing was recorded
  std::vector<base::Status> writes;  // one per write, in order
  std::vector<bool> created;         // one per write: the entity was new
  // The attributes that a write left as they were because its mode says so (append, patch): (which write, name).
  std::vector<std::pair<std::size_t, flow::Name>> skipped;
};

}  // namespace cityloop::twin
