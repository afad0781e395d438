// How much of what was planted is masked, and how much of what is masked was planted: by kind.
//
//   awards_bench_blind [--tuning] [--seeds N] [--missed]
//
// By default the sentences that were held out. A plant counts as masked when not one of its letters is left.
#include <algorithm>
#include <ctime>
#include <map>
#include <string>

#include <fmt/format.h>

#include "domain/awards/test/planted.h"

namespace {

using namespace cityloop::awards::blind;

struct Count {
  std::size_t planted{}, masked{};
};

bool is_masked(const Plant& plant, const std::string& text, const Masked& masked) {
  for (std::size_t at = plant.begin; at < plant.end; ++at) {
    if (std::string_view(" \n.,").contains(text[at])) continue;
    const bool covered =
        std::ranges::any_of(masked.spans, [&](const Span& span) { return span.begin <= at && at < span.end; });
    if (!covered) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Sentences set = Sentences::held_out;
  std::uint64_t seeds = 100;
  bool missed = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--tuning") set = Sentences::tuning;
    if (word == "--missed") missed = true;
    if (word == "--seeds" && i + 1 < argc) seeds = std::stoull(argv[++i]);
  }
  std::map<std::tuple<Kind, bool, bool>, Count> counts;  // kind, not known, English
  std::size_t spans = 0, right = 0, bytes = 0, doubts = 0;
  const std::clock_t begun = std::clock();
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Planted planted = plant(seed, set);
    const auto masked = blind_texts(planted.known, planted.texts);
    for (const Plant& one : planted.plants) {
      Count& count = counts[{one.kind, !one.known, one.english}];
      const std::string& text = planted.texts[one.text];
      ++count.planted;
      const bool is = is_masked(one, text, masked[one.text]);
      count.masked += is;
      const std::size_t from = one.begin > 30 ? one.begin - 30 : 0;
      if (missed && !is)
        fmt::print("missed {} '{}' in …{}…\n", to_string(one.kind), text.substr(one.begin, one.end - one.begin),
                   text.substr(from, one.end + 20 - from));
    }
    for (std::size_t t = 0; t < masked.size(); ++t) {
      bytes += planted.texts[t].size();
      doubts += masked[t].doubts.size();
      for (const Span& span : masked[t].spans) {
        const bool is = std::ranges::any_of(planted.plants, [&](const Plant& one) {
          return one.text == t && one.begin < span.end && span.begin < one.end;
        });
        ++spans;
        right += is;
        if (missed && !is) fmt::print("wrong {} {} '{}'\n", to_string(span.kind), to_string(span.found), span.original);
      }
    }
  }
  const double took_s = double(std::clock() - begun) / CLOCKS_PER_SEC;
  fmt::print("| kind | who | in | planted | masked | recall |\n|---|---|---|---|---|---|\n");
  for (const auto& [key, count] : counts) {
    const auto& [kind, unknown, english] = key;
    const bool named = kind <= Kind::place;
    fmt::print("| {} | {} | {} | {} | {} | {:.2f} % |\n", to_string(kind),
               !named    ? "by form"
               : unknown ? "nobody told"
                         : "known",
               english ? "English" : "Chinese", count.planted, count.masked,
               100.0 * double(count.masked) / double(count.planted));
  }
  fmt::print(
      "\n{} texts of {} bytes: {} spans, of which {:.2f} % lie on something planted (precision); {:.1f} doubts a "
      "proposal; {:.0f} KB a second.\n",
      2 * seeds, bytes / (2 * seeds), spans, 100.0 * double(right) / double(spans), double(doubts) / double(seeds),
      double(bytes) / took_s / 1000);
  return 0;
}
