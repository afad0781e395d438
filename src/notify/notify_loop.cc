#include "notify/notify_loop.h"

#include "base/log.h"
#include "notify/notice.h"
#include "notify/posted.h"

namespace cityloop::notify {
namespace {

using flow::Change;
using flow::ChangeKind;
using flow::Seq;

constexpr std::string_view kFormat = "notify 4";
constexpr std::string_view kFormerFormat = "notify 3";
constexpr auto kTryAgain = std::chrono::seconds(2);

}  // namespace

NotifyLoop::NotifyLoop(const twin::Twin& twin, const base::Clock& clock, DelivererOptions options,
                       twin::ContextStore* contexts)
    : twin_(twin),
      contexts_(contexts),
      deliverer_(std::make_unique<Deliverer>(twin, clock, std::move(options))),
      versions_(twin) {}

NotifyLoop::~NotifyLoop() = default;

void NotifyLoop::set_contexts(twin::ContextStore* contexts) {
  const std::lock_guard lock(contexts_mutex_);
  if (fetching_.valid()) fetching_.wait();
  contexts_ = contexts;
}

void NotifyLoop::drop(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  deliverer_->close(entry.box);
  if (entry.handle != 0) {
    if (!entry.subscription->of_sources) index_.remove(entry.handle, *entry.subscription);
    by_handle_.erase(entry.handle);
  }
  std::erase(unready_, id);
  entries_.erase(found);
}

// False while an @context is not at hand: then the box waits, and reads the log later.
bool NotifyLoop::make_ready(Entry& entry, Seq seq) {
  auto read = [&] {
    const std::lock_guard lock(contexts_mutex_);
    return notify::read(entry.kept, contexts_);
  }();
  if (entry.handle != 0) {
    if (!entry.subscription->of_sources) index_.remove(entry.handle, *entry.subscription);
    by_handle_.erase(entry.handle);
    entry.handle = 0;
  }
  if (!read) {
    deliverer_->set(entry.box, nullptr, seq);
    if (read.error().code == base::Errc::unavailable) return false;
    base::log_error("subscription {} is not understood: {}", entry.kept.id, read.error().message);
    return true;
  }
  entry.subscription = std::make_shared<const Subscription>(std::move(*read));
  entry.handle = ++last_handle_;
  if (!entry.subscription->of_sources) index_.add(entry.handle, *entry.subscription);
  by_handle_[entry.handle] = &entry;
  deliverer_->set(entry.box, entry.subscription, seq);
  return true;
}

void NotifyLoop::take(Kept kept, Seq seq, Deliverer::BoxPtr box) {
  const std::string id = kept.id;
  Entry& entry = entries_[id];
  entry.kept = std::move(kept);
  if (!entry.box) entry.box = box ? std::move(box) : deliverer_->open(id, seq);
  std::erase(unready_, id);
  if (!make_ready(entry, seq)) unready_.push_back(id);
}

void NotifyLoop::learn(const Change& change, Seq seq) {
  if (change.kind == ChangeKind::erased) return drop(id_of_kept(change.entity));
  std::vector<flow::Attribute> attributes;
  for (const flow::AttributeChange& told : change.attributes) {
    if (!told.removed) attributes.push_back(told.now);
  }
  auto kept = kept_from(change.entity, attributes);
  if (!kept) return;
  const std::string id = kept->id;
  take(std::move(*kept), seq, nullptr);
  deliverer_->forgive(entries_.at(id).box);
}

// A log whose beginning this loop has not read: what the twin knows counts from here on.
void NotifyLoop::adopt(Seq seq) {
  adopted_ = true;
  if (loaded_ || seq <= 1) return;
  for (const flow::Name type : {flow::kSubscriptionType, flow::kSourceSubscriptionType}) {
    twin_.each(type, [&](const flow::EntityPtr& entity) {
      if (auto kept = kept_from(entity->id, entity->attributes)) take(std::move(*kept), seq - 1, nullptr);
      return true;
    });
  }
}

void NotifyLoop::try_unready(const flow::LogRecord& record) {
  if (unready_.empty() || (next_try_ != flow::kNever && record.at < next_try_)) return;
  next_try_ = record.at + kTryAgain;
  std::vector<Kept> missing;
  for (const std::string& id : std::vector<std::string>(unready_)) {
    Entry& entry = entries_.at(id);
    if (make_ready(entry, record.seq)) std::erase(unready_, id);
    else missing.push_back(entry.kept);
  }
  const std::lock_guard lock(contexts_mutex_);
  const bool busy = fetching_.valid() && fetching_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
  if (missing.empty() || busy || !contexts_) return;
  fetching_ = std::async(std::launch::async, [contexts = contexts_, missing = std::move(missing)] {
    for (const Kept& kept : missing) fetch(kept, *contexts);
  });
}

void NotifyLoop::tell(const flow::LogRecord& record, std::size_t index,
                      std::map<SubscriptionIndex::Handle, Offer>& offers) {
  const Change& change = record.changes[index];
  std::optional<flow::EntityPtr> known;
  const auto after = [&]() -> const flow::EntityPtr& {
    if (!known) known = versions_.after(record, index);
    return *known;
  };
  index_.find(change, [&] { return after().get(); }, candidates_);
  const Lookup find = [this](flow::EntityId id) {
    flow::EntityPtr entity = twin_.get(id);
    return entity && flow::has_own_type(entity->types) ? nullptr : entity;
  };
  for (const SubscriptionIndex::Handle handle : candidates_) {
    const Entry& entry = *by_handle_.at(handle);
    const Subscription& subscription = *entry.subscription;
    if (!subscription.active || !Deliverer::is_live(entry.box) || subscription.is_expired(record.at)) continue;
    if (!subscription.may_want(change)) continue;
    if (!subscription.wants(change, after(), &find)) continue;
    Offer& offer = offers[handle];
    offer.about.push_back(change.entity);
    render_change(subscription, change, after(), record.at, find, offer.data);
  }
}

void NotifyLoop::pass_on(const Change& change, const flow::LogRecord& record) {
  auto posted = posted_from(change);
  if (!posted) return base::log_error("record {}: {}", record.seq, posted.error().message);
  const auto found = entries_.find(posted->subscription);
  if (found == entries_.end() || !found->second.subscription) return;
  const Subscription& subscription = *found->second.subscription;
  if (!subscription.active || subscription.is_expired(record.at)) return;
  deliverer_->offer(found->second.box, record.seq, std::move(posted->about), std::move(posted->data));
}

void NotifyLoop::on_record(const flow::LogRecord& record, twin::Outbox&) {
  deliverer_->claim(record.seq);
  if (!adopted_) adopt(record.seq);
  try_unready(record);
  if (entries_.empty() && record.changes.empty()) return;
  std::map<SubscriptionIndex::Handle, Offer> offers;
  for (std::size_t i = 0; i < record.changes.size(); ++i) {
    const Change& change = record.changes[i];
    if (change.is_a(flow::kSubscriptionType) || change.is_a(flow::kSourceSubscriptionType)) learn(change, record.seq);
    else if (is_posted(change)) pass_on(change, record);
    else if (!entries_.empty() && !flow::has_own_type(change.types)) tell(record, i, offers);
  }
  versions_.follow(record);
  for (auto& [handle, offer] : offers) {
    const auto found = by_handle_.find(handle);
    if (found == by_handle_.end()) continue;
    deliverer_->offer(found->second->box, record.seq, std::move(offer.about), std::move(offer.data));
  }
}

void NotifyLoop::save(base::ByteWriter& out) const {
  out.text(kFormat);
  out.varint(deliverer_->claimed());
  out.varint(entries_.size());
  for (const auto& [id, entry] : entries_) {
    out.text(id);
    out.text(entry.kept.definition.dump());
    out.text(entry.kept.shown_json);
    out.text(entry.kept.shown_link);
    out.text(entry.kept.asked_json);
    deliverer_->save(entry.box, out);
  }
}

base::Status NotifyLoop::load(base::ByteReader& in) {
  const std::string_view written = in.text();
  const int format = written == kFormat ? 4 : written == kFormerFormat ? 3 : 0;
  if (format == 0) return {};  // of an older program: adopt() finds the subscriptions in the twin
  loaded_ = true;
  deliverer_->claim(in.varint());
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    Kept kept;
    kept.id = in.text();
    kept.definition = TRY(base::JsonValue::parse(in.text()));
    kept.shown_json = in.text();
    kept.shown_link = in.text();
    kept.asked_json = in.text();
    auto box = deliverer_->load(kept.id, in, format);
    take(std::move(kept), 0, std::move(box));
  }
  return {};
}

flow::Seq NotifyLoop::needs_log_from() const {
  return deliverer_->needs_from();
}

DeliveryStatus NotifyLoop::status(std::string_view subscription_id) const {
  return deliverer_->status(subscription_id);
}

}  // namespace cityloop::notify
