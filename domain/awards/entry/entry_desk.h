// What an applicant does, from the first draft to the ceremony's materials.
//
//   EntryRoutes ─▶ [EntryDesk] ─▶ Book, Vault        ─▶ Stages (the way, in the log)        ─▶ SubmissionLog (receipts)
//
// Every function is given who asks and when the asking arrived, by the server's clock: what a client says of time is
// never looked at. Whatever is somebody else's is not found, as if it did not exist. A submission is acknowledged when
// its text is on disk and in the log of receipts; what is still owed to casework then is done by look(). Functions that
// change something are called by one thread at a time (Office::back); those that only read, by any.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"
#include "domain/awards/cycle/cycle.h"
#include "domain/awards/entry/answers.h"
#include "domain/awards/entry/book.h"
#include "domain/awards/entry/file_check.h"
#include "domain/awards/entry/stages.h"
#include "domain/awards/entry/submission_log.h"
#include "domain/awards/entry/vault.h"

namespace cityloop::awards {

// Which files may be sent while a proposal is in a stage: "submission", "questions", "materials"; empty: none.
std::string_view round_of(std::string_view stage);
bool has_ended(std::string_view stage);
// Where its being there, and who sent it, is no secret any more.
bool is_public_stage(std::string_view stage);

struct NewUpload {
  std::string slot, name, sha256;
  std::uint64_t bytes{};
};

// The transfer that was announced last, and what its applicant said to it.
struct Transfer {
  Instant announced_at{base::kNever}, replied_at{base::kNever};  // kNever: not yet
  bool agreed{};
  std::string note, why;  // the secretary's reason; the applicant's
};
Transfer transfer_in(const std::vector<Event>&);

// What came of a file: kept, or why not.
struct TakenFile {
  std::optional<StoredFile> file;
  Refusal refusal;
};

class EntryDesk {
 public:
  EntryDesk(const std::vector<Cycle>& cycles, Book& book, const Vault& vault, const Stages& stages, SubmissionLog& log)
      : cycles_(cycles), book_(book), vault_(vault), stages_(stages), log_(log) {}

  const Cycle* cycle(std::string_view id) const;
  const std::vector<Cycle>& cycles() const { return cycles_; }

  // the applicant
  base::Result<std::optional<Applicant>> applicant_of(const std::string& account) {
    return book_.applicant_of(account);
  }
  base::Result<Applicant> put_profile(const std::string& account, const base::JsonValue& body);

  // the proposal; Errc::not_found where it is not the applicant's own
  base::Result<Proposal> own(const Applicant&, std::string_view id);
  base::Result<Proposal> make(const Applicant&, std::string_view cycle, std::string_view category, Instant now);
  // `revision` is the one that was changed; Errc::conflict where there is a newer one.
  base::Result<Proposal> save(const Applicant&, std::string_view id, unsigned revision, std::string_view category,
                              const base::JsonValue* answers, Instant now);
  base::Status drop(const Applicant&, std::string_view id);
  base::Result<std::vector<Lack>> lacks(const Applicant&, const Proposal&);
  // The receipt. Errc::invalid where something is missing, Errc::conflict where it is late or early.
  base::Result<Submission> submit(const Applicant&, std::string_view id, Instant arrived);
  // What was asked for, in screening or by questions: answers by number; every open one must have one.
  base::Result<Submission> answer(const Applicant&, std::string_view id, const base::JsonValue& body, Instant arrived);
  base::Result<Proposal> reply_to_transfer(const Applicant&, std::string_view id, bool agrees, std::string_view why,
                                           Instant now);
  base::Result<Proposal> withdraw(const Applicant&, std::string_view id, Instant now);
  base::Result<Proposal> confirm(const Applicant&, std::string_view id, Instant arrived);
  base::Result<Proposal> set_publication(const Applicant&, std::string_view id, const base::JsonValue& body,
                                         Instant now);

  // files
  base::Result<Upload> begin_upload(const Applicant&, std::string_view proposal, const NewUpload&, Instant now);
  base::Result<std::uint64_t> take_part(const Applicant&, std::string_view upload, std::uint64_t offset,
                                        std::string_view part);
  // Checks what it is; takes seconds.
  base::Result<TakenFile> finish_upload(const Applicant&, std::string_view upload, Instant now);
  base::Status drop_upload(const Applicant&, std::string_view upload);
  base::Status drop_file(const Applicant&, std::string_view proposal, std::string_view file);

  // What is owed and what falls due: receipts and ways of submissions that a stop came between, places that were not
  // confirmed in time, uploads that nobody finished in a day, transfers to which nobody replied.
  base::Status look(Instant now);

  // Writes the step's stage into the book.
  base::Result<Proposal> take(Proposal, std::string_view verb, const std::string& by, std::string_view role,
                              Instant now);
  base::Status note(const Proposal&, Instant, std::string_view by, std::string_view what, std::string_view why);

  Book& book() { return book_; }
  const Vault& vault() const { return vault_; }
  SubmissionLog& log() { return log_; }

 private:
  base::Result<Upload> own_upload(const Applicant&, std::string_view id);
  base::Result<FileSlot> slot_for(const Proposal&, std::string_view slot, Instant now);
  base::Status check_window(const Cycle&, Instant arrived) const;
  base::Result<Submission> freeze(Proposal&, std::string_view what, Instant arrived);
  base::Status way_of(Proposal&, Instant now);
  base::Status settle_owed();
  base::Status lapse(Instant now);
  base::Status sweep_uploads(Instant now);

  const std::vector<Cycle>& cycles_;
  Book& book_;
  const Vault& vault_;
  const Stages& stages_;
  SubmissionLog& log_;
};

// The slot of a round: the form's, or the ceremony's film.
std::optional<FileSlot> slot_of(const Cycle&, std::string_view round, std::string_view id);

inline constexpr std::size_t kDraftsMax = 40;                               // of an applicant in a cycle
inline constexpr std::uint64_t kProposalBytesMax = std::uint64_t{1} << 30;  // all files of one
inline constexpr std::size_t kUploadsMax = 8;                               // on their way, of one proposal

}  // namespace cityloop::awards
