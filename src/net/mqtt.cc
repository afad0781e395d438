#include "net/mqtt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "net/mqtt_link.h"

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kWaitingMax = 10'000;
constexpr std::size_t kInFlightMax = 100;
constexpr auto kBackOffMin = milliseconds(100), kBackOffMax = milliseconds(10'000);
constexpr auto kSteadyAfter = std::chrono::seconds(10);  // a connection that stood so long ends the back-off
constexpr auto kAnswerPatience = std::chrono::seconds(10);
constexpr auto kFarewellPatience = std::chrono::seconds(1);
constexpr int kPollMs = 500;

struct Outgoing {
  std::string topic, payload;
  std::function<void(bool)> done;
  std::uint64_t turn{0};  // in the order given: packet ids begin anew after 65,535
  void tell(bool taken) const {
    if (done) done(taken);
  }
};

// Wakes a poll from another thread.
class Alarm {
 public:
  Alarm() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Alarm() { ::close(descriptor_); }
  Alarm(const Alarm&) = delete;
  int descriptor() const { return descriptor_; }
  void ring() {
    const std::uint64_t one = 1;
    (void)!::write(descriptor_, &one, sizeof one);
  }
  void quiet() {
    std::uint64_t ignored;
    (void)!::read(descriptor_, &ignored, sizeof ignored);
  }

 private:
  int descriptor_;
};

}  // namespace

struct MqttClient::Inside {
  explicit Inside(MqttOptions options_)
      : options(std::move(options_)), random(std::uint64_t(Steady::now().time_since_epoch().count())) {}

  const MqttOptions options;
  Alarm alarm;
  std::atomic<bool> stopping{false}, connected{false};
  base::Rng random;                   // for the back-off's jitter
  std::map<int, Outgoing> in_flight;  // the client's thread only
  bool accepted{false};               // by the broker; the client's thread only
  milliseconds back_off{kBackOffMin};

  mutable std::mutex mutex;  // guards what follows
  std::deque<Outgoing> waiting;
  std::size_t outstanding{0};  // waiting and in flight
  std::uint64_t turns{0};
  Stats stats{};

  std::thread thread;

  void run();
  Status serve(MqttLink&);
  void note_progress(const MqttLink&);
  Status wait_for_work(MqttLink&);
  Status deliver(MqttLink&);
  Status send_waiting(MqttLink&);
  void settle(MqttLink&);
  void finish(const Outgoing&, bool taken);
  void take_back();
  void note_end(std::string why);
  void rest();
  bool idle() const {
    const std::lock_guard lock(mutex);
    return outstanding == 0;
  }
};

void MqttClient::Inside::run() {
  while (!stopping) {
    auto link = MqttLink::open(options, alarm.descriptor(), [this] { return stopping.load(); });
    const Status ended = link ? serve(**link) : Status(std::unexpected(link.error()));
    connected = false;
    if (link) {
      settle(**link);
      link->reset();
    }
    take_back();
    if (std::exchange(accepted, false)) {
      const std::lock_guard lock(mutex);
      ++stats.disconnects;
    }
    if (!ended) note_end(ended.error().message);
    rest();
  }
  std::deque<Outgoing> left;
  {
    const std::lock_guard lock(mutex);
    left.swap(waiting);
  }
  for (const Outgoing& one : left) finish(one, false);
}

// Until the connection ends, which is an error, or until the client is to stop and has nothing left to send.
Status MqttClient::Inside::serve(MqttLink& link) {
  const auto begun = Steady::now();
  std::optional<Steady::time_point> last_call;
  while (true) {
    TRY(wait_for_work(link));
    note_progress(link);
    TRY(deliver(link));
    TRY(send_waiting(link));
    TRY(link.write());
    TRY(link.keep_alive());
    const auto now = Steady::now();
    if (!link.ready() && now - begun > kAnswerPatience) {
      return fail(Errc::timeout, "{}:{}: the broker does not answer", options.host, options.port);
    }
    if (now - begun > kSteadyAfter) back_off = kBackOffMin;
    if (!stopping) continue;
    if (!last_call) last_call = now + kFarewellPatience;
    if (!link.ready() || idle() || now > *last_call) return link.say_goodbye(), Status{};
  }
}

// A kept session's messages come before the subscriptions are answered, so being accepted and being ready are two.
void MqttClient::Inside::note_progress(const MqttLink& link) {
  if (link.accepted() && !accepted) {
    accepted = true;
    const std::lock_guard lock(mutex);
    ++stats.connects;
  }
  if (link.ready() && !connected) {
    connected = true;
    const std::lock_guard lock(mutex);
    stats.last_error = link.trouble();
  }
}

Status MqttClient::Inside::wait_for_work(MqttLink& link) {
  const auto events = short(POLLIN | (link.wants_write() ? POLLOUT : 0));
  pollfd watched[] = {{link.socket(), events, 0}, {alarm.descriptor(), POLLIN, 0}};
  if (::poll(watched, 2, stopping ? 20 : kPollMs) < 0 && errno != EINTR) {
    return fail(Errc::unavailable, "cannot wait for the broker: {}", std::strerror(errno));
  }
  if (watched[1].revents) alarm.quiet();
  if (watched[0].revents & (POLLIN | POLLHUP | POLLERR)) TRY(link.read());
  return {};
}

