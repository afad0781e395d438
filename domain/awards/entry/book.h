// The confidential side of a cycle: who applies, what they write and send, what was asked and answered. One file,
// DATA/awards/awards.db; erased means overwritten (store/sqlite.h).
//
//   EntryDesk, Secretariat ─▶ [Book]          the log has numbers, stages and times of the same proposals, and no more
//
//   applicant   an account's unit and how it is reached; in the log an applicant is the number that stands here
//   proposal    one a draft; its number of the cycle from the first submission on
//   submission  each version as it was received: the canonical text, its receipt; never changed
//   file        what was uploaded, and for which round; upload: what is on its way
//   question    of the secretariat, with the answer
//   event       what happened beside the way of casework, with reasons that name people or quote texts
//
// Any thread; a call that returns has its change on disk.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "flow/finding.h"
#include "store/sqlite.h"

namespace cityloop::awards {

using base::Instant;

// The tables and their lock, shared with what stands in the same file (desk/jury_book.h).
struct Tables {
  explicit Tables(store::Sqlite is) : db(std::move(is)) {}
  std::mutex mutex;
  store::Sqlite db;  // guarded by mutex
};

struct Applicant {
  std::string id;       // "applicant:" and 16 hexadecimal digits
  std::string account;  // principal
  flow::Bilingual unit;
  std::string unit_key;  // by which a unit's proposals are counted: its name in normal form, or its registered code
  std::string unit_code, city, person, email, phone;
  std::string language{"zh"};
  bool complete() const { return !unit.zh.empty() || !unit.en.empty(); }
};

struct Proposal {
  std::string id;  // 24 hexadecimal digits that nobody can guess
  std::string cycle, applicant, category;
  std::string number;   // "CA26-0001"; empty before it was submitted
  std::string case_id;  // its way; empty before
  std::string stage{"draft"};
  std::string answers{"{}"};  // JSON by field
  std::string title;          // of the answers, in the first language that has one
  unsigned revision{0};       // of the draft: who saves over another's change is told
  unsigned version{0};        // submissions
  Instant created_at{base::kNever}, changed_at{base::kNever}, submitted_at{base::kNever};
  Instant shortlisted_at{base::kNever}, confirmed_at{base::kNever};
  bool opted_out{false};
  std::vector<std::string> consents;  // channels
  std::string transfer_to;            // category that a transfer was announced for
  std::string prize;                  // what it was given
};

struct Submission {
  std::string proposal;
  unsigned version{};
  Instant at{base::kNever};
  std::string text;     // canonical (entry/answers.h)
  std::string receipt;  // JSON; empty until the log has it
};

struct StoredFile {
  std::string id;                     // 24 hexadecimal digits
  std::string proposal, slot, round;  // round: submission, questions, materials
  std::string name;                   // as the applicant calls it; shown, never used on disk
  std::string media_type, sha256;
  std::uint64_t bytes{};
  unsigned pages{};
  double seconds{};
  Instant at{base::kNever};
};

// A file on its way; how much of it is there its bytes on disk say (vault.h).
struct Upload {
  std::string id, proposal, slot, round, name;
  std::string sha256;  // as the sender says; empty: not said
  std::uint64_t bytes{};
  Instant at{base::kNever};
};

struct Question {
  std::int64_t number{};
  std::string proposal, text, asked_by, answer;
  Instant asked_at{base::kNever}, answered_at{base::kNever};
};

struct Event {
  std::string proposal;  // or whole_cycle()
  Instant at{base::kNever};
  std::string by, what, why;
};

// More than a cycle of any kind has; lists of a whole cycle end there.
inline constexpr std::size_t kProposalsMax = 20'000;

struct ProposalFilter {
  std::string cycle, applicant, category, stage;  // empty: any
  std::string words;                              // part of a number or title
  bool submitted{false};                          // drafts left out
  std::vector<std::string> stages{};              // one of them; empty: any
  bool without_way{false};                        // those for which no case runs yet
};

class Book {
 public:
  static base::Result<std::unique_ptr<Book>> open(const std::string& file);

  // applicants
  base::Result<std::optional<Applicant>> applicant_of(std::string_view account);
  base::Result<std::optional<Applicant>> applicant(std::string_view id);
  base::Status put_applicant(const Applicant&);  // by its id
  // Who they are and how they are reached; of one who has proposals the unit's name stays with those.
  base::Status forget_applicant(std::string_view id);

