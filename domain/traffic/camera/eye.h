// Where pictures come from and what finds things in them: OpenCV, seen in this folder alone.
//
//   camera, file ─▶ [PictureSource] ─ Picture ─▶ [Finder] ─ Detection ─▶ Tracker
//
// A model is the user's own: ONNX, as OpenCV's dnn reads it. Its picture is the camera's, made smaller to fit and
// padded with grey; its boxes are turned back into shares of the camera's picture.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/video/scene.h"
#include "domain/traffic/video/tracker.h"

namespace cityloop::traffic {

// One picture; what it holds is OpenCV's.
class Picture {
 public:
  Picture();
  ~Picture();
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  struct Inside;
  Inside& inside() { return *inside_; }
  const Inside& inside() const { return *inside_; }
  double at_s{};  // since the source was opened; of a file: by its own frames
  // As JPEG, with every person and vehicle but the one in `of` blurred.
  base::Status save(const std::string& file, const std::vector<Detection>& found, const Box& of) const;

 private:
  std::unique_ptr<Inside> inside_;
};

class PictureSource {
 public:
  virtual ~PictureSource() = default;
  // The next picture that is to be looked at; false at the end of a file. An error: the camera is gone.
  virtual base::Result<bool> next(Picture&) = 0;
  virtual bool is_live() const = 0;  // a camera, whose pictures do not wait
};
base::Result<std::unique_ptr<PictureSource>> open_source(const Scene&);

class Finder {
 public:
  virtual ~Finder() = default;
  virtual base::Result<std::vector<Detection>> find(const Picture&) = 0;
};
// Refuses a model that cannot be read, or whose answer to a grey picture has not the form that the settings say.
base::Result<std::unique_ptr<Finder>> open_finder(const ModelSettings&);

}  // namespace cityloop::traffic
