#include "app/packages.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

// Counts records, and remembers what was asked of it in which order.
class CountingLoop final : public twin::Loop {
 public:
  std::string_view name() const override { return "counting"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override { ++seen; }
  void save(base::ByteWriter& out) const override { out.varint(seen); }
  base::Status load(base::ByteReader& in) override {
    seen = in.varint();
    return {};
  }
  std::atomic<std::uint64_t> seen{0};
};

struct Story {
  std::vector<std::string> told;
  std::string fails_at;  // the package that does not start
};

class ToldPackage final : public serve::Package {
 public:
  ToldPackage(std::string name, Story& story) : name_(std::move(name)), story_(story) {}
  std::vector<twin::Loop*> loops() override { return {&loop_}; }
  base::Status start(const serve::PackageWorld&) override {
    if (story_.fails_at == name_) return base::fail(base::Errc::unavailable, "{} has no street", name_);
    story_.told.push_back("start " + name_);
    return {};
  }
  void stop() override { story_.told.push_back("stop " + name_); }
  std::vector<std::pair<std::string, double>> counters() const override { return {{name_ + "_seen", loop_.seen}}; }
  const CountingLoop& loop() const { return loop_; }

 private:
  std::string name_;
  Story& story_;
  CountingLoop loop_;
};

class PackagesTest : public HouseTest {
 protected:
  serve::MakePackage told(const std::string& name) {
    return [this, name](const serve::PackageSettings& settings) -> base::Result<std::unique_ptr<serve::Package>> {
      folders_.push_back(settings.city_folder + " " + settings.data_folder);
      return std::make_unique<ToldPackage>(name, story_);
    };
  }
  base::Result<Packages> make() { return Packages::make(&loader_, settings_, (root_ / "city").string(), "data"); }

  serve::PackageLoader loader_;
  Story story_;
  std::vector<std::string> folders_;
};

TEST_F(PackagesTest, ACityHasThePackagesForWhichItHasAFolder) {
  loader_.add("water", told("water"));
  loader_.add("air", told("air"));
  std::filesystem::create_directories(root_ / "city/air");
  const auto packages = make();
  ASSERT_TRUE(packages) << packages.error().message;
  EXPECT_EQ(packages->names(), std::vector<std::string>{"air"});
  EXPECT_EQ(folders_, std::vector<std::string>{(root_ / "city/air").string() + " data/air"});
  EXPECT_EQ(packages->parts().loops.size(), 1u);
  EXPECT_TRUE(Packages::make(nullptr, settings_, (root_ / "city").string(), "data")->names().empty());
}

TEST_F(PackagesTest, MistakesOfAllPackagesAreToldAtOnce) {
  const auto broken = [](const char* what) {
    return [what](const serve::PackageSettings& settings) -> base::Result<std::unique_ptr<serve::Package>> {
      return base::fail(base::Errc::invalid, "{}/x.toml:1: {}", settings.city_folder, what);
    };
  };
  loader_.add("water", broken("no pipe"));
  loader_.add("air", broken("no wind"));
  for (const char* name : {"water", "air"}) std::filesystem::create_directories(root_ / "city" / name);
  const auto packages = make();
  ASSERT_FALSE(packages);
  EXPECT_THAT(packages.error().message, testing::AllOf(testing::HasSubstr("no pipe"), testing::HasSubstr("no wind")));
}

TEST_F(PackagesTest, WhereOneDoesNotStartThoseBeforeItAreStopped) {
  for (const char* name : {"air", "energy", "water"}) {
    loader_.add(name, told(name));
    std::filesystem::create_directories(root_ / "city" / name);
  }
  auto packages = make();
  ASSERT_TRUE(packages);
  story_.fails_at = "water";
  const base::Status begun = packages->start(house_->package_world());
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().message, "water has no street");
  EXPECT_EQ(story_.told, (std::vector<std::string>{"start air", "start energy", "stop energy", "stop air"}));
  packages->stop();  // nothing runs any more
  EXPECT_EQ(story_.told.size(), 4u);
}

TEST_F(PackagesTest, ItsLoopsReadTheLogOfTheCity) {
  loader_.add("air", told("air"));
  std::filesystem::create_directories(root_ / "city/air");
  auto packages = make();
  ASSERT_TRUE(packages);
  close();
  auto machine = Machine::make(settings_, (root_ / "data").string(), "flushed", {}, {}, packages->parts());
  ASSERT_TRUE(machine) << machine.error().message;
  ASSERT_TRUE((*machine)->start());
  twin::Commit commit;
  commit.tick = true;
  ASSERT_TRUE((*machine)->twin().commit(std::move(commit)).status);
  (*machine)->settle();
  EXPECT_GT(packages->counters().front().second, 0);
  (*machine)->stop();
  machine->reset();
  open();
}

TEST_F(PackagesTest, WhoIsSignedInSeesWhichItHas) {
  EXPECT_EQ(ask(net::Method::get, "/api/v1/packages", "").status, 401);
  EXPECT_EQ(ask(net::Method::get, "/api/v1/packages", "forged").status, 401);
  for (const char* role : {"viewer", "applicant"}) {  // who may read the city, and who may not
    const net::Response answer = ask(net::Method::get, "/api/v1/packages", token(role));
    EXPECT_EQ(answer.status, 200) << role;
    EXPECT_EQ(answer.body, "[]") << role;
  }
}

}  // namespace
}  // namespace cityloop::app
