#include "twin/apply.h"

#include <algorithm>
#include <optional>

#include "flow/own_types.h"
#include "twin/ngsi/merge.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::fail;
using flow::Attribute;
using flow::AttributeChange;
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
void put_attribute(Entity& next, Attribute* mine, Attribute&& given, bool observation, Instant at, Change& change) {
  const bool timed = observation && mine && given.observed_at != kNever && mine->observed_at != kNever;
  if (timed && same_reading(*mine, given)) return;  // delivered again
  stamp(given, mine ? mine->created_at : at, at);
  const bool late = timed && given.observed_at < mine->observed_at;
  std::optional<flow::Value> before;
  if (mine && !late && mine->value != given.value) before = std::move(mine->value);
  if (!late) {
    if (mine) *mine = given;
    else next.attributes.push_back(given);
  }
  change.attributes.push_back({std::move(given), false, late, std::move(before)});
}

bool add_all(flow::NameList& mine, flow::NameList given) {
  if (mine == given) return false;
  if (mine.empty() && given.size() == 1) return mine = given, true;
  const flow::NameList before = mine;
  for (const flow::Name name : given) {
    if (!mine.contains(name)) mine.push_back(name);
  }
  return mine != before;
}

void remove_at(Entity& next, std::vector<Attribute>::iterator at, Change& change) {
  change.attributes.push_back({std::move(*at), true, false, {}});
  next.attributes.erase(at);
}

Applied erase(const EntityPtr& current) {
  Applied out;
  out.change.entity = current->id;
  out.change.kind = ChangeKind::erased;
  out.change.types = current->types;
  out.change.scopes = current->scopes;
  if (flow::has_own_type(current->types)) return out;
  // What it had, so that the log alone tells what an entity was before it went.
  out.change.attributes.reserve(current->attributes.size());
  for (const Attribute& last : current->attributes) out.change.attributes.push_back({last, true, false, {}});
  return out;
}

std::unexpected<base::Error> no_attribute(const Entity& entity, const Attribute& given) {
  return fail(Errc::not_found, "entity '{}' has no attribute '{}'{}{}", entity.id.text(), given.name.text(),
              given.dataset_id.empty() ? "" : " with datasetId ", given.dataset_id.text());
}

// One write at work: the entity that is to be, and what is to be told of it.
class Work {
 public:
  Work(const EntityPtr& current, Write& write, Instant at) : current_(current), write_(write), at_(at) {}

  base::Result<Applied> run() {
    const bool becomes = write_.mode == WriteMode::become;
    const bool replaces = becomes || write_.mode == WriteMode::replace || write_.mode == WriteMode::put;
    next_ = current_ && !replaces ? std::make_shared<Entity>(*current_) : std::make_shared<Entity>();
    next_->id = write_.entity;
    // What an entity has room for, it takes for as long as it lives.
    if (next_->attributes.empty()) next_->attributes.reserve(write_.attributes.size());
    if (!current_ || replaces) next_->created_at = current_ ? current_->created_at : at_;
    out_.created = !current_;
    out_.change.kind = current_ ? ChangeKind::updated : ChangeKind::created;
    frame(replaces);
    if (!becomes || !current_) out_.change.attributes.reserve(write_.attributes.size());
    TRY(attributes());
    if (current_ && becomes) become(*current_);
    else if (current_ && replaces) compare_with(*current_);
    next_->modified_at = at_;
    out_.change.entity = write_.entity;
    out_.change.types = next_->types;
    out_.change.scopes = next_->scopes;
    out_.change.expires_at = next_->expires_at;
    out_.next = std::move(next_);
    return std::move(out_);
  }