  // proposals
  base::Status put_proposal(const Proposal&);  // a whole row, made or changed
  base::Result<std::optional<Proposal>> proposal(std::string_view id);
  base::Result<std::optional<Proposal>> proposal_of(std::string_view number);
  base::Result<std::vector<Proposal>> proposals(const ProposalFilter&, std::size_t max, std::size_t skip);
  // The same without their answers, which are most of a row.
  base::Result<std::vector<Proposal>> heads(const ProposalFilter&, std::size_t max, std::size_t skip);
  base::Result<std::size_t> count(const ProposalFilter&);
  base::Status each(std::string_view cycle, const std::function<void(const Proposal&)>&);  // by number, drafts last
  base::Status drop_draft(std::string_view id);                                            // with its files' rows
  // Submitted ones of one unit that were not withdrawn or disqualified.
  base::Result<std::size_t> of_unit(std::string_view cycle, std::string_view unit_key, std::string_view but);
  struct StageCount {
    std::string category, stage;
    std::size_t count{};
  };
  base::Result<std::vector<StageCount>> counts(std::string_view cycle);
  // How large a cycle is, of what was received; what came out again is counted still, as it is listed still.
  struct Size {
    std::string category;  // empty: all of the cycle
    std::size_t proposals{}, applicants{}, cases{};
  };
  // All of the cycle first, then each category that has any. `slots`: whose files are supporting cases.
  base::Result<std::vector<Size>> sizes(std::string_view cycle, const std::vector<std::string>& slots);
  // What may be shown to everybody of these cycles: chosen, not opted out, with consent where the cycle asks for it.
  struct Shelf {
    std::string cycle;
    bool by_consent{};
  };
  struct LibraryPage {
    std::vector<Proposal> heads;  // by cycle and number
    std::size_t total{};
  };
  base::Result<LibraryPage> library(const std::vector<Shelf>&, std::string_view category, std::string_view words,
                                    std::size_t max, std::size_t skip);

  // What is received: the next number of the cycle if it has none, the version, the row of the submission; one step.
  base::Status receive(Proposal&, std::string_view prefix, Submission&,
                       const std::function<std::string(const Proposal&)>& text_of);
  base::Status set_receipt(std::string_view proposal, unsigned version, std::string_view receipt);
  base::Result<std::vector<Submission>> submissions(std::string_view proposal);
  base::Result<std::optional<Submission>> submission(std::string_view proposal, unsigned version);
  base::Result<std::vector<Submission>> without_receipt();

  // files
  base::Status put_file(const StoredFile&);
  base::Status drop_file(std::string_view id);
  base::Result<std::optional<StoredFile>> file(std::string_view id);
  base::Result<std::vector<StoredFile>> files(std::string_view proposal);  // without those retired

  // One that a received version names stays, and counts no more.
  base::Status retire_file(std::string_view id);

  // uploads
  base::Status put_upload(const Upload&);
  base::Status drop_upload(std::string_view id);
  base::Result<std::optional<Upload>> upload(std::string_view id);
  base::Result<std::vector<Upload>> uploads(std::string_view proposal);  // of all where it is empty

  // questions
  base::Result<std::int64_t> ask(const Question&);
  base::Status answer(std::int64_t number, std::string_view text, Instant);
  base::Result<std::vector<Question>> questions(std::string_view proposal);

  // events
  base::Status note(const Event&);
  base::Result<std::vector<Event>> events(std::string_view proposal);  // or whole_cycle()

  const std::shared_ptr<Tables>& tables() const { return tables_; }

 private:
  base::Result<std::vector<Proposal>> list(std::string_view columns, const ProposalFilter&, std::size_t max,
                                           std::size_t skip);
  explicit Book(std::shared_ptr<Tables> tables) : tables_(std::move(tables)), db_(tables_->db) {}
  std::shared_ptr<Tables> tables_;
  store::Sqlite& db_;  // guarded by tables_->mutex
};

// Where events of a whole cycle stand, as if it were a proposal.
std::string whole_cycle(std::string_view cycle);
// A name that nobody can guess.
std::string make_id();

}  // namespace cityloop::awards
