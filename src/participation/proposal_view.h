// A citizen's proposal as others see it: where it stands, why, how far it is. Read from its case, from who supports it
// and from what is said about it; no personal data, no names of staff.
//
//   Case, People, Discussion ─▶ [ProposalView] ─ PublicProposal ─▶ ProposalBoard, routes
//
// Reads the twin as it is now; keeps nothing. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "civic/public_view.h"
#include "flow/case.h"
#include "participation/discussion.h"
#include "participation/people.h"
#include "participation/settings.h"
#include "serve/case_rules_shelf.h"

namespace cityloop::participation {

// As the shipped workflow calls its states (demo/district/casework/workflow_proposal.toml).
enum class ProposalStatus : std::uint8_t {
  received,
  gathering,
  not_supported,
  examining,
  admitted,
  voting,
  not_elected,
  project,
  done,
  refused,
  withdrawn,
  merged,
};
inline constexpr std::size_t kProposalStatuses = 12;
std::string_view to_string(ProposalStatus);
std::optional<ProposalStatus> proposal_status_from(std::string_view);
Bilingual words_of(ProposalStatus);

struct ProposalStep {
  Instant at{kNever};
  ProposalStatus status{ProposalStatus::received};
  Bilingual with;      // the department that has it then
  std::string reason;  // with personal data blacked out
};

struct Milestone {
  Instant at{kNever};
  std::string title, due, note;
  std::optional<int> progress;
  std::vector<std::string> photos;
};

struct Examination {
  Instant at{kNever};
  double cost{};
  std::string legal, note;
  Bilingual with;
};

struct PublicProposal {
  EntityId id;
  std::string code;
  std::string author;  // number of who proposed it; never told
  std::string title, text, address;
  std::string category;
  Bilingual category_name;
  ProposalStatus status{ProposalStatus::received};
  bool open{true};
  bool shown{false};  // to others: it has been published
  std::string reason;
  Bilingual with;
  std::optional<civic::PublicPlace> place;
  std::vector<std::string> photos;
  std::optional<double> estimate;
  std::optional<Examination> examination;
  std::string round;
  std::optional<int> progress;
  std::int64_t supporters{0};
  std::int64_t comments{0};
  Instant support_until{kNever}, due_at{kNever};
  std::string merged_into;          // code
  std::vector<std::string> merged;  // codes
  std::vector<ProposalStep> steps;
  std::vector<Milestone> milestones;
  Instant opened_at{kNever}, updated_at{kNever};
};

// Who says in the log that a proposal was made: "proposer:" and a number that only this room can lay to a person.
inline constexpr std::string_view kProposer = "proposer:";
// Who this room's loop is where it takes a step in a case, and in which role.
inline constexpr std::string_view kParticipationLoop = "loop:participation";
inline constexpr std::string_view kParticipationRole = "participation";

struct ProposalView {
  const ParticipationSettings& settings;
  const serve::City& city;
  const twin::Twin& twin;
  serve::CaseRulesShelf& shelf;
  People& people;
  Discussion& discussion;

  bool is_proposal(const flow::Entity&) const;
  bool is_proposal(const flow::Case& one) const { return one.kind == settings.kind; }
  static ProposalStatus status_of(const flow::Case&);
  // The case and all that were merged into it.
  std::vector<std::string> tree_of(const flow::Case&) const;
  base::Result<PublicProposal> make(const flow::Case&) const;
  Bilingual department_name(std::string_view id) const;
  std::vector<std::pair<std::string, Bilingual>> categories() const;  // that a proposal may have

 private:
  Bilingual category_name(const flow::Case&) const;
  std::string first_department(const flow::Case&) const;
  void read_timeline(const flow::Case&, PublicProposal&) const;
};

// What the number of a program's or person's estimate stands as in the first line of a proposal's life.
std::string estimate_note(double estimate, std::string_view currency);
std::optional<double> estimate_in(std::string_view note);

// The members of a proposal in a list; and all of them. Inside an object that the caller has opened.
void write_summary_of(base::JsonWriter&, const PublicProposal&, const ParticipationSettings&);
void write_detail_of(base::JsonWriter&, const PublicProposal&, const ParticipationSettings&);

}  // namespace cityloop::participation
