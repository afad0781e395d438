#include "domain/traffic/demo/road_watch.h"

namespace cityloop::traffic {
namespace {

constexpr double kRounding_s = 1e-6;

bool green(char letter) {
  return letter == 'g' || letter == 'G';
}

Aspect aspect_of(char letter) {
  if (letter == 'G') return Aspect::protected_;
  if (letter == 'g') return Aspect::permissive;
  return letter == 'y' ? Aspect::yellow : Aspect::red;
}

}  // namespace

RoadWatch::RoadWatch(const Junction& junction) : junction_(junction), lights_(junction.movements.size()) {}

void RoadWatch::wrong(std::string text, double now_s) {
  ++violations_;
  last_ = fmt::format("junction {} at {} s: {}", junction_.id, now_s, text);
}

void RoadWatch::look(std::string_view letters, double now_s) {
  if (letters.size() != std::size_t(junction_.links)) return wrong("lights are missing", now_s);
  const auto letter_of = [&](std::size_t m) { return letters[std::size_t(junction_.movements[m].link)]; };
  for (std::size_t m = 0; m < lights_.size(); ++m) {
    if (letter_of(m) == lights_[m].shown) continue;
    if (lights_[m].shown != 0) changed(m, letter_of(m), now_s);
    const bool same_green = green(lights_[m].shown) && green(letter_of(m));
    if (!same_green) lights_[m] = {.shown = 0, .since_s = now_s, .known = lights_[m].shown != 0};
    lights_[m].shown = letter_of(m);
  }
  for (std::size_t a = 0; a < lights_.size(); ++a) {
    for (std::size_t b = a + 1; b < lights_.size(); ++b) {
      if (!compatible(junction_, int(a), aspect_of(letter_of(a)), int(b), aspect_of(letter_of(b))))
        wrong(fmt::format("conflicting greens of movements {} and {}", a, b), now_s);
    }
  }
}

// Requires that the light has shown something else before.
void RoadWatch::changed(std::size_t movement, char to, double now_s) {
  const Light& was = lights_[movement];
  const double lasted_s = now_s - was.since_s + kRounding_s;
  if (green(was.shown) && green(to)) return;
  if (green(was.shown) && to == 'r') wrong(fmt::format("movement {} from green to red", movement), now_s);
  if (green(was.shown) && was.known && lasted_s < junction_.min_green_s)
    wrong(fmt::format("movement {} green for {:.0f} s only", movement, lasted_s), now_s);
  if (was.shown == 'y' && lasted_s < junction_.yellow_s)
    wrong(fmt::format("movement {} yellow for {:.0f} s only", movement, lasted_s), now_s);
  if (!green(to)) return;
  for (std::size_t other = 0; other < lights_.size(); ++other) {
    const Light& there = lights_[other];
    const bool meet = junction_.conflict(int(movement), int(other)) == Conflict::excludes;
    if (meet && there.shown == 'r' && there.known && now_s - there.since_s + kRounding_s < junction_.all_red_s)
      wrong(fmt::format("movement {} green before movement {} has cleared", movement, other), now_s);
  }
}

}  // namespace cityloop::traffic
