#include "domain/traffic/transit/design/design_run.h"

#include <algorithm>
#include <atomic>

#include "base/file.h"
#include "duty/planner/planner.h"

namespace cityloop::traffic {

namespace {

constexpr double kNearToday_m = 400;

using Stage = DesignProgress::Stage;

double seconds_between(base::Instant from, base::Instant to) {
  return std::chrono::duration<double>(to - from).count();
}

// Ends by time, by steps or when it is told to, and tells how far it is.
class Watch {
 public:
  Watch(const DesignWish& wish, const base::Clock& now, const std::function<bool()>& cancelled,
        const std::function<void(const DesignProgress&)>& tell)
      : wish_(wish), now_(now), begun_(now.now()), cancelled_(cancelled), tell_(tell) {}

  base::Result<Found> search_in(const DesignProblem& problem) {
    SearchOptions options{.seed = wish_.seed,
                          .steps = wish_.steps,
                          .threads = wish_.threads,
                          .operator_weight = wish_.operator_weight,
                          .begin = {}};
    options.halt = [this] { return halt(); };
    options.on_progress = [this](const SearchProgress& progress) {
      const double share = wish_.steps ? double(progress.steps) / double(wish_.steps) : passed() / wish_.seconds;
      tell({Stage::searching, std::min(1.0, share), progress.score});
    };
    auto found = search(problem, options);
    if (cancelled_ && cancelled_()) return base::fail(base::Errc::conflict, "the design was cancelled");
    return found;
  }

  void tell(const DesignProgress& progress) const {
    if (tell_) tell_(progress);
  }

 private:
  double passed() const { return seconds_between(begun_, now_.now()); }
  bool halt() const {
    if (cancelled_ && cancelled_()) return true;
    return wish_.steps == 0 && passed() >= wish_.seconds;
  }

  const DesignWish& wish_;
  const base::Clock& now_;
  const base::Instant begun_;
  const std::function<bool()>& cancelled_;
  const std::function<void(const DesignProgress&)>& tell_;
};

base::Status add_service(const DesignWish& wish, double demand_hours, RouteDesign& design) {
  if (!wish.service) return {};
  FrequencyOptions options = *wish.service;
  if (demand_hours > 0) options.demand_hours = demand_hours;
  design.service = TRY(plan_frequencies(design.problem, design.routes, options));
  design.service_options = options;
  return {};
}

base::Status add_today(const DesignWish& wish, RouteDesign& design) {
  if (wish.today.empty()) return {};
  const std::string text = TRY(base::read_file(wish.today));
  design.today = evaluate(design.problem, TRY(routes_of_geojson(text, design.problem, kNearToday_m)));
  return {};
}

base::Result<RouteDesign> design_for_city(const DesignWish& wish, Watch& watch) {
  if (!wish.streets) return base::fail(base::Errc::invalid, "trips need the streets of a city");
  const DemandMapping mapping = TRY(read_demand_mapping(wish.mapping));
  const std::string csv = TRY(base::read_file(wish.demand));
  const TripDemand demand = TRY(read_trips(csv, wish.demand, mapping));
  watch.tell({Stage::stops, 0, 0});
  const StreetProblem city = TRY(make_street_problem(demand, wish.streets, wish.stops, wish.rules, wish.name));
  const Found found = TRY(watch.search_in(city.problem));
  watch.tell({Stage::describing, 1, found.worth.minutes});
  RouteDesign design = describe_design(city, wish.stops, found, wish.seed);
  TRY(add_service(wish, demand.hours, design));
  TRY(add_today(wish, design));
  return design;
}

base::Result<RouteDesign> design_for_problem(const DesignWish& wish, Watch& watch) {
  const DesignProblem problem = TRY(read_problem(TRY(design_files(wish.problem)), wish.rules));
  const Found found = TRY(watch.search_in(problem));
  RouteDesign design = describe_design(problem, found, wish.seed);
  TRY(add_service(wish, 0, design));
  TRY(add_today(wish, design));
  return design;
}

}  // namespace

std::string_view to_string(DesignProgress::Stage stage) {
  switch (stage) {
    case Stage::reading: return "reading";
    case Stage::stops: return "stops";
    case Stage::searching: return "searching";
    case Stage::describing: return "describing";
  }
  return "";
}

base::Result<RouteDesign> run_design(const DesignWish& wish, const base::Clock& now,
                                     const std::function<bool()>& cancelled,
                                     const std::function<void(const DesignProgress&)>& on_progress) {
  if (!(wish.seconds > 0 && wish.seconds <= 86'400))
    return base::fail(base::Errc::invalid, "seconds must be more than 0 and at most a day");
  Watch watch(wish, now, cancelled, on_progress);
  watch.tell({Stage::reading, 0, 0});
  const base::Instant begun = now.now();
  RouteDesign design = TRY(wish.problem.empty() ? design_for_city(wish, watch) : design_for_problem(wish, watch));
  if (!wish.name.empty()) design.name = wish.name;
  design.made_at = now.now();
  design.took_s = seconds_between(begun, *design.made_at);
  return design;
}

base::Result<geo::StreetWeightsPtr> streets_of_city(const std::string& folder) {
  const duty::PlanningSettings settings = TRY(duty::PlanningSettings::load(folder + "/planning.toml"));
  const duty::PlanningStreets streets = TRY(duty::PlanningStreets::load(settings, folder));
  if (!streets.weights)
    return base::fail(base::Errc::not_found, "{}/planning.toml names no streets: [way] streets = \"FILE\"", folder);
  if (streets.weights->mode() == geo::TravelMode::car) return streets.weights;
  const geo::StreetGraph& graph = streets.weights->graph();
  return geo::StreetWeights::make(std::shared_ptr<const geo::StreetGraph>(streets.weights, &graph),
                                  geo::TravelMode::car, {.car_share = settings.car_share});
}

}  // namespace cityloop::traffic
