#include "domain/traffic/forecast/train_command.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "base/clock.h"
#include "domain/traffic/command_words.h"
#include "domain/traffic/forecast/forecasts.h"
#include "domain/traffic/forecast/training_data.h"
#include "serve/city.h"
#include "store/store.h"

namespace cityloop::traffic {
namespace {

constexpr std::string_view kUsage =
    "cityloop traffic train --city FOLDER --data FOLDER [--days 28 | --from TIME --to TIME]\n"
    "cityloop traffic train --csv FILE (--city FOLDER | --out FOLDER) [--time time] [--segment segment] [--value "
    "value]\n"
    "    [--vehicles TITLE] [--segments FILE] [--segments-segment segment] [--free-flow TITLE]\n"
    "    [--ends LON1,LAT1,LON2,LAT2 (titles)] [--time-zone NAME]\n"
    "both: [--attribute averageVehicleSpeed | occupiedSpotNumber] [--name NAME] [--seed 1] [--rounds 220, of calls "
    "150]\n"
    "    [--depth 6] [--threads 1] [--rows 900000]\n"
    "Where free flow is known a model is made beside it that calls congestion: NAME-congestion.";

struct Wish {
  std::string command;
  std::string city, data, csv, out, name, time_zone;
  std::string attribute{"averageVehicleSpeed"};
  int days{28};
  base::Instant from{base::kNever}, to{base::kNever};
  TrainingTable table;
  TrainingOptions options;
};

void take_ends(CommandWords& words, TrainingTable& table) {
  const std::string ends = words.text("ends");
  if (ends.empty()) return;
  std::array<std::string*, 4> into{&table.lon_1, &table.lat_1, &table.lon_2, &table.lat_2};
  std::size_t at = 0;
  for (std::size_t from = 0; from <= ends.size() && at < into.size(); ++at) {
    const std::size_t comma = std::min(ends.find(',', from), ends.size());
    *into[at] = ends.substr(from, comma - from);
    from = comma + 1;
  }
  if (at != into.size() || std::ranges::any_of(into, [](const std::string* title) { return title->empty(); }))
    words.wrong("--ends are four titles: those of longitude and latitude of both ends");
}

base::Result<Wish> wish_of(const std::vector<std::string>& given) {
  Wish wish;
  wish.command = "cityloop traffic train";
  for (const std::string& word : given)
    wish.command += word.find(' ') == std::string::npos ? " " + word : fmt::format(" '{}'", word);
  CommandWords words(given);
  for (const auto& [key, into] :
       std::initializer_list<std::pair<const char*, std::string*>>{{"city", &wish.city},
                                                                   {"data", &wish.data},
                                                                   {"csv", &wish.csv},
                                                                   {"out", &wish.out},
                                                                   {"name", &wish.name},
                                                                   {"time-zone", &wish.time_zone},
                                                                   {"attribute", &wish.attribute},
                                                                   {"time", &wish.table.time},
                                                                   {"segment", &wish.table.segment},
                                                                   {"value", &wish.table.value},
                                                                   {"vehicles", &wish.table.vehicles},
                                                                   {"segments", &wish.table.segments_file},
                                                                   {"segments-segment", &wish.table.segments_segment},
                                                                   {"free-flow", &wish.table.free_flow}})
    words.text(key, *into);
  take_ends(words, wish.table);
  words.number("days", wish.days, 1, 3660);
  words.time("from", wish.from);
  words.time("to", wish.to);
  words.number("seed", wish.options.trees.seed, 0, 1e9);
  int rounds = 0, depth = 0;
  words.number("rounds", rounds, 1, 5000);
  words.number("depth", depth, 1, 12);
  for (BoosterOptions* const trees : {&wish.options.trees, &wish.options.callers}) {
    if (rounds > 0) trees->rounds = rounds;
    if (depth > 0) trees->depth = depth;
  }
  words.number("threads", wish.options.trees.threads, 1, 256);
  words.number("rows", wish.options.rows_most, 10'000, 1e8);
  if (wish.csv.empty() == wish.data.empty()) words.wrong("either --data or --csv says what is learned from");
  if (wish.city.empty() && wish.out.empty()) words.wrong("--city or --out says where the model is to lie");
  if (wish.csv.empty() && wish.city.empty()) words.wrong("--city is missing");
  if (!wish.name.empty() && !is_model_name(wish.name))
    words.wrong("--name is made of letters, digits, '-', '_' and '.'");
  if (is_caller_name(wish.name)) words.wrong("--name ends as those of the models that call congestion do");
  TRY(words.check(kUsage));
  wish.table.file = wish.csv;
  return wish;
}

bool show_progress(TrainingStage stage, double share) {
  static const bool kSeen = ::isatty(STDERR_FILENO) == 1;
  if (!kSeen) return true;
  constexpr int kWidth = 30;
  const int full = int(std::lround(std::clamp(share, 0.0, 1.0) * kWidth));
  fmt::print(stderr, "\r{:<10} [{}{}] {:3.0f} %", to_string(stage), std::string(std::size_t(full), '#'),
             std::string(std::size_t(kWidth - full), '.'), 100 * share);
  return true;
}

base::Result<TrainingData> history_of(const Wish& wish, const base::Clock& clock) {
  const std::string folder = wish.data + "/store";
  if (!std::filesystem::exists(folder)) return base::fail(base::Errc::not_found, "there is no {}", folder);
  auto store = store::Store::open(folder);
  if (!store)
    return base::fail(store.error().code, "{}\nWhile the city runs it trains by itself (traffic/forecast.toml).",
                      store.error().message);
  const auto twin = TRY(twin::Twin::open(**store, clock, {}));
  const twin::History history(**store);
  const base::Instant to = wish.to == base::kNever ? twin->last_at() : wish.to;
  if (to == base::kNever) return base::fail(base::Errc::not_found, "{} holds no history", wish.data);
  const base::Instant from = wish.from == base::kNever ? to - std::chrono::days(wish.days) : wish.from;
  return read_training_history(*twin, history, wish.options.loop, from, to, show_progress);
}

base::Result<TrainingData> table_of(const Wish& wish) {
  ReadTable read = TRY(read_training_table(wish.table, wish.options.loop, show_progress));
  if (read.bad > 0) fmt::print(stderr, "{} of {} rows cannot be read:\n", read.bad, read.rows);
  for (const std::string& reason : read.reasons) fmt::print(stderr, "  {}\n", reason);
  return std::move(read.data);
}

void print_model(const ModelNote& note, const std::string& folder) {
  fmt::print(
      "{}/{}.ubj: {} rows of {} segments, {} to {}\n\n| ahead | boosted | linear | persistence |\n"
      "| ---: | ---: | ---: | ---: |\n",
      folder, note.name, note.rows, note.segments, base::format_time(note.from), base::format_time(note.to));
  for (const ModelNote::HeldOut& one : note.held_out)
    fmt::print("| {} min | {:.3f} | {:.3f} | {:.3f} |\n", one.minutes, one.boosted, one.linear, one.persistence);
  fmt::print("\nMean absolute errors of the last fifth of the time, learned without it.\n");
}

void print_caller(const ModelNote& note, const std::string& folder) {
  fmt::print(
      "\n{}/{}.ubj: {} rows\n\n| ahead | boosted | frequencies | mean share | calls at | precision | recall |\n"
      "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
      folder, note.name, note.rows);
  for (const ModelNote::HeldOutCalls& one : note.held_out_calls)
    fmt::print("| {} min | {:.5f} | {:.5f} | {:.5f} | {:.2f} | {:.1f} % | {:.1f} % |\n", one.minutes, one.boosted,
               one.frequencies, one.always, one.threshold, 100 * one.precision, 100 * one.recall);
  fmt::print("\nCongestion: mean squared errors of likelihoods on the last tenth of the time, learned without it.\n");
}

}  // namespace

base::Status train_command(const std::vector<std::string>& words) {
  Wish wish = TRY(wish_of(words));
  std::string zone = wish.time_zone.empty() ? "UTC" : wish.time_zone;
  if (!wish.city.empty() && wish.time_zone.empty()) zone = TRY(serve::City::load(wish.city + "/city.toml")).time_zone;
  const base::TimeZone time_zone = TRY(base::TimeZone::load(zone));
  const std::string folder = wish.out.empty() ? wish.city + "/traffic/models" : wish.out;
  const auto kinds = {speed_forecasts(time_zone, {}), parking_forecasts(time_zone, {})};
  const auto kind = std::ranges::find(kinds, wish.attribute, &ForecastLoopOptions::attribute);
  if (kind == kinds.end())
    return base::fail(base::Errc::invalid, "'{}' is not forecast here; there are {} and {}", wish.attribute,
                      kinds.begin()->attribute, (kinds.end() - 1)->attribute);
  wish.options.loop = *kind;
  const base::WallClock clock;
  const TrainingData data = TRY(wish.csv.empty() ? history_of(wish, clock) : table_of(wish));
  TrainedModels trained = TRY(train_models(data, wish.options, show_progress));
  const base::Instant now = clock.now();
  std::string name = wish.name;
  if (name.empty()) {
    name = fmt::format("{}-{}", wish.attribute, base::format_time(now).substr(0, 19));
    std::ranges::replace(name, ':', '-');
  }
  TRY(write_models(folder, trained, name, wish.command, now));
  if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{:60}\r", "");
  print_model(trained.values.note, folder);
  if (trained.calls) print_caller(trained.calls->note, folder);
  else if (!trained.no_calls.empty()) fmt::print("\nNo model that calls congestion: {}.\n", trained.no_calls);
  return {};
}

}  // namespace cityloop::traffic
