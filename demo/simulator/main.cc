// district_simulator: the devices of the simulated district on a real MQTT broker, until it is told to stop.
#include <csignal>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "demo/device_link/device_link.h"
#include "demo/simulator/district.h"
#include "demo/simulator/load.h"

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

void account(const DeviceLink& link, const District& district) {
  const DeviceLink::Counts counts = link.counts();
  base::log_info("acknowledged {}, waiting {}, dropped {}, commands not understood {}", counts.acknowledged,
                 counts.waiting, counts.dropped, district.bad_commands());
}

void say_all(DeviceLink& link, std::vector<Message> messages) {
  for (Message& message : messages) link.say(std::move(message.topic), std::move(message.payload));
}

base::Status live(Settings settings) {
  const base::WallClock clock;
  settings.district.start = std::chrono::floor<std::chrono::seconds>(clock.now());
  const std::unique_ptr<District> district = TRY(District::load(settings.tables, settings.district));
  const std::unique_ptr<DeviceLink> link = TRY(DeviceLink::open(settings.mqtt, settings.client_id, {"cityloop/+/cmd"}));
  const bool loaded = settings.load.messages_per_s > 0;
  Load load(settings.load, clock.now(), district->ids("noise"));
  base::log_info("{} devices, seed {}, broker {}", district->device_count(), settings.district.seed, settings.mqtt);

  const Instant begun = clock.now();
  Instant next_account = begun + std::chrono::seconds(30);
  while (!stop_asked) {
    const Instant now = clock.now();
    for (const net::MqttMessage& message : link->take())
      say_all(*link, district->command(message.topic, message.payload, now));
    say_all(*link, loaded ? load.advance(now) : district->advance(now));
    link->flush();
    if (now >= next_account) account(*link, *district), next_account = now + std::chrono::seconds(30);
    const bool over = settings.stop_after_s > 0 && now - begun > std::chrono::duration<double>(settings.stop_after_s);
    if ((over || load.done()) && link->counts().waiting == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(loaded ? 5 : 50));
  }
  account(*link, *district);
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
