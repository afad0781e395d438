// A case with its evidence as one ZIP that can be kept, handed on, and verified without this server.
//
//   Dossier ─▶ [make_evidence] ─ case-NUMBER/{sheet.zh.pdf, sheet.en.pdf, case.json, log.jsonl, photos/, rules/,
//   README.*,
//                                 manifest.json, SHA256SUMS}
//
// SHA256SUMS is read by `sha256sum -c`; manifest.json also has the SHA-256 of each record as the log itself holds it,
// so that whoever has the log can tell that nothing was changed or left out. The same dossier gives the same bytes.
#pragma once

#include "serve/dossier/case_sheet.h"
#include "serve/dossier/dossier.h"

namespace cityloop::serve {

// Ready to be saved as case-NUMBER.zip.
base::Result<std::string> make_evidence(const DossierSources&, const Dossier&, Language, const CaseFinder&,
                                        const SheetStyle& = {});

// One record as a line of log.jsonl, without its line end: number, time, author, and of each change what was before and
// after.
std::string record_line(const TrailRecord&, const std::function<std::string(std::string_view)>& mask);
// A case as /api/v1/cases/{id} shows it, without what its reader may do.
std::string case_json(const DossierSources&, const Dossier&, Language, const CaseFinder&);
std::string file_name(const flow::Case&);  // "case-0004-2173"

}  // namespace cityloop::serve
