// Prizes without scores: who is nominated, who is elected, and what the rule leaves to people.
//
//   nominations ─▶ [nominees] ─▶ candidates ─ secret ballots ─▶ [count_votes] ─▶ VoteResult ─▶ the panel's minutes
//
// Approval: a ballot names at most `choices_max` candidates, each once; those with the most votes fill the places.
// Nobody is elected below the quorum, or with fewer votes than `majority` asks for. Who stands level on the last places
// is not chosen by us: the rule says whether all of them get one, none, the chair decides, or a lot that everybody can
// draw again: the smaller SHA-256 of "SEED:CODE" goes first, as in budgeting rounds (participation/count.h), where the
// seed is made known after the last ballot. Ballots carry no voter: they come out of the seals (trust/seal.h) in no
// order. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::awards::panel {

struct Nomination {
  std::string candidate, by;
  auto operator<=>(const Nomination&) const = default;
};
struct NominationRules {
  std::size_t supporters_min{1};  // different people who nominate
  bool own{false};                // whether one's own nomination counts
};
struct Nominee {
  std::string code;
  std::vector<std::string> supporters;  // in order, each once
  bool enough{};
};
std::vector<Nominee> nominees(std::span<const Nomination>, const NominationRules&);

enum class TieRule : std::uint8_t { chair, lot, all, none };
std::string_view to_string(TieRule);

struct VoteRules {
  std::size_t places{1};
  std::size_t choices_max{1};
  double quorum{0.5};  // of the electors: valid and blank ballots that must have come
  double majority{0};  // of the valid ballots: what an elected candidate needs; 0.5 is reached, not passed
  TieRule ties{TieRule::chair};
  std::string seed{};  // for the lot
};

struct VoteInput {
  std::vector<std::string> candidates;
  std::size_t electors{};
  std::vector<std::vector<std::string>> ballots;  // the codes that each names; none: a blank one
};

struct VoteResult {
  struct Candidate {
    std::string code;
    std::uint32_t votes{};
    bool elected{}, tied{};  // tied: level on the last places, and not decided by the rule
  };
  std::vector<Candidate> candidates;  // the most votes first; among equals by lot where that is the rule, else by code
  std::size_t valid{}, blank{}, spoilt{};
  bool quorate{};
  std::size_t open_places{};            // that the tied contend for, or that nobody reached
  std::vector<std::string> spoilt_why;  // by spoilt ballot: why it does not count
};

// A ballot that names too many, somebody twice or nobody known is spoilt, and counted so. Refuses a candidate twice,
// more ballots than electors, and a lot without a seed.
base::Result<VoteResult> count_votes(const VoteInput&, const VoteRules&);

}  // namespace cityloop::awards::panel
