#include "twin/query_sort.h"

#include <algorithm>
#include <cmath>

#include "base/json_value.h"
#include "geo/cells.h"
#include "twin/q_value.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::Entity;
using flow::Json;
using flow::Name;
using Steps = std::vector<QStep>;

using Sorted = std::variant<bool, double, std::int64_t, std::string, char>;

std::optional<Sorted> of_instant(flow::Instant at) {
  return at == flow::kNever ? std::nullopt : std::optional<Sorted>(base::to_us(at));
}

Sorted of_text(const std::string& text) {
  const auto us = instant_us(text);
  return us ? Sorted(*us) : Sorted(text);
}

// A member of a compound value.
std::optional<Sorted> of_json(const Json& json, const Steps& below, std::size_t at, const Steps& trailing) {
  if (at == below.size() && trailing.empty()) return Sorted('{');
  const auto root = base::JsonValue::parse(json.text);
  if (!root) return std::nullopt;
  const base::JsonValue* value = &*root;
  const auto follow = [&](const Steps& steps, std::size_t from) {
    for (std::size_t i = from; value && i < steps.size(); ++i) value = value->find(steps[i].text);
  };
  follow(below, at);
  if (value) follow(trailing, 0);
  if (!value || std::holds_alternative<std::monostate>(value->is)) return std::nullopt;
  if (const bool* flag = value->boolean()) return Sorted(*flag);
  if (const double* number = value->number()) return Sorted(*number);
  if (const std::string* text = value->text()) return of_text(*text);
  return Sorted('{');
}

std::optional<Sorted> of_attribute(const Attribute& attribute, const QPath& path, std::size_t at) {
  if (at < path.below.size()) {
    const QStep& step = path.below[at];
    switch (at + 1 == path.below.size() ? step.meta : QMeta::none) {
      case QMeta::observed_at: return of_instant(attribute.observed_at);
      case QMeta::created_at: return of_instant(attribute.created_at);
      case QMeta::modified_at: return of_instant(attribute.modified_at);
      case QMeta::unit_code: return Sorted(std::string(attribute.unit_code.text()));
      case QMeta::dataset_id: return Sorted(std::string(attribute.dataset_id.text()));
      case QMeta::none: break;
    }
    for (const Attribute& sub : attribute.subs) {
      if (sub.name == step.name) return of_attribute(sub, path, at + 1);
    }
  }
  if (const Json* json = std::get_if<Json>(&attribute.value)) return of_json(*json, path.below, at, path.trailing);
  if (at < path.below.size() || !path.trailing.empty()) return std::nullopt;
  if (const double* number = std::get_if<double>(&attribute.value)) return Sorted(*number);
  if (const auto* text = std::get_if<std::string>(&attribute.value)) return of_text(*text);
  if (const bool* flag = std::get_if<bool>(&attribute.value)) return Sorted(*flag);
  return std::nullopt;
}

// The default instance, or else the first there is.
const Attribute* instance(const Entity& entity, Name name) {
  if (const Attribute* found = entity.find(name)) return found;
  const auto any = std::ranges::find(entity.attributes, name, &Attribute::name);
  return any == entity.attributes.end() ? nullptr : &*any;
}

std::optional<Sorted> of_path(const QPath& path, const Entity& entity) {
  if (const Attribute* attribute = instance(entity, path.attribute)) return of_attribute(*attribute, path, 0);
  if (path.meta == QMeta::created_at) return of_instant(entity.created_at);
  if (path.meta == QMeta::modified_at) return of_instant(entity.modified_at);
  return std::nullopt;
}

std::optional<Sorted> distance_of(const geo::PreparedShape& from, Name property, const Entity& entity) {
  static const Name kLocation("location");
  const Attribute* attribute = instance(entity, property.empty() ? kLocation : property);
  const Json* json = attribute ? std::get_if<Json>(&attribute->value) : nullptr;
  if (!json) return std::nullopt;
  if (const auto point = geo::point_of(json->text)) return Sorted(from.distance_m(geo::Shape::point(*point)));
  const auto shape = geo::Shape::from_geojson(json->text);
  return shape ? std::optional(Sorted(from.distance_m(*shape))) : std::nullopt;
}

std::string_view first_type(const Entity& entity) {
  std::string_view out;
  for (const Name type : entity.types) out = out.empty() ? type.text() : std::min(out, type.text());
  return out;
}

}  // namespace

Sorter::Sorter(const std::vector<OrderKey>& keys, std::size_t keep) : keys_(keys), keep_(keep) {
  for (const OrderKey& key : keys) {
    from_.push_back(key.from ? std::optional<geo::PreparedShape>(*key.from) : std::nullopt);
  }
}

std::optional<Sorter::Value> Sorter::value_of(const OrderKey& key, std::size_t at, const Entity& entity) const {
  switch (key.by) {
    case OrderBy::value: return of_path(key.path, entity);
    case OrderBy::id: return Sorted(std::string(entity.id.text()));
    case OrderBy::type: return Sorted(std::string(first_type(entity)));
    case OrderBy::created_at: return of_instant(entity.created_at);
    case OrderBy::modified_at: return of_instant(entity.modified_at);
    case OrderBy::distance: return from_[at] ? distance_of(*from_[at], key.geoproperty, entity) : std::nullopt;
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
