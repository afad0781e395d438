#include "twin/apply.h"

#include <algorithm>

namespace cityloop::twin {
namespace {

using base::Errc;
using base::fail;
using flow::Attribute;
using flow::Change;
using flow::ChangeKind;
using flow::Entity;
using flow::EntityPtr;
using flow::Instant;
using flow::kNever;
using flow::Write;
using flow::WriteMode;

Attribute* find_instance(Entity& entity, flow::Name name, flow::Name dataset) {
  for (Attribute& mine : entity.attributes) {
    if (mine.name == name && mine.dataset_id == dataset) return &mine;
  }
  return nullptr;
}

bool same_reading(const Attribute& a, const Attribute& b) {
  return a.observed_at == b.observed_at && a.value == b.value && a.unit_code == b.unit_code && a.kind == b.kind;
}

void stamp(Attribute& attribute, Instant created, Instant modified) {
  attribute.created_at = created;
  attribute.modified_at = modified;
  for (Attribute& sub : attribute.subs) stamp(sub, created, modified);
}

// Puts one attribute in place and tells it. For an observation, one that was observed before what is held is only told.
void merge_attribute(Entity& next, Attribute&& given, bool observation, Instant at, Change& change) {
  Attribute* mine = find_instance(next, given.name, given.dataset_id);
  const bool timed = observation && mine && given.observed_at != kNever && mine->observed_at != kNever;
  if (timed && same_reading(*mine, given)) return;  // delivered again
  stamp(given, mine ? mine->created_at : at, at);
  const bool late = timed && given.observed_at < mine->observed_at;
  if (!late) {
    if (mine) *mine = given;
    else next.attributes.push_back(given);
  }
  change.attributes.push_back({std::move(given), false, late});
}

bool add_all(std::vector<flow::Name>& mine, const std::vector<flow::Name>& given) {
  bool added = false;
  for (const flow::Name name : given) {
    if (std::find(mine.begin(), mine.end(), name) == mine.end()) mine.push_back(name), added = true;
  }
  return added;
}

Applied erase(const EntityPtr& current) {
  Applied out;
  out.change.entity = current->id;
  out.change.kind = ChangeKind::erased;
  out.change.types = current->types;
  out.change.scopes = current->scopes;
  return out;
}

base::Result<Applied> erase_attributes(const EntityPtr& current, const Write& write, Instant at) {
  auto next = std::make_shared<Entity>(*current);
  Applied out;
  for (const Attribute& given : write.attributes) {
    const auto found = std::find_if(next->attributes.begin(), next->attributes.end(), [&](const Attribute& mine) {
      return mine.name == given.name && mine.dataset_id == given.dataset_id;
    });
    if (found == next->attributes.end()) {
      return fail(Errc::not_found, "entity '{}' has no attribute '{}'", current->id.text(), given.name.text());
    }
    out.change.attributes.push_back({*found, true, false});
    next->attributes.erase(found);
  }
  next->modified_at = at;
  out.change.entity = current->id;
  out.change.types = next->types;
  out.change.scopes = next->scopes;
  out.next = std::move(next);
  return out;
}

// Attributes that a replacing write does not mention are told as removed.
void tell_removed(const Entity& before, const Entity& after, Change& change) {
  for (const Attribute& old : before.attributes) {
    const bool kept = std::any_of(after.attributes.begin(), after.attributes.end(), [&](const Attribute& mine) {
      return mine.name == old.name && mine.dataset_id == old.dataset_id;
    });
    if (!kept) change.attributes.push_back({old, true, false});
  }
}

base::Status check_mode(const EntityPtr& current, const Write& write) {
  const std::string_view id = write.entity.text();
  switch (write.mode) {
    case WriteMode::create:
      if (current) return fail(Errc::exists, "there is an entity '{}' already", id);
      break;
    case WriteMode::update:
    case WriteMode::append:
    case WriteMode::erase:
    case WriteMode::erase_attributes:
      if (!current) return fail(Errc::not_found, "there is no entity '{}'", id);
      return {};
    case WriteMode::upsert:
    case WriteMode::observe:
    case WriteMode::replace: break;
  }
  if (!current && write.types.empty()) return fail(Errc::invalid, "entity '{}' is new and has no type", id);
  return {};
}

}  // namespace

base::Result<Applied> apply(const EntityPtr& current, Write write, Instant at) {
  TRY(check_mode(current, write));
  if (write.mode == WriteMode::erase) return erase(current);
  if (write.mode == WriteMode::erase_attributes) return erase_attributes(current, write, at);

  Applied out;
  const bool keep = current && write.mode != WriteMode::replace;
  auto next = keep ? std::make_shared<Entity>(*current) : std::make_shared<Entity>();
  out.created = !current;
  next->id = write.entity;
  if (!keep) next->created_at = current ? current->created_at : at;
  out.types_changed = add_all(next->types, write.types) || add_all(next->scopes, write.scopes);
  out.change.entity = write.entity;
  out.change.kind = current ? ChangeKind::updated : ChangeKind::created;
  out.change.attributes.reserve(write.attributes.size());
  for (Attribute& given : write.attributes) {
    if (write.mode == WriteMode::append && find_instance(*next, given.name, given.dataset_id)) continue;
    merge_attribute(*next, std::move(given), write.mode == WriteMode::observe, at, out.change);
  }
  if (current && write.mode == WriteMode::replace) tell_removed(*current, *next, out.change);
  next->modified_at = at;
  out.change.types = next->types;
  out.change.scopes = next->scopes;
  out.next = std::move(next);
  return out;
}

EntityPtr replay(const EntityPtr& current, const Change& change, Instant at) {
  if (change.kind == ChangeKind::erased) return nullptr;
  auto next = current ? std::make_shared<Entity>(*current) : std::make_shared<Entity>();
  if (!current) next->created_at = at;
  next->id = change.entity;
  next->types = change.types;
  next->scopes = change.scopes;
  next->modified_at = at;
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.late) continue;
    Attribute* mine = find_instance(*next, told.now.name, told.now.dataset_id);
    if (told.removed) {
      if (mine) next->attributes.erase(next->attributes.begin() + (mine - next->attributes.data()));
    } else if (mine) {
      *mine = told.now;
    } else {
      next->attributes.push_back(told.now);
    }
  }
  return next;
}

}  // namespace cityloop::twin
