// What the routes and the keeper of this room have in common: everything they depend on, and the few things that each
// of them does.
//
//   HTTP ─▶ PeopleRoutes, ProposalRoutes, CommentRoutes, RoundRoutes, InspectionRoutes ─▶ [Forum] ◀─ Keeper
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>

#include "civic/office.h"
#include "participation/ballot_box.h"
#include "participation/discussion.h"
#include "participation/letters.h"
#include "participation/people.h"
#include "participation/person_keys.h"
#include "participation/proposal_board.h"
#include "participation/proposal_view.h"
#include "participation/roll.h"
#include "participation/settings.h"

namespace cityloop::participation {

struct ForumLimits {
  civic::RateLimit proposals, comments, supports, letters, ballots;
  civic::RateLimit codes;  // tries of one voting code
};

struct ForumRefusals {
  std::atomic<std::uint64_t> codes{0}, ballots{0}, persons{0}, proposals{0};
};

// Closes a round to those that are on their way in: whoever signs or casts holds it shared; who closes holds it alone
// once, and from then on nobody gets in. Who opens a round, or changes its terms, holds it alone too.
struct VotingGate {
  std::shared_mutex mutex;
  std::set<std::string, std::less<>> closed;  // rounds; guarded by mutex
};

struct Forum {
  const ParticipationSettings& settings;
  const civic::Office& civic;
  People& people;
  Discussion& discussion;
  const PersonKeys& keys;
  Roll& roll;
  BallotBox& box;
  ProposalBoard& board;
  ProposalView view;
  civic::Clerk& registrar;  // slow hashes of voting codes
  ForumLimits& limits;
  ForumRefusals& refusals;
  VotingGate& gate;
  std::mutex& refreshing;
  std::string ballots_folder;  // of the published files
  bool links_at_hand{false};   // a demonstration without a mail server: the link is the answer
  std::function<std::string(std::string_view geojson)> area_of;  // policy area; empty for none

  Instant now() const { return civic.twin.clock().now(); }

  // Who shows a person's secret; Errc::unauthenticated when nobody does, or it holds no more.
  base::Result<Person> person(const net::Request&) const;
  std::optional<Person> person_if(const net::Request&) const;
  std::optional<net::Response> too_often(civic::RateLimit&, std::string_view key) const;

  // Looks at a proposal anew and puts it on the board; moves it on when enough support it.
  base::Status refresh(EntityId case_id) const;
  base::Status refresh(const flow::Case&) const;

  // Takes a step as this room's loop, once for each key; nobody waits for it.
  void step(EntityId case_id, std::string verb, std::string note, const std::string& key) const;

  base::Result<Round> round(std::string_view id) const;  // Errc::not_found
  std::vector<Round> rounds() const;                     // newest opening first
  std::string ballots_file(std::string_view round) const;
};

// A handler whose work is done by the clerk of citizens' routes: by_clerk and call_by_clerk of civic/office.h with a
// Forum.
net::Handler by_clerk(const Forum&, void (*)(const Forum&, const net::Request&, net::Reply));
serve::CallHandler call_by_clerk(const Forum&, void (*)(const Forum&, const serve::Call&, net::Reply));

// An answer that only its asker may keep.
net::Response private_json(std::string body, int status = 200);

}  // namespace cityloop::participation
