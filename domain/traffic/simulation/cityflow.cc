#include "domain/traffic/simulation/cityflow.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/json_value.h"

namespace cityloop::traffic {
namespace {

using base::JsonValue;

constexpr int kYellow_s = 3;
constexpr std::size_t kVehiclesMax = 500'000;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

const JsonValue::Array& list(const JsonValue& of, std::string_view key) {
  static const JsonValue::Array kNone;
  const JsonValue* const found = of.find(key);
  return found && found->array() ? *found->array() : kNone;
}

double coordinate(const JsonValue* point, std::string_view axis) {
  return point ? point->number_or(axis, 0) : 0;
}

int whole(const JsonValue& of, std::string_view key, int otherwise) {
  const double value = of.number_or(key, otherwise);
  return std::isfinite(value) && std::fabs(value) < 1e9 ? static_cast<int>(value) : otherwise;
}

struct LaneLink {
  int from, to;  // SUMO's lanes: from the edge of the road
};

struct RoadLink {
  std::string from, to;
  bool straight{}, right{};
  std::vector<LaneLink> lanes;
  std::vector<int> lights;  // as lanes
};

class Converter {
 public:
  explicit Converter(const JsonValue& roadnet) : roadnet_(roadnet) {}

  base::Result<PlainStreets> convert(const JsonValue& flow) {
    TRY(read_roads());
    for (const JsonValue& intersection : list(roadnet_, "intersections")) TRY(add_intersection(intersection));
    out_.nodes = "<nodes>\n" + nodes_ + "</nodes>\n";
    out_.edges = "<edges>\n" + edges_ + "</edges>\n";
    out_.connections = "<connections>\n" + connections_ + "</connections>\n";
    out_.lights = "<tlLogics>\n" + logics_ + lights_ + "</tlLogics>\n";
    TRY(add_vehicles(flow));
    return std::move(out_);
  }

 private:
  base::Status read_roads() {
    for (const JsonValue& road : list(roadnet_, "roads")) {
      const std::string id = road.text_or("id", "");
      const JsonValue::Array& lanes = list(road, "lanes");
      if (id.empty() || lanes.empty()) {
        return base::fail(base::Errc::invalid, "road '{}' has no id or no lanes", id);
      }
      lanes_of_[id] = static_cast<int>(lanes.size());
      std::string shape;
      for (const JsonValue& point : list(road, "points")) {
        shape += fmt::format("{}{},{}", shape.empty() ? "" : " ", coordinate(&point, "x"), coordinate(&point, "y"));
      }
      edges_ += fmt::format(R"(  <edge id="{}" from="{}" to="{}" numLanes="{}" speed="{}" shape="{}"/>)"
                            "\n",
                            escaped(id), escaped(road.text_or("startIntersection", "")),
                            escaped(road.text_or("endIntersection", "")), lanes.size(),
                            lanes.front().number_or("maxSpeed", 13.9), escaped(shape));
    }
    if (lanes_of_.empty()) return base::fail(base::Errc::invalid, "no CityFlow road network: it has no roads");
    return {};
  }

  base::Status add_intersection(const JsonValue& intersection) {
    const std::string id = intersection.text_or("id", "");
    const JsonValue* const point = intersection.find("point");
    if (id.empty() || !point) return base::fail(base::Errc::invalid, "an intersection has no id or no point");
    const std::vector<RoadLink> links = TRY(links_of(intersection, id));
    const JsonValue* const light = intersection.find("trafficLight");
    const bool lit =
        !intersection.boolean_or("virtual", false) && light && !links.empty() && !list(*light, "lightphases").empty();
    nodes_ +=
        fmt::format(R"(  <node id="{}" x="{}" y="{}" type="{}"/>)"
                    "\n",
                    escaped(id), coordinate(point, "x"), coordinate(point, "y"), lit ? "traffic_light" : "priority");
    for (const RoadLink& link : links) add_connections(id, link, lit);
    if (lit) add_programme(id, links, *light);
    return {};
  }

