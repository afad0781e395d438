// How citizens take part in this city: the city folder's participation.toml.
//
//   participation.toml ─▶ [ParticipationSettings] ─▶ this room
//
// Without the file nothing can be proposed, and there are neither rounds nor patrols. All that it can say is in
// doc/participation.md; every mistake is told with its line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "civic/services.h"
#include "participation/round.h"

namespace cityloop::serve {
struct City;
}

namespace cityloop::participation {

using base::Duration;
using civic::RateRule;

enum class CommentRule : std::uint8_t {
  masked,    // shown at once, with what looks like personal data blacked out
  approved,  // shown when a moderator has approved it
  none,      // no discussion
};
std::string_view to_string(CommentRule);

struct PatrolPoint {
  Bilingual name;
  double lon_deg{}, lat_deg{};
};

// A list of places that somebody goes and looks at, again and again.
struct Patrol {
  std::string id;
  Bilingual name;
  std::string inspector;  // "user:wang.li"
  std::string ask;        // what to look for
  Instant from{kNever};
  Duration every{};
  Duration within{};  // how long after it was due to begin
  std::vector<PatrolPoint> points;
};

struct ParticipationSettings {
  bool open{false};              // there is such a file
  std::string kind{"proposal"};  // of casework/: its workflow is that of proposals
  unsigned threshold{50};        // persons who must support a proposal
  CommentRule comments{CommentRule::masked};
  std::string currency{"CNY"};
  Bilingual intro, privacy;
  Duration link_kept{std::chrono::hours(48)};  // of a link that was sent
  int key_bits{3072};                          // of the keys by which ballots are signed
  unsigned photos_max{5};
  // For each person; `ballots` for each address.
  RateRule proposals{0.2, 3}, comments_rate{2, 6}, supports{20, 40}, letters{0.1, 3}, ballots{10, 30};
  std::vector<Round> rounds;
  std::vector<Patrol> patrols;

  // An absent file gives settings that are not open. `rules` and `city` null: kinds and places are not looked up.
  static base::Result<ParticipationSettings> load(const std::string& file, const casework::CaseRules* rules,
                                                  const serve::City* city);
  static base::Result<ParticipationSettings> parse(std::string_view text, std::string name,
                                                   const casework::CaseRules* rules, const serve::City* city);
};

}  // namespace cityloop::participation
