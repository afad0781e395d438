// How well incidents are seen: vehicles that break down on simulated streets (SUMO), the same hours without any, and
// the two recorded weeks of Aarhus.
//
//   traffic_bench_incidents [--json] [--seeds 3] [--first-seed 1] [--taught 3] [--hours 2] [--only
//   motorway|grid|irregular]
//                           [--keep FOLDER] [--data FOLDER with aarhus/] [--no-aarhus]
//
// Per seed and kind of streets, `taught` hours teach what is usual, and `hours` hours are judged with up to four
// breakdowns each and again without. --keep holds simulations, so that another try need not make them again.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <numeric>
#include <string_view>

#include "base/json_writer.h"
#include "domain/traffic/bench/incident_aarhus.h"
#include "domain/traffic/bench/incident_judge.h"
#include "domain/traffic/bench/words.h"

namespace cityloop::traffic {
namespace {

// What a city may set between few false alarms and few misses; the middle one is how it is delivered.
struct OperatingPoint {
  const char* name;
  double limit, usual_climb;
};
constexpr OperatingPoint kPoints[] = {{"soon", 4, 1}, {"as delivered", 8, 1.5}, {"sure", 16, 2.5}};
constexpr StreetKind kKinds[] = {StreetKind::motorway, StreetKind::grid, StreetKind::irregular};

struct Options {
  int seeds{3}, first_seed{1}, taught_h{3}, judged_h{2};
  bool json{false}, aarhus{true};
  std::string data, only, keep;
};

struct Row {
  StreetKind kind;
  std::size_t share;
  OperatingPoint point;
  IncidentTally tally;
};

struct Outcome {
  std::vector<Row> rows;
  double simulated_s{};
};

// 95 % by Wilson's score.
std::pair<double, double> wilson(std::size_t hits, std::size_t of) {
  if (of == 0) return {0, 1};
  const double n = double(of), p = double(hits) / n, z = 1.96;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

// 95 % of a Poisson count, by Wilson and Hilferty's approximation of chi-squared.
std::pair<double, double> poisson(std::size_t count) {
  const auto bound = [](double k, double z) {
    return k <= 0 ? 0 : k * std::pow(1 - 1 / (9 * k) + z / (3 * std::sqrt(k)), 3);
  };
  return {bound(double(count), -1.96), bound(double(count) + 1, 1.96)};
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, std::size_t(share * double(values.size())))];
}

base::Result<Outcome> measure(const Options& options, const std::filesystem::path& work) {
  Outcome out;
  for (const StreetKind kind : kKinds) {
    if (!options.only.empty() && !to_string(kind).starts_with(options.only)) continue;
    std::vector<Row> rows;
    for (std::size_t share = 0; share < kTellingShares.size(); ++share)
      for (const OperatingPoint& point : kPoints) rows.push_back({kind, share, point, {}});
    for (int seed = options.first_seed; seed < options.first_seed + options.seeds; ++seed) {
      const auto streets = TRY(simulate_streets({kind, seed, options.taught_h, options.judged_h, work, options.keep}));
      out.simulated_s += streets.took_s;
      for (Row& row : rows) {
        IncidentOptions watch;
        watch.limit = row.point.limit;
        watch.usual_climb = row.point.usual_climb;
        row.tally.add(judge_incidents(streets, row.share, watch));
      }
    }
    out.rows.insert(out.rows.end(), rows.begin(), rows.end());
  }
  return out;
}

std::string share_text(std::size_t share) {
  return share == 0 ? "all, by detectors" : fmt::format("{:.0f} % of vehicles", 100 * kTellingShares[share]);
}

std::string reasons_text(const std::map<std::string, std::size_t>& reasons) {
  std::string out;
  for (const auto& [why, count] : reasons) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, why);
  return out.empty() ? "none" : out;
}

void print_rows(const std::vector<Row>& rows) {
  std::printf(
      "| streets | who tells | operating point (limit; usual climb) | breakdowns with effect | told of (95 %%) | a "
      "lane left open | minutes "
      "to "
      "detect, mean (median) | on the very segment | false per segment and day (95 %%) | told of, without effect |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Row& row : rows) {
    const IncidentTally& one = row.tally;
    const auto [low, high] = wilson(one.told, one.effective);
    const auto [few, many] = poisson(one.false_free);
    const double mean = one.minutes.empty()
                            ? 0
                            : std::accumulate(one.minutes.begin(), one.minutes.end(), 0.0) / double(one.minutes.size());
    fmt::print(
        "| {} | {} | {} ({:.0f}; {:.1f}) | {} | {:.0f} % ({:.0f}–{:.0f}) | {} of {} | {:.1f} ({:.1f}) | {} of {} | "
        "{:.3f} "
        "({:.3f}–{:.3f}) | {} of {} |\n",
        to_string(row.kind), share_text(row.share), row.point.name, row.point.limit, row.point.usual_climb,
        one.effective, 100.0 * double(one.told) / double(std::max<std::size_t>(1, one.effective)), 100 * low,
        100 * high, one.partly_told, one.partly, mean, quantile(one.minutes, 0.5), one.placed, one.told,
        double(one.false_free) / one.free_days, few / one.free_days, many / one.free_days, one.told_without_effect,
        one.without_effect);
  }
}

