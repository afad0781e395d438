// A population whose planned queries are held against one that looks at everybody.
#pragma once

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "twin/query/indexer.h"
#include "twin/query/plan.h"

namespace cityloop::twin {

using flow::EntityId;
using flow::EntityPtr;
using flow::Name;

class QueryPlan : public testing::Test {
 protected:
  void put(EntityId id, EntityPtr next) {
    const std::unique_lock lock(mutex_);
    if (next) model_[id] = next;
    else model_.erase(id);
    population_.put(id, std::move(next));
  }

  QueryPage naive(const EntityFilter& filter) const {
    std::vector<std::pair<Age, EntityPtr>> found;
    const Matcher matcher(filter);
    for (const auto& [id, entity] : model_) {
      if (matcher.matches(*entity)) found.emplace_back(population_.order(id), entity);
    }
    std::ranges::sort(found, {}, [](const auto& row) { return row.first; });
    QueryPage out;
    for (std::size_t i = filter.offset; i < found.size() && out.entities.size() < filter.limit; ++i) {
      out.entities.push_back(found[i].second);
    }
    if (filter.count) out.total = found.size();
    return out;
  }

  QueryTrace ask(const EntityFilter& filter, const QueryBounds& bounds = {}) {
    QueryTrace trace;
    const auto page = run_query(mutex_, population_, filter, trace, bounds);
    EXPECT_TRUE(page) << page.error().message;
    last_ = page.value_or(QueryPage{});
    return trace;
  }

  void expect_as_naive(const EntityFilter& filter, const QueryBounds& bounds, const std::string& context) {
    const QueryTrace trace = ask(filter, bounds);
    const QueryPage expected = naive(filter);
    const auto name = [&] {
      return fmt::format("{}: q '{}', way {}, offset {}, limit {}", context, filter.q ? filter.q->text() : "",
                         int(trace.way), filter.offset, filter.limit);
    };
    ASSERT_EQ(last_.entities.size(), expected.entities.size()) << name();
    for (std::size_t i = 0; i < expected.entities.size(); ++i) {
      ASSERT_EQ(last_.entities[i]->id, expected.entities[i]->id) << name() << ", at " << i;
    }
    ASSERT_EQ(last_.total, expected.total) << name();
    indexer_.want(trace.missed);
    ++ways_[trace.way];
  }

  FairMutex mutex_;
  Population population_;
  Indexer indexer_{mutex_, population_};
  std::map<EntityId, EntityPtr> model_;
  std::map<QueryWay, int> ways_;
  QueryPage last_;
};

}  // namespace cityloop::twin
