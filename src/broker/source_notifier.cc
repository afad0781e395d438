#include "broker/source_notifier.h"

#include <algorithm>

#include "base/log.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

constexpr auto kBackoffMax = std::chrono::seconds(60);
constexpr std::string_view kRelation = R"(; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")";

}  // namespace

SourceNotifier::SourceNotifier(std::string tenant, RegistrationBook& book, twin::ContextStore& contexts,
                               const base::Clock& clock)
    : tenant_(std::move(tenant)), book_(book), contexts_(contexts), clock_(clock), link_(std::make_shared<Link>()) {
  link_->notifier = this;
  book.twin().each(flow::kSourceSubscriptionType, [&](const flow::EntityPtr& entity) {
    auto subscription = SourceSubscription::from_entity(*entity, contexts_);
    if (subscription) events_.emplace_back(std::move(*subscription));
    return true;
  });
  book.on_change([link = link_](const RegistrationChange& change) {
    const std::lock_guard lock(link->mutex);
    if (link->notifier) link->notifier->post(change);
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
      post(Gone{source_subscription_id(change.entity)});
      continue;
    }
    auto subscription = SourceSubscription::from_entity(*kept, contexts_);
    if (subscription) post(std::move(*subscription));
    else base::log_error("a subscription to sources is not understood: {}", subscription.error().message);
  }
}

void SourceNotifier::post(Event event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  due_.notify_all();
}

void SourceNotifier::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    while (!events_.empty()) {
      const Event event = std::move(events_.front());
      events_.pop_front();
      std::visit([this](const auto& one) { handle(one); }, event);
    }
    const SteadyTime next = send_due();
    due_.wait_until(lock, next, [this] { return stopping_ || !events_.empty() || woken_; });
    woken_ = false;
  }
}

std::string SourceNotifier::shown(const Registration& registration, const SourceSubscription& subscription) const {
  base::JsonWriter out;
  render(out, registration, flow::Entity{}, SourceStatus{}, *subscription.common.contexts.shown, false,
         &subscription.query.interest);
  return out.take();
}

void SourceNotifier::put(Queue& queue, TriggerReason reason, std::string data) {
  queue.waiting.emplace_back(reason, std::move(data));
  if (queue.waiting.size() <= kSourceNoticesMax) return;
  // The one that is under way stays until it is answered.
  queue.waiting.erase(queue.waiting.begin() + (queue.under_way ? 1 : 0));
  ++queue.status.dropped;
}

void SourceNotifier::handle(const RegistrationChange& change) {
  for (auto& [id, queue] : queues_) {
    const SourceSubscription& subscription = *queue.subscription;
    if (!subscription.is_live(clock_.now()) || subscription.common.time_interval) continue;
    const bool before = change.before && subscription.query.matches(*change.before);
    const bool after = change.after && subscription.query.matches(*change.after);
    if (!before && !after) continue;
    const TriggerReason reason = !before  ? TriggerReason::newly_matching
                                 : !after ? TriggerReason::no_longer_matching
                                          : TriggerReason::updated;
    put(queue, reason, fmt::format("[{}]", shown(after ? *change.after : *change.before, subscription)));
  }
}

void SourceNotifier::tell_all(Queue& queue, TriggerReason reason) {
  const SourceSubscription& subscription = *queue.subscription;
  std::string data;
  const flow::Instant now = clock_.now();
  for (const RegistrationPtr& one : book_.snapshot()->all()) {
    if (!one->is_live(now) || !subscription.query.matches(*one)) continue;
    data += data.empty() ? "[" : ",";
    data += shown(*one, subscription);
  }
  if (data.empty() && !subscription.common.time_interval) return;
  put(queue, reason, data.empty() ? "[]" : data + "]");
}

void SourceNotifier::handle(const SourceSubscription& subscription) {
  Queue& queue = queues_[subscription.id];
  queue.subscription = std::make_shared<const SourceSubscription>(subscription);
  queue.next_round = SteadyTime::max();
  if (!subscription.is_live(clock_.now())) return;
  tell_all(queue, TriggerReason::newly_matching);
  if (subscription.common.time_interval) {
    queue.next_round = std::chrono::steady_clock::now() + *subscription.common.time_interval;
  }
}

