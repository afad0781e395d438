#include "domain/traffic/camera/watch.h"

#include <algorithm>
#include <filesystem>

#include "base/log.h"

namespace cityloop::traffic {
namespace {

constexpr base::Duration kFirstPause = std::chrono::seconds(1);
constexpr base::Duration kLongestPause = std::chrono::minutes(1);

}  // namespace

Watch::Watch(const Scene& scene, Finder& finder, WatchWorld world)
    : scene_(scene), finder_(finder), world_(std::move(world)) {}

base::Result<WatchFigures> Watch::run() {
  base::Duration pause = kFirstPause;
  while (!stopping_) {
    auto source = world_.open();
    std::string why = source ? "" : source.error().message;
    if (source) {
      ++figures_.opened;
      tracker_ = Tracker();
      counter_ = std::make_unique<SceneCounter>(scene_);
      begin_ = world_.wall.now();
      reported_s_ = last_s_ = 0;
      const std::uint64_t before = figures_.pictures;
      const base::Status seen = look(**source);
      if (figures_.pictures > before) pause = kFirstPause;
      if (!seen && seen.error().code != base::Errc::unavailable) return std::unexpected(seen.error());
      if (seen) return figures_;
      why = seen.error().message;
    }
    if (stopping_) break;
    base::log_warn("{}: {}", scene_.id, why);
    world_.tell(state_message(scene_, world_.wall.now(), why, figures_.pictures, 0));
    world_.pause(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return figures_;
}

// Until the file has ended or it is told to stop; `unavailable`: the camera is gone.
base::Status Watch::look(PictureSource& source) {
  Picture picture;
  const double every_s = std::chrono::duration<double>(scene_.report_every).count();
  base::Status end;
  while (!stopping_) {
    const auto there = source.next(picture);
    if (!there) end = std::unexpected(there.error());
    if (!there || !*there) break;
    if (const base::Status taken = take(picture); !taken) return taken;
    if (picture.at_s - reported_s_ >= every_s) report(picture.at_s);
  }
  if (figures_.pictures > reported_pictures_) report(last_s_);
  return end;
}

base::Status Watch::take(const Picture& picture) {
  const std::vector<Detection> found = TRY(finder_.find(picture));
  last_s_ = picture.at_s;
  ++figures_.pictures;
  figures_.found += found.size();
  const std::span<const Track> tracks = tracker_.step(picture.at_s, found);
  for (const SceneEvent& event : counter_->step(picture.at_s, tracks)) {
    ++figures_.events;
    world_.tell(message_of(scene_, event, begin_));
    keep(picture, found, event, tracks);
  }
  return {};
}

void Watch::keep(const Picture& picture, const std::vector<Detection>& found, const SceneEvent& event,
                 std::span<const Track> tracks) {
  if (!scene_.keep || std::ranges::find(scene_.keep->on, event.kind) == scene_.keep->on.end()) return;
  const auto track = std::ranges::find(tracks, event.track, &Track::id);
  if (track == tracks.end()) return;
  const base::Instant at = begin_ + base::Duration(std::int64_t(event.at_s * 1e6));
  const std::string file = fmt::format("{}/{}-{}-{}-{}.jpg", scene_.keep->folder, base::format_time(at), scene_.id,
                                       to_string(event.kind), event.track);
  if (const base::Status saved = picture.save(file, found, track->box); saved) ++figures_.kept;
  else base::log_warn("{}: {}", scene_.id, saved.error().message);
}

// By the files' own times: a picture whose time is over goes, also one that an earlier run has left.
void Watch::prune() {
  if (!scene_.keep) return;
  std::error_code none;
  const auto oldest = std::filesystem::file_time_type::clock::now() -
                      std::chrono::duration_cast<std::filesystem::file_time_type::duration>(scene_.keep->keep_for);
  for (const auto& entry : std::filesystem::directory_iterator(scene_.keep->folder, none))
    if (entry.path().extension() == ".jpg" && entry.last_write_time(none) < oldest)
      std::filesystem::remove(entry.path(), none);
}

void Watch::report(double at_s) {
  const double passed_s = at_s - reported_s_;
  for (VideoMessage& message : messages_of(scene_, counter_->report(at_s), begin_)) world_.tell(std::move(message));
  const double rate = passed_s > 0 ? double(figures_.pictures - reported_pictures_) / passed_s : 0;
  const base::Instant at = begin_ + base::Duration(std::int64_t(at_s * 1e6));
  world_.tell(state_message(scene_, at, "", figures_.pictures, rate));
  reported_s_ = at_s;
  reported_pictures_ = figures_.pictures;
  prune();
}

}  // namespace cityloop::traffic
