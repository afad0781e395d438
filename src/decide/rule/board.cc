#include "decide/rule/board.h"

#include <algorithm>
#include <cassert>

#include "base/json_value.h"
#include "store/record.h"

namespace cityloop::decide {

using flow::Name;

namespace {

bool overlaps(const std::vector<Name>& a, const std::vector<Name>& b) {
  return std::any_of(a.begin(), a.end(), [&](Name one) { return std::find(b.begin(), b.end(), one) != b.end(); });
}

}  // namespace

Board::Board(Layout layout) : layout_(std::move(layout)) {
  name_ = ordinal(Name("name"));
  location_ = ordinal(Name("location"));
}

Ordinal Board::ordinal(Name name) const {
  const auto& wanted = layout_.wanted();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].name == name) return Ordinal(i);
  }
  return kNoOrdinal;
}

std::uint32_t Board::find_or_make_shape(const std::vector<Name>& types) {
  for (const auto& [known, shape] : known_types_) {
    if (known == types) return shape;
  }
  const bool watched = std::any_of(layout_.claims().begin(), layout_.claims().end(),
                                   [&](const Claim& claim) { return overlaps(claim.types, types); });
  known_types_.emplace_back(types, watched ? make_shape(types) : kNone);
  if (types.size() == 1) {
    if (shape_of_type_.size() <= types[0].number()) shape_of_type_.resize(types[0].number() + 1, 0);
    shape_of_type_[types[0].number()] = std::uint32_t(known_types_.size());
  }
  return known_types_.back().second;
}

std::uint32_t Board::make_shape(const std::vector<Name>& types) {
  auto shape = std::make_unique<Shape>();
  shape->types = types;
  shape->columns.assign(layout_.wanted().size(), kNoOrdinal);
  shape->value_columns.assign(layout_.wanted().size(), kNoOrdinal);
  shape->place_of.assign(layout_.claims().size(), kNone);
  for (std::size_t rule = 0; rule < layout_.claims().size(); ++rule) {
    const Claim& claim = layout_.claims()[rule];
    if (!overlaps(claim.types, types)) continue;
    const auto place = Ordinal(shape->rules.size());
    shape->place_of[rule] = place;
    shape->rules.push_back(std::uint32_t(rule));
    for (const Ordinal attribute : claim.needs) add_column(*shape, attribute);
    for (const Ordinal attribute : claim.triggers) {
      shape->triggered[shape->columns[attribute]].push_back(place);
      if (claim.samples) shape->sampled[shape->columns[attribute]].push_back(place);
    }
    if (claim.any_reading) shape->any_reading.push_back(place);
  }
  shapes_.push_back(std::move(shape));
  return std::uint32_t(shapes_.size() - 1);
}

void Board::add_column(Shape& shape, Ordinal attribute) const {
  if (shape.columns[attribute] != kNoOrdinal) return;
  const Layout::Wanted& wanted = layout_.wanted()[attribute];
  const auto column = Ordinal(shape.attributes.size());
  shape.columns[attribute] = column;
  shape.attributes.push_back(attribute);
  shape.triggered.emplace_back();
  shape.sampled.emplace_back();
  if (wanted.as_value) shape.value_columns[attribute] = Ordinal(shape.values_per_row++);
  const std::uint32_t number = wanted.name.number();
  if (shape.by_name.size() <= number) shape.by_name.resize(number + 1, kNoOrdinal);
  shape.by_name[number] = column;
}

std::uint32_t Board::new_row(Shape& shape) {
  if (!shape.free_rows.empty()) {
    const std::uint32_t row = shape.free_rows.back();
    shape.free_rows.pop_back();
    return row;
  }
  const std::uint32_t row = shape.rows++;
  shape.readings.resize(shape.rows * shape.attributes.size());
  shape.values.resize(std::size_t(shape.rows) * shape.values_per_row);
  shape.tracks.resize(shape.rows * shape.rules.size());
  return row;
}

void Board::free_row(Shape& shape, std::uint32_t row) {
  const auto reset = [row](auto& cells, std::size_t width) {
    std::fill_n(cells.begin() + std::ptrdiff_t(row * width), width,
                typename std::decay_t<decltype(cells)>::value_type{});
  };
  reset(shape.readings, shape.attributes.size());
  reset(shape.values, shape.values_per_row);
  reset(shape.tracks, shape.rules.size());
  shape.free_rows.push_back(row);
}

