#include "sense/mqtt_feed.h"

#include "test/sense/sense_fixture.h"

namespace cityloop::sense {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class MqttFeedTest : public SenseTest {
 protected:
  MqttFeedTest() { file("pumps.csv", "id,name\npump-1,One\npump-2,Two\n"); }

  static constexpr std::string_view kToml = R"(name = "devices"
kind = "mqtt"
group = "cityloop"
[[static]]
table = "pumps.csv"
type = "Device"
id = "urn:ngsi-ld:Device:{id}"
attribute = [{ name = "name", as = "text" }]
[[entity]]
topic = "district/pump/{device}/state"
type = "Device"
id = "urn:ngsi-ld:Device:{device}"
known_only = true
observed_at = { from = "at", otherwise = "arrival" }
attribute = [{ name = "pump", as = "boolean" }, { name = "flow", unit = "MQH", range = [0, 5000] }]
[[entity]]
topic = "meter/{kind}/{device}"
type = "Meter"
id = "urn:ngsi-ld:Meter:{kind}:{device}"
observed_at = { from = "t", format = "epoch_ms" }
attribute = [{ name = "value", from = "data.v" }]
)";

  std::unique_ptr<MqttFeed> open() {
    auto feed = MqttFeed::open(mapping(kToml), {folder_, {}}, sink_, stats_, wall_, wall_);
    EXPECT_TRUE(feed) << (feed ? "" : feed.error().message);
    return feed ? std::move(*feed) : nullptr;
  }
  FeedCounters counts() const { return stats_.snapshot(wall_.now()).counts; }
  std::uint64_t count(Reason reason) const { return counts().rejected[std::size_t(reason)]; }

  ListSink sink_;
  FeedStats stats_{"devices", FeedKind::mqtt, {"设备", "Devices"}};
};

TEST_F(MqttFeedTest, ABatchIsOneCommitWithItsCounts) {
  const auto feed = open();
  ASSERT_THAT(sink_.commits, SizeIs(1)) << "what the table says, first";
  EXPECT_TRUE(feed->on_messages({
      {"district/pump/pump-1/state", R"({"at":"2026-05-01T07:59:00Z","pump":true,"flow":1580})", false},
      {"meter/water/17", R"([{"t":1777622300000,"data":{"v":1}},{"t":1777622360000,"data":{"v":2}}])", false},
      {"district/pump/pump-2/state", R"({"pump":false})", true},
  }));
  ASSERT_THAT(sink_.commits, SizeIs(2));
  const twin::Commit& commit = sink_.commits[1];
  EXPECT_EQ(commit.origin.text(), "feed:devices");
  EXPECT_EQ(commit.at, base::kNever) << "the twin's clock says when";
  ASSERT_THAT(commit.writes, SizeIs(4));
  EXPECT_EQ(commit.writes[0].entity.text(), "urn:ngsi-ld:Device:pump-1");
  EXPECT_THAT(commit.writes[0].attributes,
              ElementsAre(flow::property(flow::Name("pump"), true, at("2026-05-01T07:59:00Z")),
                          flow::property(flow::Name("flow"), 1580.0, at("2026-05-01T07:59:00Z"), flow::Name("MQH"))));
  EXPECT_EQ(commit.writes[2].entity.text(), "urn:ngsi-ld:Meter:water:17");
  EXPECT_EQ(commit.writes[3].attributes[0].observed_at, wall_.now()) << "without a time: as old as its arrival";
  EXPECT_EQ(counts().accepted, 4u);
  EXPECT_EQ(counts().read, 4u);
}

