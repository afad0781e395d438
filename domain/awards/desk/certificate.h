// The certificate of a proposal that was awarded or shortlisted to the end: one sheet, A4, in one language.
//
//   Proposal, Submission ─▶ [make_certificate] ─▶ PDF, with the number and the digest of what was received as a square
//   code
//
// The digest is the one that the applicant's receipt proves, so who holds both can show that this sheet is of that
// text.
#pragma once

#include "domain/awards/entry/entry_desk.h"
#include "serve/views.h"

namespace cityloop::awards {

// Errc::conflict where there is nothing to be certified. The same proposal gives the same bytes.
base::Result<std::string> make_certificate(const Cycle&, const Applicant&, const Proposal&, const Submission&,
                                           serve::Language);
// The same as an answer, in the language of the one who asks.
base::Result<net::Response> certificate_response(EntryDesk&, const Applicant&, const Proposal&, const net::Request&);

}  // namespace cityloop::awards