 private:
  // Types only grow, save when the entity is replaced; a scope that is given takes the place of the old one, save where
  // the mode only adds.
  void frame(bool replaces) {
    const bool adds =
        write_.mode == WriteMode::append || write_.mode == WriteMode::upsert || write_.mode == WriteMode::observe;
    if (write_.types.empty() && replaces && current_) next_->types = current_->types;
    out_.frame_changed = add_all(next_->types, write_.types) || replaces;
    if (is_null(write_.scopes)) {
      out_.frame_changed |= !next_->scopes.empty();
      next_->scopes.clear();
    } else if (adds) {
      out_.frame_changed |= add_all(next_->scopes, write_.scopes);
    } else if (!write_.scopes.empty() && next_->scopes != write_.scopes) {
      next_->scopes = write_.scopes;
      out_.frame_changed = true;
    }
    const Instant expires_at = write_.expires_at == kNullInstant ? kNever : write_.expires_at;
    if (write_.expires_at != kNever && next_->expires_at != expires_at) {
      next_->expires_at = expires_at;
      out_.frame_changed = true;
    }
  }

  base::Status attributes() {
    for (Attribute& given : write_.attributes) TRY(attribute(given));
    return {};
  }

  base::Status attribute(Attribute& given) {
    if (current_ && write_.mode == WriteMode::become) return become(*current_, given), base::Status{};
    Attribute* const mine = find_instance(*next_, given.name, given.dataset_id);
    switch (write_.mode) {
      case WriteMode::append:
        if (mine) return skip(given);
        break;
      case WriteMode::patch:
        if (!mine) return skip(given);
        if (is_null(given)) return remove(*mine);
        break;
      case WriteMode::update:
        if (is_null(given)) return mine ? remove(*mine) : skip(given);
        break;
      case WriteMode::merge:
        if (is_null(given)) return mine ? remove(*mine) : base::Status{};
        if (mine) return merge(*mine, given);
        if (given.value.index() == 0) {
          return fail(Errc::invalid, "attribute '{}' is new and has no value", given.name.text());
        }
        break;
      case WriteMode::patch_attribute:
        if (!mine) return no_attribute(*next_, given);
        if (is_null(given)) return remove(*mine);
        return merge(*mine, given);
      case WriteMode::put_attribute:
        if (!mine) return no_attribute(*next_, given);
        break;
      default: break;
    }
    if (write_.mode == WriteMode::patch || write_.mode == WriteMode::update || write_.mode == WriteMode::merge) {
      leave_out_nulls(given);
    }
    put_attribute(*next_, mine, std::move(given), write_.mode == WriteMode::observe, at_, out_.change);
    return {};
  }

  base::Status skip(const Attribute& given) {
    out_.skipped.push_back(given.name);
    return {};
  }

  base::Status remove(Attribute& mine) {
    remove_at(*next_, next_->attributes.begin() + (&mine - next_->attributes.data()), out_.change);
    return {};
  }

  base::Status merge(Attribute& mine, const Attribute& given) {
    Attribute merged = mine;
    TRY(merge_into(merged, given, {write_.observed_at, write_.lang, write_.simplified}));
    merged.modified_at = at_;
    for (Attribute& sub : merged.subs) stamp(sub, sub.created_at == kNever ? at_ : sub.created_at, at_);
    std::optional<flow::Value> before;
    if (mine.value != merged.value) before = std::move(mine.value);
    mine = merged;
    out_.change.attributes.push_back({std::move(merged), false, false, std::move(before)});
    return {};
  }

  // What is the same stays, with the times of its making (what has attributes of its own is told again). Nouns are
  // written in the same order each time, so the place behind the last one found is looked at first.
  void become(const Entity& before, Attribute& given) {
    const auto& old = before.attributes;
    const auto is_it = [&](const Attribute& one) {
      return one.name == given.name && one.dataset_id == given.dataset_id;
    };
    if (place_ >= old.size() || !is_it(old[place_]))
      place_ = std::size_t(std::find_if(old.begin(), old.end(), is_it) - old.begin());
    if (place_ >= old.size()) return put_attribute(*next_, nullptr, std::move(given), false, at_, out_.change);
    const Attribute& mine = old[place_++];
    ++kept_;
    const bool plain = mine.subs.empty() && given.subs.empty();
    if (plain && same_reading(mine, given)) return next_->attributes.push_back(mine);
    stamp(given, mine.created_at, at_);
    next_->attributes.push_back(given);
    std::optional<flow::Value> was;
    if (mine.value != given.value) was = mine.value;
    out_.change.attributes.push_back({std::move(given), false, false, std::move(was)});
  }