TEST_F(MqttFeedTest, BadMessagesAreCountedKeptAndAcknowledged) {
  const auto feed = open();
  EXPECT_TRUE(feed->on_messages({
      {"district/pump/pump-1/state", "{", false},
      {"district/pump/pump-1/state", "", false},
      {"district/pump/pump-7/state", R"({"pump":true})", false},
      {"district/lift/lift-1/state", R"({"pump":true})", false},
      {"district/pump/pump-1/state", R"({"at":"2026-05-01T08:11:00Z","pump":true})", false},
      {"district/pump/pump-1/state", R"({"at":"1970-01-01T00:00:00Z","pump":true})", false},
      {"district/pump/pump-1/state", R"({"pump":"perhaps"})", false},
      {"district/pump/pump-1/state", R"({"flow":5001})", false},
      {"district/pump/pump-1/state", R"({"flow":null})", false},
      {"district/pump/pump-1/state", std::string("{\"pump\":\"\xff\"}"), false},
      {"meter/water/9",
       R"([{"t":1777622300000,"data":{"v":1}},{"t":"?","data":{"v":2}},{"t":1777622300000,"data":{}}])", false},
      {"district/pump/pump-1/state", std::string(kPayloadMax + 1, ' '), false},
      {"district/pump/pump-1/state", R"({"pump":true})", false},
  }));
  EXPECT_EQ(counts().read, 15u);
  EXPECT_EQ(counts().accepted, 2u);
  EXPECT_EQ(count(Reason::bad_json), 2u);
  for (const Reason once :
       {Reason::unknown_device, Reason::bad_topic, Reason::future, Reason::too_old, Reason::bad_value,
        Reason::out_of_range, Reason::not_utf8, Reason::bad_time, Reason::too_long}) {
    EXPECT_EQ(count(once), 1u) << to_string(once);
  }
  EXPECT_EQ(count(Reason::no_values), 2u);
  ASSERT_THAT(sink_.commits, SizeIs(2));
  EXPECT_THAT(sink_.commits[1].writes, SizeIs(2));
  const auto rejects = stats_.rejects();
  ASSERT_THAT(rejects, SizeIs(13));
  EXPECT_EQ(rejects.back().row, "district/pump/pump-1/state {");
  EXPECT_EQ(rejects.back().at, wall_.now());
  EXPECT_LE(rejects.front().row.size(), kRejectRowBytes);
}

TEST_F(MqttFeedTest, WhenTheDiskRefusesNothingIsAcknowledgedOrCounted) {
  const auto feed = open();
  const std::vector<net::MqttMessage> batch = {{"district/pump/pump-1/state", R"({"pump":true})", false},
                                               {"district/pump/pump-1/state", "{", false}};
  sink_.refuse_next = 1;
  EXPECT_FALSE(feed->on_messages(batch));
  EXPECT_EQ(counts().read, 0u);
  EXPECT_THAT(stats_.rejects(), SizeIs(0));
  EXPECT_EQ(stats_.snapshot(wall_.now()).state, FeedState::failed);
  EXPECT_THAT(stats_.snapshot(wall_.now()).error, HasSubstr("no space left"));
  EXPECT_TRUE(feed->on_messages(batch));
  feed->tell_link(true, "");
  EXPECT_EQ(counts().read, 2u);
  EXPECT_THAT(stats_.rejects(), SizeIs(1));
  EXPECT_EQ(stats_.snapshot(wall_.now()).state, FeedState::running);
}

TEST_F(MqttFeedTest, CountsGoOnAfterARestartAndTablesAreNotWrittenAgain) {
  (void)open()->on_messages(
      {{"district/pump/pump-1/state", R"({"pump":true})", false}, {"district/pump/pump-1/state", "{", false}});
  const auto before = counts();
  FeedStats fresh("devices", FeedKind::mqtt, {});
  const auto feed = MqttFeed::open(mapping(kToml), {folder_, {}}, sink_, fresh, wall_, wall_);
  ASSERT_TRUE(feed);
  EXPECT_EQ(fresh.snapshot(wall_.now()).counts, before);
  EXPECT_THAT(sink_.commits, SizeIs(2));
}

TEST_F(MqttFeedTest, AMissingTableIsToldWithItsPlace) {
  std::filesystem::remove(folder_ / "pumps.csv");
  const auto feed = MqttFeed::open(mapping(kToml), {folder_, {}}, sink_, stats_, wall_, wall_);
  ASSERT_FALSE(feed);
  EXPECT_THAT(feed.error().message, HasSubstr("feed.toml:4: the file 'pumps.csv' is not there"));
  EXPECT_EQ(stats_.snapshot(wall_.now()).state, FeedState::failed);
}

TEST_F(MqttFeedTest, AnEmptyBatchWritesNothing) {
  const auto feed = open();
  EXPECT_TRUE(feed->on_messages({}));
  EXPECT_THAT(sink_.commits, SizeIs(1));
}

TEST_F(MqttFeedTest, ADisconnectedBrokerShows) {
  const auto feed = open();
  feed->tell_link(false, "connection refused");
  EXPECT_EQ(stats_.snapshot(wall_.now()).state, FeedState::disconnected);
  EXPECT_EQ(stats_.snapshot(wall_.now()).error, "connection refused");
  feed->tell_link(true, "");
  EXPECT_EQ(stats_.snapshot(wall_.now()).error, "");
}

}  // namespace
}  // namespace cityloop::sense
