#include "serve/rules_in_force.h"

#include "flow/noun.h"

namespace cityloop::serve {

flow::CityFacts facts_of(const City& city) {
  flow::CityFacts out{.time_zone = city.time_zone};
  for (const City::Department& department : city.departments) out.departments.push_back(department.id);
  for (const City::Area& area : city.areas) {
    if (area.kind == "policy") out.areas.push_back(area.id);
  }
  return out;
}

flow::EntityPtr rules_in_force(const twin::Twin& twin, flow::Name type) {
  flow::EntityPtr newest;
  const auto since = [](const flow::Entity& entity) { return flow::time_field(entity, "inForceSince"); };
  twin.each(type, [&](const flow::EntityPtr& entity) {
    const bool later = !newest || since(*entity) > since(*newest) ||
                       (since(*entity) == since(*newest) && entity->modified_at > newest->modified_at);
    if (later) newest = entity;
    return true;
  });
  return newest;
}

}  // namespace cityloop::serve
