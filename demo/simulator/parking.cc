#include "demo/simulator/parking.h"

#include <algorithm>
#include <cmath>

namespace cityloop::demo {
namespace {

constexpr double kStay_h = 3.5;
constexpr double kFollowsSign = 0.7;  // share of drivers who do as a sign says
constexpr auto kMessageLasts = std::chrono::minutes(8);

int poisson(base::Rng& rng, double mean) {
  // Knuth's product, in pieces so that exp() does not vanish for a large mean.
  int count = 0;
  while (mean > 0) {
    const double part = std::min(mean, 16.0);
    const double limit = std::exp(-part);
    double product = rng.uniform();
    while (product > limit) {
      ++count;
      product *= rng.uniform();
    }
    mean -= part;
  }
  return count;
}

double arrivals_per_place_h(double hour) {
  return 0.03 + 0.30 * bell(hour, 8.6, 1.3) + 0.16 * bell(hour, 13.5, 2.2) + 0.14 * bell(hour, 18.8, 1.4);
}

}  // namespace

Garage::Garage(std::string id, std::vector<std::string> names, std::string sign, int capacity, double popularity,
               std::uint64_t seed)
    : Device({.kind = "parking", .id = std::move(id), .period = std::chrono::seconds(5), .may_fall_silent = true},
             seed),
      names_(std::move(names)),
      sign_(std::move(sign)),
      capacity_(std::max(1, capacity)),
      popularity_(popularity * rng().uniform(0.9, 1.2)),
      parked_(int(capacity_ * std::min(0.9, 0.55 * popularity_))) {}

bool Garage::named_in(std::string_view message) const {
  return std::ranges::any_of(
      names_, [&](const std::string& name) { return !name.empty() && message.find(name) != std::string_view::npos; });
}

void Garage::step(const Surroundings& now) {
  const int leaving = poisson(rng(), parked_ / kStay_h * now.day_step_h);
  parked_ = std::max(0, parked_ - leaving);
}

int Garage::arrivals(const Surroundings& now) {
  return poisson(rng(), capacity_ * popularity_ * arrivals_per_place_h(now.hour) * now.day_step_h);
}

bool Garage::enter() {
  if (parked_ >= capacity_) return false;
  ++parked_;
  return true;
}

void Garage::write(base::JsonWriter& out) const {
  out.field("occupied", parked_);
  out.field("total", capacity_);
}

Sign::Sign(std::string id, std::uint64_t seed)
    : Device({.kind = "sign", .id = std::move(id), .period = std::chrono::seconds(10)}, seed) {}

void Sign::step(const Surroundings& now) {
  if (message_.empty() || now.now < lapses_at_) return;
  message_.clear();
  has_news();
}

void Sign::write(base::JsonWriter& out) const {
  out.field("message", message_.empty() ? idle_ : message_);
  out.field("lit", !message_.empty());  // a dark sign is still heard from
}

base::Status Sign::take(std::string_view name, const base::JsonValue& value, Instant now) {
  if (name != "message") return Device::take(name, value, now);
  const std::string* text = value.text();
  if (!text) return base::fail(base::Errc::invalid, "message takes a text");
  if (text->size() > 200) return base::fail(base::Errc::invalid, "message is longer than the sign's 200 bytes");
  message_ = *text;
  lapses_at_ = now + kMessageLasts;
  has_news();
  return {};
}

Parking::Parking(std::vector<Garage*> garages, std::vector<Sign*> signs, std::uint64_t seed)
    : garages_(std::move(garages)), signs_(std::move(signs)), rng_(seed) {}

Garage* Parking::where_the_sign_points(const Garage& wanted) const {
  const auto sign = std::ranges::find(signs_, wanted.sign(), [](const Sign* s) { return s->identity().id; });
  if (sign == signs_.end() || (*sign)->message().empty()) return nullptr;
  Garage* best = nullptr;
  for (Garage* other : garages_) {
    if (other == &wanted || !other->named_in((*sign)->message())) continue;
    if (!best || other->free() > best->free()) best = other;
  }
  return best;
}

void Parking::show_free_places() {
  for (Sign* sign : signs_) {
    std::string text;
    for (const Garage* garage : garages_) {
      if (garage->sign() != sign->identity().id) continue;
      text += fmt::format("{}{} {}", text.empty() ? "" : " · ", garage->name(), garage->free());
    }
    if (!text.empty()) sign->set_idle(std::move(text));
  }
}

void Parking::step(const Surroundings& now) {
  for (Garage* garage : garages_) {
    Garage* other = where_the_sign_points(*garage);
    for (int left = garage->arrivals(now); left > 0; --left) {
      const bool follows = other && rng_.uniform() < kFollowsSign;
      if (follows && other->enter()) {
        ++diverted_;
      } else if (!garage->enter()) {
        ++turned_away_;
      }
    }
  }
  show_free_places();
}

}  // namespace cityloop::demo
