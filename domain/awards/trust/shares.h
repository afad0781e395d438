// A secret in parts of which some together give it again and fewer give nothing at all (Shamir's, over GF(2^8) with the
// polynomial 0x11b of AES, byte by byte).
//
//   key of a sealed sheet ─▶ split() ─ one share a holder ─▶ join()
//
// A share is its number (1 to 255) and as many bytes as the secret has. Pure but for the randomness handed in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cityloop::awards {

// 1 <= need <= holders <= 255. `random` has (need - 1) times as many bytes as the secret, all unpredictable.
std::vector<std::string> split(std::string_view secret, unsigned need, unsigned holders, std::string_view random);
// Of at least `need` shares with different numbers; of others it is some text or other, which proves itself wrong.
std::string join(const std::vector<std::string>& shares);

}  // namespace cityloop::awards
