// What it costs to keep a city's indicators: processor time and memory, with and without them over the same load.
//
//   index_indicators FOLDER [--entities 1000000] [--areas 500] [--indicators 300] [--seconds 60] [--cases 100]
//                    [--readings 0] [--json]
//
// A city of made-up sensors (20 types, spread over the areas) and of cases that are opened, worked on, closed and rated
// at `cases` a second of the city's time; `readings` a second beside. Of the indicators two thirds are over sensors (as
// they are now, and over windows of a day and a month), a fifth over cases, the rest formulas; each has a value in the
// city and in every area, those of cases in departments too. The city runs twice, without and with the loop, History
// both times, without waiting for the disk: the difference is what indicators cost all in all, their own thread, the
// commits that they cause and their history. FOLDER is made and removed again.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/rng.h"
#include "flow/case.h"
#include "index/indicator/indicator_loop.h"
#include "store/store.h"
#include "twin/history/history.h"
#include "twin/twin.h"

namespace {

using namespace cityloop;

constexpr std::size_t kTypes = 20, kGridColumns = 25;
constexpr double kCell_deg = 0.01;

struct Options {
  std::string folder;
  std::size_t entities{1'000'000}, areas{500}, indicators{300}, seconds{60}, cases{100}, readings{0};
  bool json{false};
};

struct Figures {
  double load_s{0}, cpu_s{0}, loop_cpu_s{0}, resident_mb{0}, start_s{0};
  index::IndicatorLoop::Stats stats{};
};

double cpu_now() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

double thread_cpu_now() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return double(at.tv_sec) + double(at.tv_nsec) / 1e9;
}

double resident_mb() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  in >> all >> resident;
  return double(resident) * 4096 / 1e6;
}

std::pair<double, double> place_of(std::size_t area, base::Rng& rng) {
  const double inside = 0.05 + 0.9 * double(rng.below(1000)) / 1000;
  const std::size_t row = area / kGridColumns;
  return {double(area % kGridColumns) * kCell_deg + inside * kCell_deg, double(row) * kCell_deg + inside * kCell_deg};
}

index::IndicatorFacts facts_of(std::size_t areas) {
  index::IndicatorFacts out;
  out.time_zone = "Asia/Shanghai";
  for (std::size_t i = 0; i < areas; ++i) {
    const std::size_t row = i / kGridColumns;
    const double west = double(i % kGridColumns) * kCell_deg, south = double(row) * kCell_deg;
    const std::string id = fmt::format("a{:03}", i);
    out.areas.push_back(
        {id,
         {id, id},
         fmt::format(R"({{"type":"Polygon","coordinates":[[[{0},{1}],[{2},{1}],[{2},{3}],[{0},{3}],[{0},{1}]]]}})",
                     west, south, west + kCell_deg, south + kCell_deg)});
  }
  for (const char* const one : {"water", "traffic", "environment", "lighting", "operations"})
    out.departments.push_back({one, {one, one}, {}});
  return out;
}

std::string declaration(const std::string& id, const std::string& rest) {
  return fmt::format("[[indicator]]\nid = \"{}\"\nname = {{ zh = \"{}\", en = \"{}\" }}\ndomain = \"bench\"\n{}\n", id,
                     id, id, rest);
}

std::string of_sensors(std::size_t i) {
  const std::string type = fmt::format("type = \"Sensor{}\"", i % kTypes);
  const std::string level = type + ", attribute = \"level\"";
  switch (i / kTypes % 10) {
    case 0: return "twin = { measure = \"count\", " + type + ", where = 'mode==\"on\"' }";
    case 1: return "twin = { measure = \"mean\", " + level + ", stale_after = \"1d\" }";
    case 2: return "twin = { measure = \"max\", " + level + " }";
    case 3: return "twin = { measure = \"quantile\", quantile = 0.9, " + level + " }";
    case 4: return "unit = \"P1\"\ntwin = { measure = \"share\", " + type + ", holds = \"level>75\" }";
    case 5: return "twin = { measure = \"ratio\", " + level + ", by = \"size\" }";
    case 6: return "period = \"day\"\nhistory = { measure = \"time_mean\", " + level + " }";
    case 7: return "period = \"day\"\nunit = \"P1\"\nhistory = { measure = \"time_share\", above = 90, " + level + " }";
    case 8: return "period = \"month\"\nhistory = { measure = \"hours\", above = 90, " + level + " }";
    default: return "period = \"day\"\nhistory = { measure = \"changes\", " + level + " }";
  }
}

