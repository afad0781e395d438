#include "notify/deliverer.h"

#include <algorithm>
#include <unordered_map>

#include "notify/deliverer_inside.h"

namespace cityloop::notify {
namespace {

using flow::Seq;

constexpr std::size_t kFew = 16;            // notifications that a box may always hold
constexpr std::size_t kTogetherMax = 1000;  // changes in one notification, by throttling
constexpr Seq kNear = 4096;                 // records of the log that are most likely in memory
constexpr auto kSuspectsWait = std::chrono::milliseconds(100);

// 408, 425 and 429 ask for another time.
Verdict verdict_of(int status) {
  if (status >= 200 && status < 300) return Verdict::taken;
  const bool later = status == 408 || status == 425 || status == 429;
  return status >= 400 && status < 500 && !later ? Verdict::refused : Verdict::trouble;
}

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3u;
  return hash;
}

// Of notifications about one entity only the last, where each tells of one.
std::vector<std::string> newest_of_each(const std::vector<Item*>& items) {
  std::unordered_map<flow::EntityId, std::size_t> last;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i]->about.size() == 1) last[items[i]->about.front()] = i;
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool newer = items[i]->about.size() == 1 && last[items[i]->about.front()] != i;
    if (!newer) out.insert(out.end(), items[i]->data.begin(), items[i]->data.end());
  }
  return out;
}

}  // namespace

Deliverer::Inside::~Inside() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  work.notify_all();
  clerk.join();
  client.reset();
  publishers.clear();
}

bool Deliverer::Inside::has_room(const Box& box) const {
  const std::size_t enough = box.failing ? kFew : std::max(options.box_max / 2, kFew);
  return box.items.size() < enough && box.bytes < options.box_bytes_max / 2;
}

bool Deliverer::Inside::overflows(const Box& box) const {
  if (box.items.size() >= options.box_max || box.bytes >= options.box_bytes_max) return true;
  return bytes >= options.bytes_max && box.items.size() >= std::min(kFew, options.box_max);
}

void Deliverer::Inside::wake_at(const BoxPtr& box, SteadyTime at) {
  if (box->due && *box->due <= at) return;
  if (box->due) due.erase({*box->due, box});
  box->due = at;
  const bool first = due.insert({at, box}).first == due.begin();
  if (first) work.notify_one();
}

void Deliverer::Inside::read_soon(const BoxPtr& box) {
  if (box->live || box->waits_to_read || box->closed || !box->subscription || !has_room(*box)) return;
  box->waits_to_read = true;
  if (twin.head() <= box->position + kNear) to_read.push_back(box);
  else far_behind.emplace(box->position, box);
  work.notify_one();
}

Attempt Deliverer::Inside::attempt(const BoxPtr& box, std::vector<Item*> items, bool merged) {
  Attempt out{box, box->subscription, {}, {}, {}, options.timeout, box->failing};
  const flow::Instant now = clock.now();
  const Item& first = *items.front();
  const std::string id =
      first.periodic
          ? fmt::format("urn:ngsi-ld:Notification:{:x}-p{}-{}", fingerprint(box->id), base::to_us(now), ++periodic)
          : fmt::format("urn:ngsi-ld:Notification:{:x}-{}", fingerprint(box->id), items.back()->seq);
  out.body = notification(*box->subscription, id, now, merged ? newest_of_each(items) : first.data);
  out.headers = headers_of(*box->subscription, options.tenant);
  out.timeout = box->subscription->endpoint.timeout.value_or(options.timeout);
  for (Item* item : items) {
    item->under_way = true;
    out.tokens.push_back(item->token);
  }
  ++box->under_way;
  suspects += out.suspect;
  ++box->status.times_sent;
  box->status.last_notification = now;
  return out;
}

void Deliverer::Inside::collect(const BoxPtr& box, Attempts& out) {
  if (stopping || box->closed || !box->subscription || !box->subscription->active || box->items.empty()) return;
  if (box->not_before > steady_now()) return wake_at(box, box->not_before);
  if (box->failing && suspects >= options.suspects_max) return wake_at(box, steady_now() + kSuspectsWait);
  // News of sources differ in their reason: each goes by itself.
  const bool alone = box->subscription->of_sources, merged = !alone && box->subscription->throttling.count() > 0;
  if (merged && box->under_way == 0) {
    if (auto items = box->together(kTogetherMax); !items.empty()) out.push_back(attempt(box, std::move(items), true));
  }
  if (merged) return;
  for (Item* item : box->sendable(box->failing || alone ? 1 : options.under_way_max)) {
    out.push_back(attempt(box, {item}, false));
  }
}

void Deliverer::Inside::send(Attempts attempts) {
  for (Attempt& one : attempts) {
    if (one.subscription->endpoint.protocol == Protocol::mqtt) send_mqtt(std::move(one));
    else send_http(std::move(one));
  }
}

