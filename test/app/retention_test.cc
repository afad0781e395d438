// How long histories are kept: as city.toml says it, and what is left to read.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "app/tenants.h"
#include "serve/city.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::app {
namespace {

class Retention : public testing::Test {
 protected:
  Retention() : folder_(std::filesystem::temp_directory_path() / fmt::format("cityloop-retention-{}", ::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Retention() override { std::filesystem::remove_all(folder_); }

  base::Result<serve::City> city(std::string_view settings) {
    const std::string file = (folder_ / "city.toml").string();
    std::ofstream(file) << "name = {en = \"Test\", zh = \"测试\"}\ncenter = [10.2, 56.2]\n" << settings;
    return serve::City::load(file);
  }
  std::filesystem::path folder_;
};

TEST_F(Retention, IsForEverWhereTheCitySaysNothing) {
  const auto plain = city("");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_TRUE(plain->keep_history.keeps_all());
}

TEST_F(Retention, IsSaidForAllTypesAndForSome) {
  const auto kept =
      city("[history]\nkeep = \"400d\"\n[history.types]\nCar = \"12h\"\n\"https://schema.org/Bus\" = \"30d\"\n");
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->keep_history.otherwise, std::chrono::days(400));
  ASSERT_EQ(kept->keep_history.types.size(), 2u);
  EXPECT_EQ(kept->keep_history.types.at("Car"), std::chrono::hours(12));
  EXPECT_EQ(kept->keep_history.types.at("https://schema.org/Bus"), std::chrono::days(30));
  const auto wrong = city("[history]\nkeep = 400\n[history.types]\nCar = \"long\"\n");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("city.toml:4"), std::string::npos) << wrong.error().message;
  EXPECT_NE(wrong.error().message.find("city.toml:6"), std::string::npos) << wrong.error().message;
}

TEST_F(Retention, HoldsForATenantsHistories) {
  TenantOptions options;
  options.durability = store::Durability::buffered;
  options.keep_history.types["Car"] = std::chrono::hours(1);
  const auto house = TenantHouse::make("", (folder_ / "store").string(), options).value();
  broker::Tenant& tenant = house->tenant();
  const auto now = house->clock().now();
  for (const std::string_view type : {"Car", "Bus"}) {
    for (const auto hours : {3, 0}) {
      twin::Commit commit;
      const std::string entity = fmt::format(
          R"({{"id":"urn:{0}:1","type":"{0}","speed":{{"type":"Property","value":{1},"observedAt":"{2}"}}}})", type,
          hours, base::format_time(now - std::chrono::hours(hours)));
      commit.writes.push_back(twin::parse_entity(entity, flow::WriteMode::upsert).value());
      ASSERT_TRUE(tenant.twin.commit(std::move(commit)).status);
    }
  }
  ASSERT_TRUE(tenant.history.wait_seen(tenant.twin.head(), std::chrono::seconds(10)));
  const auto count = [&](std::string_view urn) {
    const auto evolution = tenant.history.entity(urn);
    return evolution && *evolution ? (*evolution)->series.front().points.size() : 0;
  };
  EXPECT_EQ(count("urn:Car:1"), 1u);
  EXPECT_EQ(count("urn:Bus:1"), 2u);
}

}  // namespace
}  // namespace cityloop::app