// Where misses and false alarms come from, at the middle operating point.
void print_reasons(const std::vector<Row>& rows) {
  std::printf("\n| streets | who tells | breakdowns missed | false alarms |\n| --- | --- | --- | --- |\n");
  for (const Row& row : rows) {
    if (row.point.limit == kPoints[1].limit)
      fmt::print("| {} | {} | {} | {} |\n", to_string(row.kind), share_text(row.share), reasons_text(row.tally.missed),
                 reasons_text(row.tally.vain));
  }
}

void print_json(const Outcome& all, const std::optional<AarhusIncidents>& aarhus) {
  base::JsonWriter out;
  out.object().field("simulated_s", all.simulated_s).key("rows").array();
  for (const Row& row : all.rows) {
    const IncidentTally& one = row.tally;
    out.object().field("streets", to_string(row.kind)).field("share", kTellingShares[row.share]);
    out.field("limit", row.point.limit).field("breakdowns", one.breakdowns).field("effective", one.effective);
    out.field("told", one.told).field("placed", one.placed).field("false", one.false_free);
    out.field("segment_days", one.free_days).field("median_min", quantile(one.minutes, 0.5)).end();
  }
  out.end();
  if (aarhus)
    out.key("aarhus")
        .object()
        .field("segments", aarhus->segments)
        .field("opened", aarhus->opened)
        .field("readings", aarhus->readings)
        .field("days", aarhus->days)
        .end();
  std::printf("%s\n", out.end().take().c_str());
}

void print(const Options& options, const Outcome& all, const std::optional<AarhusIncidents>& aarhus, long took_s) {
  print_rows(all.rows);
  print_reasons(all.rows);
  std::printf(
      "\nWithout effect is a breakdown that cost everybody together less than one more waiting vehicle from its "
      "beginning "
      "until five minutes after its end, against the same hour without it, or no more than the two hours differ by "
      "chance "
      "elsewhere (95th percentile).\n");
  if (aarhus) {
    const double per_day = double(aarhus->opened) / aarhus->days;
    std::printf(
        "\nAarhus, second week after one to learn from: %zu incidents opened on %zu segments in %.0f days (%.1f a day; "
        "%.4f per segment and day; %zu readings). Nobody wrote down what happened there: this says how often somebody "
        "would have been called.\n",
        aarhus->opened, aarhus->segments, aarhus->days, per_day, per_day / double(aarhus->segments), aarhus->readings);
  }
  std::printf(
      "\nSeeds %d–%d; %d hours to learn from, %d with breakdowns of ten minutes and the same %d without; simulations "
      "%.0f s, all else %ld s\n",
      options.first_seed, options.first_seed + options.seeds - 1, options.taught_h, options.judged_h, options.judged_h,
      all.simulated_s, options.keep.empty() ? std::max(0L, took_s - long(all.simulated_s)) : took_s);
}

int run(const Options& options) {
  const auto begin = std::time(nullptr);
  const auto work = std::filesystem::temp_directory_path() / fmt::format("cityloop-incidents-{}", ::getpid());
  std::filesystem::create_directories(work);
  if (!options.keep.empty()) std::filesystem::create_directories(options.keep);
  const auto all = measure(options, work);
  std::filesystem::remove_all(work);
  if (!all) {
    std::fprintf(stderr, "%s\n", all.error().message.c_str());
    return 1;
  }
  const auto aarhus = options.aarhus ? replay_aarhus(options.data) : std::nullopt;
  if (options.json) print_json(*all, aarhus);
  else print(options, *all, aarhus, long(std::time(nullptr) - begin));
  return 0;
}

}  // namespace
}  // namespace cityloop::traffic

int main(int count, char** words) {
  using namespace cityloop::traffic;
  Options options;
  const char* const shared = std::getenv("CITYLOOP_SHARED");
  options.data = shared ? std::string(shared) + "/data" : "../shared/data";
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const auto next = [&] { return i + 1 < count ? words[++i] : ""; };
    if (word == "--json") options.json = true;
    else if (word == "--no-aarhus") options.aarhus = false;
    else if (word == "--seeds") options.seeds = whole_number(word, next());
    else if (word == "--first-seed") options.first_seed = whole_number(word, next());
    else if (word == "--taught") options.taught_h = whole_number(word, next());
    else if (word == "--hours") options.judged_h = whole_number(word, next());
    else if (word == "--only") options.only = next();
    else if (word == "--keep") options.keep = next();
    else if (word == "--data") options.data = next();
  }
  return run(options);
}
