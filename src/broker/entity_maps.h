// Which entities a query is about, and which sources know something of each: fixed when the query begins, so that its
// pages fit together however the world moves on (ETSI GS CIM 009, clauses 4.3.6.7, 4.5.25, 5.2.39, 5.5.14, 5.14).
//
//   first query ─ make ─▶ EntityMap ─ NGSILD-EntityMap ─▶ later queries: the same entities, page by page
//
// Maps live in memory for as long as they were asked for, within bounds; who comes with one that is gone gets a new
// one. Any thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace cityloop::broker {

inline constexpr std::string_view kHeldHere = "@none";  // in place of a registration

struct EntityMap {
  std::string id;
  base::Instant expires_at;
  bool temporal{false};
  struct Entry {
    std::string entity;
    std::vector<std::string> sources;  // registrations, or kHeldHere
  };
  std::vector<Entry> entries;                 // in the order of the pages
  std::map<std::string, std::string> linked;  // registration → the source's own map

  void add(const std::string& entity, std::string_view source);
  void write(base::JsonWriter&) const;

 private:
  std::map<std::string, std::size_t> places_;
};
using EntityMapPtr = std::shared_ptr<const EntityMap>;

class EntityMaps {
 public:
  static constexpr base::Duration kUsual{std::chrono::minutes(10)};
  static constexpr base::Duration kLongest{std::chrono::hours(24)};
  static constexpr std::size_t kEntitiesMax = 1'000'000;  // of all maps; beyond, the oldest go

  explicit EntityMaps(const base::Clock& clock) : clock_(clock) {}
  // Gives it an id and its time; no longer than kLongest.
  EntityMapPtr put(EntityMap, std::optional<base::Duration> lifetime);
  EntityMapPtr find(std::string_view id) const;  // null when there is none, or none any more
  // Errc::not_found; Errc::invalid for a time that has passed.
  base::Status keep_until(std::string_view id, base::Instant);
  base::Status erase(std::string_view id);

 private:
  void drop_expired();

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::list<EntityMapPtr> maps_;  // the oldest first
  std::size_t entities_{0};
};

// "https://here/ngsi-ld/v1/entityMaps/urn:…", its path or the id alone: the id.
std::string entity_map_id(std::string_view location);
std::string entity_map_location(std::string_view id);

}  // namespace cityloop::broker
