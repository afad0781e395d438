// What the declared indicators want to know of entities of one type: which attributes, which conditions, and which
// indicator is touched by which of them. So an entity touches only its own indicators.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/indicator/indicator_rules.h"

namespace cityloop::index {

// A column of the table of entities: an attribute, or the moment at which a case entered a stage.
struct Column {
  flow::Name name;
  std::string stamp_of{};  // of a stage: when it was entered, as seconds since 1970
};

// A condition, asked once for all indicators that have it.
struct Condition {
  twin::Q q;
  std::uint64_t reads;
};

// A column that is too old after a while.
struct Freshness {
  std::int16_t column;
  base::Duration stale_after;
};

struct Gauge {
  std::uint32_t indicator;  // place in rules.indicators()
  std::int16_t where{-1}, holds{-1};
  std::int16_t column{-1}, by{-1};
  std::int16_t fresh{-1};  // place in freshness
  std::int16_t from{-1};   // duration: the stamp; -1: openedAt
  std::uint64_t reads{};   // columns
  bool level{true};        // entities contribute as they are; otherwise only what happens counts
};

struct TypePlan {
  flow::Name type;
  std::vector<Column> columns;
  std::vector<Condition> conditions;
  std::vector<Freshness> freshness;
  std::vector<Gauge> gauges;
  // Of what happens; -1: nobody asks.
  std::int16_t stage{-1}, closed_at{-1}, opened_at{-1}, overdue{-1}, rating{-1}, department{-1}, area{-1};
  std::vector<std::int16_t> column_of;  // by an attribute's number; -1 or beyond its end: none
  bool happens{false};                  // some gauge counts what happens

  std::int16_t find(flow::Name name) const {
    return name.number() < column_of.size() ? column_of[name.number()] : std::int16_t(-1);
  }
  // Beyond 63 columns the last bit stands for all further ones.
  static std::uint64_t bit(std::int16_t column) { return std::uint64_t(1) << (column < 63 ? column : 63); }
};

// One for each type that an indicator counts, in order of the types' texts.
std::vector<TypePlan> plans_of(const IndicatorRules&);

}  // namespace cityloop::index
