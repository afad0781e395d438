// The jury's side of a cycle, in the same file as the book (entry/book.h): who may judge what, their sheets with every
// version that they handed in, what was masked for them, the panel's decisions, nominations and votes.
//
//   Secretariat, JuryDesk, Panel ─▶ [JuryBook]
//
// A sheet's id is opaque: it tells neither juror nor proposal. Any thread; a call that returns has its change on disk.
#pragma once

#include <atomic>
#include <map>

#include "domain/awards/entry/book.h"

namespace cityloop::awards {

struct Juror {
  std::string account, cycle, name;
  std::vector<std::string> key_words, organisations, cities, co_authors, declared;
  std::string text;  // what they work on
  unsigned load_max{20};
};

enum class SheetState : std::uint8_t { open, submitted, conflict, removed };
std::string_view to_string(SheetState);

struct ScoreSheet {
  std::string id, proposal, juror, cycle;
  SheetState state{SheetState::open};
  std::string scores{"{}"};  // JSON by dimension: the draft, and after that what was handed in last
  std::string comment;
  unsigned version{0};  // how often it was handed in
  std::string why;      // of a conflict or a removal; of an assignment in spite of a bar
  Instant at{base::kNever};
};

struct SheetVersion {
  unsigned version{};
  Instant at{base::kNever};
  std::string scores, comment, reason;
};

// What jurors are shown of a proposal in a double-blind cycle.
struct Masking {
  std::string proposal;
  std::string answers{"{}"};       // JSON by field, masked
  std::string decisions{"{}"};     // of the secretary: {"mask": […], "keep": […]}
  std::vector<std::string> files;  // that may be shown
  std::string released_by;         // empty: not yet
  Instant at{base::kNever};
};

// Masking that was asked for last, and what came of it.
enum class RunState : std::uint8_t { waiting, done, failed };
struct MaskingRun {
  std::string proposal;
  unsigned version{};           // of the proposal
  std::string decisions{"{}"};  // as Masking's
  Instant at{base::kNever};     // when it was asked for
  RunState state{RunState::waiting};
  std::string problem;  // of one that failed
  std::string report;   // JSON, of one that is done
};

struct Decision {
  std::string proposal, outcome, by, reason;
  std::vector<std::string> bonuses;
  double points{};
  Instant at{base::kNever};
};

struct Nomination {
  std::string id, cycle, prize, group, name, statement, by;
  Instant at{base::kNever};
};

class JuryBook {
 public:
  static base::Result<std::unique_ptr<JuryBook>> open(const Book&);

  base::Status put_juror(const Juror&);
  base::Status drop_juror(std::string_view cycle, std::string_view account);
  base::Result<std::vector<Juror>> jurors(std::string_view cycle);

  base::Status put_sheet(const ScoreSheet&);
  base::Status put_sheets(const std::vector<ScoreSheet>&);  // all or none
  base::Result<std::optional<ScoreSheet>> sheet(std::string_view id);
  base::Result<std::vector<ScoreSheet>> sheets_in(std::string_view cycle);
  // A juror's, without those that were taken back; each with what a list says of its proposal.
  struct Listed {
    ScoreSheet sheet;
    std::string number;
    bool released{};
  };
  base::Result<std::vector<Listed>> sheets_of(std::string_view juror);
  // Some of a cycle's by id, without what stands on them; and how many there are.
  base::Result<std::vector<ScoreSheet>> sheet_heads(std::string_view cycle, std::size_t max, std::size_t skip);
  base::Result<std::size_t> sheet_count(std::string_view cycle);
  // By juror: how many sheets are theirs to judge, and how many of them are handed in.
  struct Load {
    std::size_t sheets{}, handed_in{};
  };
  base::Result<std::map<std::string, Load>> loads(std::string_view cycle);
  // Every sheet that was handed in, with the scores that it was handed in with last, not those begun since.
  base::Result<std::vector<ScoreSheet>> scored(std::string_view cycle);
  // Counts what changes them: the same number is the same scores.
  std::uint64_t scores_changed() const { return scores_changed_; }
  base::Result<std::vector<ScoreSheet>> sheets_on(std::string_view proposal);
  // The sheet and its version, in one step.
  base::Status hand_in(const ScoreSheet&, const SheetVersion&);
  base::Result<std::vector<SheetVersion>> versions(std::string_view sheet);
  // What was sealed when it was handed in, once it is opened: scores and comment of versions that are there; all or
  // none.
  struct Unsealed {
    std::string sheet;
    unsigned version{};
    std::string scores, comment;
  };
  base::Status unseal(const std::vector<Unsealed>&);

  base::Status put_masking(const Masking&);
  base::Result<std::optional<Masking>> masking(std::string_view proposal);

  base::Status put_run(const MaskingRun&);
  base::Result<std::optional<MaskingRun>> run(std::string_view proposal);
  base::Result<std::optional<MaskingRun>> waiting_run();  // the first that was asked for

  base::Status decide(const Decision&);
  base::Result<std::vector<Decision>> decisions(std::string_view proposal);
  base::Result<std::vector<Decision>> decisions_in(std::string_view cycle);  // in their order

  base::Status nominate(const Nomination&);
  base::Result<std::vector<Nomination>> nominations(std::string_view cycle, std::string_view prize);
  // One voice for each group of a prize; another takes its place.
  base::Status vote(std::string_view juror, const Nomination& whom);
  // The nominations of a prize that a juror has voted for, by group.
  base::Result<std::vector<std::string>> votes_of(std::string_view cycle, std::string_view prize,
                                                  std::string_view juror);
  // The nominations that voices of the jury name, in no juror's order; who has left it has none.
  base::Result<std::vector<std::string>> ballots(std::string_view cycle, std::string_view prize,
                                                 std::string_view group);

 private:
  explicit JuryBook(std::shared_ptr<Tables> tables) : tables_(std::move(tables)), db_(tables_->db) {}
  base::Result<std::vector<ScoreSheet>> sheets_by(std::string_view column, std::string_view value);
  std::shared_ptr<Tables> tables_;
  store::Sqlite& db_;  // guarded by tables_->mutex
  std::atomic<std::uint64_t> scores_changed_{0};
};

}  // namespace cityloop::awards