void Board::settle_in(Thing thing, flow::EntityId id, std::uint32_t shape) {
  if (things_.size() <= thing) things_.resize(thing + 1);
  things_[thing] = {id, shape, new_row(*shapes_[shape])};
  if (thing_of_.size() <= id.number()) thing_of_.resize(id.number() + id.number() / 2 + 64, kNone);
  thing_of_[id.number()] = thing;
}

Thing Board::admit(flow::EntityId id, const std::vector<Name>& types) {
  const std::uint32_t shape = shape_for(types);
  Thing thing = find(id);
  if (thing != kNone) {
    const Info old = things_[thing];
    if (old.shape == shape) return thing;
    assert(shape != kNone && "an entity that nobody watches any more is removed, not moved");
    things_[thing].shape = shape;
    things_[thing].row = new_row(*shapes_[shape]);
    copy_row(row_of(old), *this, row(thing), {});
    free_row(*shapes_[old.shape], old.row);
    return thing;
  }
  if (shape == kNone) return kNone;
  if (free_things_.empty()) {
    thing = Thing(things_.size());
  } else {
    thing = free_things_.back();
    free_things_.pop_back();
  }
  settle_in(thing, id, shape);
  return thing;
}

void Board::remove(Thing thing) {
  Info& info = things_[thing];
  free_row(*shapes_[info.shape], info.row);
  thing_of_[info.id.number()] = kNone;
  info = {};
  free_things_.push_back(thing);
}

Row Board::row_of(const Info& info) {
  Shape& shape = *shapes_[info.shape];
  return {&shape, shape.readings.data() + info.row * shape.attributes.size(),
          shape.values.data() + std::size_t(info.row) * shape.values_per_row,
          shape.tracks.data() + info.row * shape.rules.size()};
}

Track* Board::track(Thing thing, std::uint32_t rule) {
  const Row here = row(thing);
  const std::uint32_t place = here.shape->place_of[rule];
  return place == kNone ? nullptr : here.tracks + place;
}

void Board::each(std::uint32_t rule, const std::function<void(Thing, Track&)>& f) {
  for (Thing thing = 0; thing < things_.size(); ++thing) {
    if (things_[thing].id.empty()) continue;
    if (Track* const found = track(thing, rule)) f(thing, *found);
  }
}

// `from` may be laid out otherwise: attributes are matched by name, rules by the map (the same ordinals when empty).
void Board::copy_row(const Row& from, const Board& there, const Row& to, const std::vector<std::uint32_t>& rule_map) {
  for (std::size_t column = 0; column < to.shape->attributes.size(); ++column) {
    const Ordinal here = to.shape->attributes[column];
    const Ordinal old = &there == this ? here : there.ordinal(layout_.wanted()[here].name);
    const Reading* const reading = old == kNoOrdinal ? nullptr : from.reading(old);
    const Ordinal value_column = to.shape->value_columns[here];
    const flow::Value* const value = old == kNoOrdinal ? nullptr : from.value(old);
    // Where only the number was kept, a text has been forgotten: better nothing than half of it.
    if (!reading || (value_column != kNoOrdinal && !value && std::isnan(reading->number))) continue;
    to.readings[column] = *reading;
    if (value_column != kNoOrdinal) to.values[value_column] = value ? *value : flow::Value(reading->number);
  }
  for (std::size_t place = 0; place < from.shape->rules.size(); ++place) {
    const std::uint32_t old = from.shape->rules[place];
    const std::uint32_t rule = rule_map.empty() ? old : rule_map[old];
    const std::uint32_t at = rule == kNone ? kNone : to.shape->place_of[rule];
    if (at != kNone) to.tracks[at] = from.tracks[place];
  }
}

void Board::take_over(Board& from, const std::vector<std::uint32_t>& rule_map) {
  for (Thing thing = 0; thing < from.things_.size(); ++thing) {
    const Info& info = from.things_[thing];
    const std::uint32_t shape = info.id.empty() ? kNone : shape_for(from.shapes_[info.shape]->types);
    if (shape == kNone) {
      if (things_.size() <= thing) things_.resize(thing + 1);
      continue;
    }
    settle_in(thing, info.id, shape);
    copy_row(from.row_of(info), from, row(thing), rule_map);
  }
  // Free numbers are given out again from the back: keep the order there, then those that this turn has freed.
  free_things_ = from.free_things_;
  for (Thing thing = 0; thing < things_.size(); ++thing) {
    if (things_[thing].id.empty() && !from.things_[thing].id.empty()) free_things_.push_back(thing);
  }
}

