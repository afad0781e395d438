// The values of indicators as entities: one an area, each indicator an attribute.
//
//   IndicatorLoop ─ IndicatorValue ─▶ twin ─ value_in() ─▶ routes
//
// The attribute's value is the number, or null where it is missing; observedAt is when it became that; the
// sub-attribute `inputs` says how many inputs there should be, how many had a value, and how many were too old. What
// has never had an input is no attribute. So twin::History holds each value's history.
#pragma once

#include <optional>
#include <string_view>

#include "flow/change.h"
#include "flow/entity.h"
#include "index/indicator/cells.h"

namespace cityloop::index {

// "urn:ngsi-ld:IndicatorValue:city", "…:area:lakeshore"
flow::EntityId value_entity(std::string_view area_key);
// Says up to when the log has been counted (`asOf`), and by which declarations.
flow::EntityId board_entity();

flow::Attribute value_attribute(const Declaration&, const Reading&, flow::Instant at);

struct ShownValue {
  Reading reading;
  flow::Instant since{flow::kNever};  // when it became what it is
};
// Nothing when there has never been an input.
std::optional<ShownValue> value_in(const flow::Entity&, std::string_view indicator);

}  // namespace cityloop::index
