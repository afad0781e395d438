#include "domain/traffic/video/tracker.h"

#include <algorithm>

#include "solve/assignment.h"

namespace cityloop::traffic {
namespace {

void move(Track& track, double by_s) {
  track.box.x += track.vx * by_s;
  track.box.y += track.vy * by_s;
}

bool alike(ObjectKind a, ObjectKind b) {
  return (a == ObjectKind::person) ==
         (b == ObjectKind::person);  // a detector takes a van for a truck, no man for a car
}

}  // namespace

double overlap(const Box& a, const Box& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const double both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

std::span<const Track> Tracker::step(double at_s, std::span<const Detection> detections) {
  if (at_s <= last_s_) return tracks_;
  for (Track& track : tracks_) {
    move(track, at_s - last_s_);
    track.seen = false;
  }
  track_free_.assign(tracks_.size(), true);
  detection_free_.assign(detections.size(), true);
  match(detections, settings_.sure_confidence, 2, at_s);
  match(detections, 0, settings_.sure_confidence, at_s);
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const Detection& one = detections[i];
    if (!detection_free_[i] || one.confidence < settings_.sure_confidence) continue;
    tracks_.push_back({++last_id_, one.kind, one.box, 0, 0, at_s, at_s, 1, true, settings_.sure_hits <= 1});
    votes_.emplace_back().of[std::size_t(one.kind)] = 1;
  }
  last_s_ = at_s;
  // One that was never sure is let go at once: a flicker is no thing.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const double hidden_s = at_s - tracks_[i].seen_s;
    if (hidden_s > (tracks_[i].sure ? settings_.hidden_max_s : settings_.hidden_max_s / 3)) continue;
    tracks_[kept] = tracks_[i];
    votes_[kept++] = votes_[i];
  }
  tracks_.resize(kept);
  votes_.resize(kept);
  return tracks_;
}

void Tracker::match(std::span<const Detection> detections, double from, double below, double at_s) {
  std::vector<std::size_t> rows, columns;
  for (std::size_t i = 0; i < track_free_.size(); ++i)
    if (track_free_[i]) rows.push_back(i);
  for (std::size_t i = 0; i < detections.size(); ++i)
    if (detection_free_[i] && detections[i].confidence >= from && detections[i].confidence < below)
      columns.push_back(i);
  if (rows.empty() || columns.empty()) return;
  solve::Costs costs{rows.size(), columns.size(), {}};
  costs.of.reserve(rows.size() * columns.size());
  for (const std::size_t row : rows) {
    for (const std::size_t column : columns) {
      const Detection& one = detections[column];
      const double share = alike(tracks_[row].kind, one.kind) ? overlap(tracks_[row].box, one.box) : 0;
      costs.of.push_back(share >= settings_.overlap_min ? 1 - share : solve::kForbidden);
    }
  }
  const auto best = solve::assign(costs);
  if (!best) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!best->column_of[i]) continue;
    const std::size_t column = columns[*best->column_of[i]];
    track_free_[rows[i]] = detection_free_[column] = false;
    take(rows[i], detections[column], at_s);
  }
}

void Tracker::take(std::size_t index, const Detection& one, double at_s) {
  Track& track = tracks_[index];
  const double passed_s = std::max(at_s - track.seen_s, 1e-3);
  const PicturePoint predicted = track.box.centre(), seen = one.box.centre();
  const double off_x = seen.x - predicted.x, off_y = seen.y - predicted.y;
  // The second sight tells the velocity; later ones correct it.
  const double gain = track.hits == 1 ? 1 : settings_.velocity_gain;
  track.vx += gain * off_x / passed_s;
  track.vy += gain * off_y / passed_s;
  const double place = track.hits == 1 ? 1 : settings_.position_gain;
  const double width = track.box.width + place * (one.box.width - track.box.width);
  const double height = track.box.height + place * (one.box.height - track.box.height);
  track.box = {predicted.x + place * off_x - width / 2, predicted.y + place * off_y - height / 2, width, height};
  track.seen_s = at_s;
  track.seen = true;
  track.sure = ++track.hits >= settings_.sure_hits || track.sure;
  auto& votes = votes_[index].of;
  ++votes[std::size_t(one.kind)];
  track.kind = ObjectKind(std::max_element(std::begin(votes), std::end(votes)) - std::begin(votes));
}

}  // namespace cityloop::traffic