std::string of_cases(std::size_t i) {
  const std::string where = i / 10 == 0 ? "" : fmt::format(", where = 'kind==\"k{}\"'", i / 10);
  const std::string open = where.empty() ? "" : fmt::format(";kind==\"k{}\"", i / 10);
  const std::string areas = "areas = [\"city\", \"area\", \"department\"]\n";
  switch (i % 10) {
    case 0: return areas + "twin = { measure = \"count\", type = \"Case\", where = 'outcome==\"open\"" + open + "' }";
    case 1:
      return areas + "twin = { measure = \"count\", type = \"Case\", where = 'outcome==\"open\";overdue==true" + open +
             "' }";
    case 2: return areas + "period = \"day\"\ncases = { measure = \"opened\"" + where + " }";
    case 3: return areas + "period = \"day\"\ncases = { measure = \"closed\"" + where + " }";
    case 4: return areas + "period = \"week\"\nunit = \"P1\"\ncases = { measure = \"on_time\"" + where + " }";
    case 5:
      return areas + "period = \"day\"\ncases = { measure = \"duration\", from = \"opened\", to = \"work\"" + where +
             " }";
    case 6:
      return areas +
             "period = \"day\"\ncases = { measure = \"duration\", from = \"work\", to = \"closed\", quantile = 0.9" +
             where + " }";
    case 7: return areas + "period = \"month\"\nunit = \"P1\"\ncases = { measure = \"reopened\"" + where + " }";
    case 8: return areas + "period = \"month\"\ncases = { measure = \"rating\"" + where + " }";
    default: return areas + "period = \"day\"\nwindow = \"calendar\"\ncases = { measure = \"opened\"" + where + " }";
  }
}

std::string declarations(std::size_t count) {
  const std::size_t sensors = count * 2 / 3, cases = count / 5;
  std::string out;
  for (std::size_t i = 0; i < sensors; ++i) out += declaration(fmt::format("s{}", i), of_sensors(i));
  for (std::size_t i = 0; i < cases; ++i) out += declaration(fmt::format("c{}", i), of_cases(i));
  for (std::size_t i = 0; i + sensors + cases < count; ++i)
    out += declaration(fmt::format("f{}", i),
                       fmt::format("formula = \"100 * s{} / (s{} + c{})\"", i % sensors, (i + 7) % sensors, i % cases));
  return out;
}

class City {
 public:
  City(const Options& options, bool with_indicators) : options_(options), with_(with_indicators) {
    std::filesystem::remove_all(options.folder);
    store_ = store::Store::open(options.folder).value();
    twin::TwinOptions how;
    how.durability = store::Durability::buffered;
    twin_ = twin::Twin::open(*store_, clock_, how).value();
    history_ = std::make_unique<twin::History>(*store_);
    history_runner_ = std::make_unique<twin::LoopRunner>(*twin_, *history_);
    loop_ = std::make_unique<index::IndicatorLoop>(
        index::IndicatorLoopOptions{[this](flow::EntityId id) { return twin_->get(id); }, {}});
    loop_runner_ = std::make_unique<twin::LoopRunner>(*twin_, *loop_);
  }
  ~City() {
    loop_runner_->stop();
    history_runner_->stop();
    loop_runner_.reset();
    history_runner_.reset();
    twin_.reset();
    store_.reset();
    std::filesystem::remove_all(options_.folder);
  }

