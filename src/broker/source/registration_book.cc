#include "broker/source/registration_book.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"
#include "flow/own_types.h"
#include "twin/query/query.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using flow::Name;

constexpr std::string_view kCountsKey = "broker:registration-counts";

// Attributes that two parts of registrations both claim: the first of them by text, or "its attributes" where neither
// names any.
std::optional<std::string> shared_attribute(const RegistrationInfo& one, const RegistrationInfo& other) {
  if (one.attributes.empty() && other.attributes.empty()) return "all attributes";
  const auto& named = one.attributes.empty() ? other : one;
  const auto& asked = one.attributes.empty() ? one : other;
  for (const Name name : named.attributes) {
    if (asked.has_attribute(name)) return std::string(name.text());
  }
  return std::nullopt;
}

bool is_proxied(const Registration& registration) {
  return registration.mode == SourceMode::exclusive || registration.mode == SourceMode::redirect;
}

// Whether `other` claims an attribute that the exclusive registration has for itself.
base::Status check_exclusive(const Registration& exclusive, const Registration& other) {
  for (const RegistrationInfo& info : exclusive.information) {
    for (const EntityInfo& entity : info.entities) {
      Interest interest;
      interest.entities.push_back({entity.id, "", entity.types});
      for (const Registration::Match& match : other.matches(interest)) {
        if (const auto attribute = shared_attribute(info, *match.info)) {
          return fail(Errc::conflict, "'{}' of '{}' is claimed by the {} registration '{}'", *attribute, entity.id,
                      to_string(other.mode), other.id);
        }
      }
    }
  }
  return {};
}

}  // namespace

RegistrationSet::RegistrationSet(std::vector<RegistrationPtr> all) : all_(std::move(all)) {
  for (std::size_t at = 0; at < all_.size(); ++at) note(at);
}

void RegistrationSet::note(std::size_t at) {
  const auto add = [at](std::vector<std::size_t>& list) {
    if (list.empty() || list.back() != at) list.push_back(at);
  };
  for (const RegistrationInfo& info : all_[at]->information) {
    if (info.entities.empty()) add(open_);
    for (const EntityInfo& entity : info.entities) {
      if (!entity.id.empty() && !entity.id_pattern) add(by_id_[entity.id]);
      else add(without_id_);
      for (const Name type : entity.types) add(by_type_[type]);
      if (entity.types.empty()) add(open_);
    }
  }
}

RegistrationPtr RegistrationSet::find(std::string_view id) const {
  const auto found = std::ranges::lower_bound(all_, id, {}, [](const auto& one) { return std::string_view(one->id); });
  return found != all_.end() && (*found)->id == id ? *found : nullptr;
}

std::vector<RegistrationPtr> RegistrationSet::matching(const Interest& interest) const {
  std::vector<std::size_t> candidates = open_;
  const auto add = [&](const std::vector<std::size_t>& list) {
    candidates.insert(candidates.end(), list.begin(), list.end());
  };
  bool every_one = interest.entities.empty();
  for (const Selector& asked : interest.entities) {
    if (!asked.types.empty()) {
      for (const Name type : asked.types) {
        if (const auto found = by_type_.find(type); found != by_type_.end()) add(found->second);
      }
    } else if (!asked.id.empty()) {
      add(without_id_);
      if (const auto found = by_id_.find(asked.id); found != by_id_.end()) add(found->second);
    } else {
      every_one = true;
    }
  }
  std::vector<RegistrationPtr> out;
  if (every_one) {
    for (const RegistrationPtr& one : all_) {
      if (!one->matches(interest).empty()) out.push_back(one);
    }
    return out;
  }
  std::ranges::sort(candidates);
  candidates.erase(std::ranges::unique(candidates).begin(), candidates.end());
  for (const std::size_t at : candidates) {
    if (!all_[at]->matches(interest).empty()) out.push_back(all_[at]);
  }
  return out;
}

RegistrationBook::RegistrationBook(twin::Twin& twin, std::atomic<std::size_t>& count)
    : twin_(twin), link_(std::make_shared<Link>()), count_(count) {
  link_->book = this;
  // What is written while the book is read in waits for the end of it, and is then learned.
  twin.on_append([link = link_](const flow::LogRecordPtr& record) {
    const std::lock_guard lock(link->mutex);
    if (link->book) link->book->learn(*record);
  });
  const std::lock_guard lock(link_->mutex);
  twin.each(flow::kRegistrationType, [&](const flow::EntityPtr& entity) {
    auto registration = Registration::from_entity(*entity);
    if (registration) {
      std::string id = registration->id;
      known_[std::move(id)] = std::make_shared<const Registration>(std::move(*registration));
    } else {
      base::log_error("a registration is not understood: {}", registration.error().message);
    }
    return true;
  });
  count_ += known_.size();
  swap_in();
  load_counts();
}

RegistrationBook::~RegistrationBook() {
  const std::lock_guard lock(link_->mutex);
  link_->book = nullptr;
  count_ -= known_.size();
}

void RegistrationBook::swap_in() {
  std::vector<RegistrationPtr> all;
  all.reserve(known_.size());
  for (const auto& [id, registration] : known_) all.push_back(registration);
  auto set = std::make_shared<const RegistrationSet>(std::move(all));
  const std::lock_guard lock(mutex_);
  set_ = std::move(set);
}

