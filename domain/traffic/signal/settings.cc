#include "domain/traffic/signal/settings.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/config.h"
#include "casework/toml_reading.h"
#include "domain/traffic/signal/safety_monitor.h"
#include "domain/traffic/signal/settings_flaws.h"

namespace cityloop::traffic {

using base::Config;
using base::ConfigTable;

namespace {

constexpr double kClearFor_s = 12;

double seconds(ConfigTable& table, std::string_view key, double otherwise_s) {
  const auto otherwise = base::Duration(std::int64_t(otherwise_s * 1e6));
  return double(table.duration_or(key, otherwise).count()) * 1e-6;
}

// The place of a name in a list; -1 and a mistake where it is not there.
int place_of(const std::vector<std::string>& names, const std::string& name, ConfigTable& table, std::string_view key,
             std::string_view what) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return int(found - names.begin());
  if (!name.empty()) table.mistake(key, fmt::format("there is no {} '{}'", what, name));
  return -1;
}

std::string new_id(ConfigTable& table, std::string_view key, std::string_view what, std::vector<std::string>& known) {
  std::string id = key == "id" ? casework::read_id(table) : table.text(key);
  if (std::ranges::find(known, id) != known.end() && !id.empty())
    table.mistake(key, fmt::format("there are two {}s '{}'", what, id));
  known.push_back(id);
  return id;
}

class JunctionReader {
 public:
  explicit JunctionReader(ConfigTable& table) : table_(table) {}

  SignalJunction read() {
    read_head();
    read_lanes();
    read_movements();
    read_conflicts();
    read_stages();
    read_plan();
    // What follows rests on all of it being there.
    if (sound_) sound_ = tell_flaws(junction_, out_.latency_s, out_.movements, table_, stage_tables_);
    out_.junction = std::make_shared<const Junction>(std::move(junction_));
    return std::move(out_);
  }
  bool sound() const { return sound_; }

 private:
  void wrong(ConfigTable& table, std::string_view key, std::string why) {
    table.mistake(key, std::move(why));
    sound_ = false;
  }
  int place(const std::vector<std::string>& names, const std::string& name, ConfigTable& table, std::string_view key,
            std::string_view what) {
    const int at = place_of(names, name, table, key, what);
    sound_ = sound_ && at >= 0;
    return at;
  }

  void read_head() {
    junction_.id = casework::read_id(table_);
    out_.entity = flow::EntityId("urn:ngsi-ld:TrafficSignal:" + junction_.id);
    out_.name = casework::read_name(table_);
    const std::string device = table_.text("device");
    if (!device.empty() && !device.starts_with("urn:")) wrong(table_, "device", "'device' is the URN of an entity");
    out_.device = flow::EntityId(device);
    if (const std::vector<double> at = table_.numbers("location"); at.size() == 2) out_.lon_lat_deg = {at[0], at[1]};
    else if (!at.empty()) wrong(table_, "location", "'location' is [longitude, latitude] in degrees");
    const std::string known[] = {"planner", "fixed", "greedy", "max_pressure"};
    out_.controller = table_.text_or("controller", "planner");
    if (std::ranges::find(known, out_.controller) == std::end(known))
      wrong(table_, "controller",
            fmt::format("'controller' is '{}', and must be planner, fixed, greedy or max_pressure", out_.controller));
    junction_.yellow_s = seconds(table_, "yellow", 3);
    junction_.all_red_s = seconds(table_, "all_red", 2);
    junction_.min_green_s = seconds(table_, "min_green", 5);
    junction_.pedestrian_min_s = seconds(table_, "pedestrian_min", 7);
    junction_.max_red_s = seconds(table_, "max_red", 150);
    out_.latency_s = seconds(table_, "latency", 2);
    out_.refresh_s = seconds(table_, "refresh", 8);
    read_zones();
    if (const double stuck_s = seconds(table_, "stuck_after", 0); stuck_s > 0) out_.stuck_after_s = stuck_s;
    if (junction_.yellow_s < 2) wrong(table_, "yellow", "'yellow' under 2s lets nobody stop in time");
    if (out_.latency_s > 10) wrong(table_, "latency", "'latency' over 10s: such a device cannot be run from here");
  }