void Deliverer::Inside::send_http(Attempt attempt) {
  net::OutgoingRequest request;
  request.method = net::Method::post;
  request.url = attempt.subscription->endpoint.uri;
  request.headers = std::move(attempt.headers);
  request.body = std::move(attempt.body);
  request.timeout = attempt.timeout;
  request.repeatable = true;  // told at least once
  auto shared = std::make_shared<Attempt>(std::move(attempt));
  client->send(std::move(request), [this, shared](base::Result<net::Response> response) {
    if (!response) return answered(*shared, {Verdict::trouble, response.error().message});
    const Verdict verdict = verdict_of(response->status);
    answered(*shared, {verdict, verdict == Verdict::taken ? std::string()
                                                          : fmt::format("the receiver answered {}", response->status)});
  });
}

void Deliverer::Inside::send_mqtt(Attempt attempt) {
  const Endpoint& endpoint = attempt.subscription->endpoint;
  const auto address = MqttAddress::parse(endpoint.uri);
  if (!address) return answered(attempt, {Verdict::refused, address.error().message});
  const std::string key = fmt::format("{}{}:{}@{}:{}{}", address->tls ? "s:" : "", address->user, address->password,
                                      address->host, address->port, endpoint.mqtt_311 ? "/3" : "");
  net::MqttPublisher* publisher;
  {
    const std::lock_guard lock(mutex);
    auto& mine = publishers[key];
    if (!mine) {
      mine = std::make_unique<net::MqttPublisher>(net::MqttPublisherOptions{
          address->host, address->port, address->user, address->password, address->tls, endpoint.mqtt_311});
    }
    publisher = mine.get();
  }
  net::MqttPublication message{address->topic, mqtt_payload(attempt.headers, attempt.body), endpoint.mqtt_qos,
                               attempt.timeout};
  auto shared = std::make_shared<Attempt>(std::move(attempt));
  publisher->publish(std::move(message), [this, shared](const base::Status& status) {
    answered(*shared, status ? Outcome{} : Outcome{Verdict::trouble, status.error().message});
  });
}

void Deliverer::Inside::take_success(const Attempt& attempt) {
  const BoxPtr& box = attempt.box;
  for (const std::uint64_t token : attempt.tokens) {
    const std::size_t freed = box->settle(token, true);
    bytes -= box->closed ? 0 : freed;
  }
  box->failing = box->refuses_all = false;
  box->backoff.reset();
  box->status.last_success = clock.now();
  box->status.last_error.clear();
  const base::Duration throttling = attempt.subscription->throttling;
  if (throttling.count() > 0) box->not_before = steady_now() + throttling;
}

void Deliverer::Inside::take_failure(const Attempt& attempt, const Outcome& outcome) {
  const BoxPtr& box = attempt.box;
  // Those that were on their way together fail together: that is one failure to wait for, not many.
  const bool counts = attempt.suspect || !box->failing;
  bool over = false;
  for (const std::uint64_t token : attempt.tokens) {
    const bool believed = outcome.verdict == Verdict::refused && box->refuse(token, options.refusals_max);
    const std::size_t freed = box->settle(token, believed);
    bytes -= box->closed ? 0 : freed;
    box->status.refused += believed;
    over |= believed;
  }
  box->failing = true;
  box->status.last_failure = clock.now();
  box->status.last_error = outcome.reason;
  ++box->status.times_failed;
  const std::optional<base::Duration> cooldown = attempt.subscription->endpoint.cooldown;
  if (over) {
    box->refuses_all = true;
    box->backoff.reset();
    box->not_before = cooldown ? steady_now() + *cooldown : SteadyTime{};
  } else if (counts) {
    const base::Duration pause = box->backoff.value_or(cooldown.value_or(options.backoff_first));
    box->not_before = steady_now() + pause;
    box->backoff = std::max(pause, std::min(pause * 2, options.backoff_max));
  }
}

void Deliverer::Inside::answered(const Attempt& attempt, const Outcome& outcome) {
  Attempts next;
  const BoxPtr& box = attempt.box;
  {
    const std::lock_guard lock(mutex);
    suspects -= attempt.suspect;
    --box->under_way;
    if (outcome.verdict == Verdict::taken) take_success(attempt);
    else take_failure(attempt, outcome);
    collect(box, next);
    read_soon(box);
  }
  send(std::move(next));
}

Deliverer::Deliverer(const twin::Twin& twin, const base::Clock& clock, DelivererOptions options)
    : inside_(std::make_unique<Inside>(twin, clock, std::move(options))) {}
Deliverer::~Deliverer() = default;

Deliverer::BoxPtr Deliverer::open(const std::string& id, Seq cursor) {
  auto box = std::make_shared<Box>(id);
  box->position = cursor;
  box->live = true;
  const std::lock_guard lock(inside_->mutex);
  inside_->boxes[id] = box;
  return box;
}

