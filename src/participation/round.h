// A budgeting round: so much money, the projects that it may go to, when and how it is voted, and what came of it. An
// entity, so that the log says when it opened with which projects and under which key, and what was counted.
//
//   participation.toml, staff ─ Round ─▶ twin ══▶ Keeper (opens, closes, counts) ─ Round ─▶ twin
//
// Only this room writes a Round. From its opening on its terms stand fast.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/change.h"
#include "flow/finding.h"
#include "participation/ballot_file.h"

namespace cityloop::participation {

using flow::Bilingual;
using flow::EntityId;
using flow::Instant;
using flow::kNever;

enum class RoundState : std::uint8_t {
  announced,
  voting,
  counting,  // closed, and the count is not on disk yet
  counted,
};
std::string_view to_string(RoundState);

struct RoundProject {
  EntityId proposal;  // the case
  std::string code, title;
  Money cost{};
};

struct Round {
  std::string id;  // as in its links: small letters, digits, '-'
  Bilingual name, text;
  Money budget{};
  std::string currency;
  std::string area;  // policy area; empty: the whole city
  Instant opens_at{kNever}, closes_at{kNever};
  BallotMethod method{BallotMethod::approval};
  unsigned choices{5};
  CountRule decides{CountRule::equal_shares};
  std::string by;     // who made or changed it last
  std::string terms;  // fingerprint of the file's block that it was taken from, though staff changed it since; or empty

  Instant opened_at{kNever};
  std::string key_n, key_e;  // base64url, from the opening on
  std::vector<RoundProject> projects;

  Instant counted_at{kNever};
  std::int64_t issued{0}, cast{0};
  std::string sha256;  // of the published file
  std::vector<std::string> elected;
  Money spent{};

  RoundState state(Instant now) const;
  bool opened() const { return opened_at != kNever; }
  BallotTerms ballot_terms() const;
  base::Result<VerifyingKey> key() const;
};

bool is_round_id(std::string_view);
EntityId round_entity(std::string_view id);
EntityId find_round_entity(std::string_view id);  // leaves no trace; empty where there is none
flow::Write to_write(const Round&);
base::Result<Round> round_from(const flow::Entity&);

// Why a round cannot be held so, and which member of RoundWish (api/openapi.yaml) says it.
struct RoundFlaw {
  std::string_view field;
  Bilingual why;
};
std::vector<RoundFlaw> flaws_of(const Round&);
// The first of them: Errc::invalid with the reason.
base::Status check_round(const Round&);

}  // namespace cityloop::participation
