#include "domain/traffic/video/scene_counter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cityloop::traffic {
namespace {

constexpr double kWrongWayForS = 1.0;      // so long before it is told
constexpr double kClear = 0.01;            // of a line: share of the picture
constexpr double kMovingPerSecond = 0.02;  // shares of the picture: slower has no direction

// Which side of the line through a and b: positive to the right, looking from a to b (y grows downwards).
double side(PicturePoint a, PicturePoint b, PicturePoint at) {
  return (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x);
}

bool crosses(const CountLine& line, PicturePoint from, PicturePoint to) {
  return (side(from, to, line.from) > 0) != (side(from, to, line.to) > 0);
}

bool goes_wrong(const WatchZone& zone, const Track& track) {
  if (!zone.allowed_deg || std::hypot(track.vx, track.vy) < kMovingPerSecond) return false;
  const double heading_deg = std::atan2(track.vy, track.vx) * 180 / std::numbers::pi;
  const double off_deg = std::abs(std::remainder(heading_deg - *zone.allowed_deg, 360));
  return off_deg > 180 - zone.tolerance_deg;
}

}  // namespace

SceneCounter::SceneCounter(const Scene& scene)
    : scene_(scene), lines_(scene.lines.size()), zones_(scene.zones.size()) {}

std::vector<SceneEvent> SceneCounter::step(double at_s, std::span<const Track> tracks) {
  std::vector<SceneEvent> events;
  if (since_s_ < 0) since_s_ = at_s;
  if (last_s_ >= 0)
    for (Zone& zone : zones_) zone.inside_s += double(zone.inside.size()) * (at_s - last_s_);
  for (const Track& track : tracks) {
    if (!track.sure) continue;
    const PicturePoint foot = track.box.foot();
    cross_lines(track, foot, seen_.try_emplace(track.id, lines_.size()).first->second);
    for (std::size_t i = 0; i < zones_.size(); ++i) watch(i, track, foot, at_s, events);
  }
  forget(tracks);
  for (Zone& zone : zones_)
    zone.count.most_inside = std::max(zone.count.most_inside, std::uint32_t(zone.inside.size()));
  last_s_ = at_s;
  ++pictures_;
  return events;
}

void SceneCounter::cross_lines(const Track& track, PicturePoint foot, std::vector<Clear>& clear) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const CountLine& line = scene_.lines[i];
    const double off = side(line.from, line.to, foot) / std::hypot(line.to.x - line.from.x, line.to.y - line.from.y);
    if (std::abs(off) < kClear) continue;
    const int now = off > 0 ? 1 : -1;
    if (clear[i].side == -now && line.kinds.has(track.kind) && crosses(line, clear[i].at, foot))
      ++(now > 0 ? lines_[i].forward : lines_[i].backward)[std::size_t(track.kind)];
    clear[i] = {now, foot};
  }
}

void SceneCounter::watch(std::size_t index, const Track& track, PicturePoint foot, double at_s,
                         std::vector<SceneEvent>& events) {
  const WatchZone& zone = scene_.zones[index];
  Zone& state = zones_[index];
  const auto found = state.inside.find(track.id);
  if (!zone.kinds.has(track.kind) || !zone.holds(foot)) {
    if (found != state.inside.end()) {
      leave(state, found->second);
      state.inside.erase(found);
    }
    return;
  }
  if (found == state.inside.end()) {
    ++state.count.entered;
    state.inside.emplace(track.id, InZone{at_s, at_s});
    return;
  }
  InZone& in = found->second;
  in.wrong_s = goes_wrong(zone, track) ? in.wrong_s + (at_s - in.seen_s) : 0;
  in.seen_s = at_s;
  const double dwell_s = at_s - in.since_s;
  state.count.longest_dwell_s = std::max(state.count.longest_dwell_s, dwell_s);
  if (in.wrong_s >= kWrongWayForS && !in.told_wrong) {
    in.told_wrong = true;
    ++state.count.wrong_way;
    events.push_back({SceneEventKind::wrong_way, zone.id, track.id, track.kind, at_s, dwell_s});
  }
  if (zone.dwell_max && dwell_s > std::chrono::duration<double>(*zone.dwell_max).count() && !in.told_long) {
    in.told_long = true;
    ++state.count.too_long;
    events.push_back({SceneEventKind::dwell, zone.id, track.id, track.kind, at_s, dwell_s});
  }
}

void SceneCounter::leave(Zone& zone, const InZone& in) {
  ++zone.count.left;
  zone.dwell_s += in.seen_s - in.since_s;
}

// Tracks that are gone have left every zone, when they were seen last.
void SceneCounter::forget(std::span<const Track> tracks) {
  const auto alive = [&](std::uint64_t id) {
    const auto found = std::ranges::lower_bound(tracks, id, {}, &Track::id);
    return found != tracks.end() && found->id == id;
  };
  for (Zone& zone : zones_) {
    for (auto it = zone.inside.begin(); it != zone.inside.end();) {
      if (alive(it->first)) {
        ++it;
        continue;
      }
      leave(zone, it->second);
      it = zone.inside.erase(it);
    }
  }
  std::erase_if(seen_, [&](const auto& entry) { return !alive(entry.first); });
}

SceneReport SceneCounter::report(double at_s) {
  SceneReport out{since_s_ < 0 ? at_s : since_s_, at_s, pictures_, lines_, {}};
  for (Zone& zone : zones_) {
    if (last_s_ >= 0) zone.inside_s += double(zone.inside.size()) * (at_s - last_s_);
    ZoneCount count = zone.count;
    count.mean_inside = at_s > out.from_s ? zone.inside_s / (at_s - out.from_s) : double(zone.inside.size());
    count.mean_dwell_s = count.left > 0 ? zone.dwell_s / count.left : 0;
    out.zones.push_back(count);
    zone.count = {.most_inside = std::uint32_t(zone.inside.size())};
    zone.inside_s = zone.dwell_s = 0;
  }
  std::ranges::fill(lines_, LineCount{});
  since_s_ = at_s;
  if (last_s_ >= 0) last_s_ = at_s;
  pictures_ = 0;
  return out;
}

}  // namespace cityloop::traffic
