// The real city: every row of it, counted.
#include "test/sense/sense_fixture.h"

namespace cityloop::sense {
namespace {

class AarhusTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* shared = std::getenv("CITYLOOP_SHARED");
    data_ = std::filesystem::path(shared ? shared : "../shared") / "data/aarhus";
    if (!std::filesystem::exists(data_)) GTEST_SKIP() << "the data of Aarhus is not at " << data_;
    wall_.advance_to(at("2026-05-01T08:00:00Z"));
  }
  FeedCheck check(std::string_view feed) const {
    const auto out = check_feed(fmt::format("demo/aarhus/feeds/{}.toml", feed), {data_, "demo/aarhus"}, wall_, 1);
    EXPECT_TRUE(out) << out.error().message;
    EXPECT_EQ(out->error, "");
    return *out;
  }
  std::filesystem::path data_;
  base::ManualClock wall_;
};

TEST_F(AarhusTest, Traffic) {
  const auto out = check("traffic");
  EXPECT_EQ(out.counts.read, 1'719'598u);
  EXPECT_EQ(out.counts.accepted, 1'719'598u);
  EXPECT_EQ(out.table_entities, 2 * 449u);
  EXPECT_EQ(out.counts.newest, at("2014-08-31T23:55:00Z"));
  EXPECT_EQ(out.mapped.at(0),
            "urn:ngsi-ld:TrafficFlowObserved:aarhus-158324 (TrafficFlowObserved)\n"
            "    averageVehicleSpeed = 75 KMH  at 2014-08-18T00:00:00Z\n"
            "    averageTravelTime = 49 SEC  at 2014-08-18T00:00:00Z\n"
            "    medianTravelTime = 49 SEC  at 2014-08-18T00:00:00Z\n"
            "    intensity = 0  at 2014-08-18T00:00:00Z\n"
            "    status = \"OK\"  at 2014-08-18T00:00:00Z");
}

TEST_F(AarhusTest, Garages) {
  const auto out = check("parking");
  EXPECT_EQ(out.counts.read, 55'264u);
  EXPECT_EQ(out.counts.accepted, 5'376u);
  EXPECT_EQ(out.counts.rejected[std::size_t(Reason::outside_window)], 55'264u - 5'376u);
  EXPECT_EQ(out.table_entities, 8u);
}

TEST_F(AarhusTest, Weather) {
  const auto out = check("weather");
  EXPECT_EQ(out.counts.read, 4'357u);
  EXPECT_EQ(out.counts.accepted, 999u);
  EXPECT_EQ(out.counts.rejected[std::size_t(Reason::no_values)], 1u) << "one row has a time and nothing else";
  EXPECT_EQ(out.counts.rejected[std::size_t(Reason::outside_window)], 3'357u);
}

TEST_F(AarhusTest, OneSegmentsFreeFlowIsNotBelieved) {
  const auto mapping = read_mapping("demo/aarhus/feeds/traffic.toml").value();
  const auto tables = load_tables(*mapping, {data_, {}}).value();
  ASSERT_EQ(tables.rejects.size(), 1u);
  EXPECT_THAT(tables.rejects[0].detail, testing::HasSubstr("freeFlowSpeed = 195 is outside 5 to 140"));
  for (const flow::Write& write : tables.writes) {
    ASSERT_FALSE(write.attributes.empty());
    EXPECT_EQ(write.mode, flow::WriteMode::upsert);
    EXPECT_EQ(write.attributes[0].observed_at, base::kNever);
  }
}

}  // namespace
}  // namespace cityloop::sense
