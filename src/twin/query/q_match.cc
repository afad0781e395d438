// Whether a query holds, over an entity or over a table of values.
#include <algorithm>
#include <compare>
#include <span>

#include <simdjson.h>

#include "twin/ngsi/ngsi.h"
#include "twin/query/q.h"
#include "twin/query/q_value.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::AttributeKind;
using flow::Json;
using flow::Value;
using Order = std::partial_ordering;
using Steps = std::span<const QStep>;

// One value without parts, as it is compared.
struct Scalar {
  QValueKind kind{QValueKind::number};
  bool boolean{false};
  base::Number number;
  std::string_view text;
  std::int64_t us{};
};

Scalar scalar(base::Number v) {
  return {.kind = QValueKind::number, .number = v};
}
Scalar scalar(bool v) {
  return {.kind = QValueKind::boolean, .boolean = v};
}
Scalar scalar(std::string_view v) {
  return {.kind = QValueKind::text, .text = v};
}
Scalar scalar(flow::Instant v) {
  return {.kind = QValueKind::instant, .us = base::to_us(v)};
}

// How the value stands to the operand; unordered when they are of different kinds.
Order order(const Scalar& value, const QValue& operand) {
  const bool is_text = value.kind == QValueKind::text;
  const auto instant = [&]() -> std::optional<std::int64_t> {
    return value.kind == QValueKind::instant ? value.us : is_text ? instant_us(value.text) : std::nullopt;
  };
  switch (operand.kind) {
    case QValueKind::number: return value.kind == operand.kind ? value.number <=> operand.exact() : Order::unordered;
    case QValueKind::boolean:
      return value.kind == operand.kind && value.boolean == operand.boolean ? Order::equivalent : Order::unordered;
    case QValueKind::text:
      if (operand.is_time) {
        if (const auto us = instant()) return *us <=> operand.us;
      }
      return is_text ? Order(value.text <=> std::string_view(operand.text)) : Order::unordered;
    case QValueKind::instant: {
      const auto us = instant();
      return us ? Order(*us <=> operand.us) : Order::unordered;
    }
    case QValueKind::time_of_day: {
      const auto us = is_text ? time_of_day_us(value.text) : std::nullopt;
      return us ? Order(*us <=> operand.us) : Order::unordered;
    }
  }
  return Order::unordered;
}

bool satisfies(QOperator op, Order at) {
  switch (op) {
    case QOperator::equal:
    case QOperator::unequal: return at == 0;
    case QOperator::greater: return at > 0;
    case QOperator::greater_equal: return at >= 0;
    case QOperator::less: return at < 0;
    case QOperator::less_equal: return at <= 0;
    default: return false;
  }
}

// Whether the value is one that is asked for; for `!=` and `!~=` whether it is one that is asked not to be.
bool hits(const QTerm& term, const Scalar& value) {
  if (term.pattern) return value.kind == QValueKind::text && term.pattern->found_in(value.text);
  for (const QOperand& operand : term.operands) {
    const Order low = order(value, operand.low);
    if (operand.high ? low >= 0 && order(value, *operand.high) <= 0 : satisfies(term.op, low)) return true;
  }
  return false;
}

struct Answer {
  bool found{false};
  bool holds{false};
  void join(Answer other) {
    found |= other.found;
    holds |= other.holds;
  }
};

constexpr Answer kMissing{};

Answer answer(const QTerm& term, bool hit) {
  const bool negative = term.op == QOperator::unequal || term.op == QOperator::no_pattern;
  return {true, term.op == QOperator::exists || hit != negative};
}

// A pattern asks of texts alone: what is no text neither fits it nor fails to (clause 4.9).
Answer answer(const QTerm& term, const Scalar& value) {
  const bool fits = term.op != QOperator::no_pattern || value.kind == QValueKind::text;
  return fits ? answer(term, hits(term, value)) : Answer{true, false};
}

