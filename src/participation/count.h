// How ballots become projects: three rules of participatory budgeting, counted in whole numbers so that everybody who
// counts again gets the same.
//
//   BallotFile ─▶ [count] ─ CountResult ─▶ Round, pages, `cityloop ballot count`
//
// equal_shares: the Method of Equal Shares for approval ballots and costs as utilities (D. Peters, G. Pierczyński,
// P. Skowron: Proportional Participatory Budgeting with Additive Utilities, NeurIPS 2021). Each voter who chose
// something gets the same share of the budget and pays for projects that they chose. In each step, of a project whose
// supporters can still pay for it, the most that one of them must pay is found: all pay that, or what they have left if
// it is less. The project with the largest cost in relation to that payment is elected. The shares then grow by a
// hundredth at a time as long as the outcome stays within the budget (completion "Add1" by small steps); what is left
// of the money goes to the projects with the most votes that it pays for. greedy: most votes first, skipping what the
// money does not pay for. greedy_per_cost: the same by votes for the money.
//
// Money is in millionths of the currency unit; what several share is rounded up to one of them, so the voters of a
// project may pay some millionths too much and never too little. Ties: more votes, lower cost, then the smaller
// SHA-256 of "SEED:CODE". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::participation {

using Money = std::int64_t;  // millionths of the currency unit
inline constexpr Money kUnit = 1'000'000;
inline constexpr double kMoneyMax = 1e9;  // units; sums of it stay far within 64 bits
Money money_from(double units);
double units_of(Money);

enum class CountRule : std::uint8_t { equal_shares, greedy, greedy_per_cost };
inline constexpr CountRule kCountRules[] = {CountRule::equal_shares, CountRule::greedy, CountRule::greedy_per_cost};
std::string_view to_string(CountRule);
std::optional<CountRule> count_rule_from(std::string_view);

struct CountProject {
  std::string code;
  Money cost{};  // above 0
};

struct CountInput {
  Money budget{};
  std::vector<CountProject> projects;
  std::vector<std::vector<std::uint32_t>> ballots;  // each the places of projects, ascending, each once
  std::string seed;
};

struct CountStep {
  std::uint32_t project{};
  enum class Why : std::uint8_t { elected, completed, too_dear, no_votes } why{Why::no_votes};
  std::optional<double> effective;  // equal shares: votes, counted by what its voters could still pay
  std::optional<Money> each;        // equal shares: the most that one of them paid
  Money left{};                     // of the budget, after it
  bool chosen() const { return why == Why::elected || why == Why::completed; }
};
std::string_view to_string(CountStep::Why);

struct CountResult {
  CountRule rule{CountRule::equal_shares};
  std::vector<std::uint32_t> elected;  // in order of being elected
  Money spent{};
  std::optional<Money> share;  // equal shares: of each voter, in the end
  std::uint64_t happy{};       // voters with at least one of their projects
  std::vector<CountStep> steps;
};

std::vector<std::uint32_t> votes_of(const CountInput&);  // by project
CountResult count(const CountInput&, CountRule);

}  // namespace cityloop::participation
