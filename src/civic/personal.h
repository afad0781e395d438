// Finds what looks like personal data in a text that citizens wrote, so that it can be blacked out until a moderator
// has read it: phone numbers, e-mail addresses, identity and bank cards, number plates, accounts of messengers.
//
// It looks at forms, not at meanings: names are not found, and a number that only looks like a phone is blacked out as
// well. Full-width letters and digits count as their narrow ones. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::civic {

enum class Personal : std::uint8_t { phone, email, id_card, plate, bank_card, account };
std::string_view to_string(Personal);

struct PersonalFind {
  Personal what{Personal::phone};
  std::size_t begin{}, end{};  // bytes of the text
};

// In order, without overlaps. Text that is no UTF-8 is taken byte by byte.
std::vector<PersonalFind> find_personal(std::string_view text);

std::string mask_personal(std::string_view text);

}  // namespace cityloop::civic
