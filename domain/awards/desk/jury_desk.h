// Jurors and the panel: who reviews what, sheets, the round's closing, standings, decisions, prizes by vote.
//
//   Secretariat ─ assign ─▶ sheets ─ jurors ─▶ scores (shown to nobody) ─ round closes ─▶ standings ─▶ the chair
//   decides
//
// What a juror is shown is what the cycle's blindness allows: never a field that is hidden, in a double-blind cycle
// only what the secretary has released, masked. A sheet is found by its own juror alone. Before the review's window has
// closed no function here gives a score to anybody but the juror whose it is; and where the secretary has locked the
// review (trust/rounds.h), what is handed in is sealed at once and stands in no table until the holders of keys have
// opened it, so that whoever reads the disk reads drafts at most. Nothing follows from a standing: a person
// decides, with a reason. Threads as EntryDesk's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "domain/awards/desk/jury_book.h"
#include "domain/awards/entry/entry_desk.h"
#include "domain/awards/panel/assignment.h"
#include "domain/awards/panel/scores.h"
#include "domain/awards/trust/rounds.h"

namespace cityloop::awards {

// What of a proposal one juror may see.
struct JurorView {
  std::string number;  // empty in a double-blind cycle
  std::string category;
  std::vector<std::pair<const Field*, base::JsonValue>> answers;
  std::vector<StoredFile> files;  // named by their slots
};

// What is worked out of all sheets of a cycle or category; by the proposals' places.
struct Judged {
  std::vector<ScoreSheet> sheets;  // as in `input`
  panel::SheetsInput input;
  panel::Standings standings;
};
struct Ranked {
  std::vector<Proposal> proposals;  // without their answers
  std::vector<Decision> last;       // of each; empty outcome: none yet
  std::shared_ptr<const Judged> judged;
};

class JuryDesk {
 public:
  // `rounds` outlives it; without them nothing is sealed.
  JuryDesk(EntryDesk& entries, JuryBook& book, Rounds* rounds = nullptr)
      : entries_(entries), book_(book), rounds_(rounds) {}

  // the secretariat
  base::Result<Juror> put_juror(const Cycle&, const std::string& account, const base::JsonValue& body);
  // Proposed where `commit` is false. Sheets that have begun stay where they are. {fixed: [{proposal, juror, why}],
  // forbidden: [{proposal, juror}]} are the secretary's own pairs; `why` where one is barred.
  base::Result<panel::Assignment> assign(const Cycle&, const base::JsonValue& body, Instant now,
                                         panel::AssignmentInput& out);

  // jurors; Errc::not_found where the sheet is not their own
  base::Result<ScoreSheet> own(std::string_view juror, std::string_view sheet);
  base::Result<JurorView> view(const ScoreSheet&);
  base::Result<ScoreSheet> save(std::string_view juror, std::string_view sheet, const base::JsonValue& body,
                                Instant arrived);
  // The receipt. A second time needs a reason, and the first stays on record.
  base::Result<std::string> hand_in(std::string_view juror, std::string_view sheet, std::string_view reason,
                                    Instant arrived);
  base::Result<ScoreSheet> declare_conflict(std::string_view juror, std::string_view sheet, std::string_view why,
                                            Instant now);

  // the panel; Errc::conflict before the round has closed
  base::Result<Ranked> ranking(const Cycle&, std::string_view category, Instant now);
  // All that the applicant wrote, as it was received last, in every language, without what is hidden from jurors.
  base::Result<std::string> received_words(const Proposal&);
  base::Result<Proposal> decide(const std::string& chair, std::string_view proposal, const base::JsonValue& body,
                                Instant now);
  static bool closed(const Cycle&, Instant now);
  // Whether scores can be read: Errc::conflict before the round has closed, and until a sealed one has been opened.
  base::Status readable(const Cycle&, Instant now);

  // Errc::conflict where a review is locked to a closing time that its cycle's file no longer gives.
  base::Status check_locks();

  // prizes without scores
  base::Result<Nomination> nominate(const Cycle&, const std::string& by, const base::JsonValue& body, Instant now);
  base::Status vote(const Cycle&, const std::string& juror, std::string_view prize, std::string_view nomination);
  // How the vote of a prize's group stands, by the prize's rules; candidates are nominations. Errc::not_found.
  base::Result<panel::VoteResult> count(const Cycle&, std::string_view prize, std::string_view group);

  JuryBook& book() { return book_; }
  EntryDesk& entries() { return entries_; }

 private:
  base::Status check_review(const Cycle&, Instant arrived) const;
  base::Result<base::JsonValue> received_answers(const Proposal&);
  base::Result<std::optional<RoundState>> seal_of(const Cycle&);
  base::Result<std::shared_ptr<const Judged>> judge(const Cycle&, const std::vector<Proposal>&,
                                                    std::vector<double> bonus);

  EntryDesk& entries_;
  JuryBook& book_;
  Rounds* const rounds_;
  std::mutex mutex_;                // guards the two below
  std::set<std::string> unsealed_;  // cycles whose opened sheets stand in the book
  // What was worked out last, by cycle and category, with all that it came from: it stands while that is the same.
  struct Kept {
    std::uint64_t scores{};
    std::vector<std::string> proposals;
    std::vector<double> bonus;
    std::shared_ptr<const Judged> judged;
  };
  std::map<std::string, Kept> kept_;
};

// Whether it is judged no more, for good or until it is reinstated.
bool is_out(std::string_view stage);

// Scores by dimension within their range and steps; where `whole`, all of them. Every mistake in one sentence.
base::Result<std::string> checked_scores(const Cycle&, const base::JsonValue& given, bool whole);

}  // namespace cityloop::awards
