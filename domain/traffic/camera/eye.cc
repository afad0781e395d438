#include "domain/traffic/camera/eye.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

namespace cityloop::traffic {

using base::Errc;
using base::fail;
using base::Result;

struct Picture::Inside {
  cv::Mat pixels;
};

Picture::Picture() : inside_(std::make_unique<Inside>()) {}
Picture::~Picture() = default;

namespace {

cv::Rect pixels_of(const Box& box, const cv::Mat& picture) {
  const cv::Rect whole(0, 0, picture.cols, picture.rows);
  return cv::Rect(int(box.x * picture.cols), int(box.y * picture.rows), int(std::ceil(box.width * picture.cols)),
                  int(std::ceil(box.height * picture.rows))) &
         whole;
}

class Capture final : public PictureSource {
 public:
  Capture(const cv::VideoCapture& capture, const Scene& scene, bool live)
      : capture_(capture), live_(live), begun_(cv::getTickCount()) {
    const double rate = capture_.get(cv::CAP_PROP_FPS);
    file_rate_ = rate > 0.1 && rate < 1000 ? rate : 25;
    every_s_ = 1 / scene.frames_per_second;
  }
  bool is_live() const override { return live_; }
  Result<bool> next(Picture& out) override {
    while (capture_.grab()) {
      const double at_s = live_ ? double(cv::getTickCount() - begun_) / cv::getTickFrequency() : number_ / file_rate_;
      ++number_;
      if (at_s + 1e-9 < due_s_) continue;
      due_s_ = std::max(due_s_ + every_s_, at_s + every_s_ / 2);
      if (!capture_.retrieve(out.inside().pixels) || out.inside().pixels.empty()) continue;  // a damaged picture
      out.at_s = at_s;
      return true;
    }
    if (live_) return fail(Errc::unavailable, "the camera sends nothing any more");
    return false;
  }

 private:
  cv::VideoCapture capture_;
  bool live_;
  std::int64_t begun_;
  double file_rate_{25}, every_s_{0.2}, due_s_{0};
  double number_{0};
};

// What the model sees of a picture: the scale, and the padding on the left and above, in its pixels.
struct Fit {
  double scale{}, left{}, top{};
};

class DnnFinder final : public Finder {
 public:
  DnnFinder(const cv::dnn::Net& net, const ModelSettings& settings) : net_(net), settings_(settings) {}

  Result<std::vector<Detection>> find(const Picture& picture) override {
    const cv::Mat& pixels = picture.inside().pixels;
    Fit fit;
    cv::Mat answer;
    try {
      net_.setInput(cv::dnn::blobFromImage(fitted(pixels, fit), 1 / 255.0, {}, {}, true, false));
      answer = net_.forward();
    } catch (const cv::Exception& problem) {
      return fail(Errc::invalid, "{}: {}", settings_.file, problem.err);
    }
    const bool first = settings_.layout == ModelLayout::boxes_first;
    const int values = int(settings_.classes.size()) + (first ? 4 : 5);
    if (answer.dims != 3 || answer.size[0] != 1 || answer.size[first ? 1 : 2] != values)
      return fail(Errc::invalid, "{}: the model's answer is {}, but {} classes and layout '{}' ask for {}",
                  settings_.file, shape_of(answer), settings_.classes.size(), first ? "boxes_first" : "boxes_last",
                  first ? fmt::format("[1, {}, boxes]", values) : fmt::format("[1, boxes, {}]", values));
    return sorted_out(answer, first, values, fit, pixels);
  }

 private:
  static std::string shape_of(const cv::Mat& answer) {
    std::vector<int> sizes(answer.size.p, answer.size.p + answer.dims);
    return fmt::format("[{}]", fmt::join(sizes, ", "));
  }

  cv::Mat fitted(const cv::Mat& pixels, Fit& fit) const {
    fit.scale = std::min(double(settings_.width) / pixels.cols, double(settings_.height) / pixels.rows);
    const cv::Size size(std::max(1, int(std::lround(pixels.cols * fit.scale))),
                        std::max(1, int(std::lround(pixels.rows * fit.scale))));
    fit.left = std::floor((settings_.width - size.width) / 2.0);
    fit.top = std::floor((settings_.height - size.height) / 2.0);
    cv::Mat small, out;
    cv::resize(pixels, small, size, 0, 0, cv::INTER_LINEAR);
    cv::copyMakeBorder(small, out, int(fit.top), settings_.height - size.height - int(fit.top), int(fit.left),
                       settings_.width - size.width - int(fit.left), cv::BORDER_CONSTANT, cv::Scalar(114, 114, 114));
    return out;
  }