// Returns only when the receiver has made the batch durable; the acknowledgements wait in the link until then.
Status MqttClient::Inside::deliver(MqttLink& link) {
  settle(link);
  std::vector<MqttMessage> batch = link.take_messages();
  if (batch.empty()) return {};
  const std::size_t size = batch.size();
  {
    const std::lock_guard lock(mutex);
    stats.received += size;
    stats.last_message = base::WallClock().now();
  }
  if (options.on_messages && !options.on_messages(std::move(batch))) {
    return fail(Errc::refused, "{} messages could not be kept and are left with the broker", size);
  }
  back_off = kBackOffMin;
  const std::lock_guard lock(mutex);
  stats.acknowledged += size;
  return {};
}

Status MqttClient::Inside::send_waiting(MqttLink& link) {
  while (link.ready() && in_flight.size() < kInFlightMax) {
    Outgoing next;
    {
      const std::lock_guard lock(mutex);
      if (waiting.empty()) return {};
      next = std::move(waiting.front());
      waiting.pop_front();
    }
    const auto id = link.publish(next.topic, next.payload);
    if (id) {
      in_flight.emplace(*id, std::move(next));
    } else if (id.error().code == Errc::unavailable) {
      const std::lock_guard lock(mutex);
      waiting.push_front(std::move(next));
      return std::unexpected(id.error());
    } else {
      base::log_warn("mqtt {}: {}", options.client_id, id.error().message);
      finish(next, false);
    }
  }
  return {};
}

void MqttClient::Inside::settle(MqttLink& link) {
  for (const auto& [id, taken] : link.take_published()) {
    const auto node = in_flight.extract(id);
    if (!node.empty()) finish(node.mapped(), taken);
  }
}

void MqttClient::Inside::finish(const Outgoing& one, bool taken) {
  {
    const std::lock_guard lock(mutex);
    --outstanding;
    ++(taken ? stats.published : stats.publish_failed);
  }
  one.tell(taken);
}

// What the broker has not confirmed goes to the front again, in the order it was given.
void MqttClient::Inside::take_back() {
  std::vector<Outgoing> unsure;
  for (auto& [id, one] : in_flight) unsure.push_back(std::move(one));
  in_flight.clear();
  std::sort(unsure.begin(), unsure.end(), [](const auto& a, const auto& b) { return a.turn < b.turn; });
  const std::lock_guard lock(mutex);
  waiting.insert(waiting.begin(), std::make_move_iterator(unsure.begin()), std::make_move_iterator(unsure.end()));
}

void MqttClient::Inside::note_end(std::string why) {
  if (stopping) return;
  const std::lock_guard lock(mutex);
  if (stats.last_error != why) base::log_warn("mqtt {}: {}; trying again", options.client_id, why);
  stats.last_error = std::move(why);
}

void MqttClient::Inside::rest() {
  const auto until = Steady::now() + std::chrono::duration_cast<milliseconds>(back_off * random.uniform(0.5, 1.0));
  back_off = std::min(back_off * 2, kBackOffMax);
  while (!stopping) {
    const auto left = std::chrono::ceil<milliseconds>(until - Steady::now());
    if (left.count() <= 0) return;
    pollfd one{alarm.descriptor(), POLLIN, 0};
    if (::poll(&one, 1, int(left.count())) > 0) alarm.quiet();
  }
}

MqttClient::MqttClient(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {
  inside_->thread = std::thread([in = inside_.get()] { in->run(); });
}

MqttClient::~MqttClient() {
  inside_->stopping = true;
  inside_->alarm.ring();
  inside_->thread.join();
}

Result<std::unique_ptr<MqttClient>> MqttClient::start(MqttOptions options) {
  if (options.client_id.empty())
    return fail(Errc::invalid, "an MQTT client needs a client id: its session is kept by it");
  if (options.host.empty() || options.port == 0) return fail(Errc::invalid, "an MQTT client needs its broker's host");
  if (options.batch_max == 0) return fail(Errc::invalid, "an MQTT client's batch_max must be 1 at least");
  if (!options.subscriptions.empty() && !options.on_messages) {
    return fail(Errc::invalid, "an MQTT client that subscribes needs a receiver");
  }
  for (const std::string& filter : options.subscriptions) {
    if (!is_topic_filter(filter)) return fail(Errc::invalid, "'{}' is no topic filter", filter);
  }
  return std::unique_ptr<MqttClient>(new MqttClient(std::make_unique<Inside>(std::move(options))));
}

void MqttClient::publish(std::string topic, std::string payload, std::function<void(bool)> done) {
  Outgoing one{std::move(topic), std::move(payload), std::move(done), 0};
  {
    const std::lock_guard lock(inside_->mutex);
    if (inside_->outstanding < kWaitingMax) {
      ++inside_->outstanding;
      one.turn = ++inside_->turns;
      inside_->waiting.push_back(std::move(one));
      inside_->alarm.ring();
      return;
    }
    ++inside_->stats.publish_failed;
  }
  one.tell(false);
}

bool MqttClient::connected() const {
  return inside_->connected;
}

MqttClient::Stats MqttClient::stats() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->stats;
}

}  // namespace cityloop::net
