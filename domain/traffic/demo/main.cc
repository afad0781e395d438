// traffic_simulator: a small inner city of our own in SUMO, with a controller in the cabinet of each of its junctions,
// on a real MQTT broker; or, without one, an hour of it by the fixed plan as fast as it goes.
#include <charconv>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/paced_clock.h"
#include "base/rng.h"
#include "demo/device_link/device_link.h"
#include "domain/traffic/demo/demand.h"
#include "domain/traffic/demo/describe.h"
#include "domain/traffic/demo/town.h"
#include "domain/traffic/demo/trial_book.h"
#include "domain/traffic/signal/sumo_net.h"

namespace cityloop::traffic {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

struct Settings {
  std::string mqtt;  // empty: by the plan alone
  std::string network{"domain/traffic/demo/network"};
  std::string work{"build/run/traffic-streets"};
  std::string describe, report;
  std::string buses;  // file for the buses' GTFS-Realtime feed
  TrialBookOptions trial{.controller = {}};
  std::string client_id{"traffic-simulator"};
  std::vector<std::string> faults;
  DemandOptions demand;
  double warm_up_s{900};
  double stop_after_s{0};
  double speed{1};
  double since_s{0};    // Unix: from when on the city's clock goes at that speed; 0: never
  double live_at_s{0};  // Unix, the city's: when the warm-up is thought to be over; 0: when it is
  double mishaps_every_s{0};
};

void parse_arguments(int argc, char** argv, Settings& to) {
  CLI::App app("A small inner city in SUMO, with a controller in the cabinet of each junction.");
  app.add_option("--mqtt", to.mqtt, "broker, HOST:PORT; without it the fixed plan runs, as fast as it goes");
  app.add_option("--network", to.network, "folder with the streets' sources")->capture_default_str();
  app.add_option("--work", to.work, "folder for what is made of them")->capture_default_str();
  app.add_option("--describe", to.describe, "write the settings of these streets into this city's folder, and end");
  app.add_option("--seed", to.demand.seed, "another course of the traffic")->capture_default_str();
  app.add_option("--cars", to.demand.cars_per_h, "an hour, in the whole town")->capture_default_str();
  app.add_option("--warm-up", to.warm_up_s, "seconds by the fixed plan, before anybody is told anything")
      ->capture_default_str();
  app.add_option("--stop-after", to.stop_after_s, "end after so many seconds of the streets; 0: never")
      ->capture_default_str();
  app.add_option("--speed", to.speed, "seconds of the streets in one of ours; the server's --pace")
      ->check(CLI::Range(0.1, 100.0))
      ->capture_default_str();
  app.add_option("--since", to.since_s, "Unix second from which on they go so; the server's --pace-since");
  app.add_option("--fault", to.faults, "LANE:stuck|negative|doubled|silent, JUNCTION:late:SECONDS; again and again");
  app.add_option("--report", to.report, "file for the figures, written every few seconds and at the end");
  app.add_option("--buses", to.buses, "file for the buses' GTFS-Realtime feed, written every two seconds");
  app.add_option("--trial", to.trial.trial, "file for how it goes, minute by minute, as a trial");
  app.add_option("--minutes", to.trial.minutes, "file for the same, as another run's --against reads it");
  app.add_option("--against", to.trial.against, "minutes of another run of this seed, to stand beside this one's");
  app.add_option("--live-at", to.live_at_s, "Unix second at which the buses' timetable takes the warm-up to be over");
  app.add_option("--mishaps", to.mishaps_every_s, "seconds from one blocked street to the next; 0: none")
      ->capture_default_str();
  app.add_option("--client-id", to.client_id, "name towards the broker")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    std::exit(app.exit(problem));
  }
}

