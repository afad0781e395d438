// A check-up as pages to be printed, A4, in one language: what stands out, then each domain with its indicators,
// targets and trends, its curves, and the areas compared.
#pragma once

#include <string>

#include "serve/city.h"
#include "serve/dossier/sheet.h"
#include "serve/index/checkup.h"
#include "serve/views.h"

namespace cityloop::serve {

// The PDF's bytes; the same for the same check-up.
base::Result<std::string> make_checkup_sheet(const Checkup&, const CheckupWish&, const City&, const base::TimeZone&,
                                             Language, const std::string& font_config);

}  // namespace cityloop::serve
