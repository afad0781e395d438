// One form for what means the same: so that two people who write alike are seen to, whatever their keyboards do.
//
//   bytes from outside ─ to_utf8 ─▶ text ─ [normal_form] ─▶ words, features, likeness
//
// Depends on no locale of the machine. Full-width and half-width forms, circled and compatibility forms become one
// (NFKC with case folding); traditional characters become simplified ones, character by character; invisible
// characters, control characters and spreadsheets' line-end marks (_x000D_) go; white space of any kind is one blank,
// none at the ends; a character written more than three times in a row is written three times.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::text {

// Bytes that are no UTF-8 become blanks.
std::string normal_form(std::string_view utf8);

// UTF-8 as it is; other bytes are read as GB18030 (and so as GBK and GB2312). Errc::malformed when they are neither.
base::Result<std::string> to_utf8(std::string_view bytes);

}  // namespace cityloop::text