  void read_zones() {
    for (const std::string& id : table_.texts("zones")) {
      if (!id.starts_with("urn:")) wrong(table_, "zones", fmt::format("'{}' is not the URN of an entity", id));
      out_.zones.emplace_back(id);
    }
  }

  void read_lanes() {
    std::vector<ConfigTable> tables = table_.tables("lane");
    for (ConfigTable& table : tables) lane_ids_.push_back(table.text("id"));
    std::vector<std::string> known;
    for (ConfigTable& table : tables) {
      Lane lane;
      lane.id = new_id(table, "id", "lane", known);
      lane.role = casework::read_choice<LaneRole>(
          table, "role", {{"approach", LaneRole::approach}, {"upstream", LaneRole::upstream}, {"exit", LaneRole::exit}},
          LaneRole::approach);
      lane.length_m = table.number("length_m");
      lane.speed_mps = table.number("speed_mps");
      if (!(lane.length_m > 0)) wrong(table, "length_m", "'length_m' must be above 0");
      if (!(lane.speed_mps > 0)) wrong(table, "speed_mps", "'speed_mps' must be above 0");
      lane.to_stop_line_m = table.number_or("to_stop_line_m", 0);
      lane.inside = table.boolean_or("inside", false);
      lane.neighbours_lane_change = table.boolean_or("neighbours_lane_change", false);
      lane.serves_buses = table.boolean_or("buses", false);
      for (const std::string& next : table.texts("next"))
        lane.next.push_back(place(lane_ids_, next, table, "next", "lane"));
      if (lane.role == LaneRole::upstream && lane.next.empty())
        wrong(table, "next", fmt::format("lane '{}' is upstream, and 'next' does not say of what", lane.id));
      lane.far_junction = table.text_or("far_junction", "");
      lane.far_lane = table.text_or("far_lane", "");
      read_detectors(table, lane);
      junction_.lanes.push_back(std::move(lane));
    }
    tell_strangers(tables);
  }

  void tell_strangers(std::vector<ConfigTable>& tables) {
    for (ConfigTable& table : tables) {
      for (const std::string& id : table.texts("same_vehicles")) {
        if (std::ranges::find(out_.detectors, flow::EntityId(id), &DetectorPlace::entity) == out_.detectors.end())
          wrong(table, "same_vehicles", fmt::format("'{}' is no detector of this junction", id));
      }
    }
  }

  void read_detectors(ConfigTable& table, Lane& lane) {
    std::vector<flow::EntityId> same;
    for (const std::string& id : table.texts("same_vehicles")) same.emplace_back(id);
    lane.detectors = table.texts("detectors");
    for (const std::string& id : lane.detectors) {
      if (!id.starts_with("urn:")) wrong(table, "detectors", fmt::format("'{}' is not the URN of an entity", id));
      out_.detectors.push_back({flow::EntityId(id), int(junction_.lanes.size()), same});
    }
  }

  int read_lane_of(ConfigTable& table, std::string_view key, LaneRole role) {
    const int lane = place(lane_ids_, table.text(key), table, key, "lane");
    if (lane >= 0 && junction_.lanes[std::size_t(lane)].role != role)
      wrong(table, key,
            fmt::format("lane '{}' is no {}", lane_ids_[std::size_t(lane)],
                        role == LaneRole::approach ? "approach" : "exit"));
    return lane;
  }

  void read_movements() {
    movement_tables_ = table_.tables("movement");
    for (ConfigTable& table : movement_tables_) {
      new_id(table, "id", "movement", out_.movements);
      Movement movement;
      movement.kind = casework::read_choice<MovementKind>(table, "kind",
                                                          {{"straight", MovementKind::straight},
                                                           {"left", MovementKind::left},
                                                           {"right", MovementKind::right},
                                                           {"u_turn", MovementKind::u_turn},
                                                           {"pedestrian", MovementKind::pedestrian}},
                                                          MovementKind::straight);
      if (movement.kind != MovementKind::pedestrian) {
        movement.from = read_lane_of(table, "from", LaneRole::approach);
        movement.to = read_lane_of(table, "to", LaneRole::exit);
      }
      const double light = table.number_or("light", double(junction_.movements.size()));
      if (light < 0 || light > 255 || light != std::floor(light))
        wrong(table, "light", "'light' is a number from 0 to 255");
      else movement.link = int(light);
      movement.length_m = table.number_or("length_m", 20);
      movement.speed_mps = table.number_or("speed_mps", movement.kind == MovementKind::straight ? 12 : 7);
      junction_.links = std::max(junction_.links, movement.link + 1);
      junction_.movements.push_back(movement);
    }
    if (junction_.movements.empty()) wrong(table_, "movement", "a junction needs [[junction.movement]]");
  }

