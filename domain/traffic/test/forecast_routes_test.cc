// The whole way of a forecast: readings, the loop, what learn says of it, and what people are shown.
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json_value.h"
#include "base/rng.h"
#include "domain/traffic/forecast/forecast_routes.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "learn/forecast_scores.h"
#include "store/store.h"

namespace cityloop::traffic {
namespace {

using base::JsonValue;
namespace fs = std::filesystem;

class ForecastRoutesTest : public testing::Test {
 protected:
  ForecastRoutesTest() {
    folder_ = fs::temp_directory_path() / fmt::format("cityloop-forecast-routes-{}", ::getpid());
    fs::remove_all(folder_);
    models_ = (folder_ / "models").string();
    clock_.advance_to(kBegin);
    store_ = store::Store::open((folder_ / "store").string()).value();
    twin::TwinOptions options;
    options.durability = store::Durability::buffered;
    twin_ = twin::Twin::open(*store_, clock_, options).value();
    history_ = std::make_unique<twin::History>(*store_);
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    TrainingSettings settings;
    settings.every = std::chrono::hours(24);
    const ForecastLoopOptions how{.models_folder = models_, .arena = {.lag_most = 12, .moments_least = 72}};
    loop_ = std::make_unique<ForecastLoop>(how);
    desk_ = std::make_unique<TrainingDesk>(settings, how, TrainingPlace{"city", "data", models_});
    ForecastRoutes{*guard_, *twin_, past_, {desk_.get()}}.add_to(router_);
  }
  ~ForecastRoutesTest() override {
    twin_.reset();
    history_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }

  // All loops see a record, and what they write is in the twin.
  void tell(base::Instant at, std::vector<flow::Change> changes) {
    flow::LogRecord record{.seq = ++seq_, .at = at, .origin = {}, .changes = std::move(changes)};
    twin::Outbox out;
    for (twin::Loop* const loop : std::initializer_list<twin::Loop*>{loop_.get(), &judge_, &past_})
      loop->on_record(record, out);
    if (out.writes.empty()) return;
    std::vector<flow::Change> told;
    twin::Commit commit;
    commit.origin = flow::Name("loop:test");
    for (const flow::Write& write : out.writes) {
      flow::Change change{.entity = write.entity, .types = write.types};
      for (const flow::Attribute& one : write.attributes) change.attributes.push_back({one, false, false});
      told.push_back(std::move(change));
    }
    commit.writes = std::move(out.writes);
    if (!told.empty() && told.front().is_a(flow::kForecastType)) tell(at, std::move(told));
    twin_->submit(std::move(commit), [](const twin::CommitResult&) {});
  }
  void drive(int steps) {
    base::Rng rng(3);
    const flow::EntityId road("urn:ngsi-ld:TrafficFlowObserved:road");
    for (int step = 1; step <= steps; ++step) {
      const base::Instant at = kBegin + step * ForecastLoop::kStep;
      flow::Change change{.entity = road, .types = {flow::Name("TrafficFlowObserved")}};
      if (step == 1) change.attributes.push_back({flow::property(flow::Name("freeFlowSpeed"), 80.0), false, false});
      const double speed = (step / 12) % 4 == 0 ? 25 : 60;
      change.attributes.push_back(
          {flow::property(flow::Name("averageVehicleSpeed"), speed + 8 * rng.normal(), at), false, false});
      tell(at, {change});
      tell(at + std::chrono::seconds(61), {});
    }
    twin_->commit({});  // behind all that was submitted
  }
  JsonValue ask(int status = 200) {
    trust::Principal viewer;
    viewer.kind = trust::PrincipalKind::program;
    viewer.id = "program:viewer";
    viewer.name = {"viewer", "viewer"};
    viewer.roles = {"viewer"};
    net::Request request;
    request.path = "/api/v1/traffic/forecast-scores";
    if (status == 200) request.headers.emplace_back("authorization", "Bearer " + accounts_->put_token(viewer).value());
    net::Response out;
    router_.dispatch(request, net::Reply([&](net::Response response) { out = std::move(response); }));
    EXPECT_EQ(out.status, status) << out.body;
    return JsonValue::parse(out.body).value();
  }

