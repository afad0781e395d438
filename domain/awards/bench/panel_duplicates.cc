// How long it takes to find what is copied among all proposals, and whether all of it is found.
//
//   awards_bench_panel_duplicates [--seed N]
//
// Made-up texts of 5,000 letters with a form's wording of 300 in all of them; every fiftieth has copied a passage of
// 1,500 from an earlier one and changed every hundredth letter. In seconds of one processor.
#include <cstdint>
#include <ctime>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/rng.h"
#include "domain/awards/panel/duplicates.h"

namespace {

using namespace cityloop;
using namespace cityloop::awards::panel;

void append(std::string& out, base::Rng& rng) {
  const auto c = char32_t(0x4e00 + std::min(rng.below(3'000), rng.below(3'000)));
  out += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
}
std::string han(base::Rng& rng, std::size_t letters) {
  std::string out;
  while (letters-- > 0) append(out, rng);
  return out;
}

void row(std::size_t texts, std::uint64_t seed) {
  base::Rng rng(seed);
  const std::string form = han(rng, 300);
  std::vector<std::string> all;
  std::set<std::pair<std::uint32_t, std::uint32_t>> copied;
  for (std::uint32_t t = 0; t < texts; ++t) {
    std::string text = form + han(rng, 4'700);
    if (t % 50 == 49) {
      const auto from = std::uint32_t(rng.below(t));
      for (std::size_t i = 0; i < 1'500; ++i) {
        const std::size_t at = (2'000 + i) * 3;
        const std::string letter = i % 100 == 99 ? han(rng, 1) : all[from].substr(at, 3);
        text.replace(at, 3, letter);
      }
      copied.emplace(from, t);
    }
    all.push_back(std::move(text));
  }
  const std::clock_t begun = std::clock();
  const auto found = near_duplicates(all);
  const double took_s = double(std::clock() - begun) / CLOCKS_PER_SEC;
  std::size_t right = 0;
  for (const Duplicate& pair : found) right += copied.contains({pair.a, pair.b});
  fmt::print("| {} of 5,000 letters | {:.1f} | {} | {} | {} |\n", texts, took_s, copied.size(), right,
             found.size() - right);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 2 && std::string_view(argv[1]) == "--seed" ? std::stoull(argv[2]) : 1;
  fmt::print("| texts | processor s | copied | found | others |\n|---|---|---|---|---|\n");
  for (const std::size_t texts : {500u, 5'000u}) row(texts, seed);
  return 0;
}
