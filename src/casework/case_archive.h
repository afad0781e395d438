// Ended cases whose time in the loop is over: whole, for ever, in a table of their own, out of memory.
//
//   CaseLoop ─ [add_to_archive] ─▶ table `archive` ─ [CaseArchive] ─▶ a case by its id, lists, exports
//
// A case gets the next number when it is archived; that row stands in the same commit as the end of its entity. Numbers
// begin with 0 and have no gaps, so that whoever follows the archive needs to remember one number only. What is in it
// never changes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/case.h"
#include "store/store.h"
#include "twin/commit.h"
#include "twin/twin.h"

namespace cityloop::casework {

void add_to_archive(std::uint64_t number, const flow::Case&, std::vector<twin::TablePut>&);
// Of an import: its entity's bytes (store/record.h) as they are.
void add_to_archive(std::uint64_t number, flow::EntityId, std::string entity, std::vector<twin::TablePut>&);

class CaseArchive {
 public:
  explicit CaseArchive(const store::Store& store) : store_(store) {}

  // Nothing when no such case was archived. Any thread.
  base::Result<std::optional<flow::Case>> find(std::string_view case_id) const;
  base::Result<flow::Case> at(std::uint64_t number) const;
  base::Result<flow::Case> head_at(std::uint64_t number) const;  // flow::case_head_from
  // The entities from that number on, in order, until the callback says false. A row that cannot be read is an error.
  base::Status each(std::uint64_t from, const std::function<bool(std::uint64_t number, const flow::Entity&)>&) const;
  base::Result<std::uint64_t> size() const;

 private:
  base::Result<flow::Entity> entity_at(std::uint64_t number) const;
  const store::Store& store_;
};

// A case wherever it is: in the twin, or in the archive. Errc::not_found when in neither.
base::Result<flow::Case> find_case(const twin::Twin&, std::string_view id);
// The same without its timeline and clocks.
base::Result<flow::Case> find_case_head(const twin::Twin&, std::string_view id);

}  // namespace cityloop::casework
