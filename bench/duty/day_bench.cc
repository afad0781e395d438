// A day of 1,000 open tasks and 200 crews planned over the streets of a city with some 108,900 junctions, end to end:
// snapping, the table of all ways, solving, and the proposal with its reasons.
//
//   bench_duty [--benchmark_filter=…]    CITYLOOP_THINK_S, CITYLOOP_THREADS: how long and with how many threads it may
//   think
//
// One run each: from nothing, and a moment later, after 50 new tasks have come in and 5 crews have gone home.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <map>

#include "bench/geo/grid_city.h"
#include "duty/planner/day_plan.h"
#include "flow/noun.h"
#include "flow/proposal_parts.h"
#include "solve/processor_clock.h"

namespace cityloop::duty {
namespace {

constexpr std::size_t kTasks = 1000, kFresh = 50, kCrews = 200, kLeaving = 5;
constexpr int kSide = 330;

double given(const char* name, double otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::strtod(text, nullptr) : otherwise;
}

const geo::StreetWeightsPtr& streets() {
  static const geo::StreetWeightsPtr one =
      geo::StreetWeights::make(geo::StreetGraph::make(geo::grid_city(kSide, 1)), geo::TravelMode::car);
  return one;
}

geo::Position somewhere(base::Rng& rng) {
  return {120 + rng.uniform() * 0.0011 * kSide, 30 + rng.uniform() * 0.0011 * kSide};
}

DayInput city_day(std::size_t tasks) {
  base::Rng rng(11);
  DayInput out;
  out.department = "water";
  out.now = base::parse_time("2026-03-02T08:00:00Z").value();
  out.settings.think = base::Duration(std::int64_t(given("CITYLOOP_THINK_S", 2) * 1e6));
  out.settings.threads = unsigned(given("CITYLOOP_THREADS", 2));
  out.streets = streets();
  out.places = std::make_shared<PlaceCache>(streets(), out.settings.snap_m);
  for (std::size_t i = 0; i < tasks; ++i) {
    DayWork one;
    one.work.id = flow::EntityId(fmt::format("urn:ngsi-ld:Case:{:05}", i));
    one.work.standing = Standing::open;
    one.work.at = somewhere(rng);
    one.work.severity = flow::Severity(rng.below(10) == 0 ? 2 : rng.below(2));
    one.work.due_at = out.now + std::chrono::seconds(3600 + std::int64_t(rng.below(32400)));
    one.work.overdue = rng.below(20) == 0;
    one.service = std::chrono::seconds(600 + std::int64_t(rng.below(1800)));
    one.skills = {fmt::format("skill-{}", rng.below(8))};
    out.work.push_back(one);
  }
  for (std::size_t i = 0; i < kCrews; ++i) {
    DayCrew one;
    one.id = fmt::format("crew-{:03}", i);
    one.name = {one.id, one.id};
    one.members = {"user:" + one.id};
    for (int k = 0; k < 3; ++k) one.skills.push_back(fmt::format("skill-{}", rng.below(8)));
    one.from = out.now;
    one.until = out.now + std::chrono::hours(2 + std::int64_t(rng.below(7)));
    one.start = one.base = somewhere(rng);
    out.crews.push_back(one);
  }
  return out;
}

void tell(benchmark::State& state, const flow::Proposal& plan, double elapsed_s, double processor_s) {
  state.counters["wall_s"] = elapsed_s;
  state.counters["processor_s"] = processor_s;
  state.counters["table_s"] = plan.figures.table_s;
  state.counters["solve_s"] = plan.figures.solve_s;
  state.counters["iterations"] = double(plan.figures.iterations);
  state.counters["planned"] = plan.figures.planned;
  state.counters["undone"] = plan.figures.undone;
  state.counters["late"] = plan.figures.late;
  state.counters["in_time"] = plan.figures.in_time;
  state.counters["kilobytes"] = double(flow::routes_json(plan.routes).size()) / 1000;  // of the entity
  state.counters["distance_km"] = plan.figures.distance_m / 1000;
}

// What it takes by the clock on the wall, and of the processor.
flow::Proposal plan_and_tell(benchmark::State& state, const DayInput& day) {
  const base::WallClock wall;
  const solve::ProcessorClock processor(1);
  const solve::ProcessorClock shared(day.settings.threads);
  const bool by_processor = given("CITYLOOP_PROCESSOR", 0) != 0;
  const base::Instant wall_before = wall.now(), processor_before = processor.now();
  flow::Proposal plan = plan_day(day, by_processor ? static_cast<const base::Clock&>(shared) : wall);
  tell(state, plan, double((wall.now() - wall_before).count()) / 1e6,
       double((processor.now() - processor_before).count()) / 1e6);
  return plan;
}

void from_nothing(benchmark::State& state) {
  const DayInput day = city_day(kTasks);
  for (auto _ : state) plan_and_tell(state, day);
}
BENCHMARK(from_nothing)->Iterations(1)->Unit(benchmark::kMillisecond);

void a_moment_later(benchmark::State& state) {
  const base::WallClock wall;
  DayInput day = city_day(kTasks);
  std::vector<DayWork> fresh(day.work.end() - kFresh, day.work.end());
  day.work.resize(kTasks - kFresh);
  const solve::ProcessorClock shared(day.settings.threads);
  const bool by_processor = given("CITYLOOP_PROCESSOR", 0) != 0;
  day.before = plan_day(day, by_processor ? static_cast<const base::Clock&>(shared) : wall).routes;
  day.work.insert(day.work.end(), fresh.begin(), fresh.end());
  day.crews.erase(day.crews.begin(), day.crews.begin() + kLeaving);
  for (auto _ : state) {
    const flow::Proposal plan = plan_and_tell(state, day);
    std::map<std::string_view, std::string_view> was;
    for (const flow::ProposalRoute& route : day.before) {
      for (const flow::ProposalStop& stop : route.stops) was[stop.task.text()] = route.crew;
    }
    std::size_t moved = 0;
    for (const flow::ProposalRoute& route : plan.routes) {
      for (const flow::ProposalStop& stop : route.stops) {
        const auto found = was.find(stop.task.text());
        moved += found != was.end() && found->second != route.crew;
      }
    }
    state.counters["moved"] = double(moved);
  }
}
BENCHMARK(a_moment_later)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::duty