  const base::Instant kBegin = *base::parse_time("2026-03-02T00:00:00Z");
  fs::path folder_;
  std::string models_;
  base::ManualClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<trust::Accounts> accounts_;
  trust::Policy policy_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<ForecastLoop> loop_;
  learn::ForecastScoreLoop judge_;
  ForecastPast past_{"averageVehicleSpeed"};
  std::unique_ptr<TrainingDesk> desk_;
  net::Router router_;
  flow::Seq seq_{0};
};

const JsonValue& member(const JsonValue& json, const char* name) {
  const JsonValue* const found = json.find(name);
  EXPECT_NE(found, nullptr) << name;
  static const JsonValue kNothing;
  return found ? *found : kNothing;
}

TEST_F(ForecastRoutesTest, ShowsTheContestAndWhatLearnSaysOfWhatWasTold) {
  ask(401);
  EXPECT_TRUE(member(ask(), "scores").array()->empty());
  drive(2 * 288);
  const JsonValue json = ask();
  int champions = 0, told = 0;
  for (const JsonValue& row : *member(json, "scores").array()) {
    EXPECT_EQ(row.text_or("subject", ""), "speed");
    EXPECT_GT(row.number_or("mae", 0), 0);
    if (!*member(row, "champion").boolean()) continue;
    ++champions;
    const JsonValue* const what = row.find("told");
    if (!what) continue;
    ++told;
    EXPECT_GT(what->number_or("count", 0), 100);
    EXPECT_LT(what->number_or("mae", 1e9), what->number_or("rmse", 0));
    EXPECT_LT(what->number_or("crps", 1e9), what->number_or("mae", 0)) << "bands say more than a middle";
    EXPECT_GT(row.number_or("within", 0), 0.7) << "jams of an hour or none: bands are wide";
  }
  EXPECT_GE(champions, 3) << "one a horizon";
  EXPECT_EQ(told, champions);
  ASSERT_EQ(member(json, "calls").array()->size(), 3u);
  const JsonValue& quarter = (*member(json, "calls").array())[0];
  EXPECT_GT(quarter.number_or("count", 0), 50) << "jams that came";
  EXPECT_GT(quarter.number_or("recall", 0), 0.3);
  EXPECT_GT(quarter.number_or("precision", 0), 0.5);
  EXPECT_GT(quarter.number_or("brier", 0), 0);
  ASSERT_EQ(member(quarter, "models").array()->size(), 1u) << "nobody but the frequencies";
  const JsonValue& frequencies = member(quarter, "models").array()->front();
  EXPECT_EQ(frequencies.text_or("model", ""), "frequencies");
  EXPECT_TRUE(*member(frequencies, "champion").boolean());
  EXPECT_NEAR(frequencies.number_or("brier", 0), quarter.number_or("brier", 0), 0.03)
      << "the contest and learn judge the same calls, learn with forgetting";
  for (const JsonValue& row : *member(json, "scores").array()) EXPECT_NE(row.text_or("model", ""), "frequencies");
  EXPECT_EQ(member(json, "calibration").array()->size(), 3u);
  for (const JsonValue& points : *member(json, "calibration").array())
    EXPECT_FALSE(member(points, "points").array()->empty());
}

TEST_F(ForecastRoutesTest, ShowsWhatIsTrainedAndWhatWasRefused) {
  drive(20);
  fs::create_directories(models_);
  ASSERT_TRUE(base::write_file_atomic(models_ + "/damaged.toml", "command = \n"));
  clock_.advance_to(kBegin + std::chrono::hours(2));
  desk_->look(*twin_, *history_, clock_);
  ModelNote note{.name = "absent", .attribute = "averageVehicleSpeed", .sha256 = std::string(64, 'b')};
  for (const char* const event : {"", "congestion"}) {
    if (note.event = event; !note.event.empty()) note.name = caller_name(note.name);
    const flow::Write write = announcement(note);
    flow::Change change{.entity = write.entity, .types = write.types};
    for (const flow::Attribute& one : write.attributes) change.attributes.push_back({one, false, false});
    tell(kBegin + std::chrono::hours(3), {change});
  }
  twin_->commit({});
  const JsonValue json = ask();
  ASSERT_EQ(member(json, "training").array()->size(), 1u);
  const JsonValue& training = member(json, "training").array()->front();
  EXPECT_EQ(training.number_or("everySeconds", 0), 86'400);
  const JsonValue& last = member(training, "last");
  EXPECT_EQ(last.text_or("model", "?"), "");
  EXPECT_NE(last.text_or("error", "").find("3 are needed"), std::string::npos);
  EXPECT_EQ(training.text_or("nextAt", ""), "2026-03-02T03:00:00Z");
  EXPECT_TRUE(member(last, "heldOutCalls").array()->empty());
  EXPECT_EQ(last.text_or("noCalls", "?"), "");
  EXPECT_TRUE(member(training, "callers").array()->empty());
  ASSERT_EQ(member(training, "refused").array()->size(), 2u) << "of both kinds";
  EXPECT_NE(member(training, "refused").array()->front().text_or("reason", "").find("absent.toml"), std::string::npos);
  EXPECT_EQ(member(training, "refused").array()->back().text_or("name", ""), "absent-congestion");
  ASSERT_EQ(member(training, "unreadable").array()->size(), 1u);
  EXPECT_EQ(member(training, "unreadable").array()->front().text_or("name", ""), "damaged");
}

}  // namespace
}  // namespace cityloop::traffic
