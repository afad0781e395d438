#include "app/ballot_commands.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "participation/ballot_file.h"
#include "participation/participation.h"
#include "participation/roll.h"
#include "trust/secret.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using participation::BallotFile;
using participation::CountResult;
using participation::CountStep;
using participation::Roll;
using participation::VotingCode;

constexpr std::uint32_t kCodesMax = 1'000'000;
constexpr std::size_t kBatch = 256;

struct HashedCode {
  VotingCode code;
  std::string hash;
};

// Slow on purpose, so on every core there is.
Result<std::vector<HashedCode>> make_codes(std::size_t count) {
  std::vector<HashedCode> out(count);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    for (std::size_t i = next++; i < out.size(); i = next++) {
      out[i].code = VotingCode::make();
      auto hash = trust::hash_password(out[i].code.secret);
      if (hash) out[i].hash = std::move(*hash);
      else failed = true;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failed) return fail(Errc::unavailable, "there is no memory to hash voting codes");
  return out;
}

void print_result(const BallotFile& file, const CountResult& result, const std::vector<std::uint32_t>& votes) {
  const auto& terms = file.terms;
  const auto money = [&](participation::Money amount) {
    return fmt::format("{:.2f} {}", participation::units_of(amount), terms.currency);
  };
  fmt::print("\n{}{}: {} elected, {} of {} spent, {} of {} voters got one of theirs", to_string(result.rule),
             result.rule == terms.decides ? " (decides)" : "", result.elected.size(), money(result.spent),
             money(terms.budget), result.happy, file.ballots.size());
  if (result.share) fmt::print(", share {}", money(*result.share));
  fmt::print("\n");
  for (const CountStep& step : result.steps) {
    const auto& project = terms.projects[step.project];
    fmt::print("  {:9}  {}  {:6} votes  {:>18}  {}", to_string(step.why), project.code, votes[step.project],
               money(project.cost), project.title);
    if (step.effective) fmt::print("  (effective votes {:.2f}, each at most {})", *step.effective, money(*step.each));
    fmt::print("\n");
  }
}

}  // namespace

Status make_ballot_codes(const BallotCodesOptions& options) {
  if (!participation::is_round_id(options.round)) return fail(Errc::invalid, "'{}' is no id of a round", options.round);
  if (options.count < 1 || options.count > kCodesMax) return fail(Errc::invalid, "--count is from 1 to {}", kCodesMax);
  if (!std::filesystem::is_directory(options.data)) return fail(Errc::not_found, "there is no folder {}", options.data);
  const auto roll = TRY(Roll::open(participation::roll_file(options.data)));
  fmt::print("number,code\n");
  std::size_t made = 0;
  while (made < options.count) {
    for (const HashedCode& one : TRY(make_codes(std::min<std::size_t>(kBatch, options.count - made)))) {
      // A locator that is taken already makes no code: another one takes its place.
      if (!TRY(roll->add(options.round, one.code, one.hash, options.area))) continue;
      fmt::print("{},{}\n", ++made, one.code.text());
    }
  }
  return {};
}

Status count_ballots(const std::string& name) {
  const std::string bytes = TRY(base::read_file(name));
  const BallotFile file = TRY(BallotFile::parse(bytes));
  fmt::print("round {}, {} projects, budget {} {}\nSHA-256 {}\nkey {}\n{} ballots, {} signatures given\n",
             file.terms.round, file.terms.projects.size(), participation::units_of(file.terms.budget),
             file.terms.currency, trust::fingerprint(bytes), file.key.fingerprint(), file.ballots.size(), file.issued);
  const auto flaws = file.flaws();
  for (const std::string& flaw : flaws) fmt::print("does not hold: {}\n", flaw);
  const participation::CountInput input = file.count_input();
  const auto votes = participation::votes_of(input);
  for (const auto rule : participation::kCountRules) print_result(file, participation::count(input, rule), votes);
  if (!flaws.empty()) return fail(Errc::corrupt, "{} things in this file do not hold", flaws.size());
  return {};
}

void add_ballot_commands(CLI::App& app, std::function<Status()>& action) {
  CLI::App& ballot = *app.add_subcommand("ballot", "budgeting rounds: voting codes, and counting what was published");
  ballot.require_subcommand(1);
  auto options = std::make_shared<BallotCodesOptions>();
  CLI::App& codes = *ballot.add_subcommand("codes", "make voting codes and print them, once");
  codes.add_option("--data", options->data, "the installation's data folder")->required();
  codes.add_option("--round", options->round, "id of the round")->required();
  codes.add_option("--count", options->count, "how many")->required();
  codes.add_option("--area", options->area, "noted beside them");
  codes.callback([&action, options] { action = [options] { return make_ballot_codes(*options); }; });
  auto file = std::make_shared<std::string>();
  CLI::App& count = *ballot.add_subcommand("count", "check and count a published file of ballots");
  count.add_option("file", *file, "as from /public/v1/rounds/ID/ballots")->required();
  count.callback([&action, file] { action = [file] { return count_ballots(*file); }; });
}

}  // namespace cityloop::app
