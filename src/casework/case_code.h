// The short public number of a case: what a clerk reads out and a citizen types in.
//
// Seven digits that count the city's cases and one that checks them, in groups of four: "0000-4213". The check digit
// (Damm's) tells every single wrong digit and every two neighbours that were swapped, the mistakes of ears and fingers.
// A city of more than ten million cases gets longer numbers. The count is the log's, so a replay gives the same codes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cityloop::casework {

std::string case_code(std::uint64_t number);       // from 1
std::uint64_t case_number(std::string_view code);  // of a code as case_code() makes it; 0 for anything else

// As it is kept, from what people write: blanks, dashes and full-width digits do not matter. Nothing where it is no
// code, or its check digit says that it was heard wrongly.
std::optional<std::string> read_case_code(std::string_view);

}  // namespace cityloop::casework
