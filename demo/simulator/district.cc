#include "demo/simulator/district.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "demo/simulator/street.h"

namespace cityloop::demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kStep = milliseconds(500);
constexpr Duration kLongestGap = minutes(10);
constexpr std::size_t kAnswersKept = 10'000;

double seconds_of(Duration d) {
  return double(d.count()) / 1e6;
}

Duration duration_of(double s) {
  return milliseconds(std::int64_t(s * 1000));
}

// "urn:ngsi-ld:Device:pump-1" and "pump-1" are the same device to a topic.
std::string_view short_id(std::string_view id) {
  const std::size_t colon = id.rfind(':');
  return colon == std::string_view::npos ? id : id.substr(colon + 1);
}

// The same on every machine, unlike std::hash (FNV-1a).
std::uint64_t seed_of(std::uint64_t seed, std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed * 0x9e3779b97f4a7c15;
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3;
  return hash;
}

// "学堂街地下车库" and "School Street garage" without the word for what stands there.
std::string place_name(std::string_view name) {
  for (const std::string_view ending :
       {"地下车库", "换乘停车场", "停车楼", "停车场", "车库", " garage", " park and ride"}) {
    if (name.size() > ending.size() && name.ends_with(ending))
      return std::string(name.substr(0, name.size() - ending.size()));
  }
  return std::string(name);
}

std::string device_id(const Row& row) {
  return std::string(short_id(row.text({"id"})));
}

constexpr std::array kTables = {"weather_stations", "underpasses",  "pumps",        "garages",        "signs",
                                "air_stations",     "noise_meters", "streetlights", "traffic_sensors"};

}  // namespace

District::District(const DistrictOptions& options)
    : options_(options),
      rng_(seed_of(options.seed, "district")),
      rain_({.first = options.start + options.first_storm,
             .every = options.storm_every,
             .lasts = std::min<Duration>(seconds(25), options.storm_every / 2)},
            seed_of(options.seed, "rain")),
      next_step_(options.start + kStep) {}

base::Result<std::unique_ptr<District>> District::load(const std::filesystem::path& folder,
                                                       const DistrictOptions& options) {
  if (options.storm_every < seconds(10)) {
    return base::fail(base::Errc::invalid, "storms every {}: at least 10s", base::format_duration(options.storm_every));
  }
  Tables tables;
  for (const char* name : kTables) {
    const std::filesystem::path path = folder / (std::string(name) + ".csv");
    std::error_code problem;
    tables[name] = std::filesystem::exists(path, problem) ? TRY(load_table(path)) : std::vector<Row>{};
  }
  std::unique_ptr<District> district(new District(options));
  district->add_water(tables);
  district->add_parking(tables);
  district->add_street(tables);
  if (district->devices_.empty()) return base::fail(base::Errc::invalid, "{}: no tables of devices", folder.string());
  district->begin();
  return district;
}

// A device without an id, or with another's, is left out: its topic would not be its own.
Device* District::own(std::unique_ptr<Device> device) {
  const std::string& id = device->identity().id;
  if (id.empty() || !by_id_.emplace(id, device.get()).second) return nullptr;
  devices_.push_back(std::move(device));
  return devices_.back().get();
}

void District::add_water(const Tables& tables) {
  for (const Row& row : tables.at("weather_stations")) {
    own(std::make_unique<WeatherStation>(device_id(row), seed_of(options_.seed, device_id(row))));
  }
  std::map<std::string, Underpass*, std::less<>> underpasses;
  for (const Row& row : tables.at("underpasses")) {
    const std::string id = device_id(row);
    UnderpassShape shape;
    shape.catchment_m2 = row.number({"catchment_m2"}, shape.catchment_m2);
    shape.floor_m2 = row.number({"basin_m2"}, shape.floor_m2);
    shape.drain_m3h = row.number({"drain_m3h"}, 0.006 * shape.catchment_m2);
    underpasses[id] = static_cast<Underpass*>(own(std::make_unique<Underpass>(id, shape, seed_of(options_.seed, id))));
  }
  for (const Row& row : tables.at("pumps")) {
    const std::string id = device_id(row);
    const auto drained = underpasses.find(short_id(row.text({"underpass"})));
    PumpPlate plate;
    plate.rated_flow_m3h = row.number({"rated_flow_m3h"}, plate.rated_flow_m3h);
    plate.rated_current_a = row.number({"rated_current_a"}, plate.rated_current_a);
    plate.fault_rate = options_.fault_rate;
    own(std::make_unique<Pump>(id, drained == underpasses.end() ? nullptr : drained->second, plate,
                               seed_of(options_.seed, id)));
  }
}

