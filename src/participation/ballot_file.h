// The published file of ballots of one round: everybody can count it again, see that each ballot was cast with a token
// that the city signed, that there are no more ballots than signatures, and find their own by its token.
//
//   BallotBox, Round ─▶ [BallotFile] ─▶ GET …/ballots, SHA-256 in the log, `cityloop ballot count FILE`
//
// Its bytes follow from what is in it: ballots stand in order of their ids, which are hashes and tell nothing of when
// they were cast.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "participation/blind_rsa.h"
#include "participation/count.h"

namespace cityloop::participation {

enum class BallotMethod : std::uint8_t {
  approval,  // at most so many projects
  knapsack,  // as many as the budget pays for
};
std::string_view to_string(BallotMethod);
base::Result<BallotMethod> ballot_method_from(std::string_view);

struct FiledProject {
  std::string code, title;
  Money cost{};
};

// What a ballot may say: of a round as it was when it opened.
struct BallotTerms {
  std::string round;
  std::string currency;
  Money budget{};
  BallotMethod method{BallotMethod::approval};
  unsigned choices{5};
  CountRule decides{CountRule::equal_shares};
  std::string opens_at, closes_at;  // ISO 8601
  std::vector<FiledProject> projects;

  // The places of the chosen projects, ascending. Errc::invalid: unknown ones, one twice, too many, too dear.
  base::Result<std::vector<std::uint32_t>> read(const std::vector<std::string>& choices) const;
};

struct BallotPaper {
  std::string id;                        // SHA-256 of the token, hex
  std::string token, prefix, signature;  // base64url
  std::vector<std::string> choices;      // codes, in the terms' order
};
std::string ballot_id(std::string_view token_bytes);
// The id, when the city's key has signed the token. Errc::invalid where something is no base64url, Errc::refused
// where the signature does not hold.
base::Result<std::string> check_signed(const VerifyingKey&, const BallotPaper&);

inline constexpr std::size_t kTokenBytes = 32, kPrefixBytes = 32;

struct BallotFile {
  BallotTerms terms;
  VerifyingKey key;
  std::uint64_t issued{0};  // signatures given
  std::vector<BallotPaper> ballots;

  std::string write() const;
  static base::Result<BallotFile> parse(std::string_view json);
  // All that can be wrong with it, each once as a sentence; at most twenty.
  std::vector<std::string> flaws() const;
  // Ballots that do not hold are left out.
  CountInput count_input() const;
};

// "round", "sha256", counts and results as the API shows them, inside an object that the caller has opened.
void write_results(base::JsonWriter&, const BallotTerms&, const std::vector<CountResult>&,
                   const std::vector<std::uint32_t>& votes);

}  // namespace cityloop::participation
