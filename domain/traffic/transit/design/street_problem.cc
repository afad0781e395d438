#include "domain/traffic/transit/design/street_problem.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace cityloop::traffic {

namespace {

constexpr double kSnap_m = 300;               // from a cell's middle to a street
constexpr double kMetresPerDegree = 111'000;  // of latitude, a little less than it is
constexpr double kDetour = 1.08;              // a third stop is on the way where it makes it no longer than this
constexpr double kTired = 0.6;       // share of people who are lost over the whole walk: stops move to where they are
constexpr double kNearMost_m = 800;  // whoever has no stop within walk_m may still be counted to one so far

// A junction at which a stop might stand, and the cells from which one walks there.
struct Candidate {
  geo::StreetNode node{};
  geo::Position position{};
  std::vector<std::pair<std::uint32_t, double>> cells;  // and which share of their people would walk so far
};

std::vector<Candidate> candidates(const TripDemand& demand, const geo::StreetGraph& graph, double walk_m) {
  std::map<geo::StreetNode, Candidate> found;
  for (const DemandCell& cell : demand.cells) {
    const auto spot = graph.snap(cell.middle, geo::TravelMode::car, kSnap_m);
    if (!spot) continue;
    const auto& piece = graph.piece(spot->piece);
    for (const geo::StreetNode node : {piece.from, piece.to})
      if (graph.in_main_part(node, geo::TravelMode::car)) found[node] = {node, graph.position(node), {}};
  }
  std::vector<Candidate> out;
  for (auto& [node, candidate] : found) {
    for (std::size_t c = 0; c < demand.cells.size(); ++c) {
      const geo::Position middle = demand.cells[c].middle;
      if (std::abs(middle.lat_deg - candidate.position.lat_deg) * kMetresPerDegree > walk_m) continue;
      const double m = geo::distance_m(middle, candidate.position);
      if (m <= walk_m) candidate.cells.emplace_back(std::uint32_t(c), 1 - kTired * m / walk_m);
    }
    if (!candidate.cells.empty()) out.push_back(std::move(candidate));
  }
  return out;
}

std::vector<Candidate> choose(const std::vector<Candidate>& all, const TripDemand& demand, const StopChoice& choice,
                              double& covered) {
  std::vector<bool> near(demand.cells.size(), false);
  double total = 0, sum = 0;
  for (const DemandCell& cell : demand.cells) total += cell.weight;
  std::vector<Candidate> out;
  while (out.size() < choice.most && sum < choice.cover * total) {
    const Candidate* best = nullptr;
    double best_gain = 0;
    for (const Candidate& candidate : all) {
      double gain = 0;
      for (const auto& [c, walks] : candidate.cells)
        if (!near[c]) gain += walks * demand.cells[c].weight;
      if (gain <= best_gain) continue;
      const bool free = std::ranges::none_of(out, [&](const Candidate& other) {
        return geo::distance_m(other.position, candidate.position) < choice.spacing_m;
      });
      if (!free) continue;
      best = &candidate;
      best_gain = gain;
    }
    if (!best) break;
    for (const auto& [c, walks] : best->cells) {
      if (!near[c]) sum += demand.cells[c].weight;
      near[c] = true;
    }
    out.push_back(*best);
  }
  covered = total > 0 ? sum / total : 0;
  return out;
}

// The nearest stop of each cell; none: it is too far.
std::vector<std::optional<StopIndex>> stop_of_cells(const TripDemand& demand, const std::vector<DesignStop>& stops,
                                                    double most_m) {
  std::vector<std::optional<StopIndex>> out;
  for (const DemandCell& cell : demand.cells) {
    double best = most_m;
    std::optional<StopIndex> at;
    for (std::size_t s = 0; s < stops.size(); ++s)
      if (const double m = geo::distance_m(cell.middle, stops[s].position); m <= best) {
        best = m;
        at = StopIndex(s);
      }
    out.push_back(at);
  }
  return out;
}

std::vector<DesignLink> link_neighbours(const geo::StreetTable& table, std::size_t n, double halt_minutes) {
  std::vector<double> minutes(n * n, std::numeric_limits<double>::infinity());
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < n; ++b)
      if (a != b) minutes[a * n + b] = (table.time(a, b) + table.time(b, a)) / 120;
  std::vector<DesignLink> links;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a + 1; b < n; ++b) {
      const double direct = minutes[a * n + b];
      if (!std::isfinite(direct)) continue;
      bool between = false;
      // Both parts shorter than the whole: so what is left out can always be gone by what is kept.
      for (std::size_t c = 0; c < n && !between; ++c)
        between = c != a && c != b && minutes[a * n + c] < direct && minutes[c * n + b] < direct &&
                  minutes[a * n + c] + minutes[c * n + b] <= kDetour * direct;
      // To the second, so that times are the same to whoever adds them.
      if (!between)
        links.push_back({StopIndex(a), StopIndex(b), std::max(1.0, std::round((direct + halt_minutes) * 60)) / 60});
    }
  return links;
}

}  // namespace

std::vector<geo::Position> StreetProblem::line(StopIndex from, StopIndex to) const {
  if (const auto way = streets->way(spots[from], spots[to])) return way->line;
  return {problem.stop(from).position, problem.stop(to).position};
}

base::Result<StreetProblem> make_street_problem(const TripDemand& demand, geo::StreetWeightsPtr streets,
                                                const StopChoice& choice, const DesignRules& rules,
                                                const std::string& name) {
  const geo::StreetGraph& graph = streets->graph();
  double covered = 0;
  const std::vector<Candidate> chosen = choose(candidates(demand, graph, choice.walk_m), demand, choice, covered);
  if (chosen.size() < 2)
    return base::fail(base::Errc::invalid,
                      "{}: {} stops could be placed; trips must begin and end within {} m of streets for cars", name,
                      chosen.size(), kSnap_m);
  std::vector<DesignStop> stops;
  std::vector<geo::StreetSpot> spots;
  std::vector<std::string> street;
  for (const Candidate& at : chosen) {
    const auto spot = graph.snap(at.position, geo::TravelMode::car, 1);
    if (!spot) return base::fail(base::Errc::invalid, "{}: a junction is on no street", name);
    stops.push_back({.id = fmt::format("stop-{}", stops.size() + 1), .position = at.position});
    spots.push_back(*spot);
    street.emplace_back(graph.name(spot->piece));
  }
  const std::size_t n = stops.size();
  const auto at = stop_of_cells(demand, stops, std::max(choice.walk_m, kNearMost_m));
  std::vector<double> matrix(n * n, 0);
  double carried = 0;
  for (const DemandFlow& flow : demand.flows) {
    if (!at[flow.from] || !at[flow.to] || *at[flow.from] == *at[flow.to]) continue;
    matrix[*at[flow.from] * n + *at[flow.to]] += flow.weight;
    carried += flow.weight;
  }
  const double halt_minutes = choice.halt_s / 60;
  std::vector<DesignLink> links = link_neighbours(streets->table(spots, spots), n, halt_minutes);
  DesignProblem problem = TRY(DesignProblem::make(name, std::move(stops), std::move(links), std::move(matrix), rules));
  return StreetProblem{.problem = std::move(problem),
                       .streets = std::move(streets),
                       .spots = std::move(spots),
                       .stop_street = std::move(street),
                       .halt_minutes = halt_minutes,
                       .covered = covered,
                       .carried = demand.weight > 0 ? carried / demand.weight : 0};
}

}  // namespace cityloop::traffic
