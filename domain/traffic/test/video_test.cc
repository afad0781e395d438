#include <cmath>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/json_value.h"
#include "domain/traffic/video/scene.h"
#include "domain/traffic/video/scene_counter.h"
#include "domain/traffic/video/scene_payload.h"
#include "domain/traffic/video/tracker.h"
#include "sense/feed_book.h"

namespace cityloop::traffic {
namespace {

using testing::HasSubstr;

constexpr const char* kScene = R"(
[camera]
id = "bridge"
name = { zh = "桥", en = "Bridge" }
source = "clip.avi"
location = [10.2, 56.1]
report_every = "10s"
[model]
file = "street.onnx"
input = [64, 64]
classes = ["car", "person"]
[[line]]
id = "across"
name = { zh = "横线", en = "Across" }
from = [0.0, 0.5]
to = [1.0, 0.5]
[[zone]]
id = "stop"
name = { zh = "站台", en = "Stop" }
corners = [[0.2, 0.6], [0.8, 0.6], [0.8, 1.0], [0.2, 1.0]]
dwell_max = "5s"
allowed_deg = 90
)";

Scene scene() {
  auto read = Scene::parse(kScene, "cameras/bridge.toml");
  EXPECT_TRUE(read) << read.error().message;
  return *read;
}

Detection at(double x, double foot_y, ObjectKind kind = ObjectKind::car, double confidence = 0.9) {
  return {{x - 0.05, foot_y - 0.1, 0.1, 0.1}, kind, confidence};
}

TEST(VideoScene, IsReadWithPathsFromItsFolder) {
  const Scene one = scene();
  EXPECT_EQ(one.model.file, "cameras/street.onnx");
  EXPECT_EQ(one.source, "cameras/clip.avi");
  EXPECT_EQ(one.model.classes.size(), 2u);
  EXPECT_FALSE(one.keep) << "without a rule no picture is kept";
  EXPECT_TRUE(one.zones[0].holds({0.5, 0.8}));
  EXPECT_FALSE(one.zones[0].holds({0.1, 0.8}));
}

TEST(VideoScene, TellsEveryMistakeWithItsLine) {
  const auto read = Scene::parse(R"([camera]
id = "a/b"
name = { zh = "桥", en = "Bridge" }
source = "rtsp://$NO_SUCH_VARIABLE_HERE@10.0.0.1/"
location = [1]
[model]
file = "x.onnx"
input = [640]
classes = ["cow"]
[[line]]
id = "one"
name = { zh = "一", en = "One" }
from = [0.5, 0.5]
to = [0.5, 0.5]
[[zone]]
id = "one"
name = { zh = "一", en = "One" }
corners = [[0, 0], [1, 1]]
[keep]
on = ["birthday"]
folder = "kept"
for = "0s"
)",
                                 "bad.toml");
  ASSERT_FALSE(read);
  for (const char* what : {"bad.toml:2: ", "bad.toml:4: the environment has no $NO_SUCH_VARIABLE_HERE",
                           "bad.toml:5: longitude", "bad.toml:8: the size", "bad.toml:9: 'cow' is no kind",
                           "bad.toml:14: a line needs two points", "bad.toml:16: this id is there already",
                           "bad.toml:18: a zone is at least three points", "'birthday' is no event", "bad.toml:22: "})
    EXPECT_THAT(read.error().message, HasSubstr(what));
}

TEST(VideoTracker, KeepsTheNumberOfAThingThatIsHiddenForAMoment) {
  Tracker tracker;
  std::vector<Track> last;
  for (int i = 0; i < 40; ++i) {
    const double t = i * 0.1, x = 0.1 + 0.02 * i;
    std::vector<Detection> found;
    if (i < 15 || i > 22) found.push_back(at(x, 0.4));
    found.push_back(at(1 - x, 0.9, ObjectKind::person));
    const auto tracks = tracker.step(t, found);
    last.assign(tracks.begin(), tracks.end());
  }
  ASSERT_EQ(last.size(), 2u);
  EXPECT_EQ(last[0].id, 1u);
  EXPECT_EQ(last[0].kind, ObjectKind::car);
  EXPECT_NEAR(last[0].vx, 0.2, 0.02) << "shares of the picture per second";
  EXPECT_EQ(last[1].id, 2u);
  EXPECT_NEAR(last[1].vx, -0.2, 0.02);
}

