// How fast timetables come in, what they take in memory, and how right the arrivals are that follow from positions.
//
//   traffic_bench_gtfs [--json] [--stop-times N] [--seed S]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "domain/traffic/bench/words.h"
#include "domain/traffic/transit/gtfs_archive.h"
#include "domain/traffic/transit/gtfs_export.h"
#include "domain/traffic/transit/gtfs_import.h"
#include "domain/traffic/transit/predictor.h"
#include "domain/traffic/transit/realtime.h"
#include "domain/traffic/transit/service_days.h"
#include "domain/traffic/transit/synthetic.h"

namespace cityloop::traffic {
namespace {

struct Row {
  std::string what;
  double value;
  std::string unit;
};

double seconds_of(auto&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The best of three: others share the machine.
double best_of(auto&& work) {
  return std::min({seconds_of(work), seconds_of(work), seconds_of(work)});
}

void measure_import(std::vector<Row>& rows, std::uint64_t seed, double stop_times) {
  SyntheticOptions options{.seed = seed, .lines = 60, .stops = 40};
  // Two ways, two services (the second with 2/3 of the trips), 19 hours.
  const double wanted_trips = stop_times / double(options.stops);
  options.headway_s = std::int32_t(2 * (1 + 2 / 3.0) * double(options.lines) * 19 * 3600 / wanted_trips);
  fmt::print(stderr, "making the feed …\n");
  const std::map<std::string, std::string> tables = synthetic_gtfs(options);
  const std::string zip = write_gtfs_zip(tables, {}).value();
  GtfsFiles files;
  files.content = tables;
  const double mb = double(files.bytes()) / 1e6;
  fmt::print(stderr, "reading it …\n");
  std::uint64_t sum = 0;
  const double touch_s = best_of([&] {
    for (const auto& [name, text] : files.content) {
      for (std::size_t i = 0; i + 8 <= text.size(); i += 8) {
        std::uint64_t eight;
        std::memcpy(&eight, text.data() + i, 8);
        sum += eight;
      }
    }
  });
  const double unzip_s = best_of([&] { sum += read_gtfs_zip(zip).value().bytes(); });
  GtfsImport imported;
  const double import_s = best_of([&] { imported = import_gtfs(files).value(); });
  const Schedule& s = *imported.schedule;
  const double count = double(s.stop_times());
  const Schedule::Bytes bytes = s.bytes();
  std::map<std::string, std::string> exported;
  const double export_s = seconds_of([&] { exported = export_gtfs(s); });
  rows.push_back({"stop_times", count, ""});
  rows.push_back({"feed, unpacked", mb, "MB"});
  rows.push_back({"feed, ZIP", double(zip.size()) / 1e6, "MB"});
  rows.push_back({"import of the unpacked tables", import_s, "s"});
  rows.push_back({"the same, rate", mb / import_s, "MB/s"});
  rows.push_back({"the same, stop_times", count / import_s / 1e6, "million/s"});
  rows.push_back({"time to import ÷ time to read the bytes from memory", import_s / touch_s, ""});
  rows.push_back({"unpacking the ZIP", unzip_s, "s"});
  rows.push_back({"time to import ÷ time to unpack", import_s / unzip_s, ""});
  rows.push_back({"patterns shared by its trips", double(s.pattern_begin.size() - 1), ""});
  rows.push_back({"trips", double(s.trips.size()), ""});
  rows.push_back({"memory, all", double(bytes.total) / 1e6, "MB"});
  rows.push_back({"memory of calls (patterns) per stop_time", double(bytes.patterns) / count, "B"});
  rows.push_back({"memory of all per stop_time", double(bytes.total) / count, "B"});
  rows.push_back({"export to tables", mb / export_s, "MB/s"});
  const auto day = parse_day("20260504").value();
  std::vector<double> each;
  for (std::uint32_t stop = 0; stop < s.stops.size(); ++stop) {
    const base::Instant from = s.time_of(day, std::int32_t(6 * 3600 + stop * 37 % 50000));
    each.push_back(
        seconds_of([&] { sum += s.departures(StopNo{stop}, from, from + std::chrono::hours(1), 100).size(); }));
  }
  std::sort(each.begin(), each.end());
  rows.push_back({"departures of a stop in an hour, median", each[each.size() / 2] * 1e6, "µs"});
  rows.push_back({"departures of a stop in an hour, p99", each[each.size() * 99 / 100] * 1e6, "µs"});
  if (sum == 0) fmt::print(stderr, "nothing was read\n");
}

void measure_realtime(std::vector<Row>& rows, std::uint64_t seed) {
  const SyntheticOptions options{.seed = seed, .lines = 40, .stops = 30, .headway_s = 300};
  GtfsFiles files;
  files.content = synthetic_gtfs(options);
  const auto schedule = import_gtfs(files).value().schedule;
  const auto day = parse_day("20260504").value();
  const RealtimeFeed feed =
      synthetic_realtime(*schedule, synthetic_day(*schedule, day, options), schedule->time_of(day, 8 * 3600));
  const std::string bytes = write_realtime(feed);
  std::uint64_t sum = 0;
  const double read_s = best_of([&] {
    RealtimeReport report;
    sum += read_realtime(bytes, report).value().trips.size();
  });
  const double write_s = best_of([&] { sum += write_realtime(feed).size(); });
  rows.push_back({"GTFS-RT, entities", double(feed.trips.size() + feed.vehicles.size() + feed.alerts.size()), ""});
  rows.push_back({"GTFS-RT, reading", double(bytes.size()) / 1e6 / read_s, "MB/s"});
  rows.push_back({"GTFS-RT, writing", double(bytes.size()) / 1e6 / write_s, "MB/s"});
  if (sum == 0) fmt::print(stderr, "nothing was read\n");
}

struct Errors {
  double planned{0}, carried{0}, unlearned{0}, ours{0};
  std::size_t count{0};
};
constexpr std::int32_t kHorizon_s[] = {300, 600, 1200, 2400};

// Its arrivals ahead as foreseen, against when it really came.
void add_errors(const Schedule& schedule, const Run& run, const Run& unlearned, const SyntheticRun& real,
                std::int32_t now_s, Errors (&errors)[4]) {
  for (std::size_t i = run.next; i < run.calls.size(); ++i) {
    const std::int32_t ahead_s = real.arrival_s[i] - now_s;
    const auto* const horizon = std::lower_bound(std::begin(kHorizon_s), std::end(kHorizon_s), ahead_s);
    if (ahead_s <= 0 || !run.calls[i].known || horizon == std::end(kHorizon_s)) continue;
    Errors& e = errors[horizon - std::begin(kHorizon_s)];
    const double planned = real.start_s + schedule.call(run.id.trip, i).arrival_s;
    e.planned += std::abs(planned - real.arrival_s[i]);
    e.carried += std::abs(planned + run.calls[run.next].arrival_delay_s - real.arrival_s[i]);
    e.ours += std::abs(planned + run.calls[i].arrival_delay_s - real.arrival_s[i]);
    e.unlearned += std::abs(planned + unlearned.calls[i].arrival_delay_s - real.arrival_s[i]);
    ++e.count;
  }
}

// What producers have told of calls between two moments.
void learn(const Schedule& schedule, const std::vector<SyntheticRun>& runs, std::int32_t from_s, std::int32_t to_s,
           PaceBook& pace) {
  for (const SyntheticRun& run : runs) {
    for (std::uint32_t i = 1; i < run.departure_s.size(); ++i) {
      if (run.departure_s[i] <= from_s || run.departure_s[i] > to_s) continue;
      const Call &call = schedule.call(run.trip, i), &before = schedule.call(run.trip, i - 1);
      const std::int32_t hop = run.arrival_s[i] - run.departure_s[i - 1] - (call.arrival_s - before.departure_s);
      pace.learn(schedule, run.trip, i, false, hop);
      if (call.flags.timepoint && run.departure_s[i] <= run.start_s + call.departure_s) continue;
      pace.learn(schedule, run.trip, i, true,
                 run.departure_s[i] - run.arrival_s[i] - (call.departure_s - call.arrival_s));
    }
  }
  pace.settle();
}

// Every ten minutes of a day, of each bus under way.
void measure_predictions(std::vector<Row>& rows, std::uint64_t seed) {
  const SyntheticOptions options{
      .seed = seed, .lines = 12, .stops = 30, .headway_s = 480, .noise = 0.2, .boarding_s_per_min = 4};
  GtfsFiles files;
  files.content = synthetic_gtfs(options);
  const auto schedule = import_gtfs(files).value().schedule;
  const auto day = parse_day("20260504").value();
  const auto runs = synthetic_day(*schedule, day, options);
  std::map<RunId, const SyntheticRun*> truth;
  for (const SyntheticRun& run : runs) truth[{run.trip, day, run.start_s}] = &run;
  Errors errors[4];
  Predictor predictor(*schedule, {}), unlearned(*schedule, {});
  for (std::int32_t now_s = 7 * 3600; now_s < 21 * 3600; now_s += 600) {
    const RealtimeFeed feed = synthetic_realtime(*schedule, runs, schedule->time_of(day, now_s));
    learn(*schedule, runs, now_s - 600, now_s, predictor.pace());
    std::map<std::string, const TripUpdate*> update_of;
    for (const TripUpdate& one : feed.trips) update_of[one.trip.trip_id] = &one;
    for (const VehiclePosition& bus : feed.vehicles) {
      const auto update = update_of.find(bus.trip.trip_id);
      const TripUpdate* const said = update == update_of.end() ? nullptr : update->second;
      const Run run = predictor.estimate(said, &bus).value();
      add_errors(*schedule, run, unlearned.estimate(said, &bus).value(), *truth.at(run.id), now_s, errors);
    }
  }
  for (std::size_t h = 0; h < 4; ++h) {
    const std::string to = fmt::format("arrivals {} to {} min ahead ({} of them), mean error",
                                       h == 0 ? 0 : kHorizon_s[h - 1] / 60, kHorizon_s[h] / 60, errors[h].count);
    const double n = double(std::max<std::size_t>(1, errors[h].count));
    rows.push_back({to + ": by the timetable", errors[h].planned / n, "s"});
    rows.push_back({to + ": delay carried on as it is", errors[h].carried / n, "s"});
    rows.push_back({to + ": dwell slack and timepoints alone, nothing learned", errors[h].unlearned / n, "s"});
    rows.push_back({to + ": as foreseen here", errors[h].ours / n, "s"});
  }
}

void print(const std::vector<Row>& rows, bool json, std::string_view command) {
  if (json) {
    base::JsonWriter out;
    out.object().field("command", command).key("rows").array();
    for (const Row& row : rows)
      out.object().field("what", row.what).field("value", row.value).field("unit", row.unit).end();
    return fmt::print("{}\n", out.end().end().take());
  }
  fmt::print("`{}`\n\n| what | value | unit |\n| --- | ---: | --- |\n", command);
  for (const Row& row : rows) {
    const std::string value = row.value >= 10'000 ? fmt::format("{:.0f}", row.value) : fmt::format("{:.4g}", row.value);
    fmt::print("| {} | {} | {} |\n", row.what, value, row.unit);
  }
}

int run(int count, char** words) {
  bool json = false;
  std::uint64_t seed = 1;
  double stop_times = 2e6;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--json") json = true;
    else if (word == "--seed" && i + 1 < count) seed = whole_number<std::uint64_t>(word, words[++i]);
    else if (word == "--stop-times" && i + 1 < count) stop_times = number(word, words[++i]);
    else return fmt::print(stderr, "traffic_bench_gtfs [--json] [--stop-times N] [--seed S]\n"), 2;
  }
  std::vector<Row> rows;
  const double took_s = seconds_of([&] {
    measure_import(rows, seed, std::max(stop_times, 10'000.0));
    measure_realtime(rows, seed);
    measure_predictions(rows, seed);
  });
  rows.push_back({"this program", took_s, "s"});
  print(rows, json, fmt::format("traffic_bench_gtfs --stop-times {:.0f} --seed {}", stop_times, seed));
  return 0;
}

}  // namespace
}  // namespace cityloop::traffic

int main(int count, char** words) {
  return cityloop::traffic::run(count, words);
}
