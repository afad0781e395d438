#include "domain/traffic/transit/design/design_command.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/file.h"
#include "domain/traffic/command_words.h"

namespace cityloop::traffic {

namespace {

constexpr std::string_view kUsage =
    "cityloop traffic design --problem PATH | --city FOLDER --demand TRIPS.csv --mapping FILE.toml\n"
    "    [--routes 6] [--stops 2-15] [--transfer-minutes 5] [--seconds 30 | --steps N] [--seed 1] [--threads 1]\n"
    "    [--operator-weight W] [--fleet N] [--capacity 60] [--walk-m 500] [--stops-most 60] [--today ROUTES.geojson]\n"
    "    [--ends-at-terminals] [--json FILE] [--geojson FILE]";

void take_range(CommandWords& words, DesignRules& rules) {
  const std::string range = words.text("stops");
  if (range.empty()) return;
  const auto dash = range.find('-');
  std::uint32_t least{}, most{};
  const bool read =
      dash != std::string::npos &&
      std::from_chars(range.data(), range.data() + dash, least).ptr == range.data() + dash &&
      std::from_chars(range.data() + dash + 1, range.data() + range.size(), most).ptr == range.data() + range.size();
  if (!read) return words.wrong("--stops is a range like 2-15, not '" + range + "'");
  rules.stops_min = least;
  rules.stops_max = most;
}

void show_progress(const DesignProgress& progress) {
  constexpr int kWidth = 30;
  const int full = int(std::lround(progress.share * kWidth));
  const std::string bar = std::string(std::size_t(full), '#') + std::string(std::size_t(kWidth - full), '.');
  if (progress.minutes > 0)
    fmt::print(stderr, "\r{:<10} [{}] {:3.0f} %  {:.4f} min", to_string(progress.stage), bar, 100 * progress.share,
               progress.minutes);
  else fmt::print(stderr, "\r{:<10} [{}]", to_string(progress.stage), bar);
}

void print_design(const RouteDesign& design) {
  const Assessment& worth = design.worth;
  fmt::print("{}: {} stops, {:.0f} passengers\n", design.name, design.problem.stops(), design.problem.demand_total());
  fmt::print(
      "{:.4f} minutes on average; {:.2f} % direct, {:.2f} % with one change, {:.2f} % with two; routes {:.1f} min\n",
      worth.minutes, 100 * worth.d0, 100 * worth.d1, 100 * worth.d2, worth.operator_minutes);
  if (design.today)
    fmt::print("today: {:.4f} minutes, {:.2f} % direct, {:.2f} % not served; routes {:.1f} min\n",
               design.today->minutes, 100 * design.today->d0, 100 * design.today->unserved,
               design.today->operator_minutes);
  if (design.covered)
    fmt::print("{:.1f} % of trips' ends have a stop within {:.0f} m\n", 100 * *design.covered, design.walk_m);
  if (design.service)
    fmt::print("{} vehicles: {:.2f} minutes on average, {:.2f} of them waiting\n", design.service->vehicles,
               design.service->minutes, design.service->wait_minutes);
  fmt::print(
      "\n| route | min | passengers | direct | most aboard | {}stops |\n| ---: | ---: | ---: | ---: | ---: | {}--- |\n",
      design.service ? "vehicles | every min | " : "", design.service ? "---: | ---: | " : "");
  for (std::size_t r = 0; r < design.routes.size(); ++r) {
    const RouteCarries& carries = design.carries[r];
    double most = 0;
    for (const auto* const loads : {&carries.load_there, &carries.load_back})
      for (const double load : *loads) most = std::max(most, load);
    std::string stops;
    for (const StopIndex at : design.routes[r]) stops += (stops.empty() ? "" : " · ") + design.problem.stop(at).id;
    std::string service;
    if (design.service)
      service =
          fmt::format("{} | {:.1f} | ", design.service->routes[r].vehicles, design.service->routes[r].headway_minutes);
    fmt::print("| {} | {:.1f} | {:.0f} | {:.0f} | {:.0f} | {}{} |\n", r + 1,
               design.problem.route_minutes(design.routes[r]), carries.passengers, carries.direct, most, service,
               stops);
  }
}

}  // namespace

base::Result<DesignWords> parse_design_words(const std::vector<std::string>& list) {
  CommandWords words(list, {"ends-at-terminals"});
  DesignWords out;
  DesignWish& wish = out.wish;
  wish.problem = words.text("problem");
  out.city = words.text("city");
  wish.demand = words.text("demand");
  wish.mapping = words.text("mapping");
  wish.today = words.text("today");
  out.json = words.text("json");
  out.geojson = words.text("geojson");
  take_range(words, wish.rules);
  words.number("routes", wish.rules.routes, 1, 500);
  words.number("transfer-minutes", wish.rules.transfer_minutes, 0, 999);
  words.number("seconds", wish.seconds, 0.01, 86'400);
  words.number("steps", wish.steps, 1, 1e15);
  words.number("seed", wish.seed, 0, 1e18);
  words.number("threads", wish.threads, 1, 64);
  words.number("operator-weight", wish.operator_weight, 0, 1e6);
  words.number("walk-m", wish.stops.walk_m, 50, 3000);
  words.number("stops-most", wish.stops.most, 2, 1000);
  wish.rules.end_at_terminals = words.flag("ends-at-terminals");
  FrequencyOptions service;
  words.number("fleet", service.fleet, 1, 1e5);
  words.number("capacity", service.capacity, 1, 1e4);
  if (service.fleet > 0) wish.service = service;
  if (wish.problem.empty() && (out.city.empty() || wish.demand.empty() || wish.mapping.empty()))
    words.wrong("either --problem, or --city with --demand and --mapping is needed");
  if (!wish.problem.empty() && !wish.demand.empty()) words.wrong("--problem and --demand exclude each other");
  TRY(words.check(kUsage));
  return out;
}

base::Status design_command(const std::vector<std::string>& list) {
  DesignWords words = TRY(parse_design_words(list));
  if (words.wish.problem.empty()) {
    words.wish.streets = TRY(streets_of_city(words.city));
    words.wish.name = words.wish.demand;
  }
  const base::WallClock wall;
  auto design = run_design(words.wish, wall, nullptr, show_progress);
  fmt::print(stderr, "\n");
  if (!design) return std::unexpected(design.error());
  design->command = "cityloop traffic design";
  for (const std::string& word : list) design->command += " " + word;
  print_design(*design);
  if (!words.json.empty()) {
    base::JsonWriter out;
    write_design(out, *design);
    TRY(base::write_file_atomic(words.json, out.take()));
  }
  if (!words.geojson.empty()) TRY(base::write_file_atomic(words.geojson, design_geojson(*design)));
  return {};
}

}  // namespace cityloop::traffic
