// A clip of our own, looked at by a model of our own: coloured boxes on grey, and a net that sees red as a car and blue
// as a person. What OpenCV's dnn makes of a user's real model goes the same way.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/json_value.h"
#include "domain/traffic/camera/watch.h"

namespace cityloop::traffic {
namespace {

using base::JsonValue;
using protozero::pbf_writer;
using testing::HasSubstr;

// The few parts of ONNX's protocol (onnx.proto3) that a small net needs.
class Onnx {
 public:
  void node(const std::string& op, const std::vector<std::string>& in, const std::string& out,
            const std::vector<std::pair<std::string, std::vector<std::int64_t>>>& lists = {},
            std::optional<std::pair<std::string, std::int64_t>> number = {}) {
    std::string text;
    pbf_writer node(text);
    for (const std::string& name : in) node.add_string(1, name);
    node.add_string(2, out);
    node.add_string(3, out);
    node.add_string(4, op);
    for (const auto& [name, values] : lists) {
      std::string attribute;
      pbf_writer writer(attribute);
      writer.add_string(1, name);
      for (const std::int64_t value : values) writer.add_int64(8, value);
      writer.add_int32(20, 7);
      node.add_message(5, attribute);
    }
    if (number) {
      std::string attribute;
      pbf_writer writer(attribute);
      writer.add_string(1, number->first);
      writer.add_int64(3, number->second);
      writer.add_int32(20, 2);
      node.add_message(5, attribute);
    }
    graph_.add_message(1, text);
  }
  void tensor(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
    graph_.add_message(5,
                       tensor_text(name, shape, 1, {reinterpret_cast<const char*>(values.data()), values.size() * 4}));
  }
  void tensor(const std::string& name, const std::vector<std::int64_t>& values) {
    graph_.add_message(5, tensor_text(name, {std::int64_t(values.size())}, 7,
                                      {reinterpret_cast<const char*>(values.data()), values.size() * 8}));
  }
  std::string model(const std::vector<std::int64_t>& in, const std::vector<std::int64_t>& out) {
    graph_.add_string(2, "boxes");
    graph_.add_message(11, value("picture", in));
    graph_.add_message(12, value("boxes", out));
    std::string text, opset;
    pbf_writer(opset).add_int64(2, 11);
    pbf_writer model(text);
    model.add_int64(1, 6);
    model.add_message(7, graph_text_);
    model.add_message(8, opset);
    return text;
  }