void SourceNotifier::handle(const Gone& gone) {
  queues_.erase(gone.subscription);
}

// Sends what may be sent now; gives when to look again.
SourceNotifier::SteadyTime SourceNotifier::send_due() {
  const SteadyTime now = std::chrono::steady_clock::now();
  SteadyTime next = now + std::chrono::seconds(5);
  for (auto& [id, queue] : queues_) {
    const SourceSubscription& subscription = *queue.subscription;
    if (queue.next_round <= now) {
      if (subscription.is_live(clock_.now())) tell_all(queue, TriggerReason::updated);
      queue.next_round = now + *subscription.common.time_interval;
    }
    next = std::min(next, queue.next_round);
    if (queue.waiting.empty() || queue.under_way) continue;
    if (queue.not_before > now) next = std::min(next, queue.not_before);
    else send(id, queue);
  }
  return next;
}

void SourceNotifier::send(const std::string& id, Queue& queue) {
  const notify::Subscription& subscription = queue.subscription->common;
  const auto& [reason, data] = queue.waiting.front();
  const flow::Instant now = clock_.now();
  const bool json_ld = subscription.endpoint.accept == notify::Accept::json_ld;
  const std::string& context = subscription.contexts.shown_json;
  const std::string named = context.empty() ? fmt::format("\"{}\"", twin::kCoreContextUrl) : context;
  base::JsonWriter body;
  body.object();
  if (json_ld) body.key("@context").raw(named);
  body.field("id", fmt::format("urn:ngsi-ld:ContextSourceNotification:{}-{}", base::to_us(now), ++notices_));
  body.field("type", "ContextSourceNotification").field("subscriptionId", id);
  body.field("notifiedAt", base::format_time(now)).field("triggerReason", to_string(reason));
  body.key("data").raw(data).end();
  net::OutgoingRequest request;
  request.method = net::Method::post;
  request.url = subscription.endpoint.uri;
  request.headers = subscription.endpoint.receiver_info;
  request.headers.emplace_back("Content-Type", json_ld ? "application/ld+json" : "application/json");
  if (!json_ld && named.front() == '"') {
    request.headers.emplace_back("Link", fmt::format("<{}>{}", named.substr(1, named.size() - 2), kRelation));
  }
  if (!tenant_.empty()) request.headers.emplace_back("NGSILD-Tenant", tenant_);
  request.body = body.take();
  if (subscription.endpoint.timeout) request.timeout = *subscription.endpoint.timeout;
  queue.under_way = true;
  queue.status.last_notification = now;
  ++queue.status.times_sent;
  client_.send(std::move(request), [this, id](base::Result<net::Response> response) {
    answered(id, response && response->status >= 200 && response->status < 300);
  });
}

void SourceNotifier::answered(const std::string& id, bool received) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = queues_.find(id);
    if (found == queues_.end()) return;
    Queue& queue = found->second;
    queue.under_way = false;
    queue.status.failed = !received;
    const SteadyTime now = std::chrono::steady_clock::now();
    if (received) {
      if (!queue.waiting.empty()) queue.waiting.pop_front();
      queue.backoff = std::chrono::seconds(1);
      queue.not_before = now + queue.subscription->common.throttling;
      queue.status.last_success = clock_.now();
    } else {
      queue.not_before = now + queue.backoff;
      queue.backoff = std::min<std::chrono::seconds>(queue.backoff * 2, kBackoffMax);
      queue.status.last_failure = clock_.now();
      ++queue.status.times_failed;
    }
    woken_ = true;
  }
  due_.notify_all();
}

NoticeStatus SourceNotifier::status(const std::string& subscription_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(subscription_id);
  return found == queues_.end() ? NoticeStatus{} : found->second.status;
}

}  // namespace cityloop::broker
