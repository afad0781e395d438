#include "domain/traffic/transit/design/designed_network.h"

#include <algorithm>
#include <limits>

namespace cityloop::traffic {

namespace {

constexpr std::size_t kPairs = 5;

void load_links(const RoutePath& route, StopIndex from, StopIndex to, double passengers, RouteCarries& out) {
  const auto a = std::size_t(std::ranges::find(route, from) - route.begin());
  const auto b = std::size_t(std::ranges::find(route, to) - route.begin());
  for (std::size_t at = a; at < b; ++at) out.load_there[at] += passengers;
  for (std::size_t at = b; at < a; ++at) out.load_back[at] += passengers;
}

}  // namespace

std::vector<RouteCarries> what_routes_carry(const DesignProblem& problem, const RouteSet& routes) {
  std::vector<RouteCarries> out(routes.size());
  for (std::size_t r = 0; r < routes.size(); ++r) {
    out[r].load_there.assign(routes[r].size() - 1, 0);
    out[r].load_back.assign(routes[r].size() - 1, 0);
  }
  const RouteTimes times(problem, routes);
  for (std::size_t from = 0; from < problem.stops(); ++from)
    for (std::size_t to = 0; to < problem.stops(); ++to) {
      const auto i = StopIndex(from), j = StopIndex(to);
      const double d = problem.demand(i, j);
      if (d <= 0) continue;
      const std::vector<Ride> rides = times.rides(i, j);
      for (std::size_t at = 0; at < rides.size(); ++at) {
        RouteCarries& carries = out[rides[at].route];
        load_links(routes[rides[at].route], rides[at].from, rides[at].to, d, carries);
        const auto same = [&](const Ride& other) { return other.route == rides[at].route; };
        if (std::none_of(rides.begin(), rides.begin() + std::ptrdiff_t(at), same)) carries.passengers += d;
      }
      if (rides.size() != 1) continue;
      out[rides[0].route].direct += d;
      out[rides[0].route].most.push_back({i, j, d});
    }
  for (RouteCarries& carries : out) {
    std::ranges::stable_sort(carries.most, std::greater<>(), &CarriedPair::passengers);
    if (carries.most.size() > kPairs) carries.most.resize(kPairs);
  }
  return out;
}

std::string RouteDesign::stop_name(StopIndex at) const {
  const std::string& id = problem.stop(at).id;
  if (at >= stop_names.size() || stop_names[at].empty()) return id;
  return fmt::format("{} ({})", stop_names[at], id);
}

flow::Bilingual RouteDesign::why(std::size_t route) const {
  const RouteCarries& carries = this->carries[route];
  const double share = problem.demand_total() > 0 ? 100 * carries.passengers / problem.demand_total() : 0;
  const double direct = carries.passengers > 0 ? 100 * carries.direct / carries.passengers : 0;
  flow::Bilingual out;
  out.en = fmt::format("Carries {:.0f} passengers, {:.1f} % of all; {:.1f} % of them need no change.",
                       carries.passengers, share, direct);
  out.zh =
      fmt::format("运送 {:.0f} 人次，占全部的 {:.1f}%；其中 {:.1f}% 无需换乘。", carries.passengers, share, direct);
  if (carries.most.empty()) return out;
  const CarriedPair& pair = carries.most.front();
  out.en +=
      fmt::format(" Most travel from {} to {}: {:.0f}.", stop_name(pair.from), stop_name(pair.to), pair.passengers);
  out.zh += fmt::format("最多的是从{}到{}：{:.0f} 人次。", stop_name(pair.from), stop_name(pair.to), pair.passengers);
  return out;
}

RouteDesign describe_design(const DesignProblem& problem, const Found& found, std::uint64_t seed) {
  RouteDesign out{.name = problem.name(),
                  .problem = problem,
                  .routes = found.routes,
                  .worth = found.worth,
                  .carries = what_routes_carry(problem, found.routes),
                  .seed = seed,
                  .steps = found.steps};
  for (const RoutePath& route : found.routes) {
    std::vector<geo::Position>& line = out.lines.emplace_back();
    for (const StopIndex at : route) line.push_back(problem.stop(at).position);
  }
  return out;
}

RouteDesign describe_design(const StreetProblem& city, const StopChoice& choice, const Found& found,
                            std::uint64_t seed) {
  RouteDesign out = describe_design(city.problem, found, seed);
  out.lines.clear();
  for (const RoutePath& route : found.routes) {
    std::vector<geo::Position>& line = out.lines.emplace_back();
    for (std::size_t i = 1; i < route.size(); ++i)
      for (const geo::Position at : city.line(route[i - 1], route[i]))
        if (line.empty() || !(line.back() == at)) line.push_back(at);
  }
  out.stop_names = city.stop_street;
  out.covered = city.covered;
  out.carried = city.carried;
  out.walk_m = choice.walk_m;
  return out;
}

}  // namespace cityloop::traffic