  Figures run() {
    Figures out;
    if (with_) {
      const auto rules =
          index::IndicatorRules::parse({{"bench.toml", declarations(options_.indicators)}}, facts_of(options_.areas));
      if (!rules) std::fprintf(stderr, "%s\n", rules.error().message.c_str()), std::exit(1);
      commit({(*rules)->to_write(at_)});
      if (!loop_runner_->start()) std::exit(1);
    }
    if (!history_runner_->start()) std::exit(1);
    const auto begun = std::chrono::steady_clock::now();
    fill();
    settle();
    out.load_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    for (int warm = 0; warm < 20; ++warm) second();  // the first values of all are written
    settle();
    const double cpu = cpu_now(), own = thread_cpu_now(), loop = loop_cpu();
    for (std::size_t i = 0; i < options_.seconds; ++i) second();
    settle();
    out.cpu_s = cpu_now() - cpu - (thread_cpu_now() - own);
    out.loop_cpu_s = loop_cpu() - loop;
    out.resident_mb = resident_mb();
    out.stats = loop_->stats();
    return out;
  }

 private:
  void commit(std::vector<flow::Write> writes) {
    twin::Commit one;
    one.origin = flow::Name("bench");
    one.at = at_;
    one.writes = std::move(writes);
    twin_->submit(std::move(one), [](const twin::CommitResult&) {});
  }
  void settle() {
    twin::Commit last;
    last.at = at_;
    last.origin = flow::Name("bench");
    last.tick = true;
    const flow::Seq head = twin_->commit(std::move(last)).seq;
    const auto behind = [&] { return history_runner_->done() < head || (with_ && loop_runner_->done() < head); };
    while (behind()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  double loop_cpu() {
    double out = 0;
    if (with_) loop_runner_->run_inside([&](twin::Outbox&) { out = thread_cpu_now(); });
    return out;
  }

  flow::Write sensor(std::size_t number, bool whole) {
    flow::Write out;
    out.entity = flow::EntityId(fmt::format("urn:ngsi-ld:Sensor:{}", number));
    out.types = {flow::Name(fmt::format("Sensor{}", number % kTypes))};
    out.attributes.push_back(flow::property(flow::Name("level"), double(rng_.below(1000)) / 10, at_));
    if (!whole) return out;
    const auto [lon, lat] = place_of(rng_.below(options_.areas), rng_);
    out.attributes.push_back(flow::geo_point(flow::Name("location"), lon, lat));
    out.attributes.push_back(flow::property(flow::Name("size"), double(1 + rng_.below(9))));
    out.attributes.push_back(flow::property(flow::Name("mode"), flow::Text(rng_.below(3) ? "on" : "off")));
    return out;
  }

  void fill() {
    std::vector<flow::Write> some;
    for (std::size_t i = 0; i < options_.entities; ++i) {
      some.push_back(sensor(i, true));
      if (some.size() == 500) commit(std::exchange(some, {}));
    }
    commit(std::move(some));
  }

  flow::Case fresh_case() {
    flow::Case out;
    const std::size_t area = rng_.below(options_.areas);
    const auto [lon, lat] = place_of(area, rng_);
    out.id = flow::EntityId(fmt::format("urn:ngsi-ld:Case:{}", ++number_));
    out.kind = fmt::format("k{}", rng_.below(6));
    out.title = {"路灯不亮", "Street light is out"};
    out.workflow = "city";
    out.state = "filed";
    out.stage = flow::CaseStage::filing;
    out.area = fmt::format("a{:03}", area);
    out.location = fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", lon, lat);
    out.opened_at = at_;
    return out;
  }

  // Each second some are opened, those of ten seconds ago are taken up, of twenty closed, of thirty rated and
  // forgotten.
  void second() {
    constexpr std::size_t kPieces = 20;
    constexpr const char* kDepartments[] = {"water", "traffic", "environment", "lighting", "operations"};
    std::vector<flow::Case> opened;
    for (std::size_t piece = 0; piece < kPieces; ++piece) {
      at_ += std::chrono::milliseconds(1000 / kPieces);
      std::vector<flow::Write> writes;
      for (std::size_t i = piece; i < options_.cases; i += kPieces) {
        opened.push_back(fresh_case());
        writes.push_back(to_write(opened.back()));
        if (ages_.size() >= 10) {
          flow::Case& one = ages_[ages_.size() - 10][i];
          one.stage = flow::CaseStage::work, one.state = "working", one.department = kDepartments[i % 5];
          writes.push_back(to_write(one));
        }
        if (ages_.size() >= 20) {
          flow::Case& one = ages_[ages_.size() - 20][i];
          one.stage = flow::CaseStage::rating, one.state = "closed", one.outcome = flow::CaseOutcome::confirmed;
          one.closed_at = at_, one.overdue = i % 7 == 0;
          writes.push_back(to_write(one));
        }
        if (ages_.size() >= 30) {
          flow::Case& one = ages_[ages_.size() - 30][i];
          one.rating = 1 + unsigned(i % 5);
          writes.push_back(to_write(one));
        }
        // Each case by itself, as they come.
        if (!writes.empty()) commit(std::exchange(writes, {}));
      }
      for (std::size_t i = piece; i < options_.readings; i += kPieces)
        writes.push_back(sensor(rng_.below(options_.entities), false));
      if (!writes.empty()) commit(std::move(writes));
    }
    ages_.push_back(std::move(opened));
  }

  const Options& options_;
  const bool with_;
  base::ManualClock clock_;
  base::Rng rng_{5};
  base::Instant at_{*base::parse_time("2026-03-02T00:00:00Z")};
  std::uint64_t number_{0};
  std::vector<std::vector<flow::Case>> ages_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<index::IndicatorLoop> loop_;
  std::unique_ptr<twin::LoopRunner> history_runner_, loop_runner_;
};

bool read(int count, char** words, Options& out) {
  const auto number = [&](int& i, std::size_t& into) {
    const std::string_view text = ++i < count ? words[i] : "";
    return std::from_chars(text.data(), text.data() + text.size(), into).ptr == text.data() + text.size() &&
           !text.empty();
  };
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    bool good = true;
    if (word == "--json") out.json = true;
    else if (word == "--entities") good = number(i, out.entities);
    else if (word == "--areas") good = number(i, out.areas);
    else if (word == "--indicators") good = number(i, out.indicators);
    else if (word == "--seconds") good = number(i, out.seconds);
    else if (word == "--cases") good = number(i, out.cases);
    else if (word == "--readings") good = number(i, out.readings);
    else if (out.folder.empty() && !word.starts_with("-")) out.folder = word;
    else good = false;
    if (!good) return false;
  }
  return !out.folder.empty() && !std::filesystem::exists(out.folder) && out.indicators >= 30;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  if (!read(count, words, options)) {
    std::fprintf(stderr,
                 "index_indicators FOLDER [--entities N] [--areas N] [--indicators N] [--seconds N] [--cases N] "
                 "[--readings N] [--json]\n");
    return 2;
  }
  Figures without, with;
  {
    std::fprintf(stderr, "without indicators\n");
    City city(options, false);
    without = city.run();
  }
  {
    std::fprintf(stderr, "with indicators\n");
    City city(options, true);
    with = city.run();
  }
  const double seconds = double(options.seconds);
  const double core = 100 * (with.cpu_s - without.cpu_s) / seconds, own = 100 * with.loop_cpu_s / seconds;
  const double written = double(with.stats.values_written);
  if (options.json) {
    fmt::print(
        R"({{"entities":{},"areas":{},"indicators":{},"cases":{},"readings":{},"core_percent":{:.2f},"loop_percent":{:.2f},"loop_mb":{:.1f},"values":{}}})"
        "\n",
        options.entities, options.areas, options.indicators, options.cases, options.readings, core, own,
        double(with.stats.bytes) / 1e6, with.stats.values_written);
    return 0;
  }
  fmt::print(
      "| entities | areas | indicators | cases/s | readings/s | of a core, all in all | its own thread | its state, MB "
      "| values written |\n");
  fmt::print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  fmt::print("| {} | {} | {} | {} | {} | {:.1f} % | {:.1f} % | {:.0f} | {:.0f} |\n", options.entities, options.areas,
             options.indicators, options.cases, options.readings, core, own, double(with.stats.bytes) / 1e6, written);
  fmt::print("\n{} s of the city's time, seed 5; loading took {:.0f} s without and {:.0f} s with indicators.\n",
             options.seconds, without.load_s, with.load_s);
  return 0;
}
