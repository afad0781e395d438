#include "domain/traffic/transit/design/frequency.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cityloop::traffic {

namespace {

constexpr double kNone = 1e18;
constexpr int kSweeps = 40;

// A ride on one route between two of its stops.
struct Line {
  std::uint32_t route{};
  std::uint16_t at{}, to{};  // places on the route
  double minutes{};
};

class Assigner {
 public:
  Assigner(const DesignProblem& problem, const RouteSet& routes, const FrequencyOptions& options)
      : problem_(problem), routes_(routes), options_(options), n_(problem.stops()), lines_(n_ * n_) {
    for (std::size_t r = 0; r < routes.size(); ++r) {
      cycle_.push_back(2 * (problem.route_minutes(routes[r]) + options.layover_minutes));
      for (std::size_t i = 0; i < routes[r].size(); ++i) {
        double minutes = 0;
        for (std::size_t j = i + 1; j < routes[r].size(); ++j) {
          minutes += problem.minutes(routes[r][j - 1], routes[r][j]);
          const auto a = std::uint16_t(i), b = std::uint16_t(j);
          lines_[routes[r][i] * n_ + routes[r][j]].push_back({std::uint32_t(r), a, b, minutes});
          lines_[routes[r][j] * n_ + routes[r][i]].push_back({std::uint32_t(r), b, a, minutes});
        }
      }
    }
    for (auto& lines : lines_) std::ranges::stable_sort(lines, {}, &Line::minutes);
  }

  double cycle(std::size_t route) const { return cycle_[route]; }

  FrequencyPlan assign(const std::vector<std::uint32_t>& vehicles) {
    FrequencyPlan plan = empty_plan(vehicles);
    choose_legs(plan);
    shortest_ways();
    load(plan);
    for (RouteService& service : plan.routes) {
      for (const std::vector<double>* const loads : {&service.load_there, &service.load_back})
        for (const double load : *loads) service.load_most = std::max(service.load_most, load);
      service.no_room = std::max(0.0, service.load_most - service.room);
      plan.no_room += service.no_room;
    }
    return plan;
  }

  // What the search makes small: minutes of all passengers in one hour.
  double worth(const FrequencyPlan& plan) const {
    double sum = plan.minutes * (1 - plan.unserved) * problem_.demand_total() / options_.demand_hours +
                 plan.no_room * options_.no_room_minutes;
    // A route that runs too seldom is dear before any passenger says so.
    for (const RouteService& service : plan.routes)
      sum += std::max(0.0, service.headway_minutes - options_.headway_max_minutes) * options_.no_room_minutes;
    return sum;
  }

 private:
  FrequencyPlan empty_plan(const std::vector<std::uint32_t>& vehicles) const {
    FrequencyPlan plan;
    for (std::size_t r = 0; r < routes_.size(); ++r) {
      RouteService service{.vehicles = vehicles[r], .cycle_minutes = cycle_[r]};
      service.headway_minutes = cycle_[r] / double(vehicles[r]);
      service.runs_per_hour = 60 / service.headway_minutes;
      service.room = service.runs_per_hour * options_.capacity;
      service.load_there.assign(routes_[r].size() - 1, 0);
      service.load_back.assign(routes_[r].size() - 1, 0);
      plan.vehicles += vehicles[r];
      plan.routes.push_back(std::move(service));
    }
    return plan;
  }

  // For each pair of stops on a common route: how many of its lines suit, and what to wait and ride takes with them.
  void choose_legs(const FrequencyPlan& plan) {
    cost_.assign(n_ * n_, kNone);
    wait_.assign(n_ * n_, 0);
    suit_.assign(n_ * n_, 0);
    for (std::size_t pair = 0; pair < n_ * n_; ++pair) {
      double runs = 0, ridden = 0;  // runs per minute, and those times their rides
      for (const Line& line : lines_[pair]) {
        if (runs > 0 && line.minutes >= cost_[pair]) break;
        const double f = 1 / plan.routes[line.route].headway_minutes;
        runs += f;
        ridden += f * line.minutes;
        ++suit_[pair];
        wait_[pair] = 0.5 / runs;
        cost_[pair] = (0.5 + ridden) / runs;
      }
    }
  }

