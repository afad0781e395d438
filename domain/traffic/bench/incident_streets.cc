#include "domain/traffic/bench/incident_streets.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <unordered_map>

#include <libsumo/libsumo.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/rng.h"
#include "domain/traffic/guidance/incident_watch.h"

namespace cityloop::traffic {
namespace {

constexpr int kFill_s = 900, kHour_s = 60 * kStreetHour_min;
constexpr int kBreakdowns = 4, kStands_s = 600, kAfter_s = 300;

struct Streets {
  Town town;
  std::unordered_map<std::string, std::uint32_t> number;
  std::vector<Segment> segments;
  std::vector<std::vector<std::uint32_t>> downstream, upstream;
};

geo::Position position_of(const libsumo::TraCIPosition& at) {
  return {120 + at.x / 96'300, 30 + at.y / 111'200};
}

void start_sumo(const std::vector<std::string>& more) {
  std::vector<std::string> words{"sumo", "--no-step-log", "true", "--no-warnings", "true", "--xml-validation", "never"};
  words.insert(words.end(), more.begin(), more.end());
  libsumo::Simulation::start(words);
}

void read_streets(Streets& out) {
  start_sumo({"-n", out.town.net_file});
  std::unordered_map<std::string, std::vector<std::string>> begins;
  for (const std::string& edge : libsumo::Edge::getIDList()) {
    if (edge.starts_with(":")) continue;
    out.number.emplace(edge, std::uint32_t(out.segments.size()));
    Segment& one = out.segments.emplace_back();
    one.id = flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:" + edge);
    for (const auto& at : libsumo::Lane::getShape(edge + "_0").value) one.line.push_back(position_of(at));
    one.length_m = libsumo::Lane::getLength(edge + "_0");
    // What a sign allows is seldom driven where there are lights.
    one.free_flow_kmh =
        (out.town.kind == StreetKind::motorway ? 1 : 0.7) * 3.6 * libsumo::Lane::getMaxSpeed(edge + "_0");
  }
  libsumo::Simulation::close();
  out.downstream = downstream_of(out.segments, 60);
  out.upstream.resize(out.downstream.size());
  for (std::uint32_t i = 0; i < out.downstream.size(); ++i)
    for (const std::uint32_t next : out.downstream[i]) out.upstream[next].push_back(i);
}

// The value of an attribute in one line of SUMO's measurements; not a number where it lacks.
double attribute_of(std::string_view line, std::string_view name) {
  const std::string key = fmt::format(" {}=\"", name);
  const std::size_t at = line.find(key);
  double value = std::numeric_limits<double>::quiet_NaN();
  if (at != line.npos) std::from_chars(line.data() + at + key.size(), line.data() + line.size(), value);
  return value;
}

// The segment and those that lead to it, over so many steps.
std::set<std::uint32_t> reach_of(const Streets& streets, std::uint32_t segment, int steps = 1) {
  std::set<std::uint32_t> out{segment}, edge = out;
  for (int step = 0; step < steps; ++step) {
    std::set<std::uint32_t> next;
    for (const std::uint32_t one : edge) next.insert(streets.upstream[one].begin(), streets.upstream[one].end());
    out.insert(next.begin(), next.end());
    edge = std::move(next);
  }
  return out;
}

// One hour. SUMO writes what its edges measure; only the breakdowns are made from here.
class SumoHour {
 public:
  SumoHour(const Streets& streets, std::uint64_t seed, const std::filesystem::path& work)
      : streets_(streets), seed_(seed), work_(work), rng_(seed * 7919 + 1) {
    for (int i = 0; i < kBreakdowns; ++i) wishes_.push_back(kFill_s + 120 + i * 840);
  }

