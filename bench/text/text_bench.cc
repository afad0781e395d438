// What it costs to look for duplicates among many texts, to judge one text, and to learn from thousands.
#include <cmath>
#include <map>

#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "text/likeness.h"
#include "text/normal.h"
#include "text/trainer.h"

namespace cityloop::text {
namespace {

void append_letter(std::string& out, std::uint64_t number) {
  const auto c = char32_t(0x4e00 + number);
  out += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
}

// Words of two letters, of twenty thousand, as often as words are (Zipf); a place in front.
std::string complaint(base::Rng& rng, std::size_t words) {
  std::string out;
  for (int k = 0; k < 3; ++k) append_letter(out, rng.below(900));
  out += "路";
  for (std::size_t k = 0; k < words; ++k) {
    const auto rank = std::uint64_t(std::exp(rng.uniform() * std::log(20'000.0)));
    append_letter(out, rank * 7919 % 4000);
    append_letter(out, rank * 104'729 % 4000);
  }
  return out;
}

struct City {
  LikenessIndex index;
  std::vector<std::string> asked;  // like one of a thousand, and ten words more
};

const City& city_of(std::int64_t texts) {
  static std::map<std::int64_t, City> cities;
  const auto [place, fresh] = cities.try_emplace(texts);
  if (!fresh) return place->second;
  City& city = place->second;
  base::Rng rng(1);
  for (std::int64_t i = 0; i < texts; ++i) {
    const std::string text = complaint(rng, 50);
    if (i % 1000 == 0) city.asked.push_back(text + complaint(rng, 10));
    city.index.add(std::uint64_t(i), text);
  }
  return city;
}

void finds_duplicates(benchmark::State& state) {
  const City& city = city_of(state.range(0));
  const double least = double(state.range(1)) / 100;
  std::size_t next = 0, found = 0;
  for (auto _ : state) found += city.index.nearest(city.asked[next++ % city.asked.size()], least, 10).size();
  state.counters["found"] = double(found) / double(state.iterations());
}
BENCHMARK(finds_duplicates)->ArgsProduct({{10'000, 100'000}, {30, 50}})->Unit(benchmark::kMicrosecond);

void adds_a_text(benchmark::State& state) {
  base::Rng rng(2);
  LikenessIndex index;
  std::uint64_t id = 0;
  for (auto _ : state) {
    const std::string text = complaint(rng, 50);
    index.add(id++, text);
  }
}
BENCHMARK(adds_a_text)->Iterations(20'000)->Unit(benchmark::kMicrosecond);

std::vector<Example> examples(std::size_t texts) {
  base::Rng rng(3);
  std::vector<Example> out;
  for (std::size_t i = 0; i < texts; ++i) {
    const std::uint64_t label = rng.below(7);
    std::string text = complaint(rng, 80);
    for (int k = 0; k < 6; ++k) append_letter(text, 5000 + label * 40 + rng.below(40));
    out.push_back({text, fmt::format("department {}", label)});
  }
  return out;
}

void judges_a_text(benchmark::State& state) {
  const auto trained = Trainer::train(examples(1000), {});
  base::Rng rng(4);
  const std::string text = complaint(rng, 100);
  const auto reasons = std::size_t(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(trained->classifier.classify(text, reasons));
}
BENCHMARK(judges_a_text)->Arg(0)->Arg(6)->Unit(benchmark::kMicrosecond);

void learns(benchmark::State& state) {
  const auto all = examples(std::size_t(state.range(0)));
  TrainOptions options;
  options.threads = 1;
  for (auto _ : state) benchmark::DoNotOptimize(Trainer::train(all, options));
}
BENCHMARK(learns)->Arg(1000)->Arg(4000)->Unit(benchmark::kMillisecond)->Iterations(1);

void makes_normal_forms(benchmark::State& state) {
  base::Rng rng(5);
  const std::string text = complaint(rng, 500) + "ＡＢＣ１２３ 環境保護";
  for (auto _ : state) benchmark::DoNotOptimize(normal_form(text));
  state.SetBytesProcessed(std::int64_t(text.size()) * state.iterations());
}
BENCHMARK(makes_normal_forms);

}  // namespace
}  // namespace cityloop::text
