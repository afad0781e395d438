#include "domain/traffic/demo/streets.h"

#include <algorithm>
#include <cerrno>
#include <exception>

#include <spawn.h>
#include <sys/wait.h>

#include <libsumo/libsumo.h>

#include "base/log.h"

namespace cityloop::traffic {
namespace {

namespace fs = std::filesystem;

constexpr double kStanding_mps = 0.1;
constexpr double kLine_m = 6;       // what the loop at the stop line covers
constexpr double kCreep_mps = 1.5;  // past something that stands in the way

base::Status run(std::vector<std::string> words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  if (const int problem = posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ); problem != 0)
    return base::fail(base::Errc::unavailable, "{} does not start ({}): is the Debian package sumo installed?",
                      words[0], problem);
  int how = 0;
  while (waitpid(child, &how, 0) < 0 && errno == EINTR) {
  }
  if (how != 0) return base::fail(base::Errc::invalid, "{} did not make the network", words[0]);
  return {};
}

LonLat place_of(double x, double y) {
  const libsumo::TraCIPosition at = libsumo::Simulation::convertGeo(x, y);
  return {at.x, at.y};
}

}  // namespace

std::string movement_name(const Junction& junction, std::size_t movement) {
  const Movement& one = junction.movements[movement];
  return fmt::format("{}-to-{}", junction.lanes[std::size_t(one.from)].id, junction.lanes[std::size_t(one.to)].id);
}

base::Result<fs::path> make_net(const fs::path& network, const fs::path& into) {
  std::error_code problem;
  fs::create_directories(into, problem);
  fs::path net = into / "town.net.xml";
  const fs::path nodes = network / "streets.nod.xml", edges = network / "streets.edg.xml";
  for (const fs::path& source : {nodes, edges}) {
    if (!fs::exists(source)) return base::fail(base::Errc::not_found, "there is no {}", source.string());
  }
  const auto newest = std::max(fs::last_write_time(nodes, problem), fs::last_write_time(edges, problem));
  if (fs::exists(net) && fs::last_write_time(net, problem) > newest) return net;
  TRY(run({"netconvert",
           "--node-files",
           nodes.string(),
           "--edge-files",
           edges.string(),
           "--xml-validation",
           "never",
           "--no-turnarounds.tls",
           "true",
           "--no-turnarounds.except-deadend",
           "true",
           "--tls.cycle.time",
           "90",
           "--tls.yellow.time",
           "3",
           "--tls.allred.time",
           "1",
           "--tls.left-green.time",
           "8",
           "--junctions.limit-turn-speed",
           "5.5",
           "--output.street-names",
           "true",
           "--no-warnings",
           "true",
           "-o",
           net.string()}));
  return net;
}

