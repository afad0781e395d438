// What an applicant has filled in: kept as it comes, told what is missing, and frozen when it is submitted.
//
//   draft (JSON by field) ─▶ [read_answers] ─▶ lacks_of ─▶ nothing is missing ─▶ frozen_text ─▶ SubmissionLog
//
// Texts of both languages stand as {"zh": …, "en": …}, all others as one value. A draft is kept even where a text is
// too long or an address is none: nobody loses what they wrote. Refused at once is what cannot be kept at all: a field
// that the cycle does not have, a value of another type.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "domain/awards/cycle/cycle.h"
#include "domain/awards/entry/book.h"

namespace cityloop::awards {

// Cleaned of what acts instead of being seen (sense/clean_text.h), in the form's order. Every mistake in one sentence.
base::Result<base::JsonValue> read_answers(const Cycle&, const base::JsonValue& given);

// What must still be done before this may be submitted.
struct Lack {
  std::string code;      // empty too_long too_short not_a_number out_of_range not_an_email … too_few_files no_partner …
  std::string where;     // id of a field or a file's slot, "category", "applicant"
  std::string language;  // zh, en; empty: no matter
  Bilingual text;
};
std::vector<Lack> lacks_of(const Cycle&, const Proposal&, const std::vector<StoredFile>&);

// By what it is called, in the first language that has it.
std::string title_of(const Cycle&, const base::JsonValue& answers);
// One answer as one text in a language, or in the other where there is none; lists are parted by commas.
std::string text_of(const Cycle&, const Field&, const base::JsonValue& answers, std::string_view language);

struct LatLon {
  double lat_deg{}, lon_deg{};  // WGS 84
};
// "31.2304,121.4737": plain numbers with five decimals at most, about a metre; nothing where it is no place on Earth.
std::optional<LatLon> place_from(std::string_view text);
// Of the field that is a place; nothing where there is none, or it says none.
std::optional<LatLon> place_of(const Cycle&, const base::JsonValue& answers);

// The canonical text of a submission: the same answers and files give the same bytes.
std::string frozen_text(const Cycle&, const Proposal&, unsigned version, Instant at, const std::vector<StoredFile>&);

}  // namespace cityloop::awards
