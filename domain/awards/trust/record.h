// The award record of one city: its key, its log, and the receipts that are made of what goes into it.
//
//   EntryDesk, JuryDesk, rounds ─ Deed ─▶ [Record] ─ Receipt ─▶ applicants, jurors; public routes ◀─ heads, proofs
//
// FOLDER/log.key is the private key (PEM, mode 0600), made when there is neither key nor log; FOLDER/log.jsonl the log.
// A log whose key is gone is not gone on with: its readers could not tell it from another's. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/awards/entry/submission_log.h"
#include "domain/awards/trust/merkle_log.h"
#include "domain/awards/trust/receipt.h"

namespace cityloop::awards {

// Something that happened and must not be deniable. What is guessable (a score, a vote, a form's few fields) or not for
// everybody is hidden: the log has a commitment with a salt that only the receipt knows.
struct Deed {
  std::string_view kind;
  std::string_view cycle;
  std::string_view subject;
  std::string_view by;  // a role
  base::Instant at;
  std::string_view content;
  bool hidden{true};
  std::optional<Digest> sealed{};  // of the bytes that are kept instead of the content (seal.h)
  std::string_view salt{};         // of kSaltBytes; empty: one is made
};

class Record final : public SubmissionLog {
 public:
  static base::Result<std::unique_ptr<Record>> open(const std::string& folder, const base::Clock&,
                                                    store::DiskFaults faults = {});

  // On disk when it returns. Errors are MerkleLog::append's.
  base::Result<Receipt> note(const Deed&);
  // The receipt's JSON, with the content in it.
  base::Result<std::string> append(const Received&) override;

  // Under the newest head; without content, which is not here.
  base::Result<Receipt> receipt(std::uint64_t n) const;
  PublishedHead head() const;
  base::Result<Growth> growth(std::uint64_t from) const;
  const MerkleLog& log() const { return *log_; }

 private:
  explicit Record(std::unique_ptr<MerkleLog> log) : log_(std::move(log)) {}
  Receipt receipt_of(Logged) const;

  std::unique_ptr<MerkleLog> log_;
};

}  // namespace cityloop::awards
