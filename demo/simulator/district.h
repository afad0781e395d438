// The simulated district: every device of its tables, living through rain and days, driven by time and a seed alone.
//
//   tables ─▶ [District] ─ advance(now) ─▶ messages ─▶ broker
//             commands ─▶ command() ─▶ receipts, and an effect that later messages show
//
// The same tables, seed and start give the same messages, whatever the steps in which time is given. Time stamps are
// those of the clock; the hour of the day runs `day_speed` times as fast, rain and water `weather_speed` times, so that
// ten minutes of rain pass in ten seconds of watching.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "demo/simulator/parking.h"
#include "demo/simulator/table.h"
#include "demo/simulator/water.h"
#include "demo/simulator/weather.h"

namespace cityloop::demo {

struct Message {
  std::string topic;
  std::string payload;
  friend bool operator==(const Message&, const Message&) = default;
};

struct DistrictOptions {
  std::uint64_t seed{1};
  Instant start{base::kNever};
  Duration first_storm{std::chrono::seconds(15)};  // after the start
  Duration storm_every{std::chrono::minutes(4)};
  double day_speed{24};
  double day_starts_h{7};
  double weather_speed{30};
  double fault_rate{0};  // share of a pump's starts that fail
};

class District {
 public:
  // Every table of the folder that this district knows (air_stations.csv, underpasses.csv …); a missing one is a
  // district without such devices.
  static base::Result<std::unique_ptr<District>> load(const std::filesystem::path& tables, const DistrictOptions&);

  // What the devices publish up to `now`, in time's order. A gap of more than ten minutes (a machine that slept) is
  // slept through: nothing is published for it.
  std::vector<Message> advance(Instant now);
  // A message on "cityloop/{device}/cmd". Gives the acknowledgement; the outcome comes from advance a moment later. A
  // command seen before is not done again: its newest receipt is given once more. What is not for a device of this
  // district, or no command at all, gives nothing and is counted.
  std::vector<Message> command(std::string_view topic, std::string_view payload, Instant now);

  std::size_t device_count() const { return devices_.size(); }
  std::vector<std::string> ids(std::string_view kind) const;
  const Device* find(std::string_view id) const;  // null when there is none
  std::uint64_t bad_commands() const { return bad_commands_; }

 private:
  struct Order {  // a command that a device is about to carry out
    std::string id, name, receipt_topic;
    base::JsonValue value;
    Device* device{};
  };
  struct Event {
    Instant due;
    std::size_t number;  // of the device, or of the order after all devices
    bool operator>(const Event& other) const { return due != other.due ? due > other.due : number > other.number; }
  };
  struct Silence {
    Instant from{base::kNever}, until{base::kNever};
  };

  District(const DistrictOptions&);
  using Tables = std::map<std::string, std::vector<Row>, std::less<>>;
  Device* own(std::unique_ptr<Device>);
  void add_water(const Tables&);
  void add_parking(const Tables&);
  void add_street(const Tables&);
  void begin();
  void step(Instant now, std::vector<Message>& out);
  void happen(const Event&, std::vector<Message>& out);
  void tell(Device&, Instant at, std::vector<Message>& out) const;
  bool silent(std::size_t device, Instant at);
  void carry_out(const Order&, Instant now, std::vector<Message>& out);
  Message receipt(const Order&, std::string_view status, std::string_view reason);

  DistrictOptions options_;
  base::Rng rng_;
  Rain rain_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::map<std::string, Device*, std::less<>> by_id_;
  std::unique_ptr<Parking> parking_;
  std::vector<Silence> silences_;
  std::map<std::string, std::vector<std::string>> cabinets_;  // the lights that hang on each
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Instant next_step_;
  Duration slept_{};  // how much of the clock the machine slept through
  std::map<std::size_t, Order> orders_;
  std::size_t next_order_{0};
  std::map<std::string, Message, std::less<>> answers_;  // newest receipt by command
  std::deque<std::string> answered_;                     // in order of arrival, to forget the oldest
  std::uint64_t bad_commands_{0};
};

}  // namespace cityloop::demo
