// Looks through one camera until it is told to stop or a file has ended: pictures in, messages out.
//
//   PictureSource ─▶ Finder ─▶ Tracker ─▶ SceneCounter ─▶ [Watch] ─ VideoMessage ─▶ MQTT
//
// A camera that is gone is opened again, with a pause that doubles from 1 s to 1 min; meanwhile it says that it is
// blind, and why. No picture is kept unless the scene's [keep] names the event for which it is kept; then everybody but
// who the event is about is blurred, and the picture is removed when its time is over.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "domain/traffic/camera/eye.h"
#include "domain/traffic/video/scene_counter.h"
#include "domain/traffic/video/scene_payload.h"

namespace cityloop::traffic {

struct WatchWorld {
  std::function<base::Result<std::unique_ptr<PictureSource>>()> open;
  std::function<void(VideoMessage)> tell;
  const base::Clock& wall;
  std::function<void(base::Duration)> pause;  // sleeps, or less when it is told to stop
};

struct WatchFigures {
  std::uint64_t pictures{}, found{}, events{}, kept{}, opened{};
};

class Watch {
 public:
  Watch(const Scene&, Finder&, WatchWorld);
  // Until the file has ended, or stop(). An error is the model's: a camera's never ends it.
  base::Result<WatchFigures> run();
  void stop() { stopping_ = true; }  // from any thread

 private:
  base::Status look(PictureSource&);
  base::Status take(const Picture&);
  void keep(const Picture&, const std::vector<Detection>&, const SceneEvent&, std::span<const Track>);
  void prune();
  void report(double at_s);

  const Scene& scene_;
  Finder& finder_;
  WatchWorld world_;
  std::atomic<bool> stopping_{false};
  Tracker tracker_;
  std::unique_ptr<SceneCounter> counter_;
  base::Instant begin_{};  // of the source that is open
  double reported_s_{0}, last_s_{0};
  std::uint64_t reported_pictures_{0};
  WatchFigures figures_;
};

}  // namespace cityloop::traffic
