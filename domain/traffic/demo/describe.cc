#include "domain/traffic/demo/describe.h"

#include <algorithm>

namespace cityloop::traffic {
namespace {

std::string detector_of(const std::string& lane) {
  return "urn:ngsi-ld:LaneFlowObserved:" + lane;
}

std::string zone_of(const Junction& junction) {
  return "urn:ngsi-ld:JunctionZoneObserved:" + junction.id;
}

std::string quoted(const std::vector<std::string>& words) {
  return words.empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(words, "\", \""));
}

std::string_view word(LaneRole role) {
  return role == LaneRole::approach ? "approach" : role == LaneRole::exit ? "exit" : "upstream";
}

std::string_view word(MovementKind kind) {
  switch (kind) {
    case MovementKind::left: return "left";
    case MovementKind::right: return "right";
    case MovementKind::u_turn: return "u_turn";
    case MovementKind::pedestrian: return "pedestrian";
    default: return "straight";
  }
}

// A lane within a junction has a name that only SUMO knows.
std::string id_of(const Lane& lane) {
  return lane.id.starts_with(':') ? "in_" + lane.id.substr(1) : lane.id;
}

void tell_lanes(const Junction& junction, std::string& out) {
  for (const Lane& lane : junction.lanes) {
    out += fmt::format("\n[[junction.lane]]\nid = \"{}\"\nrole = \"{}\"\nlength_m = {:.2f}\nspeed_mps = {:.2f}\n",
                       id_of(lane), word(lane.role), lane.length_m, lane.speed_mps);
    if (lane.role == LaneRole::upstream) {
      std::vector<std::string> next;
      for (const int one : lane.next) next.push_back(id_of(junction.lanes[std::size_t(one)]));
      out += fmt::format("to_stop_line_m = {:.2f}\nnext = {}\n", lane.to_stop_line_m, quoted(next));
    }
    if (!lane.far_junction.empty())
      out += fmt::format("far_junction = \"{}\"\nfar_lane = \"{}\"\n", lane.far_junction, lane.far_lane);
    if (lane.neighbours_lane_change) out += "neighbours_lane_change = true\n";
    if (lane.inside) out += "inside = true\n";
    if (!lane.id.starts_with(':')) out += fmt::format("detectors = [\"{}\"]\n", detector_of(lane.id));
  }
}

void tell_movements(const Junction& junction, std::string& out) {
  for (std::size_t m = 0; m < junction.movements.size(); ++m) {
    const Movement& one = junction.movements[m];
    std::vector<std::string> excludes, gives_way_to;
    for (std::size_t other = 0; other < junction.movements.size(); ++other) {
      const Conflict how = junction.conflict(int(m), int(other));
      if (how == Conflict::excludes && m < other) excludes.push_back(movement_name(junction, other));
      if (how == Conflict::yields) gives_way_to.push_back(movement_name(junction, other));
    }
    out += fmt::format(
        "\n[[junction.movement]]\nid = \"{}\"\nkind = \"{}\"\nfrom = \"{}\"\nto = \"{}\"\nlight = {}\nlength_m = "
        "{:.2f}\n"
        "speed_mps = {:.2f}\n",
        movement_name(junction, m), word(one.kind), junction.lanes[std::size_t(one.from)].id,
        junction.lanes[std::size_t(one.to)].id, one.link, std::max(one.length_m, 1.0), one.speed_mps);
    if (!excludes.empty()) out += fmt::format("excludes = {}\n", quoted(excludes));
    if (!gives_way_to.empty()) out += fmt::format("gives_way_to = {}\n", quoted(gives_way_to));
    bool alone = true;
    for (std::size_t other = 0; other < junction.movements.size(); ++other)
      alone = alone && junction.conflict(int(m), int(other)) == Conflict::none;
    if (alone) out += "meets_nobody = true\n";
  }
}

void tell_stages(const Junction& junction, std::string& out) {
  for (const Stage& stage : junction.stages) {
    std::vector<std::string> green, permissive;
    for (std::size_t m = 0; m < stage.aspects.size(); ++m) {
      if (stage.aspects[m] == Aspect::protected_) green.push_back(movement_name(junction, m));
      if (stage.aspects[m] == Aspect::permissive) permissive.push_back(movement_name(junction, m));
    }
    out += fmt::format(
        "\n[[junction.stage]]\nname = \"{}\"\ngreen = {}\npermissive = {}\nmin_green = \"{}s\"\nmax_green = \"{}s\"\n",
        stage.name, quoted(green), quoted(permissive), stage.min_green_s, stage.max_green_s);
    if (lets_nobody_go(stage)) out += "clears = true\n";
  }
  out += fmt::format("\n[junction.plan]\noffset = \"{}s\"\nsteps = [\n", junction.plan.offset_s);
  for (const PlanStep& step : junction.plan.steps)
    out += fmt::format("  {{ stage = \"{}\", green = \"{}s\" }},\n", junction.stages[std::size_t(step.stage)].name,
                       step.green_s);
  out += "]\n";
}

}  // namespace

// The streets that meet there.
flow::Bilingual name_of(const Junction& junction, const std::vector<SegmentPlace>& segments) {
  std::vector<std::string> zh, en;
  for (const SegmentPlace& one : segments) {
    if (!one.id.ends_with("-" + junction.id) || std::ranges::find(en, one.name_en) != en.end()) continue;
    zh.push_back(one.name_zh);
    en.push_back(one.name_en);
  }
  return {fmt::format("{}({})", fmt::join(zh, "/"), junction.id),
          fmt::format("{} ({})", fmt::join(en, " / "), junction.id)};
}

std::string signals_toml(const Streets& streets, const std::vector<Junction>& junctions) {
  const std::vector<SegmentPlace> segments = streets.segments();
  std::string out = "# Made of the streets by traffic_simulator --describe: made anew at each start of the demo.\n";
  for (const Junction& junction : junctions) {
    const flow::Bilingual name = name_of(junction, segments);
    const LonLat at = streets.junction_place(junction.id);
    out += fmt::format(
        "\n[[junction]]\nid = \"{0}\"\nname = {{ zh = \"{1}\", en = \"{2}\" }}\ndevice = \"urn:ngsi-ld:Device:{0}\"\n"
        "location = [{3:.6f}, {4:.6f}]\ncontroller = \"planner\"\nyellow = \"{5}s\"\nall_red = \"{6}s\"\n"
        "min_green = \"{7}s\"\nmax_red = \"{8}s\"\nlatency = \"2s\"\nstuck_after = \"210s\"\nzones = [\"{9}\"]\n",
        junction.id, name.zh, name.en, at.lon_deg, at.lat_deg, junction.yellow_s, junction.all_red_s,
        junction.min_green_s, junction.max_red_s, zone_of(junction));
    tell_lanes(junction, out);
    tell_movements(junction, out);
    tell_stages(junction, out);
  }
  return out;
}

}  // namespace cityloop::traffic
