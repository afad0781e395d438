#include "notify/versions.h"

#include <algorithm>

#include "twin/apply.h"

namespace cityloop::notify {
namespace {

using flow::Attribute;
using flow::AttributeChange;
using flow::Change;
using flow::EntityPtr;
using flow::LogRecord;
using flow::LogRecordPtr;

constexpr int kTries = 3;
constexpr auto kPatience = std::chrono::milliseconds(5);

const Attribute* instance(const flow::Entity& entity, const Attribute& of) {
  for (const Attribute& mine : entity.attributes) {
    if (mine.name == of.name && mine.dataset_id == of.dataset_id) return &mine;
  }
  return nullptr;
}

// Whether the entity is as the change left it, so far as the change tells.
bool agrees(const flow::Entity& entity, const Change& change, flow::Instant at) {
  if (entity.modified_at != at) return false;
  return std::ranges::all_of(change.attributes, [&](const AttributeChange& told) {
    if (told.late) return true;
    const Attribute* mine = instance(entity, told.now);
    return told.removed ? !mine : mine && *mine == told.now;
  });
}

bool touches(const LogRecord& record, std::size_t from, flow::EntityId id) {
  for (std::size_t i = from; i < record.changes.size(); ++i) {
    if (record.changes[i].entity == id) return true;
  }
  return false;
}

// What an attribute was before a change that told of it; nothing when it was not there.
std::optional<Attribute> before(const AttributeChange& told, flow::Instant at) {
  if (told.removed) return told.now;
  if (!told.before && told.now.created_at == at) return std::nullopt;
  Attribute out = told.now;
  if (told.before) out.value = *told.before;
  return out;
}

}  // namespace

void Versions::add(const LogRecordPtr& record) {
  ahead_.push_back(record);
  for (std::size_t i = 0; i < record->changes.size(); ++i) of_entity_[record->changes[i].entity].push_back({record, i});
}

void Versions::forget_until(flow::Seq seq) {
  while (!ahead_.empty() && ahead_.front()->seq <= seq) {
    for (const Change& change : ahead_.front()->changes) {
      const auto found = of_entity_.find(change.entity);
      if (found == of_entity_.end()) continue;
      while (!found->second.empty() && found->second.front().record->seq <= seq) found->second.pop_front();
      if (found->second.empty()) of_entity_.erase(found);
    }
    ahead_.pop_front();
  }
}

void Versions::look_ahead(const LogRecordPtr& record) {
  forget_until(record->seq);
  if (!ahead_.empty() && ahead_.front()->seq != record->seq + 1) {
    ahead_.clear();
    of_entity_.clear();
  }
  const flow::Seq known = ahead_.empty() ? record->seq : ahead_.back()->seq;
  if (ahead_.size() >= kAheadMax / 2 || twin_.head() <= known) return;
  if (const auto more = twin_.read_log(known, kAheadMax - ahead_.size(), base::Duration::zero())) {
    for (const LogRecordPtr& next : *more) add(next);
  }
}

std::vector<Versions::Told> Versions::later(const LogRecord& record, std::size_t index) const {
  std::vector<Told> out;
  const flow::EntityId id = record.changes[index].entity;
  const auto found = of_entity_.find(id);
  if (found != of_entity_.end()) out.assign(found->second.begin(), found->second.end());
  return out;
}

// The entity before the first of these changes, seen from after the last.
EntityPtr Versions::taken_back(const EntityPtr& now, const std::vector<Told>& later) {
  auto out = now ? std::make_shared<flow::Entity>(*now) : std::make_shared<flow::Entity>();
  std::vector<std::pair<flow::Name, flow::Name>> settled;
  for (const Told& told : later) {
    for (const AttributeChange& change : told.change().attributes) {
      const std::pair key(change.now.name, change.now.dataset_id);
      if (change.late || std::ranges::find(settled, key) != settled.end()) continue;
      settled.push_back(key);
      const auto was = before(change, told.record->at);
      const Attribute* mine = instance(*out, change.now);
      if (mine && was) out->attributes[std::size_t(mine - out->attributes.data())] = *was;
      else if (mine) out->attributes.erase(out->attributes.begin() + (mine - out->attributes.data()));
      else if (was) out->attributes.push_back(*was);
    }
  }
  return out;
}

EntityPtr Versions::after(const LogRecordPtr& record, std::size_t index) {
  const Change& change = record->changes[index];
  if (change.kind == flow::ChangeKind::erased) return nullptr;
  const bool last_here = !touches(*record, index + 1, change.entity);
  EntityPtr now;
  std::vector<Told> since;
  for (int tries = 0; tries < kTries; ++tries) {
    now = twin_.get(change.entity);
    const bool same = now && last_here && agrees(*now, change, record->at);
    if (same && twin_.head() == record->seq) return now;
    look_ahead(record);
    since = later(*record, index);
    if (since.empty() && same) return now;
    // The twin shows a version a moment before its record can be read.
    const flow::Instant known = since.empty() ? record->at : since.back().record->at;
    if (!now || now->modified_at <= known || twin_.head() > (ahead_.empty() ? record->seq : ahead_.back()->seq)) break;
    const flow::Seq end = ahead_.empty() ? record->seq : ahead_.back()->seq;
    if (const auto arrived = twin_.read_log(end, 1, kPatience); arrived && !arrived->empty()) add(arrived->front());
  }
  if (!last_here) {
    for (std::size_t i = record->changes.size(); i-- > index + 1;) {
      if (record->changes[i].entity == change.entity) since.insert(since.begin(), {record, i});
    }
  }
  // Of an entity made anew later, nothing of the new one was there before.
  const bool remade =
      std::ranges::any_of(since, [](const Told& told) { return told.change().kind == flow::ChangeKind::created; });
  const EntityPtr base = change.kind == flow::ChangeKind::created || remade ? nullptr : now;
  return twin::replay(taken_back(base, since), change, record->at);
}

}  // namespace cityloop::notify
