// How long it takes to find reviewers for all proposals, how well the panel is linked then, and what that costs.
//
//   awards_bench_panel_assignment [--seed N]
//
// In seconds of one processor, so that a machine with other work tells the same.
// Made-up cycles: nine themes of twenty key words each, both languages; a proposal has five of one theme and one of
// another, a reviewer eight of one or two; a fifth of the reviewers come from an applicant's city or organisation.
#include <cstdio>
#include <ctime>
#include <string>

#include "base/rng.h"
#include "domain/awards/panel/assignment.h"

namespace {

using namespace cityloop;
using namespace cityloop::awards::panel;

// Twenty words of two to four letters a theme, from letters of its own and a few that all have.
std::vector<std::vector<std::string>> themes_of(base::Rng& rng) {
  std::vector<std::vector<std::string>> out(9);
  for (std::size_t t = 0; t < out.size(); ++t) {
    for (std::size_t w = 0; w < 20; ++w) {
      std::string word;
      for (std::size_t left = 2 + rng.below(3); left > 0; --left) {
        const auto c = char32_t(0x4e00 + (rng.uniform() < 0.8 ? 100 * (t + 1) + rng.below(60) : rng.below(60)));
        word += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
      }
      out[t].push_back(word);
    }
  }
  return out;
}

std::string text_of(base::Rng& rng, const std::vector<std::string>& words, std::size_t sentences) {
  std::string out;
  for (std::size_t i = 0; i < sentences; ++i) {
    for (int k = 0; k < 8; ++k) out += words[rng.below(words.size())];
    out += "。";
  }
  return out;
}

AssignmentInput made_up(std::uint64_t seed, std::size_t proposals, std::size_t reviewers, std::uint32_t load) {
  base::Rng rng(seed);
  const auto themes = themes_of(rng);
  AssignmentInput out;
  for (std::size_t p = 0; p < proposals; ++p) {
    const auto& own = themes[rng.below(9)];
    Proposal proposal{fmt::format("p{}", p),
                      {},
                      text_of(rng, own, 40),
                      {fmt::format("o{}", p)},
                      {fmt::format("c{}", rng.below(100))},
                      {},
                      0};
    for (int w = 0; w < 5; ++w) proposal.key_words.push_back(own[rng.below(20)]);
    proposal.key_words.push_back(themes[rng.below(9)][rng.below(20)]);
    out.proposals.push_back(std::move(proposal));
  }
  for (std::size_t r = 0; r < reviewers; ++r) {
    const auto &first = themes[rng.below(9)], &second = rng.uniform() < 0.3 ? themes[rng.below(9)] : first;
    Reviewer reviewer{fmt::format("r{}", r), "", {}, text_of(rng, first, 4), {}, {}, {}, {}, load};
    for (int w = 0; w < 8; ++w) reviewer.key_words.push_back((w % 2 ? first : second)[rng.below(20)]);
    if (rng.uniform() < 0.2) reviewer.cities.push_back(fmt::format("c{}", rng.below(100)));
    if (rng.uniform() < 0.2) reviewer.organisations.push_back(fmt::format("o{}", rng.below(proposals)));
    out.reviewers.push_back(std::move(reviewer));
  }
  return out;
}

bool row(const std::string& name, const AssignmentInput& input, Assignment& out) {
  const std::clock_t begun = std::clock();
  auto found = assign_reviewers(input);
  const double took_s = double(std::clock() - begun) / CLOCKS_PER_SEC;
  if (!found) {
    fmt::print(stderr, "{}\n", found.error().message);
    return false;
  }
  out = std::move(*found);
  const auto error = [](const Mixing& mixing) {
    return mixing.worst_error ? fmt::format("{:.2f}", *mixing.worst_error) : std::string("none");
  };
  fmt::print("| {} | {:.1f} | {} of {} | {:.3f} → {:.3f} | {:.2f} → {:.2f} | {} → {} | {:.2f} | {} |\n", name, took_s,
             out.given.size(), out.needed, out.match_unlinked / double(out.given.size()),
             out.match_sum / double(out.given.size()), out.before_links.connectivity, out.mixing.connectivity,
             error(out.before_links), error(out.mixing), out.mixing.even_error, out.given_up.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 2 && std::string_view(argv[1]) == "--seed" ? std::stoull(argv[2]) : 1;
  fmt::print(
      "| cycle | processor s | reviews | mean match, as it flows → linked | connectivity | worst error of a difference "
      "| "
      "evenly | pairs given up |\n|---|---|---|---|---|---|---|---|\n");
  Assignment out;
  AssignmentInput past = made_up(seed, 166, 40, 25);
  AssignmentInput large = made_up(seed, 2'000, 300, 40);
  if (!row("166 × 40, 5 each", past, out) || !row("2,000 × 300, 5 each", large, out)) return 1;
  for (const Given& given : out.given)
    large.before.push_back({large.proposals[given.pair.proposal].id, large.reviewers[given.pair.reviewer].id});
  const std::string gone = large.reviewers.back().id;
  large.reviewers.pop_back();
  std::erase_if(large.before, [&](const IdPair& pair) { return pair.reviewer == gone; });
  if (!row("the same, a juror drops out", large, out)) return 1;
  AssignmentInput tight = made_up(seed, 2'000, 300, 34);
  if (!row("2,000 × 300, loads full to 98 %", tight, out)) return 1;
  return 0;
}
