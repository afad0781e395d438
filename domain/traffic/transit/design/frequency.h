// How often the buses of each route run: a fleet shared out so that passengers wait and travel least and find room.
//
//   DesignProblem, RouteSet, fleet ─▶ [plan_frequencies] ─▶ vehicles and headway of each route, loads of each link
//
// A route of length l minutes with v vehicles is passed every 2·(l + layover) / v minutes. Who waits, waits half the
// time between the buses that suit: of several routes between two stops those suit whose ride is no longer than to wait
// and ride is on average with the others (Chriqui and Robillard 1975), and they carry in proportion to how often they
// come. The first shares follow the square-root rule (Mohring 1972: frequency as the root of boardings over the cost
// of a run); then vehicles move from route to route as long as that lowers the sum of passengers' minutes.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "domain/traffic/transit/design/problem.h"

namespace cityloop::traffic {

struct FrequencyOptions {
  std::uint32_t fleet{};           // vehicles to be shared out; at least one a route
  double capacity{60};             // passengers in one vehicle
  double demand_hours{1};          // the period in which the problem's demand travels
  double layover_minutes{3};       // at each end
  double headway_max_minutes{60};  // no route runs less often, where the fleet allows it
  double change_minutes{0};        // what a change costs beside the waiting
  // Minutes that each passenger who finds no room is taken to lose.
  double no_room_minutes{30};
};

struct RouteService {
  std::uint32_t vehicles{};
  double headway_minutes{}, runs_per_hour{}, cycle_minutes{};
  double boardings{};  // per hour, both directions
  // Passengers per hour by link of the route, in its order and the other way.
  std::vector<double> load_there, load_back;
  double load_most{};
  double room{};     // passengers per hour and direction
  double no_room{};  // of the fullest link, per hour, those beyond it
};

struct FrequencyPlan {
  std::vector<RouteService> routes;
  std::uint32_t vehicles{};
  double minutes{};  // of the average passenger served: waiting, riding, changing
  double wait_minutes{};
  double changes{};   // on average
  double unserved{};  // share of all passengers
  double no_room{};   // per hour, sum over the routes
};

// Refuses routes that the problem does not have links for, a fleet smaller than the number of routes, and options that
// are no numbers. That the fleet does not suffice for all is no error: no_room says so.
base::Result<FrequencyPlan> plan_frequencies(const DesignProblem&, const RouteSet&, const FrequencyOptions&);

// The same for vehicles that are given, by route.
base::Result<FrequencyPlan> assess_frequencies(const DesignProblem&, const RouteSet&, const FrequencyOptions&,
                                               const std::vector<std::uint32_t>& vehicles);

}  // namespace cityloop::traffic
