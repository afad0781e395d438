// What a vote costs: signing, checking, casting, counting.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

#include "base/rng.h"
#include "base/text_of_bytes.h"
#include "participation/ballot_box.h"
#include "participation/count.h"
#include "test/participation/voter.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

const SigningKey& key() {
  static const SigningKey made = SigningKey::make(3072).value();
  return made;
}

void sign_blindly(benchmark::State& state) {
  Voter voter;
  const std::string blinded = from_base64url(voter.ask(key().verifying())).value();
  for (auto _ : state) benchmark::DoNotOptimize(key().blind_sign(blinded));
}
BENCHMARK(sign_blindly)->Unit(benchmark::kMicrosecond);

void check_signature(benchmark::State& state) {
  Voter voter;
  const std::string blinded = from_base64url(voter.ask(key().verifying())).value();
  const BallotPaper paper = voter.paper(key().verifying(), key().blind_sign(blinded).value(), {});
  for (auto _ : state) benchmark::DoNotOptimize(check_signed(key().verifying(), paper));
}
BENCHMARK(check_signature)->Unit(benchmark::kMicrosecond);

void cast_on_disk(benchmark::State& state) {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("cityloop-bench-box-{}.db", ::getpid());
  const auto box = BallotBox::open(file.string()).value();
  int n = 0;
  for (auto _ : state) {
    BallotPaper paper;
    paper.id = trust::fingerprint(std::to_string(n++));
    paper.token = paper.prefix = paper.id;
    paper.signature = std::string(512, 'a');
    paper.choices = {"0000-0017", "0000-0024"};
    benchmark::DoNotOptimize(box->cast("bench", paper, 1));
  }
  std::filesystem::remove(file);
}
BENCHMARK(cast_on_disk)->Unit(benchmark::kMicrosecond)->UseRealTime();

// So many ballots over forty projects, five choices each, projects of very different cost and liking.
CountInput city_of(std::size_t ballots) {
  base::Rng rng(7);
  CountInput out;
  for (int i = 0; i < 40; ++i)
    out.projects.push_back({std::to_string(i), money_from(5'000 + double(rng.below(200'000)))});
  out.budget = money_from(1'000'000);
  for (std::size_t i = 0; i < ballots; ++i) {
    std::vector<std::uint32_t> ballot;
    for (int k = 0; k < 5; ++k) ballot.push_back(std::uint32_t(40 * rng.uniform() * rng.uniform()));
    std::ranges::sort(ballot);
    ballot.erase(std::unique(ballot.begin(), ballot.end()), ballot.end());
    out.ballots.push_back(std::move(ballot));
  }
  out.seed = "bench";
  return out;
}

void count_equal_shares(benchmark::State& state) {
  const CountInput input = city_of(std::size_t(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(count(input, CountRule::equal_shares));
}
BENCHMARK(count_equal_shares)->Arg(1'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

void count_greedily(benchmark::State& state) {
  const CountInput input = city_of(std::size_t(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(count(input, CountRule::greedy));
}
BENCHMARK(count_greedily)->Arg(50'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::participation
