#include "serve/case_rules_shelf.h"

#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::serve {

casework::CityFacts facts_of(const City& city) {
  casework::CityFacts out{city.time_zone, {}};
  for (const City::Department& department : city.departments) out.departments.push_back(department.id);
  for (const City::Area& area : city.areas) {
    if (area.kind == "policy") out.areas.push_back(area.id);
  }
  return out;
}

flow::EntityPtr case_rules_in_force(const twin::Twin& twin) {
  flow::EntityPtr newest;
  const auto since = [](const flow::Entity& entity) { return flow::time_field(entity, "inForceSince"); };
  twin.each(flow::kCaseRulesType, [&](const flow::EntityPtr& entity) {
    const bool later = !newest || since(*entity) > since(*newest) ||
                       (since(*entity) == since(*newest) && entity->modified_at > newest->modified_at);
    if (later) newest = entity;
    return true;
  });
  return newest;
}

casework::CaseRulesPtr CaseRulesShelf::in_force() {
  const flow::EntityPtr newest = case_rules_in_force(twin_);
  return newest ? read(*newest) : nullptr;
}

casework::CaseRulesPtr CaseRulesShelf::find(const std::string& version) {
  const flow::EntityPtr entity = twin_.get(casework::CaseRules::entity_id(version));
  return entity ? read(*entity) : nullptr;
}

casework::CaseRulesPtr CaseRulesShelf::read(const flow::Entity& entity) {
  const std::lock_guard lock(mutex_);
  const auto known = read_.find(entity.id);
  if (known != read_.end()) return known->second;
  auto rules = casework::CaseRules::from_entity(entity);
  return read_[entity.id] = rules ? *rules : nullptr;
}

}  // namespace cityloop::serve
