// The deliverer's workings: boxes, the clients that send, the clerk. Inside of the deliverer.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "net/client.h"
#include "net/mqtt_publisher.h"
#include "notify/box.h"
#include "notify/mqtt_address.h"
#include "notify/notice.h"
#include "notify/versions.h"

namespace cityloop::notify {

enum class Verdict : std::uint8_t {
  taken,
  refused,  // understood, and not wanted
  trouble,  // it may go well another time
};
struct Outcome {
  Verdict verdict{Verdict::taken};
  std::string reason;
};

// One attempt, made under the mutex and sent outside of it.
struct Attempt {
  Deliverer::BoxPtr box;
  SubscriptionPtr subscription;
  std::vector<std::uint64_t> tokens;
  std::string body;
  Headers headers;
  base::Duration timeout{};
  bool suspect{false};
};
using Attempts = std::vector<Attempt>;

// A box that is behind, as it was when a slice of the log began to be read for it; and what it wants of that.
struct Reader {
  struct Found {
    flow::Seq seq{};
    std::vector<flow::EntityId> about;
    std::vector<std::string> data;
  };
  Deliverer::BoxPtr box;
  SubscriptionPtr subscription;
  std::vector<std::pair<flow::Seq, flow::Seq>> pauses;
  std::uint64_t version{0};
  flow::Seq position{0};
  std::vector<Found> found;

  bool sleeps_at(const flow::LogRecord& record) const {
    return position >= record.seq || Deliverer::Box::is_paused_at(pauses, record.seq) ||
           subscription->is_expired(record.at);
  }
  Found& found_at(flow::Seq seq) {
    if (found.empty() || found.back().seq != seq) found.push_back({seq, {}, {}});
    return found.back();
  }
};

struct Deliverer::Inside {
  const twin::Twin& twin;
  const base::Clock& clock;
  const DelivererOptions options;

  mutable std::mutex mutex;  // guards all below
  std::map<std::string, BoxPtr, std::less<>> boxes;
  // Behind, and with room for more: those a little behind take turns; those far behind (by position) are read for
  // together, by one who goes up the log, takes along whom he meets, and begins anew with the hindmost.
  std::deque<BoxPtr> to_read;
  std::set<std::pair<flow::Seq, BoxPtr>> far_behind;
  std::set<std::pair<SteadyTime, BoxPtr>> due;
  flow::Seq claimed{0};
  std::size_t bytes{0};
  std::size_t suspects{0};
  std::uint64_t periodic{0};
  bool stopping{false};
  std::condition_variable work;
  std::map<std::string, std::unique_ptr<net::MqttPublisher>> publishers;

  // The clerk's own.
  Versions far_versions{twin};
  flow::Seq far_at{0};
  bool far_turn{false};

  // Their callbacks end with them, before all above goes.
  std::unique_ptr<net::HttpClient> client{std::make_unique<net::HttpClient>()};
  std::thread clerk;

  Inside(const twin::Twin& t, const base::Clock& c, DelivererOptions o)
      : twin(t), clock(c), options(std::move(o)), clerk([this] { run(); }) {}
  ~Inside();

  // deliverer.cc, under the mutex
  void collect(const BoxPtr&, Attempts&);
  Attempt attempt(const BoxPtr&, std::vector<Item*>, bool merged);
  void wake_at(const BoxPtr&, SteadyTime);
  void read_soon(const BoxPtr&);
  bool has_room(const Box&) const;
  bool overflows(const Box&) const;
  // outside of it
  void send(Attempts);
  void send_http(Attempt);
  void send_mqtt(Attempt);
  void answered(const Attempt&, const Outcome&);
  void take_success(const Attempt&);
  void take_failure(const Attempt&, const Outcome&);

  // clerk.cc
  void run();
  void tell_state(const BoxPtr&, std::unique_lock<std::mutex>&);
  void read_turn(std::unique_lock<std::mutex>&);
  std::optional<Reader> reader_of(const BoxPtr&);
  std::vector<Reader> far_readers();
  void read_for(std::vector<Reader>, flow::Seq& at, Versions&, std::unique_lock<std::mutex>&);
  void give(Reader&, flow::Seq done, Attempts&);
  void cannot_read(const BoxPtr&, const base::Error&);
};

}  // namespace cityloop::notify
