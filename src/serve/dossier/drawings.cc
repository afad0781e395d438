#include "serve/dossier/drawings.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace cityloop::serve {
namespace {

using geo::Position;

// A piece of the earth small enough to be flat.
class Plane {
 public:
  Plane(Position middle, double width, double height, double metres_across)
      : middle_(middle), centre_{width / 2, height / 2}, scale_(width / metres_across) {}

  Spot at(Position p) const {
    constexpr double kDegree_m = geo::kEarthRadius_m * M_PI / 180;
    const double east_m = (p.lon_deg - middle_.lon_deg) * kDegree_m * std::cos(middle_.lat_deg * M_PI / 180);
    const double north_m = (p.lat_deg - middle_.lat_deg) * kDegree_m;
    return {centre_.x + east_m * scale_, centre_.y - north_m * scale_};
  }
  double points(double metres) const { return metres * scale_; }

  std::vector<Spot> path(const std::vector<Position>& line) const {
    std::vector<Spot> out;
    for (const Position p : line) out.push_back(at(p));
    return out;
  }

 private:
  Position middle_;
  Spot centre_;
  double scale_;
};

bool inside(Spot s, double width, double height, double edge) {
  return s.x > edge && s.y > edge && s.x < width - edge && s.y < height - edge;
}

std::vector<Position> ring_of(const City::Area& area) {
  std::vector<Position> out;
  for (const auto& [lon, lat] : area.ring) out.push_back({lon, lat});
  return out;
}

void draw_areas(Canvas& on, const City& city, const Plane& plane) {
  for (const City::Area& area : city.areas) {
    const auto ring = plane.path(ring_of(area));
    if (area.kind == "water") on.area(ring, ink::kWater);
    else if (area.kind == "green") on.area(ring, ink::kPark);
  }
  for (const City::Area& area : city.areas) {
    if (area.kind == "policy") on.line(plane.path(ring_of(area)), 0.7, Colour{0.62, 0.66, 0.72}, true);
  }
}

// Names that do not run into one another.
class Labels {
 public:
  bool take(Spot at, std::string_view words, double size) {
    const double half = double(words.size()) * size * 0.19 + 4;
    for (const auto& [other, other_half] : taken_) {
      if (std::abs(at.y - other.y) < size * 1.5 && std::abs(at.x - other.x) < half + other_half) return false;
    }
    taken_.emplace_back(at, half);
    return true;
  }

