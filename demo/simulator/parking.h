// Garages that fill and empty over the day, and the signs that send cars from a full one to another.
#pragma once

#include <vector>

#include "demo/simulator/device.h"

namespace cityloop::demo {

class Garage : public Device {
 public:
  // `names`: what a sign may call it; `sign`: the id of the sign that drivers pass on their way to it, or "";
  // `popularity`: arrivals compared to those of a garage that just fills up at its busiest.
  Garage(std::string id, std::vector<std::string> names, std::string sign, int capacity, double popularity,
         std::uint64_t seed);
  void step(const Surroundings&) override;  // cars leave; those that arrive are given by arrivals()
  void write(base::JsonWriter&) const override;

  int arrivals(const Surroundings&);  // cars that want to come in during this step
  bool enter();                       // false when it is full
  int parked() const { return parked_; }
  int capacity() const { return capacity_; }
  int free() const { return capacity_ - parked_; }
  const std::string& sign() const { return sign_; }
  const std::string& name() const { return names_.size() > 1 ? names_[1] : identity().id; }
  bool named_in(std::string_view message) const;

 private:
  std::vector<std::string> names_;
  std::string sign_;
  int capacity_;
  double popularity_;
  int parked_;
};

// Shows how many places are free on its way, or for a while what it was told; a message that names a garage draws cars
// there. It lapses by itself, as such signs do.
class Sign : public Device {
 public:
  Sign(std::string id, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;
  base::Status take(std::string_view name, const base::JsonValue& value, Instant now) override;
  const std::string& message() const { return message_; }  // as told; empty when it was told nothing
  void set_idle(std::string free_places) { idle_ = std::move(free_places); }

 private:
  std::string message_, idle_{"P"};
  Instant lapses_at_{base::kNever};
};

// One step of all garages together: who arrives, who is sent on by a sign, who finds no place.
class Parking {
 public:
  Parking(std::vector<Garage*> garages, std::vector<Sign*> signs, std::uint64_t seed);
  void step(const Surroundings&);
  int diverted() const { return diverted_; }
  int turned_away() const { return turned_away_; }

 private:
  void show_free_places();
  // The other garage with the most room that the sign on the way names; null when it names none.
  Garage* where_the_sign_points(const Garage& wanted) const;

  std::vector<Garage*> garages_;
  std::vector<Sign*> signs_;
  base::Rng rng_;
  int diverted_{0};
  int turned_away_{0};
};

}  // namespace cityloop::demo
