// An hour of each street under each controller, by RESCO's protocol (simulation/trial.h).
//
//   traffic_bench_signals --data FOLDER [--net all|NAME,…] [--controller all|NAME,…] [--seeds 10] [--first-seed 1]
//                         [--scale 1] [--set NAME=VALUE,…] [--results FILE] [--json]
//   traffic_bench_signals --data FOLDER --net NAME --seed N --trial FILE      before and after, for the console
//   traffic_bench_signals --data FOLDER --search TRIES …                      other settings of the planner
//
// FOLDER holds a folder for each network: NAME/NAME.sumocfg, or CityFlow's roadnet_*.json(.gz) and flows, which are
// converted first. Each run is a process of its own, one after another. With --results each run is kept in FILE, and
// none that stands there is made again.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "domain/traffic/bench/planner_dials.h"
#include "domain/traffic/bench/signal_search.h"
#include "domain/traffic/bench/trial_process.h"
#include "domain/traffic/bench/trial_store.h"
#include "domain/traffic/bench/words.h"
#include "domain/traffic/simulation/cityflow.h"
#include "domain/traffic/simulation/trial.h"
#include "sense/byte_source.h"

namespace cityloop::traffic {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path data;
  std::vector<std::string> nets, controllers;
  int seeds{10}, first_seed{1}, seed{1};
  double scale{1};
  bool json{false};
  fs::path trial, results;
  PlannerSettings planner{};
  int search{0};  // settings tried
  std::string command;
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) words.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return words;
}

// The configuration of a network, converted into the folder `made` where it is CityFlow's.
base::Result<std::vector<std::pair<std::string, fs::path>>> configs_of(const fs::path& data, const std::string& net,
                                                                       const fs::path& made) {
  std::vector<std::pair<std::string, fs::path>> found;
  const fs::path own = data / net / (net + ".sumocfg");
  if (fs::exists(own)) return {{{net, own}}};
  std::error_code failed;
  fs::path roads;
  std::vector<fs::path> flows;
  for (const fs::directory_entry& file : fs::directory_iterator(data / net, failed)) {
    const std::string name = file.path().filename().string();
    if (name.find(".json") == std::string::npos) continue;
    if (name.starts_with("roadnet")) roads = file.path();
    else flows.push_back(file.path());
  }
  if (roads.empty()) return base::fail(base::Errc::not_found, "no network {} in {}", net, data.string());
  std::ranges::sort(flows);
  const std::string roadnet = TRY(sense::ByteSource::read_all(roads));
  for (const fs::path& flow : flows) {
    std::string name = flow.filename().string();
    name.resize(name.find(".json"));
    const PlainStreets streets = TRY(convert_cityflow(roadnet, TRY(sense::ByteSource::read_all(flow))));
    found.emplace_back(name, TRY(build_streets(streets, made / name, name)));
  }
  return found;
}

struct Row {
  std::string net, controller;
  std::vector<Run> runs;

  double mean(double Run::* what) const {
    double sum = 0;
    for (const Run& run : runs) sum += run.*what;
    return runs.empty() ? 0 : sum / static_cast<double>(runs.size());
  }
  double median() const {
    std::vector<double> delays;
    for (const Run& run : runs) delays.push_back(run.delay_s);
    std::ranges::sort(delays);
    const std::size_t n = delays.size();
    return n == 0 ? 0 : (delays[(n - 1) / 2] + delays[n / 2]) / 2;
  }
  double gridlocked() const {
    return static_cast<double>(std::ranges::count_if(runs, &Run::gridlocked)) /
           static_cast<double>(std::max<std::size_t>(1, runs.size()));
  }
  double slowest_p99_us() const {
    double most = 0;
    for (const Run& run : runs) most = std::max(most, run.p99_us);
    return most;
  }
};