 private:
  std::vector<std::pair<Spot, double>> taken_;
};

// Where a shape's name stands: of a line in the middle of what is seen of it; nothing where none of it is.
std::optional<Spot> label_spot(const Plane& plane, const geo::Shape& shape, double width, double height) {
  constexpr double kEdge = 22;
  if (shape.kind != geo::ShapeKind::line && shape.kind != geo::ShapeKind::multi_line) {
    const Spot at = plane.at(shape.anchor());
    return inside(at, width, height, kEdge) ? std::optional(at) : std::nullopt;
  }
  constexpr int kSteps = 24;
  std::vector<Spot> seen;
  for (const auto& part : shape.parts) {
    for (std::size_t i = 1; i < part.size(); ++i) {
      const Spot from = plane.at(part[i - 1]), to = plane.at(part[i]);
      for (int step = 0; step < kSteps; ++step) {
        const double share = double(step) / kSteps;
        const Spot at{from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
        if (inside(at, width, height, kEdge)) seen.push_back(at);
      }
    }
  }
  return seen.empty() ? std::nullopt : std::optional(seen[seen.size() / 2]);
}

void draw_cross(Canvas& on, Spot at) {
  on.disc(at, 11, Colour{0.94, 0.80, 0.80});
  on.disc(at, 6, ink::kSeal);
  on.disc(at, 2.2, Colour{1, 1, 1});
}

// The longest of 1, 2, 5 × 10ⁿ metres that takes no more than a fifth of the width.
double scale_length_m(double metres_across) {
  int best = 1;
  for (int decade = 1; decade < 1'000'000; decade *= 10) {
    for (const int step : {1, 2, 5}) {
      if (step * decade <= metres_across / 5) best = step * decade;
    }
  }
  return best;
}

void draw_frame(Canvas& on, const Plane& plane, double metres_across, double width, double height, bool zh) {
  const Spot corners[] = {{0.5, 0.5}, {width - 0.5, 0.5}, {width - 0.5, height - 0.5}, {0.5, height - 0.5}, {0.5, 0.5}};
  on.line(corners, 0.8, ink::kHair);
  const double length_m = scale_length_m(metres_across), bar = plane.points(length_m), y = height - 11;
  const Spot scale[] = {{12, y - 3}, {12, y}, {12 + bar, y}, {12 + bar, y - 3}};
  on.line(scale, 1, ink::kText);
  on.text({17 + bar, y - 2}, length_m >= 1000 ? fmt::format("{} km", length_m / 1000) : fmt::format("{} m", length_m),
          7.5, ink::kText);
  const double x = width - 16;
  const Spot needle[] = {{x, 12}, {x + 4, 26}, {x, 22.5}, {x - 4, 26}};
  on.area(needle, ink::kText);
  on.text({x, 33}, zh ? "北" : "N", 7.5, ink::kText, Align::centre);
}

}  // namespace

void PlaceSketch::draw(Canvas& on, double width) const {
  constexpr double kAcross_m = 1100;
  const Plane plane(place, width, kHeight, kAcross_m);
  on.box({0, 0}, width, kHeight, Colour{0.985, 0.985, 0.98});
  draw_areas(on, city, plane);
  Labels labels;
  labels.take(plane.at(place), "○○○○", 12);
  for (const double wide : {5.0, 3.6}) {  // the edge first, so that crossings are open
    for (const NamedShape& one : around) {
      if (one.shape.kind != geo::ShapeKind::line && one.shape.kind != geo::ShapeKind::multi_line) continue;
      for (const auto& part : one.shape.parts) on.line(plane.path(part), wide, wide > 4 ? ink::kRoad : Colour{1, 1, 1});
    }
  }
  for (const NamedShape& one : around) {
    if (one.shape.is_area() && !one.shape.parts.empty())
      on.area(plane.path(one.shape.parts.front()), Colour{0.90, 0.90, 0.89});
  }
  for (const NamedShape& one : around) {
    if (one.shape.kind == geo::ShapeKind::point) on.disc(plane.at(one.shape.anchor()), 1.6, Colour{0.48, 0.55, 0.64});
  }
  if (extent && extent->is_area()) {
    for (const auto& part : extent->parts) on.line(plane.path(part), 1.6, ink::kSeal);
  }
  draw_cross(on, plane.at(place));
  std::set<std::string> named;
  for (const NamedShape& one : around) {
    if (one.shape.kind == geo::ShapeKind::point || one.name.empty() || named.contains(one.name)) continue;
    const auto at = label_spot(plane, one.shape, width, kHeight);
    if (!at || !labels.take(*at, one.name, 7)) continue;
    named.insert(one.name);
    on.text(*at, one.name, 7, ink::kText, Align::centre);
  }
  for (const City::Area& area : city.areas) {
    if (area.kind == "policy" || area.ring.empty()) continue;
    const Spot at = plane.at(geo::Shape{geo::ShapeKind::polygon, {ring_of(area)}}.anchor());
    const std::string& name = zh ? area.name.zh : area.name.en;
    if (inside(at, width, kHeight, 14) && labels.take(at, name, 8))
      on.text(at, name, 8, Colour{0.25, 0.42, 0.45}, Align::centre);
  }
  if (!area_name.empty()) on.text({12, 13}, area_name, 8.5, ink::kSoft);
  draw_frame(on, plane, kAcross_m, width, kHeight, zh);
}

void TrendChart::draw(Canvas& on, double width) const {
  constexpr double kTop = 15, kFoot = 14, kSide = 44;
  const double left = kSide, right = width - 8, bottom = kHeight - kFoot;
  const auto by_value = [](const twin::Sample& a, const twin::Sample& b) { return a.value < b.value; };
  const auto [least, most] = std::ranges::minmax_element(samples, by_value);
  double bottom_value = std::min(least->value, limit.value_or(least->value));
  double top_value = std::max(most->value, limit.value_or(most->value));
  const double room = std::max((top_value - bottom_value) * 0.08, 1e-9);
  bottom_value -= room, top_value += room;
  const double first = double(base::to_us(samples.front().at)), last = double(base::to_us(samples.back().at));
  const auto x_of = [&](base::Instant at) {
    const double share = (double(base::to_us(at)) - first) / std::max(1.0, last - first);
    return left + std::clamp(share, 0.0, 1.0) * (right - left);
  };
  const auto y_of = [&](double value) {
    return bottom - (value - bottom_value) / (top_value - bottom_value) * (bottom - kTop);
  };
  const double from = x_of(opened_at), to = cleared_at == base::kNever ? right : x_of(cleared_at);
  on.box({from, kTop}, std::max(1.0, to - from), bottom - kTop, Colour{0.985, 0.93, 0.92});
  const Spot axis[] = {{left, kTop}, {left, bottom}, {right, bottom}};
  on.line(axis, 0.6, ink::kHair);
  if (limit) {
    const Spot level[] = {{left, y_of(*limit)}, {right, y_of(*limit)}};
    on.line(level, 0.8, ink::kSeal, true);
    on.text({right - 2, y_of(*limit) - 5.5}, limit_word, 7, ink::kSeal, Align::right);
  }
  std::vector<Spot> curve;
  for (const twin::Sample& sample : samples) curve.push_back({x_of(sample.at), y_of(sample.value)});
  on.line(curve, 1.1, ink::kBlue);
  on.text({from + 2, kTop - 7}, opened_word, 7, ink::kSeal);
  if (cleared_at != base::kNever && to - from > 60)
    on.text({to, kTop - 7}, cleared_word, 7, ink::kGreen, Align::centre);
  on.text({left - 4, y_of(most->value)}, high, 7, ink::kSoft, Align::right);
  on.text({left - 4, y_of(least->value)}, low, 7, ink::kSoft, Align::right);
  on.text({left, bottom + 7}, first_time, 7, ink::kSoft);
  on.text({right, bottom + 7}, last_time, 7, ink::kSoft, Align::right);
}

}  // namespace cityloop::serve