  void shortest_ways() {
    via_.assign(n_ * n_, -1);
    for (double& cost : cost_)
      if (cost < kNone) cost += options_.change_minutes;
    for (std::size_t k = 0; k < n_; ++k)
      for (std::size_t i = 0; i < n_; ++i) {
        const double first = cost_[i * n_ + k];
        if (first >= kNone || i == k) continue;
        for (std::size_t j = 0; j < n_; ++j)
          if (const double sum = first + cost_[k * n_ + j]; i != j && sum < cost_[i * n_ + j] - 1e-12) {
            cost_[i * n_ + j] = sum;
            via_[i * n_ + j] = std::int32_t(k);
          }
      }
  }

  void load(FrequencyPlan& plan) {
    double served = 0, minutes = 0, waited = 0, legs = 0;
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j) {
        const double d = problem_.demand(StopIndex(i), StopIndex(j)) / options_.demand_hours;
        if (d <= 0 || cost_[i * n_ + j] >= kNone) continue;
        served += d;
        minutes += d * (cost_[i * n_ + j] - options_.change_minutes);
        open_.assign(1, i * n_ + j);
        while (!open_.empty()) {
          const std::size_t pair = open_.back();
          open_.pop_back();
          if (via_[pair] >= 0) {
            open_.push_back(pair / n_ * n_ + std::size_t(via_[pair]));
            open_.push_back(std::size_t(via_[pair]) * n_ + pair % n_);
            continue;
          }
          legs += d;
          waited += d * wait_[pair];
          ride(plan, pair, d);
        }
      }
    const double total = problem_.demand_total() / options_.demand_hours;
    plan.unserved = std::max(0.0, 1 - served / total);
    if (served <= 0) return;
    plan.minutes = minutes / served;
    plan.wait_minutes = waited / served;
    plan.changes = legs / served - 1;
  }

  void ride(FrequencyPlan& plan, std::size_t pair, double passengers) {
    double runs = 0;
    for (std::size_t i = 0; i < suit_[pair]; ++i) runs += plan.routes[lines_[pair][i].route].runs_per_hour;
    for (std::size_t i = 0; i < suit_[pair]; ++i) {
      const Line& line = lines_[pair][i];
      RouteService& service = plan.routes[line.route];
      const double share = passengers * service.runs_per_hour / runs;
      service.boardings += share;
      for (std::size_t at = line.at; at < line.to; ++at) service.load_there[at] += share;
      for (std::size_t at = line.to; at < line.at; ++at) service.load_back[at] += share;
    }
  }

  const DesignProblem& problem_;
  const RouteSet& routes_;
  const FrequencyOptions& options_;
  const std::size_t n_;
  std::vector<std::vector<Line>> lines_;  // by pair, the quickest first
  std::vector<double> cycle_, cost_, wait_;
  std::vector<std::uint32_t> suit_;
  std::vector<std::int32_t> via_;
  std::vector<std::size_t> open_;
};

base::Status check(const DesignProblem& problem, const RouteSet& routes, const FrequencyOptions& o) {
  if (routes.empty()) return base::fail(base::Errc::invalid, "there are no routes");
  for (const RoutePath& route : routes) {
    if (route.size() < 2) return base::fail(base::Errc::invalid, "a route has fewer than two stops");
    for (std::size_t i = 0; i < route.size(); ++i)
      if (route[i] >= problem.stops() || (i > 0 && problem.minutes(route[i - 1], route[i]) <= 0))
        return base::fail(base::Errc::invalid, "a route passes where there is no link");
  }
  for (const double value : {o.capacity, o.demand_hours, o.headway_max_minutes})
    if (!(value > 0) || !std::isfinite(value))
      return base::fail(base::Errc::invalid, "capacity, hours and the longest headway must be more than 0");
  for (const double value : {o.layover_minutes, o.change_minutes, o.no_room_minutes})
    if (!(value >= 0) || !std::isfinite(value)) return base::fail(base::Errc::invalid, "minutes must be 0 or more");
  return {};
}

