// The broker alone: who may use it, and where it listens.
#include <gmock/gmock.h>

#include "app/commands.h"
#include "serve/guard.h"
#include "test/app/broker_fixture.h"

namespace cityloop::app {
namespace {

using net::Method;
using trust::Permission;

class GuardTest : public testing::Test {
 protected:
  GuardTest() : folder_(std::filesystem::temp_directory_path() / fmt::format("cityloop-open-{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
  }
  ~GuardTest() override { std::filesystem::remove_all(folder_); }

  // What the guard says to a request; 200 is the handler's own.
  int ask(const serve::Guard& guard, Permission permission, Method method = Method::get,
          std::vector<std::pair<std::string, std::string>> headers = {}) const {
    const auto handler =
        guard.require(permission, [](const serve::Call&, net::Reply reply) { reply(net::Response{}); });
    net::Request request;
    request.method = method;
    request.headers = std::move(headers);
    int status = 0;
    handler(request, net::Reply([&](const net::Response& response) { status = response.status; }));
    return status;
  }

  base::WallClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<trust::Accounts> accounts_;
  trust::Policy policy_;
};

TEST_F(GuardTest, IsClosedUnlessItIsOpenedAndThenOnlyForEntities) {
  const serve::Guard closed(*accounts_, policy_), open(*accounts_, policy_, serve::Access::open);
  for (std::size_t i = 0; i < trust::kPermissions; ++i) {
    const auto permission = Permission(i);
    const bool entities = permission == Permission::read_city || permission == Permission::write_entities ||
                          permission == Permission::subscribe;
    EXPECT_EQ(ask(closed, permission), 401) << to_string(permission);
    EXPECT_EQ(ask(open, permission), entities ? 200 : 401) << to_string(permission);
    EXPECT_EQ(open.may({}, permission).has_value(), entities) << to_string(permission);
    EXPECT_FALSE(closed.may({}, permission)) << to_string(permission);
  }
}

TEST_F(GuardTest, WhoShowsATokenHasItsRightsAlsoWhereItIsOpen) {
  trust::Principal viewer;
  viewer.kind = trust::PrincipalKind::program;
  viewer.id = "program:display";
  viewer.roles = {"viewer"};
  const std::string token = accounts_->put_token(viewer).value();
  const serve::Guard open(*accounts_, policy_, serve::Access::open);
  const std::vector<std::pair<std::string, std::string>> headers{{"authorization", "Bearer " + token}};
  EXPECT_EQ(ask(open, Permission::read_city, Method::get, headers), 200);
  EXPECT_EQ(ask(open, Permission::write_entities, Method::post, headers), 403);
}

TEST_F(GuardTest, APageOfAnotherSiteDoesNotWriteIntoAnOpenBroker) {
  const serve::Guard open(*accounts_, policy_, serve::Access::open);
  const auto from = [&](std::string origin) {
    return ask(open, Permission::write_entities, Method::post,
               {{"host", "127.0.0.1:1026"}, {"origin", std::move(origin)}});
  };
  EXPECT_EQ(from("http://127.0.0.1:1026"), 200);
  EXPECT_EQ(from("https://elsewhere.example"), 403);
}

TEST(BrokerCommand, ListensBeyondThisMachineOnlyWhenToldTo) {
  BrokerCommandOptions options;
  for (const char* here : {"127.0.0.1", "127.8.8.8", "::1", "localhost"}) {
    options.address = here;
    EXPECT_TRUE(check_broker_exposure(options)) << here;
  }
  for (const char* beyond : {"0.0.0.0", "::", "192.168.1.2"}) {
    options.address = beyond;
    options.open = false;
    const base::Status refused = check_broker_exposure(options);
    ASSERT_FALSE(refused) << beyond;
    EXPECT_THAT(refused.error().message, testing::HasSubstr("--open"));
    options.open = true;
    EXPECT_TRUE(check_broker_exposure(options)) << beyond;
  }
}

}  // namespace
}  // namespace cityloop::app
