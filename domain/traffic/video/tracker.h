// Follows what a detector finds from picture to picture: a number for each thing that stays the same while it is seen.
//
//   Detector ─ Detection ─▶ [Tracker] ─ Track ─▶ SceneCounter
//
// Each track predicts where it will be (constant velocity, held to what is seen by an alpha-beta filter); predictions
// and detections are matched as a whole at the least total cost, 1 - overlap (intersection over union), after Bewley et
// al., Simple online and realtime tracking, 2016. A second round matches what was found with little confidence to
// tracks that are left over (Zhang et al., ByteTrack, 2022): a thing behind a pole is not a new thing when it comes
// out. Places are shares of the picture. No clock, no randomness: the same detections give the same tracks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/traffic/video/scene.h"

namespace cityloop::traffic {

struct Box {
  double x{}, y{}, width{}, height{};  // upper left corner
  PicturePoint centre() const { return {x + width / 2, y + height / 2}; }
  PicturePoint foot() const { return {x + width / 2, y + height}; }  // where it stands on the ground
};
double overlap(const Box&, const Box&);  // intersection over union, 0 to 1

struct Detection {
  Box box;
  ObjectKind kind{ObjectKind::car};
  double confidence{};
};

struct Track {
  std::uint64_t id{};  // from 1 on, never used twice
  ObjectKind kind{};   // what most of its detections said
  Box box;             // as seen last, or predicted while it is hidden
  double vx{}, vy{};   // shares of the picture per second
  double first_s{}, seen_s{};
  int hits{};   // detections that were matched to it
  bool seen{};  // in this picture
  bool sure{};  // seen often enough to count
};

struct TrackerSettings {
  double sure_confidence{0.5};  // a track begins with no less
  double overlap_min{0.2};
  int sure_hits{3};
  double hidden_max_s{1.5};
  double position_gain{0.7};  // alpha
  double velocity_gain{0.3};  // beta
};

class Tracker {
 public:
  explicit Tracker(const TrackerSettings& settings = {}) : settings_(settings) {}

  // Pictures in order of time; one that is not later than the last is passed over. Tracks in order of their numbers;
  // those that were hidden for too long are gone.
  std::span<const Track> step(double at_s, std::span<const Detection>);

 private:
  struct Votes {
    std::uint32_t of[kObjectKinds]{};
  };
  // Of free tracks and free detections of these, those that fit best; both are then no longer free.
  void match(std::span<const Detection>, double from, double below, double at_s);
  void take(std::size_t track, const Detection&, double at_s);

  TrackerSettings settings_;
  std::vector<Track> tracks_;
  std::vector<Votes> votes_;  // beside tracks_
  std::vector<bool> track_free_, detection_free_;
  std::uint64_t last_id_{0};
  double last_s_{-1e300};
};

}  // namespace cityloop::traffic
