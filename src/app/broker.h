// The standard context API over the city and its tenants: what `serve` and `broker` have in common.
#pragma once

#include <memory>
#include <string>

#include "app/tenants.h"
#include "broker/batch_routes.h"
#include "broker/exchange.h"
#include "broker/federation/federation.h"
#include "net/client.h"

namespace cityloop::app {

struct BrokerOptions {
  std::string data_folder;
  std::string alias{"cityloop"};  // of this broker among others, in Via
  TenantOptions tenants{};
};

class Broker {
 public:
  // `city` must outlive it. Opens all tenants.
  static base::Result<std::unique_ptr<Broker>> open(const BrokerOptions&, const serve::Guard&, broker::Tenant city);
  ~Broker();

  void add_to(net::Router&, decltype(broker::BatchRoutes::told) told = {});

 private:
  struct Inside;
  explicit Broker(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::app
