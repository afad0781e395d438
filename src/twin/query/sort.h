// Puts the entities that a query means in an order other than that of age.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "twin/query/order.h"
#include "twin/query/query.h"

namespace cityloop::twin {

// Keeps the first of many: as much memory as the pages up to the asked one need, however many are offered.
class Sorter {
 public:
  Sorter(const std::vector<OrderKey>&, std::size_t keep);
  void offer(flow::EntityPtr, std::uint64_t age);
  // In order, from `offset`, at most `limit`.
  std::vector<flow::EntityPtr> page(std::size_t offset, std::size_t limit);

 private:
  // Microseconds: since midnight, or since 1970.
  template <int>
  struct Time {
    std::int64_t us;
    auto operator<=>(const Time&) const = default;
  };
  using TimeOfDay = Time<0>;
  using Date = Time<1>;
  using Instant = Time<2>;
  struct Object {
    auto operator<=>(const Object&) const = default;
  };
  struct List {
    auto operator<=>(const List&) const = default;
  };
  // Compared by alternative first: so the order of kinds is the order of the alternatives. A text is a key of its
  // collation.
  using Value = std::variant<base::Number, std::string, Object, List, bool, TimeOfDay, Date, Instant>;
  struct Row {
    std::vector<std::optional<Value>> values;
    std::uint64_t age;
    flow::EntityPtr entity;
  };
  class Reader;
  std::optional<Value> value_of(const OrderKey&, std::size_t at, const flow::Entity&) const;
  bool before(const Row&, const Row&) const;
  void prune();

  const std::vector<OrderKey>& keys_;
  std::vector<std::optional<geo::PreparedShape>> from_;  // by key
  std::size_t keep_;
  std::vector<Row> rows_;
};

}  // namespace cityloop::twin
