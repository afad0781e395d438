// Passwords, and the secrets that stand for a session or a token: made, hashed, compared. Nothing here is ever logged.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::trust {

// 256 bits from the system, 43 characters of URL-safe base64: fit for a cookie and a header.
std::string make_secret();
// What is stored of such a secret: SHA-256 in hex. Needs no salt, as nobody can guess 256 bits.
std::string fingerprint(std::string_view secret);

// Argon2id with 2 passes over 19 MiB in one lane; some tens of milliseconds and 19 MiB of memory, so never on a thread
// that serves others.
base::Result<std::string> hash_password(std::string_view password);
bool verify_password(std::string_view password, const std::string& stored);
// The same work for nothing: an unknown user takes as long as a known one.
void waste_a_hash(std::string_view password);

// 32 bytes for a cipher: Argon2id with 3 passes over 64 MiB in one lane, so that guessing costs. `salt` has 16 bytes.
base::Result<std::string> key_from_passphrase(std::string_view passphrase, std::string_view salt);

// At least 10 characters, at most 1,024 bytes, in UTF-8.
base::Status check_password(std::string_view password);

}  // namespace cityloop::trust
