#include "twin/query/sort.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/json_value.h"
#include "geo/cells.h"
#include "twin/query/q_value.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::Entity;
using flow::Json;
using flow::Name;
using Steps = std::vector<QStep>;

// The default instance, or else the first there is.
const Attribute* instance(const Entity& entity, Name name) {
  if (const Attribute* found = entity.find(name)) return found;
  const auto any = std::ranges::find(entity.attributes, name, &Attribute::name);
  return any == entity.attributes.end() ? nullptr : &*any;
}

std::string_view least(const std::vector<Name>& names) {
  std::string_view out;
  for (const Name name : names) out = out.empty() ? name.text() : std::min(out, name.text());
  return out;
}

}  // namespace

// What an entity has for a key.
class Sorter::Reader {
 public:
  explicit Reader(const Collation& collation) : collation_(collation) {}

  using Found = std::optional<Value>;

  Found text(std::string_view text) const {
    return text.empty() ? Found{} : Found(Value(std::in_place_type<std::string>, collation_.key(text)));
  }
  static Found instant(flow::Instant at) { return at == flow::kNever ? Found{} : Found(Instant{base::to_us(at)}); }

  Found path(const QPath& path, const Entity& entity) const {
    if (const Attribute* attribute = instance(entity, path.attribute)) return of_attribute(*attribute, path, 0);
    if (path.meta == QMeta::created_at) return instant(entity.created_at);
    if (path.meta == QMeta::modified_at) return instant(entity.modified_at);
    if (path.meta == QMeta::expires_at) return instant(entity.expires_at);
    return {};
  }

  static Found distance(const geo::PreparedShape& from, Name property, const Entity& entity) {
    static const Name kLocation("location");
    const Attribute* attribute = instance(entity, property.empty() ? kLocation : property);
    const Json* json = attribute ? std::get_if<Json>(&attribute->value) : nullptr;
    if (!json) return {};
    if (const auto point = geo::point_of(json->text)) return from.distance_m(geo::Shape::point(*point));
    const auto shape = geo::Shape::from_geojson(json->text);
    return shape ? Found(from.distance_m(*shape)) : Found{};
  }

 private:
  // A text that is a time stands among the times.
  Found of_text(std::string_view text) const {
    constexpr std::size_t kDateLength = 10;
    if (const auto us = instant_us(text)) return text.size() == kDateLength ? Found(Date{*us}) : Found(Instant{*us});
    if (const auto us = time_of_day_us(text)) return TimeOfDay{*us};
    return Value(std::in_place_type<std::string>, collation_.key(text));
  }

  // A member of a compound value.
  Found of_json(const Json& json, std::span<const QStep> below, const Steps& trailing) const {
    if (below.empty() && trailing.empty()) return json.text.starts_with('[') ? Found(List{}) : Found(Object{});
    const auto root = base::JsonValue::parse(json.text);
    const base::JsonValue* value = root ? &*root : nullptr;
    for (const auto steps : {below, std::span<const QStep>(trailing)}) {
      for (const QStep& step : steps) value = value ? value->find(step.text) : nullptr;
    }
    if (!value || std::holds_alternative<std::monostate>(value->is)) return {};
    if (const bool* flag = value->boolean()) return *flag;
    if (const auto number = value->exact_number()) return *number;
    if (const std::string* text = value->text()) return of_text(*text);
    return value->array() ? Found(List{}) : Found(Object{});
  }

  Found of_meta(QMeta meta, const Attribute& attribute) const {
    switch (meta) {
      case QMeta::observed_at: return instant(attribute.observed_at);
      case QMeta::created_at: return instant(attribute.created_at);
      case QMeta::modified_at: return instant(attribute.modified_at);
      case QMeta::unit_code: return text(attribute.unit_code.text());
      case QMeta::dataset_id: return text(attribute.dataset_id.text());
      case QMeta::expires_at:
      case QMeta::none: break;
    }
    return {};
  }

  Found of_attribute(const Attribute& attribute, const QPath& path, std::size_t at) const {
    const std::span<const QStep> below = std::span(path.below).subspan(at);
    if (!below.empty()) {
      if (below.size() == 1 && path.trailing.empty()) {
        if (auto meta = of_meta(below.front().meta, attribute)) return meta;
      }
      for (const Attribute& sub : attribute.subs.list()) {
        if (sub.name == below.front().name) return of_attribute(sub, path, at + 1);
      }
    }
    const auto number = flow::number_of(attribute.value);
    const Json* const json = std::get_if<Json>(&attribute.value);
    if (json && !number) return of_json(*json, below, path.trailing);
    if (!below.empty() || !path.trailing.empty()) return {};
    if (number) return *number;
    if (const auto* text = std::get_if<flow::Text>(&attribute.value)) return of_text(*text);
    if (const bool* flag = std::get_if<bool>(&attribute.value)) return *flag;
    return {};
  }

  const Collation& collation_;
};

Sorter::Sorter(const std::vector<OrderKey>& keys, std::size_t keep) : keys_(keys), keep_(keep) {
  for (const OrderKey& key : keys) {
    from_.push_back(key.from ? std::optional<geo::PreparedShape>(*key.from) : std::nullopt);
  }
}

std::optional<Sorter::Value> Sorter::value_of(const OrderKey& key, std::size_t at, const Entity& entity) const {
  const Reader reader(key.collation);
  switch (key.by) {
    case OrderBy::value: return reader.path(key.path, entity);
    case OrderBy::id: return reader.text(entity.id.text());
    case OrderBy::type: return reader.text(least(entity.types));
    case OrderBy::scope: return reader.text(least(entity.scopes));
    case OrderBy::created_at: return Reader::instant(entity.created_at);
    case OrderBy::modified_at: return Reader::instant(entity.modified_at);
    case OrderBy::distance: return from_[at] ? Reader::distance(*from_[at], key.geoproperty, entity) : std::nullopt;
  }
  return std::nullopt;
}

bool Sorter::before(const Row& a, const Row& b) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto &left = a.values[i], &right = b.values[i];
    if (left.has_value() != right.has_value()) return left.has_value();
    if (!left || *left == *right) continue;
    return (*left < *right) != keys_[i].descending;
  }
  return a.age < b.age;
}

void Sorter::prune() {
  if (rows_.size() <= keep_) return;
  const auto last = rows_.begin() + std::ptrdiff_t(keep_);
  std::nth_element(rows_.begin(), last, rows_.end(), [this](const Row& a, const Row& b) { return before(a, b); });
  rows_.erase(last, rows_.end());
}

void Sorter::offer(flow::EntityPtr entity, std::uint64_t age) {
  Row row{{}, age, std::move(entity)};
  for (std::size_t i = 0; i < keys_.size(); ++i) row.values.push_back(value_of(keys_[i], i, *row.entity));
  rows_.push_back(std::move(row));
  if (rows_.size() >= 2 * keep_ + 1024) prune();
}

std::vector<flow::EntityPtr> Sorter::page(std::size_t offset, std::size_t limit) {
  prune();
  std::ranges::sort(rows_, [this](const Row& a, const Row& b) { return before(a, b); });
  std::vector<flow::EntityPtr> out;
  for (std::size_t i = offset; i < rows_.size() && out.size() < limit; ++i) out.push_back(std::move(rows_[i].entity));
  return out;
}

}  // namespace cityloop::twin
