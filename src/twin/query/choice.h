// Which indexes could answer a query, and how many entities each would name.
//
//   EntityFilter, IndexBook ─ choose ─▶ Choice ─▶ query plan
//
// Of terms joined by `;` the one that names the fewest is taken; terms joined by `|` are united when every one of them
// has an index. Valid under the lock under which it was made.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "geo/cells.h"
#include "twin/population.h"
#include "twin/query/query.h"

namespace cityloop::twin {

struct Choice {
  struct Source {
    const ValueIndex* index;
    Probe probe;
  };
  std::vector<Source> sources;  // united
  std::size_t count{0};         // entries: no fewer than the entities that are meant
  AgedIndex::Extent extent{};
  bool exact{false};                                 // `count` entities, and each of them is meant by the whole filter
  std::shared_ptr<const geo::CellQuestion> place{};  // when the sources are places
  bool place_is_all{false};                          // whoever lies there is meant by the whole filter

  bool once() const {  // nobody is named twice
    return sources.size() == 1 && (sources.front().index->plain() || sources.front().probe.one_key());
  }
  OldestFirst oldest_first(Age after, const OldestFirst::Sieve*) const;
  std::vector<AgedIndex::Item> gather(Age after) const;  // as they stand; sort them without the lock
};

// The best there is, or nothing. Into `missed` the indexes that would have served and are not there.
std::optional<Choice> choose(const Population&, const EntityFilter&, std::vector<IndexKey>& missed);

}  // namespace cityloop::twin