bool hits_scalar(const QTerm& term, const simdjson::dom::element& element) {
  using Type = simdjson::dom::element_type;
  switch (element.type()) {
    case Type::BOOL: return hits(term, scalar(element.get_bool().value_unsafe()));
    case Type::INT64: return hits(term, scalar(base::Number::of(element.get_int64().value_unsafe())));
    case Type::UINT64: return hits(term, scalar(base::Number::of(element.get_uint64().value_unsafe())));
    case Type::DOUBLE: return hits(term, scalar(base::Number(element.get_double().value_unsafe())));
    case Type::STRING: return hits(term, scalar(element.get_string().value_unsafe()));
    default: return false;
  }
}

// A list hits when one element does; {"@type": …, "@value": x} stands for x; any other object for itself, so for
// nothing that a query can say.
bool hits_json(const QTerm& term, const simdjson::dom::element& element) {
  simdjson::dom::array items;
  if (element.get(items) == simdjson::SUCCESS) {
    for (const auto item : items) {
      simdjson::dom::element inner;
      const bool wrapped =
          item["@value"].get(inner) == simdjson::SUCCESS || item["object"].get(inner) == simdjson::SUCCESS;
      if (hits_scalar(term, wrapped ? inner : item)) return true;
    }
    return false;
  }
  simdjson::dom::element inner;
  return hits_scalar(term, element["@value"].get(inner) == simdjson::SUCCESS ? inner : element);
}

// Any of the languages of a language map.
bool hits_any_member(const QTerm& term, const simdjson::dom::element& element) {
  simdjson::dom::object members;
  if (element.get(members) != simdjson::SUCCESS) return hits_json(term, element);
  for (const auto& [key, value] : members) {
    if (hits_json(term, value)) return true;
  }
  return false;
}

// A text, or a list or (`members`) an object that has one.
bool has_text(const simdjson::dom::element& element, bool members) {
  simdjson::dom::array items;
  simdjson::dom::object object;
  if (element.get(items) == simdjson::SUCCESS) {
    return std::any_of(items.begin(), items.end(), [](auto item) { return item.is_string(); });
  }
  if (members && element.get(object) == simdjson::SUCCESS) {
    return std::any_of(object.begin(), object.end(), [](auto member) { return has_text(member.value, false); });
  }
  return element.is_string();
}

Answer on_json(const QTerm& term, AttributeKind kind, const Json& json, Steps below) {
  const Steps trailing = term.path.trailing;
  const bool languages = kind == AttributeKind::language_property;
  if (below.empty() && trailing.empty() && term.op == QOperator::exists) return answer(term, true);
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element at;
  if (parser.parse(json.text).get(at) != simdjson::SUCCESS) return kMissing;
  bool any_language = languages && below.empty() && trailing.empty();
  for (const Steps steps : {below, trailing}) {
    for (const QStep& step : steps) {
      if (languages && step.text == "*") {
        any_language = true;
      } else if (at.at_key(step.text).get(at) != simdjson::SUCCESS) {
        return kMissing;
      }
    }
  }
  if (term.op == QOperator::no_pattern && !has_text(at, any_language)) return {true, false};
  return answer(term, any_language ? hits_any_member(term, at) : hits_json(term, at));
}

Answer on_value(const QTerm& term, AttributeKind kind, const Value& value, Steps below) {
  const bool inside = !below.empty() || !term.path.trailing.empty();
  if (const Json* json = std::get_if<Json>(&value)) {
    const auto number = flow::number_in_digits(value);
    if (!number) return on_json(term, kind, *json, below);
    return inside ? kMissing : answer(term, scalar(*number));
  }
  if (inside) return kMissing;
  if (const double* number = std::get_if<double>(&value)) return answer(term, scalar(base::Number(*number)));
  if (const auto* text = std::get_if<flow::Text>(&value)) return answer(term, scalar(std::string_view(*text)));
  if (const bool* flag = std::get_if<bool>(&value)) return answer(term, scalar(*flag));
  return answer(term, false);
}

Answer on_instant(const QTerm& term, flow::Instant at) {
  return at == flow::kNever ? kMissing : answer(term, scalar(at));
}

Answer on_name(const QTerm& term, flow::Name name) {
  return name.empty() ? kMissing : answer(term, scalar(name.text()));
}