RegistrationSetPtr RegistrationBook::snapshot() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

void RegistrationBook::on_change(std::function<void(const RegistrationChange&)> told) {
  const std::lock_guard lock(link_->mutex);  // loops of the tenant may write already: the expiry of a registration, say
  told_.push_back(std::move(told));
}

void RegistrationBook::learn(const flow::LogRecord& record) {
  for (const flow::Change& change : record.changes) {
    if (!change.is_a(flow::kRegistrationType)) continue;
    RegistrationChange told;
    told.at = record.at;
    const flow::EntityPtr kept = change.kind == flow::ChangeKind::erased ? nullptr : twin_.get(change.entity);
    if (kept) {
      auto registration = Registration::from_entity(*kept);
      if (!registration) {
        base::log_error("a registration is not understood: {}", registration.error().message);
        continue;
      }
      told.after = std::make_shared<const Registration>(std::move(*registration));
    }
    const std::string id = id_of_kept(change.entity);
    if (const auto found = known_.find(id); found != known_.end()) {
      told.before = found->second;
      known_.erase(found);
      --count_;
    }
    if (told.after) {
      known_[id] = told.after;
      ++count_;
    } else {
      const std::lock_guard lock(mutex_);
      statuses_.erase(id);
      counted_ = true;
    }
    swap_in();
    if (!told.before && !told.after) continue;
    for (const auto& one : told_) one(told);
  }
}

base::Status RegistrationBook::check(const Registration& fresh) const {
  if (!is_proxied(fresh)) return {};
  for (const RegistrationPtr& other : snapshot()->all()) {
    if (other->id == fresh.id || !is_proxied(*other)) continue;
    if (fresh.mode == SourceMode::exclusive) TRY(check_exclusive(fresh, *other));
    else if (other->mode == SourceMode::exclusive) TRY(check_exclusive(*other, fresh));
  }
  return check_held(fresh);
}

// What a source answers for alone must not be held here.
base::Status RegistrationBook::check_held(const Registration& fresh) const {
  for (const RegistrationInfo& info : fresh.information) {
    std::vector<twin::EntityFilter> filters(std::max<std::size_t>(1, info.entities.size()));
    for (std::size_t i = 0; i < info.entities.size(); ++i) {
      const EntityInfo& entity = info.entities[i];
      filters[i].types = entity.types;
      if (!entity.id.empty()) filters[i].ids = {flow::EntityId::lookup(entity.id)};
      if (entity.id_pattern) filters[i].id_pattern = entity.id_pattern->text();
    }
    for (twin::EntityFilter& filter : filters) {
      // An exclusive registration is of an id, whatever types the entity has been given here.
      if (fresh.mode == SourceMode::exclusive) filter.types.clear();
      filter.attributes = info.attributes;
      filter.limit = twin::kLimitMax;
      const auto held = TRY(twin_.query(filter));
      for (const flow::EntityPtr& entity : held.entities) {
        if (flow::has_own_type(entity->types)) continue;
        return fail(Errc::conflict, "the entity '{}' is held here, and a {} registration answers for it alone",
                    entity->id.text(), to_string(fresh.mode));
      }
    }
  }
  return {};
}

void RegistrationBook::count_success(const std::string& id, flow::Instant at) {
  const std::lock_guard lock(mutex_);
  SourceStatus& status = statuses_[id];
  counted_ = true;
  ++status.times_sent;
  status.last_success = at;
  status.failed = false;
}

void RegistrationBook::count_failure(const std::string& id, flow::Instant at) {
  const std::lock_guard lock(mutex_);
  SourceStatus& status = statuses_[id];
  counted_ = true;
  ++status.times_sent;
  ++status.times_failed;
  status.last_failure = at;
  status.failed = true;
}

void RegistrationBook::save_counts() {
  base::ByteWriter out;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(counted_, false)) return;
    out.varint(statuses_.size());
    for (const auto& [id, status] : statuses_) {
      out.text(id);
      out.varint(status.times_sent);
      out.varint(status.times_failed);
      out.svarint(base::to_us(status.last_success));
      out.svarint(base::to_us(status.last_failure));
      out.u8(status.failed);
    }
  }
  twin::Commit commit;
  commit.puts.push_back({store::Table::state, std::string(kCountsKey), out.take()});
  if (twin_.commit(std::move(commit)).status) return;
  const std::lock_guard lock(mutex_);
  counted_ = true;
}

void RegistrationBook::load_counts() {
  const auto kept = twin_.store().get(store::Table::state, kCountsKey);
  if (!kept || !*kept) return;
  base::ByteReader in(**kept);
  const std::lock_guard lock(mutex_);
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    std::string id(in.text());
    SourceStatus status;
    status.times_sent = in.varint();
    status.times_failed = in.varint();
    status.last_success = base::from_us(in.svarint());
    status.last_failure = base::from_us(in.svarint());
    status.failed = in.u8() != 0;
    if (in.ok() && known_.contains(id)) statuses_[std::move(id)] = status;
  }
}

SourceStatus RegistrationBook::status(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = statuses_.find(id);
  return found == statuses_.end() ? SourceStatus{} : found->second;
}

}  // namespace cityloop::broker
