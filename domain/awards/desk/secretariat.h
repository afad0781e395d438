// The secretariat of a cycle: where every proposal stands, who is missing what, and the steps that are its own.
//
//   SecretaryRoutes ─▶ [Secretariat] ─▶ EntryDesk, JuryDesk
//
// It sees who applies and what they write, never a score. Threads as EntryDesk's.
#pragma once

#include "domain/awards/blind/pdf.h"
#include "domain/awards/desk/jury_desk.h"

namespace cityloop::awards {

// How long an announced transfer waits for the applicant's word; one who agrees ends the waiting.
inline constexpr base::Duration kTransferNotice = std::chrono::days(3);

// Whether it is shown to jurors, and so masked for them: the PDFs of the proposal, without the ceremony's.
bool is_masked(const StoredFile&);

class Secretariat {
 public:
  Secretariat(EntryDesk& entries, JuryDesk& jury) : entries_(entries), jury_(jury) {}

  base::Result<Proposal> submitted(std::string_view id);  // Errc::not_found: drafts are their applicants' alone
  // {verb, note, category}: a step of the workflow with what belongs to it.
  base::Result<Proposal> step(const std::string& by, std::string_view id, const base::JsonValue& body, Instant now);

  // Masks what names the applicant, by what is known of it and by how such things look, in the texts and in the PDFs,
  // of which blind copies are made (blind/pdf.h); {mask, keep} are the secretary's own decisions. Nothing is shown to
  // jurors before release(), and of files nothing but the blind copies. Takes up to minutes, where pages are read by
  // OCR: it is the one function here that is called on the study's thread, by MaskingRuns.
  base::Status mask(const Proposal&, const base::JsonValue& decisions, Instant now, const blind::PageDone&,
                    base::JsonWriter& report);
  base::Result<Masking> release(const std::string& by, const Proposal&, const base::JsonValue& body, Instant now);

 private:
  base::Status ask(const std::string& by, const Proposal&, const std::string& text, Instant now);
  base::Status check_transfer(const Proposal&, const std::string& note, Instant now);

  EntryDesk& entries_;
  JuryDesk& jury_;
};

}  // namespace cityloop::awards
