#include "net/mqtt_publisher.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "net/reachable.h"

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;
using base::Status;
using Clock = std::chrono::steady_clock;
using Done = std::function<void(Status)>;

constexpr int kKeepAliveS = 30;
constexpr int kTurnMs = 20;
constexpr auto kConnectPatience = std::chrono::seconds(5);
constexpr std::size_t kWaitingMax = 10'000;
constexpr int kRefused = 0x80;

struct Waiting {
  MqttPublication message;
  Done done;
  Clock::time_point until;
};

void start_library() {
  static const int once = mosquitto_lib_init();
  (void)once;
}

}  // namespace

struct MqttPublisher::Inside {
  const MqttPublisherOptions options;
  mosquitto* link{nullptr};
  const int alarm{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // readable once it is to stop
  const int bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};   // readable when something waits

  std::mutex mutex;
  std::condition_variable filled;
  std::deque<Waiting> waiting;  // not handed to the library yet
  std::atomic<bool> stopping{false};

  // The thread's own.
  std::map<int, Waiting> sent;  // by packet id
  std::vector<std::pair<int, bool>> answered;
  bool accepted{false};
  std::string refusal;
  std::thread thread;

  explicit Inside(MqttPublisherOptions given) : options(std::move(given)) {
    start_library();
    thread = std::thread([this] { run(); });
  }
  ~Inside() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    filled.notify_all();
    ring(alarm);
    ring(bell);
    thread.join();
    ::close(alarm);
    ::close(bell);
  }
  static void ring(int which) {
    const std::uint64_t one = 1;
    std::ignore = ::write(which, &one, sizeof one);
  }

  void run() {
    while (!stopping) {
      {
        std::unique_lock lock(mutex);
        filled.wait(lock, [&] { return stopping || !waiting.empty(); });
      }
      if (stopping) break;
      const Status ended = converse();
      if (link) mosquitto_destroy(std::exchange(link, nullptr));
      accepted = false;
      fail_all(ended ? base::Error{Errc::unavailable, "the connection ended"} : ended.error());
    }
    fail_all({Errc::unavailable, "the client has ended"});
  }

  Status told(int code, std::string_view doing) const {
    if (code == MOSQ_ERR_SUCCESS) return {};
    return fail(Errc::unavailable, "{}:{}: cannot {}: {}", options.host, options.port, doing,
                refusal.empty() ? mosquitto_strerror(code) : refusal);
  }

  // One connection, from its beginning to its end.
  Status converse() {
    refusal.clear();
    TRY(check_reachable(options.host, options.port, kConnectPatience, alarm, [this] { return stopping.load(); }));
    TRY(set_up());
    TRY(told(mosquitto_connect(link, options.host.c_str(), options.port, kKeepAliveS), "connect"));
    while (!stopping) {
      if (accepted) TRY(hand_over());
      TRY(turn());
      if (!refusal.empty()) return fail(Errc::unavailable, "{}:{}: {}", options.host, options.port, refusal);
      settle();
    }
    mosquitto_disconnect(link);
    return {};
  }

  // Waits for the broker, or for something to send.
  Status turn() {
    pollfd both[] = {{mosquitto_socket(link), POLLIN, 0}, {bell, POLLIN, 0}};
    if (mosquitto_want_write(link)) both[0].events |= POLLOUT;
    ::poll(both, 2, kTurnMs);
    std::uint64_t rung;
    if (both[1].revents) std::ignore = ::read(bell, &rung, sizeof rung);
    if (both[0].revents) TRY(told(mosquitto_loop_read(link, 1), "read"));
    if (mosquitto_want_write(link)) TRY(told(mosquitto_loop_write(link, 1), "write"));
    return told(mosquitto_loop_misc(link), "keep the connection");
  }

  Status set_up() {
    link = mosquitto_new(nullptr, true, this);
    if (!link) return fail(Errc::unavailable, "no memory for a connection");
    mosquitto_int_option(link, MOSQ_OPT_PROTOCOL_VERSION, options.version_311 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5);
    mosquitto_int_option(link, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_threaded_set(link, true);
    if (!options.user.empty()) {
      TRY(told(mosquitto_username_pw_set(link, options.user.c_str(), options.password.c_str()), "set the user"));
    }
    if (options.tls) TRY(told(mosquitto_int_option(link, MOSQ_OPT_TLS_USE_OS_CERTS, 1), "set TLS"));
    mosquitto_connect_v5_callback_set(link, [](mosquitto*, void* self, int reason, int, const mosquitto_property*) {
      auto& me = *static_cast<Inside*>(self);
      if (reason == 0) me.accepted = true;
      else me.refusal = me.options.version_311 ? mosquitto_connack_string(reason) : mosquitto_reason_string(reason);
    });
    mosquitto_publish_v5_callback_set(link, [](mosquitto*, void* self, int id, int reason, const mosquitto_property*) {
      static_cast<Inside*>(self)->answered.emplace_back(id, reason < kRefused);
    });
    return {};
  }

  Status hand_over() {
    std::deque<Waiting> mine;
    {
      const std::lock_guard lock(mutex);
      mine.swap(waiting);
    }
    while (!mine.empty()) {
      Waiting& next = mine.front();
      int id = 0;
      const int code = mosquitto_publish_v5(link, &id, next.message.topic.c_str(), int(next.message.payload.size()),
                                            next.message.payload.data(), next.message.qos, false, nullptr);
      if (code == MOSQ_ERR_SUCCESS) {
        sent.emplace(id, std::move(next));
      } else {
        const bool later = code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_NOMEM;
        next.done(fail(later ? Errc::unavailable : Errc::invalid, "cannot publish to '{}': {}", next.message.topic,
                       mosquitto_strerror(code)));
      }
      mine.pop_front();
    }
    return {};
  }

  void settle() {
    for (const auto& [id, taken] : std::exchange(answered, {})) {
      const auto found = sent.find(id);
      if (found == sent.end()) continue;
      const Done done = std::move(found->second.done);
      const std::string topic = std::move(found->second.message.topic);
      sent.erase(found);
      done(taken ? Status{} : fail(Errc::refused, "the broker refuses a message to '{}'", topic));
    }
    const auto now = Clock::now();
    std::vector<Waiting> late;
    std::erase_if(sent, [&](auto& entry) {
      return entry.second.until <= now && (late.push_back(std::move(entry.second)), true);
    });
    {
      const std::lock_guard lock(mutex);
      while (!waiting.empty() && waiting.front().until <= now) {
        late.push_back(std::move(waiting.front()));
        waiting.pop_front();
      }
    }
    for (const Waiting& one : late) one.done(fail(Errc::timeout, "the broker did not answer in time"));
  }

  void fail_all(const base::Error& error) {
    std::vector<Waiting> mine;
    for (auto& [id, one] : sent) mine.push_back(std::move(one));
    sent.clear();
    answered.clear();
    {
      const std::lock_guard lock(mutex);
      for (Waiting& one : waiting) mine.push_back(std::move(one));
      waiting.clear();
    }
    for (const Waiting& one : mine) one.done(std::unexpected(error));
  }
};

MqttPublisher::MqttPublisher(MqttPublisherOptions options) : inside_(std::make_unique<Inside>(std::move(options))) {}
MqttPublisher::~MqttPublisher() = default;

void MqttPublisher::publish(MqttPublication message, Done done) {
  const auto until = Clock::now() + message.timeout;
  {
    const std::lock_guard lock(inside_->mutex);
    if (inside_->waiting.size() < kWaitingMax) {
      inside_->waiting.push_back({std::move(message), std::move(done), until});
      done = nullptr;
    }
  }
  if (done) return done(fail(Errc::full, "{} messages wait for the broker", kWaitingMax));
  inside_->filled.notify_one();
  Inside::ring(inside_->bell);
}

}  // namespace cityloop::net