TEST(VideoTracker, TwoThatPassEachOtherKeepTheirNumbers) {
  Tracker tracker;
  std::vector<Track> last;
  for (int i = 0; i < 40; ++i) {
    const double x = 0.1 + 0.02 * i;
    const std::vector<Detection> found{at(x, 0.50), at(1 - x, 0.54)};
    const auto tracks = tracker.step(i * 0.1, found);
    last.assign(tracks.begin(), tracks.end());
  }
  ASSERT_EQ(last.size(), 2u);
  EXPECT_GT(last[0].vx, 0.1);
  EXPECT_LT(last[1].vx, -0.1);
}

TEST(VideoTracker, AFlickerIsNoThing) {
  Tracker tracker;
  for (int i = 0; i < 30; ++i) {
    std::vector<Detection> found;
    if (i % 10 == 0) found.push_back(at(0.5, 0.5));
    for (const Track& track : tracker.step(i * 0.1, found)) EXPECT_FALSE(track.sure);
  }
  const std::vector<Detection> weak{at(0.2, 0.2, ObjectKind::car, 0.3)};
  EXPECT_TRUE(tracker.step(10, weak).empty()) << "with little confidence nothing begins";
}

// Drives one thing along a path of feet; gives all events.
class Drive {
 public:
  explicit Drive(const Scene& scene) : counter_(scene) {}
  std::vector<SceneEvent> along(std::vector<PicturePoint> path, double step_s = 0.2, int from = 0) {
    std::vector<SceneEvent> all;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const std::vector<Detection> found{at(path[i].x, path[i].y)};
      for (auto& event : counter_.step((double(i) + from) * step_s, tracker_.step((double(i) + from) * step_s, found)))
        all.push_back(event);
    }
    return all;
  }
  SceneReport report(double at_s) { return counter_.report(at_s); }

 private:
  Tracker tracker_;
  SceneCounter counter_;
};

std::vector<PicturePoint> line(PicturePoint from, PicturePoint to, int steps) {
  std::vector<PicturePoint> out;
  for (int i = 0; i <= steps; ++i)
    out.push_back({from.x + (to.x - from.x) * i / steps, from.y + (to.y - from.y) * i / steps});
  return out;
}

TEST(VideoCounter, CountsACrossingOnceEachWay) {
  const Scene one = scene();
  Drive drive(one);
  auto path = line({0.5, 0.3}, {0.5, 0.7}, 20);
  const auto back = line({0.5, 0.7}, {0.5, 0.3}, 20);
  path.insert(path.end(), back.begin(), back.end());
  drive.along(path);
  const SceneReport report = drive.report(10);
  const auto car = std::size_t(ObjectKind::car);
  EXPECT_EQ(report.lines[0].forward[car], 1u) << "downwards is from left to right, looking from west to east";
  EXPECT_EQ(report.lines[0].backward[car], 1u);
  EXPECT_EQ(drive.report(20).lines[0].forward[car], 0u) << "a report begins anew";
}

TEST(VideoCounter, WhoTremblesOnTheLineDoesNotCount) {
  const Scene one = scene();
  Drive drive(one);
  auto path = line({0.5, 0.3}, {0.5, 0.495}, 20);
  for (int i = 0; i < 40; ++i) path.push_back({0.5, 0.5 + (i % 2 ? 0.006 : -0.006)});
  drive.along(path);
  const SceneReport report = drive.report(20);
  for (const auto& counts : {report.lines[0].forward, report.lines[0].backward}) EXPECT_THAT(counts, testing::Each(0u));
}

