// Why a row was not taken: one closed list, so that counts can be compared between feeds and over the years.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flow/finding.h"

namespace cityloop::sense {

enum class Reason : std::uint8_t {
  columns,         // more or fewer fields than the header has
  quotes,          // a quote that is never closed, or text after a closing one
  not_utf8,        // bytes that are no UTF-8
  too_long,        // longer than line_max_bytes
  bad_json,        // malformed, or neither an object nor a list of objects
  bad_topic,       // a message on a topic that no block names
  bad_id,          // the id's parts are missing, or hold what a URN may not
  unknown_device,  // known_only, and no static table names it
  too_many,        // a new id past entities_max
  bad_time,        // no time, or not one that can be read
  too_old,         // observed before not_before
  future,          // observed later than the city's clock allows
  bad_number,      // text where a number should be
  not_a_number,    // NaN or infinite
  out_of_range,    // outside the attribute's range
  bad_value,       // not true or false, or a text that the map does not have
  bad_geometry,    // off the earth, or malformed
  no_values,       // nothing in the row says anything about the entity
  refused,         // the twin did not take it
  filtered,        // passed over by wish: `where` says no
  outside_window,  // passed over by wish: before `from` or not before `to`
};
inline constexpr std::size_t kReasons = std::size_t(Reason::outside_window) + 1;

// Passed over as the mapping asks. Counted like the others, but not kept for looking at.
constexpr bool by_wish(Reason reason) {
  return reason == Reason::filtered || reason == Reason::outside_window;
}

std::string_view to_string(Reason);  // "out_of_range"
std::optional<Reason> reason_from(std::string_view);
const flow::Bilingual& text_of(Reason);

// A refusal with what a person needs to see the cause.
struct Refusal {
  Reason reason{};
  std::string detail;
};

}  // namespace cityloop::sense
