// Answers a query, by the way that looks at the fewest entities.
//
//   EntityFilter ─ choose ─▶ [way] ─ Matcher ─▶ page, and how it was found
//
// The ways, and when each is taken:
// - ids: those that are named, and no others.
// - members: nothing but types is asked. The nth member is found at once; the total is a size.
// - index: the entities that an index names (query_choice.h: of terms joined by `;` the one with the fewest, terms
// joined by
//   `|` united), oldest first, without a look at those past the page.
// - age: all members of the types, oldest first, each asked of the filter.
// - order: orderBy. All that an index names, or else all members; but where one attribute with numbers alone gives the
//   order, its index gives the page.
//
// Between index and age. An index counts exactly how many entities it names: k of the n members. To fill a page that
// ends at the m-th match by age, some m·n/k entities are looked at when matches are spread evenly; by index at least
// min(m, k), but each costs more, because a block of the index is put in order before it gives its oldest, and so does
// to collect the blocks. So age is taken when a good part matches, index else. A walk by age begins at the oldest that
// the index names; when it still finds far less than it should, it goes on by index from where it stands. To count by
// looking, index is taken when k < n/2. Where the index alone answers the query, the total is its count, and nobody is
// looked at for it.
//
// What has an index. Values of attributes, for each type or for all (value_index.h); places; scopes, where a scope and
// a hierarchy ("/Madrid/#") are one key each, so their count is exact, and "+" is looked for under what stands before
// it; ids, for an idPattern that begins with ^ and letters that reach past the third colon. What lies inside of values
// ("address[city]") and below attributes has none of its own: it is looked for among the entities that have the
// attribute. An index for every path that somebody once asked for would cost 27 bytes an entity each, is seldom asked
// for twice, and would make each write look into the value; whoever asks for one path all day gives it an attribute.
//
// An index is made on demand: what was missed is in the trace, and is asked for when a query looked at more than
// kWorthAnIndex entities (Twin::query, indexer.h).
//
// Locks: a shared one for at most `per_lock` entities at a time, going on by age, so that a writer never waits for a
// long query; only to list what an index names takes longer, some 4 ms a million. Such a query may see a write that
// came while it went; an entity that meets the filter all the while is given, once. A query that takes longer than
// time_max is refused with Errc::full and what would make it shorter.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "twin/fair_mutex.h"
#include "twin/population.h"
#include "twin/query/query.h"

namespace cityloop::twin {

inline constexpr std::size_t kWorthAnIndex = 2000;

enum class QueryWay : std::uint8_t { ids, members, index, age, order };

struct QueryTrace {
  QueryWay way{QueryWay::members};
  std::size_t looked_at{0};  // entities asked of the filter
  std::size_t locks{0};
  std::vector<IndexKey> missed{};  // indexes that would have served
};

struct QueryBounds {
  std::size_t per_lock{5000};
  base::Duration time_max{std::chrono::seconds(30)};
};

base::Result<QueryPage> run_query(FairMutex&, const Population&, const EntityFilter&, QueryTrace&,
                                  const QueryBounds& = {});

}  // namespace cityloop::twin
