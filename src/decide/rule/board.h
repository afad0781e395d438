// What the rules know of each entity: the newest reading of every attribute that some rule wants, and where each rule
// stands with it. One row an entity, rows of one combination of types together (a shape), so that a reading touches few
// lines of memory and no map.
//
// Memory: 24 bytes a wanted attribute and 56 a rule, for each entity of a watched type; 4 bytes for every URN the
// process has ever named. Rows of erased entities are used again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "decide/rule/layout.h"
#include "decide/rule/track.h"
#include "flow/change.h"
#include "flow/finding.h"
#include "geo/shape.h"

namespace cityloop::decide {

using Thing = std::uint32_t;  // an entity on the board; its number is free again when the entity is erased

struct Reading {
  double number{std::numeric_limits<double>::quiet_NaN()};  // NaN: not a number, or nothing yet
  std::int64_t observed_us{kNoTime};                        // kNoTime: nothing yet
  flow::Name unit;
  bool known() const { return observed_us != kNoTime; }
};

struct Shape {
  std::vector<flow::Name> types;
  std::vector<std::uint32_t> rules;     // ordinals of those that apply, ascending
  std::vector<std::uint32_t> place_of;  // rule ordinal → place in `rules`, kNone for none
  std::vector<Ordinal> columns;         // attribute ordinal → column of readings, kNoOrdinal for none
  std::vector<Ordinal> value_columns;
  std::vector<Ordinal> attributes;              // column → attribute ordinal
  std::vector<Ordinal> by_name;                 // Name::number() → column
  std::vector<std::vector<Ordinal>> triggered;  // column → places in `rules`
  std::vector<std::vector<Ordinal>> sampled;    // column → those of them that want each reading
  std::vector<Ordinal> any_reading;             // places in `rules`
  std::uint32_t values_per_row{0};
  std::vector<Reading> readings;
  std::vector<flow::Value> values;
  std::vector<Track> tracks;
  std::vector<std::uint32_t> free_rows;
  std::uint32_t rows{0};

  Ordinal column_of(flow::Name name) const {
    return name.number() < by_name.size() ? by_name[name.number()] : kNoOrdinal;
  }
};

// A view of one entity's row. Valid until an entity is added.
struct Row {
  const Shape* shape{};
  Reading* readings{};
  flow::Value* values{};
  Track* tracks{};

  const Reading* reading(Ordinal attribute) const {
    const Ordinal column = shape->columns[attribute];
    return column == kNoOrdinal ? nullptr : &readings[column];
  }
  const flow::Value* value(Ordinal attribute) const {
    const Ordinal column = shape->value_columns[attribute];
    return column == kNoOrdinal ? nullptr : &values[column];
  }
};

class Board {
 public:
  explicit Board(Layout);

  const Layout& layout() const { return layout_; }
  Ordinal ordinal(flow::Name) const;

  // kNone when it is not on the board.
  Thing find(flow::EntityId id) const { return id.number() < thing_of_.size() ? thing_of_[id.number()] : kNone; }
  // Adds it, or moves it to its new types; kNone when no rule watches any of them.
  Thing admit(flow::EntityId, const std::vector<flow::Name>& types);
  bool has_types(Thing thing, const std::vector<flow::Name>& types) const {
    return shapes_[things_[thing].shape]->types == types;
  }
  bool watches(const std::vector<flow::Name>& types) { return shape_for(types) != kNone; }
  bool watches(const std::vector<flow::Name>& types, std::uint32_t rule) {
    const std::uint32_t shape = shape_for(types);
    return shape != kNone && shapes_[shape]->place_of[rule] != kNone;
  }
  void remove(Thing);

  flow::EntityId id(Thing thing) const { return things_[thing].id; }
  bool is_used(Thing thing) const { return thing < things_.size() && !things_[thing].id.empty(); }
  std::size_t size() const { return things_.size() - free_things_.size(); }
  std::size_t things_end() const { return things_.size(); }

  Row row(Thing thing) { return row_of(things_[thing]); }
  Track* track(Thing, std::uint32_t rule);  // null when the rule does not watch it
  // Ascending by thing.
  void each(std::uint32_t rule, const std::function<void(Thing, Track&)>&);

  // As the entity's `name` says (a text, or a map of languages), else the last part of its id.
  flow::Bilingual name(Thing);
  // GeoJSON; empty when it has none.
  std::string location(Thing);
  std::optional<geo::Position> place(Thing);

  // Takes over the entities of another board, each under the same number; those that nobody watches here are left out.
  // rule_map: ordinal there → ordinal here, kNone for a rule that is gone.
  void take_over(Board& from, const std::vector<std::uint32_t>& rule_map);

  // Readings only: tracks are saved by whoever knows the rules.
  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Info {
    flow::EntityId id;
    std::uint32_t shape{kNone};
    std::uint32_t row{};
  };

  std::uint32_t shape_for(const std::vector<flow::Name>& types) {
    if (types.size() == 1 && types[0].number() < shape_of_type_.size() && shape_of_type_[types[0].number()] != 0) {
      return known_types_[shape_of_type_[types[0].number()] - 1].second;
    }
    return find_or_make_shape(types);
  }
  std::uint32_t find_or_make_shape(const std::vector<flow::Name>& types);
  std::uint32_t make_shape(const std::vector<flow::Name>& types);
  void add_column(Shape&, Ordinal attribute) const;
  std::uint32_t new_row(Shape&);
  void free_row(Shape&, std::uint32_t row);
  Row row_of(const Info&);
  void copy_row(const Row& from, const Board& there, const Row& to, const std::vector<std::uint32_t>& rule_map);
  void settle_in(Thing, flow::EntityId, std::uint32_t shape);
  void save_row(base::ByteWriter&, const Info&) const;
  void load_row(base::ByteReader&, const std::vector<flow::Name>& names, std::optional<Thing>);

  Layout layout_;
  Ordinal name_{kNoOrdinal}, location_{kNoOrdinal};
  std::vector<std::unique_ptr<Shape>> shapes_;
  std::vector<std::pair<std::vector<flow::Name>, std::uint32_t>> known_types_;  // → shape, kNone when unwatched
  std::vector<std::uint32_t> shape_of_type_;  // for entities of one type: Name::number() → index in known_types_ + 1
  std::vector<Info> things_;
  std::vector<Thing> free_things_;
  std::vector<Thing> thing_of_;  // EntityId::number() → thing
};

}  // namespace cityloop::decide