  base::Result<StreetHour> run(bool with_breakdowns) {
    const std::string trips = (work_ / "trips.xml").string(), more = (work_ / "measure.xml").string();
    TRY(write_trips(streets_.town, seed_, kFill_s + kHour_s, trips));
    TRY(base::write_file_atomic(more, measurements()));
    start_sumo({"-n", streets_.town.net_file, "-r", trips, "-a", more, "--seed", fmt::format("{}", seed_ % 100'000),
                "--ignore-route-errors", "true", "--device.rerouting.probability", "0.2", "--device.rerouting.period",
                "120", "--time-to-teleport", "900"});
    standing_s_.assign(kTellingShares.size(), std::vector<float>(kStreetHour_min * streets_.segments.size()));
    for (int now_s = 1; now_s <= kFill_s + kHour_s; ++now_s) {
      libsumo::Simulation::step();
      if (!with_breakdowns) continue;
      break_down(now_s);
      note_standing(now_s);
    }
    libsumo::Simulation::close();
    StreetHour out{std::move(breakdowns_), {}};
    for (std::size_t share = 0; share < kTellingShares.size(); ++share) TRY(read_minutes(share, out));
    return out;
  }

  // Vehicle-seconds lost, by minute and segment; those that broke down left out.
  const std::vector<float>& lost_s() const { return lost_s_; }

 private:
  std::string file(std::size_t share) const { return (work_ / fmt::format("minutes{}.xml", share)).string(); }

  std::string measurements() const {
    constexpr std::string_view kTypes[] = {"plain probe20 probe5", "probe20 probe5", "probe5"};
    std::string out = "<additional>\n";
    for (std::size_t i = 0; i < kTellingShares.size(); ++i)
      out += fmt::format(R"(<edgeData id="m{}" file="{}" freq="60" begin="{}" excludeEmpty="true" vTypes="{}"/>)", i,
                         file(i), kFill_s, kTypes[i]) +
             "\n";
    return out + "</additional>\n";
  }

  // Breakdowns lie where vehicles are: one that drives is drawn, and where all lanes are to be blocked, another beside
  // it.
  void break_down(int now_s) {
    if (wishes_.empty() || now_s < wishes_.front()) return;
    if (now_s > wishes_.front() + 240) {
      wishes_.erase(wishes_.begin());
      return;
    }
    const std::vector<std::string> vehicles = libsumo::Vehicle::getIDList();
    if (vehicles.empty()) return;
    const std::string edge = libsumo::Vehicle::getRoadID(vehicles[rng_.below(vehicles.size())]);
    const auto known = streets_.number.find(edge);
    if (known == streets_.number.end() || streets_.segments[known->second].length_m < 120) return;
    if (is_near_another(known->second)) return;
    const double length_m = streets_.segments[known->second].length_m;
    const int lanes = libsumo::Edge::getLaneNumber(edge);
    if (lanes < 2) return;
    const int most = streets_.town.kind == StreetKind::motorway ? 2 : lanes;
    const int wanted = breakdowns_.size() % 2 ? 1 : most;
    std::map<int, std::string> stops;
    for (const std::string& vehicle : libsumo::Edge::getLastStepVehicleIDs(edge))
      if (stop_at_m(vehicle) < length_m - 5) stops.try_emplace(libsumo::Vehicle::getLaneIndex(vehicle), vehicle);
    if (int(stops.size()) < wanted) return;
    const auto first = stops.find(int(rng_.below(std::uint64_t(lanes) - std::uint64_t(wanted) + 1)));
    std::vector<Standing> stopped;
    for (auto next = first; next != stops.end() && int(stopped.size()) < wanted; ++next)
      if (stop(next->second, edge, next->first)) stopped.push_back({next->second, known->second});
    if (stopped.empty()) return;
    breakdowns_.push_back(
        {known->second, now_s - kFill_s, now_s - kFill_s + kStands_s, lanes, int(stopped.size()), 0, 0});
    broken_.insert(broken_.end(), stopped.begin(), stopped.end());
    wishes_.erase(wishes_.begin());
  }

  // Each has streets of its own, or one's queue would be told of as the other.
  bool is_near_another(std::uint32_t segment) const {
    return std::ranges::any_of(breakdowns_, [&](const Breakdown& one) {
      return reach_of(streets_, one.segment, 3).contains(segment) ||
             reach_of(streets_, segment, 3).contains(one.segment);
    });
  }

  static double stop_at_m(const std::string& vehicle) {
    const double mps = libsumo::Vehicle::getSpeed(vehicle);
    return libsumo::Vehicle::getLanePosition(vehicle) + 15 + mps * mps / 7;
  }
  // False where it cannot brake in time: another one will.
  static bool stop(const std::string& vehicle, const std::string& edge, int lane) {
    try {
      libsumo::Vehicle::setStop(vehicle, edge, stop_at_m(vehicle), lane, kStands_s);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  void note_standing(int now_s) {
    if (now_s <= kFill_s) return;
    const auto minute = std::size_t((now_s - 1 - kFill_s) / 60);
    std::erase_if(broken_, [&](const Standing& one) {
      try {
        if (libsumo::Vehicle::getStopState(one.vehicle) & 1) {
          const std::string type = libsumo::Vehicle::getTypeID(one.vehicle);
          const std::size_t at = minute * streets_.segments.size() + one.segment;
          const std::size_t shares = type == "probe5" ? 3 : type == "probe20" ? 2 : 1;
          for (std::size_t share = 0; share < shares; ++share) standing_s_[share][at] += 1;
        }
        return false;
      } catch (const std::exception&) {
        return true;  // it has arrived
      }
    });
  }

  base::Status read_minutes(std::size_t share, StreetHour& out) {
    const std::string text = TRY(base::read_file(file(share)));
    const std::size_t count = streets_.segments.size();
    std::vector<StreetMinute>& minutes = out.minutes[share];
    minutes.assign(kStreetHour_min * count, {});
    if (share == 0) {
      lost_s_.assign(kStreetHour_min * count, 0);
      for (StreetMinute& one : minutes) one.occupancy = 0;
    }
    std::size_t minute = kStreetHour_min;
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (line.find("<interval ") != line.npos) minute = std::size_t(attribute_of(line, "begin") - kFill_s) / 60;
      const std::size_t id = line.find("<edge id=\"");
      if (id == line.npos || minute >= kStreetHour_min) continue;
      const std::string_view name = line.substr(id + 10, line.find('"', id + 10) - id - 10);
      const auto known = streets_.number.find(std::string(name));
      if (known != streets_.number.end()) read_minute(share, minute * count + known->second, line, minutes);
    }
    return {};
  }

  static double or_nothing(double v) { return std::isnan(v) ? 0 : v; }

  void read_minute(std::size_t share, std::size_t at, std::string_view line, std::vector<StreetMinute>& minutes) {
    StreetMinute& one = minutes[at];
    const double all_s = or_nothing(attribute_of(line, "sampledSeconds"));
    const double told_s = all_s - double(standing_s_[share][at]);
    const double way_m = attribute_of(line, "speed") * all_s;
    if (told_s >= 1 && way_m >= 0) one.speed_kmh = float(3.6 * way_m / told_s);
    const double left = attribute_of(line, "left") + attribute_of(line, "arrived");
    one.vehicles = float(share == 0 ? left : std::max(left, std::ceil(told_s / 60)));
    if (share != 0) return;
    one.occupancy =
        float(or_nothing(attribute_of(line, "occupancy")) / 100 * (all_s > 0 ? std::max(told_s, 0.0) / all_s : 0));
    lost_s_[at] = float(std::max(0.0, or_nothing(attribute_of(line, "timeLoss")) - double(standing_s_[share][at])));
  }

  struct Standing {
    std::string vehicle;
    std::uint32_t segment;
  };
  const Streets& streets_;
  const std::uint64_t seed_;
  const std::filesystem::path& work_;
  base::Rng rng_;
  std::vector<int> wishes_;
  std::vector<Standing> broken_;
  std::vector<Breakdown> breakdowns_;
  std::vector<std::vector<float>> standing_s_;  // of the broken ones, by share, minute and segment
  std::vector<float> lost_s_;
};

// How much more was lost with breakdowns than without, about a segment.
double more_vehicle_min(const Streets& streets, const std::vector<float>& with_s, const std::vector<float>& without_s,
                        std::uint32_t about, int first_min, int last_min) {
  double out_s = 0;
  for (const std::uint32_t segment : reach_of(streets, about)) {
    for (int minute = first_min; minute < last_min; ++minute) {
      const std::size_t at = std::size_t(minute) * streets.segments.size() + segment;
      out_s += double(with_s[at]) - double(without_s[at]);
    }
  }
  return out_s / 60;
}

// Two runs drift apart by chance as well: so far as they do where nothing broke down, in the same minutes.
void count_cost(const Streets& streets, const std::vector<float>& with_s, const std::vector<float>& without_s,
                std::vector<Breakdown>& breakdowns) {
  std::set<std::uint32_t> touched;
  for (const Breakdown& one : breakdowns) touched.merge(reach_of(streets, one.segment, 3));
  for (Breakdown& one : breakdowns) {
    const int first = one.from_s / 60, last = std::min(kStreetHour_min, (one.until_s + kAfter_s) / 60);
    one.cost_vehicle_min = more_vehicle_min(streets, with_s, without_s, one.segment, first, last);
    std::vector<double> elsewhere;
    for (std::uint32_t i = 0; i < streets.segments.size(); ++i)
      if (!touched.contains(i)) elsewhere.push_back(more_vehicle_min(streets, with_s, without_s, i, first, last));
    std::ranges::sort(elsewhere);
    if (!elsewhere.empty()) one.chance_vehicle_min = elsewhere[elsewhere.size() * 95 / 100];
  }
}

base::Status simulate(const StreetWish& wish, const Streets& streets, SimulatedStreets& out) {
  const auto begin = std::chrono::steady_clock::now();
  const auto say = [&](const char* what, int hour) {
    std::fprintf(stderr, "%s, seed %d: hour %d %s\n", std::string(to_string(wish.kind)).c_str(), wish.seed, hour + 1,
                 what);
  };
  const auto base_seed = std::uint64_t(wish.seed) * 1000;
  for (int hour = 0; hour < wish.taught_h; ++hour) {
    say("to learn from", hour);
    out.taught.push_back(TRY(SumoHour(streets, base_seed + std::uint64_t(hour), wish.work).run(false)));
  }
  for (int hour = 0; hour < wish.judged_h; ++hour) {
    const std::uint64_t seed = base_seed + 100 + std::uint64_t(hour);
    SumoHour with(streets, seed, wish.work), without(streets, seed, wish.work);
    say("with breakdowns", hour);
    out.with.push_back(TRY(with.run(true)));
    say("without", hour);
    out.without.push_back(TRY(without.run(false)));
    count_cost(streets, with.lost_s(), without.lost_s(), out.with.back().breakdowns);
  }
  out.took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return {};
}

// What is kept: hours only, numbers in the order of their members. A file of another form or wish is passed over.
constexpr std::uint8_t kForm = 6;

void write_hour(base::ByteWriter& out, const StreetHour& hour) {
  out.varint(hour.breakdowns.size());
  for (const Breakdown& one : hour.breakdowns) {
    for (const int v : {int(one.segment), one.from_s, one.until_s, one.lanes, one.blocked}) out.svarint(v);
    out.f64(one.cost_vehicle_min), out.f64(one.chance_vehicle_min);
  }
  for (const auto& minutes : hour.minutes) {
    out.varint(minutes.size());
    for (const StreetMinute& one : minutes)
      for (const float v : {one.speed_kmh, one.vehicles, one.occupancy}) out.f64(double(v));
  }
}

StreetHour read_hour(base::ByteReader& in) {
  StreetHour out;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Breakdown& one = out.breakdowns.emplace_back();
    one.segment = std::uint32_t(in.svarint());
    for (int* const v : {&one.from_s, &one.until_s, &one.lanes, &one.blocked}) *v = int(in.svarint());
    one.cost_vehicle_min = in.f64();
    one.chance_vehicle_min = in.f64();
  }
  for (auto& minutes : out.minutes) {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      StreetMinute& one = minutes.emplace_back();
      for (float* const v : {&one.speed_kmh, &one.vehicles, &one.occupancy}) *v = float(in.f64());
    }
  }
  return out;
}

void keep(const SimulatedStreets& streets, const std::filesystem::path& path) {
  base::ByteWriter out;
  out.u8(kForm);
  out.f64(streets.took_s);
  out.varint(streets.segments.size());
  for (const auto* hours : {&streets.taught, &streets.with, &streets.without}) {
    out.varint(hours->size());
    for (const StreetHour& hour : *hours) write_hour(out, hour);
  }
  if (!base::write_file_atomic(path, out.view())) std::fprintf(stderr, "%s could not be written\n", path.c_str());
}

bool read_kept(const std::filesystem::path& path, const StreetWish& wish, SimulatedStreets& out) {
  const auto bytes = base::read_file(path);
  if (!bytes) return false;
  base::ByteReader in(*bytes);
  if (in.u8() != kForm) return false;
  out.took_s = in.f64();
  if (in.varint() != out.segments.size()) return false;
  for (auto* hours : {&out.taught, &out.with, &out.without}) {
    hours->clear();
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) hours->push_back(read_hour(in));
  }
  return in.ok() && int(out.taught.size()) == wish.taught_h && int(out.with.size()) == wish.judged_h;
}

}  // namespace

base::Result<SimulatedStreets> simulate_streets(const StreetWish& wish) {
  const auto path = wish.keep / fmt::format("streets-{}-{}.bin", int(wish.kind), wish.seed);
  try {
    Streets streets;
    streets.town = TRY(make_town(wish.kind, wish.seed, wish.work));
    read_streets(streets);
    SimulatedStreets out{wish.kind, wish.seed, 0, streets.segments, streets.downstream, {}, {}, {}};
    if (!wish.keep.empty() && read_kept(path, wish, out)) return out;
    out.taught.clear(), out.with.clear(), out.without.clear();
    TRY(simulate(wish, streets, out));
    if (!wish.keep.empty()) keep(out, path);
    return out;
  } catch (const std::exception& error) {  // libsumo's way to say what is wrong
    return base::fail(base::Errc::unavailable, "SUMO: {}", error.what());
  }
}

}  // namespace cityloop::traffic
