#include "notify/condition.h"

#include <limits>

namespace cityloop::notify {
namespace {

using flow::Attribute;
using flow::AttributeKind;
using flow::Name;
using twin::QOperator;
using twin::QTerm;
using twin::QValueKind;

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Only what must hold of a value that stands in the entity itself.
Condition condition_of(const QTerm& term) {
  static const Name kId("id"), kType("type"), kScope("scope");
  Condition out;
  const bool own = term.kind == twin::QKind::term && !term.absent && term.path.plain() && term.operands.size() == 1;
  out.attribute = term.path.attribute;
  if (!own || out.attribute == kId || out.attribute == kType || out.attribute == kScope) return out;
  const twin::QOperand& operand = term.operands.front();
  if (operand.low.kind == QValueKind::text && term.op == QOperator::equal && !operand.high && !operand.low.is_time) {
    out.kind = Condition::Kind::text;
    out.text = operand.low.text;
  }
  if (operand.low.kind != QValueKind::number || (operand.high && operand.high->kind != QValueKind::number)) return out;
  const double value = operand.low.number;
  out.low = -kInfinite, out.high = kInfinite;
  switch (term.op) {
    case QOperator::equal: out.low = value, out.high = operand.high ? operand.high->number : value; break;
    case QOperator::greater:
    case QOperator::greater_equal: out.low = value; break;
    case QOperator::less:
    case QOperator::less_equal: out.high = value; break;
    default: return out;
  }
  out.kind = Condition::Kind::number;
  return out;
}

// How few are expected to meet it.
int strength(const Condition& condition) {
  if (condition.kind == Condition::Kind::none) return 0;
  if (condition.kind == Condition::Kind::place) return 2;
  if (condition.kind == Condition::Kind::text || condition.low == condition.high) return 3;
  return condition.low > -kInfinite && condition.high < kInfinite ? 2 : 1;
}

Condition condition_of(const twin::GeoFilter& geo) {
  static const Name kLocation("location");
  const bool near = geo.relation == twin::GeoRelation::near;
  if (geo.relation == twin::GeoRelation::disjoint || (near && !geo.distance_max_m)) return {};
  Condition out;
  out.kind = Condition::Kind::place;
  out.attribute = geo.property.empty() ? kLocation : geo.property;
  out.cells = geo::CellQuestion(geo.shape, near ? *geo.distance_max_m : 0).ranges();
  return out;
}

}  // namespace

Condition condition_of(const Subscription& subscription) {
  const twin::EntityFilter& filter = subscription.matcher->filter();
  Condition best;
  const auto consider = [&](Condition other) {
    if (strength(other) > strength(best)) best = std::move(other);
  };
  if (filter.q) {
    const QTerm& root = filter.q->root();
    if (root.kind == twin::QKind::term) consider(condition_of(root));
    for (const QTerm& part : root.parts) {
      if (root.kind == twin::QKind::all) consider(condition_of(part));
    }
  }
  if (filter.geo) consider(condition_of(*filter.geo));
  return best;
}

void ConditionSet::add(Handle handle, const Condition& condition) {
  Terms& terms = of_attribute_[condition.attribute];
  switch (condition.kind) {
    case Condition::Kind::number: terms.numbers.add(condition.low, condition.high, handle); break;
    case Condition::Kind::text: terms.texts[condition.text].push_back(handle); break;
    case Condition::Kind::place:
      for (const auto& range : condition.cells) terms.places.add(range.first, range.last, handle);
      break;
    case Condition::Kind::none: break;
  }
}

void ConditionSet::remove(Handle handle, const Condition& condition) {
  const auto found = of_attribute_.find(condition.attribute);
  if (found == of_attribute_.end()) return;
  Terms& terms = found->second;
  if (condition.kind == Condition::Kind::number) terms.numbers.remove(handle);
  if (condition.kind == Condition::Kind::place) terms.places.remove(handle);
  if (const auto text = terms.texts.find(condition.text); text != terms.texts.end()) {
    std::erase(text->second, handle);
    if (text->second.empty()) terms.texts.erase(text);
  }
  if (terms.empty()) of_attribute_.erase(found);
}

void ConditionSet::Terms::all_texts(std::vector<Handle>& out) const {
  for (const auto& [text, handles] : texts) out.insert(out.end(), handles.begin(), handles.end());
}

// A value of another kind than was asked for is left to `q` itself, and so is a place that is no point.
void ConditionSet::Terms::find(const Attribute& attribute, std::vector<Handle>& out) const {
  const bool plain = attribute.kind == AttributeKind::property || attribute.kind == AttributeKind::relationship;
  const double* number = plain ? std::get_if<double>(&attribute.value) : nullptr;
  const auto* text = plain ? std::get_if<flow::Text>(&attribute.value) : nullptr;
  const auto* json = std::get_if<flow::Json>(&attribute.value);
  if (number) numbers.holding(*number, out);
  else numbers.all(out);
  if (text && !texts.empty()) {
    const auto found = texts.find(text->str());
    if (found != texts.end()) out.insert(out.end(), found->second.begin(), found->second.end());
  } else {
    all_texts(out);
  }
  if (places.empty()) return;
  const auto point = json ? geo::point_of(json->text) : std::nullopt;
  if (point) places.holding(geo::cell_of(*point), out);
  else places.all(out);
}

void ConditionSet::find(const flow::Entity& entity, std::vector<Handle>& out) const {
  for (const Attribute& attribute : entity.attributes) {
    const auto terms = of_attribute_.find(attribute.name);
    if (terms != of_attribute_.end()) terms->second.find(attribute, out);
  }
}

void ConditionSet::all(std::vector<Handle>& out) const {
  for (const auto& [name, terms] : of_attribute_) {
    terms.numbers.all(out);
    terms.all_texts(out);
    terms.places.all(out);
  }
}

}  // namespace cityloop::notify