void Deliverer::set(const BoxPtr& box, SubscriptionPtr subscription, Seq seq) {
  Attempts next;
  {
    const std::lock_guard lock(inside_->mutex);
    const bool was_active = !box->subscription || box->subscription->active;
    ++box->version;
    box->subscription = std::move(subscription);
    if (!box->subscription) {
      if (box->live) box->position = std::max(box->position, seq);
      box->live = false;
      return;
    }
    const Subscription& now = *box->subscription;
    if (!now.active) box->pause(seq);
    else if (!was_active || !box->pauses.empty()) box->resume(seq);
    box->next_interval.reset();
    if (now.time_interval && now.active) {
      box->next_interval = steady_now() + *now.time_interval;
      inside_->wake_at(box, *box->next_interval);
    }
    // A new address or new patience deserves a try at once.
    box->not_before = {};
    box->backoff.reset();
    inside_->collect(box, next);
    inside_->read_soon(box);
  }
  inside_->send(std::move(next));
}

void Deliverer::close(const BoxPtr& box) {
  const std::lock_guard lock(inside_->mutex);
  box->closed = true;
  box->live = false;
  inside_->bytes -= box->bytes;
  if (box->due) inside_->due.erase({*box->due, box});
  const auto found = inside_->boxes.find(box->id);
  if (found != inside_->boxes.end() && found->second == box) inside_->boxes.erase(found);
}

void Deliverer::forgive(const BoxPtr& box) {
  const std::lock_guard lock(inside_->mutex);
  box->status.loss.clear();
}

void Deliverer::claim(Seq seq) {
  const std::lock_guard lock(inside_->mutex);
  inside_->claimed = seq;
}

Seq Deliverer::claimed() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->claimed;
}

bool Deliverer::is_live(const BoxPtr& box) {
  return box->live;
}

void Deliverer::offer(const BoxPtr& box, Seq seq, std::vector<flow::EntityId> about, std::vector<std::string> data) {
  Attempts next;
  {
    const std::lock_guard lock(inside_->mutex);
    if (box->closed || !box->live || box->position >= seq) return;
    if (inside_->overflows(*box)) {
      box->live = false;
      box->position = seq - 1;
      return inside_->read_soon(box);
    }
    inside_->bytes += box->push(seq, std::move(about), std::move(data)).bytes;
    inside_->collect(box, next);
  }
  inside_->send(std::move(next));
}

DeliveryStatus Deliverer::status(std::string_view id) const {
  const std::lock_guard lock(inside_->mutex);
  const auto found = inside_->boxes.find(id);
  if (found == inside_->boxes.end()) return {};
  const Box& box = *found->second;
  DeliveryStatus out = box.status;
  out.pending = std::uint64_t(std::ranges::count(box.items, false, &Item::done));
  out.behind = !box.live;
  out.failing = !box.status.last_error.empty() || !box.status.loss.empty();
  return out;
}

void Deliverer::save(const BoxPtr& box, base::ByteWriter& out) const {
  const std::lock_guard lock(inside_->mutex);
  const Seq cursor = box->cursor(inside_->claimed);
  out.varint(cursor);
  out.u8(box->live && box->items.empty());
  out.varint(box->status.times_sent);
  out.varint(box->status.times_failed);
  for (const flow::Instant at : {box->status.last_notification, box->status.last_success, box->status.last_failure}) {
    out.svarint(base::to_us(at));
  }
  out.text(box->status.last_error);
  std::vector<std::pair<Seq, Seq>> pauses = box->pauses;
  std::erase_if(pauses, [&](const auto& pause) { return pause.second <= cursor; });
  out.varint(pauses.size());
  for (const auto& [from, to] : pauses) out.varint(from), out.varint(to);
  out.varint(box->status.refused);
  out.text(box->status.loss);
}

Seq Deliverer::needs_from() const {
  const std::lock_guard lock(inside_->mutex);
  Seq oldest = inside_->claimed;
  for (const auto& [id, box] : inside_->boxes) oldest = std::min(oldest, box->cursor(inside_->claimed));
  return oldest + 1;
}

Deliverer::BoxPtr Deliverer::load(const std::string& id, base::ByteReader& in, int format) {
  auto box = std::make_shared<Box>(id);
  box->position = in.varint();
  box->live = in.u8() != 0;
  box->status.times_sent = in.varint();
  box->status.times_failed = in.varint();
  box->status.last_notification = base::from_us(in.svarint());
  box->status.last_success = base::from_us(in.svarint());
  box->status.last_failure = base::from_us(in.svarint());
  box->status.last_error = in.text();
  const std::uint64_t pauses = in.varint();
  for (std::uint64_t i = 0; i < pauses && in.ok(); ++i) {
    const Seq from = in.varint();
    box->pauses.emplace_back(from, in.varint());
  }
  if (format >= 4) {
    box->status.refused = in.varint();
    box->status.loss = in.text();
  }
  const std::lock_guard lock(inside_->mutex);
  inside_->boxes[id] = box;
  return box;
}

}  // namespace cityloop::notify