 private:
  static std::string tensor_text(const std::string& name, const std::vector<std::int64_t>& shape, int type,
                                 std::string_view bytes) {
    std::string text;
    pbf_writer tensor(text);
    for (const std::int64_t size : shape) tensor.add_int64(1, size);
    tensor.add_int32(2, type);
    tensor.add_string(8, name);
    tensor.add_bytes(9, bytes.data(), bytes.size());
    return text;
  }
  static std::string value(const std::string& name, const std::vector<std::int64_t>& shape) {
    std::string dims, tensor, type, text;
    pbf_writer dims_writer(dims);
    for (const std::int64_t size : shape) {
      std::string dim;
      pbf_writer(dim).add_int64(1, size);
      dims_writer.add_message(1, dim);
    }
    pbf_writer tensor_writer(tensor);
    tensor_writer.add_int32(1, 1);
    tensor_writer.add_message(2, dims);
    pbf_writer(type).add_message(1, tensor);
    pbf_writer writer(text);
    writer.add_string(1, name);
    writer.add_message(2, type);
    return text;
  }
  std::string graph_text_;
  pbf_writer graph_{graph_text_};
};

constexpr int kSide = 64, kCell = 8, kCells = kSide / kCell, kBoxes = kCells * kCells;

// Each cell of 8 × 8 pixels answers with a box of 12 × 12 around its middle, and with how much redder (bluer) it is
// than the other colours: [1, 4 + 2, 64].
std::string colour_model() {
  Onnx onnx;
  onnx.tensor("difference", {2, 3, 1, 1}, {1, -0.5F, -0.5F, -0.5F, -0.5F, 1});
  std::vector<float> grid;
  for (int row = 0; row < 4; ++row) {
    for (int cell = 0; cell < kBoxes; ++cell) {
      const int middle = (row == 0 ? cell % kCells : cell / kCells) * kCell + kCell / 2;
      grid.push_back(row < 2 ? float(middle) : 12.0F);
    }
  }
  onnx.tensor("grid", {1, 4, kBoxes}, grid);
  onnx.tensor("shape", {1, 2, kBoxes});
  onnx.node("AveragePool", {"picture"}, "pooled", {{"kernel_shape", {kCell, kCell}}, {"strides", {kCell, kCell}}});
  onnx.node("Conv", {"pooled", "difference"}, "differences", {{"kernel_shape", {1, 1}}});
  onnx.node("Relu", {"differences"}, "scores");
  onnx.node("Reshape", {"scores", "shape"}, "flat");
  onnx.node("Concat", {"grid", "flat"}, "boxes", {}, std::pair<std::string, std::int64_t>{"axis", 1});
  return onnx.model({1, 3, kSide, kSide}, {1, 6, kBoxes});
}

class CameraTest : public testing::Test {
 protected:
  CameraTest() {
    root_ =
        std::filesystem::temp_directory_path() /
        fmt::format("cityloop-camera-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
    std::filesystem::create_directories(root_);
    std::ofstream(root_ / "colours.onnx") << colour_model();
  }
  ~CameraTest() override { std::filesystem::remove_all(root_); }

  // Ten pictures a second of 128 × 128; a red box goes down for 6 s, and a blue one stands below from the third second
  // on.
  void film() {
    cv::VideoWriter out((root_ / "clip.avi").string(), cv::CAP_OPENCV_MJPEG,
                        cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10, cv::Size(128, 128));
    ASSERT_TRUE(out.isOpened());
    for (int i = 0; i < 120; ++i) {
      cv::Mat picture(128, 128, CV_8UC3, cv::Scalar(114, 114, 114));
      if (i < 60) cv::rectangle(picture, cv::Rect(32, i * 2 - 8, 16, 16), cv::Scalar(0, 0, 255), -1);
      if (i >= 30) cv::rectangle(picture, cv::Rect(96, 96, 16, 16), cv::Scalar(255, 0, 0), -1);
      out.write(picture);
    }
  }
  Scene scene(const std::string& more = "") {
    std::ofstream(root_ / "camera.toml") << R"([camera]
id = "test"
name = { zh = "试验", en = "Test" }
source = "clip.avi"
location = [10.2, 56.1]
frames_per_second = 10
report_every = "5s"
[model]
file = "colours.onnx"
input = [64, 64]
classes = ["car", "person"]
confidence = 0.25
overlap = 0.1
[[line]]
id = "across"
name = { zh = "横线", en = "Across" }
from = [0.0, 0.5]
to = [1.0, 0.5]
[[zone]]
id = "corner"
name = { zh = "角落", en = "Corner" }
corners = [[0.6, 0.6], [1.0, 0.6], [1.0, 1.0], [0.6, 1.0]]
dwell_max = "3s"
)" << more;
    auto read = Scene::load((root_ / "camera.toml").string());
    EXPECT_TRUE(read) << read.error().message;
    return *read;
  }
  std::vector<JsonValue> told(const std::string& topic) const {
    std::vector<JsonValue> out;
    for (const VideoMessage& message : told_)
      if (message.topic == "traffic/video/test/" + topic) out.push_back(*JsonValue::parse(message.payload));
    return out;
  }
  base::Result<WatchFigures> watch(const Scene& scene,
                                   std::function<base::Result<std::unique_ptr<PictureSource>>()> open) {
    auto finder = open_finder(scene.model);
    EXPECT_TRUE(finder) << finder.error().message;
    Watch watch(scene, **finder,
                {std::move(open), [&](VideoMessage message) { told_.push_back(std::move(message)); }, clock_,
                 [&](base::Duration pause) { pauses_.push_back(pause); }});
    return watch.run();
  }

