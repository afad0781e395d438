#include "decide/rule/condition.h"

namespace cityloop::decide {

Condition::Condition(const twin::Q& q, flow::Name derived, Layout& layout) : derived_(derived) {
  const auto conjunction = q.conjunction();
  if (!conjunction) q_ = q;
  for (const flow::Name name : q.attributes()) {
    if (name == derived && !derived.empty()) continue;
    const Ordinal at = layout.trigger(name, !conjunction);
    attributes_.push_back(at);
    names_.emplace_back(name, at);
  }
  if (!conjunction) return;
  for (const twin::SimpleComparison& comparison : *conjunction) {
    Ordinal at = kNoOrdinal;
    for (const auto& [name, ordinal] : names_) {
      if (name == comparison.attribute) at = ordinal;
    }
    parts_.push_back({at, comparison});
  }
}

bool Condition::holds_slowly(const Row& row, double derived) const {
  const flow::Value derived_value(derived);
  return q_->matches([&](flow::Name name) -> const flow::Value* {
    if (name == derived_ && !derived_.empty()) return std::isnan(derived) ? nullptr : &derived_value;
    for (const auto& [known, ordinal] : names_) {
      if (known != name) continue;
      const Reading* const reading = row.reading(ordinal);
      return reading && reading->known() ? row.value(ordinal) : nullptr;
    }
    return nullptr;
  });
}

}  // namespace cityloop::decide