void print_table(const std::vector<Row>& rows, const Options& options, double wall_s) {
  std::printf(
      "| network | controller | delay, mean s | median s | on the street s | gridlocked | not arrived | decision p99 "
      "ms |\n");
  std::printf("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Row& row : rows) {
    double left = 0;
    for (const Run& run : row.runs) left += run.vehicles - run.arrived;
    std::printf("| %s | %s | %.1f | %.1f | %.1f | %.0f %% | %.0f | %.2f |\n", row.net.c_str(), row.controller.c_str(),
                row.mean(&Run::delay_s), row.median(), row.mean(&Run::loss_s), 100 * row.gridlocked(),
                left / static_cast<double>(std::max<std::size_t>(1, row.runs.size())), row.slowest_p99_us() / 1000);
  }
  std::printf("\nSeeds %d to %d, demand times %g; the runs took %.0f s.\n", options.first_seed,
              options.first_seed + options.seeds - 1, options.scale, wall_s);
}

void print_json(const std::vector<Row>& rows, const Options& options, double wall_s) {
  base::JsonWriter json;
  json.object().field("command", options.command).field("seeds", options.seeds).field("wallS", wall_s);
  json.key("rows").array();
  for (const Row& row : rows) {
    json.object()
        .field("network", row.net)
        .field("controller", row.controller)
        .field("delayMeanS", row.mean(&Run::delay_s))
        .field("delayMedianS", row.median())
        .field("timeLossS", row.mean(&Run::loss_s))
        .field("gridlocked", row.gridlocked())
        .field("decisionP99Us", row.slowest_p99_us());
    json.key("delaysS").array();
    for (const Run& run : row.runs) json.number(run.delay_s);
    json.end().end();
  }
  json.end().end();
  std::printf("%s\n", json.str().c_str());
}

void write_run(base::JsonWriter& json, const std::string& controller, const Run& run) {
  json.object()
      .field("controller", controller)
      .field("vehicles", run.vehicles)
      .field("arrived", run.arrived)
      .field("neverEntered", run.never_entered)
      .field("delayS", run.delay_s)
      .field("timeLossS", run.loss_s)
      .field("queueMean", run.queue_mean)
      .field("queueMax", run.queue_max)
      .field("gridlocked", run.gridlocked)
      .field("decisionP99Us", run.p99_us);
  json.key("series").array();
  for (const TrialResult::Point& point : run.series) {
    json.array().number(point.at_s).integer(point.running).integer(point.standing).integer(point.waiting_to_enter);
    if (point.delay_s > 0) json.number(point.delay_s);
    else json.null();
    json.end();
  }
  json.end().end();
}

base::Status make_trial(const Options& options, const Configs& configs) {
  base::JsonWriter json;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  json.object().field("id", options.trial.stem().string()).field("network", configs.front().first);
  json.field("seed", options.seed).field("madeAt", base::format_time(now)).field("command", options.command);
  json.key("runs").array();
  for (const std::string& controller : options.controllers) {
    std::fprintf(stderr, "%s, %s …\n", configs.front().first.c_str(), controller.c_str());
    const Run run = run_apart({.config = configs.front().second,
                               .controller = controller,
                               .seed = options.seed,
                               .scale = options.scale,
                               .series = true,
                               .planner = options.planner});
    if (!run.ok) return base::fail(base::Errc::unavailable, "the run of {} failed", controller);
    write_run(json, controller, run);
  }
  json.end().end();
  return base::write_file_atomic(options.trial, json.str() + "\n");
}

base::Result<std::vector<Row>> make_rows(const Options& options, const Configs& configs, TrialRunner& runner) {
  std::vector<Row> rows;
  const std::size_t all = configs.size() * options.controllers.size() * static_cast<std::size_t>(options.seeds);
  std::size_t done = 0;
  for (const auto& [net, config] : configs) {
    for (const std::string& controller : options.controllers) {
      Row& row = rows.emplace_back(Row{.net = net, .controller = controller, .runs = {}});
      for (int i = 0; i < options.seeds; ++i) {
        row.runs.push_back(TRY(runner.run(net, {.config = config,
                                                .controller = controller,
                                                .seed = options.first_seed + i,
                                                .scale = options.scale,
                                                .planner = options.planner})));
        std::fprintf(stderr, "\r%zu of %zu runs: %s, %s: %.1f s   ", ++done, all, net.c_str(), controller.c_str(),
                     row.mean(&Run::delay_s));
      }
    }
  }
  std::fprintf(stderr, "\n");
  return rows;
}

