// district_simulator: the devices of the simulated district on a real MQTT broker, until it is told to stop.
//
// A message that the broker has not acknowledged is kept and sent again, as a device with a memory would do; so what a
// test counts as acknowledged really reached the broker.
#include <csignal>
#include <iostream>
#include <mutex>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "demo/simulator/district.h"
#include "demo/simulator/load.h"
#include "net/mqtt.h"

namespace cityloop::demo {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

struct Settings {
  std::string mqtt{"127.0.0.1:1883"};
  std::string tables{"demo/district/tables"};
  std::string storm_every{"4m"};
  std::string first_storm{"15s"};
  std::string client_id{"district-simulator"};
  DistrictOptions district;
  LoadOptions load;
  double stop_after_s{0};
};

// Between the district and the broker: bounded, keeps what was not acknowledged. Only main's thread calls send and
// flush; the broker's answers come on another.
class Outbox {
 public:
  explicit Outbox(net::MqttClient& client) : client_(client) {}

  void add(std::vector<Message> messages) {
    const std::scoped_lock lock(mutex_);
    for (Message& message : messages) {
      if (waiting_.size() >= kWaitingMax) {
        ++dropped_;
        continue;
      }
      waiting_.push_back(std::move(message));
    }
  }
  void flush() {
    while (client_.connected()) {
      Message message;
      {
        const std::scoped_lock lock(mutex_);
        if (waiting_.empty() || in_flight_ >= kInFlightMax) return;
        message = std::move(waiting_.front());
        waiting_.pop_front();
        ++in_flight_;
      }
      client_.publish(message.topic, message.payload, [this, message](bool reached) {
        const std::scoped_lock lock(mutex_);
        --in_flight_;
        if (reached) {
          ++acknowledged_;
        } else {
          waiting_.push_front(message);
        }
      });
    }
  }
  struct Counts {
    std::uint64_t acknowledged, dropped, waiting;
  };
  Counts counts() const {
    const std::scoped_lock lock(mutex_);
    return {acknowledged_, dropped_, waiting_.size() + in_flight_};
  }

 private:
  static constexpr std::size_t kWaitingMax = 1'000'000;
  static constexpr std::size_t kInFlightMax = 5'000;

  net::MqttClient& client_;
  mutable std::mutex mutex_;
  std::deque<Message> waiting_;
  std::size_t in_flight_{0};
  std::uint64_t acknowledged_{0}, dropped_{0};
};

class Inbox {
 public:
  bool add(std::vector<net::MqttMessage> messages) {
    const std::scoped_lock lock(mutex_);
    for (net::MqttMessage& message : messages) messages_.push_back(std::move(message));
    return true;
  }
  std::vector<net::MqttMessage> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(messages_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<net::MqttMessage> messages_;
};

base::Status parse_arguments(int argc, char** argv, Settings& to) {
  CLI::App app("The devices of the simulated district, on a real MQTT broker.");
  app.add_option("--mqtt", to.mqtt, "broker, HOST:PORT")->capture_default_str();
  app.add_option("--tables", to.tables, "folder with the district's tables")->capture_default_str();
  app.add_option("--seed", to.district.seed, "another course of weather and chance")->capture_default_str();
  app.add_option("--storm-every", to.storm_every, "from storm to storm")->capture_default_str();
  app.add_option("--first-storm", to.first_storm, "after the start")->capture_default_str();
  app.add_option("--day-speed", to.district.day_speed, "how fast the hours of the day pass")->capture_default_str();
  app.add_option("--day-start", to.district.day_starts_h, "hour of the day at the start")->capture_default_str();
  app.add_option("--fault-rate", to.district.fault_rate, "share of a pump's starts that fail")->capture_default_str();
  app.add_option("--rate", to.load.messages_per_s,
                 "instead of the district: so many readings of its noise meters a second");
  app.add_option("--rate-count", to.load.count, "end after so many of them; 0: never")->capture_default_str();
  app.add_option("--loud-every", to.load.loud_every, "one in so many of them is 110 dB; 0: none")
      ->capture_default_str();
  app.add_option("--stop-after", to.stop_after_s, "end after so many seconds; 0: never")->capture_default_str();
  app.add_option("--client-id", to.client_id, "name towards the broker")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    std::exit(app.exit(problem));
  }
  to.district.storm_every = TRY(base::parse_duration(to.storm_every));
  to.district.first_storm = TRY(base::parse_duration(to.first_storm));
  return {};
}

base::Result<net::MqttOptions> broker_of(const Settings& settings) {
  const std::size_t colon = settings.mqtt.rfind(':');
  unsigned port = 0;
  if (colon != std::string::npos) {
    std::from_chars(settings.mqtt.data() + colon + 1, settings.mqtt.data() + settings.mqtt.size(), port);
  }
  if (port == 0 || port > 65535)
    return base::fail(base::Errc::invalid, "--mqtt {}: HOST:PORT is wanted", settings.mqtt);
  net::MqttOptions options;
  options.host = settings.mqtt.substr(0, colon);
  options.port = std::uint16_t(port);
  options.client_id = settings.client_id;
  options.subscriptions = {"cityloop/+/cmd"};
  return options;
}

void account(const Outbox& outbox, const District& district) {
  const Outbox::Counts counts = outbox.counts();
  base::log_info("acknowledged {}, waiting {}, dropped {}, commands not understood {}", counts.acknowledged,
                 counts.waiting, counts.dropped, district.bad_commands());
}

base::Status live(Settings settings) {
  const base::WallClock clock;
  settings.district.start = std::chrono::floor<std::chrono::seconds>(clock.now());
  const std::unique_ptr<District> district = TRY(District::load(settings.tables, settings.district));
  Inbox inbox;
  net::MqttOptions options = TRY(broker_of(settings));
  options.on_messages = [&inbox](std::vector<net::MqttMessage> messages) { return inbox.add(std::move(messages)); };
  const std::unique_ptr<net::MqttClient> client = TRY(net::MqttClient::start(std::move(options)));
  Outbox outbox(*client);
  const bool loaded = settings.load.messages_per_s > 0;
  Load load(settings.load, clock.now(), district->ids("noise"));
  base::log_info("{} devices, seed {}, broker {}", district->device_count(), settings.district.seed, settings.mqtt);

  const Instant begun = clock.now();
  Instant next_account = begun + std::chrono::seconds(30);
  while (!stop_asked) {
    const Instant now = clock.now();
    for (const net::MqttMessage& message : inbox.take())
      outbox.add(district->command(message.topic, message.payload, now));
    outbox.add(loaded ? load.advance(now) : district->advance(now));
    outbox.flush();
    if (now >= next_account) account(outbox, *district), next_account = now + std::chrono::seconds(30);
    const bool over = settings.stop_after_s > 0 && now - begun > std::chrono::duration<double>(settings.stop_after_s);
    if ((over || load.done()) && outbox.counts().waiting == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(loaded ? 5 : 50));
  }
  account(outbox, *district);
  return {};
}

}  // namespace
}  // namespace cityloop::demo

int main(int argc, char** argv) {
  using namespace cityloop;
  std::signal(SIGINT, [](int) { demo::stop_asked = 1; });
  std::signal(SIGTERM, [](int) { demo::stop_asked = 1; });
  demo::Settings settings;
  base::Status done = demo::parse_arguments(argc, argv, settings);
  if (done) done = demo::live(settings);
  if (done) return 0;
  base::log_error("{}", done.error().message);
  return 1;
}
