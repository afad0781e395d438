#include "domain/traffic/bench/incident_town.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numbers>
#include <set>
#include <sstream>

#include "base/file.h"
#include "base/rng.h"
#include "domain/traffic/bench/program.h"

namespace cityloop::traffic {
namespace {

constexpr int kNodes = 21, kStep_m = 500;
constexpr int kOnRamps[] = {3, 9, 15};  // an additional lane begins, and is left at the next node

bool weaves(int node) {
  return std::ranges::find(kOnRamps, node) != std::end(kOnRamps);
}

// Two carriageways of three lanes, ten kilometres, each with three places where one comes on and goes off.
struct Motorway {
  std::string nodes{"<nodes>\n"}, edges{"<edges>\n"}, joins{"<connections>\n"};
  std::vector<Relation> relations;

  void carriageway(char side, double y_m, int direction) {
    const auto node = [&](int i) { return fmt::format("{}{}", side, i); };
    const auto edge = [&](int i) { return fmt::format("{}{}-{}", side, i, i + 1); };
    const auto x_m = [&](int i) { return direction > 0 ? i * kStep_m : (kNodes - 1 - i) * kStep_m; };
    const auto join = [&](const std::string& from, int from_lane, const std::string& to, int to_lane) {
      joins += fmt::format("<connection from=\"{}\" fromLane=\"{}\" to=\"{}\" toLane=\"{}\"/>\n", from, from_lane, to,
                           to_lane);
    };
    for (int i = 0; i < kNodes; ++i)
      nodes += fmt::format("<node id=\"{}\" x=\"{}\" y=\"{}\" type=\"priority\"/>\n", node(i), x_m(i), y_m);
    for (int i = 0; i + 1 < kNodes; ++i) {
      edges += fmt::format("<edge id=\"{}\" from=\"{}\" to=\"{}\" numLanes=\"{}\" speed=\"33.33\" priority=\"9\"/>\n",
                           edge(i), node(i), node(i + 1), weaves(i) ? 4 : 3);
      if (i == 0) continue;
      for (int lane = 0; lane < 3; ++lane) join(edge(i - 1), lane + weaves(i - 1), edge(i), lane + weaves(i));
    }
    relations.push_back({edge(0), edge(kNodes - 2), 0.6});
    for (const int i : kOnRamps) {
      const std::string on = fmt::format("{}on{}", side, i), off = fmt::format("{}off{}", side, i + 1);
      nodes += fmt::format("<node id=\"{}\" x=\"{}\" y=\"{}\"/>\n", on, x_m(i) - direction * 300, y_m - direction * 80);
      nodes +=
          fmt::format("<node id=\"{}\" x=\"{}\" y=\"{}\"/>\n", off, x_m(i + 1) + direction * 300, y_m - direction * 80);
      edges += fmt::format("<edge id=\"{}\" from=\"{}\" to=\"{}\" numLanes=\"1\" speed=\"22\" priority=\"5\"/>\n", on,
                           on, node(i));
      edges += fmt::format("<edge id=\"{}\" from=\"{}\" to=\"{}\" numLanes=\"1\" speed=\"22\" priority=\"5\"/>\n", off,
                           node(i + 1), off);
      join(on, 0, edge(i), 0);
      join(edge(i), 0, off, 0);
      relations.push_back({edge(0), off, 0.08});
      relations.push_back({on, edge(kNodes - 2), 0.08});
    }
  }
};

base::Status run_tool(std::vector<std::string> words) {
  const std::string all = fmt::format("{}", fmt::join(words, " "));
  const auto done = run_quietly(std::move(words));
  if (!done) return base::fail(done.error().code, "{}: {}", done.error().message, all);
  return {};
}

base::Result<Town> make_motorway(const std::filesystem::path& work) {
  Motorway way;
  way.carriageway('e', 0, 1);
  way.carriageway('w', 60, -1);
  const auto path = [&](const char* name) { return (work / name).string(); };
  TRY(base::write_file_atomic(path("m.nod.xml"), way.nodes + "</nodes>\n"));
  TRY(base::write_file_atomic(path("m.edg.xml"), way.edges + "</edges>\n"));
  TRY(base::write_file_atomic(path("m.con.xml"), way.joins + "</connections>\n"));
  TRY(run_tool({"netconvert", "-n", path("m.nod.xml"), "-e", path("m.edg.xml"), "-x", path("m.con.xml"), "-o",
                path("motorway.net.xml"), "--no-turnarounds"}));
  return Town{StreetKind::motorway, path("motorway.net.xml"), std::move(way.relations), 10'500};
}

using Edges = std::set<std::string, std::less<>>;

struct Net {
  std::vector<std::string> edges;                   // junctions' own left out, in the file's order
  std::map<std::string, Edges, std::less<>> after;  // where one comes to next
};

std::string_view value_of(std::string_view tag, std::string_view key) {
  const std::size_t at = tag.find(key);
  if (at == tag.npos) return {};
  const std::string_view rest = tag.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

base::Result<Net> read_net(const std::string& net_file) {
  const std::string text = TRY(base::read_file(net_file));
  Net out;
  for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
    const std::string_view tag = std::string_view(text).substr(at, text.find('>', at) - at);
    if (tag.starts_with("<edge id=\"")) {
      const std::string_view id = value_of(tag, " id=\"");
      if (!id.starts_with(':')) out.edges.emplace_back(id);
    } else if (tag.starts_with("<connection from=\"")) {
      out.after[std::string(value_of(tag, " from=\""))].emplace(value_of(tag, " to=\""));
    }
  }
  return out;
}

Edges reached_from(const Net& net, const std::string& edge) {
  Edges out{edge};
  for (std::vector<std::string> rest{edge}; !rest.empty();) {
    const auto next = net.after.find(rest.back());
    rest.pop_back();
    if (next == net.after.end()) continue;
    for (const std::string& one : next->second)
      if (out.insert(one).second) rest.push_back(one);
  }
  return out;
}

base::Result<Town> make_streets(StreetKind kind, int seed, const std::filesystem::path& work) {
  const std::string_view words =
      kind == StreetKind::grid
          ? "--grid --grid.number=5 --grid.length=260 --default.lanenumber=2 -j traffic_light --tls.default-type "
            "actuated"
          : "--rand --rand.iterations=70 --rand.min-distance=150 --rand.max-distance=400 --default.lanenumber=2 -j "
            "traffic_light";
  const std::string file = (work / fmt::format("{}-{}.net.xml", int(kind), seed)).string();
  std::vector<std::string> command{"netgenerate"};
  std::istringstream in{std::string(words)};
  for (std::string word; in >> word;) command.push_back(word);
  command.insert(command.end(), {"--seed", std::to_string(seed), "--no-turnarounds", "-o", file});
  TRY(run_tool(std::move(command)));
  const Net net = TRY(read_net(file));
  base::Rng rng(std::uint64_t(seed) * 31 + 5);
  std::vector<double> draws(net.edges.size());
  for (double& one : draws) one = std::exp(0.8 * rng.normal());
  Town out{kind, file, {}, kind == StreetKind::grid ? 7500.0 : 3200.0};
  // Who sets out for where no way leads stands at the end of the last street for good, and jams what is behind.
  for (std::size_t from = 0; from < net.edges.size(); ++from) {
    const Edges reached = reached_from(net, net.edges[from]);
    for (std::size_t to = 0; to < net.edges.size(); ++to)
      if (from != to && reached.contains(net.edges[to]))
        out.relations.push_back({net.edges[from], net.edges[to], draws[from] * draws[to]});
  }
  return out;
}

}  // namespace

std::string_view to_string(StreetKind kind) {
  static constexpr std::string_view kNames[] = {"motorway", "grid with lights", "irregular with lights"};
  return kNames[std::size_t(kind)];
}

base::Result<Town> make_town(StreetKind kind, int seed, const std::filesystem::path& work) {
  return kind == StreetKind::motorway ? make_motorway(work) : make_streets(kind, seed, work);
}

base::Status write_trips(const Town& town, std::uint64_t seed, int duration_s, const std::filesystem::path& file) {
  base::Rng rng(seed * 613 + 11);
  std::vector<double> sum;
  for (const Relation& one : town.relations) sum.push_back((sum.empty() ? 0 : sum.back()) + one.weight);
  // A motorway's hours differ more: night and rush hour.
  const double level = town.kind == StreetKind::motorway ? rng.uniform(0.35, 1.0) : rng.uniform(0.7, 1.1);
  const double phase = rng.uniform(0, 2 * std::numbers::pi);
  const auto count = int(town.trips_per_h * level * duration_s / 3600);
  std::vector<double> departs;
  while (int(departs.size()) < count) {
    const double at_s = rng.uniform(0, duration_s);
    if (rng.uniform(0, 1.25) < 1 + 0.25 * std::sin(2 * std::numbers::pi * at_s / 3600 + phase)) departs.push_back(at_s);
  }
  std::ranges::sort(departs);
  std::string out = "<routes>\n<vType id=\"plain\"/><vType id=\"probe20\"/><vType id=\"probe5\"/>\n";
  for (std::size_t i = 0; i < departs.size(); ++i) {
    const auto at = std::size_t(std::ranges::upper_bound(sum, rng.uniform(0, sum.back())) - sum.begin());
    const Relation& one = town.relations[std::min(at, sum.size() - 1)];
    const double tells = rng.uniform();
    out += fmt::format(
        "<trip id=\"v{}\" type=\"{}\" depart=\"{:.1f}\" from=\"{}\" to=\"{}\" departLane=\"best\" "
        "departSpeed=\"max\"/>\n",
        i,
        tells < 0.05  ? "probe5"
        : tells < 0.2 ? "probe20"
                      : "plain",
        departs[i], one.from, one.to);
  }
  TRY(base::write_file_atomic(file, out + "</routes>\n"));
  return {};
}

}  // namespace cityloop::traffic
