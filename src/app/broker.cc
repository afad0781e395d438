#include "app/broker.h"

#include "broker/context_routes.h"
#include "broker/discovery_routes.h"
#include "broker/entity_map_routes.h"
#include "broker/entity_routes.h"
#include "broker/snapshot_routes.h"
#include "broker/source/registration_routes.h"
#include "broker/source/routes.h"
#include "broker/subscription_routes.h"
#include "broker/temporal/routes.h"
#include "twin/context/reader.h"
#include "twin/context/store.h"

namespace cityloop::app {

using base::Errc;
using base::fail;
using base::Result;

namespace {

constexpr int kRedirectsMax = 5;

// The body behind the URL of an @context, over so many redirections at most.
void fetch(net::HttpClient& client, const std::string& url, int redirections, const twin::ContextStore::Fetched& done) {
  net::OutgoingRequest request;
  request.url = url;
  request.headers.emplace_back("Accept", "application/ld+json, application/json;q=0.9, */*;q=0.1");
  client.send(std::move(request), [&client, url, redirections, done](Result<net::Response> response) {
    if (!response) return done(fail(Errc::unavailable, "{}: {}", url, response.error().message));
    if (response->status == 200) return done(std::move(response->body));
    std::string location;
    for (const auto& [name, value] : response->headers) {
      if (name == "location" || name == "Location") location = value;
    }
    if (response->status < 300 || response->status >= 400 || location.empty()) {
      return done(fail(Errc::unavailable, "{} answers with {}", url, response->status));
    }
    if (redirections == 0) return done(fail(Errc::unavailable, "{}: too many redirections", url));
    const auto there = twin::resolve_url(url, location);
    if (!there) return done(fail(Errc::unavailable, "{} leads to '{}', which is no URL", url, location));
    fetch(client, *there, redirections - 1, done);
  });
}

}  // namespace

struct Broker::Inside {
  net::HttpClient client;
  std::unique_ptr<HouseTenants> tenants;
  std::unique_ptr<twin::ContextStore> contexts;
  std::unique_ptr<broker::Federation> federation;
  std::unique_ptr<broker::Snapshots> snapshots;
  std::unique_ptr<broker::Desk> desk;

  ~Inside() {
    if (!tenants) return;
    tenants->each([](broker::Tenant& tenant) { tenant.notify.set_contexts(nullptr); });
  }
};

Broker::Broker(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Broker::~Broker() = default;

Result<std::unique_ptr<Broker>> Broker::open(const BrokerOptions& options, const serve::Guard& guard,
                                             broker::Tenant city) {
  auto inside = std::make_unique<Inside>();
  twin::Twin& twin = city.twin;
  inside->tenants = TRY(HouseTenants::open(std::move(city), options.data_folder, options.tenants));
  const auto save = [&twin](std::vector<twin::TablePut> puts) -> base::Status {
    twin::Commit commit;
    commit.puts = std::move(puts);
    return twin.commit(std::move(commit)).status;
  };
  inside->contexts = TRY(twin::ContextStore::open(
      twin.store(), twin.clock(),
      [&client = inside->client](const std::string& url, const twin::ContextStore::Fetched& done) {
        fetch(client, url, kRedirectsMax, done);
      },
      save));
  broker::FederationOptions federation;
  federation.alias = options.alias;
  inside->federation = std::make_unique<broker::Federation>(federation, twin.clock(), *inside->contexts);
  const auto attach = [&federation = *inside->federation, &contexts = *inside->contexts](broker::Tenant& tenant) {
    federation.attach(tenant);
    tenant.notify.set_contexts(&contexts);
  };
  inside->tenants->each(attach);
  inside->tenants->on_new(attach);
  inside->snapshots = std::make_unique<broker::Snapshots>(*inside->tenants, *inside->federation, twin.clock());
  inside->desk = std::make_unique<broker::Desk>(guard, *inside->tenants, *inside->contexts);
  return std::unique_ptr<Broker>(new Broker(std::move(inside)));
}

void Broker::add_to(net::Router& router, decltype(broker::BatchRoutes::told) told) {
  const broker::Desk& desk = *inside_->desk;
  broker::Federation& federation = *inside_->federation;
  broker::EntityRoutes{desk, federation}.add_to(router);
  broker::AttributeRoutes{desk, federation}.add_to(router);
  broker::BatchRoutes{desk, federation, std::move(told)}.add_to(router);
  broker::DiscoveryRoutes{desk, federation}.add_to(router);
  broker::ContextRoutes{desk}.add_to(router);
  broker::SubscriptionRoutes{desk}.add_to(router);
  broker::TemporalRoutes{desk, federation}.add_to(router);
  broker::RegistrationRoutes{desk, federation}.add_to(router);
  broker::SourceRoutes{desk, federation}.add_to(router);
  broker::EntityMapRoutes{desk, federation}.add_to(router);
  broker::SnapshotRoutes{desk, *inside_->snapshots}.add_to(router);
}

}  // namespace cityloop::app
