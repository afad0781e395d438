// A case as an official sheet, A4, in one language: what it is and where it stands, the place, photos, the reporter's
// words, deadlines explained, requests, tasks, plan, findings with their readings, commands, the whole timeline,
// notices.
#pragma once

#include "serve/dossier/dossier.h"
#include "serve/dossier/sheet.h"
#include "serve/views.h"

namespace cityloop::serve {

struct SheetStyle {
  std::string font_config;  // sheet.h
};

// The PDF's bytes; the same for the same dossier.
base::Result<std::string> make_case_sheet(const DossierSources&, const Dossier&, Language, const SheetStyle& = {});

}  // namespace cityloop::serve