base::Result<std::unique_ptr<Streets>> Streets::open(const fs::path& net, const fs::path& demand, std::uint64_t seed) {
  try {
    libsumo::Simulation::start({"sumo",
                                "-n",
                                net.string(),
                                "-r",
                                (demand / "routes.rou.xml").string(),
                                "-a",
                                (demand / "stops.add.xml").string(),
                                "--seed",
                                std::to_string(seed % 2'000'000'000),
                                "--time-to-teleport",
                                "-1",
                                "--step-length",
                                "1",
                                "--no-step-log",
                                "--no-warnings",
                                "--collision.action",
                                "warn",
                                "--device.rerouting.probability",
                                "0.4",
                                "--device.rerouting.period",
                                "120",
                                "--xml-validation",
                                "never",
                                "--xml-validation.net",
                                "never",
                                "--xml-validation.routes",
                                "never"});
  } catch (const std::exception& error) {
    return base::fail(base::Errc::unavailable, "SUMO does not start: {}", error.what());
  }
  return std::unique_ptr<Streets>(new Streets);
}

Streets::~Streets() {
  try {
    if (libsumo::Simulation::isLoaded()) libsumo::Simulation::close();
  } catch (const std::exception& error) {  // it has ended by itself: nothing is left to close
    base::log_line(base::LogLevel::debug, error.what());
  }
}

double Streets::now_s() const {
  return libsumo::Simulation::getTime();
}

base::Status Streets::step() {
  try {
    std::erase_if(blocked_, [now = now_s()](const auto& one) {
      if (one.second.until_s > now) return false;
      libsumo::Edge::setMaxSpeed(one.first, one.second.limit_mps);
      return true;
    });
    libsumo::Simulation::step();
    count();
    return {};
  } catch (const std::exception& error) {
    return base::fail(base::Errc::unavailable, "SUMO stopped: {}", error.what());
  }
}

void Streets::show(const std::string& junction, const std::string& letters) {
  libsumo::TrafficLight::setRedYellowGreenState(junction, letters);
}

std::string Streets::shown(const std::string& junction) const {
  return libsumo::TrafficLight::getRedYellowGreenState(junction);
}

LaneSecond Streets::look(const std::string& lane) {
  LaneSecond out;
  const double length_m = libsumo::Lane::getLength(lane);
  std::vector<std::string> now = libsumo::Lane::getLastStepVehicleIDs(lane);
  std::vector<std::string>& before = on_lane_[lane];
  for (const std::string& id : now) {
    const double speed_mps = std::max(0.0, libsumo::Vehicle::getSpeed(id));
    ++out.on_lane;
    out.speed_sum_mps += speed_mps;
    if (std::ranges::find(before, id) == before.end()) ++out.entered;
    const double to_end_m = std::max(0.0, length_m - libsumo::Vehicle::getLanePosition(id));
    out.line_occupied = out.line_occupied || to_end_m < kLine_m;
    out.vehicles.push_back({.to_end_m = to_end_m,
                            .speed_mps = speed_mps,
                            .waited_s = libsumo::Vehicle::getWaitingTime(id),
                            .track = tracks_.try_emplace(id, tracks_.size() + 1).first->second,
                            .kind = id.starts_with("bus-") ? VehicleKind::bus : VehicleKind::car});
    if (speed_mps >= kStanding_mps) continue;
    ++out.queue;
    out.waited_s = std::max(out.waited_s, libsumo::Vehicle::getWaitingTime(id));
  }
  std::ranges::stable_sort(out.vehicles, {}, &SeenVehicle::to_end_m);
  for (const std::string& id : before) out.left += std::ranges::find(now, id) == now.end();
  before = std::move(now);
  return out;
}

double Streets::mean_speed_mps(const std::string& edge) const {
  return libsumo::Edge::getLastStepMeanSpeed(edge);
}

std::vector<std::string> Streets::vehicles_on(const std::string& edge) const {
  return libsumo::Edge::getLastStepVehicleIDs(edge);
}

std::vector<std::string> Streets::began() const {
  return libsumo::Simulation::getDepartedIDList();
}

std::vector<std::string> Streets::ended() const {
  return libsumo::Simulation::getArrivedIDList();
}

LonLat Streets::place_on(const std::string& edge, double at_m) const {
  const libsumo::TraCIPosition at =
      libsumo::Simulation::convert2D(edge, std::clamp(at_m, 0.0, length_m(edge)), 0, true);
  return {at.x, at.y};
}

double Streets::length_m(const std::string& edge) const {
  return libsumo::Lane::getLength(edge + "_0");
}

double Streets::limit_mps(const std::string& edge) const {
  const auto blocked = blocked_.find(edge);
  return blocked == blocked_.end() ? libsumo::Lane::getMaxSpeed(edge + "_0") : blocked->second.limit_mps;
}

std::vector<std::string> Streets::blocked() const {
  std::vector<std::string> out;
  for (const auto& [edge, block] : blocked_) out.push_back(edge);
  std::ranges::sort(out);
  return out;
}

std::vector<BusPlace> Streets::buses() const {
  std::vector<BusPlace> out;
  for (const std::string& id : libsumo::Vehicle::getIDList()) {
    if (!id.starts_with("bus-")) continue;
    const libsumo::TraCIPosition at = libsumo::Vehicle::getPosition(id);
    out.push_back({.id = id,
                   .line = libsumo::Vehicle::getLine(id),
                   .at = place_of(at.x, at.y),
                   .speed_mps = std::max(0.0, libsumo::Vehicle::getSpeed(id)),
                   .heading_deg = libsumo::Vehicle::getAngle(id),
                   .at_stop = (libsumo::Vehicle::getStopState(id) & 16) != 0});
  }
  return out;
}

std::vector<SegmentPlace> Streets::segments() const {
  std::vector<SegmentPlace> out;
  for (const std::string& id : libsumo::Edge::getIDList()) {
    if (id.starts_with(':')) continue;
    const std::string lane = id + "_0";
    const std::string name = libsumo::Edge::getStreetName(id);
    const std::size_t bar = std::min(name.find('|'), name.size());
    SegmentPlace& one = out.emplace_back();
    one.id = id;
    one.name_zh = name.substr(0, bar);
    one.name_en = name.substr(std::min(bar + 1, name.size()));
    one.length_m = libsumo::Lane::getLength(lane);
    one.limit_mps = libsumo::Lane::getMaxSpeed(lane);
    one.lanes = libsumo::Edge::getLaneNumber(id);
    for (const libsumo::TraCIPosition& at : libsumo::Lane::getShape(lane).value)
      one.line.push_back(place_of(at.x, at.y));
  }
  std::ranges::sort(out, {}, &SegmentPlace::id);
  return out;
}

LonLat Streets::junction_place(const std::string& id) const {
  const libsumo::TraCIPosition at = libsumo::Junction::getPosition(id);
  return place_of(at.x, at.y);
}

base::Status Streets::block(const std::string& edge, double until_s) {
  const std::vector<std::string> known = libsumo::Edge::getIDList();
  if (edge.starts_with(':') || std::ranges::find(known, edge) == known.end())
    return base::fail(base::Errc::not_found, "there is no edge '{}'", edge);
  blocked_.try_emplace(edge, Block{0, libsumo::Lane::getMaxSpeed(edge + "_0")}).first->second.until_s = until_s;
  libsumo::Edge::setMaxSpeed(edge, kCreep_mps);
  return {};
}

void Streets::start_count() {
  losses_.clear();
  waited_to_enter_s_ = 0;
  arrived_ = 0;
  for (const std::string& id : libsumo::Vehicle::getIDList()) {
    const double loss_s = libsumo::Vehicle::getTimeLoss(id);
    losses_[id] = {loss_s, loss_s};
  }
}

// Of the second that has just passed.
void Streets::count() {
  standing_ = 0;
  for (const std::string& id : libsumo::Vehicle::getIDList()) {
    const double loss_s = libsumo::Vehicle::getTimeLoss(id);
    losses_.try_emplace(id, 0.0, 0.0).first->second.last_s = loss_s;
    standing_ += libsumo::Vehicle::getSpeed(id) < kStanding_mps;
  }
  entering_ = libsumo::Simulation::getPendingVehicles();
  waited_to_enter_s_ += double(entering_.size());
  arrived_ += libsumo::Simulation::getArrivedNumber();
  collisions_ += libsumo::Simulation::getCollidingVehiclesNumber();
}

Streets::Delay Streets::delay() const {
  Delay out{.vehicles = int(losses_.size()), .seconds = waited_to_enter_s_, .to_enter_seconds = waited_to_enter_s_};
  for (const auto& [id, loss] : losses_) out.seconds += loss.last_s - loss.first_s;
  for (const std::string& id : entering_) out.vehicles += !losses_.contains(id);
  return out;
}

int Streets::running() const {
  return libsumo::Vehicle::getIDCount();
}

int Streets::standing() const {
  return standing_;
}

}  // namespace cityloop::traffic
