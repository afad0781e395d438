#include "notify/notify_loop.h"

#include <condition_variable>
#include <thread>

#include "base/log.h"

namespace cityloop::notify {
namespace {

using flow::Instant;
using flow::Name;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kTogetherMax = 100;  // changes in one notification
constexpr auto kBackoffMax = std::chrono::seconds(60);

}  // namespace

flow::Write to_write(const Subscription& subscription, std::string_view definition_json) {
  flow::Write write;
  write.entity = flow::EntityId(subscription.id);
  write.types = {flow::kSubscriptionType};
  write.mode = flow::WriteMode::replace;
  write.attributes = {flow::property(kDefinition, flow::Json{std::string(definition_json)})};
  return write;
}

// One thread that sends what is pending; a queue and a clock of patience for each subscription.
class NotifyLoop::Deliverer {
 public:
  explicit Deliverer(const base::Clock& clock) : clock_(clock), thread_([this] { run(); }) {}

  ~Deliverer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    due_.notify_all();
    thread_.join();
  }

  void set(const Subscription& subscription) {
    const std::lock_guard lock(mutex_);
    queues_[subscription.id].subscription = subscription;
    due_.notify_all();
  }
  void remove(std::string_view id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = queues_.find(id); found != queues_.end()) queues_.erase(found);
  }
  void push(const std::string& id, std::string entity_json) {
    {
      const std::lock_guard lock(mutex_);
      Queue& queue = queues_[id];
      queue.pending.push_back(std::move(entity_json));
      if (queue.pending.size() > kPendingMax) {
        queue.pending.pop_front();
        if (queue.in_flight > 0) --queue.in_flight;
        ++queue.status.dropped;
      }
    }
    due_.notify_all();
  }
  DeliveryStatus status(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = queues_.find(id);
    if (found == queues_.end()) return {};
    DeliveryStatus status = found->second.status;
    status.pending = found->second.pending.size();
    return status;
  }
  // Pending by subscription, for the checkpoint.
  std::map<std::string, std::vector<std::string>> pending() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& [id, queue] : queues_) out[id] = {queue.pending.begin(), queue.pending.end()};
    return out;
  }

 private:
  struct Queue {
    Subscription subscription;
    std::deque<std::string> pending;
    std::size_t in_flight{0};  // how many of the oldest are on their way
    SteadyTime not_before{};
    std::chrono::seconds backoff{1};
    DeliveryStatus status;
  };

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      SteadyTime next = std::chrono::steady_clock::now() + std::chrono::seconds(5);
      for (auto& [id, queue] : queues_) {
        if (queue.pending.empty() || queue.in_flight > 0 || queue.subscription.id.empty()) continue;
        if (queue.not_before > std::chrono::steady_clock::now()) next = std::min(next, queue.not_before);
        else send(queue);
      }
      due_.wait_until(lock, next);
    }
  }

  void send(Queue& queue) {
    const Subscription& subscription = queue.subscription;
    queue.in_flight = std::min(queue.pending.size(), kTogetherMax);
    const std::vector<std::string> data(queue.pending.begin(), queue.pending.begin() + std::ptrdiff_t(queue.in_flight));
    const Instant now = clock_.now();
    net::OutgoingRequest request;
    request.method = net::Method::post;
    request.url = subscription.endpoint;
    request.headers = subscription.receiver_info;
    request.headers.emplace_back("content-type", "application/json");
    request.body = notification(
        subscription, fmt::format("urn:ngsi-ld:Notification:{}-{}", base::to_us(now), ++notifications_), now, data);
    queue.status.last_notification = now;
    client_.send(std::move(request), [this, id = subscription.id](base::Result<net::Response> response) {
      const bool received = response && response->status >= 200 && response->status < 300;
      std::string error;
      if (!response) error = response.error().message;
      else if (!received) error = fmt::format("the subscriber answered {}", response->status);
      answered(id, received, std::move(error));
    });
  }

  void answered(const std::string& id, bool received, std::string error) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = queues_.find(id);
      if (found == queues_.end()) return;
      Queue& queue = found->second;
      const Instant now = clock_.now();
      if (received) {
        queue.pending.erase(queue.pending.begin(), queue.pending.begin() + std::ptrdiff_t(queue.in_flight));
        queue.backoff = std::chrono::seconds(1);
        queue.not_before = std::chrono::steady_clock::now() + queue.subscription.throttling;
        queue.status.last_success = now;
        ++queue.status.times_sent;
      } else {
        queue.not_before = std::chrono::steady_clock::now() + queue.backoff;
        queue.backoff = std::min<std::chrono::seconds>(queue.backoff * 2, kBackoffMax);
        queue.status.last_failure = now;
        ++queue.status.times_failed;
      }
      queue.status.last_error = std::move(error);
      queue.in_flight = 0;
    }
    due_.notify_all();
  }

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable due_;
  std::map<std::string, Queue, std::less<>> queues_;
  std::uint64_t notifications_{0};
  bool stopping_{false};
  net::HttpClient client_;  // its callbacks end with it: before the queues above go
  std::thread thread_;
};