TEST(VideoCounter, TellsWhoStaysTooLongOnceAndHowLongTheyStayed) {
  const Scene one = scene();
  Drive drive(one);
  auto path = line({0.5, 0.55}, {0.5, 0.8}, 10);
  path.insert(path.end(), 40, {0.5, 0.8});
  const auto out = line({0.5, 0.8}, {0.95, 0.8}, 10);
  path.insert(path.end(), out.begin(), out.end());
  const auto events = drive.along(path);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, SceneEventKind::dwell);
  EXPECT_EQ(events[0].zone, "stop");
  const ZoneCount zone = drive.report(13).zones[0];
  EXPECT_EQ(zone.entered, 1u);
  EXPECT_EQ(zone.left, 1u);
  EXPECT_EQ(zone.too_long, 1u);
  EXPECT_NEAR(zone.mean_dwell_s, 11, 1.5);
  EXPECT_NEAR(zone.mean_inside, zone.mean_dwell_s / 13, 0.1) << "Little's law, for one";
}

TEST(VideoCounter, TheWrongWayIsToldAndTheRightOneIsNot) {
  const Scene one = scene();
  EXPECT_TRUE(Drive(one).along(line({0.5, 0.62}, {0.5, 0.98}, 20)).empty()) << "downwards is allowed";
  EXPECT_TRUE(Drive(one).along(line({0.25, 0.8}, {0.75, 0.8}, 20)).empty()) << "across is neither";
  const auto events = Drive(one).along(line({0.5, 0.98}, {0.5, 0.62}, 20));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, SceneEventKind::wrong_way);
  EXPECT_EQ(events[0].object, ObjectKind::car);
}

TEST(VideoPayload, SaysWhatWasCounted) {
  const Scene one = scene();
  Drive drive(one);
  drive.along(line({0.5, 0.3}, {0.5, 0.7}, 20));
  const base::Instant begin = *base::parse_time("2026-03-01T08:00:00Z");
  const auto messages = messages_of(one, drive.report(10), begin);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].topic, "traffic/video/bridge/line/across");
  const auto told = base::JsonValue::parse(messages[0].payload);
  ASSERT_TRUE(told) << messages[0].payload;
  EXPECT_EQ(told->text_or("at", ""), "2026-03-01T08:00:10Z");
  EXPECT_EQ(told->find("forward")->number_or("car", 0), 1);
  EXPECT_EQ(told->number_or("forwardPerHour", 0), 360);
  const auto blind = base::JsonValue::parse(state_message(one, begin, "the cable is cut", 7, 0).payload);
  EXPECT_EQ(blind->text_or("state", ""), "blind");
  EXPECT_EQ(blind->text_or("why", ""), "the cable is cut");
}

// The feed that a city copies takes all that a camera tells.
TEST(VideoPayload, FitsTheFeedThatIsShipped) {
  const Scene one = scene();
  Drive drive(one);
  const base::Instant begin = *base::parse_time("2026-03-01T08:00:00Z");
  const auto events = drive.along(line({0.5, 0.98}, {0.5, 0.62}, 20));
  std::vector<VideoMessage> all = messages_of(one, drive.report(10), begin);
  all.push_back(message_of(one, events.at(0), begin));
  all.push_back(state_message(one, begin, "the cable is cut", 7, 0));
  const std::filesystem::path sample =
      std::filesystem::temp_directory_path() / fmt::format("cityloop-video-{}.txt", ::getpid());
  {
    std::ofstream out(sample);
    for (const VideoMessage& message : all) out << message.topic << ' ' << message.payload << '\n';
  }
  const base::ManualClock wall(begin + std::chrono::minutes(1));
  const auto check = sense::check_feed("domain/traffic/video/feed.toml", {}, wall, 10, sample);
  std::filesystem::remove(sample);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_EQ(check->error, "");
  EXPECT_TRUE(check->rejects.empty()) << check->text();
  ASSERT_EQ(check->mapped.size(), 4u) << check->text();
  EXPECT_THAT(check->mapped[0], HasSubstr("urn:ngsi-ld:TrafficFlowObserved:bridge-across"));
}

}  // namespace
}  // namespace cityloop::traffic