// Largest remainders, one vehicle a route at least.
std::vector<std::uint32_t> share_out(const std::vector<double>& weights, std::uint32_t fleet) {
  std::vector<std::uint32_t> out(weights.size(), 1);
  for (auto left = std::uint32_t(fleet - weights.size()); left > 0; --left) {
    std::size_t most = 0;
    for (std::size_t r = 1; r < out.size(); ++r)
      if (weights[r] / out[r] > weights[most] / out[most]) most = r;
    ++out[most];
  }
  return out;
}

// Vehicles by route so that frequencies are as the root of boardings over the cycle: vehicles = frequency · cycle.
std::vector<std::uint32_t> by_square_root(Assigner& assigner, std::size_t routes, std::uint32_t fleet) {
  std::vector<double> weights;
  for (std::size_t r = 0; r < routes; ++r) weights.push_back(assigner.cycle(r));
  std::vector<std::uint32_t> vehicles = share_out(weights, fleet);  // as often everywhere, to see who boards where
  for (int again = 0; again < 3; ++again) {
    const FrequencyPlan plan = assigner.assign(vehicles);
    for (std::size_t r = 0; r < routes; ++r)
      weights[r] = std::sqrt(std::max(1.0, plan.routes[r].boardings) * assigner.cycle(r));
    vehicles = share_out(weights, fleet);
  }
  return vehicles;
}

}  // namespace

base::Result<FrequencyPlan> assess_frequencies(const DesignProblem& problem, const RouteSet& routes,
                                               const FrequencyOptions& options,
                                               const std::vector<std::uint32_t>& vehicles) {
  TRY(check(problem, routes, options));
  if (vehicles.size() != routes.size() || std::ranges::find(vehicles, 0U) != vehicles.end())
    return base::fail(base::Errc::invalid, "each route needs one vehicle at least");
  return Assigner(problem, routes, options).assign(vehicles);
}

base::Result<FrequencyPlan> plan_frequencies(const DesignProblem& problem, const RouteSet& routes,
                                             const FrequencyOptions& options) {
  TRY(check(problem, routes, options));
  if (options.fleet < routes.size())
    return base::fail(base::Errc::invalid, "{} vehicles cannot run {} routes", options.fleet, routes.size());
  Assigner assigner(problem, routes, options);
  std::vector<std::uint32_t> vehicles = by_square_root(assigner, routes.size(), options.fleet);
  FrequencyPlan best = assigner.assign(vehicles);
  double worth = assigner.worth(best);
  // One vehicle from where its loss is thought least to where its gain is thought most; each move is tried out.
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    std::vector<std::pair<double, std::pair<std::size_t, std::size_t>>> moves;
    const auto waiting = [&](std::size_t r, std::uint32_t v) {
      const RouteService& now = best.routes[r];
      return now.boardings * now.cycle_minutes / double(v) / 2 +
             std::max(0.0, now.load_most - options.capacity * 60 * double(v) / now.cycle_minutes) *
                 options.no_room_minutes;
    };
    for (std::size_t from = 0; from < routes.size(); ++from)
      for (std::size_t to = 0; to < routes.size(); ++to)
        if (from != to && vehicles[from] > 1)
          moves.push_back({waiting(from, vehicles[from] - 1) - waiting(from, vehicles[from]) +
                               waiting(to, vehicles[to] + 1) - waiting(to, vehicles[to]),
                           {from, to}});
    std::ranges::stable_sort(moves, {}, [](const auto& move) { return move.first; });
    if (moves.size() > 24) moves.resize(24);
    bool better = false;
    for (const auto& [thought, move] : moves) {
      --vehicles[move.first];
      ++vehicles[move.second];
      FrequencyPlan plan = assigner.assign(vehicles);
      if (const double now = assigner.worth(plan); now < worth - 1e-9) {
        worth = now;
        best = std::move(plan);
        better = true;
        break;
      }
      ++vehicles[move.first];
      --vehicles[move.second];
    }
    if (!better) break;
  }
  return best;
}

}  // namespace cityloop::traffic