  void become(const Entity& before) {
    out_.frame_changed =
        before.types != next_->types || before.scopes != next_->scopes || before.expires_at != next_->expires_at;
    if (kept_ == before.attributes.size()) return;
    for (const Attribute& old : before.attributes) {
      if (!find_instance(*next_, old.name, old.dataset_id)) out_.change.attributes.push_back({old, true, false, {}});
    }
  }

  // What a replacing write does not mention is told as removed, and what it does with the value it had.
  void compare_with(const Entity& before) {
    for (const Attribute& old : before.attributes) {
      const auto same = [&](const AttributeChange& told) {
        return told.now.name == old.name && told.now.dataset_id == old.dataset_id;
      };
      const auto told = std::find_if(out_.change.attributes.begin(), out_.change.attributes.end(), same);
      if (told == out_.change.attributes.end()) out_.change.attributes.push_back({old, true, false, {}});
      else if (told->now.value != old.value) told->before = old.value;
    }
  }

  const EntityPtr& current_;
  Write& write_;
  const Instant at_;
  std::shared_ptr<Entity> next_;
  Applied out_;
  std::size_t place_{0}, kept_{0};  // of become: where in the former entity it is, and how many of its attributes stay
};

base::Result<Applied> erase_attributes(const EntityPtr& current, const Write& write, Instant at) {
  auto next = std::make_shared<Entity>(*current);
  Applied out;
  static const flow::Name kScope("scope");
  for (const Attribute& given : write.attributes) {
    bool found = given.name == kScope && !next->scopes.empty();
    if (given.name == kScope) {
      next->scopes.clear();
      out.frame_changed |= found;
    }
    for (auto mine = next->attributes.begin(); mine != next->attributes.end();) {
      if (mine->name == given.name && (write.every_dataset || mine->dataset_id == given.dataset_id)) {
        const auto at_index = mine - next->attributes.begin();
        remove_at(*next, mine, out.change);
        mine = next->attributes.begin() + at_index;
        found = true;
      } else {
        ++mine;
      }
    }
    if (!found) return no_attribute(*current, given);
  }
  next->modified_at = at;
  out.change.entity = current->id;
  out.change.types = next->types;
  out.change.scopes = next->scopes;
  out.change.expires_at = next->expires_at;
  out.next = std::move(next);
  return out;
}

base::Status check_mode(const EntityPtr& current, const Write& write) {
  const std::string_view id = write.entity.text();
  switch (write.mode) {
    case WriteMode::create:
      if (current) return fail(Errc::exists, "there is an entity '{}' already", id);
      break;
    case WriteMode::upsert:
    case WriteMode::observe:
    case WriteMode::become:
    case WriteMode::replace: break;
    default:
      if (!current) return fail(Errc::not_found, "there is no entity '{}'", id);
      return {};
  }
  if (!current && write.types.empty()) return fail(Errc::invalid, "entity '{}' is new and has no type", id);
  return {};
}

}  // namespace

base::Result<Applied> apply(const EntityPtr& current, Write write, Instant at) {
  TRY(check_mode(current, write));
  if (write.mode == WriteMode::erase) return erase(current);
  if (write.mode == WriteMode::erase_attributes) return erase_attributes(current, write, at);
  return Work(current, write, at).run();
}

EntityPtr replay(const EntityPtr& current, const Change& change, Instant at) {
  if (change.kind == ChangeKind::erased) return nullptr;
  auto next = current ? std::make_shared<Entity>(*current) : std::make_shared<Entity>();
  if (!current) next->created_at = at;
  if (!current) next->attributes.reserve(change.attributes.size());
  next->id = change.entity;
  next->types = change.types;
  next->scopes = change.scopes;
  next->modified_at = at;
  next->expires_at = change.expires_at;
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
