// One device of the simulated district: what it measures, how often it says so, and what it can be told to do.
//
//   Surroundings (rain, hour of the day) ─▶ step ─▶ write ─▶ MQTT        MQTT ─ command ─▶ take
//
// Pure in time and randomness: a device owns its Rng, so that adding one to a table does not change the others.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/time.h"

namespace cityloop::demo {

using base::Duration;
using base::Instant;

// What all devices share at a moment. `hour` is the district's own time of day, which may run faster than the clock.
struct Surroundings {
  Instant now{base::kNever};
  double hour{};            // [0, 24)
  double daylight{};        // 0 at night, 1 at noon
  double rain_mmh{};        // millimetres an hour
  double step_s{};          // seconds of the clock since the last step
  double weather_step_s{};  // the same for rain and water, whose minutes pass as seconds
  double day_step_h{};      // the same for what follows the time of day
};

struct Identity {
  std::string kind;  // the topic's middle: "water", "pump"
  std::string id;    // the topic's device, as in the tables
  Duration period{std::chrono::seconds(10)};
  bool may_fall_silent{false};
};

class Device {
 public:
  Device(Identity identity, std::uint64_t seed) : identity_(std::move(identity)), rng_(seed) {}
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  virtual void step(const Surroundings&) = 0;
  virtual void write(base::JsonWriter&) const = 0;  // the attributes, as fields of an open object
  virtual void told() {}                            // after what write gave has gone out
  // Does it or says why not. A device that takes no commands says so.
  virtual base::Status take(std::string_view name, const base::JsonValue& value, Instant now);

  const Identity& identity() const { return identity_; }
  base::Rng& rng() { return rng_; }
  // Whether something happened that the device tells at once, without waiting for its period; asking forgets it.
  bool take_news() { return std::exchange(news_, false); }

 protected:
  void has_news() { news_ = true; }

 private:
  Identity identity_;
  base::Rng rng_;
  bool news_{false};
};

// A bell over the hours of a day, 1 at `peak_h`; runs on over midnight.
double bell(double hour, double peak_h, double width_h);

// A wandering departure from the expected: pulled back to 0, with the given deviation in the long run.
class Wander {
 public:
  Wander(double deviation, double memory_s) : deviation_(deviation), memory_s_(memory_s) {}
  double step(base::Rng&, double step_s);
  double value() const { return value_; }

 private:
  double deviation_, memory_s_, value_{0};
};

// Something out of the ordinary that befalls a device now and then: at random, on average every `mean_every_s`, lasting
// between the two limits.
class Episode {
 public:
  Episode(double mean_every_s, double shortest_s, double longest_s)
      : mean_every_s_(mean_every_s), shortest_s_(shortest_s), longest_s_(longest_s) {}
  bool step(base::Rng&, double step_s);  // whether it is going on
 private:
  double mean_every_s_, shortest_s_, longest_s_;
  double left_s_{0};
};

double rounded(double value, int decimals);

}  // namespace cityloop::demo
