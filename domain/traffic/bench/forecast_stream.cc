// What the forecast loop costs and how right it is when readings come in as
// they do in a city: fourteen days of Aarhus from nothing known, with boosted
// trees trained on the first nine and entered then; what learn says of what was
// told; what its calls of congestion reach on the last four days, beside a loop
// that has its frequencies alone; ten thousand made-up stretches; and what it
// costs to score a thousand stretches that are forecast every minute.
//
//   traffic_bench_forecast_stream --data FOLDER [--json] [--seed S]
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "domain/traffic/bench/forecast_report.h"
#include "domain/traffic/forecast/calibration.h"
#include "domain/traffic/forecast/congestion.h"
#include "domain/traffic/forecast/forecast_loop.h"
#include "domain/traffic/forecast/public_data.h"
#include "domain/traffic/forecast/trainer.h"
#include "flow/entity.h"
#include "flow/forecast.h"
#include "flow/forecast_score.h"
#include "flow/noun.h"
#include "learn/forecast_scores.h"
#include "solve/processor_clock.h"

namespace cityloop::traffic {
namespace {

// A log as the feeds of Aarhus make it, a record a step.
flow::LogRecord record_at(std::int64_t at_ms, std::vector<flow::Change> changes) {
  return {.seq = flow::Seq(at_ms / 1000), .at = base::from_ms(at_ms), .origin = {}, .changes = std::move(changes)};
}

flow::Change change_of(flow::EntityId id, std::string_view attribute, double value, base::Instant at) {
  static const flow::NameList kTypes{flow::Name("TrafficFlowObserved")};
  flow::Change change{.entity = id, .types = kTypes};
  change.attributes.push_back({flow::property(flow::Name(attribute), value, at), false, false});
  return change;
}

flow::Change change_of_write(const flow::Write& write) {
  flow::Change change{.entity = write.entity, .types = write.types};
  for (const flow::Attribute& one : write.attributes) change.attributes.push_back({one, false, false});
  return change;
}

struct CountedRows final : twin::StateRows {
  void put(std::string_view key, std::string value) override { bytes += key.size() + value.size(); }
  void erase(std::string_view) override {}
  std::size_t bytes{0};
};

struct StreamCost {
  double seconds{0}, worst_s{0}, steps{0};
  std::size_t row_bytes{0}, writes{0};
};

// Feeds records to a loop, and counts the time until what it makes of them stands.
twin::Outbox feed(twin::Loop& loop, std::initializer_list<const flow::LogRecord*> records, StreamCost& cost) {
  twin::Outbox out;
  CountedRows rows;
  const solve::ProcessorClock clock(1);  // others share the machine
  const base::Instant begin = clock.now();
  for (const flow::LogRecord* const record : records) loop.on_record(*record, out);
  loop.save_changed(rows);
  const double took_s = std::chrono::duration<double>(clock.now() - begin).count();
  cost.seconds += took_s;
  cost.worst_s = std::max(cost.worst_s, took_s);
  cost.steps += 1;
  cost.row_bytes += rows.bytes;
  cost.writes += out.writes.size();
  return out;
}

std::string cost_of(const StreamCost& cost, std::size_t segments) {
  return fmt::format(
      "{:.0f} ms a step of {} stretches (the longest {:.0f} "
      "ms), {:.3f} % of one core; {:.1f} MB of rows and "
      "{:.0f} entities a step",
      1000 * cost.seconds / cost.steps, segments, 1000 * cost.worst_s, 100 * cost.seconds / cost.steps / 300,
      double(cost.row_bytes) / cost.steps / 1e6, double(cost.writes) / cost.steps);
}

// Ten thousand stretches of made-up speeds for three hours.
std::string stream_at_size(const Arguments& arguments) {
  constexpr int kRoads = 10'000;
  constexpr std::int64_t kStart_ms = 1'700'438'400'000;
  base::Rng rng(arguments.seed);
  ForecastLoop loop;
  std::vector<flow::EntityId> ids;
  std::vector<flow::Change> known;
  for (int road = 0; road < kRoads; ++road) {
    ids.emplace_back(fmt::format("urn:ngsi-ld:TrafficFlowObserved:made-up-{}", road));
    known.push_back(change_of(ids.back(), "freeFlowSpeed", 30 + rng.uniform() * 70, base::kNever));
  }
  twin::Outbox out;
  loop.on_record(record_at(kStart_ms + 1, std::move(known)), out);
  StreamCost cost;
  for (int step = 1; step <= 36; ++step) {
    const std::int64_t at_ms = kStart_ms + step * 300'000LL;
    std::vector<flow::Change> changes;
    for (const flow::EntityId id : ids)
      changes.push_back(change_of(id, "averageVehicleSpeed", 20 + 60 * rng.uniform(), base::from_ms(at_ms)));
    const flow::LogRecord readings = record_at(at_ms, std::move(changes)), tick = record_at(at_ms + 61'000, {});
    feed(loop, {&readings, &tick}, cost);
  }
  return cost_of(cost, kRoads);
}

// A city: its readings, who forecasts, who scores.
struct Stream {
  explicit Stream(ForecastLoopOptions options) : loop(std::move(options)) {}

  // The readings of a step and what comes of them.
  void feed(base::Instant at, std::vector<flow::Change> changes) {
    const flow::LogRecord readings = record_at(base::to_ms(at), std::move(changes));
    const flow::LogRecord tick = record_at(base::to_ms(at) + 61'000, {});
    const twin::Outbox out = traffic::feed(loop, {&readings, &tick}, cost);
    flow::LogRecord told = record_at(base::to_ms(at) + 61'500, {});
    for (const flow::Write& write : out.writes) told.changes.push_back(change_of_write(write));
    if (listener)
      for (const flow::Write& write : out.writes)
        if (const auto forecast = flow::forecast_from(flow::entity_of(write))) listener(*forecast);
    const twin::Outbox scores = traffic::feed(judge, {&readings, &tick, &told}, judge_cost);
    for (const flow::Write& write : scores.writes)
      if (auto score = flow::forecast_score_from(flow::entity_of(write)))
        last.insert_or_assign(std::string(write.entity.text()), *std::move(score));
  }

  ForecastLoop loop;
  learn::ForecastScoreLoop judge;
  std::map<std::string, flow::ForecastScore> last;
  StreamCost cost, judge_cost;
  std::function<void(const flow::Forecast&)> listener;  // to what is told; none: nobody
};

constexpr std::size_t kTrained = std::size_t{9} * 288;                                  // steps
constexpr std::size_t kChosen = std::size_t{5} * 288, kJudged = std::size_t{10} * 288;  // of calls

void add_stream_rows(Table& table, const ForecastLoop& loop) {
  for (const std::string& group : loop.arena().groups()) {
    const auto standing = loop.arena().standing(group);
    std::vector<std::string> row{group};
    for (std::size_t model = 0; model <= kLightModels; ++model) {
      const char* const mark = model == standing->champion ? "**" : "";
      row.push_back(std::isnan(standing->mean_loss[model])
                        ? std::string("–")
                        : fmt::format("{}{:.2f}{}", mark, standing->mean_loss[model], mark));
    }
    row.push_back(fmt::format("{}", standing->moments));
    row.push_back(fmt::format("{}", standing->changes));
    table.rows.push_back(std::move(row));
  }
}

// What learn says of what was told: all kinds of road together, of the last
// week or so.
void add_scores(Table& table, const Stream& stream) {
  for (const int minutes : {15, 30, 60}) {
    double count = 0, absolute = 0, squares = 0, crps = 0, inside = 0, persistence = 0;
    double judged = 0, brier = 0, calls = 0, right = 0, came = 0;
    for (const auto& [id, score] : stream.last) {
      if (score.minutes != minutes) continue;
      count += score.count;
      absolute += score.count * score.mae;
      squares += score.count * score.rmse * score.rmse;
      crps += score.count * score.crps();
      inside += score.count * score.coverage;
      persistence += score.count * score.persistence_mae;
      judged += score.judged;
      brier += score.judged * score.brier;
      calls += score.calls;
      right += score.calls_right;
      came += score.came;
    }
    if (count == 0) continue;
    const double share = came / std::max(judged, 1.0);
    table.notes.push_back(
        fmt::format("Scored by learn, {} min: MAE {:.2f}, RMSE {:.2f}, CRPS {:.2f} km/h; "
                    "{:.1f} % inside 0.1–0.9; {:.1f} % better "
                    "than persistence ({:.2f}). Congestion: Brier {:.4f} (the mean share "
                    "always said: {:.4f}); called with 0.5 or "
                    "more, {:.0f} % came true, {:.0f} % of all was called.",
                    minutes, absolute / count, std::sqrt(squares / count), crps / count, 100 * inside / count,
                    100 * (1 - absolute / persistence), persistence / count, brier / std::max(judged, 1.0),
                    share * (1 - share), 100 * right / std::max(calls, 1.0), 100 * right / std::max(came, 1.0)));
  }
}

// A thousand stretches, forecast every minute for 15, 30 and 60 minutes, and
// read every minute.
std::string score_at_size(const Arguments& arguments) {
  constexpr int kRoads = 1000, kMinutes = 180;
  constexpr std::int64_t kStart_ms = 1'700'438'400'000;
  base::Rng rng(arguments.seed);
  learn::ForecastScoreLoop judge;
  StreamCost cost;
  for (int minute = 1; minute <= kMinutes; ++minute) {
    const std::int64_t at_ms = kStart_ms + minute * 60'000LL;
    std::vector<flow::Change> measured, said;
    for (int road = 0; road < kRoads; ++road) {
      const flow::EntityId id(fmt::format("urn:ngsi-ld:TrafficFlowObserved:made-up-{}", road));
      measured.push_back(change_of(id, "averageVehicleSpeed", 40 + 10 * rng.uniform(), base::from_ms(at_ms)));
      flow::Forecast forecast{.about = id,
                              .attribute = "averageVehicleSpeed",
                              .group = "middle",
                              .event = "congestion",
                              .truth = {.above = 0.0, .event_below = 25.0, .event_hold = std::chrono::minutes(15)},
                              .issued_at = base::from_ms(at_ms),
                              .steps = {}};
      for (const int ahead : {15, 30, 60})
        forecast.steps.push_back({.valid_at = forecast.issued_at + std::chrono::minutes(ahead),
                                  .low = 41,
                                  .middle = 45,
                                  .high = 49,
                                  .likelihood = 0.1,
                                  .model = "linear"});
      said.push_back(change_of_write(flow::to_write(forecast)));
    }
    const flow::LogRecord readings = record_at(at_ms, std::move(measured)),
                          told = record_at(at_ms + 1000, std::move(said));
    feed(judge, {&readings, &told}, cost);
  }
  return fmt::format(
      "{:.1f} ms a minute (the longest {:.1f} ms), {:.3f} % of "
      "one core; {:.2f} MB of rows a minute; {} "
      "forecasts of one moment scored",
      1000 * cost.seconds / kMinutes, 1000 * cost.worst_s, 100 * cost.seconds / kMinutes / 60,
      double(cost.row_bytes) / kMinutes / 1e6, judge.counters().scored);
}

// What a city would have trained on after nine days.
base::Status train_on(const AarhusTraffic& city, const std::vector<flow::EntityId>& ids, base::Instant first,
                      const base::TimeZone& zone, const Arguments& arguments, const std::string& folder) {
  const Panel& panel = city.panel;
  TrainingData data{.begin = first, .source = "Aarhus, the first nine days"};
  for (std::size_t node = 0; node < panel.nodes; ++node) {
    data.segments.emplace_back(ids[node].text());
    data.free_flow.push_back(city.free_flow_kmh[node]);
    data.lines.push_back(std::isnan(city.free_flow_kmh[node]) ? std::string{} : city.lines[node]);
  }
  const auto cells = std::ptrdiff_t(kTrained * panel.nodes);
  data.values.assign(panel.values.begin(), panel.values.begin() + cells);
  data.vehicles.assign(panel.others[0].begin(), panel.others[0].begin() + cells);
  TrainingOptions options{.loop = {.zone = zone}};
  options.trees.seed = arguments.seed;
  options.trees.threads = arguments.threads;
  TrainedModels trained = TRY(train_models(data, options, [](TrainingStage, double) { return true; }));
  TRY(write_models(folder, trained, "aarhus", "traffic_bench_forecast_stream", base::from_us(0)));
  if (!trained.calls) return base::fail(base::Errc::not_found, "{}", trained.no_calls);
  return {};
}

// What was told of one horizon, and what came.
struct Calls {
  std::vector<float> said;
  std::vector<std::uint8_t> came;
};
struct CallBook {
  std::array<Calls, kHorizons> before, test;  // by when it was told
};

// The city as it comes in; models are told of when the days that they were trained on are over.
class Replayed {
 public:
  Replayed(const AarhusTraffic& city, base::Instant first, const std::vector<flow::EntityId>& ids)
      : city_(city), first_(first), ids_(ids), truth_(congested(city.panel, city.free_flow_kmh, {})) {
    for (std::size_t node = 0; node < ids.size(); ++node) node_of_[ids[node]] = node;
  }

  CallBook play(Stream& stream, const std::vector<flow::Write>& models) {
    CallBook book;
    stream.listener = [&](const flow::Forecast& forecast) { take(forecast, book); };
    std::vector<flow::Change> changes = known();
    const Panel& panel = city_.panel;
    for (std::size_t step = 0; step < panel.steps(); ++step) {
      const base::Instant at = first_ + std::chrono::seconds(300 * (step + 1));
      for (std::size_t node = 0; node < panel.nodes; ++node)
        if (const float speed = panel.at(step, node); !std::isnan(speed)) {
          changes.push_back(change_of(ids_[node], "averageVehicleSpeed", double(speed), at));
          changes.back().attributes.push_back(
              {flow::property(flow::Name("intensity"), double(panel.others[0][step * panel.nodes + node]), at), false,
               false});
        }
      if (step == kTrained)
        for (const flow::Write& model : models) changes.push_back(change_of_write(model));
      if (step % 288 == 0) fmt::print(stderr, "day {} …\n", step / 288 + 1);
      stream.feed(at, std::exchange(changes, {}));
    }
    return book;
  }

 private:
  std::vector<flow::Change> known() const {
    std::vector<flow::Change> changes;
    for (std::size_t node = 0; node < ids_.size(); ++node) {
      if (std::isnan(city_.free_flow_kmh[node])) continue;
      changes.push_back(change_of(ids_[node], "freeFlowSpeed", double(city_.free_flow_kmh[node]), base::kNever));
      flow::Attribute line{.name = flow::Name("location"), .kind = flow::AttributeKind::geo_property};
      line.value = flow::Json{city_.lines[node]};
      changes.back().attributes.push_back({std::move(line), false, false});
    }
    return changes;
  }

  void take(const flow::Forecast& forecast, CallBook& book) const {
    const auto step_of = [this](base::Instant end) { return std::size_t((end - first_) / ForecastLoop::kStep) - 1; };
    const std::size_t origin = step_of(forecast.issued_at);
    if (origin < kChosen || forecast.event.empty()) return;
    for (std::size_t h = 0; h < forecast.steps.size() && h < kHorizons; ++h) {
      const flow::ForecastStep& said = forecast.steps[h];
      const std::size_t target = step_of(said.valid_at);
      // Chosen by is only what had come true when the test part begins.
      if (target >= city_.panel.steps() || (origin < kJudged && target >= kJudged) || !said.likelihood) continue;
      Calls& calls = (origin < kJudged ? book.before : book.test)[h];
      calls.said.push_back(float(*said.likelihood));
      calls.came.push_back(truth_[target * city_.panel.nodes + node_of_.at(forecast.about)]);
    }
  }

  const AarhusTraffic& city_;
  const base::Instant first_;
  const std::vector<flow::EntityId>& ids_;
  const std::vector<std::uint8_t> truth_;
  std::unordered_map<flow::EntityId, std::size_t> node_of_;
};

std::vector<std::string> call_row(const char* who, std::size_t horizon_at, const Calls& calls, float threshold) {
  const CallCounts counts = count_calls(calls.said, calls.came, threshold);
  return {who,
          fmt::format("{} min", kHorizonSteps[horizon_at] * 5),
          fmt::format("{:.5f}", brier_score(calls.said, calls.came)),
          fmt::format("{:.2f}", threshold),
          fmt::format("{:.1f} %", 100 * counts.precision()),
          fmt::format("{:.1f} %", 100 * counts.recall()),
          fmt::format("{:.3f}", counts.f1()),
          fmt::format("{:.3f}", average_precision(calls.said, calls.came)),
          fmt::format("{:.4f}", calibration_error(reliability(calls.said, calls.came)))};
}

Table calls_table(const CallBook& frequencies, const CallBook& boosted, const ModelNote& note, const Arena& arena) {
  Table table{.name = "calls",
              .title =
                  "What the loop told of congestion: the last four of the fourteen days, by its frequencies alone and "
                  "with the trees that call it, trained on the first nine days and entered then",
              .columns = {"told by", "ahead", "Brier", "calls at", "precision", "recall", "F1", "average precision",
                          "calibration error"}};
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const float chosen = best_f1_threshold(frequencies.before[h].said, frequencies.before[h].came);
    table.rows.push_back(call_row("frequencies", h, frequencies.test[h], chosen));
    table.rows.push_back(
        call_row("**trees, where they won**", h, boosted.test[h], float(note.held_out_calls[h].threshold)));
    const Calls& test = boosted.test[h];
    const double share = double(std::ranges::count(test.came, 1)) / double(std::max<std::size_t>(test.came.size(), 1));
    std::string plot;
    for (const Reliability& point : reliability(test.said, test.came))
      if (point.count > 0) plot += fmt::format(" {:.3f}→{:.3f} ({})", point.said, point.came, point.count);
    table.notes.push_back(
        fmt::format("{} min: of {} calls {:.2f} % came true; the mean share always said: Brier {:.5f}. Said → came "
                    "true (calls):{}.",
                    kHorizonSteps[h] * 5, test.came.size(), 100 * share, share * (1 - share), plot));
  }
  table.notes.emplace_back(
      "Thresholds of the best F1: the frequencies' on the five days before the four, the trees' on the part of the "
      "nine "
      "days that they were learned without.");
  std::string held_out, standing;
  for (const ModelNote::HeldOutCalls& one : note.held_out_calls)
    held_out += fmt::format("{}{} min {:.5f} ({:.5f})", held_out.empty() ? "" : ", ", one.minutes, one.boosted,
                            one.frequencies);
  for (const std::string& group : arena.groups()) {
    const auto now = arena.standing(group);
    standing += fmt::format("{}{} {}", standing.empty() ? "" : ", ", group, kCallerNames[now->champion]);
    if (!std::isnan(now->mean_loss[1]))
      standing += fmt::format(" ({:.5f} to {:.5f})", now->mean_loss[1], now->mean_loss[0]);
  }
  table.notes.push_back(
      fmt::format("{} rows; Brier on the last tenth of the nine days (frequencies): {}.", note.rows, held_out));
  table.notes.push_back(
      fmt::format("Who has the word at the end (Brier of the trees to that of the frequencies since then): "
                  "{}.",
                  standing));
  return table;
}

base::Result<Table> run_stream(const Arguments& arguments) {
  const Stopwatch watch;
  Table table{.name = "stream",
              .title =
                  "The loop itself: fourteen days of Aarhus as they come "
                  "in, nothing known at the beginning, trees trained on "
                  "the first nine and entered then; MAE in "
                  "km/h since the champion (bold) took the place",
              .columns = {"roads, horizon"}};
  for (std::size_t model = 0; model <= kLightModels; ++model) table.columns.emplace_back(kModelNames[model]);
  table.columns.insert(table.columns.end(), {"moments", "champions changed"});
  const AarhusTraffic city = TRY(read_aarhus_traffic(arguments.data));
  const Panel& panel = city.panel;
  const base::Instant first = TRY(base::parse_time("2014-08-18T00:00:00Z"));
  const base::TimeZone zone = TRY(base::TimeZone::load("Europe/Copenhagen"));
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-stream-{}", ::getpid());
  std::vector<flow::EntityId> ids;
  for (const std::string& name : panel.names) ids.emplace_back("urn:ngsi-ld:TrafficFlowObserved:aarhus-" + name);
  const Stopwatch training;
  fmt::print(stderr, "training on nine days …\n");
  TRY(train_on(city, ids, first, zone, arguments, folder.string()));
  const double trained_s = training.seconds();
  const ModelNote note = TRY(read_model_note(folder.string(), "aarhus"));
  const ModelNote caller = TRY(read_model_note(folder.string(), caller_name("aarhus")));
  Replayed replayed(city, first, ids);
  Stream frequencies({.zone = zone, .models_folder = folder.string()});
  Stream stream({.zone = zone, .models_folder = folder.string()});
  const CallBook plain = replayed.play(frequencies, {announcement(note)});
  const CallBook boosted = replayed.play(stream, {announcement(note), announcement(caller)});
  std::filesystem::remove_all(folder);
  add_stream_rows(table, stream.loop);
  table.notes.push_back(fmt::format(
      "Trees: {} rows, {:.0f} s to train with those that call congestion; learned without the last fifth of "
      "the nine days, "
      "MAE there at 15, 30, 60 min (linear in brackets): {:.2f} ({:.2f}), "
      "{:.2f} ({:.2f}), "
      "{:.2f} ({:.2f}).",
      note.rows, trained_s, note.held_out[0].boosted, note.held_out[0].linear, note.held_out[1].boosted,
      note.held_out[1].linear, note.held_out[2].boosted, note.held_out[2].linear));
  add_scores(table, stream);
  table.notes.push_back(fmt::format("Forecasting Aarhus: {}.", cost_of(stream.cost, panel.nodes)));
  table.notes.push_back(fmt::format("Scoring Aarhus: {}.", cost_of(stream.judge_cost, panel.nodes)));
  table.more.push_back(calls_table(plain, boosted, caller, stream.loop.calls()));
  table.more.back().notes.push_back(fmt::format("All {:.0f} s.", watch.seconds()));
  return table;
}

base::Result<Table> run_cost(const Arguments& arguments) {
  Table table{.name = "cost",
              .title = "What forecasting and scoring cost, on made-up readings",
              .columns = {"work", "processor time"}};
  table.rows.push_back(
      {"forecasting ten thousand stretches every five minutes, light models", stream_at_size(arguments)});
  table.rows.push_back({"scoring a thousand stretches that are forecast every minute", score_at_size(arguments)});
  return table;
}

}  // namespace
}  // namespace cityloop::traffic

int main(int count, char** words) {
  using namespace cityloop::traffic;
  return run_bench("traffic_bench_forecast_stream", {{"stream", run_stream}, {"cost", run_cost}}, count, words);
}
