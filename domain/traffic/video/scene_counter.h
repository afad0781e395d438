// Counts what tracks do: cross lines, enter and leave zones, stay too long, go the wrong way.
//
//   Tracker ─ Track ─▶ [SceneCounter] ─ SceneEvent at once, SceneReport every so often ─▶ MQTT
//
// What counts is where a thing stands on the ground (the middle of its box's lower edge), and only once it is sure. A
// line is crossed when a thing is clear of it on the other side than before: one that trembles on the line counts not
// at all, one that comes back counts once each way.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/traffic/video/scene.h"
#include "domain/traffic/video/tracker.h"

namespace cityloop::traffic {

struct SceneEvent {
  SceneEventKind kind{};
  std::string zone;
  std::uint64_t track{};
  ObjectKind object{};
  double at_s{};
  double dwell_s{};  // of dwell: so far
};

using KindCounts = std::array<std::uint32_t, kObjectKinds>;

struct LineCount {
  KindCounts forward{}, backward{};
};

struct ZoneCount {
  std::uint32_t entered{}, left{}, wrong_way{}, too_long{};
  double mean_inside{};  // things in it, over the time of the report
  std::uint32_t most_inside{};
  double mean_dwell_s{};     // of those who left in this time; 0 where nobody did
  double longest_dwell_s{};  // of all who were in it
};

struct SceneReport {
  double from_s{}, to_s{};
  std::uint32_t pictures{};
  std::vector<LineCount> lines;  // as Scene::lines
  std::vector<ZoneCount> zones;  // as Scene::zones
};

class SceneCounter {
 public:
  // The scene outlives this.
  explicit SceneCounter(const Scene&);

  // After each picture, in order of time; gives what happened in it.
  std::vector<SceneEvent> step(double at_s, std::span<const Track>);
  // What was counted since the last report; what is going on (who is inside, since when) goes on.
  SceneReport report(double at_s);

 private:
  struct InZone {
    double since_s{};
    double seen_s{};
    bool told_long{false}, told_wrong{false};
    double wrong_s{};  // so long it has gone the wrong way
  };
  struct Clear {
    int side{0};  // on which it was clear of the line last; 0: never yet
    PicturePoint at;
  };
  struct Zone {
    std::unordered_map<std::uint64_t, InZone> inside;
    ZoneCount count;
    double inside_s{};  // ∫ things inside dt
    double dwell_s{};
  };
  void cross_lines(const Track&, PicturePoint foot, std::vector<Clear>&);
  void watch(std::size_t zone, const Track&, PicturePoint foot, double at_s, std::vector<SceneEvent>&);
  void leave(Zone&, const InZone&);
  void forget(std::span<const Track>);

  const Scene& scene_;
  std::unordered_map<std::uint64_t, std::vector<Clear>> seen_;  // by track: per line
  std::vector<LineCount> lines_;
  std::vector<Zone> zones_;
  double last_s_{-1}, since_s_{-1};
  std::uint32_t pictures_{0};
};

}  // namespace cityloop::traffic