flow::Bilingual Board::name(Thing thing) {
  const flow::Value* const value = row(thing).value(name_);
  if (const auto* text = value ? std::get_if<flow::Text>(value) : nullptr; text && !text->empty())
    return {*text, *text};
  const std::string_view id = things_[thing].id.text();
  const std::string tail(id.substr(id.rfind(':') + 1));
  const auto* json = value ? std::get_if<flow::Json>(value) : nullptr;
  const auto map = json ? base::JsonValue::parse(json->text) : base::JsonValue{};
  if (!map) return {tail, tail};
  const std::string en = map->text_or("en", map->text_or("zh", tail));
  return {map->text_or("zh", en), en};
}

std::string Board::location(Thing thing) {
  const flow::Value* const value = row(thing).value(location_);
  const auto* json = value ? std::get_if<flow::Json>(value) : nullptr;
  return json ? json->text.str() : std::string{};
}

std::optional<geo::Position> Board::place(Thing thing) {
  const std::string text = location(thing);
  if (text.empty()) return std::nullopt;
  const auto shape = geo::Shape::from_geojson(text);
  return shape ? std::optional(shape->anchor()) : std::nullopt;
}

void Board::save(base::ByteWriter& out) const {
  out.varint(layout_.wanted().size());
  for (const Layout::Wanted& wanted : layout_.wanted()) out.text(wanted.name.text());
  out.varint(things_.size());
  for (const Info& info : things_) {
    out.text(info.id.text());
    if (!info.id.empty()) save_row(out, info);
  }
  out.varint(free_things_.size());
  for (const Thing thing : free_things_) out.varint(thing);
}

void Board::save_row(base::ByteWriter& out, const Info& info) const {
  const Shape& shape = *shapes_[info.shape];
  out.varint(shape.types.size());
  for (const Name type : shape.types) out.text(type.text());
  out.varint(shape.attributes.size());
  for (std::size_t column = 0; column < shape.attributes.size(); ++column) {
    const Ordinal attribute = shape.attributes[column];
    const Reading& reading = shape.readings[info.row * shape.attributes.size() + column];
    const Ordinal value = shape.value_columns[attribute];
    out.varint(attribute);
    out.u8(std::uint8_t(reading.known() | (value != kNoOrdinal) << 1));
    if (!reading.known()) continue;
    out.f64(reading.number);
    out.svarint(reading.observed_us);
    out.text(reading.unit.text());
    if (value != kNoOrdinal) store::encode(out, shape.values[std::size_t(info.row) * shape.values_per_row + value]);
  }
}

// `thing` is where the row goes; nothing when nobody watches it now, and the bytes are passed over.
void Board::load_row(base::ByteReader& in, const std::vector<Name>& names, std::optional<Thing> thing) {
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::uint64_t attribute = in.varint();
    const std::uint8_t flags = in.u8();
    if (!(flags & 1)) continue;
    Reading reading{in.f64(), in.svarint(), Name(in.text())};
    flow::Value value = flags & 2 ? store::decode_value(in) : flow::Value(reading.number);
    if (!thing || attribute >= names.size()) continue;
    const Row here = row(*thing);
    const Ordinal column = here.shape->column_of(names[attribute]);
    if (column == kNoOrdinal) continue;
    const Ordinal value_column = here.shape->value_columns[here.shape->attributes[column]];
    if (value_column != kNoOrdinal && !(flags & 2) && std::isnan(reading.number)) continue;
    here.readings[column] = reading;
    if (value_column != kNoOrdinal) here.values[value_column] = std::move(value);
  }
}

base::Status Board::load(base::ByteReader& in) {
  std::vector<Name> names;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) names.emplace_back(in.text());
  const std::uint64_t count = in.varint();
  if (count > in.left()) return base::fail(base::Errc::corrupt, "the rules' checkpoint is damaged");
  things_.assign(count, {});
  std::vector<Thing> unwatched;
  for (Thing thing = 0; thing < count && in.ok(); ++thing) {
    const std::string_view id = in.text();
    if (id.empty()) continue;
    std::vector<Name> types;
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) types.emplace_back(in.text());
    const std::uint32_t shape = shape_for(types);
    if (shape == kNone) unwatched.push_back(thing);
    else settle_in(thing, flow::EntityId(id), shape);
    load_row(in, names, shape == kNone ? std::nullopt : std::optional(thing));
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) free_things_.push_back(Thing(in.varint()));
  free_things_.insert(free_things_.end(), unwatched.begin(), unwatched.end());
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the rules' checkpoint is damaged");
  return {};
}

}  // namespace cityloop::decide
