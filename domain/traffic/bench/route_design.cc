// How good the routes are that are found on the published networks, by seeds and time.
//
//   traffic_bench_routes --data FOLDER [--json] [--seeds N] [--steps M] [--threads T] [--problem PATH --routes R
//                        --stops MIN-MAX [--published MINUTES]]
//   traffic_bench_routes --made-up [--seeds N] [--seconds S]
//
// --made-up: networks of the sizes of Mumford's 1 to 3 (2013), made by the seed: how far the search comes in how much
// time of one processor.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/rng.h"
#include "domain/traffic/bench/words.h"
#include "domain/traffic/transit/design/search.h"

namespace cityloop::traffic {
namespace {

struct Case {
  std::string path;
  DesignRules rules;
  double published{};  // minutes of the best route set in the literature; 0: not known
  double target{};
  std::uint64_t steps{};
};

struct Row {
  Case of;
  std::string name;
  double mean{}, best{1e9}, worst{}, wall_s{}, processor_s{};
  double d0{}, operator_minutes{};  // of the best
  int reached{}, seeds{};
  std::uint64_t steps{};
};

struct Wish {
  std::string data, problem;
  DesignRules rules{.routes = 12, .stops_min = 2, .stops_max = 15};
  double published{};
  int seeds{10};
  std::uint64_t steps{};
  unsigned threads{1};
  bool json{};
  bool made_up{};
  double seconds{60};  // of made-up ones
};

base::Result<Row> measure(const Case& of, const Wish& wish) {
  const DesignFiles files = TRY(design_files(of.path));
  const DesignProblem problem = TRY(read_problem(files, of.rules));
  Row row{.of = of, .name = problem.name()};
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor_begin = std::clock();
  for (int seed = 1; seed <= wish.seeds; ++seed) {
    const SearchOptions options{.seed = std::uint64_t(seed), .steps = of.steps, .threads = wish.threads};
    const Found found = TRY(search(problem, options));
    fmt::print(stderr, "{}: {} routes of at most {} stops, seed {}: {:.4f}\n", row.name, of.rules.routes,
               of.rules.stops_max, seed, found.worth.minutes);
    row.mean += found.worth.minutes;
    row.worst = std::max(row.worst, found.worth.minutes);
    row.reached += found.worth.minutes <= of.target;
    row.steps += found.steps;
    ++row.seeds;
    if (found.worth.minutes >= row.best) continue;
    row.best = found.worth.minutes;
    row.d0 = found.worth.d0;
    row.operator_minutes = found.worth.operator_minutes;
  }
  row.mean /= row.seeds;
  row.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / row.seeds;
  row.processor_s = double(std::clock() - processor_begin) / CLOCKS_PER_SEC / row.seeds;
  return row;
}

// Mandl's best known route sets have up to 13 stops a route; the older protocol allows 8.
std::vector<Case> cases(const Wish& wish) {
  std::vector<Case> out;
  const auto add = [&](std::string path, std::uint32_t routes, std::uint32_t most, double published, double target,
                       std::uint64_t steps) {
    out.push_back({std::move(path),
                   {.routes = routes, .stops_min = 2, .stops_max = most},
                   published,
                   target,
                   wish.steps ? wish.steps : steps});
  };
  if (!wish.problem.empty()) {
    out.push_back({wish.problem, wish.rules, wish.published, wish.published, wish.steps ? wish.steps : 5'000'000});
    return out;
  }
  const std::string mandl = wish.data + "/mandl1", mumford = wish.data + "/mumford0";
  add(mandl, 4, 15, 10.392, 10.40, 500'000);
  add(mandl, 6, 15, 10.121, 10.13, 500'000);
  add(mandl, 7, 15, 10.070, 10.08, 500'000);
  add(mandl, 8, 15, 10.038, 10.05, 500'000);
  for (const auto& [routes, published] : {std::pair{4U, 10.504}, {6U, 10.210}, {7U, 10.139}, {8U, 10.089}})
    add(mandl, routes, 8, published, published, 500'000);
  add(mumford, 12, 15, 14.09, 14.09, 20'000'000);
  return out;
}

void print_table(const std::string& command, const std::vector<Row>& rows) {
  fmt::print("`{}`, seeds 1 to {}\n\n", command, rows.front().seeds);
  fmt::print(
      "| network | routes | stops | published | to reach | mean | best | worst | reached | direct | route minutes | "
      "processor s | wall s |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Row& r : rows)
    fmt::print(
        "| {} | {} | {}–{} | {} | {} | {:.4f} | {:.4f} | {:.4f} | {} of {} | {:.2f} % | {:.0f} | {:.1f} | {:.1f} |\n",
        r.name, r.of.rules.routes, r.of.rules.stops_min, r.of.rules.stops_max,
        r.of.published > 0 ? fmt::format("{:.3f}", r.of.published) : "–",
        r.of.target > 0 ? fmt::format("{:.3f}", r.of.target) : "–", r.mean, r.best, r.worst, r.reached, r.seeds,
        100 * r.d0, r.operator_minutes, r.processor_s, r.wall_s);
}

void print_json(const std::string& command, const std::vector<Row>& rows) {
  base::JsonWriter out;
  out.object().field("command", command).key("rows").array();
  for (const Row& r : rows)
    out.object()
        .field("network", r.name)
        .field("routes", r.of.rules.routes)
        .field("stops_max", r.of.rules.stops_max)
        .field("published_minutes", r.of.published)
        .field("mean_minutes", r.mean)
        .field("best_minutes", r.best)
        .field("worst_minutes", r.worst)
        .field("reached", r.reached)
        .field("seeds", r.seeds)
        .field("steps", r.steps)
        .field("processor_s", r.processor_s)
        .field("wall_s", r.wall_s)
        .end();
  fmt::print("{}\n", out.end().end().take());
}

struct Size {
  const char* like;
  std::size_t stops, links;
  DesignRules rules;
};
constexpr double kMilestone_s[] = {1, 5};

// Places at random in a square, each joined to the nearest that is joined already, then the shortest links further; who
// travels between which two is random as well, as much there as back.
base::Result<DesignProblem> make_up(const Size& size, std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<DesignStop> stops;
  for (std::size_t i = 0; i < size.stops; ++i)
    stops.push_back({.id = fmt::format("{}", i + 1), .position = {rng.uniform(0, 30), rng.uniform(0, 30)}});
  struct Pair {
    double length;
    StopIndex from, to;
  };
  std::vector<Pair> pairs;
  std::vector<double> demand(size.stops * size.stops, 0);
  for (StopIndex a = 0; a < StopIndex(size.stops); ++a) {
    for (StopIndex b = a + 1; b < StopIndex(size.stops); ++b) {
      const geo::Position p = stops[a].position, q = stops[b].position;
      pairs.push_back({std::hypot(p.lon_deg - q.lon_deg, p.lat_deg - q.lat_deg), a, b});
      demand[a * size.stops + b] = demand[b * size.stops + a] = 5 * double(1 + rng.below(160));
    }
  }
  std::ranges::sort(pairs, {}, &Pair::length);
  std::vector<std::size_t> part(size.stops);
  std::iota(part.begin(), part.end(), 0U);
  std::vector<DesignLink> links;
  const auto join = [&](const Pair& one) {
    links.push_back({one.from, one.to, std::max(1.0, std::round(one.length))});
  };
  std::vector<Pair> rest;
  for (const Pair& one : pairs) {  // Kruskal's tree of shortest links, then the shortest of the others
    const std::size_t from = part[one.from], to = part[one.to];
    if (from == to) {
      rest.push_back(one);
      continue;
    }
    std::ranges::replace(part, to, from);
    join(one);
  }
  for (std::size_t i = 0; links.size() < size.links && i < rest.size(); ++i) join(rest[i]);
  return DesignProblem::make(fmt::format("like {}", size.like), std::move(stops), std::move(links), std::move(demand),
                             size.rules);
}

// If everybody went the shortest way without a change: no routes can do better.
double least_minutes(const DesignProblem& problem) {
  const std::size_t n = problem.stops();
  std::vector<double> way(n * n, 1e9);
  for (std::size_t i = 0; i < n; ++i) way[i * n + i] = 0;
  for (const DesignLink& link : problem.links())
    way[link.from * n + link.to] = way[link.to * n + link.from] = link.minutes;
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) way[a * n + b] = std::min(way[a * n + b], way[a * n + k] + way[k * n + b]);
  double sum = 0;
  for (StopIndex a = 0; a < StopIndex(n); ++a)
    for (StopIndex b = 0; b < StopIndex(n); ++b) sum += problem.demand(a, b) * way[a * n + b];
  return sum / problem.demand_total();
}

base::Status print_made_up(const Wish& wish, const std::string& command) {
  const Size sizes[] = {{"mumford1", 70, 210, {.routes = 15, .stops_min = 10, .stops_max = 30}},
                        {"mumford2", 110, 385, {.routes = 56, .stops_min = 10, .stops_max = 22}},
                        {"mumford3", 127, 425, {.routes = 60, .stops_min = 12, .stops_max = 25}}};
  fmt::print(
      "`{}`, seeds 1 to {}, one thread\n\n| network | places | links | routes | stops | shapes a second | minutes "
      "after "
      "1 s | 5 s | {:.0f} s | best | without any change | direct |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
      command, wish.seeds, wish.seconds);
  for (const Size& size : sizes) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    double after[3] = {}, best = 1e9, least = 0, direct = 0, seconds = 0;
    std::uint64_t steps = 0;
    for (int seed = 1; seed <= wish.seeds; ++seed) {
      const DesignProblem problem = TRY(make_up(size, std::uint64_t(seed)));
      const std::clock_t begin = std::clock();
      const auto passed_s = [&] { return double(std::clock() - begin) / CLOCKS_PER_SEC; };
      double now[3] = {kNone, kNone, kNone};  // no round was over by then
      SearchOptions options{.seed = std::uint64_t(seed), .threads = 1};
      options.halt = [&] { return passed_s() > wish.seconds; };
      options.on_progress = [&](const SearchProgress& progress) {
        for (std::size_t i = 0; i < std::size(kMilestone_s); ++i)
          if (passed_s() <= kMilestone_s[i]) now[i] = progress.score;
      };
      const Found found = TRY(search(problem, options));
      fmt::print(stderr, "{}, seed {}: {:.3f} minutes, {} shapes in {:.0f} s\n", problem.name(), seed,
                 found.worth.minutes, found.steps, passed_s());
      seconds += passed_s();
      steps += found.steps;
      now[2] = found.worth.minutes;
      for (std::size_t i = 0; i < 3; ++i) after[i] += now[i] / wish.seeds;
      least += least_minutes(problem) / wish.seeds;
      direct += found.worth.d0 / wish.seeds;
      best = std::min(best, found.worth.minutes);
    }
    const auto told = [](double minutes) { return std::isnan(minutes) ? "–" : fmt::format("{:.2f}", minutes); };
    fmt::print("| like {} | {} | {} | {} | {}–{} | {:.0f} | {} | {} | {} | {:.2f} | {:.2f} | {:.1f} % |\n", size.like,
               size.stops, size.links, size.rules.routes, size.rules.stops_min, size.rules.stops_max,
               double(steps) / seconds, told(after[0]), told(after[1]), told(after[2]), best, least, 100 * direct);
  }
  return {};
}

// "MIN-MAX"
bool take_stops(std::string_view option, std::string_view word, DesignRules& rules) {
  const std::size_t dash = word.find('-');
  if (dash == std::string_view::npos) return false;
  rules.stops_min = whole_number<std::uint32_t>(option, word.substr(0, dash));
  rules.stops_max = whole_number<std::uint32_t>(option, word.substr(dash + 1));
  return true;
}

bool take_words(int count, char** words, Wish& wish) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--json") {
      wish.json = true;
      continue;
    }
    if (word == "--made-up") {
      wish.made_up = true;
      continue;
    }
    if (i + 1 == count) return false;
    const std::string_view value = words[++i];
    if (word == "--data") wish.data = value;
    else if (word == "--problem") wish.problem = value;
    else if (word == "--seeds") wish.seeds = whole_number(word, value);
    else if (word == "--steps") wish.steps = whole_number<std::uint64_t>(word, value);
    else if (word == "--threads") wish.threads = whole_number<unsigned>(word, value);
    else if (word == "--routes") wish.rules.routes = whole_number<std::uint32_t>(word, value);
    else if (word == "--seconds") wish.seconds = number(word, value);
    else if (word == "--published") wish.published = number(word, value);
    else if (word != "--stops" || !take_stops(word, value, wish.rules)) return false;
  }
  return (wish.made_up || !wish.data.empty() || !wish.problem.empty()) && wish.seeds > 0;
}

int run(int count, char** words) {
  Wish wish;
  if (!take_words(count, words, wish)) {
    fmt::print(stderr,
               "usage: traffic_bench_routes --data FOLDER [--json] [--seeds N] [--steps M] [--threads T]\n"
               "       [--problem PATH --routes R --stops MIN-MAX [--published MINUTES]]\n"
               "       traffic_bench_routes --made-up [--seeds N] [--seconds S]\n");
    return 2;
  }
  std::string command = "traffic_bench_routes";
  for (int i = 1; i < count; ++i) command += fmt::format(" {}", words[i]);
  if (wish.made_up) {
    const base::Status done = print_made_up(wish, command);
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    return done ? 0 : 1;
  }
  std::vector<Row> rows;
  for (const Case& of : cases(wish)) {
    auto row = measure(of, wish);
    if (!row) {
      fmt::print(stderr, "{}\n", row.error().message);
      return 1;
    }
    rows.push_back(std::move(*row));
  }
  wish.json ? print_json(command, rows) : print_table(command, rows);
  return 0;
}

}  // namespace
}  // namespace cityloop::traffic

int main(int count, char** words) {
  return cityloop::traffic::run(count, words);
}
