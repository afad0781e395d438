#include "serve/index/indicator_shelf.h"

#include <algorithm>

#include "base/log.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "serve/rules_in_force.h"

namespace cityloop::serve {

index::IndicatorFacts indicator_facts_of(const City& city) {
  index::IndicatorFacts out{city.time_zone, {}, {}};
  for (const City::Area& area : city.areas) {
    if (area.kind == "policy") out.areas.push_back({area.id, area.name, area.geojson()});
  }
  for (const City::Department& one : city.departments) out.departments.push_back({one.id, one.name, {}});
  return out;
}

IndicatorShelf::IndicatorShelf(twin::Twin& twin) : twin_(twin) {
  twin.on_append([this](const flow::LogRecordPtr& record) {
    const bool of_ours = std::ranges::any_of(
        record->changes, [](const flow::Change& change) { return change.is_a(flow::kIndicatorRulesType); });
    if (!of_ours) return;
    const std::lock_guard lock(mutex_);
    changed_ = true;
  });
}

// Read when somebody asks: the committer does not wait for it.
index::IndicatorRulesPtr IndicatorShelf::rules() const {
  const std::lock_guard lock(mutex_);
  if (!changed_) return rules_;
  const flow::EntityPtr entity = rules_in_force(twin_, flow::kIndicatorRulesType);
  if (!entity) return rules_;
  changed_ = false;
  if (rules_ && index::IndicatorRules::entity_id(rules_->version()) == entity->id) return rules_;
  auto read = index::IndicatorRules::from_entity(*entity);
  if (read) rules_ = std::move(*read);
  else base::log_warn("the indicators in force cannot be read: {}", read.error().message);
  return rules_;
}

}  // namespace cityloop::serve