base::Status apply_faults(Town& town, const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) {
    const std::size_t first = std::min(fault.find(':'), fault.size());
    const std::size_t second = std::min(fault.find(':', first + 1), fault.size());
    double seconds = 5;
    std::from_chars(fault.data() + std::min(second + 1, fault.size()), fault.data() + fault.size(), seconds);
    const std::string_view kind = std::string_view(fault).substr(std::min(first + 1, fault.size()));
    TRY(town.apply_fault(std::string_view(fault).substr(0, first), kind.substr(0, kind.find(':')), seconds));
  }
  return {};
}

void report(const Settings& settings, const std::string& figures) {
  if (!settings.report.empty()) std::ofstream(settings.report) << figures << '\n';
}

// Until the traffic is what it is in the middle of a day.
base::Status warm_up(Streets& streets, Town& town, const base::Clock& clock, double seconds) {
  std::vector<TownMessage> unheard;
  base::log_info("{:.0f} s by the fixed plan, so that the streets fill (a few seconds)", seconds);
  while (streets.now_s() < seconds && !stop_asked) TRY(town.advance(clock.now(), true, unheard));
  town.start_count();
  return {};
}

// Now and then a vehicle stands in the way on one of the busy streets, for six minutes: the next a while after the
// last, where the seed says.
class Mishaps {
 public:
  Mishaps(const Settings& settings, Streets& streets)
      : every_s_(settings.mishaps_every_s), rng_(settings.demand.seed * 31 + 7), streets_(streets) {}

  base::Status look(double passed_s) {
    if (every_s_ <= 0 || passed_s < next_s_) return {};
    constexpr const char* kEdges[] = {"c1-c2", "c3-c2", "c2-c3", "r6-r7", "r2-r3", "c4-c2"};
    const auto chosen = std::size_t(rng_.uniform() * double(std::size(kEdges)));
    next_s_ += every_s_;
    base::log_info("{} is blocked for six minutes", kEdges[chosen]);
    return streets_.block(kEdges[chosen], streets_.now_s() + 360);
  }

 private:
  const double every_s_;
  base::Rng rng_;
  Streets& streets_;
  double next_s_{240};
};

class Live {
 public:
  Live(const Settings& settings, Streets& streets, Town& town, const base::Clock& clock, demo::DeviceLink* link)
      : settings_(settings),
        streets_(streets),
        town_(town),
        link_(link),
        clock_(clock),
        mishaps_(settings, streets),
        trial_(settings.trial) {}

  base::Status run() {
    using SteadyClock = std::chrono::steady_clock;
    const SteadyClock::time_point begun = SteadyClock::now();
    const double begun_s = streets_.now_s();
    while (!stop_asked) {
      const double passed_s = streets_.now_s() - begun_s;
      if (settings_.stop_after_s > 0 && passed_s >= settings_.stop_after_s) break;
      if (link_)
        std::this_thread::sleep_until(begun + std::chrono::duration_cast<SteadyClock::duration>(
                                                  std::chrono::duration<double>(passed_s / settings_.speed)));
      TRY(mishaps_.look(passed_s));
      TRY(second());
      const auto second = std::int64_t(passed_s);
      if (second % 5 == 4) report(settings_, town_.figures(clock_.now()));
      if (second % 2 == 1 && !settings_.buses.empty())
        TRY(base::write_file_atomic(settings_.buses, write_realtime(town_.bus_feed(clock_.now()))));
      TRY(trial_.look(streets_, clock_.now()));
    }
    return {};
  }

 private:
  base::Status second() {
    if (link_)
      for (const net::MqttMessage& message : link_->take()) town_.take(message.topic, message.payload);
    std::vector<TownMessage> out;
    TRY(town_.advance(clock_.now(), link_ == nullptr, out));
    if (!link_) return {};
    // What a detector measured while nobody could hear it is of no use later: receipts alone wait for the broker.
    for (TownMessage& message : out) {
      const bool receipt = message.topic.starts_with("cityloop/");
      link_->say(std::move(message.topic), std::move(message.payload),
                 receipt ? demo::Keep::until_heard : demo::Keep::now_or_never);
    }
    link_->flush();
    return {};
  }