  void set_conflict(ConfigTable& table, std::string_view key, int a, int b, Conflict how) {
    const std::size_t count = junction_.movements.size();
    Conflict& here = junction_.conflicts[std::size_t(a) * count + std::size_t(b)];
    Conflict& there = junction_.conflicts[std::size_t(b) * count + std::size_t(a)];
    const Conflict other = how == Conflict::yields ? Conflict::has_way : how;
    if (a == b) return wrong(table, key, "a movement does not meet itself");
    if (here != Conflict::none && here != how)
      return wrong(table, key,
                   fmt::format("of '{}' and '{}' two things are said", out_.movements[std::size_t(a)],
                               out_.movements[std::size_t(b)]));
    here = how;
    there = other;
  }

  void read_conflicts() {
    junction_.conflicts.assign(junction_.movements.size() * junction_.movements.size(), Conflict::none);
    for (int m = 0; m < int(movement_tables_.size()); ++m) {
      ConfigTable& table = movement_tables_[std::size_t(m)];
      const bool alone = table.boolean_or("meets_nobody", false);
      const std::pair<std::string_view, Conflict> kinds[] = {{"excludes", Conflict::excludes},
                                                             {"gives_way_to", Conflict::yields}};
      std::size_t told = 0;
      for (const auto& [key, how] : kinds) {
        for (const std::string& name : table.texts(key)) {
          ++told;
          const int other = place(out_.movements, name, table, key, "movement");
          if (other >= 0) set_conflict(table, key, m, other, how);
        }
      }
      if (alone && told > 0) wrong(table, "meets_nobody", "it meets nobody, and yet it meets somebody");
      const bool named = told > 0 || alone || met_by_others(m);
      if (!named)
        wrong(table, "id",
              fmt::format("whom movement '{}' meets is not said: excludes, gives_way_to or meets_nobody",
                          out_.movements[std::size_t(m)]));
    }
  }

  bool met_by_others(int movement) {
    const std::string& name = out_.movements[std::size_t(movement)];
    return std::ranges::any_of(movement_tables_, [&](ConfigTable& table) {
      const auto told = table.texts("excludes"), way = table.texts("gives_way_to");
      return std::ranges::find(told, name) != told.end() || std::ranges::find(way, name) != way.end();
    });
  }

  void read_stages() {
    std::vector<ConfigTable> tables = table_.tables("stage");
    for (ConfigTable& table : tables) {
      Stage stage;
      stage.name = new_id(table, "name", "stage", stage_names_);
      stage.aspects.assign(junction_.movements.size(), Aspect::red);
      for (const auto& [key, aspect] :
           {std::pair{"green", Aspect::protected_}, std::pair{"permissive", Aspect::permissive}}) {
        for (const std::string& name : table.texts(key)) {
          const int m = place(out_.movements, name, table, key, "movement");
          if (m >= 0) stage.aspects[std::size_t(m)] = aspect;
        }
      }
      const bool clears = table.boolean_or("clears", false);
      if (clears != lets_nobody_go(stage))
        wrong(table, "name",
              clears ? fmt::format("stage '{}' clears, and yet it lets somebody go", stage.name)
                     : fmt::format("stage '{}' lets nobody go, and is not said to clear", stage.name));
      stage.min_green_s = seconds(table, "min_green", clears ? 0 : junction_.min_green_s);
      stage.max_green_s = seconds(table, "max_green", clears ? kClearFor_s : 120);
      for (std::size_t m = 0; m < stage.aspects.size(); ++m) {
        if (is_green(stage.aspects[m]) && junction_.movements[m].kind == MovementKind::pedestrian)
          stage.min_green_s = std::max(stage.min_green_s, junction_.pedestrian_min_s);
      }
      junction_.stages.push_back(std::move(stage));
      stage_tables_.push_back(table);
    }
    if (tables.empty()) wrong(table_, "stage", "a junction needs [[junction.stage]]");
  }

