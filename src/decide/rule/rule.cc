#include "decide/rule/rule.h"

#include <array>

namespace cityloop::decide {
namespace {

constexpr std::array<std::string_view, 8> kKinds{"threshold", "rate",    "silence",    "window",
                                                 "ratio",     "unusual", "neighbours", "sequence"};
constexpr std::array<std::string_view, 6> kAggregates{"avg", "min", "max", "sum", "count", "percentile"};
constexpr std::array<std::string_view, 3> kDirections{"above", "below", "both"};

bool is_limit(const twin::QTerm& term) {
  return term.kind == twin::QKind::term && term.path.plain() && term.op >= twin::QOperator::equal &&
         term.op <= twin::QOperator::less_equal && term.operands.size() == 1 && !term.operands.front().high &&
         term.operands.front().low.kind == twin::QValueKind::number;
}

const twin::QTerm* find_limit(const twin::QTerm& term, Name wanted) {
  if (is_limit(term) && (wanted.empty() || term.path.attribute == wanted)) return &term;
  for (const twin::QTerm& part : term.parts) {
    if (const twin::QTerm* found = find_limit(part, wanted)) return found;
  }
  return nullptr;
}

}  // namespace

std::string_view kind_name(const RuleKind& kind) {
  return kKinds[kind.index()];
}

std::string_view to_string(Aggregate aggregate) {
  return kAggregates[std::size_t(aggregate)];
}

std::string_view to_string(Direction direction) {
  return kDirections[std::size_t(direction)];
}

Name derived_name(const RuleKind& kind) {
  static const std::array<Name, 4> names{Name("rate"), Name("window"), Name("ratio"), Name("departure")};
  if (std::holds_alternative<Rate>(kind)) return names[0];
  if (std::holds_alternative<Window>(kind)) return names[1];
  if (std::holds_alternative<Ratio>(kind)) return names[2];
  if (std::holds_alternative<Unusual>(kind)) return names[3];
  return {};
}

std::vector<std::string> references(const Rule& rule) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& id) {
    if (!id.empty()) out.push_back(id);
  };
  if (const auto* neighbours = std::get_if<Neighbours>(&rule.kind)) add(neighbours->rule);
  if (const auto* sequence = std::get_if<Sequence>(&rule.kind)) {
    add(sequence->first.rule);
    add(sequence->then.rule);
  }
  return out;
}

std::optional<Limit> limit_of(const twin::Q& q, Name derived) {
  const twin::QTerm* term = derived.empty() ? nullptr : find_limit(q.root(), derived);
  if (!term) term = find_limit(q.root(), {});
  if (!term) return std::nullopt;
  return Limit{term->path.attribute, term->op, term->operands.front().low.number};
}

const twin::Q* main_condition(const Rule& rule) {
  if (const auto* sequence = std::get_if<Sequence>(&rule.kind)) {
    return sequence->then.condition ? &*sequence->then.condition : nullptr;
  }
  return rule.condition ? &*rule.condition : nullptr;
}

}  // namespace cityloop::decide