void District::add_parking(const Tables& tables) {
  std::vector<Garage*> garages;
  for (const Row& row : tables.at("garages")) {
    const std::string id = device_id(row);
    // A sign is short: "学堂街", not "学堂街地下车库".
    std::vector<std::string> names{id};
    for (const char* column : {"name_zh", "name_en"}) names.push_back(place_name(row.text({column})));
    const std::string_view use = row.text({"use"});
    const double popularity = use == "hospital" || use == "commuter" ? 0.6 : 1.15;
    Device* garage =
        own(std::make_unique<Garage>(id, std::move(names), std::string(short_id(row.text({"sign"}))),
                                     int(row.number({"total_spots"}, 300)), popularity, seed_of(options_.seed, id)));
    if (garage) garages.push_back(static_cast<Garage*>(garage));
  }
  std::vector<Sign*> signs;
  for (const Row& row : tables.at("signs")) {
    Device* sign = own(std::make_unique<Sign>(device_id(row), seed_of(options_.seed, device_id(row))));
    if (sign) signs.push_back(static_cast<Sign*>(sign));
  }
  parking_ = std::make_unique<Parking>(std::move(garages), std::move(signs), seed_of(options_.seed, "parking"));
}

void District::add_street(const Tables& tables) {
  const auto add = [&]<class Kind>(const char* table, std::type_identity<Kind>) {
    for (const Row& row : tables.at(table))
      own(std::make_unique<Kind>(device_id(row), seed_of(options_.seed, device_id(row))));
  };
  add("air_stations", std::type_identity<AirSensor>());
  for (const Row& row : tables.at("noise_meters")) {
    const std::string id = device_id(row);
    own(std::make_unique<NoiseSensor>(id, row.number({"zone_class"}, 2), seed_of(options_.seed, id)));
  }
  add("streetlights", std::type_identity<Lamp>());
  for (const Row& row : tables.at("streetlights"))
    cabinets_[std::string(row.text({"cabinet"}))].push_back(device_id(row));
  for (const Row& row : tables.at("traffic_sensors")) {
    own(std::make_unique<TrafficCounter>(device_id(row), std::max(5.0, row.number({"free_flow_kmh"}, 50)),
                                         std::max(100.0, row.number({"capacity_vph"}, 1500)),
                                         seed_of(options_.seed, device_id(row))));
  }
}

// Spreads the first messages over each device's period, and decides when devices first fall silent.
void District::begin() {
  bool one_early = false;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    Device& device = *devices_[i];
    const double period_s = seconds_of(device.identity().period);
    events_.push({options_.start + duration_of(device.rng().uniform(0, period_s)), i});
    Silence silence;
    if (device.identity().may_fall_silent) {
      silence.from = options_.start + duration_of(600 + device.rng().uniform(0, 30'000));
      // One soon, so that whoever watches sees what a silent device looks like.
      if (device.identity().kind == "noise" && !std::exchange(one_early, true))
        silence.from = options_.start + seconds(40);
      silence.until = silence.from + seconds(120);
    }
    silences_.push_back(silence);
  }
  cabinets_.erase("");
  if (cabinets_.empty()) return;
  // Lights that hang on one cabinet go silent together when it loses its power.
  const auto& lights = std::next(cabinets_.begin(), std::ptrdiff_t(rng_.below(cabinets_.size())))->second;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (std::ranges::find(lights, devices_[i]->identity().id) == lights.end()) continue;
    silences_[i] = {options_.start + minutes(6), options_.start + minutes(6) + seconds(150)};
  }
}

std::vector<Message> District::advance(Instant now) {
  std::vector<Message> out;
  if (now - slept_ - next_step_ > kLongestGap) slept_ = now - next_step_;
  // Inside, time stands still while the machine sleeps; only what is published carries the clock's time.
  const Instant until = now - slept_;
  while (true) {
    const bool event_first = !events_.empty() && events_.top().due < next_step_;
    if ((event_first ? events_.top().due : next_step_) > until) break;
    if (event_first) {
      const Event event = events_.top();
      events_.pop();
      happen(event, out);
    } else {
      step(next_step_, out);
      next_step_ += kStep;
    }
  }
  return out;
}

