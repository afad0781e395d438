// Judges what a junction's lights show, second by second, by the junction's description alone: written apart from
// SafetyMonitor and sharing nothing with it, so that the two cannot be wrong together.
//
// And junctions to try: drawn at random, four arms or fewer, some with people on foot, with stages built from whatever
// may go together.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/rng.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic::test {

class Referee {
 public:
  Referee(const Junction& junction, double max_red_s) : junction_(junction), max_red_s_(max_red_s) {
    ways_.resize(junction.movements.size());
  }

  // The lights as they are at this moment, a letter a movement. Times rise.
  void see(double now_s, const std::string& shown) {
    if (now_s > next_limit_s_) check_red(now_s);
    if (shown == shown_) return;
    for (std::size_t m = 0; m < ways_.size(); ++m) {
      const char before = shown_.empty() ? 'r' : shown_[m];
      if (before != shown[m]) turn(now_s, m, before, shown[m], shown);
    }
    for (std::size_t a = 0; a < ways_.size(); ++a) {
      for (std::size_t b = a + 1; b < ways_.size(); ++b) {
        if (shown[a] != 'r' && shown[b] != 'r' && meet_badly(a, shown[a], b, shown[b]))
          wrong(now_s, fmt::format("{} and {} go together, {}{}", a, b, shown[a], shown[b]));
      }
    }
    if (shown_.empty()) {
      for (Way& way : ways_) way.red_since_s = now_s;
    }
    shown_ = shown;
    check_red(now_s);
  }
  const std::string& verdict() const { return verdict_; }
  int turns() const { return turns_; }

 private:
  struct Way {
    double green_since_s{-1e9}, yellow_since_s{-1e9}, green_until_s{-1e9}, red_since_s{0};
  };
  static bool green(char letter) { return letter == 'g' || letter == 'G'; }
  Conflict meeting(std::size_t a, std::size_t b) const { return junction_.conflicts[a * ways_.size() + b]; }

  void turn(double now_s, std::size_t m, char before, char now, const std::string& shown) {
    ++turns_;
    Way& way = ways_[m];
    const bool walks = junction_.movements[m].kind == MovementKind::pedestrian;
    const double least_s = walks ? junction_.pedestrian_min_s : junction_.min_green_s;
    if (green(before) && green(now)) return;
    if (green(before)) {
      if (now_s - way.green_since_s < least_s - kNear)
        wrong(now_s, fmt::format("{} was green for {} s only", m, now_s - way.green_since_s));
      if (now == 'r' && junction_.yellow_s > 0) wrong(now_s, fmt::format("{} had no yellow", m));
      way.green_until_s = way.yellow_since_s = way.red_since_s = now_s;
      return;
    }
    if (before == 'y') {
      if (now != 'r') wrong(now_s, fmt::format("{} went from yellow to {}", m, now));
      if (now_s - way.yellow_since_s < junction_.yellow_s - kNear)
        wrong(now_s, fmt::format("{} was yellow for {} s only", m, now_s - way.yellow_since_s));
      return;
    }
    if (now == 'y') return wrong(now_s, fmt::format("{} went from red to yellow", m));
    for (std::size_t other = 0; other < ways_.size(); ++other) {
      const double clear_s = now_s - ways_[other].green_until_s;
      if (meeting(m, other) == Conflict::none || (!shown_.empty() && green(shown_[other]) && green(shown[other])))
        continue;
      if (clear_s < junction_.yellow_s + junction_.all_red_s - kNear)
        wrong(now_s, fmt::format("{} goes {} s after the green of {}", m, clear_s, other));
    }
    way.green_since_s = now_s;
  }

  bool meet_badly(std::size_t a, char first, std::size_t b, char second) const {
    const Conflict how = meeting(a, b);
    if (how == Conflict::excludes) return true;
    if (how == Conflict::yields) return first == 'G';
    return how == Conflict::has_way && second == 'G';
  }

