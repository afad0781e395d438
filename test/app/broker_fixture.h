// The standard API with everything real behind it, save the network: requests go straight to the router.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include <gtest/gtest.h>

#include "app/broker.h"
#include "trust/accounts.h"

namespace cityloop::app {

class BrokerFixture {
 public:
  explicit BrokerFixture(std::string_view name, TenantOptions tenants = {.durability = store::Durability::buffered,
                                                                         .keep_log = {},
                                                                         .faults = {}})
      : tenants_(std::move(tenants)),
        folder_(std::filesystem::temp_directory_path() / fmt::format("cityloop-{}-{}", name, ::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
    trust::Principal program;
    program.kind = trust::PrincipalKind::program;
    program.id = "program:test";
    program.roles = {"admin"};
    token_ = accounts_->put_token(program).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    open();
  }
  ~BrokerFixture() {
    close();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    city_ = TenantHouse::make("", (folder_ / "store").string(), tenants_).value();
    BrokerOptions options;
    options.tenants = tenants_;
    options.data_folder = folder_.string();
    broker_ = Broker::open(options, *guard_, city_->tenant()).value();
    router_ = std::make_unique<net::Router>();
    broker_->add_to(*router_);
  }
  void close() {
    router_.reset();
    broker_.reset();
    city_.reset();
  }

  net::Response ask(net::Request request) {
    request.headers.emplace_back("authorization", fmt::format("Bearer {}", token_));
    request.headers.emplace_back("host", "broker.test");
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<net::Response> out;
    router_->dispatch(request, net::Reply([&](net::Response response) {
                        const std::lock_guard lock(mutex);
                        out = std::move(response);
                        answered.notify_one();
                      }));
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return out.has_value(); });
    return std::move(*out);
  }

  const std::filesystem::path& folder() const { return folder_; }
  broker::Tenant& city() { return city_->tenant(); }

 private:
  const TenantOptions tenants_;
  std::filesystem::path folder_;
  base::WallClock clock_;
  trust::Policy policy_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::string token_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<TenantHouse> city_;
  std::unique_ptr<Broker> broker_;
  std::unique_ptr<net::Router> router_;
};

}  // namespace cityloop::app
