#include "domain/awards/panel/vote.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "trust/crypto.h"

namespace cityloop::awards::panel {
namespace {

trust::Digest lot_of(const std::string& seed, const std::string& code) {
  return trust::sha256({seed, ":", code});
}

// Why a ballot does not count; empty when it does.
std::string why_spoilt(const std::vector<std::string>& ballot, const std::map<std::string, std::uint32_t>& votes,
                       const VoteRules& rules) {
  if (ballot.size() > rules.choices_max)
    return fmt::format("it names {} candidates, and {} are allowed", ballot.size(), rules.choices_max);
  std::set<std::string> seen;
  for (const std::string& code : ballot) {
    if (!votes.contains(code)) return fmt::format("it names '{}', who is no candidate", code);
    if (!seen.insert(code).second) return fmt::format("it names '{}' twice", code);
  }
  return {};
}

// Those who are level with the last place and do not all fit are decided by the rule.
void elect(VoteResult& out, const VoteRules& rules) {
  std::vector<VoteResult::Candidate>& all = out.candidates;
  const double needed = std::max(1.0, std::ceil(rules.majority * double(out.valid) - 1e-9));
  std::size_t able = 0;
  while (able < all.size() && all[able].votes >= needed) ++able;
  if (!out.quorate) able = 0;
  std::size_t sure = std::min(able, rules.places);
  out.open_places = rules.places - sure;
  if (sure < able && sure > 0 && all[sure - 1].votes == all[sure].votes && rules.ties != TieRule::lot) {
    const std::uint32_t level = all[sure].votes;
    std::size_t first = sure, last = sure;
    while (first > 0 && all[first - 1].votes == level) --first;
    while (last < able && all[last].votes == level) ++last;
    out.open_places = rules.places - first;
    if (rules.ties == TieRule::all) first = last, out.open_places = 0;
    for (std::size_t i = first; i < last && rules.ties == TieRule::chair; ++i) all[i].tied = true;
    sure = first;
  }
  for (std::size_t i = 0; i < sure; ++i) all[i].elected = true;
}

}  // namespace

std::vector<Nominee> nominees(std::span<const Nomination> nominations, const NominationRules& rules) {
  std::map<std::string, std::set<std::string>> by_candidate;
  for (const Nomination& nomination : nominations) {
    auto& supporters = by_candidate[nomination.candidate];
    if (rules.own || nomination.by != nomination.candidate) supporters.insert(nomination.by);
  }
  std::vector<Nominee> out;
  for (const auto& [code, supporters] : by_candidate)
    out.push_back({code, {supporters.begin(), supporters.end()}, supporters.size() >= rules.supporters_min});
  return out;
}

std::string_view to_string(TieRule rule) {
  switch (rule) {
    case TieRule::chair: return "chair";
    case TieRule::lot: return "lot";
    case TieRule::all: return "all";
    case TieRule::none: return "none";
  }
  return "";
}

base::Result<VoteResult> count_votes(const VoteInput& input, const VoteRules& rules) {
  std::map<std::string, std::uint32_t> votes;
  for (const std::string& code : input.candidates) {
    if (!votes.emplace(code, 0).second)
      return base::fail(base::Errc::exists, "the candidate '{}' stands twice in the list", code);
  }
  if (input.ballots.size() > input.electors)
    return base::fail(base::Errc::conflict, "{} ballots of {} electors", input.ballots.size(), input.electors);
  if (rules.ties == TieRule::lot && rules.seed.empty())
    return base::fail(base::Errc::invalid, "ties are decided by lot, and there is no seed to draw it from");
  VoteResult out;
  for (const std::vector<std::string>& ballot : input.ballots) {
    if (ballot.empty()) {
      ++out.blank;
      continue;
    }
    if (std::string why = why_spoilt(ballot, votes, rules); !why.empty()) {
      ++out.spoilt;
      out.spoilt_why.push_back(std::move(why));
      continue;
    }
    ++out.valid;
    for (const std::string& code : ballot) ++votes[code];
  }
  out.quorate = double(out.valid + out.blank) >= rules.quorum * double(input.electors) && input.electors > 0;
  for (const auto& [code, number] : votes) out.candidates.push_back({code, number, false, false});
  std::ranges::sort(out.candidates, [&](const VoteResult::Candidate& a, const VoteResult::Candidate& b) {
    if (a.votes != b.votes || rules.ties != TieRule::lot) return std::tie(b.votes, a.code) < std::tie(a.votes, b.code);
    return lot_of(rules.seed, a.code) < lot_of(rules.seed, b.code);
  });
  elect(out, rules);
  return out;
}

}  // namespace cityloop::awards::panel