  std::filesystem::path root_;
  base::WallClock clock_;
  std::vector<VideoMessage> told_;
  std::vector<base::Duration> pauses_;
};

TEST_F(CameraTest, CountsWhatCrossesAndWhoStaysInAClip) {
  film();
  const Scene one = scene();
  const auto figures = watch(one, [&] { return open_source(one); });
  ASSERT_TRUE(figures) << figures.error().message;
  EXPECT_EQ(figures->pictures, 120u);
  double forward = 0, people = 0;
  for (const JsonValue& line : told("line/across")) {
    forward += line.find("forward")->number_or("car", 0);
    people += line.find("forward")->number_or("person", 0);
    EXPECT_TRUE(line.find("backward")->object()->empty());
  }
  EXPECT_EQ(forward, 1);
  EXPECT_EQ(people, 0);
  const auto events = told("event/corner");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].text_or("event", ""), "dwell");
  EXPECT_EQ(events[0].text_or("object", ""), "person");
  EXPECT_NEAR(events[0].number_or("dwell", 0), 3, 0.3);
  EXPECT_EQ(told("state").back().text_or("state", ""), "seeing");
  EXPECT_EQ(figures->kept, 0u);
  EXPECT_FALSE(std::filesystem::exists(root_ / "kept")) << "no rule, no picture";
}

TEST_F(CameraTest, KeepsAPictureOnlyByARuleWithAllOthersBlurred) {
  film();
  const Scene one = scene("[keep]\non = [\"dwell\"]\nfolder = \"kept\"\nfor = \"1h\"\n");
  std::filesystem::create_directories(root_ / "kept");
  std::ofstream(root_ / "kept/old.jpg") << "x";
  std::filesystem::last_write_time(root_ / "kept/old.jpg",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  const auto figures = watch(one, [&] { return open_source(one); });
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->kept, 1u);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(root_ / "kept")) files.push_back(entry.path());
  ASSERT_EQ(files.size(), 1u) << "what is over is removed";
  EXPECT_FALSE(cv::imread(files[0].string()).empty());
}

TEST_F(CameraTest, SaysWhatIsWrongWithAModel) {
  Scene one = scene();
  one.model.classes.resize(80);
  auto finder = open_finder(one.model);
  ASSERT_FALSE(finder);
  EXPECT_THAT(finder.error().message, HasSubstr("[1, 6, 64], but 80 classes"));
  std::ofstream(root_ / "broken.onnx") << "no model";
  one.model.file = (root_ / "broken.onnx").string();
  EXPECT_THAT(open_finder(one.model).error().message, HasSubstr("no model that OpenCV reads"));
  one.model.file = "nowhere.onnx";
  EXPECT_THAT(open_finder(one.model).error().message, HasSubstr("give the path of your own"));
  one.source = "nowhere.avi";
  EXPECT_THAT(open_source(one).error().message, HasSubstr("there is no file"));
  std::ofstream(root_ / "text.avi") << "no clip";
  one.source = (root_ / "text.avi").string();
  EXPECT_FALSE(open_source(one));
}

// A camera that breaks off twice, then ends.
class BrokenCamera final : public PictureSource {
 public:
  BrokenCamera(std::unique_ptr<PictureSource> clip, int pictures) : clip_(std::move(clip)), left_(pictures) {}
  bool is_live() const override { return true; }
  base::Result<bool> next(Picture& out) override {
    if (left_-- == 0) return base::fail(base::Errc::unavailable, "the cable is cut");
    return clip_->next(out);
  }

 private:
  std::unique_ptr<PictureSource> clip_;
  int left_;
};

TEST_F(CameraTest, ACameraThatIsGoneIsOpenedAgainAndSaysThatItIsBlind) {
  film();
  const Scene one = scene();
  int opened = 0;
  const auto figures = watch(one, [&]() -> base::Result<std::unique_ptr<PictureSource>> {
    ++opened;
    if (opened == 2 || opened == 3) return base::fail(base::Errc::unavailable, "no answer");
    return std::make_unique<BrokenCamera>(TRY(open_source(one)), opened == 1 ? 20 : -1);
  });
  ASSERT_TRUE(figures) << figures.error().message;
  EXPECT_EQ(figures->opened, 2u);
  EXPECT_EQ(figures->pictures, 140u);
  EXPECT_EQ(pauses_,
            (std::vector<base::Duration>{std::chrono::seconds(1), std::chrono::seconds(2), std::chrono::seconds(4)}));
  std::vector<std::string> why;
  for (const JsonValue& state : told("state"))
    if (state.text_or("state", "") == "blind") why.push_back(state.text_or("why", ""));
  EXPECT_EQ(why, (std::vector<std::string>{"the cable is cut", "no answer", "no answer"}));
}

}  // namespace
}  // namespace cityloop::traffic
