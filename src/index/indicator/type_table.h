// The entities of one type, as far as indicators ask about them, and what follows from a change of one.
//
//   Change ─▶ [TypeTable] ─ Share taken away, Share added, what happened ─▶ Cells of each indicator and area
//
// A row holds what the plan's columns ask for, so that what an entity contributed can be taken away without looking
// anywhere. A change touches the indicators that read what changed, and nothing when nothing of that did.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "flow/change.h"
#include "index/indicator/cells.h"
#include "index/indicator/id_index.h"
#include "index/indicator/places.h"
#include "index/indicator/type_plan.h"
#include "twin/loop.h"

namespace cityloop::index {

// What all tables write into; by an indicator's place.
struct Ledger {
  explicit Ledger(IndicatorRulesPtr);

  void move_to(base::Instant now);
  const PeriodClock& clock_of(std::size_t indicator) const { return clocks[clock_at[indicator]]; }

  IndicatorRulesPtr rules;
  Places places;
  std::vector<Cells> cells;
  std::vector<PeriodClock> clocks;  // one for each period that is declared
  std::vector<std::uint8_t> clock_at;
  base::Instant now{base::kNever};
};

class TypeTable {
 public:
  TypeTable(TypePlan, Ledger&);

  // `happened`: false for what is only learned of, late.
  void on_change(const flow::Change&, bool happened = true);
  void drop(flow::EntityId);
  // What has become too old by now.
  void grow_old();
  // Takes over what another version of the table knew. True when that is all it wants to know.
  bool adopt(const TypeTable& old);

  // Rows: keys are URNs.
  void save_changed(std::string_view prefix, twin::StateRows&);
  void load_row(std::string_view urn, base::ByteReader&);
  void save_all_again();  // under new plans, rows mean something else

  const TypePlan& plan() const { return plan_; }
  std::size_t size() const { return index_.size(); }
  void each(const std::function<void(flow::EntityId)>& tell) const {
    for (const Row& row : rows_) {
      if (row.alive) tell(row.id);
    }
  }
  bool holds(flow::EntityId id) const { return index_.find(id) != IdIndex::kNone; }
  std::size_t bytes() const;

 private:
  struct Row {
    flow::EntityId id;
    std::uint32_t place{0};
    geo::Position at{};
    bool alive{false}, has_position{false}, changed{false};
    std::uint32_t generation{0};
  };
  struct Due {
    std::uint32_t row, generation, fresh;
  };
  using RowAt = std::uint32_t;

  flow::Value& value(RowAt row, std::int16_t column) { return values_[row * width_ + std::size_t(column)]; }
  const flow::Value& value(RowAt row, std::int16_t column) const { return values_[row * width_ + std::size_t(column)]; }
  std::string_view text(RowAt row, std::int16_t column) const;
  bool flag(RowAt row, std::size_t bit) const { return bits_[row * words_ + bit / 64] >> bit % 64 & 1; }
  void set_flag(RowAt row, std::size_t bit, bool on);
  std::size_t stale_bit(std::size_t fresh) const { return plan_.conditions.size() + fresh; }
  std::size_t armed_bit(std::size_t fresh) const { return stale_bit(fresh) + plan_.freshness.size(); }

  RowAt claim(flow::EntityId);
  void release(RowAt);
  void note_changed(RowAt);
  Share share_of(RowAt, const Gauge&) const;
  bool judge(RowAt, std::uint64_t touched);  // conditions anew
  void settle_place(RowAt);
  void add(const Gauge&, std::uint32_t place, const Share&, int sign);
  void add_all(RowAt, int sign);
  bool take(RowAt, const flow::AttributeChange&);
  void observe(RowAt, std::int16_t column, base::Instant at);
  void arm(RowAt, std::size_t fresh);
  void stamp(RowAt, std::string_view stage);
  void tell(RowAt, const Gauge&, const std::vector<flow::Value>& before, bool fresh);
  void happen(const Gauge&, RowAt, std::int64_t sum, std::int64_t of);
  void tell_duration(RowAt, const Gauge&, bool closed, bool stage_changed);

  const TypePlan plan_;
  Ledger& ledger_;
  const std::size_t width_, words_;
  IdIndex index_;
  std::vector<Row> rows_;
  std::vector<flow::Value> values_;  // width_ a row; monostate: not known
  std::vector<std::uint64_t> bits_;  // words_ a row: conditions, what is stale, what waits to be
  std::vector<base::Instant> seen_;  // one a row and freshness
  std::vector<RowAt> free_;
  std::map<std::int64_t, std::vector<Due>> due_;  // by second
  std::vector<flow::EntityId> changed_;           // since save_changed()
  std::vector<std::pair<const Gauge*, Share>> before_;
  std::vector<flow::Value> old_values_;
};

}  // namespace cityloop::index
