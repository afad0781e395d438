// How long standings take: 50,000 score sheets of ten dimensions and their total, fitted, ranked, drawn.
//
//   awards_bench_panel_scores [--seed N]
//
// In seconds of one processor, so that a machine with other work tells the same.
#include <cmath>
#include <ctime>
#include <string>

#include "base/rng.h"
#include "domain/awards/panel/scores.h"

namespace {

using namespace cityloop;
using namespace cityloop::awards::panel;

struct Size {
  std::uint32_t proposals{}, reviewers{}, each{}, dimensions{};
};

void row(const Size& size, std::uint64_t seed) {
  base::Rng rng(seed);
  ScoreRules rules;
  rules.dimensions.clear();
  for (std::uint32_t d = 0; d < size.dimensions; ++d) rules.dimensions.push_back({fmt::format("d{}", d), 1});
  SheetsInput input{size.proposals, size.reviewers, {}, {}};
  std::vector<double> merit(size.proposals), harsh(size.reviewers);
  for (double& value : merit) value = 6 + rng.normal();
  for (double& value : harsh) value = 0.8 * rng.normal();
  for (std::uint32_t p = 0; p < size.proposals; ++p) {
    const std::uint64_t from = rng.below(size.reviewers), step = 1 + rng.below(size.reviewers / size.each - 1);
    for (std::uint32_t k = 0; k < size.each; ++k) {
      const auto r = std::uint32_t((from + k * step) % size.reviewers);
      Sheet sheet{p, r, {}};
      for (std::uint32_t d = 0; d < size.dimensions; ++d)
        sheet.scores.emplace_back(std::clamp(std::round(2 * (merit[p] - harsh[r] + rng.normal())) / 2, 0.0, 10.0));
      input.sheets.push_back(std::move(sheet));
    }
  }
  const std::clock_t begun = std::clock();
  const auto out = standings_of(input, rules);
  const double took_s = double(std::clock() - begun) / CLOCKS_PER_SEC;
  if (!out) {
    fmt::print("{}\n", out.error().message);
    return;
  }
  double raw_off = 0, adjusted_off = 0, raw_mean = 0, adjusted_mean = 0;
  for (std::uint32_t p = 0; p < size.proposals; ++p) {
    raw_mean += (*out->proposals[p].raw / size.dimensions - merit[p]) / size.proposals;
    adjusted_mean += (out->proposals[p].adjusted->value / size.dimensions - merit[p]) / size.proposals;
  }
  for (std::uint32_t p = 0; p < size.proposals; ++p) {
    raw_off += std::pow(*out->proposals[p].raw / size.dimensions - merit[p] - raw_mean, 2) / size.proposals;
    adjusted_off +=
        std::pow(out->proposals[p].adjusted->value / size.dimensions - merit[p] - adjusted_mean, 2) / size.proposals;
  }
  fmt::print("| {} × {}, {} each: {} sheets | {} | {:.1f} | {:.3f} | {:.3f} |\n", size.proposals, size.reviewers,
             size.each, input.sheets.size(), size.dimensions, took_s, std::sqrt(raw_off), std::sqrt(adjusted_off));
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 2 && std::string_view(argv[1]) == "--seed" ? std::stoull(argv[2]) : 1;
  fmt::print("| panel | dimensions | processor s | off the truth, raw | adjusted |\n|---|---|---|---|---|\n");
  for (const Size& size :
       {Size{166, 40, 5, 10}, Size{2'000, 300, 5, 10}, Size{5'000, 300, 10, 1}, Size{5'000, 300, 10, 10}})
    row(size, seed);
  return 0;
}
