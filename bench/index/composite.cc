// How long a composite index takes: computed once, drawn 10,000 times, divided into Sobol shares, asked what would lift
// a unit.
//
//   index_composite [--json] [--samples N] [--runs N] [--seed N]
//
// Made-up tables of 51 units × 49 indicators and of 300 × 100, four levels, 2 % of the cells missing, a tenth of the
// indicators with a long tail. One thread; each figure is the median of the runs, in processor time, so that a machine
// with other work tells the same.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "index/composite/report.h"

namespace {

using namespace cityloop;
using namespace cityloop::index;

struct Options {
  bool json{false};
  std::size_t samples{10'000}, runs{5};
  std::uint64_t seed{1};
};

std::string node(const std::string& kind, const std::string& code, const std::string& parent) {
  std::string out =
      fmt::format("[[{}]]\ncode = \"{}\"\nname = {{ zh = \"{}\", en = \"{}\" }}\n", kind, code, code, code);
  return parent.empty() ? out : out + fmt::format("parent = \"{}\"\n", parent);
}

// Indicators in pillars of about six, pillars in two halves.
Frame frame_of(std::size_t indicators) {
  const std::size_t pillars = (indicators + 5) / 6;
  std::string text = R"(id = "bench"
name = { zh = "量", en = "Bench" }
[table]
groups = ["region"]
[imputation]
method = "group_mean"
group = "region"
[treatment]
method = "winsorise_or_log"
[normalisation]
low = 1
[uncertainty]
imputation = ["group_median", "nearest"]
treatment = ["none"]
normalisation = ["z_score", "percentile"]
aggregation = ["geometric", "harmonic"]
weights_percent = 25
)" + node("group", "root", "") +
                     node("group", "half0", "root") + node("group", "half1", "root");
  for (std::size_t p = 0; p < pillars; ++p)
    text += node("group", fmt::format("pillar{}", p), fmt::format("half{}", p % 2));
  for (std::size_t i = 0; i < indicators; ++i) {
    text += node("indicator", fmt::format("i{}", i), fmt::format("pillar{}", i % pillars));
    if (i % 3 == 0) text += "direction = \"less\"\n";
  }
  return read_frame(text, "bench.toml").value();
}

Table table_of(const Frame& frame, std::size_t units, std::uint64_t seed) {
  base::Rng rng(seed);
  Table out;
  out.group_columns = {"region"};
  out.columns = frame.titles().numbers;
  out.cells = Matrix(units, out.columns.size());
  for (std::size_t u = 0; u < units; ++u) {
    const std::string code = fmt::format("u{}", u);
    out.units.push_back({code, {code, code}, "", {u % 2 ? "east" : "west"}, 0});
    const double level = rng.normal();
    for (std::size_t c = 0; c < out.columns.size(); ++c) {
      const double value = (c % 3 ? level : -level) + 1.5 * rng.normal();
      if (rng.uniform() > 0.02) out.cells.at(u, c) = c % 10 == 9 ? std::exp(1.5 * value) : value;
    }
  }
  return out;
}

double median_ms(std::size_t runs, const std::function<void()>& work) {
  std::vector<double> out;
  for (std::size_t run = 0; run < runs; ++run) {
    const std::clock_t begun = std::clock();
    work();
    out.push_back(1000.0 * double(std::clock() - begun) / CLOCKS_PER_SEC);
  }
  std::sort(out.begin(), out.end());
  return out[out.size() / 2];
}

struct Figures {
  std::size_t units{}, indicators{};
  double compute_ms{}, vary_ms{}, attribute_ms{}, what_if_ms{}, analyse_ms{};
};

Figures measure(std::size_t units, std::size_t indicators, const Options& options) {
  std::fprintf(stderr, "%zu x %zu\n", units, indicators);
  const Frame frame = frame_of(indicators);
  const Table table = table_of(frame, units, options.seed);
  const IndexReport report = compute(frame, table).value();
  Variation how = frame.variation;
  how.samples = options.samples, how.seed = options.seed;
  Figures out{units, indicators};
  out.compute_ms = median_ms(options.runs, [&] { (void)compute(frame, table).value(); });
  out.vary_ms = median_ms(std::min<std::size_t>(options.runs, 3), [&] { (void)vary(frame, report, how).value(); });
  how.samples = options.samples / 10;
  out.attribute_ms =
      median_ms(std::min<std::size_t>(options.runs, 3), [&] { (void)attribute(frame, report, how).value(); });
  std::size_t middle = 0;
  const std::size_t half = units / 2;
  const auto median = double(half);
  while (report.ranks[frame.root][middle] != median) ++middle;
  out.what_if_ms = median_ms(options.runs, [&] { (void)what_if(frame, table, report, middle, 5).value(); });
  out.analyse_ms = median_ms(options.runs, [&] { (void)analyse(frame, report); });
  return out;
}

void print(const std::vector<Figures>& all, const Options& options) {
  if (options.json) {
    for (const Figures& f : all)
      fmt::print(
          "{{\"units\":{},\"indicators\":{},\"samples\":{},\"seed\":{},\"compute_ms\":{:.3f},\"vary_ms\":{:.1f},"
          "\"attribute_ms\":{:.1f},\"what_if_ms\":{:.3f},\"analyse_ms\":{:.3f}}}\n",
          f.units, f.indicators, options.samples, options.seed, f.compute_ms, f.vary_ms, f.attribute_ms, f.what_if_ms,
          f.analyse_ms);
    return;
  }
  fmt::print(
      "| units × indicators | all stages, ms | {} draws, ms | Sobol shares of 5 choices ({} samples), ms | five ranks "
      "at least "
      "cost, ms | consistency and contributions, ms |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
      options.samples, options.samples / 10);
  for (const Figures& f : all)
    fmt::print("| {} × {} | {:.2f} | {:.0f} | {:.0f} | {:.2f} | {:.2f} |\n", f.units, f.indicators, f.compute_ms,
               f.vary_ms, f.attribute_ms, f.what_if_ms, f.analyse_ms);
  fmt::print("\nSeed {}, median of {} runs (draws and shares: of at most 3), one thread, processor time.\n",
             options.seed, options.runs);
}

}  // namespace

int main(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const auto number = [&](auto& out) {
      const std::string_view text = i + 1 < count ? words[++i] : "";
      std::from_chars(text.data(), text.data() + text.size(), out);
    };
    if (word == "--json") options.json = true;
    else if (word == "--samples") number(options.samples);
    else if (word == "--runs") number(options.runs);
    else if (word == "--seed") number(options.seed);
  }
  options.samples = std::max<std::size_t>(options.samples, 10), options.runs = std::max<std::size_t>(options.runs, 1);
  print({measure(51, 49, options), measure(300, 100, options)}, options);
}
