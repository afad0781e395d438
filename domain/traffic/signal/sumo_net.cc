#include "domain/traffic/signal/sumo_net.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <pugixml.hpp>

#include "base/file.h"

namespace cityloop::traffic {
namespace {

struct NetLane {
  double length_m{};
  double speed_mps{};
  bool inside{};
  int beside{};  // lanes of its edge
};

struct Connection {
  std::string from, to, via, light;  // light: the programme that controls it; empty for none
  int link{-1};
  MovementKind kind{MovementKind::straight};
  double inside_m{};
  double inside_mps{};
  std::vector<std::string> inside;  // lanes
};

struct Matrix {
  std::vector<std::string> response, foes;  // as written: the last letter is index 0
};

struct Net {
  std::unordered_map<std::string, NetLane> lanes;
  std::vector<Connection> connections;
  std::unordered_map<std::string, std::vector<std::size_t>> into, out_of;  // lane → connections
  std::unordered_map<std::string, Matrix> matrices;                        // junction → right of way
};

MovementKind kind_of(std::string_view direction) {
  if (direction == "l" || direction == "L") return MovementKind::left;
  if (direction == "r" || direction == "R") return MovementKind::right;
  if (direction == "t") return MovementKind::u_turn;
  return MovementKind::straight;
}

void read_edges(const pugi::xml_node& root, Net& net) {
  for (const pugi::xml_node& edge : root.children("edge")) {
    const std::string_view function = edge.attribute("function").as_string();
    int beside = 0;
    for ([[maybe_unused]] const pugi::xml_node& lane : edge.children("lane")) ++beside;
    for (const pugi::xml_node& lane : edge.children("lane")) {
      net.lanes[lane.attribute("id").as_string()] = {.length_m = std::max(0.1, lane.attribute("length").as_double()),
                                                     .speed_mps = std::max(0.5, lane.attribute("speed").as_double()),
                                                     .inside = function == "internal",
                                                     .beside = beside};
    }
  }
}

// The way through a junction may be of two pieces: up to a place to wait for others, and on from there.
void add_inside(const Net& net, const std::unordered_map<std::string, std::string>& onward, Connection& connection) {
  std::string at = connection.via;
  connection.inside_mps = 100;
  for (int piece = 0; piece < 4 && !at.empty(); ++piece) {
    const auto lane = net.lanes.find(at);
    if (lane == net.lanes.end()) break;
    connection.inside.push_back(at);
    connection.inside_m += lane->second.length_m;
    connection.inside_mps = std::min(connection.inside_mps, lane->second.speed_mps);
    const auto next = onward.find(at);
    at = next == onward.end() ? std::string{} : next->second;
  }
}

std::string lane_id(std::string_view edge, std::string_view lane) {
  return fmt::format("{}_{}", edge, lane);
}

void read_connections(const pugi::xml_node& root, Net& net) {
  std::unordered_map<std::string, std::string> onward;  // inside lane → the next inside lane
  for (const pugi::xml_node& one : root.children("connection")) {
    const std::string_view from = one.attribute("from").as_string();
    if (!from.starts_with(':')) continue;
    onward[lane_id(from, one.attribute("fromLane").as_string())] = one.attribute("via").as_string();
  }
  for (const pugi::xml_node& one : root.children("connection")) {
    const std::string_view from = one.attribute("from").as_string();
    if (from.starts_with(':')) continue;
    Connection connection{.from = lane_id(from, one.attribute("fromLane").as_string()),
                          .to = lane_id(one.attribute("to").as_string(), one.attribute("toLane").as_string()),
                          .via = one.attribute("via").as_string(),
                          .light = one.attribute("tl").as_string(),
                          .link = one.attribute("linkIndex").as_int(-1),
                          .kind = kind_of(one.attribute("dir").as_string())};
    if (!net.lanes.contains(connection.from) || !net.lanes.contains(connection.to)) continue;
    if (from.starts_with(':') || net.lanes[connection.from].inside) continue;
    add_inside(net, onward, connection);
    net.out_of[connection.from].push_back(net.connections.size());
    net.into[connection.to].push_back(net.connections.size());
    net.connections.push_back(std::move(connection));
  }
}

void read_matrices(const pugi::xml_node& root, Net& net) {
  for (const pugi::xml_node& junction : root.children("junction")) {
    Matrix& matrix = net.matrices[junction.attribute("id").as_string()];
    for (const pugi::xml_node& request : junction.children("request")) {
      const auto index = request.attribute("index").as_uint();
      if (index > 10'000) continue;
      matrix.response.resize(std::max<std::size_t>(matrix.response.size(), index + 1));
      matrix.foes.resize(matrix.response.size());
      matrix.response[index] = request.attribute("response").as_string();
      matrix.foes[index] = request.attribute("foes").as_string();
    }
  }
}

// ":JUNCTION_7_1" is the second lane of the links that begin with the junction's number 7: its place in the matrix
// is 8.
struct Place {
  std::string junction;
  int index{-1};
};

Place place_of(const std::string& via) {
  const std::size_t lane = via.rfind('_');
  if (via.size() < 2 || lane == std::string::npos || lane == 0) return {};
  const std::size_t first = via.rfind('_', lane - 1);
  if (first == std::string::npos || first == 0) return {};
  const auto number = [&](std::size_t at, std::size_t end) {
    int out = 0;
    std::from_chars(via.data() + at, via.data() + end, out);
    return out;
  };
  return {.junction = via.substr(1, first - 1), .index = number(first + 1, lane) + number(lane + 1, via.size())};
}

bool bit(const std::string& row, int index) {
  const auto from_end = static_cast<std::size_t>(index);
  return index >= 0 && from_end < row.size() && row[row.size() - 1 - from_end] == '1';
}

Conflict conflict_of(const Net& net, const Place& first, const Place& second) {
  if (first.junction != second.junction || first.index < 0 || second.index < 0) return Conflict::none;
  const auto found = net.matrices.find(first.junction);
  if (found == net.matrices.end()) return Conflict::none;
  const Matrix& matrix = found->second;
  const auto size = static_cast<int>(matrix.foes.size());
  if (first.index >= size || second.index >= size) return Conflict::none;
  const auto row = [](const std::vector<std::string>& rows, int index) -> const std::string& {
    return rows[static_cast<std::size_t>(index)];
  };
  const bool meet =
      bit(row(matrix.foes, first.index), second.index) || bit(row(matrix.foes, second.index), first.index);
  if (!meet) return Conflict::none;
  if (bit(row(matrix.response, first.index), second.index)) return Conflict::yields;
  if (bit(row(matrix.response, second.index), first.index)) return Conflict::has_way;
  return Conflict::excludes;
}

class JunctionReader {
 public:
  JunctionReader(const Net& net, const SumoNetOptions& options, std::string_view id) : net_(net), options_(options) {
    made_.id = id;
    made_.yellow_s = options.yellow_s;
    made_.all_red_s = options.all_red_s;
    made_.min_green_s = options.min_green_s;
    made_.max_red_s = options.max_red_s;
  }

  Junction take() { return std::move(made_); }
  bool has_stages() const { return !made_.stages.empty(); }

  void read_movements() {
    std::vector<const Connection*> ours;
    for (const Connection& one : net_.connections) {
      if (one.light == made_.id && one.link >= 0 && one.link < 10'000) ours.push_back(&one);
    }
    std::ranges::stable_sort(ours, {}, [](const Connection* one) { return std::pair(one->link, one->from); });
    std::vector<Place> places;
    for (const Connection* one : ours) {
      const int from = lane(one->from, LaneRole::approach);
      const int to = lane(one->to, LaneRole::exit);
      made_.movements.push_back({.link = one->link,
                                 .from = from,
                                 .to = to,
                                 .length_m = one->inside_m,
                                 .speed_mps = one->inside_mps,
                                 .kind = one->kind,
                                 .inside = one->inside});
      made_.links = std::max(made_.links, one->link + 1);
      places.push_back(place_of(one->via));
    }
    for (const Place& first : places) {
      for (const Place& second : places) made_.conflicts.push_back(conflict_of(net_, first, second));
    }
  }

  void read_programme(const pugi::xml_node& logic) {
    made_.plan.offset_s = logic.attribute("offset").as_double();
    for (const pugi::xml_node& phase : logic.children("phase")) {
      const std::string_view state = phase.attribute("state").as_string();
      const double duration_s = phase.attribute("duration").as_double();
      const int stage = stage_of(state, phase);
      if (stage >= 0) {
        made_.plan.steps.push_back({.stage = stage, .green_s = duration_s});
      } else if (!made_.plan.steps.empty()) {
        made_.plan.steps.back().change_s += duration_s;
      } else {
        made_.plan.offset_s += duration_s;  // the plan begins within a change: it is told from its first green on
        leading_change_s_ += duration_s;
      }
    }
    if (!made_.plan.steps.empty()) made_.plan.steps.back().change_s += leading_change_s_;
  }

  // A light that the programme never turns green is none of ours: it stays red.
  void drop_unserved() {
    std::vector<std::size_t> kept;
    for (std::size_t m = 0; m < made_.movements.size(); ++m) {
      if (std::ranges::any_of(made_.stages, [&](const Stage& one) { return is_green(one.aspects[m]); })) {
        kept.push_back(m);
      }
    }
    if (kept.size() == made_.movements.size()) return;
    const auto keep = [&](const auto& from) {
      std::remove_cvref_t<decltype(from)> rest;
      for (const std::size_t m : kept) rest.push_back(from[m]);
      return rest;
    };
    std::vector<Conflict> conflicts;
    for (const std::size_t first : kept) {
      for (const std::size_t second : kept) {
        conflicts.push_back(made_.conflict(static_cast<int>(first), static_cast<int>(second)));
      }
    }
    made_.movements = keep(made_.movements);
    made_.conflicts = std::move(conflicts);
    for (Stage& stage : made_.stages) stage.aspects = keep(stage.aspects);
  }

  void add_clearing_stage() {
    made_.stages.push_back({.name = "all red",
                            .aspects = std::vector<Aspect>(made_.movements.size(), Aspect::red),
                            .min_green_s = 0,
                            .max_green_s = options_.max_clear_s});
  }

  // Lanes from which vehicles come to the approaches, back to the next lights or the options' reach.
  void read_upstream() {
    for (std::size_t i = 0; i < made_.lanes.size(); ++i) {
      if (made_.lanes[i].role == LaneRole::exit) continue;
      const double reached_m = made_.lanes[i].to_stop_line_m + made_.lanes[i].length_m;
      const auto into = net_.into.find(made_.lanes[i].id);
      if (into == net_.into.end() || reached_m > options_.upstream_m) continue;
      for (const std::size_t index : into->second) {
        const Connection& one = net_.connections[index];
        if (!one.light.empty()) continue;
        add_upstream(one.from, static_cast<int>(i), reached_m + one.inside_m);
      }
    }
  }

 private:
  int lane(const std::string& id, LaneRole role) {
    const int known = made_.find_lane(id);
    if (known >= 0) return known;
    const NetLane& from = net_.lanes.at(id);
    made_.lanes.push_back({.id = id,
                           .role = role,
                           .length_m = from.length_m,
                           .speed_mps = from.speed_mps,
                           .neighbours_lane_change = from.beside > 1});
    return static_cast<int>(made_.lanes.size()) - 1;
  }

  void add_upstream(const std::string& id, int next, double to_stop_line_m) {
    const int before = static_cast<int>(made_.lanes.size());
    const int index = lane(id, LaneRole::upstream);
    Lane& upstream = made_.lanes[static_cast<std::size_t>(index)];
    if (upstream.role != LaneRole::upstream) return;
    if (std::ranges::find(upstream.next, next) == upstream.next.end()) upstream.next.push_back(next);
    if (index == before || to_stop_line_m < upstream.to_stop_line_m) upstream.to_stop_line_m = to_stop_line_m;
  }

  // -1 for a phase that shows yellow or lets nobody go.
  int stage_of(std::string_view state, const pugi::xml_node& phase) {
    if (state.find_first_of("yY") != std::string_view::npos) return -1;
    Stage stage{.min_green_s = options_.min_green_s, .max_green_s = options_.max_green_s};
    for (const Movement& movement : made_.movements) {
      const auto link = static_cast<std::size_t>(movement.link);
      const char shown = link < state.size() ? state[link] : 'r';
      const bool goes = shown == 'G' || shown == 'g' || shown == 's' || shown == 'o' || shown == 'O';
      stage.aspects.push_back(!goes ? Aspect::red : shown == 'G' ? Aspect::protected_ : Aspect::permissive);
    }
    if (std::ranges::none_of(stage.aspects, is_green)) return -1;
    protect(stage);
    stage.name = phase.attribute("name").as_string();
    for (std::size_t i = 0; i < made_.stages.size(); ++i) {
      if (made_.stages[i].aspects == stage.aspects) return static_cast<int>(i);
    }
    if (stage.name.empty()) stage.name = fmt::format("{}", made_.stages.size() + 1);
    made_.stages.push_back(std::move(stage));
    return static_cast<int>(made_.stages.size()) - 1;
  }

  // A green that must give way is shown as one that must.
  void protect(Stage& stage) const {
    for (std::size_t first = 0; first < stage.aspects.size(); ++first) {
      for (std::size_t second = 0; second < stage.aspects.size(); ++second) {
        const bool gives_way = made_.conflict(static_cast<int>(first), static_cast<int>(second)) == Conflict::yields;
        if (gives_way && is_green(stage.aspects[second]) && stage.aspects[first] == Aspect::protected_) {
          stage.aspects[first] = Aspect::permissive;
        }
      }
    }
  }

  const Net& net_;
  const SumoNetOptions& options_;
  Junction made_;
  double leading_change_s_{};
};

// Which lanes of one junction are lanes of another: there its exits are the other's arrivals.
void join_neighbours(std::vector<Junction>& junctions) {
  std::map<std::string, std::string, std::less<>> fed_by;  // exit lane → the junction whose exit it is
  for (const Junction& junction : junctions) {
    for (const Lane& lane : junction.lanes) {
      if (lane.role == LaneRole::exit) fed_by[lane.id] = junction.id;
    }
  }
  std::map<std::string, std::string, std::less<>> leads_to;
  for (Junction& junction : junctions) {
    for (Lane& lane : junction.lanes) {
      if (lane.role == LaneRole::exit) continue;
      const auto found = fed_by.find(lane.id);
      if (found == fed_by.end()) continue;
      lane.far_junction = found->second;
      lane.far_lane = lane.id;
      leads_to.try_emplace(lane.id, junction.id);
    }
  }
  for (Junction& junction : junctions) {
    for (Lane& lane : junction.lanes) {
      const auto found = lane.role == LaneRole::exit ? leads_to.find(lane.id) : leads_to.end();
      if (found == leads_to.end()) continue;
      lane.far_junction = found->second;
      lane.far_lane = lane.id;
    }
  }
}

}  // namespace

base::Result<std::vector<Junction>> parse_sumo_net(std::string_view xml, const SumoNetOptions& options) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed) return base::fail(base::Errc::malformed, "no XML at byte {}: {}", parsed.offset, parsed.description());
  const pugi::xml_node root = document.child("net");
  if (!root) return base::fail(base::Errc::invalid, "no SUMO network: there is no element net");
  Net net;
  read_edges(root, net);
  read_connections(root, net);
  read_matrices(root, net);
  std::map<std::string, pugi::xml_node, std::less<>> programmes;  // the first of each
  for (const pugi::xml_node& logic : root.children("tlLogic")) {
    programmes.try_emplace(logic.attribute("id").as_string(), logic);
  }
  std::vector<Junction> junctions;
  for (const auto& [id, logic] : programmes) {
    JunctionReader reader(net, options, id);
    reader.read_movements();
    reader.read_programme(logic);
    reader.drop_unserved();
    if (!reader.has_stages()) continue;  // a programme that is switched off, or a level crossing
    if (options.clearing_stage) reader.add_clearing_stage();
    reader.read_upstream();
    junctions.push_back(reader.take());
    TRY(check(junctions.back()));
  }
  join_neighbours(junctions);
  return junctions;
}

base::Result<std::vector<Junction>> read_sumo_net(const std::filesystem::path& path, const SumoNetOptions& options) {
  const std::string xml = TRY(base::read_file(path));
  return parse_sumo_net(xml, options);
}

}  // namespace cityloop::traffic
