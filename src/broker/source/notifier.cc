#include "broker/source/notifier.h"

#include <algorithm>

#include "base/log.h"
#include "flow/own_types.h"
#include "notify/posted.h"

namespace cityloop::broker {
namespace {

constexpr auto kCountsKept = std::chrono::seconds(1);
constexpr auto kTryAgain = std::chrono::seconds(1);

}  // namespace

SourceNotifier::SourceNotifier(RegistrationBook& book, twin::ContextStore& contexts, const base::Clock& clock)
    : book_(book), contexts_(contexts), clock_(clock), link_(std::make_shared<Link>()) {
  link_->notifier = this;
  book.twin().each(flow::kSourceSubscriptionType, [&](const flow::EntityPtr& entity) {
    auto subscription = SourceSubscription::from_entity(*entity, contexts_);
    if (subscription) events_.emplace_back(std::move(*subscription));
    return true;
  });
  book.on_change([link = link_](const RegistrationChange& change) {
    const std::lock_guard lock(link->mutex);
    if (link->notifier) link->notifier->put(change);
  });
  book.twin().on_append([link = link_](const flow::LogRecordPtr& record) {
    const std::lock_guard lock(link->mutex);
    if (link->notifier) link->notifier->learn(*record);
  });
  thread_ = std::thread([this] { run(); });
}

SourceNotifier::~SourceNotifier() {
  {
    const std::lock_guard lock(link_->mutex);
    link_->notifier = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  due_.notify_all();
  thread_.join();
}

void SourceNotifier::learn(const flow::LogRecord& record) {
  for (const flow::Change& change : record.changes) {
    if (!change.is_a(flow::kSourceSubscriptionType)) continue;
    const flow::EntityPtr kept = change.kind == flow::ChangeKind::erased ? nullptr : book_.twin().get(change.entity);
    if (!kept) {
      put(Gone{source_subscription_id(change.entity)});
      continue;
    }
    auto subscription = SourceSubscription::from_entity(*kept, contexts_);
    if (subscription) put(std::move(*subscription));
    else base::log_error("a subscription to sources is not understood: {}", subscription.error().message);
  }
}

void SourceNotifier::put(Event event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  due_.notify_all();
}

SourceNotifier::SteadyTime SourceNotifier::next_round() const {
  SteadyTime next = std::chrono::steady_clock::now() + kCountsKept;
  for (const auto& [id, watcher] : watchers_) next = std::min(next, watcher.next_round);
  return next;
}

// Nothing is written while the lock is held: the committer calls put().
void SourceNotifier::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    due_.wait_until(lock, next_round(), [this] { return stopping_ || !events_.empty(); });
    const std::deque<Event> events = std::exchange(events_, {});
    lock.unlock();
    for (const Event& event : events) std::visit([this](const auto& one) { handle(one); }, event);
    tell_due();
    book_.save_counts();
    lock.lock();
  }
}

std::string SourceNotifier::shown(const Registration& registration, const SourceSubscription& subscription) const {
  base::JsonWriter out;
  render(out, registration, flow::Entity{}, SourceStatus{}, *subscription.common.contexts.shown, false,
         &subscription.query.interest);
  return out.take();
}

// A full disk is waited for: what has changed is not forgotten because of it.
void SourceNotifier::tell(const SourceSubscription& subscription, TriggerReason reason,
                          std::vector<std::string> registrations) {
  notify::Posted posted{subscription.kept.id, {flow::EntityId(subscription.kept.id)}, {}};
  posted.data.push_back(fmt::format("\"{}\"", to_string(reason)));
  for (std::string& one : registrations) posted.data.push_back(std::move(one));
  while (true) {
    twin::Commit commit;
    commit.origin = flow::Name("loop:sources");
    commit.atomicity = twin::Atomicity::all;
    commit.writes = notify::to_writes(posted);
    if (book_.twin().commit(std::move(commit)).status) return;
    std::unique_lock lock(mutex_);
    if (due_.wait_for(lock, kTryAgain, [this] { return stopping_; })) return;
  }
}

void SourceNotifier::handle(const RegistrationChange& change) {
  for (const auto& [id, watcher] : watchers_) {
    const SourceSubscription& subscription = watcher.subscription;
    if (!subscription.is_live(clock_.now()) || subscription.time_interval) continue;
    const bool before = change.before && subscription.query.matches(*change.before);
    const bool after = change.after && subscription.query.matches(*change.after);
    if (!before && !after) continue;
    const TriggerReason reason = !before  ? TriggerReason::newly_matching
                                 : !after ? TriggerReason::no_longer_matching
                                          : TriggerReason::updated;
    tell(subscription, reason, {shown(after ? *change.after : *change.before, subscription)});
  }
}

void SourceNotifier::tell_all(const SourceSubscription& subscription, TriggerReason reason) {
  std::vector<std::string> all;
  const flow::Instant now = clock_.now();
  for (const RegistrationPtr& one : book_.snapshot()->all()) {
    if (one->is_live(now) && subscription.query.matches(*one)) all.push_back(shown(*one, subscription));
  }
  if (!all.empty() || subscription.time_interval) tell(subscription, reason, std::move(all));
}

void SourceNotifier::handle(const SourceSubscription& subscription) {
  Watcher& watcher = watchers_[subscription.id];
  watcher.subscription = subscription;
  watcher.next_round = SteadyTime::max();
  if (!subscription.is_live(clock_.now())) return;
  tell_all(subscription, TriggerReason::newly_matching);
  if (subscription.time_interval) {
    watcher.next_round = std::chrono::steady_clock::now() + *subscription.time_interval;
  }
}

void SourceNotifier::handle(const Gone& gone) {
  watchers_.erase(gone.subscription);
}

void SourceNotifier::tell_due() {
  const SteadyTime now = std::chrono::steady_clock::now();
  for (auto& [id, watcher] : watchers_) {
    if (watcher.next_round > now) continue;
    if (watcher.subscription.is_live(clock_.now())) tell_all(watcher.subscription, TriggerReason::updated);
    watcher.next_round = now + *watcher.subscription.time_interval;
  }
}

}  // namespace cityloop::broker