base::Status work(const Options& options, const fs::path& made) {
  Configs configs;
  for (const std::string& net : options.nets) {
    for (auto& one : TRY(configs_of(options.data, net, made))) configs.push_back(std::move(one));
  }
  if (configs.empty()) return base::fail(base::Errc::not_found, "no networks in {}", options.data.string());
  if (!options.trial.empty()) return make_trial(options, configs);
  TrialRunner runner(options.results);
  if (options.search > 0)
    return search_settings({.configs = configs,
                            .start = options.planner,
                            .tries = options.search,
                            .seeds = options.seeds,
                            .first_seed = options.first_seed,
                            .scale = options.scale},
                           runner);
  const std::vector<Row> rows = TRY(make_rows(options, configs, runner));
  double wall_s = 0;  // of the runs, also of those that were made before
  for (const Row& row : rows) wall_s += row.mean(&Run::wall_s) * static_cast<double>(row.runs.size());
  if (options.json) print_json(rows, options, wall_s);
  else print_table(rows, options, wall_s);
  return {};
}

void set_dials(PlannerSettings& planner, std::string_view value) {
  for (const std::string& one : words_of(value)) {
    const std::size_t equal = std::min(one.find('='), one.size());
    const bool known =
        equal < one.size() && set_dial(planner, one.substr(0, equal), number("--set", one.substr(equal + 1)));
    if (!known) refuse_word("--set", one, "NAME=VALUE of the planner's settings");
  }
}

std::optional<Options> read_options(int count, char** words) {
  Options options{.nets = {"all"}, .controllers = {"all"}};
  for (int i = 0; i < count; ++i)
    options.command += (i ? " " : "") + (i ? std::string(words[i]) : fs::path(words[i]).filename().string());
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--json") {
      options.json = true;
      continue;
    }
    if (i + 1 == count) return std::nullopt;
    const char* const value = words[++i];
    if (word == "--data") options.data = value;
    else if (word == "--net") options.nets = words_of(value);
    else if (word == "--controller") options.controllers = words_of(value);
    else if (word == "--seeds") options.seeds = std::clamp(whole_number(word, value), 1, 1000);
    else if (word == "--first-seed") options.first_seed = whole_number(word, value);
    else if (word == "--results") options.results = value;
    else if (word == "--search") options.search = std::clamp(whole_number(word, value), 0, 100'000);
    else if (word == "--set") set_dials(options.planner, value);
    else if (word == "--seed") options.seed = whole_number(word, value);
    else if (word == "--scale") options.scale = number(word, value);
    else if (word == "--trial") options.trial = value;
    else return std::nullopt;
  }
  if (options.controllers == std::vector<std::string>{"all"}) {
    options.controllers = {"fixed", "greedy", "max_pressure", "planner"};
    if (!options.trial.empty()) options.controllers = {"fixed", "planner"};
  }
  for (std::string& one : options.controllers) {
    if (one == "ours") one = "planner";
  }
  if (options.nets == std::vector<std::string>{"all"}) {
    options.nets.clear();
    std::error_code failed;
    for (const fs::directory_entry& folder : fs::directory_iterator(options.data, failed)) {
      if (folder.is_directory()) options.nets.push_back(folder.path().filename().string());
    }
    std::ranges::sort(options.nets);
  }
  if (options.data.empty()) return std::nullopt;
  return options;
}

}  // namespace
}  // namespace cityloop::traffic

int main(int count, char** words) {
  using namespace cityloop::traffic;
  const auto options = read_options(count, words);
  if (!options) {
    std::fprintf(
        stderr,
        "traffic_bench_signals --data FOLDER [--net all|NAME,...] [--controller all|NAME,...] [--seeds 10] "
        "[--first-seed 1] [--scale 1] [--set NAME=VALUE,...] [--results FILE] [--json] [--search TRIES] [--seed N "
        "--trial FILE]\n");
    return 2;
  }
  const fs::path made = fs::temp_directory_path() / ("cityloop-streets-" + std::to_string(::getpid()));
  const auto done = work(*options, made);
  std::error_code ignored;
  fs::remove_all(made, ignored);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
