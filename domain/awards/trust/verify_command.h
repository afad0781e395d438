// cityloop verify FILE… [--log URL|FOLDER] [--key FILE] [--lang zh|en]: what receipts prove, in plain sentences.
// cityloop awards key FILE --role ROLE: a holder's key for sealed rounds, made on the holder's own machine.
//
//   files, http ─▶ [verify_command] ─ Evidence ─▶ judge() ─ sentences ─▶ standard output
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::awards {

// Errc::corrupt when something does not hold; any other error when it could not be checked.
base::Status verify_command(const std::vector<std::string>& words);
// The passphrase is the first line of standard input.
base::Status key_command(const std::vector<std::string>& words);

}  // namespace cityloop::awards