  void read_plan() {
    auto plan = table_.table("plan");
    if (!plan) return wrong(table_, "plan", "there is no [junction.plan] to fall back to");
    junction_.plan.offset_s = seconds(*plan, "offset", 0);
    for (ConfigTable& table : plan->tables("steps")) {
      PlanStep step;
      step.stage = place(stage_names_, table.text("stage"), table, "stage", "stage");
      step.green_s = seconds(table, "green", 0);
      junction_.plan.steps.push_back(step);
    }
    std::vector<PlanStep>& steps = junction_.plan.steps;
    if (steps.empty()) return wrong(*plan, "steps", "the plan has no steps");
    for (std::size_t i = 0; sound_ && i < steps.size(); ++i)
      steps[i].change_s = junction_.change_s(steps[i].stage, steps[(i + 1) % steps.size()].stage);
  }

  ConfigTable& table_;
  SignalJunction out_;
  Junction junction_;
  std::vector<std::string> lane_ids_, stage_names_;
  std::vector<ConfigTable> movement_tables_, stage_tables_;
  bool sound_{true};
};

struct Places {
  std::map<std::string, std::string, std::less<>> junctions, devices;  // where each is said first
};

void tell_doubles(ConfigTable& table, const SignalJunction& one, Places& seen, const std::string& file) {
  const std::string here = fmt::format("{}:{}", file, table.line());
  const auto [id, is_new] = seen.junctions.emplace(one.junction->id, here);
  if (!is_new) table.mistake("id", fmt::format("junction '{}' is described already, at {}", id->first, id->second));
  const auto [device, is_free] = seen.devices.emplace(std::string(one.device.text()), here);
  if (!is_free) table.mistake("device", fmt::format("the device stands at a junction already, at {}", device->second));
}

void read_file(Config& file, const std::string& name, SignalSettings& out, Places& seen) {
  ConfigTable root = file.root();
  for (ConfigTable& table : root.tables("junction")) {
    JunctionReader reader(table);
    SignalJunction one = reader.read();
    tell_doubles(table, one, seen, name);
    if (one.detectors.empty())
      out.notes.push_back(fmt::format("{}:{}: junction '{}' has no detectors: it runs its fixed plan", name,
                                      table.line(), one.junction->id));
    if (reader.sound()) out.junctions.push_back(std::move(one));
  }
}

void sort(SignalSettings& settings) {
  std::ranges::sort(settings.junctions, {}, [](const SignalJunction& one) { return one.junction->id; });
}

}  // namespace

base::Result<SignalSettings> SignalSettings::parse(std::string_view content, const std::string& file_name) {
  Config file = TRY(Config::parse(content, file_name));
  SignalSettings out;
  Places seen;
  read_file(file, file_name, out, seen);
  TRY(file.check());
  sort(out);
  return out;
}

base::Result<SignalSettings> SignalSettings::load_folder(const std::string& folder) {
  SignalSettings out;
  Places seen;
  std::string mistakes;
  for (const std::string& path : base::toml_files(folder)) {
    auto file = Config::load(path);
    base::Status status;
    if (file) {
      read_file(*file, path, out, seen);
      status = file->check();
    } else {
      status = std::unexpected(file.error());
    }
    if (!status) mistakes += (mistakes.empty() ? "" : "\n") + status.error().message;
  }
  if (!mistakes.empty()) return std::unexpected(base::Error{base::Errc::invalid, std::move(mistakes)});
  sort(out);
  return out;
}

std::vector<SignalDevice> SignalSettings::devices() const {
  std::vector<SignalDevice> out;
  for (const SignalJunction& one : junctions) out.push_back({one.device, one.junction, one.latency_s});
  return out;
}

}  // namespace cityloop::traffic
