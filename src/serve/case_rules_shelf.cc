#include "serve/case_rules_shelf.h"

#include "flow/own_types.h"
#include "serve/rules_in_force.h"

namespace cityloop::serve {

casework::CaseRulesPtr CaseRulesShelf::in_force() {
  const flow::EntityPtr newest = rules_in_force(twin_, flow::kCaseRulesType);
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