void District::step(Instant now, std::vector<Message>& out) {
  const double since_s = seconds_of(now - options_.start);
  const double step_s = seconds_of(kStep);
  Surroundings around;
  around.now = now;
  around.hour = std::fmod(options_.day_starts_h + since_s * options_.day_speed / 3600, 24);
  around.daylight = std::max(0.0, std::sin(std::numbers::pi * (around.hour - 6) / 12));
  around.rain_mmh = rain_.mmh_at(now);
  around.step_s = step_s;
  around.weather_step_s = step_s * options_.weather_speed;
  around.day_step_h = step_s * options_.day_speed / 3600;
  for (const auto& device : devices_) device->step(around);
  parking_->step(around);
  for (const auto& device : devices_) {
    if (device->take_news()) tell(*device, now, out);
  }
}

void District::happen(const Event& event, std::vector<Message>& out) {
  if (event.number >= devices_.size()) {
    const auto order = orders_.extract(event.number);
    carry_out(order.mapped(), event.due, out);
    return;
  }
  Device& device = *devices_[event.number];
  if (!silent(event.number, event.due)) tell(device, event.due, out);
  events_.push({event.due + device.identity().period, event.number});
}

bool District::silent(std::size_t number, Instant at) {
  Silence& silence = silences_[number];
  if (silence.from == base::kNever || at < silence.from) return false;
  if (at < silence.until) return true;
  base::Rng& rng = devices_[number]->rng();
  silence.from = at + duration_of(600 - 15'000 * std::log(1 - rng.uniform()));
  silence.until = silence.from + duration_of(rng.uniform(90, 300));
  return false;
}

void District::tell(Device& device, Instant at, std::vector<Message>& out) const {
  base::JsonWriter payload;
  payload.object().field("at", base::format_time(at + slept_));
  device.write(payload);
  payload.end();
  out.push_back({fmt::format("district/{}/{}/state", device.identity().kind, device.identity().id), payload.take()});
  device.told();
}

std::vector<Message> District::command(std::string_view topic, std::string_view payload, Instant now) {
  constexpr std::string_view kPrefix = "cityloop/";
  constexpr std::string_view kSuffix = "/cmd";
  if (!topic.starts_with(kPrefix) || !topic.ends_with(kSuffix) || topic.size() <= kPrefix.size() + kSuffix.size()) {
    return ++bad_commands_, std::vector<Message>{};
  }
  const std::string_view segment = topic.substr(kPrefix.size(), topic.size() - kPrefix.size() - kSuffix.size());
  const auto device = by_id_.find(short_id(segment));
  const auto parsed = base::JsonValue::parse(payload);
  const std::string id = parsed ? parsed->text_or("command", "") : "";
  if (device == by_id_.end() || id.empty()) return ++bad_commands_, std::vector<Message>{};
  if (const auto known = answers_.find(id); known != answers_.end()) return {known->second};

  const base::JsonValue* value = parsed->find("value");
  Order order{.id = id,
              .name = parsed->text_or("name", ""),
              .receipt_topic = fmt::format("cityloop/{}/receipt", segment),
              .value = value ? *value : base::JsonValue{},
              .device = device->second};
  answered_.push_back(id);
  if (answered_.size() > kAnswersKept) {
    answers_.erase(answered_.front());
    answered_.pop_front();
  }
  std::vector<Message> out{receipt(order, "acknowledged", "")};
  const std::size_t number = devices_.size() + next_order_++;
  events_.push({now - slept_ + milliseconds(400 + std::int64_t(rng_.below(400))), number});
  orders_.emplace(number, std::move(order));
  return out;
}

void District::carry_out(const Order& order, Instant now, std::vector<Message>& out) {
  const base::Status done = order.device->take(order.name, order.value, now);
  out.push_back(receipt(order, done ? "succeeded" : "failed", done ? "" : done.error().message));
  if (order.device->take_news()) tell(*order.device, now, out);
}

Message District::receipt(const Order& order, std::string_view status, std::string_view reason) {
  base::JsonWriter payload;
  payload.object().field("command", order.id).field("status", status);
  if (!reason.empty()) payload.field("reason", reason);
  payload.end();
  return answers_[order.id] = Message{order.receipt_topic, payload.take()};
}

std::vector<std::string> District::ids(std::string_view kind) const {
  std::vector<std::string> ids;
  for (const auto& device : devices_) {
    if (device->identity().kind == kind) ids.push_back(device->identity().id);
  }
  return ids;
}

const Device* District::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

}  // namespace cityloop::demo
