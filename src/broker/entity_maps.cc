#include "broker/entity_maps.h"

#include <algorithm>

#include "broker/resource.h"

namespace cityloop::broker {
namespace {

constexpr std::string_view kPath = "/ngsi-ld/v1/entityMaps/";

}  // namespace

void EntityMap::add(const std::string& entity, std::string_view source) {
  const auto [place, fresh] = places_.emplace(entity, entries.size());
  if (fresh) entries.push_back({entity, {}});
  auto& sources = entries[place->second].sources;
  if (std::ranges::find(sources, source) == sources.end()) sources.emplace_back(source);
}

void EntityMap::write(base::JsonWriter& out) const {
  out.object().field("id", id).field("type", "EntityMap").field("expiresAt", base::format_time(expires_at));
  out.key("entityMap").object();
  for (const Entry& entry : entries) {
    out.key(entry.entity).array();
    for (const std::string& source : entry.sources) out.text(source);
    out.end();
  }
  out.end().key("linkedMaps").object();
  for (const auto& [registration, map] : linked) out.field(registration, map);
  out.end().end();
}

EntityMapPtr EntityMaps::put(EntityMap map, std::optional<base::Duration> lifetime) {
  map.id = fresh_id("EntityMap");
  map.expires_at = clock_.now() + std::min(lifetime.value_or(kUsual), kLongest);
  auto kept = std::make_shared<const EntityMap>(std::move(map));
  const std::lock_guard lock(mutex_);
  drop_expired();
  entities_ += kept->entries.size();
  maps_.push_back(kept);
  while (entities_ > kEntitiesMax && maps_.size() > 1) {
    entities_ -= maps_.front()->entries.size();
    maps_.pop_front();
  }
  return kept;
}

void EntityMaps::drop_expired() {
  const base::Instant now = clock_.now();
  std::erase_if(maps_, [&](const EntityMapPtr& map) {
    if (map->expires_at > now) return false;
    entities_ -= map->entries.size();
    return true;
  });
}

EntityMapPtr EntityMaps::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(maps_, id, [](const EntityMapPtr& map) { return std::string_view(map->id); });
  return found == maps_.end() || (*found)->expires_at <= clock_.now() ? nullptr : *found;
}

base::Status EntityMaps::keep_until(std::string_view id, base::Instant until) {
  const base::Instant now = clock_.now();
  if (until <= now) return base::fail(base::Errc::invalid, "'expiresAt' lies in the past");
  const std::lock_guard lock(mutex_);
  for (EntityMapPtr& map : maps_) {
    if (map->id != id || map->expires_at <= now) continue;
    EntityMap later = *map;
    later.expires_at = std::min(until, now + kLongest);
    map = std::make_shared<const EntityMap>(std::move(later));
    return {};
  }
  return base::fail(base::Errc::not_found, "there is no entity map '{}'", id);
}

base::Status EntityMaps::erase(std::string_view id) {
  const std::lock_guard lock(mutex_);
  drop_expired();
  const auto found = std::ranges::find(maps_, id, [](const EntityMapPtr& map) { return std::string_view(map->id); });
  if (found == maps_.end()) return base::fail(base::Errc::not_found, "there is no entity map '{}'", id);
  entities_ -= (*found)->entries.size();
  maps_.erase(found);
  return {};
}

std::string entity_map_id(std::string_view location) {
  const auto at = location.find("/entityMaps/");
  if (at != std::string_view::npos) location.remove_prefix(at + std::string_view("/entityMaps/").size());
  return std::string(location);
}

std::string entity_map_location(std::string_view id) {
  return fmt::format("{}{}", kPath, id);
}

}  // namespace cityloop::broker
