#include <charconv>
#include <csignal>
#include <filesystem>

#include "app/commands.h"
#include "app/house.h"
#include "app/intake.h"
#include "app/loading_server.h"
#include "app/machine.h"
#include "app/packages.h"
#include "base/log.h"
#include "net/server.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

struct HostPort {
  std::string host;
  std::uint16_t port{0};
};

Result<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  HostPort out;
  if (colon != std::string_view::npos) {
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), out.port);
    if (error == std::errc{} && end == text.data() + text.size()) {
      out.host = text.substr(0, colon);
      if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
      return out;
    }
  }
  return fail(Errc::invalid, "'{}' is not HOST:PORT", text);
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Beyond this machine nobody is served without accounts and TLS, and never with the demo's known passwords.
Status check_exposure(const ServeOptions& options, const HostPort& listen, const trust::Accounts& accounts) {
  if (is_loopback(listen.host)) return {};
  if (!options.clock_begins.empty())
    return fail(Errc::refused,
                "--clock-begins is for rehearsals: deadlines would be others than people's; only on loopback");
  if (options.demo) return fail(Errc::refused, "--demo makes users whose passwords anyone may know: only on loopback");
  if (options.tls_certificate.empty() || options.tls_key.empty()) {
    return fail(Errc::refused, "to listen on {} give --tls-certificate and --tls-key; without TLS only on 127.0.0.1",
                listen.host);
  }
  if (accounts.empty()) {
    return fail(Errc::refused,
                "to listen on {} make an account first: cityloop account --data {} add user:NAME --role admin",
                listen.host, options.paths.data);
  }
  return {};
}

// The demo's users, with passwords that the sign-in page shows.
Result<std::vector<serve::DemoLogin>> make_demo_users(const serve::City& city, trust::Accounts& accounts) {
  std::vector<serve::DemoLogin> logins;
  for (const serve::City::DemoUser& user : city.demo_users) {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::user;
    principal.id = user.id;
    principal.name = user.name;
    principal.roles = user.roles;
    principal.department = user.department;
    principal.areas = user.areas;
    serve::DemoLogin login{user, fmt::format("cityloop-{}", user.id.substr(user.id.find(':') + 1))};
    TRY(accounts.put_user(principal, login.password));
    logins.push_back(std::move(login));
  }
  return logins;
}

// A moment that stays the same over restarts: else the city's time would go back. Of a rehearsal each start says where
// it goes on, and the machine sees to it that this is not before what the city has had.
Result<base::Pace> pace_of(const ServeOptions& options, bool feed_clock, base::Instant now) {
  if (options.pace == 1 && options.clock_begins.empty()) return base::Pace{};
  if (feed_clock)
    return fail(Errc::invalid, "--pace and --clock-begins are for a city of the wall clock; a replay has --speed");
  if (!options.clock_begins.empty()) {
    if (!options.pace_since.empty()) return fail(Errc::invalid, "--clock-begins and --pace-since exclude each other");
    base::log_warn("a rehearsal: the city's clock begins at {}", options.clock_begins);
    return base::Pace{options.pace, now, TRY(base::parse_time(options.clock_begins))};
  }
  if (options.pace_since.empty()) return fail(Errc::invalid, "--pace needs --pace-since");
  return base::Pace{options.pace, TRY(base::parse_time(options.pace_since))};
}

net::ServerOptions server_of(const ServeOptions& options, const HostPort& listen) {
  net::ServerOptions out;
  out.address = listen.host == "localhost" ? "127.0.0.1" : listen.host;
  out.port = listen.port;
  out.tls_certificate_file = options.tls_certificate;
  out.tls_key_file = options.tls_key;
  out.threads = options.http_threads;
  return out;
}

base::Result<BrokerOptions> broker_of(const ServeOptions& options, const serve::City& city) {
  BrokerOptions out;
  out.data_folder = options.paths.data;
  out.tenants.durability = TRY(store::durability_from(options.durability));
  out.tenants.keep_log = city.keep_log;
  out.tenants.keep_history = city.keep_history;
  return out;
}

// Blocks until somebody asks the process to end. Every thread started later inherits the mask, so only this one hears.
void block_signals(sigset_t& set) {
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

Status serve(const ServeOptions& options) {
  sigset_t signals;
  block_signals(signals);
  const HostPort listen = TRY(parse_host_port(options.listen));
  CitySettings settings = TRY(CitySettings::load(options.paths.city));
  TRY(settings.load_streets(options.paths.city));
  const base::WallClock wall;
  settings.pace = TRY(pace_of(options, settings.city.feed_clock, wall.now()));
  HostPort broker{settings.city.mqtt_host, settings.city.mqtt_port};
  if (!options.mqtt.empty()) broker = TRY(parse_host_port(options.mqtt));
  std::error_code made;
  std::filesystem::create_directories(options.paths.data, made);
  const auto accounts = TRY(trust::Accounts::open(accounts_file(options.paths.data), wall));
  TRY(check_exposure(options, listen, *accounts));

  // Commands are published by the intake, which needs the machine first: the loop reaches it through this pointer.
  auto publisher = std::make_shared<std::atomic<Intake*>>(nullptr);
  const auto publish = [publisher](std::string topic, std::string payload, std::function<void(bool)> done) {
    if (Intake* intake = *publisher) intake->publish(std::move(topic), std::move(payload), std::move(done));
    else if (done) done(false);
  };
  net::ServerOptions server_options = server_of(options, listen);
  auto loading = TRY(LoadingServer::start(server_options));
  server_options.port = loading->port();
  Packages packages = TRY(Packages::make(options.packages, settings, options.paths.city, options.paths.data));
  auto machine = TRY(
      Machine::make(settings, options.paths.data, options.durability, publish, loading->listener(), packages.parts()));
  const auto feeds = TRY(sense::FeedBook::load(options.paths.city, options.paths.source));
  auto intake = TRY(
      Intake::open(*machine, settings, feeds, options.speed.value_or(settings.city.speed), broker.host, broker.port));
  *publisher = intake.get();

  House house(settings, *machine, *intake, *accounts, options.paths.city, packages);
  TRY(house.open_broker(TRY(broker_of(options, settings.city))));
  TRY(house.open_post(options.paths.data));
  TRY(house.open_civic(options.paths.data));
  TRY(house.civic()->start());
  TRY(house.open_participation(options.paths.data, options.demo));
  std::vector<serve::DemoLogin> demo;
  if (options.demo) demo = TRY(make_demo_users(settings.city, *accounts));
  loading.reset();
  auto server = TRY(net::HttpServer::start(server_options, house.routes(std::move(demo), options.web)));
  TRY(machine->start());
  TRY(house.participation()->start());
  TRY(packages.start(house.package_world()));
  TRY(house.post().start());
  TRY(intake->start());
  house.watch_rules();
  base::log_info("listening on {}://{}:{}", options.tls_certificate.empty() ? "http" : "https", listen.host,
                 server->port());

  int signal = 0;
  sigwait(&signals, &signal);
  base::log_info("ending: feeds first, then loops, then the store");
  house.stop_watching();
  server.reset();
  house.post().stop();
  packages.stop();
  intake->stop();
  machine->stop();
  *publisher = nullptr;
  return {};
}

}  // namespace cityloop::app
