// The tenants of one server: the city itself, and those that live beside it in folders of their own.
//
//   DATA/store          the city
//   DATA/tenants/NAME   a tenant: store, and loops for history, subscriptions and expiry; no rules and no cases
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "broker/tenant.h"
#include "twin/loop.h"

namespace cityloop::app {

struct TenantOptions {
  store::Durability durability{store::Durability::flushed};
  twin::LogRetention keep_log;          // all of it, unless it says otherwise
  twin::HistoryRetention keep_history;  // likewise
  store::DiskFaults faults;             // of tests
};

// A twin with the loops that the standard API needs. Runs from make() on.
class TenantHouse {
 public:
  static base::Result<std::unique_ptr<TenantHouse>> make(std::string name, const std::string& folder,
                                                         const TenantOptions&,
                                                         std::function<void(const twin::LoadProgress&)> loading = {});
  ~TenantHouse();
  broker::Tenant& tenant() { return *tenant_; }
  const base::Clock& clock() const { return *clock_; }

 private:
  TenantHouse() = default;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<base::Clock> clock_;
  std::unique_ptr<twin::Twin> twin_;
  std::vector<std::unique_ptr<twin::Loop>> loops_;
  std::vector<std::unique_ptr<twin::LoopRunner>> runners_;
  std::unique_ptr<broker::Tenant> tenant_;
};

class HouseTenants final : public broker::Tenants {
 public:
  // Opens all tenants of the data folder. `city` is the one without a name.
  static base::Result<std::unique_ptr<HouseTenants>> open(broker::Tenant city, const std::string& data_folder,
                                                          TenantOptions);

  broker::Tenant* find(std::string_view name) override;
  base::Result<broker::Tenant*> find_or_create(std::string_view name) override;
  void each(const std::function<void(broker::Tenant&)>&) override;
  void forget(std::string_view name) override;
  // Called with each tenant that comes later, before anybody may use it.
  void on_new(std::function<void(broker::Tenant&)>);

 private:
  HouseTenants(broker::Tenant city, std::string folder, TenantOptions options)
      : city_(std::move(city)), folder_(std::move(folder)), options_(std::move(options)) {}
  base::Result<broker::Tenant*> open_one(const std::string& name);

  broker::Tenant city_;
  const std::string folder_;
  const TenantOptions options_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<TenantHouse>, std::less<>> houses_;
  std::function<void(broker::Tenant&)> on_new_;
};

}  // namespace cityloop::app