NotifyLoop::NotifyLoop(Lookup entity, const base::Clock& clock)
    : entity_(std::move(entity)), deliverer_(std::make_unique<Deliverer>(clock)) {}

NotifyLoop::~NotifyLoop() = default;

void NotifyLoop::learn(const flow::Change& change) {
  const std::string id(change.entity.text());
  if (change.kind == flow::ChangeKind::erased) {
    subscriptions_.erase(id);
    definitions_.erase(id);
    deliverer_->remove(id);
    return;
  }
  for (const flow::AttributeChange& told : change.attributes) {
    const auto* definition = std::get_if<flow::Json>(&told.now.value);
    if (told.now.name != kDefinition || !definition) continue;
    auto subscription = Subscription::parse(definition->text);
    if (!subscription) {
      base::log_error("subscription {} is not understood: {}", id, subscription.error().message);
      continue;
    }
    subscription->id = id;
    deliverer_->set(*subscription);
    definitions_[id] = definition->text;
    subscriptions_[id] = std::move(*subscription);
  }
}

void NotifyLoop::tell(const std::string& id, const Subscription& subscription, const flow::Change& change,
                      flow::Instant at) {
  const flow::EntityPtr entity = entity_(change.entity);
  if (!subscription.wants(change, entity)) return;
  if (entity) {
    deliverer_->push(id, twin::to_json(*entity, {subscription.format, false, subscription.attributes}));
    return;
  }
  base::JsonWriter gone;
  gone.object().field("id", change.entity.text());
  gone.field("type", change.types.empty() ? std::string_view{} : change.types.front().text());
  gone.field("deletedAt", base::format_time(at)).end();
  deliverer_->push(id, gone.take());
}

void NotifyLoop::on_record(const flow::LogRecord& record, twin::Outbox&) {
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kSubscriptionType)) {
      learn(change);
      continue;
    }
    if (flow::has_own_type(change.types)) continue;
    for (const auto& [id, subscription] : subscriptions_) {
      const bool live =
          subscription.active && (subscription.expires_at == flow::kNever || record.at < subscription.expires_at);
      if (live) tell(id, subscription, change, record.at);
    }
  }
}

void NotifyLoop::save(base::ByteWriter& out) const {
  const auto pending = deliverer_->pending();
  out.varint(definitions_.size());
  for (const auto& [id, definition] : definitions_) {
    out.text(id);
    out.text(definition);
    const auto mine = pending.find(id);
    out.varint(mine == pending.end() ? 0 : mine->second.size());
    if (mine == pending.end()) continue;
    for (const std::string& entity : mine->second) out.text(entity);
  }
}

base::Status NotifyLoop::load(base::ByteReader& in) {
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::string id(in.text());
    const std::string definition(in.text());
    auto subscription = TRY(Subscription::parse(definition));
    subscription.id = id;
    deliverer_->set(subscription);
    const std::uint64_t pending = in.varint();
    for (std::uint64_t k = 0; k < pending && in.ok(); ++k) deliverer_->push(id, std::string(in.text()));
    definitions_[id] = definition;
    subscriptions_[id] = std::move(subscription);
  }
  return {};
}

DeliveryStatus NotifyLoop::status(std::string_view subscription_id) const {
  return deliverer_->status(subscription_id);
}

}  // namespace cityloop::notify