  void check_red(double now_s) {
    next_limit_s_ = 1e18;
    for (std::size_t m = 0; m < ways_.size(); ++m) {
      if (shown_.empty() || green(shown_[m])) continue;
      const double limit_s = ways_[m].red_since_s + max_red_s_ + kNear;
      if (now_s > limit_s) wrong(now_s, fmt::format("{} is red for {} s", m, now_s - ways_[m].red_since_s));
      next_limit_s_ = std::min(next_limit_s_, limit_s);
    }
  }
  void wrong(double now_s, std::string what) {
    if (verdict_.empty()) verdict_ = fmt::format("{} s: {}", now_s, what);
  }

  static constexpr double kNear = 1e-3;
  const Junction& junction_;
  double max_red_s_;
  std::vector<Way> ways_;
  std::string shown_, verdict_;
  double next_limit_s_{1e18};
  int turns_{0};
};

inline Conflict other_side(Conflict conflict) {
  if (conflict == Conflict::yields) return Conflict::has_way;
  return conflict == Conflict::has_way ? Conflict::yields : conflict;
}

// A stage to which movements are added in a random order, as long as they may be there.
inline Stage random_stage(const Junction& junction, int first, base::Rng& rng) {
  Stage stage;
  const int count = int(junction.movements.size());
  stage.aspects.assign(std::size_t(count), Aspect::red);
  std::vector<int> order;
  for (int m = 0; m < count; ++m) order.insert(order.begin() + long(rng.below(order.size() + 1)), m);
  std::erase(order, first);
  order.insert(order.begin(), first);
  for (const int m : order) {
    if (m != first && rng.below(4) == 0) continue;
    for (const Aspect aspect : {Aspect::protected_, Aspect::permissive}) {
      bool fits = true;
      for (int other = 0; other < count && fits; ++other) {
        const Aspect there = stage.aspects[std::size_t(other)];
        fits = there == Aspect::red || compatible(junction, m, aspect, other, there);
      }
      if (!fits) continue;
      stage.aspects[std::size_t(m)] = aspect;
      break;
    }
  }
  return stage;
}

inline Junction random_junction(base::Rng& rng, bool whole_seconds = true) {
  const auto some = [&](std::uint64_t from, std::uint64_t to) {
    return double(from + rng.below(to - from + 1)) + (whole_seconds ? 0 : 0.25 * double(rng.below(4)));
  };
  Junction out;
  out.id = "random";
  out.lanes = {{.id = "in", .length_m = 100, .speed_mps = 14},
               {.id = "out", .role = LaneRole::exit, .length_m = 100, .speed_mps = 14}};
  const int count = 3 + int(rng.below(9));
  out.links = count;
  for (int m = 0; m < count; ++m) {
    const bool walks = m > 1 && rng.below(4) == 0;
    out.movements.push_back({.link = m,
                             .from = walks ? -1 : 0,
                             .to = walks ? -1 : 1,
                             .kind = walks ? MovementKind::pedestrian : MovementKind::straight});
  }
  const auto cell = [&](int a, int b) { return std::size_t(a) * std::size_t(count) + std::size_t(b); };
  out.conflicts.assign(cell(count, 0), Conflict::none);
  for (int a = 0; a < count; ++a) {
    for (int b = a + 1; b < count; ++b) {
      const auto conflict = Conflict(rng.below(3) == 0 ? 0 : rng.below(4));
      out.conflicts[cell(a, b)] = conflict;
      out.conflicts[cell(b, a)] = other_side(conflict);
    }
  }
  out.yellow_s = some(2, 5);
  out.all_red_s = some(0, 3);
  out.min_green_s = some(3, 10);
  out.pedestrian_min_s = some(5, 15);
  out.max_red_s = some(60, 240);
  for (int m = 0; m < count; ++m) {
    out.stages.push_back(random_stage(out, m, rng));
    out.stages.back().name = fmt::format("S{}", m);
    out.stages.back().min_green_s = some(2, 12);
    out.plan.steps.push_back({m, 30, out.yellow_s + out.all_red_s});
  }
  if (rng.below(2) == 0)
    out.stages.push_back({"clear", std::vector<Aspect>(std::size_t(count), Aspect::red), 0, some(1, 15)});
  return out;
}

}  // namespace cityloop::traffic::test
