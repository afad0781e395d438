// What past cases suggest for a new one: its department and its category, how sure that is, and which words say so.
//
//   learn ─ Suggestion ─▶ people at intake (console); who decide, and by that say whether it was right
//
// A suggestion below the set confidence is not made: then a person decides without one, and it is counted what would
// have been suggested.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flow/change.h"
#include "text/classifier.h"

namespace cityloop::learn {

enum class Guess : std::uint8_t { department, category };
inline constexpr std::size_t kGuesses = 2;
std::string_view to_string(Guess);

struct Guessed {
  std::string label;  // empty: nothing learned yet, or not sure enough
  double confidence{};
  std::string second;  // the next likeliest
  double second_confidence{};
  std::vector<text::Reason> reasons;
};

struct Suggestion {
  flow::EntityId about;  // the case
  Guessed of[kGuesses];
  std::string model;  // digest of the past cases that it rests on
  flow::Instant at{flow::kNever};
};

// As the entity urn:ngsi-ld:Suggestion:CASE, CASE being what stands behind the case's "urn:ngsi-ld:Case:".
flow::EntityId suggestion_id(flow::EntityId about);
flow::Write to_write(const Suggestion&);

// How right the suggestions of one week were, counted when a person has decided.
struct WeekScore {
  Guess guess{};
  std::string week;  // ISO 8601: "2026-W47"
  std::uint64_t right{0}, wrong{0};
  std::uint64_t withheld_right{0}, withheld_wrong{0};  // not sure enough, so not shown
  flow::Instant updated_at{flow::kNever};
};

// As the entity urn:ngsi-ld:SuggestionScore:GUESS:WEEK.
flow::Write to_write(const WeekScore&);

// The week by ISO 8601 of a local time.
std::string week_of(flow::Instant local);

}  // namespace cityloop::learn