Answer on_meta(const QTerm& term, const Attribute& attribute, QMeta meta) {
  switch (meta) {
    case QMeta::observed_at: return on_instant(term, attribute.observed_at);
    case QMeta::created_at: return on_instant(term, attribute.created_at);
    case QMeta::modified_at: return on_instant(term, attribute.modified_at);
    case QMeta::unit_code: return on_name(term, attribute.unit_code);
    case QMeta::dataset_id: return on_name(term, attribute.dataset_id);
    case QMeta::expires_at:
    case QMeta::none: break;
  }
  return kMissing;
}

// An order or a pattern is never true of a relationship (clause 4.9).
bool may_compare(const QTerm& term, AttributeKind kind) {
  if (kind != AttributeKind::relationship && kind != AttributeKind::list_relationship) return true;
  return term.op == QOperator::exists || term.op == QOperator::equal || term.op == QOperator::unequal;
}

Answer on_attribute(const QTerm& term, const Attribute& attribute, Steps below) {
  if (below.empty() && term.path.trailing.empty() && !may_compare(term, attribute.kind)) return {true, false};
  if (below.empty()) return on_value(term, attribute.kind, attribute.value, below);
  if (below.size() == 1 && term.path.trailing.empty()) {
    if (const Answer meta = on_meta(term, attribute, below.front().meta); meta.found) return meta;
  }
  Answer out;
  for (const Attribute& sub : attribute.subs) {
    if (sub.name == below.front().name) out.join(on_attribute(term, sub, below.subspan(1)));
  }
  return out.found ? out : on_value(term, attribute.kind, attribute.value, below);
}

Answer on_entity(const QTerm& term, const QPath& path, const flow::Entity& entity, const Q::Linked* linked);

// A term about a part of a path is the same term with that path.
Answer on_linked(const QTerm& term, const QLink& link, const Attribute& attribute, const Q::Linked* linked) {
  Answer out;
  if (!linked) return out;
  for (const flow::EntityId id : linked_ids(attribute)) {
    const flow::EntityPtr target = (*linked)(id);
    const auto is_one = [&](flow::Name type) { return target->is_a(type); };
    if (!target || (!link.types.empty() && std::ranges::none_of(link.types, is_one))) continue;
    QTerm there = term;
    there.path = *link.path;
    out.join(on_entity(there, there.path, *target, linked));
  }
  return out;
}

Answer on_entity(const QTerm& term, const QPath& path, const flow::Entity& entity, const Q::Linked* linked) {
  Answer out;
  for (const Attribute& attribute : entity.attributes) {
    if (attribute.name != path.attribute) continue;
    out.join(path.link ? on_linked(term, *path.link, attribute, linked) : on_attribute(term, attribute, path.below));
  }
  if (!out.found && path.below.empty() && path.trailing.empty()) {
    if (path.meta == QMeta::created_at) return on_instant(term, entity.created_at);
    if (path.meta == QMeta::modified_at) return on_instant(term, entity.modified_at);
    if (path.meta == QMeta::expires_at) return on_instant(term, entity.expires_at);
  }
  return out;
}

// `ask` answers one term. As deep as the brackets of the text, which parse bounds.
template <class Ask>
bool holds(const QTerm& term, const Ask& ask) {
  switch (term.kind) {
    case QKind::all:
      for (const QTerm& part : term.parts) {
        if (!holds(part, ask)) return false;
      }
      return true;
    case QKind::any:
      for (const QTerm& part : term.parts) {
        if (holds(part, ask)) return true;
      }
      return false;
    case QKind::term: break;
  }
  const Answer got = ask(term);
  return term.absent ? !got.found : got.holds;
}

}  // namespace

bool Q::matches(const flow::Entity& entity, const Linked* linked) const {
  return holds(*root_, [&](const QTerm& term) { return on_entity(term, term.path, entity, linked); });
}

bool Q::matches(const Lookup& lookup) const {
  return holds(*root_, [&](const QTerm& term) {
    const Value* const value = lookup(term.path.attribute);
    return value ? on_value(term, AttributeKind::property, *value, term.path.below) : kMissing;
  });
}

}  // namespace cityloop::twin