  base::Result<std::vector<RoadLink>> links_of(const JsonValue& intersection, const std::string& id) {
    std::vector<RoadLink> links;
    int next_light = 0;
    for (const JsonValue& one : list(intersection, "roadLinks")) {
      RoadLink link{.from = one.text_or("startRoad", ""), .to = one.text_or("endRoad", "")};
      const auto from = lanes_of_.find(link.from);
      const auto to = lanes_of_.find(link.to);
      if (from == lanes_of_.end() || to == lanes_of_.end()) {
        return base::fail(base::Errc::invalid, "intersection {} links roads '{}' and '{}' that are not both there", id,
                          link.from, link.to);
      }
      link.straight = one.text_or("type", "") == "go_straight";
      link.right = one.text_or("type", "") == "turn_right";
      std::map<int, int> chosen;  // lane → the lane ahead
      for (const JsonValue& lanes : list(one, "laneLinks")) {
        const int start = from->second - 1 - whole(lanes, "startLaneIndex", 0);
        const int end = to->second - 1 - whole(lanes, "endLaneIndex", 0);
        if (start < 0 || end < 0 || start >= from->second || end >= to->second) continue;
        const auto [place, added] = chosen.try_emplace(start, end);
        if (!added && std::abs(end - start) < std::abs(place->second - start)) place->second = end;
      }
      for (const auto& [start, end] : chosen) {
        link.lanes.push_back({.from = start, .to = end});
        link.lights.push_back(next_light++);
      }
      links.push_back(std::move(link));
    }
    return links;
  }

  void add_connections(const std::string& id, const RoadLink& link, bool lit) {
    for (std::size_t i = 0; i < link.lanes.size(); ++i) {
      const std::string ends = fmt::format(R"(from="{}" to="{}" fromLane="{}" toLane="{}")", escaped(link.from),
                                           escaped(link.to), link.lanes[i].from, link.lanes[i].to);
      connections_ += fmt::format("  <connection {}/>\n", ends);
      if (lit)
        lights_ += fmt::format("  <connection {} tl=\"{}\" linkIndex=\"{}\"/>\n", ends, escaped(id), link.lights[i]);
    }
  }

  static std::set<std::size_t> going(const JsonValue& phase, std::size_t links) {
    std::set<std::size_t> set;
    for (const JsonValue& index : list(phase, "availableRoadLinks")) {
      const double* const number = index.number();
      if (number && *number >= 0 && *number < static_cast<double>(links)) set.insert(static_cast<std::size_t>(*number));
    }
    return set;
  }

  void add_programme(const std::string& id, const std::vector<RoadLink>& links, const JsonValue& light) {
    const JsonValue::Array& phases = list(light, "lightphases");
    std::set<std::size_t> always = going(phases.front(), links.size());
    for (const JsonValue& phase : phases) {
      std::erase_if(always, [now = going(phase, links.size())](std::size_t link) { return !now.contains(link); });
    }
    logics_ += fmt::format("  <tlLogic id=\"{}\" type=\"static\" programID=\"0\" offset=\"0\">\n", escaped(id));
    std::vector<std::pair<std::string, int>> stages;
    for (const JsonValue& phase : phases) {
      const std::set<std::size_t> now = going(phase, links.size());
      if (now == always && phases.size() > 1) continue;
      stages.emplace_back(letters(links, now), std::max(5, whole(phase, "time", 30)));
    }
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const auto& [state, green_s] = stages[i];
      const std::string& after = stages[(i + 1) % stages.size()].first;
      std::string yellow = state;
      for (std::size_t at = 0; at < yellow.size(); ++at) {
        if (yellow[at] != 'r' && after[at] == 'r') yellow[at] = 'y';
      }
      logics_ += fmt::format("    <phase duration=\"{}\" state=\"{}\"/>\n", green_s, state);
      if (yellow != state) logics_ += fmt::format("    <phase duration=\"{}\" state=\"{}\"/>\n", kYellow_s, yellow);
    }
    logics_ += "  </tlLogic>\n";
    ++out_.junctions;
  }

  // Right turns give way; left turns too, where another road goes straight on at the same time.
  static std::string letters(const std::vector<RoadLink>& links, const std::set<std::size_t>& now) {
    std::size_t lights = 0;
    for (const RoadLink& link : links) lights += link.lights.size();
    std::string state(lights, 'r');
    for (const std::size_t index : now) {
      const RoadLink& link = links[index];
      const bool met = std::ranges::any_of(
          now, [&](std::size_t other) { return links[other].straight && links[other].from != link.from; });
      const bool gives_way = link.right || (!link.straight && met);
      for (const int light : link.lights) state[static_cast<std::size_t>(light)] = gives_way ? 'g' : 'G';
    }
    return state;
  }

  std::string type_of(const JsonValue& vehicle) {
    const std::string attributes = fmt::format(
        R"(length="{}" minGap="{}" maxSpeed="{}" accel="{}" decel="{}" tau="{}")", vehicle.number_or("length", 5),
        vehicle.number_or("minGap", 2.5), vehicle.number_or("maxSpeed", 16.7), vehicle.number_or("usualPosAcc", 2),
        vehicle.number_or("usualNegAcc", 4.5), vehicle.number_or("headwayTime", 1.5));
    const auto [place, added] = types_.try_emplace(attributes, fmt::format("cityflow{}", types_.size()));
    if (added) type_xml_ += fmt::format("  <vType id=\"{}\" {}/>\n", place->second, attributes);
    return place->second;
  }

