#include "domain/traffic/transit/design/problem.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cityloop::traffic {

namespace {

constexpr std::size_t kStopsMax = 2000;  // the demand matrix is square

void add(std::string& mistakes, std::string_view text) {
  if (!mistakes.empty()) mistakes += '\n';
  mistakes += text;
}

std::string check_rules(const DesignRules& rules, std::size_t stops) {
  std::string mistakes;
  if (rules.routes == 0) add(mistakes, "there must be one route at least");
  if (rules.stops_min < 2) add(mistakes, "a route has two stops at least");
  if (rules.stops_max < rules.stops_min)
    add(mistakes,
        fmt::format("a route cannot have {} stops at least and {} at most", rules.stops_min, rules.stops_max));
  if (rules.stops_min > stops)
    add(mistakes, fmt::format("there are only {} stops for routes of {}", stops, rules.stops_min));
  if (!(rules.transfer_minutes >= 0 && rules.transfer_minutes < 1000))
    add(mistakes, "minutes of a transfer are a number from 0 to 1000");
  // Each route but the first shares a stop with another: more stops than that cannot hang together.
  const double reach = double(rules.routes) * (double(rules.stops_max) - 1) + 1;
  if (rules.stops_max >= 2 && reach < double(stops))
    add(mistakes, fmt::format("{} routes of at most {} stops cannot serve {} stops and hang together", rules.routes,
                              rules.stops_max, stops));
  return mistakes;
}

}  // namespace

base::Result<DesignProblem> DesignProblem::make(std::string name, std::vector<DesignStop> stops,
                                                std::vector<DesignLink> links, std::vector<double> demand,
                                                const DesignRules& rules) {
  if (stops.size() < 2) return base::fail(base::Errc::invalid, "{}: two stops at least are needed", name);
  if (stops.size() > kStopsMax)
    return base::fail(base::Errc::full, "{}: {} stops; at most {} are designed for at once", name, stops.size(),
                      kStopsMax);
  DesignProblem out;
  out.name_ = std::move(name);
  out.stops_ = std::move(stops);
  std::string mistakes = check_rules(rules, out.stops());
  if (auto taken = out.take_links(std::move(links), mistakes); !taken) return std::unexpected(taken.error());
  if (demand.size() == out.stops() * out.stops()) out.take_demand(std::move(demand), mistakes);
  else add(mistakes, fmt::format("demand has {} numbers for {} stops", demand.size(), out.stops()));
  if (mistakes.empty()) out.check_joined(mistakes);
  if (!mistakes.empty()) return base::fail(base::Errc::invalid, "{}: {}", out.name_, mistakes);
  out.rules_ = rules;
  return out;
}

base::Status DesignProblem::take_links(std::vector<DesignLink> links, std::string& mistakes) {
  const std::size_t n = stops();
  minutes_.assign(n * n, 0);
  neighbours_.resize(n);
  for (DesignLink& link : links) {
    if (link.from >= n || link.to >= n) return base::fail(base::Errc::invalid, "a link points to no stop");
    const std::string between = fmt::format("link {} to {}", stops_[link.from].id, stops_[link.to].id);
    if (link.from == link.to) {
      add(mistakes, between + " leads nowhere");
    } else if (!(link.minutes > 0) || !std::isfinite(link.minutes)) {
      add(mistakes, fmt::format("{} takes {} minutes; it must take more than 0", between, link.minutes));
    } else if (double& there = minutes_[link.from * n + link.to]; there != 0 && there != link.minutes) {
      add(mistakes,
          fmt::format("{} takes {} and {} minutes; routes run both ways, so it must take as long there as back",
                      between, there, link.minutes));
    } else if (there == 0) {
      there = minutes_[link.to * n + link.from] = link.minutes;
      neighbours_[link.from].push_back(link.to);
      neighbours_[link.to].push_back(link.from);
      if (link.from > link.to) std::swap(link.from, link.to);
      links_.push_back(link);
    }
  }
  for (auto& list : neighbours_) std::ranges::sort(list);
  std::ranges::sort(links_, {}, [](const DesignLink& l) { return std::pair(l.from, l.to); });
  return {};
}

