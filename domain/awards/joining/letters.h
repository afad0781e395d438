// What is written to whoever comes to take part, in Chinese and English. Nothing of what a stranger typed stands in a
// letter: it goes to an address that anybody may have named.
#pragma once

#include <string>

#include "domain/awards/cycle/cycle.h"
#include "mail/letter.h"

namespace cityloop::awards {

// `cycle` is null where a password is wished for and no cycle was named; `hours` is how long the link holds.
mail::Letter take_part_letter(const Cycle&, const std::string& link, int hours);
mail::Letter password_letter(const Cycle* cycle, const std::string& link, int hours);
// `page` is where one asks for another link; `unit` is in the secretary's words.
mail::Letter invitation_letter(const Cycle&, const std::string& unit, const std::string& link, const std::string& page,
                               int hours);
// To whoever has an account already: `desk` is where they go on.
mail::Letter invitation_letter(const Cycle&, const std::string& unit, const std::string& desk);

}  // namespace cityloop::awards