  base::Status add_vehicles(const JsonValue& flow) {
    if (!flow.array()) return base::fail(base::Errc::invalid, "no CityFlow flow: it is no list");
    std::vector<std::pair<double, std::string>> vehicles;
    static const JsonValue kPlain{JsonValue::Object{}};
    for (const JsonValue& one : *flow.array()) {
      std::string route;
      bool known = true;
      for (const JsonValue& road : list(one, "route")) {
        known = known && road.text() && lanes_of_.contains(*road.text());
        if (known) route += (route.empty() ? "" : " ") + *road.text();
      }
      const double first = one.number_or("startTime", 0);
      const double last = std::max(first, one.number_or("endTime", first));
      const double interval = std::max(0.1, one.number_or("interval", 1));
      if (!known || route.empty() || last - first > 1e6) {
        ++out_.dropped;
        continue;
      }
      const JsonValue* const vehicle = one.find("vehicle");
      const std::string type = type_of(vehicle ? *vehicle : kPlain);
      const auto followers = std::int64_t((last - first) / interval);
      if (vehicles.size() + std::size_t(followers) >= kVehiclesMax)
        return base::fail(base::Errc::invalid, "a flow of more than {} vehicles", kVehiclesMax);
      for (std::int64_t n = 0; n <= followers; ++n) {
        const double at = first + double(n) * interval;
        vehicles.emplace_back(at, fmt::format(R"(type="{}"><route edges="{}"/></vehicle>)", type, escaped(route)));
      }
    }
    std::ranges::sort(vehicles, {}, &std::pair<double, std::string>::first);
    out_.routes = "<routes>\n" + type_xml_;
    for (const auto& [at, rest] : vehicles) {
      out_.routes += fmt::format("  <vehicle id=\"{}\" depart=\"{:.2f}\" {}\n", out_.vehicles++, at, rest);
    }
    out_.routes += "</routes>\n";
    return {};
  }

  const JsonValue& roadnet_;
  PlainStreets out_;
  std::string nodes_, edges_, connections_, lights_, logics_, type_xml_;
  std::map<std::string, int, std::less<>> lanes_of_;
  std::map<std::string, std::string> types_;
};

base::Status run_netconvert(const std::filesystem::path& folder, const std::string& name) {
  const auto file = [&](std::string_view ending) { return (folder / fmt::format("{}.{}", name, ending)).string(); };
  std::vector<std::string> words{"netconvert",    "-n",
                                 file("nod.xml"), "-e",
                                 file("edg.xml"), "-x",
                                 file("con.xml"), "-i",
                                 file("tll.xml"), "-o",
                                 file("net.xml"), "--no-turnarounds",
                                 "--no-warnings", "--xml-validation",
                                 "never"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 1, "/dev/null", 1 /* O_WRONLY */, 0);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "netconvert", &files, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return base::fail(base::Errc::unavailable, "netconvert, which SUMO brings, does not start");
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return base::fail(base::Errc::invalid, "netconvert refuses the streets of {}", name);
  }
  return {};
}

}  // namespace

base::Result<PlainStreets> convert_cityflow(std::string_view roadnet_json, std::string_view flow_json) {
  const JsonValue roadnet = TRY(JsonValue::parse(roadnet_json));
  const JsonValue flow = TRY(JsonValue::parse(flow_json));
  return Converter(roadnet).convert(flow);
}

base::Result<std::filesystem::path> build_streets(const PlainStreets& streets, const std::filesystem::path& folder,
                                                  const std::string& name, int seconds) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const std::array<std::pair<std::string_view, const std::string*>, 5> files{{{"nod.xml", &streets.nodes},
                                                                              {"edg.xml", &streets.edges},
                                                                              {"con.xml", &streets.connections},
                                                                              {"tll.xml", &streets.lights},
                                                                              {"rou.xml", &streets.routes}}};
  for (const auto& [ending, content] : files) {
    TRY(base::write_file_atomic(folder / fmt::format("{}.{}", name, ending), *content));
  }
  TRY(run_netconvert(folder, name));
  std::filesystem::path config = folder / fmt::format("{}.sumocfg", name);
  TRY(base::write_file_atomic(
      config,
      fmt::format("<configuration>\n  <input><net-file value=\"{0}.net.xml\"/><route-files value=\"{0}.rou.xml\"/>"
                  "</input>\n  <time><begin value=\"0\"/><end value=\"{1}\"/></time>\n</configuration>\n",
                  name, seconds)));
  return config;
}

}  // namespace cityloop::traffic