void DesignProblem::take_demand(std::vector<double> demand, std::string& mistakes) {
  const std::size_t n = stops();
  for (std::size_t at = 0; at < demand.size(); ++at) {
    const double d = demand[at];
    if (!(d >= 0) || !std::isfinite(d))
      add(mistakes,
          fmt::format("demand from {} to {} is {}; it must be 0 or more", stops_[at / n].id, stops_[at % n].id, d));
    else if (at / n == at % n) demand[at] = 0;  // who stays takes no bus
  }
  demand_ = std::move(demand);
  demand_total_ = 0;
  for (const double d : demand_) demand_total_ += d;
  if (mistakes.empty() && demand_total_ <= 0) add(mistakes, "nobody wants to travel: all demand is 0");
}

void DesignProblem::check_joined(std::string& mistakes) const {
  std::vector<bool> seen(stops(), false);
  std::vector<StopIndex> open{0};
  seen[0] = true;
  while (!open.empty()) {
    const StopIndex at = open.back();
    open.pop_back();
    for (const StopIndex next : neighbours_[at])
      if (!seen[next]) {
        seen[next] = true;
        open.push_back(next);
      }
  }
  std::string cut_off;
  std::size_t count = 0;
  for (std::size_t i = 0; i < stops(); ++i)
    if (!seen[i] && ++count <= 10) cut_off += " " + stops_[i].id;
  if (count)
    add(mistakes, fmt::format("{} stops are not joined to {} by any links:{}{}", count, stops_[0].id, cut_off,
                              count > 10 ? " …" : ""));
}

base::Status DesignProblem::set_rules(const DesignRules& rules) {
  if (const std::string mistakes = check_rules(rules, stops()); !mistakes.empty())
    return base::fail(base::Errc::invalid, "{}: {}", name_, mistakes);
  rules_ = rules;
  return {};
}

double DesignProblem::route_minutes(const RoutePath& route) const {
  double sum = 0;
  for (std::size_t i = 1; i < route.size(); ++i) sum += minutes(route[i - 1], route[i]);
  return sum;
}

base::Status DesignProblem::check(const RouteSet& routes) const {
  std::string mistakes;
  if (routes.size() != rules_.routes)
    add(mistakes, fmt::format("{} routes instead of {}", routes.size(), rules_.routes));
  std::vector<bool> served(stops(), false);
  for (std::size_t r = 0; r < routes.size(); ++r) {
    const RoutePath& route = routes[r];
    if (route.size() < rules_.stops_min || route.size() > rules_.stops_max)
      add(mistakes, fmt::format("route {} has {} stops instead of {} to {}", r + 1, route.size(), rules_.stops_min,
                                rules_.stops_max));
    RoutePath sorted = route;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
      add(mistakes, fmt::format("route {} passes a stop twice", r + 1));
    if (!sorted.empty() && sorted.back() >= stops())
      return base::fail(base::Errc::invalid, "route {} has a stop that does not exist", r + 1);
    for (std::size_t i = 0; i < route.size(); ++i) {
      served[route[i]] = true;
      if (i > 0 && minutes(route[i - 1], route[i]) == 0)
        add(mistakes,
            fmt::format("route {}: no link joins {} and {}", r + 1, stop(route[i - 1]).id, stop(route[i]).id));
    }
    if (rules_.end_at_terminals && !route.empty() && !(stop(route.front()).terminal && stop(route.back()).terminal))
      add(mistakes, fmt::format("route {} ends at a stop that is no terminal", r + 1));
  }
  const auto left = std::ranges::count(served, false);
  if (left) add(mistakes, fmt::format("{} stops are served by no route", left));
  if (!mistakes.empty()) return base::fail(base::Errc::invalid, "{}", mistakes);
  return {};
}

}  // namespace cityloop::traffic
