// A seal that only the holder of a secret can put on a text: for links that stand for a right without an account.
#pragma once

#include <string>
#include <string_view>

namespace cityloop::trust {

// HMAC-SHA-256 in hex, 64 characters.
std::string seal(std::string_view secret, std::string_view text);

// Whether two seals are the same, in a time that tells nothing of where they differ; only their lengths are no secret.
bool same_seal(std::string_view, std::string_view);

}  // namespace cityloop::trust
