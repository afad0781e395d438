// `cityloop broker`: the standard context API alone, without a city. For trying it, for measuring it, and for programs
// on one's own machine that want a context broker and nothing more.
#include <csignal>
#include <filesystem>

#include "app/broker.h"
#include "app/commands.h"
#include "app/loading_server.h"
#include "base/log.h"
#include "net/server.h"
#include "trust/accounts.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Status;

bool is_loopback(std::string_view address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

// For whoever starts the broker: an answer means that everything is loaded.
void add_health(net::Router& router, twin::Twin& twin) {
  router.add(net::Method::get, "/healthz", [&twin](const net::Request&, net::Reply reply) {
    const std::string trouble = twin.trouble();
    if (!trouble.empty()) return reply(net::problem(503, "unavailable", trouble));
    net::Response response;
    response.body = fmt::format(R"({{"status":"ok","entities":{}}})", twin.entity_count());
    reply(std::move(response));
  });
}

// Waits until somebody asks the process to end. Blocked before any thread starts, so that only this one hears.
class EndSignal {
 public:
  EndSignal() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }

 private:
  sigset_t set_{};
};

}  // namespace

Status check_broker_exposure(const BrokerCommandOptions& options) {
  if (is_loopback(options.address) || options.open) return {};
  return fail(Errc::refused,
              "the broker asks nobody who they are, so everyone who reaches {} could read and write everything in it: "
              "listen on 127.0.0.1, or say --open if that is what you want",
              options.address);
}

Status broker(const BrokerCommandOptions& options) {
  const EndSignal end;
  TRY(check_broker_exposure(options));
  std::error_code ignored;
  std::filesystem::create_directories(options.data, ignored);
  const base::WallClock wall;
  const auto accounts = TRY(trust::Accounts::open(accounts_file(options.data), wall));
  const trust::Policy policy;
  const serve::Guard guard(*accounts, policy, serve::Access::open);
  BrokerOptions context;
  context.data_folder = options.data;
  context.alias = options.alias;
  context.tenants.durability = TRY(store::durability_from(options.durability));
  context.tenants.keep_log = options.keep_log;
  context.tenants.keep_history = options.keep_history;
  net::ServerOptions server_options;
  server_options.address = options.address == "localhost" ? "127.0.0.1" : options.address;
  server_options.port = options.port;
  server_options.threads = options.http_threads;
  auto loading = TRY(LoadingServer::start(server_options));
  server_options.port = loading->port();
  const auto city = TRY(TenantHouse::make("", options.data + "/store", context.tenants, loading->listener()));
  const auto api = TRY(Broker::open(context, guard, city->tenant()));
  net::Router router;
  api->add_to(router);
  add_health(router, city->tenant().twin);
  loading.reset();
  const auto server = TRY(net::HttpServer::start(server_options, std::move(router)));
  base::log_info("listening on http://{}:{}/ngsi-ld/v1, {} entities, durability {}", options.address, server->port(),
                 city->tenant().twin.entity_count(), options.durability);
  end.wait();
  base::log_info("ending");
  return {};
}

}  // namespace cityloop::app
