#include "notify/versions.h"

#include <algorithm>

#include "base/log.h"
#include "flow/own_types.h"
#include "twin/apply.h"

namespace cityloop::notify {
namespace {

using flow::Attribute;
using flow::AttributeChange;
using flow::Change;
using flow::ChangeKind;
using flow::Entity;
using flow::EntityPtr;
using flow::LogRecord;

constexpr int kWaitsMax = 3;
constexpr auto kPatience = std::chrono::milliseconds(5);
constexpr std::size_t kSlice = 1024;
// How far back one looks for when an attribute was last told, in multiples of how far was read on.
constexpr std::size_t kRecallShare = 4, kRecallLeast = 64, kRecallMost = 16'384;

template <class AnEntity>
auto instance(AnEntity& entity, const Attribute& of) -> decltype(entity.attributes.data()) {
  for (auto& mine : entity.attributes) {
    if (mine.name == of.name && mine.dataset_id == of.dataset_id) return &mine;
  }
  return nullptr;
}

// Whether the entity is as the change left it, so far as the change tells.
bool agrees(const Entity& entity, const Change& change, flow::Instant at) {
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

std::size_t bytes_of(const flow::Value& value) {
  if (const auto* text = std::get_if<flow::Text>(&value)) return text->bytes_outside();
  const auto* json = std::get_if<flow::Json>(&value);
  return json ? json->text.bytes_outside() : 0;
}

std::size_t bytes_of(const Attribute& attribute) {
  std::size_t out = sizeof(Attribute) + bytes_of(attribute.value);
  for (const Attribute& sub : attribute.subs) out += bytes_of(sub);
  return out;
}

std::size_t bytes_of(const EntityPtr& entity) {
  constexpr std::size_t kAround = 300;  // the entity itself, its place in the map, what is settled
  std::size_t out = kAround;
  if (!entity) return out;
  for (const Attribute& attribute : entity->attributes) out += bytes_of(attribute);
  return out;
}

}  // namespace

void Versions::forget() {
  held_.clear();
  bytes_ = 0;
  rolled_ = 0;
  reading_ = 0;
}

void Versions::begin(const LogRecord& record) {
  forget();
  position_ = record.seq - 1;
  reading_ = record.seq;
  read_ = record.seq - 1;
  waits_ = 0;
}

// Null where there is no room for it.
Versions::Held* Versions::hold(const Change& change, flow::Seq seq) {
  const auto found = held_.find(change.entity);
  if (found != held_.end()) return &found->second;
  if (bytes_ >= bytes_max_ && seq != reading_) return nullptr;
  Held& fresh = held_[change.entity];
  fresh.entity = twin_.get(change.entity);
  fresh.seen_at = fresh.entity ? fresh.entity->modified_at : flow::kNever;
  fresh.bytes = bytes_of(fresh.entity);
  bytes_ += fresh.bytes;
  return &fresh;
}

// What the first change says was before is of no matter: what it leaves is told by itself.
void Versions::take_first(Held& held, const Change& change) {
  if (change.kind != ChangeKind::updated) {
    held.entity = nullptr;
    held.complete = true;
  }
  for (const AttributeChange& told : change.attributes) {
    if (!told.late) held.settled.emplace_back(told.now.name, told.now.dataset_id);
  }
}

// What an entity was before a change, seen from after all that the twin holds. Changes that it does not hold yet do no
// harm: what they say was before is what is.
void Versions::take_back(Held& held, const Change& change, flow::Instant at) {
  if (held.complete) return;
  if (change.kind == ChangeKind::created) {  // after a deletion that an older log does not tell
    held.complete = true;
    return;
  }
  auto was = held.entity ? std::make_shared<Entity>(*held.entity) : std::make_shared<Entity>();
  was->id = change.entity;
  const auto is_settled = [&](const Attribute& a) {
    return std::ranges::find(held.settled, Key(a.name, a.dataset_id)) != held.settled.end();
  };
  if (change.kind == ChangeKind::erased) {
    held.complete = true;
    was->created_at = flow::kNever;  // that of the one that came after it
    std::erase_if(was->attributes, [&](const Attribute& mine) { return !is_settled(mine); });
  }
  for (const AttributeChange& told : change.attributes) {
    if (told.late || is_settled(told.now)) continue;
    held.settled.emplace_back(told.now.name, told.now.dataset_id);
    Attribute* const mine = instance(*was, told.now);
    if (!told.removed && !told.before && told.now.created_at == at) {  // it is new
      if (mine) was->attributes.erase(was->attributes.begin() + (mine - was->attributes.data()));
      continue;
    }
    if (mine && !told.removed && mine->modified_at < told.now.modified_at) continue;  // the twin was asked before it
    Attribute former = told.now;
    if (told.before) former.value = *told.before;
    if (!told.removed) {
      former.observed_at = flow::kNever;
      former.modified_at = former.created_at;
      held.timeless.emplace_back(former.name, former.dataset_id);
    }
    if (mine) *mine = std::move(former);
    else was->attributes.push_back(std::move(former));
  }
  held.entity = std::move(was);
}

// There is more than the one change.
void Versions::open_up(Held& held) {
  if (const flow::LogRecordPtr first = std::move(held.only)) take_first(held, first->changes[held.only_index]);
  held.only = nullptr;
}

void Versions::take(const flow::LogRecordPtr& record) {
  for (std::size_t i = 0; i < record->changes.size(); ++i) {
    const Change& change = record->changes[i];
    if (flow::has_own_type(change.types)) continue;
    Held* const held = hold(change, record->seq);
    if (!held) continue;
    if (held->last == 0) {
      held->only = record;
      held->only_index = i;
    } else {
      open_up(*held);
      take_back(*held, change, record->at);
    }
    held->last = record->seq;
    held->told_at = record->at;
  }
}

// The twin shows a version a moment before its record can be read.
bool Versions::is_ahead_of_the_log() const {
  return std::ranges::any_of(held_, [](const auto& one) {
    return one.second.seen_at != flow::kNever && one.second.seen_at > one.second.told_at;
  });
}

void Versions::remember(const Change& change) {
  const auto found = held_.find(change.entity);
  if (found == held_.end() || !found->second.entity || found->second.timeless.empty()) return;
  Held& held = found->second;
  for (const AttributeChange& told : change.attributes) {
    const Key key(told.now.name, told.now.dataset_id);
    if (told.late || told.removed || std::ranges::find(held.timeless, key) == held.timeless.end()) continue;
    auto known = std::make_shared<Entity>(*held.entity);
    Attribute* const mine = instance(*known, told.now);
    if (mine && mine->value == told.now.value) *mine = told.now;
    held.entity = std::move(known);
  }
}

// When attributes were observed and modified, from where they were last told.
void Versions::recall() {
  const bool missing = std::ranges::any_of(held_, [](const auto& one) { return !one.second.timeless.empty(); });
  if (!missing) return;
  const flow::Seq back = std::clamp((read_ - position_) * kRecallShare, kRecallLeast, kRecallMost);
  const flow::Seq first = twin_.store().first_seq();
  flow::Seq from = std::max(position_ > back ? position_ - back : 0, first > 0 ? first - 1 : 0);
  while (from < position_) {
    const auto slice = twin_.read_log(from, std::min<std::size_t>(kSlice, position_ - from), base::Duration::zero());
    if (!slice || slice->empty()) return;
    for (const flow::LogRecordPtr& record : *slice) {
      for (const Change& change : record->changes) remember(change);
    }
    from = slice->back()->seq;
  }
}

// A step; whether the end of the log is reached.
bool Versions::read_on() {
  for (std::size_t done = 0; done < step_;) {
    const auto slice = twin_.read_log(read_, std::min(kSlice, step_ - done), base::Duration::zero());
    if (!slice) {
      base::log_error("what comes after record {} of the log cannot be read: {}", read_, slice.error().message);
      return true;
    }
    for (const flow::LogRecordPtr& record : *slice) {
      take(record);
      read_ = record->seq;
    }
    done += slice->size();
    if (!slice->empty()) continue;
    if (waits_ >= kWaitsMax || !is_ahead_of_the_log()) return true;
    ++waits_;
    (void)twin_.read_log(read_, 1, kPatience);
  }
  return false;
}

// Up to and with a change of the next record.
void Versions::roll(const LogRecord& record, std::size_t until) {
  for (; rolled_ < until; ++rolled_) {
    const Change& change = record.changes[rolled_];
    const auto found = held_.find(change.entity);
    if (found == held_.end()) continue;
    Held& held = found->second;
    if (held.only && held.entity && change.kind != ChangeKind::erased && agrees(*held.entity, change, record.at))
      continue;
    open_up(held);
    held.entity = twin::replay(held.entity, change, record.at);
  }
}

void Versions::follow(const LogRecord& record) {
  if (held_.empty()) {
    rolled_ = 0;
    reading_ = 0;
    position_ = record.seq;
    return;
  }
  if (reading_ != 0 || record.seq != position_ + 1) forget();
  roll(record, record.changes.size());
  for (const Change& change : record.changes) {
    const auto found = held_.find(change.entity);
    if (found == held_.end() || found->second.last > record.seq) continue;
    bytes_ -= found->second.bytes;
    held_.erase(found);
  }
  rolled_ = 0;
  position_ = record.seq;
}

std::optional<EntityPtr> Versions::try_after(const LogRecord& record, std::size_t index) {
  const Change& change = record.changes[index];
  if (change.kind == ChangeKind::erased) return EntityPtr{};
  if ((reading_ != 0 || !held_.empty()) && record.seq != position_ + 1) forget();
  if (reading_ == 0 && !held_.contains(change.entity)) {
    const bool last_here = !touches(record, index + 1, change.entity);
    EntityPtr now = last_here ? twin_.get(change.entity) : nullptr;
    if (now && twin_.head() == record.seq && agrees(*now, change, record.at)) return now;
    begin(record);
  }
  if (reading_ != 0) {
    if (!read_on()) return std::nullopt;
    recall();
    reading_ = 0;
  }
  roll(record, index + 1);
  const auto found = held_.find(change.entity);
  // It was read with its record, unless the log cannot be read: then only what the change tells is certain.
  return found == held_.end() ? twin::replay(twin_.get(change.entity), change, record.at) : found->second.entity;
}

EntityPtr Versions::after(const LogRecord& record, std::size_t index) {
  for (;;) {
    if (auto known = try_after(record, index)) return *known;
  }
}

}  // namespace cityloop::notify
