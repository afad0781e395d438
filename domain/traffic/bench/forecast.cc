// How right forecasts are on public data: speeds of Los Angeles, passengers of Beijing's subway, congestion and garages
// of Aarhus. Everything is learned here, from the part of the data that the protocol gives for it.
//
//   traffic_bench_forecast --data FOLDER [--json] [--seed S] [--threads N]
//   [--only los|beijing|aarhus|parking]
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "domain/traffic/bench/forecast_report.h"
#include "domain/traffic/forecast/boosted.h"
#include "domain/traffic/forecast/congestion.h"
#include "domain/traffic/forecast/errors.h"
#include "domain/traffic/forecast/linear.h"
#include "domain/traffic/forecast/plain.h"
#include "domain/traffic/forecast/public_data.h"
#include "domain/traffic/forecast/stacked.h"

namespace cityloop::traffic {
namespace {

std::string pair_of(const ErrorSum& errors) {
  return fmt::format("{:.2f} / {:.2f}", errors.rmse(), errors.mae());
}

std::vector<std::size_t> steps_from(std::size_t from, std::size_t end) {
  std::vector<std::size_t> steps(end > from ? end - from : 0);
  std::iota(steps.begin(), steps.end(), from);
  return steps;
}

// What the stack is made of, with its own quantiles: the same for every panel, trees set up by the caller.
StackedOptions stack_of(const BoostedOptions& boosted, double held_out_share) {
  const ProfileOptions profile = boosted.features.profile;
  LinearOptions linear{.features = boosted.features};
  return {.members = {[] { return std::make_unique<Persistence>(); },
                      [profile] { return std::make_unique<Seasonal>(profile); },
                      [profile] { return std::make_unique<Fading>(profile); },
                      [linear] { return std::make_unique<LinearForecaster>(linear); },
                      [boosted] { return std::make_unique<BoostedForecaster>(boosted); }},
          .held_out_share = held_out_share};
}

struct Coverage {
  double inside{0}, pairs{0}, loss{0}, below_median{0};
  void add(const Bands& bands, std::size_t horizon_at, std::size_t node, float forecast, float truth) {
    if (std::isnan(truth) || std::isnan(forecast)) return;
    const float low = bands.quantile(horizon_at, node, forecast, 0);
    const float middle = bands.quantile(horizon_at, node, forecast, 1);
    const float high = bands.quantile(horizon_at, node, forecast, 2);
    inside += truth >= low && truth <= high ? 1 : 0;
    below_median += truth < middle ? 1 : 0;
    for (const auto& [level, value] : {std::pair(0.1, low), std::pair(0.5, middle), std::pair(0.9, high)})
      loss += pinball_loss(level, double(value), double(truth)) / 3;
    pairs += 1;
  }
  std::string text() const {
    return fmt::format(
        "{:.1f} % inside 0.1–0.9, {:.1f} % under the middle, "
        "mean pinball loss {:.3f}",
        100 * inside / pairs, 100 * below_median / pairs, loss / pairs);
  }
};

std::string weights_text(const StackedForecaster& stack, std::size_t horizon_at) {
  std::string text;
  for (std::size_t at = 0; at < stack.members().size(); ++at)
    text += fmt::format("{}{} {:.2f}", at == 0 ? "" : ", ", stack.members()[at]->name(), stack.weights(horizon_at)[at]);
  return text;
}

// The windows of T-GCN's protocol: twelve steps in, `ahead` out, all of them in the test part.
ErrorSum los_errors(const Panel& panel, const Predictions& said, std::size_t train, std::size_t ahead) {
  ErrorSum errors;
  const std::size_t windows = panel.steps() - train - 12 - ahead;
  for (std::size_t at = 0; at < windows; ++at)
    for (std::size_t h = 1; h <= ahead; ++h)
      for (std::size_t node = 0; node < panel.nodes; ++node)
        errors.add(double(said.block(at, h - 1)[node]), double(panel.at(said.origins[at] + h, node)));
  return errors;
}

void add_los_rows(Table& table, const Panel& panel, const std::vector<Predictions>& said,
                  const std::vector<std::string>& names, std::size_t train) {
  for (std::size_t model = 0; model < said.size(); ++model) {
    std::vector<std::string> row{names[model]};
    for (const std::size_t ahead : {3, 6, 9, 12}) row.push_back(pair_of(los_errors(panel, said[model], train, ahead)));
    table.rows.push_back(std::move(row));
  }
}

BoostedOptions los_options(const Arguments& arguments) {
  BoostedOptions boosted;
  boosted.features.profile.smooth_slots = 4;
  boosted.booster = {
      .rounds = 250, .eta = 0.05, .huber_slope = 10, .threads = arguments.threads, .seed = arguments.seed};
  boosted.row_share = 0.35;
  boosted.horizons = {1, 3, 6, 9, 12};
  return boosted;
}

base::Result<Table> run_los(const Arguments& arguments) {
  const Stopwatch watch;
  Table table{.name = "los",
              .title =
                  "Los-loop: 207 detectors, first 80 % to learn from, 12 "
                  "steps in; miles an hour, RMSE / MAE over "
                  "all steps to the horizon",
              .columns = {"model", "15 min", "30 min", "45 min", "60 min"}};
  const Panel panel = TRY(read_los_loop(arguments.data));
  const std::size_t train = panel.steps() * 8 / 10;
  StackedForecaster stack(stack_of(los_options(arguments), 0.2));
  TRY(stack.fit(panel, train, steps_from(1, 13)));
  const double learned_s = watch.seconds();
  std::vector<Predictions> said = TRY(stack.ask(panel, steps_from(train + 11, panel.steps() - 3)));
  std::vector<std::string> names;
  for (const auto& member : stack.members()) names.push_back(member->name());
  said.push_back(stack.mean_of(said));
  names.emplace_back("**stacked**");
  add_los_rows(table, panel, said, names, train);
  table.rows.push_back({"GRU (published)", "5.22 / 3.06", "6.28 / 3.65", "7.03 / 4.09", "7.66 / 4.52"});
  table.rows.push_back({"T-GCN (published)", "5.13 / 3.18", "6.06 / 3.75", "6.71 / 4.12", "7.27 / 4.60"});
  table.rows.push_back({"to reach", "4.8 / 2.75", "5.6 / 3.1", "6.2 / 3.4", "6.7 / 3.6"});
  for (const std::size_t h : {2, 5, 8, 11}) {
    Coverage coverage;
    const Predictions& best = said.back();
    for (std::size_t at = 0; at < best.origins.size(); ++at)
      for (std::size_t node = 0; node < panel.nodes && best.origins[at] + h + 1 < panel.steps(); ++node)
        coverage.add(stack.bands(), h, node, best.block(at, h)[node], panel.at(best.origins[at] + h + 1, node));
    table.notes.push_back(
        fmt::format("Quantiles at {} min: {}. Weights: {}.", 5 * (h + 1), coverage.text(), weights_text(stack, h)));
  }
  table.notes.push_back(fmt::format("Learning {:.0f} s, all {:.0f} s.", learned_s, watch.seconds()));
  return table;
}

BoostedOptions beijing_options(const Arguments& arguments) {
  BoostedOptions boosted;
  boosted.features.profile.smooth_slots = 0;
  boosted.features.days_back = {1, 5};
  boosted.features.lead_steps = 1;
  boosted.booster = {.rounds = 200, .threads = arguments.threads, .seed = arguments.seed};
  boosted.base = Base::usual;
  boosted.root_scale = true;
  boosted.scale_power = 2;
  boosted.row_share = 0.6;
  boosted.models = 2;
  return boosted;
}

base::Result<Table> run_beijing(const Arguments& arguments) {
  const Stopwatch watch;
  Table table{.name = "beijing",
              .title =
                  "Beijing subway, passengers entering 276 stations, one "
                  "step ahead, last 5 of 25 weekdays as "
                  "test; RMSE / MAE",
              .columns = {"model", "10 min", "15 min", "30 min"}};
  for (const int step_min : {10, 15, 30}) {
    fmt::print(stderr, "Beijing, {} minutes …\n", step_min);
    const Panel panel = TRY(read_beijing_subway(arguments.data, step_min));
    const std::size_t train = std::size_t{20} * std::size_t(panel.calendar.slots_per_day);
    StackedForecaster stack(stack_of(beijing_options(arguments), 0.25));
    TRY(stack.fit(panel, train, {1}));
    std::vector<Predictions> said = TRY(stack.ask(panel, steps_from(train - 1, panel.steps() - 1)));
    said.push_back(stack.mean_of(said));
    for (std::size_t model = 0; model < said.size(); ++model) {
      if (table.rows.size() <= model)
        table.rows.push_back({model + 1 == said.size() ? "**stacked**" : stack.members()[model]->name()});
      ErrorSum errors;
      for (std::size_t at = 0; at < said[model].origins.size(); ++at)
        for (std::size_t node = 0; node < panel.nodes; ++node)
          errors.add(double(said[model].block(at, 0)[node]), double(panel.at(said[model].origins[at] + 1, node)));
      table.rows[model].push_back(pair_of(errors));
    }
    Coverage coverage;
    for (std::size_t at = 0; at < said.back().origins.size(); ++at)
      for (std::size_t node = 0; node < panel.nodes; ++node)
        coverage.add(stack.bands(), 0, node, said.back().block(at, 0)[node],
                     panel.at(said.back().origins[at] + 1, node));
    table.notes.push_back(
        fmt::format("Quantiles at {} min: {}. Weights: {}.", step_min, coverage.text(), weights_text(stack, 0)));
  }
  table.rows.push_back({"ResLSTM (published)", "28.37 / 16.63", "36.04 / 20.88", "56.96 / 32.58"});
  table.rows.push_back({"Conv-GCN (published)", "25.70 / 15.52", "33.25 / 19.87", "51.69 / 30.76"});
  table.notes.push_back(fmt::format("All {:.0f} s.", watch.seconds()));
  return table;
}

// Calls over the test part at one horizon.
struct Calls {
  std::vector<float> said;
  std::vector<std::uint8_t> came, now;
  std::vector<CallCounts> by_node;
};

Calls calls_of(const AarhusTraffic& city, const Predictions& said, const std::vector<std::uint8_t>& truth,
               std::size_t horizon_at, float threshold) {
  Calls calls;
  const std::size_t nodes = city.panel.nodes;
  calls.by_node.resize(nodes);
  for (std::size_t at = 0; at < said.origins.size(); ++at)
    for (std::size_t node = 0; node < nodes; ++node) {
      if (std::isnan(city.free_flow_kmh[node])) continue;
      calls.said.push_back(said.block(at, horizon_at)[node]);
      calls.came.push_back(truth[(said.origins[at] + said.horizons[horizon_at]) * nodes + node]);
      calls.now.push_back(truth[said.origins[at] * nodes + node]);
      calls.by_node[node].add(calls.said.back() >= threshold, calls.came.back() != 0);
    }
  return calls;
}

std::vector<std::string> call_row(std::string name, int minutes, const CallCounts& counts, const std::string& rest) {
  return {std::move(name),
          fmt::format("{} min", minutes),
          fmt::format("{:.1f} %", 100 * counts.precision()),
          fmt::format("{:.1f} %", 100 * counts.recall()),
          fmt::format("{:.3f}", counts.f1()),
          fmt::format("{:.2f} %", 100 * counts.accuracy()),
          rest};
}

// The most precise calls that still find a tenth of all congestion.
std::string surest(const Calls& calls) {
  double best = 0;
  double recall = 0;
  for (int percent = 5; percent < 100; ++percent) {
    const CallCounts counts = count_calls(calls.said, calls.came, float(percent) / 100);
    if (counts.recall() < 0.1 || counts.precision() <= best) continue;
    best = counts.precision();
    recall = counts.recall();
  }
  return fmt::format("{:.1f} % precise at {:.1f} % recall", 100 * best, 100 * recall);
}

// The precision–recall curve, at the thresholds that reach each tenth of recall.
std::string curve_of(const Calls& calls) {
  std::string text;
  int tenth = 9;
  for (int permille = 5; permille < 1000 && tenth > 0; permille += 5) {
    // From low thresholds up: recall falls.
    const CallCounts counts = count_calls(calls.said, calls.came, float(permille) / 1000);
    const CallCounts next = count_calls(calls.said, calls.came, float(permille + 5) / 1000);
    while (tenth > 0 && counts.recall() >= tenth / 10.0 && next.recall() < tenth / 10.0) {
      text += fmt::format(" {:.0f} % → {:.0f} % (at {:.3f})", 100 * counts.recall(), 100 * counts.precision(),
                          double(permille) / 1000);
      --tenth;
    }
  }
  return text;
}

// Precision and recall of the segments that were congested for an hour or more: quartiles.
std::string spread_of(const Calls& calls) {
  std::vector<double> precision, recall;
  for (const CallCounts& one : calls.by_node) {
    if (one.hits + one.misses < 12) continue;
    precision.push_back(one.precision());
    recall.push_back(one.recall());
  }
  const auto quartiles = [](std::vector<double>& values) {
    std::ranges::sort(values);
    const auto at = [&](double share) {
      return values.empty() ? 0.0 : 100 * values[std::size_t(share * double(values.size() - 1))];
    };
    return fmt::format("{:.0f}, {:.0f} and {:.0f} %", at(0.25), at(0.5), at(0.75));
  };
  return fmt::format("quartiles of precision {}, of recall {}", quartiles(precision), quartiles(recall));
}

void add_segments(Table& table, const AarhusTraffic& city, const Calls& calls, int minutes) {
  std::vector<std::size_t> order(city.panel.nodes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto jams = [&](std::size_t node) { return calls.by_node[node].hits + calls.by_node[node].misses; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return jams(a) > jams(b); });
  std::size_t jammed = 0, good = 0;
  for (const std::size_t node : order) {
    if (jams(node) < 12) continue;  // an hour in all
    ++jammed;
    good += calls.by_node[node].precision() >= 0.85 && calls.by_node[node].recall() >= 0.85 ? 1 : 0;
  }
  std::string list;
  for (std::size_t at = 0; at < 8; ++at)
    list += fmt::format("{}{} {:.0f} % / {:.0f} % ({} steps)", at == 0 ? "" : ", ", city.panel.names[order[at]],
                        100 * calls.by_node[order[at]].precision(), 100 * calls.by_node[order[at]].recall(),
                        jams(order[at]));
  table.notes.push_back(
      fmt::format("{} min ahead, by segment: {} were congested for an hour or "
                  "more in the test part; on {} of them both "
                  "precision and recall reach 85 %; {}. The most congested "
                  "(precision / recall): {}.",
                  minutes, jammed, good, spread_of(calls), list));
}

std::string plot_of(const Calls& calls) {
  std::string text;
  for (const Reliability& point : reliability(calls.said, calls.came))
    if (point.count > 0) text += fmt::format(" {:.3f}→{:.3f} ({})", point.said, point.came, point.count);
  return text;
}

base::Result<Table> run_aarhus(const Arguments& arguments) {
  const Stopwatch watch;
  Table table{.name = "aarhus",
              .title =
                  "Aarhus: congestion (under half of free flow for 15 "
                  "minutes) called ahead on 449 segments; first 10 "
                  "days to learn from, last 4 as test",
              .columns = {"model", "ahead", "precision", "recall", "F1", "accuracy", "more"}};
  const AarhusTraffic city = TRY(read_aarhus_traffic(arguments.data));
  const std::size_t train = std::size_t{10} * 288;
  CongestionOptions options;
  options.features.profile.smooth_slots = 6;
  options.booster = {.rounds = 150, .depth = 6, .threads = arguments.threads, .seed = arguments.seed};
  options.quiet_share = 0.1;
  const auto truth = congested(city.panel, city.free_flow_kmh, options.definition);
  CongestionForecaster model(options);
  TRY(model.fit(city.panel, city.free_flow_kmh, train, {3, 6}));
  const double learned_s = watch.seconds();
  const auto said = TRY(model.predict(city.panel, steps_from(train, city.panel.steps() - 6)));
  for (std::size_t h = 0; h < 2; ++h) {
    const int minutes = int(said.horizons[h]) * 5;
    const Calls calls = calls_of(city, said, truth, h, model.threshold(h));
    const std::vector<float> now(calls.now.begin(), calls.now.end());
    table.rows.push_back(call_row("as it is now", minutes, count_calls(now, calls.came, 0.5F), ""));
    table.rows.push_back(call_row("**boosted, calibrated**", minutes,
                                  count_calls(calls.said, calls.came, model.threshold(h)),
                                  fmt::format("threshold {:.2f}; average precision {:.3f}; calibration "
                                              "error {:.4f}; Brier {:.4f}; {}",
                                              model.threshold(h), average_precision(calls.said, calls.came),
                                              calibration_error(reliability(calls.said, calls.came)),
                                              brier_score(calls.said, calls.came), surest(calls))));
    table.notes.push_back(fmt::format("Calibration at {} min, said → came true (calls):{}.", minutes, plot_of(calls)));
    table.notes.push_back(fmt::format("Recall → precision at {} min:{}.", minutes, curve_of(calls)));
    add_segments(table, city, calls, minutes);
    if (h == 0)
      table.notes.push_back(fmt::format(
          "Congested are {:.2f} % of the test part: who never calls anything "
          "is right {:.2f} % of the time.",
          100.0 * double(std::count(calls.came.begin(), calls.came.end(), 1)) / double(calls.came.size()),
          100.0 - 100.0 * double(std::count(calls.came.begin(), calls.came.end(), 1)) / double(calls.came.size())));
  }
  table.notes.push_back(fmt::format("Learning {:.0f} s, all {:.0f} s.", learned_s, watch.seconds()));
  return table;
}

base::Result<Table> run_parking(const Arguments& arguments) {
  const Stopwatch watch;
  Table table{.name = "parking",
              .title =
                  "Garages of Aarhus: cars in eight garages, first 80 % "
                  "of 166 days to learn from; MAE (RMSE)",
              .columns = {"model", "15 min", "30 min", "60 min"}};
  const AarhusParking city = TRY(read_aarhus_parking(arguments.data));
  const Panel& panel = city.panel;
  const std::size_t train = panel.steps() * 8 / 10;
  BoostedOptions boosted;
  boosted.features = {.lags = {1, 2, 3, 4, 6, 11},
                      .leaders = 3,
                      .components = 3,
                      .lead_steps = 1,
                      .days_back = {1, 7},
                      .profile = {.smooth_slots = 0}};
  boosted.booster = {
      .rounds = 200, .depth = 5, .leaf_weight_least = 20, .threads = arguments.threads, .seed = arguments.seed};
  boosted.row_share = 1;
  StackedForecaster stack(stack_of(boosted, 0.2));
  TRY(stack.fit(panel, train, {1, 2}));
  std::vector<Predictions> said = TRY(stack.ask(panel, steps_from(train, panel.steps() - 2)));
  said.push_back(stack.mean_of(said));
  for (std::size_t model = 0; model < said.size(); ++model) {
    std::vector<std::string> row{model + 1 == said.size() ? "**stacked**" : stack.members()[model]->name()};
    for (std::size_t h = 0; h < 2; ++h) {
      ErrorSum errors;
      for (std::size_t at = 0; at < said[model].origins.size(); ++at)
        for (std::size_t node = 0; node < panel.nodes; ++node)
          errors.add(double(said[model].block(at, h)[node]), double(panel.at(said[model].origins[at] + h + 1, node)));
      for (std::size_t times = h == 0 ? 2 : 1; times > 0; --times)
        row.push_back(fmt::format("{:.1f} ({:.1f})", errors.mae(), errors.rmse()));
    }
    table.rows.push_back(std::move(row));
  }
  for (std::size_t h = 0; h < 2; ++h) {
    Coverage coverage;
    for (std::size_t at = 0; at < said.back().origins.size(); ++at)
      for (std::size_t node = 0; node < panel.nodes; ++node)
        coverage.add(stack.bands(), h, node, said.back().block(at, h)[node],
                     panel.at(said.back().origins[at] + h + 1, node));
    table.notes.push_back(
        fmt::format("Quantiles at {} min: {}. Weights: {}.", 30 * (h + 1), coverage.text(), weights_text(stack, h)));
  }
  table.notes.emplace_back(
      "A garage is read every 30 minutes: 15 minutes before a reading the "
      "newest one known is the same as 30 minutes "
      "before, and so is the forecast.");
  table.notes.push_back(fmt::format("All {:.0f} s.", watch.seconds()));
  return table;
}

}  // namespace
}  // namespace cityloop::traffic

int main(int count, char** words) {
  using namespace cityloop::traffic;
  return run_bench("traffic_bench_forecast",
                   {{"los", run_los}, {"beijing", run_beijing}, {"aarhus", run_aarhus}, {"parking", run_parking}},
                   count, words);
}