  const Settings& settings_;
  Streets& streets_;
  Town& town_;
  demo::DeviceLink* link_;  // null: nobody hears
  const base::Clock& clock_;
  Mishaps mishaps_;
  TrialBook trial_;
};

// Where the net has each of two movements give way to the other, nobody has way: they are never green together.
base::Result<std::vector<Junction>> junctions_of(const std::filesystem::path& net) {
  std::vector<Junction> junctions = TRY(read_sumo_net(net, {.all_red_s = 1, .clearing_stage = true}));
  for (Junction& junction : junctions) {
    const std::size_t count = junction.movements.size();
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        Conflict &one = junction.conflicts[a * count + b], &other = junction.conflicts[b * count + a];
        if (one == Conflict::yields && other == Conflict::yields) one = other = Conflict::excludes;
      }
    }
    TRY(check(junction));
  }
  return junctions;
}

base::Instant from_unix(double s) {
  return base::from_us(std::int64_t(s * 1e6));
}

base::Result<TownParts> parts_of(const Settings& settings, const base::Clock& clock) {
  const std::filesystem::path network = settings.network;
  const base::Instant live_at =
      settings.live_at_s > 0 ? from_unix(settings.live_at_s) : std::chrono::floor<std::chrono::seconds>(clock.now());
  return TownParts{.lines = TRY(read_bus_lines(network)),
                   .garages = TRY(read_garages(network / "garages.csv")),
                   .signs = TRY(read_signs(network / "signs.csv")),
                   .begins = live_at - std::chrono::seconds(std::int64_t(settings.warm_up_s)),
                   .zone = TRY(base::TimeZone::load("Europe/Amsterdam"))};
}

base::Status run(Settings settings) {
  const std::filesystem::path net = TRY(make_net(settings.network, settings.work));
  const std::vector<Junction> junctions = TRY(junctions_of(net));
  TRY(write_demand(settings.network, settings.work, settings.demand));
  const std::unique_ptr<Streets> streets = TRY(Streets::open(net, settings.work, settings.demand.seed));
  const base::WallClock wall;
  const bool paced = settings.since_s > 0;
  const base::PacedClock clock({settings.speed, paced ? from_unix(settings.since_s) : base::kNever}, wall);
  TownParts parts = TRY(parts_of(settings, clock));
  if (!settings.describe.empty())
    return describe({*streets, junctions, parts, settings.demand.hours, settings.demand.seed}, settings.describe);

  settings.trial.seed = settings.demand.seed;
  settings.trial.controller = settings.mqtt.empty() ? "fixed" : "planner";
  Town town(*streets, junctions, std::move(parts));
  TRY(apply_faults(town, settings.faults));
  TRY(warm_up(*streets, town, clock, settings.warm_up_s));
  std::unique_ptr<demo::DeviceLink> link;
  if (!settings.mqtt.empty())
    link = TRY(demo::DeviceLink::open(settings.mqtt, settings.client_id, {"cityloop/+/cmd", "traffic/demo/#"}));
  base::log_info("{} junctions, seed {}, {}", junctions.size(), settings.demand.seed,
                 link ? "broker " + settings.mqtt : "by the fixed plan");
  TRY(Live(settings, *streets, town, clock, link.get()).run());
  const std::string figures = town.figures(clock.now());
  report(settings, figures);
  std::cout << figures << '\n';
  return {};
}

}  // namespace
}  // namespace cityloop::traffic

int main(int argc, char** argv) {
  using namespace cityloop;
  std::signal(SIGINT, [](int) { traffic::stop_asked = 1; });
  std::signal(SIGTERM, [](int) { traffic::stop_asked = 1; });
  traffic::Settings settings;
  traffic::parse_arguments(argc, argv, settings);
  const base::Status done = traffic::run(settings);
  if (done) return 0;
  base::log_error("{}", done.error().message);
  return 1;
}
