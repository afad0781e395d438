#include "domain/traffic/simulation/sumo_street.h"

#include <algorithm>
#include <exception>

#include <libsumo/libsumo.h>
#include <pugixml.hpp>

#include "base/log.h"
#include "domain/traffic/simulation/inside.h"

namespace cityloop::traffic {
namespace {

constexpr double kStuck_s = 300;

VehicleKind kind_of(const std::string& vehicle_class) {
  if (vehicle_class == "bus" || vehicle_class == "tram" || vehicle_class == "coach") return VehicleKind::bus;
  return vehicle_class == "emergency" ? VehicleKind::emergency : VehicleKind::car;
}

std::vector<std::string> command_line(const SumoOptions& options) {
  std::vector<std::string> words{"sumo",
                                 "-c",
                                 options.config.string(),
                                 "--seed",
                                 std::to_string(options.seed),
                                 "--scale",
                                 std::to_string(options.scale),
                                 "--time-to-teleport",
                                 "-1",
                                 "--step-length",
                                 "1",
                                 "--no-step-log",
                                 "--no-warnings",
                                 "--xml-validation",
                                 "never",
                                 "--xml-validation.net",
                                 "never",
                                 "--xml-validation.routes",
                                 "never"};
  if (!options.trips.empty()) {
    for (const char* word : {"--tripinfo-output.write-unfinished", "--tripinfo-output.write-undeparted"}) {
      words.emplace_back(word);
    }
    words.emplace_back("--tripinfo-output");
    words.push_back(options.trips.string());
  }
  return words;
}

}  // namespace

SumoStreet::SumoStreet(const SumoOptions& options, const std::vector<Junction>& junctions)
    : options_(options), junctions_(junctions), shown_(junctions.size()) {
  std::unordered_map<std::string, std::size_t> places;
  for (const Junction& junction : junctions) {
    std::vector<std::size_t>& lanes = lane_of_.emplace_back();
    for (const Lane& lane : junction.lanes) {
      const auto [place, added] = places.try_emplace(lane.id, lane_ids_.size());
      if (added) lane_ids_.push_back(lane.id);
      lanes.push_back(place->second);
    }
  }
  vehicles_.resize(lane_ids_.size());
  read_at_s_.assign(lane_ids_.size(), -1e300);
}

base::Result<std::unique_ptr<SumoStreet>> SumoStreet::open(const SumoOptions& options,
                                                           const std::vector<Junction>& junctions) {
  try {
    libsumo::Simulation::start(command_line(options));
    std::unique_ptr<SumoStreet> street(new SumoStreet(options, junctions));
    street->end_s_ = libsumo::Simulation::getEndTime();
    return street;
  } catch (const std::exception& error) {
    return base::fail(base::Errc::unavailable, "SUMO does not start with {}: {}", options.config.string(),
                      error.what());
  }
}

SumoStreet::~SumoStreet() {
  try {
    if (libsumo::Simulation::isLoaded()) libsumo::Simulation::close();
  } catch (const std::exception& error) {  // it has ended by itself: nothing is left to close
    base::log_line(base::LogLevel::debug, error.what());
  }
}

double SumoStreet::now_s() const {
  return libsumo::Simulation::getTime();
}

bool SumoStreet::over() const {
  return end_s_ >= 0 && now_s() >= end_s_;
}

base::Status SumoStreet::step() {
  try {
    libsumo::Simulation::step();
    return {};
  } catch (const std::exception& error) {
    return base::fail(base::Errc::unavailable, "SUMO stopped: {}", error.what());
  }
}

const SumoStreet::Seen& SumoStreet::identity(const std::string& vehicle) {
  const auto [found, added] = identities_.try_emplace(vehicle);
  if (added) {
    found->second = {.track = ++tracks_, .kind = kind_of(libsumo::Vehicle::getVehicleClass(vehicle))};
  }
  return found->second;
}

void SumoStreet::read_lane(std::size_t lane) {
  const double now = now_s();
  if (read_at_s_[lane] == now) return;
  read_at_s_[lane] = now;
  std::vector<SeenVehicle>& seen = vehicles_[lane];
  seen.clear();
  const double length_m = libsumo::Lane::getLength(lane_ids_[lane]);
  for (const std::string& id : libsumo::Lane::getLastStepVehicleIDs(lane_ids_[lane])) {
    const Seen& who = identity(id);
    seen.push_back({.to_end_m = std::max(0.0, length_m - libsumo::Vehicle::getLanePosition(id)),
                    .speed_mps = std::max(0.0, libsumo::Vehicle::getSpeed(id)),
                    .waited_s = libsumo::Vehicle::getWaitingTime(id),
                    .track = who.track,
                    .kind = who.kind});
  }
  std::ranges::stable_sort(seen, {}, &SeenVehicle::to_end_m);
}

void SumoStreet::look(std::size_t junction, JunctionView& view) {
  const Junction& model = junctions_[junction];
  view.lanes.resize(model.lanes.size());
  for (std::size_t i = 0; i < model.lanes.size(); ++i) {
    const Lane& lane = model.lanes[i];
    LaneView& into = view.lanes[i];
    into.known = true;
    into.has_positions = true;
    into.vehicles.clear();
    into.queue = into.waited_s = 0;
    if (lane.role == LaneRole::upstream && lane.to_stop_line_m > options_.reach_m) continue;
    const std::size_t place = lane_of_[junction][i];
    read_lane(place);
    for (const SeenVehicle& vehicle : vehicles_[place]) {
      const double away_m =
          lane.role == LaneRole::exit ? lane.length_m - vehicle.to_end_m : lane.to_stop_line_m + vehicle.to_end_m;
      if (away_m > options_.reach_m) continue;
      into.vehicles.push_back(vehicle);
      if (vehicle.speed_mps < 0.1) ++into.queue;
      into.waited_s = std::max(into.waited_s, vehicle.waited_s);
    }
    into.count = static_cast<double>(into.vehicles.size());
  }
  view.inside = look_inside(model);
}

void SumoStreet::show(std::size_t junction, const std::string& lights) {
  if (shown_[junction] == lights) return;
  shown_[junction] = lights;
  libsumo::TrafficLight::setRedYellowGreenState(junctions_[junction].id, lights);
}

SumoStreet::Crowd SumoStreet::crowd() const {
  Crowd crowd;
  for (const std::string& id : libsumo::Vehicle::getIDList()) {
    ++crowd.running;
    if (libsumo::Vehicle::getSpeed(id) < 0.1) ++crowd.standing;
    if (libsumo::Vehicle::getWaitingTime(id) >= kStuck_s) ++crowd.stuck;
  }
  crowd.waiting_to_enter = static_cast<int>(libsumo::Simulation::getPendingVehicles().size());
  return crowd;
}

base::Result<std::filesystem::path> net_of(const std::filesystem::path& config) {
  pugi::xml_document document;
  if (!document.load_file(config.c_str())) {
    return base::fail(base::Errc::not_found, "{} is no readable SUMO configuration", config.string());
  }
  const std::string net =
      document.child("configuration").child("input").child("net-file").attribute("value").as_string();
  if (net.empty()) return base::fail(base::Errc::invalid, "{} names no network", config.string());
  return config.parent_path() / net;
}

}  // namespace cityloop::traffic