  std::vector<Detection> sorted_out(const cv::Mat& answer, bool first, int values, const Fit& fit,
                                    const cv::Mat& pixels) const {
    const int count = answer.size[first ? 2 : 1];
    const float* const data = answer.ptr<float>();
    const auto value = [&](int box, int which) {
      return first ? data[std::size_t(which) * std::size_t(count) + std::size_t(box)]
                   : data[std::size_t(box) * std::size_t(values) + std::size_t(which)];
    };
    std::vector<Detection> found;
    for (int box = 0; box < count; ++box) {
      const float object = first ? 1.0F : value(box, 4);
      const int from = first ? 4 : 5;
      int best = 0;
      for (int c = 1; c < int(settings_.classes.size()); ++c)
        if (value(box, from + c) > value(box, from + best)) best = c;
      const double confidence = double(object) * double(value(box, from + best));
      const auto kind = settings_.classes[std::size_t(best)];
      if (!kind || !(confidence >= settings_.confidence)) continue;
      const double width = value(box, 2) / fit.scale, height = value(box, 3) / fit.scale;
      const double x = (value(box, 0) - fit.left) / fit.scale - width / 2;
      const double y = (value(box, 1) - fit.top) / fit.scale - height / 2;
      if (!(width > 0 && height > 0) || !std::isfinite(x) || !std::isfinite(y)) continue;
      found.push_back({{x / pixels.cols, y / pixels.rows, width / pixels.cols, height / pixels.rows},
                       *kind,
                       std::min(confidence, 1.0)});
    }
    return without_doubles(std::move(found));
  }

  // Of boxes of one sort that overlap, the surest stays.
  std::vector<Detection> without_doubles(std::vector<Detection> found) const {
    std::ranges::stable_sort(found, std::ranges::greater{}, &Detection::confidence);
    std::vector<Detection> out;
    for (const Detection& one : found) {
      const bool twice = std::ranges::any_of(out, [&](const Detection& other) {
        return (other.kind == ObjectKind::person) == (one.kind == ObjectKind::person) &&
               overlap(other.box, one.box) > settings_.overlap;
      });
      if (!twice) out.push_back(one);
    }
    return out;
  }

  cv::dnn::Net net_;
  ModelSettings settings_;
};

// By those that read files and streams; the others would look for cameras of their own at each file that is none.
bool open_by_any(cv::VideoCapture& capture, const std::string& source) {
  if (source.starts_with("/dev/")) return capture.open(source, cv::CAP_V4L2);
  for (const int reader : {cv::CAP_FFMPEG, cv::CAP_GSTREAMER, cv::CAP_OPENCV_MJPEG})
    if (capture.open(source, reader)) return true;
  return false;
}

}  // namespace

base::Status Picture::save(const std::string& file, const std::vector<Detection>& found, const Box& of) const {
  cv::Mat out = inside_->pixels.clone();
  for (const Detection& one : found) {
    if (overlap(one.box, of) > 0.5) continue;
    const cv::Rect area = pixels_of(one.box, out);
    if (area.width < 2 || area.height < 2) continue;
    cv::Mat part = out(area);
    cv::blur(part, part, cv::Size(std::max(3, area.width / 3), std::max(3, area.height / 3)));
  }
  try {
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    if (cv::imwrite(file, out)) return {};
  } catch (const std::exception& problem) {
    return fail(Errc::unavailable, "{}: {}", file, problem.what());
  }
  return fail(Errc::unavailable, "{}: cannot be written", file);
}

Result<std::unique_ptr<PictureSource>> open_source(const Scene& scene) {
  const bool live = scene.source.starts_with("/dev/") ||
                    (scene.source.find("://") != std::string::npos && !scene.source.starts_with("file://"));
  if (!live && !std::filesystem::exists(scene.source))
    return fail(Errc::not_found, "there is no file {}", scene.source);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);  // what is wrong is told as an error, once
  cv::VideoCapture capture;
  try {
    if (!open_by_any(capture, scene.source))
      return fail(Errc::unavailable, "{}",
                  live ? "the camera does not answer" : scene.source + ": no video that OpenCV reads");
  } catch (const cv::Exception& problem) {
    return fail(Errc::unavailable, "the video cannot be opened: {}", problem.err);
  }
  return std::make_unique<Capture>(capture, scene, live);
}

Result<std::unique_ptr<Finder>> open_finder(const ModelSettings& settings) {
  if (!std::filesystem::exists(settings.file))
    return fail(Errc::not_found, "there is no model {}: give the path of your own (ONNX)", settings.file);
  std::unique_ptr<DnnFinder> finder;
  try {
    cv::dnn::Net net = cv::dnn::readNet(settings.file);
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    finder = std::make_unique<DnnFinder>(net, settings);
  } catch (const cv::Exception& problem) {
    return fail(Errc::invalid, "{}: no model that OpenCV reads: {}", settings.file, problem.err);
  }
  Picture grey;
  grey.inside().pixels = cv::Mat(settings.height, settings.width, CV_8UC3, cv::Scalar(114, 114, 114));
  TRY(finder->find(grey));
  return finder;
}

}  // namespace cityloop::traffic
