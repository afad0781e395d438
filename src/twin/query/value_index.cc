#include "twin/query/value_index.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "twin/ngsi/selection.h"
#include "twin/query/q_value.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::AttributeKind;
using flow::Entity;
using Key = AgedIndex::Key;

constexpr Key kLast = ~Key{0};
constexpr Key kSign = Key{1} << 63;

// In the order of numbers; -0 is 0.
Key number_key(double number) {
  const Key bits = std::bit_cast<Key>(number == 0 ? 0.0 : number);
  return bits & kSign ? ~bits : bits | kSign;
}
Key instant_key(std::int64_t us) {
  return Key(us) ^ kSign;
}
Key text_key(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

// Behind the third colon of an id; nothing where there are fewer.
std::optional<std::string_view> own_part(std::string_view id) {
  for (int colons = 0; colons < 3; ++colons) {
    const auto at = id.find(':');
    if (at == id.npos) return std::nullopt;
    id.remove_prefix(at + 1);
  }
  return id;
}

// The first eight bytes in their order; what is missing filled up.
Key head_key(std::string_view text, std::uint8_t fill) {
  Key out = 0;
  for (std::size_t i = 0; i < sizeof(Key); ++i) out = out << 8 | (i < text.size() ? std::uint8_t(text[i]) : fill);
  return out;
}

bool is_relationship(const Attribute& attribute) {
  return attribute.kind == AttributeKind::relationship || attribute.kind == AttributeKind::list_relationship;
}

// What the operands of a comparison hit, part by part; and of which parts only a look tells.
struct Hits {
  std::vector<KeyRange> ranges;
  bool vague_texts{false};
  bool vague_instants{false};

  void add(Part part, Key from, Key to) {
    if (from <= to) ranges.push_back({part, from, to});
  }
};

void add_ordered(Part part, QOperator op, Key low, std::optional<Key> high, Hits& out) {
  switch (op) {
    case QOperator::greater: return low < kLast ? out.add(part, low + 1, kLast) : void();
    case QOperator::greater_equal: return out.add(part, low, kLast);
    case QOperator::less: return low > 0 ? out.add(part, 0, low - 1) : void();
    case QOperator::less_equal: return out.add(part, 0, low);
    default: return out.add(part, low, high.value_or(low));
  }
}

// The first double that is no less than a number, and the last that is no more.
Key first_double(base::Number number) {
  return number_key(number.near) + Key(number.rest > 0);
}
Key last_double(base::Number number) {
  return number_key(number.near) - Key(number.rest < 0);
}

void add_number(QOperator op, base::Number low, base::Number high, Hits& out) {
  const Key from = number_key(low.near), to = number_key(high.near);
  switch (op) {
    case QOperator::greater: out.add(Part::number, first_double(low) + Key(low.is_double()), kLast); break;
    case QOperator::greater_equal: out.add(Part::number, first_double(low), kLast); break;
    case QOperator::less: out.add(Part::number, 0, last_double(low) - Key(low.is_double())); break;
    case QOperator::less_equal: out.add(Part::number, 0, last_double(low)); break;
    default: out.add(Part::number, first_double(low), last_double(high)); break;
  }
  switch (op) {
    case QOperator::greater:
    case QOperator::greater_equal: return out.add(Part::whole, from, kLast);
    case QOperator::less:
    case QOperator::less_equal: return out.add(Part::whole, 0, to);
    default: return out.add(Part::whole, from, to);
  }
}

void add_text(QOperator op, const QOperand& operand, Hits& out) {
  const QValue& low = operand.low;
  const bool equality = (op == QOperator::equal || op == QOperator::unequal) && !operand.high;
  if (low.is_time && (!operand.high || operand.high->is_time)) {
    add_ordered(Part::instant, op, instant_key(low.us),
                operand.high ? std::optional(instant_key(operand.high->us)) : std::nullopt, out);
    out.vague_texts |= !equality;  // to other texts it stands in the order of texts
  } else if (equality && !instant_us(low.text)) {
    out.add(Part::text, text_key(low.text), text_key(low.text));
  } else {
    out.vague_texts = out.vague_instants = true;
  }
}

void add_operand(QOperator op, const QOperand& operand, Hits& out) {
  const QValue& low = operand.low;
  const QValue* const high = operand.high ? &*operand.high : nullptr;
  switch (low.kind) {
    case QValueKind::number: return add_number(op, low.exact(), high ? high->exact() : low.exact(), out);
    case QValueKind::boolean: return out.add(Part::flag, low.boolean, low.boolean);
    case QValueKind::instant:
      return add_ordered(Part::instant, op, instant_key(low.us),
                         high ? std::optional(instant_key(high->us)) : std::nullopt, out);
    case QValueKind::text: return add_text(op, operand, out);
    case QValueKind::time_of_day: out.vague_texts = true; return;
  }
}

// So that none shares a key with another.
std::vector<KeyRange> merged(std::vector<KeyRange> ranges) {
  std::ranges::sort(ranges, {}, [](const KeyRange& r) { return std::pair(r.part, r.from); });
  std::vector<KeyRange> out;
  for (const KeyRange& range : ranges) {
    if (!out.empty() && out.back().part == range.part && range.from <= out.back().to) {
      out.back().to = std::max(out.back().to, range.to);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

// All of the part that the merged ranges leave out.
void add_others(Part part, const std::vector<KeyRange>& ranges, std::vector<KeyRange>& out) {
  Key from = 0;
  for (const KeyRange& range : ranges) {
    if (range.part != part) continue;
    if (range.from > from) out.push_back({part, from, range.from - 1});
    if (range.to == kLast) return;
    from = range.to + 1;
  }
  out.push_back({part, from, kLast});
}

KeyRange whole(Part part) {
  return {part, 0, kLast};
}

// createdAt, modifiedAt or expiresAt of the entity itself, where the name stands for it.
flow::Instant own_time(flow::Name name, const Entity& entity) {
  static const flow::Name kCreatedAt("createdAt"), kModifiedAt("modifiedAt"), kExpiresAt("expiresAt");
  if (name == kCreatedAt) return entity.created_at;
  if (name == kModifiedAt) return entity.modified_at;
  return name == kExpiresAt ? entity.expires_at : flow::kNever;
}

}  // namespace

std::size_t ValueIndex::bytes() const {
  std::size_t out = sizeof(*this);
  for (const AgedIndex& part : parts_) out += part.bytes();
  return out;
}

// A relationship is never in an order, a text that is an instant is in one: the two may not stand in one place.
void ValueIndex::place_of_value(const Attribute& attribute, std::vector<Place>& out) const {
  if (const auto* number = std::get_if<double>(&attribute.value)) {
    out.push_back({is_relationship(attribute) || *number != *number ? Part::odd : Part::number, number_key(*number)});
  } else if (const auto* text = std::get_if<flow::Text>(&attribute.value)) {
    const auto us = instant_us(*text);
    if (!us) out.push_back({Part::text, text_key(*text)});
    else if (is_relationship(attribute)) out.push_back({Part::odd, 0});
    else out.push_back({Part::instant, instant_key(*us)});
  } else if (const auto* flag = std::get_if<bool>(&attribute.value)) {
    out.push_back({Part::flag, Key(*flag)});
  } else if (const auto whole = flow::number_in_digits(attribute.value); whole && !is_relationship(attribute)) {
    out.push_back({Part::whole, number_key(whole->near)});
  } else {
    out.push_back({Part::odd, 0});
  }
}

void ValueIndex::place_of_shape(const Attribute& attribute, std::vector<Place>& out) const {
  const auto* json = std::get_if<flow::Json>(&attribute.value);
  if (!json || attribute.kind != AttributeKind::geo_property) return;
  if (const auto point = geo::point_of(json->text)) {
    out.push_back({Part::point, geo::cell_of(*point)});
    return;
  }
  const auto shape = geo::Shape::from_geojson(json->text);
  if (!shape) return;
  const Part part = shape->kind == geo::ShapeKind::point ? Part::point : Part::shape;
  for (const geo::Cell cell : geo::cells_of(*shape)) out.push_back({part, cell});
}

void ValueIndex::place_of_scopes(const Entity& entity, std::vector<Place>& out) const {
  for (const flow::Name scope : entity.scopes) {
    const std::string levels = scope_levels(scope.text());
    out.push_back({Part::text, text_key(levels)});
    out.push_back({Part::above, text_key({})});  // "/#"
    for (std::size_t end = 0; end < levels.size();) {
      end = std::min(levels.find('/', end + 1), levels.size());
      out.push_back({Part::above, text_key(std::string_view(levels).substr(0, end))});
    }
  }
}

std::vector<ValueIndex::Place> ValueIndex::places_of(const Entity& entity) const {
  std::vector<Place> out;
  if (key_.kind == IndexKind::scopes) place_of_scopes(entity, out);
  if (key_.kind == IndexKind::ids) {
    if (const auto own = own_part(entity.id.text())) out.push_back({Part::text, head_key(*own, 0)});
    return out;
  }
  for (const Attribute& attribute : entity.attributes) {
    if (attribute.name != key_.attribute) continue;
    if (key_.kind == IndexKind::places) place_of_shape(attribute, out);
    else place_of_value(attribute, out);
  }
  if (out.empty() && key_.kind == IndexKind::values) {
    const flow::Instant at = own_time(key_.attribute, entity);
    if (at != flow::kNever) out.push_back({Part::instant, instant_key(base::to_us(at))});
  }
  if (out.empty() && key_.kind == IndexKind::values && !key_.type.empty()) out.push_back({Part::absent, 0});
  if (out.size() > 1) {
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }
  return out;
}

// Most changes are of other attributes.
bool ValueIndex::same(const Entity& before, const Entity& after) const {
  if (key_.kind == IndexKind::ids) return true;
  if (key_.kind == IndexKind::scopes) return before.scopes == after.scopes;
  if (own_time(key_.attribute, before) != own_time(key_.attribute, after)) return false;
  auto b = before.attributes.begin(), a = after.attributes.begin();
  while (true) {
    while (b != before.attributes.end() && b->name != key_.attribute) ++b;
    while (a != after.attributes.end() && a->name != key_.attribute) ++a;
    if (b == before.attributes.end() || a == after.attributes.end()) {
      return b == before.attributes.end() && a == after.attributes.end();
    }
    if (b->kind != a->kind || b->value != a->value) return false;
    ++b;
    ++a;
  }
}

void ValueIndex::update(const Entity* before, const Entity* after, Age age) {
  const bool was = is_member(before), is = is_member(after);
  if (was && is && same(*before, *after)) return;
  const auto old = was ? places_of(*before) : std::vector<Place>{};
  const auto now = is ? places_of(*after) : std::vector<Place>{};
  for (const Place& place : old) {
    if (std::ranges::find(now, place) == now.end()) parts_[std::size_t(place.part)].erase(place.key, age);
  }
  const std::uint32_t id = (after ? after : before) ? (after ? after : before)->id.number() : 0;
  for (const Place& place : now) {
    if (std::ranges::find(old, place) == old.end()) parts_[std::size_t(place.part)].insert({place.key, age, id});
  }
  several_ += std::size_t(now.size() > 1);
  several_ -= std::size_t(old.size() > 1);
}

void ValueIndex::build(const std::vector<std::pair<flow::EntityPtr, Age>>& entities) {
  std::array<std::vector<AgedIndex::Entry>, kParts> entries;
  several_ = 0;
  for (const auto& [entity, age] : entities) {
    if (!is_member(entity.get())) continue;
    const auto places = places_of(*entity);
    for (const Place& place : places) {
      entries[std::size_t(place.part)].push_back({place.key, age, entity->id.number()});
    }
    several_ += std::size_t(places.size() > 1);
  }
  for (std::size_t i = 0; i < kParts; ++i) parts_[i].build(std::move(entries[i]));
}

Probe ValueIndex::present() const {
  return {{whole(Part::number), whole(Part::whole), whole(Part::text), whole(Part::instant), whole(Part::flag),
           whole(Part::odd)},
          true};
}

Probe ValueIndex::compare(const QTerm& term) const {
  Hits hits;
  for (const QOperand& operand : term.operands) add_operand(term.op, operand, hits);
  std::erase_if(hits.ranges, [&](const KeyRange& r) {
    return (r.part == Part::text && hits.vague_texts) || (r.part == Part::instant && hits.vague_instants);
  });
  Probe out{merged(std::move(hits.ranges)), true};
  if (term.op == QOperator::unequal) {
    std::vector<KeyRange> others;
    for (const Part part : {Part::number, Part::text, Part::instant, Part::flag}) add_others(part, out.ranges, others);
    others.push_back(whole(Part::whole));
    out.ranges = std::move(others);
  } else {
    if (hits.vague_texts) out.ranges.push_back(whole(Part::text));
    if (hits.vague_instants) out.ranges.push_back(whole(Part::instant));
  }
  out.ranges.push_back(whole(Part::odd));
  out.exact = part(Part::odd).empty() && part(Part::whole).empty() &&
              !(hits.vague_texts && !part(Part::text).empty()) &&
              !(hits.vague_instants && !part(Part::instant).empty());
  return out;
}

std::optional<Probe> ValueIndex::probe(const QTerm& term) const {
  if (key_.kind != IndexKind::values || term.path.attribute != key_.attribute) return std::nullopt;
  if (term.path.link) return std::nullopt;
  const bool plain = term.path.below.empty() && term.path.trailing.empty();
  if (term.absent) {
    if (key_.type.empty() || !plain) return std::nullopt;
    return Probe{{whole(Part::absent)}, true};
  }
  Probe out = present();
  if (plain && !term.operands.empty()) return compare(term);
  // Somewhere below the attribute, or a pattern.
  if (!plain || term.op != QOperator::exists) out.exact = false;
  return out;
}

Probe ValueIndex::near(const geo::CellQuestion& question) const {
  Probe out;
  out.exact = false;
  for (const auto& range : question.ranges()) {
    out.ranges.push_back({Part::point, range.first, range.last, range.inside});
    if (!part(Part::shape).empty()) out.ranges.push_back({Part::shape, range.first, range.last});
  }
  if (part(Part::shape).empty()) return out;
  for (const geo::Cell cell : question.above()) out.ranges.push_back({Part::shape, cell, cell});
  return out;
}

Probe ValueIndex::under(std::string_view pattern) const {
  const std::string levels = scope_levels(pattern);
  const auto wild = levels.find_first_of("+#");
  if (wild == levels.npos) return {{{Part::text, text_key(levels), text_key(levels)}}, true};
  const Key above = text_key(std::string_view(levels).substr(0, wild == 0 ? 0 : wild - 1));
  return {{{Part::above, above, above}}, levels.substr(wild) == "#"};
}

std::optional<Probe> ValueIndex::beginning(std::string_view prefix) const {
  const auto own = own_part(prefix);
  if (!own || own->empty()) return std::nullopt;
  return Probe{{{Part::text, head_key(*own, 0), head_key(*own, 0xff)}}, false};
}

std::size_t ValueIndex::count(const Probe& probe) const {
  std::size_t out = 0;
  for (const KeyRange& range : probe.ranges) out += part(range.part).count(range.from, range.to);
  return out;
}

AgedIndex::Extent ValueIndex::extent(const Probe& probe) const {
  AgedIndex::Extent out;
  for (const KeyRange& range : probe.ranges) {
    const auto part_of = part(range.part).extent(range.from, range.to);
    out.blocks += part_of.blocks;
    out.oldest = std::min(out.oldest, part_of.oldest);
  }
  return out;
}

}  // namespace cityloop::twin
